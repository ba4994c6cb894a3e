"""Who is meant: any number, key, address, telephone or part of a name to the customers that the asker may see.

Every lookup is narrowed to their rows before it is made, so what lies outside their scope changes no answer. What one
may not see one cannot look by: who sees no names finds by number alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlglot import exp, parse_one

from clientela.access.area import Reach
from clientela.capture.suppression.identifiers import customer_ref
from clientela.contracts.text import Text, text
from clientela.cube.customer.asked import Question, cells, reach_of, rows
from clientela.cube.customer.of_one import One
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.cube.view import View
from clientela.errors import UnknownNameError, UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.create import read_secret
from clientela.pipeline.customers.one import may_see_names, refuse_many
from clientela.pipeline.customers.told import Line, Listing, Seen
from clientela.pipeline.customers.words import why_at_risk
from clientela.pipeline.identities import near
from clientela.pipeline.identities.typed import Typed, typed
from clientela.pipeline.joining.identify import country_of
from clientela.pipeline.pages import questions
from clientela.pipeline.serving import Serving
from clientela.unify.standardise.text import column, folded
from clientela.warehouse.physical import PEOPLE
from clientela.warehouse.store.snapshot import Reader

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 50
SHORTEST = 2  # letters of a word that is looked for
MOST_WORDS = 5
LISTS: Mapping[str, Question] = MappingProxyType(
    {
        "recent": Question(
            gives=("customer_id",),
            sql="select customer_id from customer_page where last_bought_on is not null "
            "order by last_bought_on desc, customer_id limit :most",
            rests_on=("customer_page.last_bought_on",),
        ),
        "valuable": Question(
            gives=("customer_id",),
            sql="select customer_id from customer_page where year_revenue is not null "
            "order by year_revenue desc, customer_id limit :most",
            rests_on=("customer_page.year_revenue",),
        ),
        "risk": Question(
            gives=("customer_id",),
            sql="select customer_id from customer_page where expected_loss is not null "
            "order by expected_loss desc, customer_id limit :most",
            rests_on=("customer_page.expected_loss",),
        ),
    }
)
_SHOWN = (
    "company", "city", "territory_id", "last_bought_on", "first_bought_on", "usual_gap_days", "recent_purchase_days",
    "purchase_days", "year_revenue", "churn_chance", "open_cases",
)  # fmt: skip
_FOLD = folded(column("said"))
_COLUMN: Mapping[str, str] = MappingProxyType(  # what one must be allowed to see to look by it
    {
        "e-mail": "customer.email",
        "phone": "customer.phone",
        "tax number": "customer.tax_id",
        "name": "customer.full_name",
    }
)
_SAME: Mapping[str, Text] = MappingProxyType(
    {
        "number": text("the customer's number"),
        "key": text("a key of one of their records"),
        "e-mail": text("the same e-mail address"),
        "phone": text("the same telephone number"),
        "tax number": text("the same tax number"),
        "name": text("the same name"),
    }
)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A customer who may be meant, and why."""

    number: int
    why: Text | None
    certain: bool = False


def search(folder: Path, said: str, *, look: Look, asker: Asker | None) -> Listing:
    """The customers that a value may mean, who is likeliest first; at most `MOST`.

    Raises
    ------
    UsageError
        Nothing was said.
    NotPermittedError
        The asker sees figures of many customers only.
    """

    def told(reader: Reader, served: Serving) -> Listing:
        kb = seen_by(reader, served.snapshot, None, asker=asker)
        refuse_many(kb)
        value = typed(said, country=country_of(str(served.snapshot.manifest.get("timezone", ""))))
        if value is None:
            raise UsageError(text("nothing was named; type a number, an e-mail address, a telephone number or a name."))
        systems = serving.remembered(folder, kb.snapshot, ("systems", kb.view.scope), lambda: (_systems(kb.view),))[0]
        hits = _found(kb.view, value, read_secret(folder), systems)
        nobody = None if hits else text("Nobody you may see fits this.")
        return _listing(folder, kb, hits, look, said=nobody, horizon=served.snapshot.manifest.get("horizon_days"))

    return serving.read(folder, told, people=opens_people(asker))


