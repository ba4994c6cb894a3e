"""The rows that a segment's figures are made of, each with the dates from and until which it counts.

A fact is read at every date at which it reads differently: when it was known, when a later moment of it had come (a
payment, a decision), when another version took its place. So any date can be looked from without asking again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from clientela.contracts.schema import AS_STORED, Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.dimension import DIMENSIONS, parsed
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.filters import Bound, condition, fields_of
from clientela.cube.rollup.rows import from_fact
from clientela.cube.segments.terms import Term
from clientela.cube.view import View
from clientela.warehouse.asof import logical_columns
from clientela.warehouse.physical import facts_part

Whole = NDArray[np.int64]
FOREVER = 2**31
_TOLD = ("customer_id", "fact_row", "turn_on", "known_from", "known_until", "happened_at")


@dataclass(frozen=True, slots=True)
class Amount:
    """What rows add to one term, (n,): the number, or the code of what is told apart; and whether they do."""

    value: Whole
    counts: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, (n,) each. Dates are days since 1970; ``until`` is the first date that no longer counts them.

    ``fact`` is the number of the row in its table, the same for all versions of one fact. ``replaced``: another
    version took its place, or it was withdrawn.
    """

    table: str
    customer: Whole
    fact: Whole
    since: Whole
    until: Whole
    day: Whole
    moment: Whole
    amounts: Mapping[Term, Amount]


@dataclass(frozen=True, slots=True)
class Dates:
    """When what was learned at a moment counts: from the first date on that begins after it in the company's zone.

    ``begins``: naive UTC moments, of each date from ``first`` on to ``as_of``.
    """

    first: date
    as_of: date
    known_at: datetime
    begins: NDArray[np.datetime64] = field(repr=False)

    def of(self, moments: NDArray[np.datetime64]) -> Whole:
        """The dates from which moments count; `FOREVER` where they do not until the run's own date."""
        found = np.searchsorted(self.begins, moments, side="right").astype(np.int64) + ordinal(self.first)
        late = found > ordinal(self.as_of)
        found[late] = np.where(moments[late] < np.datetime64(self.known_at, "us"), ordinal(self.as_of), FOREVER)
        found[np.isnat(moments)] = FOREVER
        return found


def dates(first: date, as_of: date, known_at: datetime, begins: Sequence[datetime]) -> Dates:
    """See `Dates`. ``begins``: of each date from ``first`` to ``as_of``."""
    return Dates(first, as_of, known_at, np.array(begins, dtype="datetime64[us]"))


def ordinal(day: date) -> int:
    """A date as days since 1970."""
    return (day - date(1970, 1, 1)).days


