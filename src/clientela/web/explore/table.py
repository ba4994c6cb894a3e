"""The table of figures as the page shows it: members to go down into, heads to sort by, figures with their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from clientela.contracts.filter import And, Condition, Filter, Operator
from clientela.contracts.insight import Table
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.members import finer_than, name_of_member
from clientela.cube.declared.dimension import DIMENSIONS, TIME
from clientela.cube.filters import fields_of
from clientela.cube.typed import equal
from clientela.errors import QueryError
from clientela.pipeline.exploring.choices import Offered
from clientela.present import cells
from clientela.present.say import say
from clientela.web.explore.question import Asking
from clientela.web.explore.said import TYPES, UNKNOWN, joined, parts_of

AT_ONCE = 500  # rows on a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A column's head. ``address`` sorts by it, '' where nothing does; ``sort``: how it is sorted now."""

    label: str
    unit: str = ""
    number: bool = False
    address: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell. ``address``: to the rows behind it, or down into the member; ``arrow``: up or down, of a change."""

    said: str
    address: str = ""
    hidden: bool = False
    arrow: str = ""
    bar: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The table. ``level``: of each row by how many dimensions it is counted, so that subtotals stand out."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    subtotal: tuple[bool, ...]
    total: tuple[Cell, ...] | None
    width: int
    note: str
    first: int
    last: int
    all: int
    drills: bool
    behind: bool


def shown(
    table: Table, asking: Asking, offered: Offered, locale: str, *, levels: Sequence[int] | None, rows_address: str
) -> Shown:
    """A page of the rows of a table.

    Parameters
    ----------
    rows_address : where the rows behind a figure are shown; '' for nowhere
    """
    width = sum(column.name in DIMENSIONS for column in table.columns) if asking.by else 0
    begin = (asking.page - 1) * AT_ONCE
    begin = begin if begin < len(table.rows) else 0
    part = table.rows[begin : begin + AT_ONCE]
    said = cells.text_rows(replace(table, rows=part), locale)
    ways = _Ways(asking, offered, rows_address, width, parts_of(asking.where, offered), locale)
    bars = _bars(table, width) if not asking.across else {}
    rows = tuple(
        tuple(_cell(table, words, number, place, begin, ways, bars) for place, words in enumerate(said[number]))
        for number in range(len(part))
    )
    total = None
    if table.total is not None:
        total = tuple(_total(table, words, place, ways) for place, words in enumerate(said[-1]))
    return Shown(
        heads=tuple(
            _head(table, place, asking, locale, width, of_many=offered.of_many) for place in range(len(table.columns))
        ),
        rows=rows,
        subtotal=tuple(levels is not None and levels[begin + n] < width for n in range(len(part))),
        total=total,
        width=width,
        note="" if table.note is None else say(table.note, locale),
        first=begin + 1 if part else 0,
        last=begin + len(part),
        all=len(table.rows),
        drills=any(cell.address for row in rows[:1] for cell in row[:width]),
        behind=any(cell.address for row in rows for cell in row[width:]),
    )


@dataclass(frozen=True, slots=True)
class _Ways:
    """From where one can go from a cell."""

    asking: Asking
    offered: Offered
    rows_address: str
    width: int
    parts: Sequence[Filter]
    locale: str

    def down(self, value: Value, place: int) -> str:
        """The question one level down in a member; '' where there is none."""
        dimension = self.asking.by[place]
        finer = finer_than(dimension)
        if finer is None or finer not in {each.name for each in self.offered.dimensions} or isinstance(value, Text):
            return ""
        if finer in self.asking.by or self.offered.of_many:
            return ""
        condition = _held(dimension, value, self.offered)
        by = tuple(finer if each == dimension else each for each in self.asking.by)
        step = f"{dimension}={UNKNOWN if value is None else name_of_member(value, dimension, self.offered.fiscal)}"
        changes = {"order": "", "compare": self.asking.compare}
        parts = self.parts
        where = joined(parts if condition in parts else [*parts, condition])
        return self.asking.address(by=by, where=where, path=(*self.asking.path, step), top=None, **changes)

    def rows(self, measure: str, conditions: Sequence[Filter]) -> str:
        """Where the rows behind a figure are shown; '' where they cannot be."""
        if not self.rows_address or measure not in self.offered.behind:
            return ""
        table, usable = self.offered.behind[measure]
        parts = [*self.parts, *conditions]
        if not fields_of(And(tuple(parts))) <= usable:
            return ""
        told = {"table": table, "where": joined(parts), "of": measure, "back": self.asking.address()}
        told |= {"as_of": self.asking.as_of, "known_at": self.asking.known_at}
        return f"{self.rows_address}?{urlencode({name: value for name, value in told.items() if value})}"


def _held(dimension: str, value: Value, offered: Offered) -> Filter:
    """The condition that holds to one member."""
    if value is None:
        return Condition(dimension, Operator.IS_NULL)
    name = name_of_member(value, dimension, offered.fiscal)
    return equal(dimension, str(name), TYPES, offered.fiscal)


def _cell(
    table: Table, words: str, number: int, place: int, begin: int, ways: _Ways, bars: Mapping[int, float]
) -> Cell:
    row, column = table.rows[begin + number], table.columns[place]
    value = row[place]
    if (begin + number, place) in table.hidden:
        return Cell(said=words, hidden=True)
    if place < ways.width:
        words = say(text("unknown"), ways.locale) if value is None else words
        return Cell(said=words, address="" if isinstance(value, Text) else ways.down(value, place))
    if column.name.endswith("_change"):
        return _change(words, value)
    address = _rows_address(table, row, place, ways)
    bar = None
    if place in bars and isinstance(value, Decimal | int | float) and value >= 0 and not _is_sum(row, ways.width):
        bar = round(float(value) / bars[place] * 100, 1)
    return Cell(said=words, address=address, bar=bar)


def _is_sum(row: Sequence[Value], width: int) -> bool:
    return any(isinstance(value, Text) for value in row[:width])


def _rows_address(table: Table, row: Sequence[Value], place: int, ways: _Ways) -> str:
    measure, across = _measure(table.columns[place].name)
    if measure not in ways.asking.measures or row[place] is None or ways.asking.running:
        return ""
    try:
        conditions = [
            _held(name, value, ways.offered)
            for name, value in zip(ways.asking.by, row[: ways.width], strict=False)
            if not isinstance(value, Text)
        ]
        if _is_sum(row, ways.width) and row[0] is not None and ways.asking.top is not None:
            return ""  # all others: said by no filter that is short
        if across is not None:
            conditions += _across(ways.asking.across, across, ways.offered)
    except QueryError:
        return ""
    return ways.rows(measure, conditions)


def _across(dimension: str, said: str, offered: Offered) -> list[Filter]:
    if said == "Total":
        return []
    return [
        Condition(dimension, Operator.IS_NULL) if said == "unknown" else equal(dimension, said, TYPES, offered.fiscal)
    ]


def _measure(name: str) -> tuple[str, str | None]:
    """The measure of a column, and the member that it stands for across.

    Examples
    --------
    >>> _measure("revenue[2024-01]"), _measure("revenue")
    (('revenue', '2024-01'), ('revenue', None))
    """
    measure, bracket, member = name.partition("[")
    return measure, member.removesuffix("]") if bracket else None


def _change(words: str, value: Value) -> Cell:
    if not isinstance(value, Decimal | int | float) or value == 0:
        return Cell(said=words)
    return Cell(said=words.lstrip("-\N{MINUS SIGN}"), arrow="up" if value > 0 else "down")


def _total(table: Table, words: str, place: int, ways: _Ways) -> Cell:
    if table.total is None or table.total[place] is None or place < ways.width:
        return Cell(said="")
    if (-1, place) in table.hidden:
        return Cell(said=words, hidden=True)
    if table.columns[place].name.endswith("_change"):
        return _change(words, table.total[place])
    whole = _Ways(replace(ways.asking, by=()), ways.offered, ways.rows_address, ways.width, ways.parts, ways.locale)
    return Cell(said=words, address=_rows_address(table, table.total, place, whole))


def _bars(table: Table, width: int) -> dict[int, float]:
    """The largest figure of the first measure, which is drawn beside it; none where a bar would say nothing."""
    if not width or len(table.columns) - width > 4 or len(table.rows) < 3:
        return {}
    values = [row[width] for row in table.rows]
    known = [float(value) for value in values if isinstance(value, Decimal | int | float)]
    return {width: max(known)} if known and min(known) >= 0 and max(known) > 0 else {}


def _head(table: Table, place: int, asking: Asking, locale: str, width: int, *, of_many: bool) -> Head:
    column = table.columns[place]
    label, unit = cells.head(column, locale)
    measure, across = _measure(column.name)
    sortable = asking.top is None and not asking.subtotals and (across in (None, "Total"))
    name = measure if across is not None else column.name
    sortable = sortable and (name in asking.measures or place < width) and bool(asking.by)
    sortable = sortable and not of_many
    first = asking.order or ("" if of_many else default_order(asking))
    sort = ""
    if sortable and first.removeprefix("-") == name:
        sort = "descending" if first.startswith("-") else "ascending"
    number = cells.is_number(column)
    following = f"-{name}" if sort == "ascending" or (number and sort != "descending") else name
    return Head(
        label=label,
        unit=unit or "",
        number=number,
        address=asking.address(order=following) if sortable else "",
        sort=sort,
    )


def default_order(asking: Asking) -> str:
    """The order that suits where none was asked: the largest first, but time as it goes."""
    alone = len(asking.by) == 1 and asking.by[0] not in TIME and not asking.running
    return f"-{asking.measures[0]}" if alone and asking.measures and asking.top is None and not asking.subtotals else ""