def listed(folder: Path, which: str, *, look: Look, asker: Asker | None, most: int = 10) -> Listing:
    """Customers to begin with: who bought last, who brings most, with whom most would go; of those the asker sees.

    Raises
    ------
    UnknownNameError
        There is no such list.
    """
    if which not in LISTS:
        raise UnknownNameError("list", which, LISTS)

    def told(reader: Reader, served: Serving) -> Listing:
        kb = seen_by(reader, served.snapshot, None, asker=asker)
        refuse_many(kb)
        found = rows(kb.view, LISTS[which], most=most)
        outside = text("This list is outside your scope.") if found is None else None
        hits = [_Hit(row["customer_id"], None) for row in found or ()]
        horizon = served.snapshot.manifest.get("horizon_days")
        return _listing(folder, kb, hits, look, said=outside, horizon=horizon)

    return serving.read(folder, told, people=opens_people(asker))


def _found(view: View, value: Typed, secret: bytes, systems: Sequence[str]) -> list[_Hit]:
    """Who is meant: surely by number, or key with its system; else whoever has the value or a word of it."""
    hits = _numbered(view, value) or _keyed(view, value, secret, systems)
    if not any(each.certain for each in hits):
        hits += _having(view, value)
        hits += _worded(view, value.key)
    if not hits:
        hits = _alike(view, value)
    first: dict[int, _Hit] = {}
    for each in hits:
        first.setdefault(each.number, each)
    return [*first.values()][: MOST + 1]


def _numbered(view: View, value: Typed) -> list[_Hit]:
    """Whose number it is, or was."""
    if value.number is None:
        return []
    whole = rows(view, _NUMBER, One(view, value.number)) or []
    first = f"{value.number:015x}"
    whole = whole or rows(view, questions.NOW, first=first, after=first + "g") or []
    return [_Hit(row["customer_id"], _SAME["number"], certain=True) for row in whole]


_NUMBER = Question(
    gives=("customer_id",),
    sql="select customer_id from customer_page where customer_id = :customer",
    rests_on=("customer_page.customer_id",),
)
_SYSTEMS = Question(gives=("source",), sql="select distinct source from identity", rests_on=("identity.record_id",))
_KEY = Question(
    gives=("customer_id",),
    sql="select customer_id from identity where customer_ref = :ref",
    rests_on=("identity.record_id", "identity.customer_id"),
)
_EXACT = {
    kind: Question(
        gives=("customer_id",),
        sql="select distinct customer_id from people.identifier where kind = :kind and value = :form limit 51",
        rests_on=(name,),
    )
    for kind, name in _COLUMN.items()
}


def _systems(view: View) -> tuple[str, ...]:
    """The systems whose records the asker may look up by their keys."""
    return tuple(row["source"] for row in rows(view, _SYSTEMS) or ())


def _keyed(view: View, value: Typed, secret: bytes, systems: Sequence[str]) -> list[_Hit]:
    """Whose record has this key; certain where its system is named."""
    named = [(each, value.key[len(each) + 1 :]) for each in systems if value.key.startswith(f"{each}:")]
    keys = named or [(each, value.key) for each in systems]
    refs = [customer_ref(secret, *each) for each in keys]
    found = [row for ref in refs for row in rows(view, _KEY, ref=ref) or ()]  # each of which is found at once
    return [_Hit(row["customer_id"], _SAME["key"], certain=bool(named)) for row in found]


def _having(view: View, value: Typed) -> list[_Hit]:
    """Who has the value as an address, a telephone or tax number, or a whole name."""
    hits = []
    for kind, form in value.forms:
        found = rows(view, _EXACT[kind], kind=kind, form=form) or ()
        hits += [_Hit(row["customer_id"], _SAME[kind]) for row in found]
    return hits


