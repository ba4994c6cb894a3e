"""Who is meant: any identifier to its customer, as surely as it is one; else to those who may be meant.

Nothing but a customer's number or a record's key with its system is certain. An address that one customer has may be
typed for another, so it never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientela.capture.suppression.identifiers import customer_ref
from clientela.contracts.identity import Candidate, Found
from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.pipeline import serving
from clientela.pipeline.create import read_secret
from clientela.pipeline.identities import near
from clientela.pipeline.identities.shown import tree
from clientela.pipeline.identities.typed import Typed, typed
from clientela.pipeline.joining.identify import country_of
from clientela.warehouse.store.snapshot import Reader

HOW: Mapping[str, Text] = {
    "number": text("the customer's number"),
    "record": text("a key of one of their records"),
    "key": text("a key of one of their records, its system not said"),
    "tax number": text("a tax number that only they have"),
    "e-mail": text("an e-mail address that only they have"),
    "phone": text("a telephone number that only they have"),
    "name": text("a name that only they have"),
}
SHARED: Mapping[str, Text] = {
    "number": text("the same number"),
    "record": text("the same key"),
    "key": text("the same key in another system"),
    "tax number": text("the same tax number"),
    "e-mail": text("the same e-mail address"),
    "phone": text("the same telephone number"),
    "name": text("the same name"),
}
CERTAIN = ("number", "record")
# How many to one that who has a value is who was meant, where it may also be somebody unknown.
ODDS: Mapping[str, float] = {
    "number": 9999.0,
    "record": 9999.0,
    "tax number": 999.0,
    "key": 99.0,
    "e-mail": 99.0,
    "phone": 19.0,
    "name": 4.0,
}
MOST = 10

_KEY = """
select customer_id, match_probability from facts.identity where customer_ref in (select unnest(:refs))
"""
_NUMBER = "select customer_id from facts.identity where customer_id = :number limit 1"
_GAVE = """
select customer_ref, customer_id from facts.identity where customer_ref >= :first and customer_ref < :after limit 1
"""
_THERE = "select customer_ref from facts.identity where customer_ref in (select unnest(:refs)) order by 1"
_SYSTEMS = "select distinct source from facts.identity order by source"
_EXACT = "select distinct kind, customer_id from people.identifier where kind = :kind and value = :value limit 1000"
_NAMES = """
select
    own.customer_id,
    coalesce(own.full_name, nullif(concat_ws(' ', own.first_name, own.last_name), ''), other.company) as name
