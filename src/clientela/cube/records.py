"""Rows of a table, page by page: the only place that joins personal columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.access.rights import Cells, Scope
from clientela.access.rows import of_cells as reached
from clientela.access.sealed import opened, sealed, settled
from clientela.contracts.analysis import Result, ResultColumn
from clientela.contracts.filter import Filter
from clientela.contracts.schema import Contract, Type
from clientela.contracts.text import text
from clientela.cube.beside.behind import OfRows, of_rows
from clientela.cube.fields import key_fields, people_fields, personal_fields, public_fields, quoted
from clientela.cube.filters import SEGMENT, Bound, condition, fields_of, typed
from clientela.cube.scoped import asked, within, within_cells
from clientela.cube.view import ALL, View
from clientela.errors import NotPermittedError, QueryError, UnknownNameError
from clientela.warehouse.physical import PEOPLE

MAX_ROWS = 10_000
CUSTOMER_KEY = "customer_key"
_KEY_OF_CUSTOMER = """
(select string_agg(who.record_id, ', ' order by who.record_id)
from identity as known inner join people.identity as who on who.customer_ref = known.customer_ref
where known.customer_id = record.customer_id)
"""

_READ: Mapping[Type, Callable[[str], object]] = {
    Type.TEXT: str,
    Type.INT: int,
    Type.BOOL: lambda said: said == "True",
    Type.DATE: date.fromisoformat,
    Type.INSTANT: datetime.fromisoformat,
    Type.MONEY: Decimal,
    Type.NUMBER: Decimal,
    Type.SHARE: Decimal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the asker sees of a page's rows. ``rows``: which rows; None: all, with all columns.

    ``partial``: the columns that are hidden in some of these rows, with the rows in which they are not; ``veiled``:
    those of them that are not personal, each with the name under which it is shown, null where it is hidden.
    """

    rows: Cells | None = None
    partial: Mapping[str, Cells] = field(default_factory=dict)
    veiled: Mapping[str, str] = field(default_factory=dict)

    def flag(self, name: str) -> str | None:
        """The column that says of a row whether the column ``name`` is seen in it; None: always."""
        return f"sees_{[*self.partial].index(name)}" if name in self.partial else None

    @property
    def flags(self) -> tuple[str, ...]:
        """All such columns."""
        return tuple(f"sees_{place}" for place in range(len(self.partial)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page asked for. ``order`` ends with the grain, seen or not, so that it tells any two rows apart.

    ``public`` and ``personal`` are the fields of the table; one that is all personal is kept in the
    people file alone, and its fields stand in ``public``. ``beside``: the dimensions of figures that the filter names.
    """

    contract: Contract
    file: str | None
    public: dict[str, Type]
    personal: dict[str, Type]
    columns: tuple[str, ...]
    where: Filter | None
    order: tuple[tuple[str, bool], ...]
    limit: int
    sight: Sight
    segments: Reach | None = None
    beside: Mapping[str, OfRows] = field(default_factory=dict)

    @property
    def types(self) -> dict[str, Type]:
        """Every field with its type; ``segment`` too where the rows are of customers and the filter asks for it."""
        dimensions = {name: each.type for name, each in self.beside.items()}
        return {**dimensions, **self.public, **self.personal} | ({} if self.segments is None else {SEGMENT: Type.TEXT})

    @property
    def chosen_by(self) -> frozenset[str]:
        """The columns that the filter names, or that the dimensions it names are made of."""
        named = fields_of(self.where) - (set() if self.segments is None else {SEGMENT})
        needed = {column for name in named & self.beside.keys() for column in self.beside[name].needs}
        return frozenset((named - self.beside.keys()) | needed)

    @property
    def ordered_types(self) -> list[Type]:
        """The type of each column of ``order``."""
        shown = {alias: name for name, alias in self.sight.veiled.items()}
        return [self.types[shown.get(name, name)] for name, _ in self.order]

    def field(self, name: str) -> exp.Expr:
        """The SQL of what the filter names: a column, or a dimension made of columns and reference tables."""
        return self.beside[name].column() if name in self.beside else quoted(name)


def records(
    view: View,
    table: str,
    columns: Sequence[str],
    where: Filter | None = None,
    *,
    order: Sequence[str] = (),
    limit: int = 100,
    cursor: str | None = None,
) -> Result:
    """A page of the rows of ``table``, and the cursor that asks for the next one.

    Parameters
    ----------
    columns
        Columns of the published table, personal ones among them; ``customer_key`` is the key (or
        keys) by which the sources know the row's customer.
    order
        Columns to sort by, each with a ``-`` before it to put the largest first; unknown comes last.
    cursor
        ``next_cursor`` of the page before, for the same table, filter and order, asked by whoever may read the same
        columns. It is sealed: it holds the key of the last row, which may be hidden from the asker.

    Raises
    ------
    UnknownNameError, QueryError
        A name is not known, a value has the wrong type, or the cursor belongs to another question.
    NotPermittedError
        A personal column is named and the view does not show personal data, or the asker may not see a column
        in any row.

    A row is there when the asker may see one of the columns in it; the others are null in it, and their places
    stand in ``hidden``. A condition on a hidden one is unknown. What says which row it is is hidden like any other.
    """
    page = _understood(view, table, columns, where, order, limit)
    question = _question(view, page)
    bound = Bound()
    after = None if cursor is None else _decoded(view.sealing(), cursor, question, page.ordered_types)
    fetched = view.rows(_plan(page, after, bound, view.tables), bound.values)
    shown = fetched[:limit]
    width, keys = len(page.columns), len(page.columns) + len(page.order)
    return Result(
        columns=tuple(_column(page, name, view.currency) for name in page.columns),
        rows=tuple(row[:width] for row in shown),
        next_cursor=_encoded(view.sealing(), question, shown[-1][width:keys]) if len(fetched) > limit else None,
        hidden=_hidden(page, [row[keys:] for row in shown]),
    )


def _hidden(page: Page, seen: Sequence[Sequence[object]]) -> frozenset[tuple[int, int]]:
    """The places (row, column) of what the asker may not see."""
    flags = {name: place for place, name in enumerate(page.sight.partial)}
    return frozenset(
        (row, column)
        for column, name in enumerate(page.columns)
        if name in flags
        for row, told in enumerate(seen)
        if not told[flags[name]]
    )


def _understood(
    view: View, table: str, columns: Sequence[str], where: Filter | None, order: Sequence[str], limit: int
) -> Page:
    if table not in ALL:
        raise UnknownNameError("table", table, ALL)
    if isinstance(columns, str) or not columns:
        raise QueryError(f"name the columns of '{table}' as a list, at least one.")
    if not 1 <= limit <= MAX_ROWS:
        raise QueryError(f"a page has 1 to {MAX_ROWS} rows, not {limit}.")
    contract = ALL[table]
    public, personal = dict(public_fields(contract)), dict(personal_fields(contract))
    file = None if public else PEOPLE
    if "customer_id" in public:
        personal[CUSTOMER_KEY] = Type.TEXT
    sorted_by: dict[str, bool] = {}
    for entry in order:
        sorted_by.setdefault(entry.removeprefix("-"), entry.startswith("-"))
    keys = key_fields(contract)
    filtered = fields_of(where)
    in_segment = SEGMENT in filtered and SEGMENT not in public and "customer_id" in public
    filtered -= {SEGMENT} if in_segment else set()
    beside = {name: each for name, each in of_rows(table).items() if name in filtered and name not in personal}
    filtered -= beside.keys()
    for name in (*columns, *sorted_by, *keys, *sorted(filtered)):
        if name not in public and name not in personal:
            raise UnknownNameError("column", name, {**public, **personal})
        if name in personal and view.people is None:
            raise NotPermittedError(f"'{name}' of '{table}' is personal, and personal data cannot be seen here.")
    sight = _sight(view.scope, contract, (*columns, *sorted_by, *sorted(filtered)), {*columns}, personal, beside)
    if file is not None:
        public, personal = personal, {}
    placed = {sight.veiled.get(name, name): down for name, down in sorted_by.items()}
    return Page(
        contract=contract,
        file=file,
        public=public,
        personal=personal,
        columns=tuple(columns),
        where=where,
        order=tuple((placed | {name: placed.get(name, False) for name in keys}).items()),
        limit=limit,
        sight=sight,
        beside=beside,
        segments=_segments_seen(view.scope) if in_segment else None,
    )


def _segments_seen(scope: Scope | None) -> Reach:
    """The customers of whom the asker may see in which segments they are."""
    reach = EVERYTHING if scope is None else scope.of_column("segment_member", SEGMENT)
    if not reach:
        raise NotPermittedError("who is in which segment cannot be seen with your rights; leave 'segment' out.")
    return reach


def _sight(
    scope: Scope | None,
    contract: Contract,
    named: Sequence[str],
    shown: Collection[str],
    personal: Collection[str],
    beside: Mapping[str, OfRows],
) -> Sight:
    """Which rows an asker sees of a table, and which of the columns named only in some of them."""
    if scope is None or scope.sees_all:
        return Sight(rows=None if scope is None else Cells(reach=EVERYTHING))
    told: dict[str, Cells] = {}
    for name in dict.fromkeys(named):
        told[name] = scope.of_cells(contract.name, [name], personal=personal)
        if not told[name].reach:
            raise NotPermittedError(f"'{name}' of '{contract.name}' cannot be seen with your rights; leave it out.")
    for name, each in beside.items():
        told[name] = Cells(reach=scope.of_columns(each.reads))
        if not told[name].reach:
            raise NotPermittedError(f"'{name}' cannot be seen with your rights; leave it out.")
    rows = scope.of_cells(contract.name, shown, personal=personal)
    partial = {name: cells for name, cells in told.items() if cells != rows}
    stored = public_fields(contract) or personal_fields(contract)  # the others are joined to the rows
    veiled = {name: f"shown_{place}" for place, name in enumerate(partial) if name in stored}
    return Sight(rows=rows, partial=MappingProxyType(partial), veiled=MappingProxyType(veiled))


def _plan(page: Page, after: Sequence[object] | None, bound: Bound, tables: Collection[str]) -> exp.Select:
    """The rows of the page: first chosen, then completed with the personal columns that chose nothing."""
    choosing = {name for name, _ in page.order} | page.chosen_by
    owner = set() if page.segments is None else {"customer_id"}
    veiled = page.sight.veiled
    needed = sorted(({*choosing, *page.columns, *veiled} & page.public.keys()) | _shared(page) | owner)
    early = sorted(choosing & page.personal.keys())
    late = sorted({*page.columns} & page.personal.keys() - choosing)
    rows = exp.select(*map(quoted, needed), *_flags(page, bound, tables))
    rows = rows.from_(exp.table_(page.contract.name, db=page.file))
    if page.sight.rows is not None:
        within_cells(rows, page.contract.name, page.sight.rows)
    kept = [*needed, *page.sight.flags]
    if veiled:
        shown = [exp.alias_(_masked(page, name), alias) for name, alias in veiled.items()]
        rows = exp.select(*map(quoted, kept), *shown).from_(rows.subquery("every"))
        kept += veiled.values()
    rows = _completed(rows, page, kept, early)
    chosen = exp.select(*map(quoted, [*kept, *early])).from_(rows.subquery("record"))
    if page.where is not None:
        seen = {name: exp.column(f"sees_{place}") for place, name in enumerate(page.sight.partial)}
        customer = None if page.segments is None else quoted("customer_id")
        chosen = chosen.where(
            _within_segments(condition(page.where, page.types, page.field, bound, seen, customer), page)
        )
    if after is not None:
        chosen = chosen.where(_beyond(page.order, after, bound))
    chosen = _sorted(chosen, page).limit(page.limit + 1)
    rows = _completed(chosen, page, [*kept, *early], late)
    columns = [veiled.get(name, name) for name in page.columns]
    given = enumerate([*columns, *(name for name, _ in page.order), *page.sight.flags])
    result = exp.select(*(exp.alias_(quoted(name), f"column_{place}") for place, name in given))
    result = _sorted(result.from_(rows.subquery("record")), page)
    # what is joined to rows that may be seen belongs to them, and is masked like their own columns
    return result if page.sight.rows is None else within(result, EVERYTHING)


def _within_segments(chosen: exp.Expr, page: Page) -> exp.Expr:
    return chosen if page.segments is None else within(chosen, page.segments)


def _flags(page: Page, bound: Bound, tables: Collection[str]) -> list[exp.Expr]:
    """Of each partly hidden column, whether it is seen in a row."""
    table = asked(page.contract.name, tables, people=page.file == PEOPLE)
    flags = []
    for place, cells in enumerate(page.sight.partial.values()):
        seen = reached(table, cells, bound.bind)
        told = exp.true() if seen is None else exp.Coalesce(this=seen, expressions=[exp.false()])
        flags.append(exp.alias_(told, f"sees_{place}"))
    return flags


def _masked(page: Page, name: str, table: str | None = None) -> exp.Expr:
    """A column, null where it is hidden."""
    flag, column = page.sight.flag(name), quoted(name, table)
    if flag is None:
        return column
    owner = None if table is None else "record"
    return exp.Case(ifs=[exp.If(this=exp.column(flag, owner), true=column)])


def _shared(page: Page) -> set[str]:
    """The columns that say which row of the people file belongs to which published one."""
    stored = people_fields(page.contract).keys() & page.public.keys()
    keyed = {*key_fields(page.contract)} & stored
    version = {"known_from"} & stored
    return keyed | version | ({"customer_id"} & page.public.keys() if CUSTOMER_KEY in page.personal else set())


def _completed(rows: exp.Select, page: Page, names: Sequence[str], personal: Sequence[str]) -> exp.Select:
    """``rows`` with the columns ``personal`` beside ``names``; as many rows as before."""
    if not personal:
        return rows
    completed = exp.select(*(quoted(name, "record") for name in names)).from_(rows.subquery("record"))
    stored = [name for name in personal if name != CUSTOMER_KEY]
    if stored:
        shared = _shared(page) & ({*key_fields(page.contract)} | {"known_from"})
        same = [exp.EQ(this=quoted(key, "person"), expression=quoted(key, "record")) for key in sorted(shared)]
        shown = (exp.alias_(_masked(page, name, "person"), name, quoted=True) for name in stored)
        completed = completed.select(*shown)
        person = exp.table_(page.contract.name, db=PEOPLE, alias="person")
        completed = completed.join(person, on=exp.and_(*same), join_type="left")
    if CUSTOMER_KEY in personal:
        told: exp.Expr = _key_of_customer().copy()
        flag = page.sight.flag(CUSTOMER_KEY)
        if flag is not None:
            told = exp.Case(ifs=[exp.If(this=exp.column(flag, "record"), true=told)])
        completed = completed.select(exp.alias_(told, CUSTOMER_KEY))
    return completed


@cache
def _key_of_customer() -> exp.Expr:
    return sqlglot.parse_one(_KEY_OF_CUSTOMER, dialect="duckdb")


def _sorted(rows: exp.Select, page: Page) -> exp.Select:
    return rows.order_by(*(exp.Ordered(this=quoted(name), desc=down, nulls_first=False) for name, down in page.order))


def _column(page: Page, name: str, currency: str | None) -> ResultColumn:
    units = {each.name: each.unit for each in page.contract.columns}
    unit = units.get(name)
    return ResultColumn(name=name, type=page.types[name], unit=currency if unit == "currency" else unit)


def _question(view: View, page: Page) -> str:
    """What a cursor belongs to: which rows in which order, and what of them the asker may read.

    Not the snapshot, nor which customers those are today: who turns pages while a new one is published goes on.
    """
    return settled((page.contract.name, page.where, page.order, view.people is None, _readable(view.scope)))


@lru_cache(maxsize=64)
def _readable(scope: Scope | None) -> str:
    return settled(scope and [(each.columns, each.measures, each.least) for each in scope.rights])


def _encoded(key: bytes, question: str, last: Sequence[object]) -> str:
    """The cursor after the row whose sorted columns are ``last``; it belongs to ``question``."""
    return sealed(key, json.dumps([None if value is None else str(value) for value in last]), question)


def _decoded(key: bytes, cursor: str, question: str, kinds: Sequence[Type]) -> tuple[object, ...]:
    """The sorted columns of the row a cursor stands after.

    Raises
    ------
    QueryError
        The cursor is damaged, or belongs to another question.
    """
    try:
        said = json.loads(opened(key, cursor, question))
        return tuple(
            None if value is None else typed("cursor", kind, _READ[kind](value))
            for kind, value in zip(kinds, said, strict=True)
        )
    except (ValueError, TypeError, ArithmeticError):
        raise QueryError(text("the cursor does not belong to this question; ask for the first page again.")) from None


def _beyond(order: Sequence[tuple[str, bool]], last: Sequence[object], bound: Bound) -> exp.Expr:
    """The condition of all rows after ``last`` in ``order``, where null comes last both ways."""
    cases: list[exp.Expr] = []
    same: list[exp.Expr] = []
    for (name, descending), value in zip(order, last, strict=True):
        column, null = quoted(name), exp.Is(this=quoted(name), expression=exp.Null())
        if value is not None:
            further = exp.LT if descending else exp.GT
            after = exp.or_(further(this=column, expression=bound.bind(value)), null)
            cases.append(exp.and_(*same, exp.paren(after)))
        equal = null if value is None else exp.EQ(this=quoted(name), expression=bound.bind(value))
        same = [*same, equal]
    return exp.or_(*cases) if cases else exp.false()