def words_of(said: str) -> tuple[str, ...]:
    """The words that are looked for, as names are kept: in small letters without accents.

    Examples
    --------
    >>> words_of("  García-López, ANA ")
    ('garcia', 'lopez', 'ana')
    """
    plain = _FOLD.of({"said": said}) or ""
    return tuple(dict.fromkeys(each[:40] for each in plain.split()))[:MOST_WORDS]


def _worded(view: View, said: str) -> list[_Hit]:
    """Whose name, or company, has words that begin so: whole words first, then who brings most."""
    words = words_of(said)
    if not words or not any(len(each) >= SHORTEST for each in words) or "@" in said:
        return []
    given: dict[str, object] = {"most": MOST + 1}
    for place, word in enumerate(words):
        given |= {f"word_{place}": word, f"after_{place}": word + "\U0010ffff"}
    hits = []
    for table, in_people, seen, why in (
        ("name_word", True, "name_word.word", text("a name like it")),
        ("company_word", False, "company_word.word", text("a company like it")),
    ):
        found = rows(view, _OfWords(table, in_people, seen, len(words), valued=True), **given)
        if found is None:
            found = rows(view, _OfWords(table, in_people, seen, len(words), valued=False), **given)
        hits += [_Hit(row["customer_id"], why) for row in found or ()]
    return hits


_TERM = """
select customer_id, max(case when word = :word then 1 else 0 end) as exact
from words where word >= :word and word < :after group by customer_id
"""
_BOTH = """
select customer_id, sum(exact) as exact from terms group by customer_id having count(*) = :terms
"""