from (
    select customer_id, full_name, first_name, last_name from people.customer
    where customer_id in (select unnest(:customers))
) as own
left join (
    select customer_id, company from facts.customer where customer_id in (select unnest(:customers))
) as other on other.customer_id = own.customer_id
"""
_SURENESS = """
select customer_id, min(match_probability) as sure from facts.identity
where customer_id in (select unnest(:customers)) group by customer_id
"""


Hits = dict[str, dict[int, float]]  # by what the value may be: the customers who have it, and how sure they are one


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds customers in one open snapshot; ``country`` is where a telephone number without a code is from."""

    reader: Reader
    secret: bytes
    country: str | None = None

    def find(self, value: str) -> Found:
        """Who is meant by a value: a customer's number, also an earlier one, ``system:key``, a key, an e-mail
        address, a telephone or tax number, a name.

        Raises
        ------
        UsageError
            Nothing was said.
        """
        said = typed(value, country=self.country)
        if said is None:
            raise UsageError("nothing was named; say a customer's number, system:key, an e-mail address or a name.")
        looked = self._hits(said)
        hits = {by: who for by, who in looked.items() if who}
        customers = {each for who in hits.values() for each in who}
        if not customers:
            return self._nobody(said, key="record" in looked)
        if len(customers) > 1:
            certain = [each for by in CERTAIN for each in hits.get(by, ())]
            if len(certain) != 1:
                return self._several(hits)
            customers = set(certain)
        (customer,) = customers
        by = next(each for each in ODDS if customer in hits.get(each, ()))
        sure = 1.0 if by in CERTAIN else ODDS[by] / (1 + ODDS[by])
        similar = near.names(self.reader, said.names[0]) if by == "name" else []
        others = self._named(
            [each for each in near.chances(similar, known=ODDS["name"]) if each.customer_id != customer]
        )
        return Found(
            customer_id=customer,
            confidence=round(sure * hits[by][customer], 6),
            by=by,
            how=HOW[by],
            name=self._names([customer]).get(customer),
            candidates=others,
        )

    def refs(self, value: str) -> tuple[str, ...]:
        """The pseudonyms of the records that a value is the key of, with or without its system before it."""
        said = typed(value, country=self.country)
        refs = self._keyed(said)[1] if said else []
        return tuple(self._column(_THERE, "customer_ref", refs=refs)) if refs else ()

    def _keyed(self, said: Typed) -> tuple[str, list[str]]:
        """The pseudonyms that a key may have: ``record`` where its system is named, else ``key``, one a system."""
        systems = self._column(_SYSTEMS, "source")
        named = [(each, said.key[len(each) + 1 :]) for each in systems if said.key.startswith(f"{each}:")]
        if named:
            return "record", [customer_ref(self.secret, *each) for each in named]
        return "key", [customer_ref(self.secret, each, said.key) for each in systems]

    def numbered(self, value: str) -> tuple[str, ...]:
        """The pseudonym of the record that gave a number, now or earlier, to a customer."""
        said = typed(value, country=self.country)
        return (
            ()
            if said is None or said.number is None
            else tuple(self._column(_GAVE, "customer_ref", **_gave(said.number)))
        )

    def _hits(self, said: Typed) -> Hits:
        hits: Hits = {"number": self._numbered(said.number)} if said.number is not None else {}
        by, refs = self._keyed(said)
        if refs:
            rows = self.reader.fetch(tree(_KEY), {"refs": refs}).to_pylist()
            hits[by] = {row["customer_id"]: float(row["match_probability"]) for row in rows}
        if "identifier" in (self.reader.people or ()):
            for kind, form in said.forms:
                rows = self.reader.fetch(tree(_EXACT), {"kind": kind, "value": form}).to_pylist()
                sure = self._sureness([row["customer_id"] for row in rows])
                hits.setdefault(kind, {}).update(sure)
        return hits

    def _numbered(self, number: int) -> dict[int, float]:
        """The customer of a number: who has it now, else who the record is now that once gave it."""
        rows = self._column(_NUMBER, "customer_id", number=number)
        if not rows:
            rows = self._column(_GAVE, "customer_id", **_gave(number))
        return dict.fromkeys(rows, 1.0)

    def _several(self, hits: Hits) -> Found:
        """Everybody who has the value, each with their chance."""
        odds: dict[int, tuple[float, str]] = {}
        for by in ODDS:
            for customer, sure in hits.get(by, {}).items():
                odds.setdefault(customer, (ODDS[by] * sure, by))
        whole = 1 + sum(each for each, _ in odds.values())
        ordered = sorted(odds.items(), key=lambda each: (-each[1][0], each[0]))
        listed = [
            Candidate(customer_id=customer, probability=round(each / whole, 6), how=SHARED[by])
            for customer, (each, by) in ordered[:MOST]
        ]
        how = text("{n} customers have this value", n=len(odds))
        return Found(customer_id=None, confidence=0.0, by=None, how=how, candidates=self._named(listed))

    def _nobody(self, said: Typed, *, key: bool) -> Found:
        """Those who have something like it; of a key that names its system there is nothing alike."""
        listed = () if key else near.chances(near.similar(self.reader, said), known=1.0)[:MOST]
        how = text("nobody has this value")
        if listed:
            how = text("nobody has this value; these have similar ones")
        return Found(customer_id=None, confidence=0.0, by=None, how=how, candidates=self._named(listed))

    def _named(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        names = self._names([each.customer_id for each in candidates])
        return tuple(
            Candidate(
                customer_id=each.customer_id,
                probability=each.probability,
                how=each.how,
                name=names.get(each.customer_id),
            )
            for each in candidates
        )

    def _names(self, customers: Sequence[int]) -> dict[int, str]:
        if not customers or "customer" not in (self.reader.people or ()):
            return {}
        rows = self.reader.fetch(tree(_NAMES), {"customers": list(customers)}).to_pylist()
        return {row["customer_id"]: row["name"] for row in rows if row["name"] is not None}

    def _sureness(self, customers: Sequence[int]) -> dict[int, float]:
        if not customers:
            return {}
        rows = self.reader.fetch(tree(_SURENESS), {"customers": list(customers)}).to_pylist()
        return {row["customer_id"]: float(row["sure"]) for row in rows}

    def _column(self, sql: str, name: str, **given: object) -> list[Any]:
        return list(self.reader.fetch(tree(sql), given).column(name).to_pylist())


def _gave(number: int) -> dict[str, str]:
    """Between which pseudonyms the record lies that gives a number: it is their first 60 bits."""
    first = f"{number:015x}"
    return {"first": first, "after": first + "g"}


@contextmanager
def resolver(folder: Path) -> Iterator[Resolver]:
    """A resolver on the snapshot that serves; closed when the block ends.

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    """
    secret = read_secret(folder)
    with serving.opened(folder) as (reader, served):
        yield Resolver(reader, secret, country_of(str(served.snapshot.manifest.get("timezone", ""))))
