"""The cells of a table as people read them: by the column's type, alike down the column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, text
from clientela.cube.fiscal import name_of
from clientela.errors import UnknownNameError
from clientela.present import formats
from clientela.present.say import say, say_value

NUMBERS = {Type.INT, Type.MONEY, Type.NUMBER, Type.SHARE}
UNITS: dict[str, Text] = {"days": text("days")}  # of a count of customers or orders the head says what is counted
RANGE = ("low", "high")  # columns of the range of the figure before them


def is_number(column: TableColumn) -> bool:
    """Whether the cells are numbers, so stand to the right; ids are names."""
    return column.type in NUMBERS and not _is_id(column)


def column_at(table: Table, name: str) -> int:
    """The place of a column.

    Raises
    ------
    UnknownNameError
        The table has no such column.
    """
    names = [column.name for column in table.columns]
    if name not in names:
        raise UnknownNameError("column", name, names)
    return names.index(name)


def values_of(table: Table, name: str) -> list[Value]:
    """The cells of one column, in row order."""
    at = column_at(table, name)
    return [row[at] for row in table.rows]


def digits_of(column: TableColumn, values: Sequence[Value]) -> int | None:
    """How many fraction digits all cells of a column get, so that they can be compared down the column."""
    if column.type is Type.MONEY:
        known = [abs(float(value)) for value in values if isinstance(value, Decimal | int | float) and value]
        whole = not known or median(known) >= 100
        return 0 if whole else formats.money_digits(Amount(1, "money", column.unit))
    if column.type is Type.NUMBER:
        numbers = [abs(float(value)) for value in values if isinstance(value, Decimal | int | float)]
        if all(value.is_integer() for value in numbers):
            return 0
        return 2 if median(numbers) < 100 else 1
    return {Type.SHARE: 1, Type.INT: 0}.get(column.type)


def cell(  # noqa: PLR0911 - one line a type
    value: Value, column: TableColumn, locale: str, digits: int | None = None
) -> str:
    """One cell: money and shares with their sign, short days, ids as they are, a dash for unknown.

    Examples
    --------
    >>> cell(Decimal("845"), TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit="USD"), "en")
    '$845'
    """
    if value is None:
        return "–"
    if isinstance(value, bool | str | Text | Amount):
        return say_value(value, locale)
    if isinstance(value, datetime):
        return formats.moment(value, locale)
    if isinstance(value, date):
        return formats.day_short(value, locale)
    if not isinstance(value, Decimal | int | float):
        return say_value(value, locale)
    if _is_id(column) or column.type is Type.TEXT:
        return str(value)
    kinds = {Type.MONEY: "money", Type.SHARE: "share", Type.INT: "count"}
    return formats.amount(Amount(value, kinds.get(column.type, "number"), column.unit, digits), locale)


def text_rows(table: Table, locale: str) -> list[list[str]]:
    """All rows as text, the total last when there is one."""
    by_column = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    digits = _digits(table, by_column)
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    said = _said(rows, table, digits, locale)
    spans = [_span(column) for column in table.columns]
    shown = [
        span or (formats.month_of_year if _is_months(cells) else None)
        for span, cells in zip(spans, by_column, strict=True)
    ]
    for row, words in zip(rows, said, strict=True):
        for at, value in enumerate(row):
            how = shown[at]
            if how is not None and isinstance(value, date) and not isinstance(value, datetime):
                words[at] = how(value, locale)
    return said


def _digits(table: Table, by_column: Sequence[Sequence[Value]]) -> list[int | None]:
    """How many fraction digits each column gets; a range as many as the figure it belongs to."""
    found: list[int | None] = []
    for at, (column, values) in enumerate(zip(table.columns, by_column, strict=True)):
        before = table.columns[at - 1] if at else column
        same = (before.type, before.unit) == (column.type, column.unit)
        found.append(found[-1] if column.name in RANGE and at and same else digits_of(column, values))
    return found


def _span(column: TableColumn) -> Callable[[date, str], str] | None:
    """How the days of a column are said that stand for the time that begins with them."""
    fiscal = column.fiscal
    if fiscal is None:
        return _SPANS.get(column.name)
    return lambda day, _: name_of(day, column.name, fiscal)  # alike in all languages


# Columns whose days stand for the time that begins with them.
_SPANS: Mapping[str, Callable[[date, str], str]] = {
    "month": formats.month_of_year,
    "quarter": formats.quarter_of_year,
    "year": formats.year,
    "week": formats.week_of_year,
}


def _is_months(values: Sequence[Value]) -> bool:
    days = [value for value in values if isinstance(value, date)]
    return len(days) > 1 and all(not isinstance(day, datetime) and day.day == 1 for day in days)


def _said(
    rows: Sequence[tuple[Value, ...]], table: Table, digits: Sequence[int | None], locale: str
) -> list[list[str]]:
    return [
        [cell(value, column, locale, places) for value, column, places in zip(row, table.columns, digits, strict=True)]
        for row in rows
    ]


def head(column: TableColumn, locale: str) -> tuple[str, str | None]:
    """The head of a column and its unit in words, where neither the cells nor the head say it already."""
    label = say(column.label, locale)
    if column.unit is None or column.type in (Type.MONEY, Type.SHARE) or column.unit not in UNITS:
        return label, None
    unit = say(UNITS[column.unit], locale)
    said = unit.casefold() in label.casefold() or label.casefold().startswith(unit.casefold()[:4])
    return label, None if said else unit


def _is_id(column: TableColumn) -> bool:
    return column.name in ("id", "customer") or column.name.endswith("_id")  # figures by customer bear their number