@dataclass(frozen=True, slots=True)
class _OfWords:
    """Who has words that begin with each of some.

    Parameters
    ----------
    table, in_people : where the words stand
    seen : the column one must see to look by it
    valued : in the order of revenue, for who may see that
    """

    table: str
    in_people: bool
    seen: str
    count: int
    valued: bool
    gives: tuple[str, ...] = ("customer_id",)
    beside: tuple[str, ...] = ()
    theirs: bool = False

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The columns that one right must show together."""
        return (self.seen, "customer_page.year_revenue") if self.valued else (self.seen,)

    def tree(self) -> exp.Select:
        """It as a tree."""
        hit = exp.column("customer_id", "hit")
        found = exp.select(hit).from_(self._having_all().subquery("hit"))
        order = [exp.Ordered(this=exp.column("exact", "hit"), desc=True)]
        if self.valued:
            page = exp.column("customer_id", "customer_page").eq(hit.copy())
            found = found.join(exp.table_("customer_page"), on=page, join_type="left")
            worth = exp.column("year_revenue", "customer_page")
            order.append(exp.Ordered(this=worth, desc=True, nulls_first=False))
        return found.order_by(*order, hit.copy()).limit(exp.Placeholder(this="most"))

    def _having_all(self) -> exp.Select:
        terms: exp.Query = self._term(0)
        if self.count == 1:  # nothing to unite
            return self._term(0)
        for place in range(1, self.count):
            terms = exp.union(terms, self._term(place), distinct=False)
        both = _tree(_BOTH)
        for each in [*both.find_all(exp.Placeholder)]:
            each.replace(exp.Literal.number(self.count))
        for table in [*both.find_all(exp.Table)]:
            table.replace(terms.subquery("terms"))
        return both

    def _term(self, place: int) -> exp.Select:
        tree = _tree(_TERM)
        for table in [*tree.find_all(exp.Table)]:
            table.replace(exp.table_(self.table, db=PEOPLE if self.in_people else None))
        for each in [*tree.find_all(exp.Placeholder)]:
            each.replace(exp.Placeholder(this=f"{each.this}_{place}"))
        return tree


def _tree(sql: str) -> exp.Select:
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Select)  # noqa: S101 - each text given here is one
    return tree


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """A snapshot as near likenesses are looked for in it: only the rows of a reach are there."""

    view: View
    reach: Reach

    @property
    def people(self) -> Iterable[str] | None:
        """The tables of its people file."""
        return self.view.people

    def fetch(self, query: exp.Query, parameters: Mapping[str, object]) -> pa.Table:
        """The rows of a query over these tables."""
        assert isinstance(query, exp.Select)  # noqa: S101 - those of `near` are
        return self.view.fetch(within(query, self.reach), parameters)


def _alike(view: View, value: Typed) -> list[_Hit]:
    """Who has something like it, of the kinds that the asker may look by."""
    if view.people is None or "identifier" not in view.people:
        return []
    found: list[near.Alike] = []
    for kind, asked in _COLUMN.items():
        reach = reach_of(view, (asked,))
        if not reach:
            continue
        reader: Any = _Narrowed(view, reach)  # what `near` asks of a reader
        if kind == "e-mail" and value.email:
            found += near.emails(reader, value.email)
        if kind == "phone" and value.digits:
            found += near.phones(reader, value.phone, value.digits)
        if kind == "tax number" and value.tax_id:
            found += near.tax_numbers(reader, value.tax_id)
        if kind == "name" and value.names:
            found += near.names(reader, value.names[0])
    found.sort(key=lambda each: (-each.alike, each.customer_id))
    return [_Hit(each.customer_id, each.how) for each in found[:MOST]]


def _listing(
    folder: Path,
    kb: SnapshotKnowledge,
    hits: Sequence[_Hit],
    look: Look,
    *,
    said: Text | None,
    horizon: int | None,
) -> Listing:
    """Customers with what is shown of each in a list; entered in the audit log where names are."""
    shown = hits[:MOST]
    numbers = [each.number for each in shown]
    view = kb.view
    page, names = _of(view, "customer_page", _SHOWN, numbers), _of(view, "customer", questions.NAME, numbers)
    known = tuple(
        Line(
            number=each.number,
            personal=names.get(each.number, Seen()),
            page=page.get(each.number, Seen()),
            why=each.why or why_at_risk(page.get(each.number, Seen()), view.as_of, horizon),
        )
        for each in shown
        if each.number in page
    )
    keys = _keys(view, [each.number for each in known if each.name is None])
    lines = tuple(replace(each, key=keys.get(each.number)) for each in known)
    named = any(each.personal.values.get("full_name") is not None for each in lines)
    personal = [*(["column:customer.full_name"] if named else []), *(["column:identity.record_id"] if keys else [])]
    if lines:
        entered(
            folder,
            look,
            "personal.read" if personal else "rows.read",
            objects=["table:customer_page", *personal],
            counts={"rows": len(lines)},
            snapshot=kb.snapshot,
        )
    return Listing(
        lines=lines,
        more=len(hits) > MOST,
        certain=len(lines) == 1 and shown[0].certain,
        currency=kb.currency,
        as_of=view.as_of,
        snapshot=kb.snapshot,
        said=said,
        names_seen=may_see_names(view),
    )


def _keys(view: View, numbers: Sequence[int]) -> dict[int, str]:
    """The key of the oldest record of several customers, by number; of those whose keys may be seen."""
    told = rows(view, questions.OLDEST, numbers=list(numbers)) if numbers else None
    oldest: dict[int, str] = {}
    for row in told or ():
        oldest.setdefault(row["customer_id"], row["customer_ref"])
    found = rows(view, questions.KEYS, refs=[*oldest.values()]) if oldest else None
    keys = {row["customer_ref"]: row["record_id"] for row in found or ()}
    return {number: keys[ref] for number, ref in oldest.items() if keys.get(ref) is not None}


def _of(view: View, table: str, names: Sequence[str], numbers: Sequence[int]) -> dict[int, Seen]:
    """Fields of several customers, by number."""
    if not numbers:
        return {}
    found, hidden = cells(view, table, names, "customer_id in (select unnest(:numbers))", numbers=list(numbers))
    return {row["customer_id"]: Seen(values=row, hidden=hidden | ({*names} - row.keys())) for row in found}
