"""A table for a page or a file: what stands in it, as text, and where numbers are to stand."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from clientela.contracts.insight import Table
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value
from clientela.present import cells
from clientela.present.say import say, say_value

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a text that begins so
BAR_PX = 56


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: its label, its unit where the cells do not say it, whether numbers stand below."""

    label: str
    unit: str | None
    number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it says and, for a share, the length of its bar in px."""

    said: str
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as a template shows it. ``more`` rows are left to the file."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None
    note: str | None
    more: int
    bar_px: int = BAR_PX


def table_view(table: Table, locale: str, most: int | None = None) -> TableView:
    """The first ``most`` rows of a table (None: all), said in a language."""
    shown = table.rows if most is None else table.rows[:most]
    said = cells.text_rows(table, locale)
    bars = [_bars(table, at) for at in range(len(table.columns))]
    rows = tuple(
        tuple(Cell(words, bars[column][row]) for column, words in enumerate(said[row])) for row in range(len(shown))
    )
    total = None
    if table.total is not None:
        total = tuple(Cell("" if value is None else words) for value, words in zip(table.total, said[-1], strict=True))
    return TableView(
        caption=say(table.caption, locale),
        heads=tuple(
            Head(*cells.head(column, locale), cells.is_number(column) or _tells_amounts(table, at))
            for at, column in enumerate(table.columns)
        ),
        rows=rows,
        total=total,
        note=None if table.note is None else say(table.note, locale),
        more=len(table.rows) - len(shown),
    )


def _tells_amounts(table: Table, at: int) -> bool:
    """Whether the cells of a column are numbers, each with a unit of its own: then they stand to the right too."""
    told = [row[at] for row in table.rows if row[at] is not None]
    return bool(told) and all(isinstance(each, Amount) for each in told)


def table_csv(table: Table, locale: str) -> str:
    """A table as CSV for a spreadsheet: the heads people read, the numbers as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_head(table, at, locale) for at in range(len(table.columns))])
    for row in [*table.rows, *([table.total] if table.total is not None else [])]:
        writer.writerow([_exact(value, locale) for value in row])
    return out.getvalue()


def csv_link(table: Table, locale: str) -> str:
    """The table as a ``data:`` address, so that a page can offer it without a server."""
    with_mark = table_csv(table, locale).encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8
    return "data:text/csv;charset=utf-8;base64," + b64encode(with_mark).decode("ascii")


def _head(table: Table, at: int, locale: str) -> str:
    column = table.columns[at]
    label, unit = cells.head(column, locale)
    if column.type is Type.MONEY and column.unit:
        unit = column.unit
    return f"{label} ({unit})" if unit else label


def _exact(value: Value, locale: str) -> str:  # noqa: PLR0911 - one line a type
    if value is None:
        return ""
    if isinstance(value, Amount):
        return str(value.value)
    if isinstance(value, bool):
        return say_value(value, locale)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    said = say(value, locale) if isinstance(value, Text) else say_value(value, locale)
    return f"'{said}" if said.startswith(FORMULA) else said


def _bars(table: Table, at: int) -> list[float | None]:
    """The bars of a table's only column of shares, the longest as long as there is room; none elsewhere."""
    values = [row[at] for row in table.rows]
    shares = [float(value) for value in values if isinstance(value, Decimal | int | float)]
    alone = sum(column.type is Type.SHARE for column in table.columns) == 1
    if (
        not alone
        or table.columns[at].type is not Type.SHARE
        or table.columns[at].unit is not None  # a change, a distance: no part of a whole
        or len(shares) < 3
        or min(shares) < 0
        or not 0 < max(shares) <= 1
    ):
        return [None] * len(values)
    longest = max(shares)
    return [
        round(float(value) / longest * BAR_PX, 1) if isinstance(value, Decimal | int | float) else None
        for value in values
    ]