def every_day(first: date, last: date) -> Iterator[date]:
    """All dates from one to another."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def rows_of(view: View, terms: Sequence[Term], known: Dates) -> tuple[Rows, ...]:
    """The rows that terms are made of, from every table that any of them reads."""
    found = []
    for name in dict.fromkeys(each.fact for each in terms):
        wanted = [each for each in terms if each.fact == name]
        for branch in _branches(FACTS[name].rows):
            table = _source_of(branch).this
            if table.name in view.tables:
                found.append(_fetched(view, FACTS[name], branch, table, wanted, known))
    return tuple(found)


def _branches(tree: exp.Query) -> list[exp.Select]:
    if isinstance(tree, exp.SetOperation):
        return [*_branches(tree.this), *_branches(tree.expression)]
    return [tree] if isinstance(tree, exp.Select) else []


def _source_of(branch: exp.Select) -> exp.From:
    found = branch.find(exp.From)
    assert found is not None  # noqa: S101 -- a fact is read from a table
    return found


class _Dated(Fact):
    """A fact whose rows are those of one table, each at all dates at which it reads differently."""

    tree: exp.Select

    @property
    def rows(self) -> exp.Query:
        return self.tree


def _dated(fact: Fact, branch: exp.Select, table: exp.Table, *, versions: bool) -> Fact:
    dated = _Dated(name=fact.name, description=fact.description, dimensions=fact.dimensions)
    object.__setattr__(dated, "tree", _with_dates(branch, table, CONTRACTS[table.name], versions=versions))
    return dated


def _with_dates(branch: exp.Select, table: exp.Table, contract: Contract, *, versions: bool) -> exp.Select:
    alias = table.alias_or_name
    logical = logical_columns(contract)
    mentioned = {each.name for each in branch.find_all(exp.Column) if each.table in ("", alias)}
    moves = any(each.name == "as_of" for each in branch.find_all(exp.Placeholder))
    read = {name: tree for name, tree in logical.items() if name in mentioned}
    days = _turns(contract, read, moves=moves)
    stored = {each.name for tree in (*read.values(), *days) for each in tree.find_all(exp.Column)}
    kept = sorted(stored | {"customer_id", "known_from", "known_until", "happened_at", "happened_on"})
    inner = exp.select(*map(exp.column, kept), exp.alias_(_number(contract, versions=versions), "fact_row"))
    turns = [exp.Greatest(this=exp.column("happened_on"), expressions=[each]) for each in days]
    every = exp.Array(expressions=[exp.column("happened_on"), *turns])
    inner = inner.select(exp.alias_(exp.Explode(this=every) if days else exp.column("happened_on"), "turn_on"))
    raw = exp.to_table(contract.name)
    raw.meta[AS_STORED] = True
    listed = [exp.alias_(tree.copy(), name, quoted=True) for name, tree in read.items()]
    listed += [exp.column(name) for name in _TOLD if name not in read]
    rows = exp.select(*listed).from_(inner.from_(raw).subquery("stored"))
    for place in list(rows.find_all(exp.Placeholder)):
        place.replace(_looked_from("stored"))
    dated = branch.copy()
    for place in list(dated.find_all(exp.Placeholder)):
        if place.name == "as_of":
            place.replace(_looked_from(alias))
    _source_of(dated).set("this", rows.subquery(alias))
    shown = {each.alias_or_name for each in dated.expressions}
    return dated.select(*(exp.column(name, alias) for name in _TOLD if name not in shown))


def _looked_from(alias: str) -> exp.Expr:
    """The date after the day on which a row came to read as it does."""
    return exp.Add(
        this=exp.column("turn_on", alias), expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var("DAY"))
    )


def _turns(contract: Contract, read: Mapping[str, exp.Expr], *, moves: bool) -> list[exp.Expr]:
    """The days, beside that of the fact, after which a row may read differently."""
    names = {
        each.name
        for tree in read.values()
        if isinstance(tree, exp.Case)
        for each in tree.args["ifs"][0].this.find_all(exp.Column)
    }
    part = facts_part(contract)
    if moves and part is not None:
        names |= {each.name for each in part.columns if each.type is Type.DATE and each.name in read}
    return [exp.column(name) for name in sorted(names - {"happened_on"})]


def _number(contract: Contract, *, versions: bool) -> exp.Expr:
    """The number of a row; of several versions of one fact the least."""
    part = facts_part(contract)
    key = [] if part is None else [name for name in part.key if name != "known_from"]
    if not versions or not key:
        return exp.column("rowid")
    return exp.Window(
        this=exp.Min(this=exp.column("rowid")), partition_by=[exp.column(name, quoted=True) for name in key]
    )


def _has_versions(view: View, table: str) -> bool:
    stored = exp.to_table(table)
    stored.meta[AS_STORED] = True
    asked = exp.select("1 as one").from_(stored).where("known_until is not null").limit(1)
    return bool(view.rows(asked, {}))


def _fetched(view: View, fact: Fact, branch: exp.Select, table: exp.Table, terms: Sequence[Term], known: Dates) -> Rows:
    dated = _dated(fact, branch, table, versions=_has_versions(view, table.name))
    needed = {
        each.name
        for term in terms
        for said in (term.what, term.only)
        if said
        for each in parsed(said).find_all(exp.Column)
    }
    fields = sorted({name for term in terms for name in fields_of(term.within)})
    bound = Bound()
    lines = from_fact(dated, fields, sorted({*needed, "day", *_TOLD}))
    listed: list[exp.Expr] = [exp.column(name) for name in (*_TOLD, "day")]
    for place, term in enumerate(terms):
        listed += _amounts(term, place, bound)
    asked = exp.select(*listed).from_(lines.subquery("line"))
    asked = asked.where(exp.not_(exp.Is(this=exp.column("customer_id"), expression=exp.Null())))
    told = view.fetch(asked, bound.values)
    column = {name: told.column(name).combine_chunks() for name in told.column_names}
    return _dated_rows(table.name, column, terms, known)


def _amounts(term: Term, place: int, bound: Bound) -> list[exp.Expr]:
    """Whether a row adds to a term, and what."""
    parts: list[exp.Expr] = [parsed(term.only)] if term.only else []
    if term.within is not None:
        types = {name: DIMENSIONS[name].type for name in fields_of(term.within)}
        parts.append(condition(term.within, types, exp.column, bound))
    if term.what:
        parts.append(exp.not_(exp.Is(this=exp.paren(parsed(term.what)), expression=exp.Null())))
    counts = exp.Coalesce(this=exp.and_(*parts), expressions=[exp.false()]) if parts else exp.true()
    listed = [exp.alias_(counts, f"counts_{place}")]
    if term.kind == "sum":
        exact = exp.cast(exp.paren(parsed(term.what)), f"decimal(18, {term.digits})")
        units = exp.Mul(this=exact, expression=exp.Literal.number(10**term.digits))
        listed.append(exp.alias_(exp.cast(units, "bigint"), f"value_{place}"))
    elif term.kind == "distinct":
        listed.append(exp.alias_(exp.cast(exp.paren(parsed(term.what)), "text"), f"value_{place}"))
    return listed


def _dated_rows(table: str, column: Mapping[str, object], terms: Sequence[Term], known: Dates) -> Rows:
    arrays = {name: _array(values) for name, values in column.items()}
    fact, turn = arrays["fact_row"], _days(arrays["turn_on"])
    known_from = known.of(_moments(arrays["known_from"]))
    until = known.of(_moments(arrays["known_until"]))
    order = np.lexsort((turn, arrays["known_from"].astype("int64"), fact))
    following = np.full(len(fact), FOREVER, dtype=np.int64)
    if len(order) > 1:
        same = (fact[order][1:] == fact[order][:-1]) & (
            arrays["known_from"][order][1:] == arrays["known_from"][order][:-1]
        )
        following[order[:-1][same]] = turn[order[1:][same]] + 1
    return Rows(
        table=table,
        customer=arrays["customer_id"].astype(np.int64),
        fact=fact.astype(np.int64),
        since=np.maximum(turn + 1, known_from),
        until=np.minimum(until, following),
        day=_days(arrays["day"]),
        moment=arrays["happened_at"].astype("datetime64[us]").astype(np.int64),
        amounts={term: _amount(term, column, place, table) for place, term in enumerate(terms)},
    )


def _amount(term: Term, column: Mapping[str, object], place: int, table: str) -> Amount:
    counts = _array(column[f"counts_{place}"]).astype(bool)
    if term.kind == "distinct":
        value = _array(column[f"value_{place}"].dictionary_encode().indices)  # type: ignore[attr-defined] # an Arrow array
    elif term.kind == "sum":
        value = _array(column[f"value_{place}"])
    else:
        value = np.ones(len(counts), dtype=np.int64)
    if value.dtype.kind == "f":
        value = np.where(np.isnan(value), 0, value)
    whole = value.astype(np.int64)
    return Amount(-whole if term.negated else whole, counts)


def _array(column: object) -> NDArray[np.generic]:
    return column.to_numpy(zero_copy_only=False)  # type: ignore[attr-defined,no-any-return] # an Arrow array


def _days(column: NDArray[np.generic]) -> Whole:
    return column.astype("datetime64[D]").astype(np.int64)


def _moments(column: NDArray[np.generic]) -> NDArray[np.datetime64]:
    return column.astype("datetime64[us]")
