"""Who is meant: any identifier to its customer, as surely as it is one; else to those who may be meant.

Nothing but a customer's number or a record's key with its system is certain. An address that one customer has may be
typed for another, so it never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
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
_OWN = "select customer_ref from people.identity where customer_ref in (select unnest(:refs))"
_NUMBER = "select customer_id from facts.identity where customer_id = :number limit 1"
_GAVE = """
select customer_ref, customer_id from facts.identity where customer_ref >= :first and customer_ref < :after limit 1
"""
_THERE = "select customer_ref from facts.identity where customer_ref in (select unnest(:refs)) order by 1"
_SYSTEMS = "select distinct source from facts.identity order by source"
_EXACT = "select customer_id from people.identifier where kind = :kind and value = :form"
_SURENESS = """
select customer_id, min(match_probability) as sure from facts.identity
where customer_id in (select unnest(:customers)) group by customer_id
"""
# A row's place is found first, so that names are read only where they are shown.
_NAMES = """
select customer_id, coalesce(full_name, nullif(concat_ws(' ', first_name, last_name), '')) as name
from people.customer
where rowid in (select rowid from people.customer where customer_id in (select unnest(:customers)))
"""
_COMPANIES = """
select customer_id, company as name
from facts.customer
where rowid in (select rowid from facts.customer where customer_id in (select unnest(:customers)))
"""


Hits = dict[str, dict[int, float]]  # by what the value may be: the customers who have it, and how sure they are one


@dataclass(frozen=True)
class Resolver:
    """Finds customers in one open snapshot; ``country`` is where a telephone number without a code is from."""

    reader: Reader
    secret: bytes
    country: str | None = None

    def find(self, value: str) -> Found:
        """Who is meant by a value: a customer's number, also an earlier one, ``system:key``, a key, an e-mail
        address, a telephone or tax number, a name.

        What is certain is looked for first, and when it is found nothing else is.

        Raises
        ------
        UsageError
            Nothing was said.
        """
        said = typed(value, country=self.country)
        if said is None:
            raise UsageError("nothing was named; say a customer's number, system:key, an e-mail address or a name.")
        by, refs = self._keyed(said)
        hits = self._certainly(said, refs if by == "record" else ())
        customers = {each for who in hits.values() for each in who}
        if len(customers) != 1:
            hits |= self._perhaps(said, refs if by == "key" else ())
            customers |= {each for who in hits.values() for each in who}
        if not customers:
            return self._nobody(said, key=by == "record")
        return self._several(hits) if len(customers) > 1 else self._one(said, customers.pop(), hits)

    def _one(self, said: Typed, customer: int, hits: Hits) -> Found:
        """The one who has the value; of a name also those whose names begin alike, as one of them may be meant."""
        by = next(each for each in ODDS if customer in hits.get(each, {}))
        sure = 1.0 if by in CERTAIN else ODDS[by] / (1 + ODDS[by])
        confidence = round(sure * hits[by][customer], 6)
        alike = near.names(self.reader, said.names[0], beginning=True) if by == "name" else []
        others = near.chances([each for each in alike if each.customer_id != customer], known=1.0)[:MOST]
        names = self._names([customer, *(each.customer_id for each in others)])
        left = [replace(each, probability=round(each.probability * (1 - confidence), 6)) for each in others]
        return Found(
            customer_id=customer,
            confidence=confidence,
            by=by,
            how=HOW[by],
            name=names.get(customer),
            candidates=_named(left, names),
        )

    def refs(self, value: str) -> tuple[str, ...]:
        """The pseudonyms of the records that a value is the key of, with or without its system before it."""
        said = typed(value, country=self.country)
        refs = self._keyed(said)[1] if said else []
        return tuple(self._column(_THERE, "customer_ref", refs=refs)) if refs else ()

    @cached_property
    def _systems(self) -> tuple[str, ...]:
        return tuple(self._column(_SYSTEMS, "source"))

    def _keyed(self, said: Typed) -> tuple[str, list[str]]:
        """The pseudonyms that a key may have: ``record`` where its system is named, else ``key``, one a system."""
        named = [(each, said.key[len(each) + 1 :]) for each in self._systems if said.key.startswith(f"{each}:")]
        if named:
            return "record", [customer_ref(self.secret, *each) for each in named]
        return "key", [customer_ref(self.secret, each, said.key) for each in self._systems]

    def numbered(self, value: str) -> tuple[str, ...]:
        """The pseudonym of the record that gave a number, now or earlier, to a customer."""
        said = typed(value, country=self.country)
        return (
            ()
            if said is None or said.number is None
            else tuple(self._column(_GAVE, "customer_ref", **_gave(said.number)))
        )

    def _certainly(self, said: Typed, refs: Sequence[str]) -> Hits:
        """Whose number it is, or the key of whose record, its system named."""
        hits = {"number": self._numbered(said.number) if said.number is not None else {}, "record": self._owners(refs)}
        return {by: who for by, who in hits.items() if who}

    def _perhaps(self, said: Typed, refs: Sequence[str]) -> Hits:
        """Who has the value as a key in some system, an address, a telephone or tax number, or a name."""
        who: dict[str, list[int]] = {}
        if "identifier" in (self.reader.people or ()):
            for kind, form in said.forms:
                who.setdefault(kind, []).extend(self._column(_EXACT, "customer_id", kind=kind, form=form))
        sure = self._sureness(sorted({each for customers in who.values() for each in customers}))
        hits = {"key": self._owners(refs)}
        hits |= {kind: {each: sure[each] for each in customers if each in sure} for kind, customers in who.items()}
        return {by: found for by, found in hits.items() if found}

    def _owners(self, refs: Sequence[str]) -> dict[int, float]:
        """The customers that records are, each as surely as the record is that customer."""
        if len(refs) > 1 and "identity" in (
            self.reader.people or ()
        ):  # most are of no record: the smaller file says so
            refs = self._column(_OWN, "customer_ref", refs=list(refs))
        rows = self.reader.fetch(tree(_KEY), {"refs": list(refs)}).to_pylist() if refs else []
        return {row["customer_id"]: float(row["match_probability"]) for row in rows}

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
        return Found(customer_id=None, confidence=0.0, by=None, how=how, candidates=self._with_names(listed))

    def _nobody(self, said: Typed, *, key: bool) -> Found:
        """Those who have something like it; of a key that names its system there is nothing alike."""
        listed = () if key else near.chances(near.similar(self.reader, said), known=1.0)[:MOST]
        how = text("nobody has this value")
        if listed:
            how = text("nobody has this value; these have similar ones")
        return Found(customer_id=None, confidence=0.0, by=None, how=how, candidates=self._with_names(listed))

    def _with_names(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        return _named(candidates, self._names([each.customer_id for each in candidates]))

    def _names(self, customers: Sequence[int]) -> dict[int, str]:
        """What each customer is called, a person before a company; who has no name is left out."""
        found: dict[int, str] = {}
        for tables, sql in ((self.reader.people or (), _NAMES), (self.reader.tables, _COMPANIES)):
            asked = [each for each in customers if each not in found]
            if asked and "customer" in tables:
                rows = self.reader.fetch(tree(sql), {"customers": asked}).to_pylist()
                found |= {row["customer_id"]: row["name"] for row in rows if row["name"] is not None}
        return found

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


def _named(candidates: Sequence[Candidate], names: Mapping[int, str]) -> tuple[Candidate, ...]:
    return tuple(replace(each, name=names.get(each.customer_id)) for each in candidates)


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
