"""A table as a file for a spreadsheet: CSV or a workbook, in which nothing is ever computed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value
from clientela.present import cells
from clientela.present.say import say, say_value
from clientela.present.table import table_csv

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # a sheet has no more, its head apart
_WIDEST, _NARROWEST = 60, 8
_EXACT = 15  # a workbook keeps so many digits of a number; more are written as text


def csv_bytes(table: Table, locale: str) -> bytes:
    """The table as CSV in UTF-8, with the mark by which spreadsheets know it; a text no spreadsheet computes."""
    return table_csv(table, locale).encode("utf-8-sig")


def xlsx_bytes(table: Table, locale: str, *, title: str | None = None) -> bytes:
    """The table as a workbook of one sheet: numbers as numbers, days as days, every text as a text.

    Parameters
    ----------
    title : what the sheet is called; None: the table's caption
    """
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(_sheet_name(title or say(table.caption, locale)))
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        total = {"bold": True, "top": 1}
        shown = [_format(column, table, at) for at, column in enumerate(table.columns)]
        plain = [book.add_format(each) for each in shown]
        summed = [book.add_format({**each, **total}) for each in shown]
        for at, column in enumerate(table.columns):
            sheet.write_string(0, at, _head(column, locale), bold)
            sheet.set_column(at, at, _width(table, at, locale))
        for number, row in enumerate(table.rows[:MOST_ROWS], start=1):
            _write(sheet, number, row, table.columns, plain, locale)
        if table.total is not None and len(table.rows) < MOST_ROWS:
            _write(sheet, len(table.rows) + 1, table.total, table.columns, summed, locale)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _write(
    sheet: Any, number: int, row: Sequence[Value], columns: Sequence[TableColumn], formats: Sequence[Any], locale: str
) -> None:
    for at, (value, column) in enumerate(zip(row, columns, strict=True)):
        if value is None:
            sheet.write_blank(number, at, None, formats[at])
        elif isinstance(value, datetime):
            sheet.write_string(number, at, value.isoformat(sep=" ", timespec="minutes"), formats[at])
        elif isinstance(value, date):
            sheet.write_datetime(number, at, datetime(value.year, value.month, value.day), formats[at])  # noqa: DTZ001 - a day has no zone
        elif cells.is_number(column) and (figure := _number(value)) is not None:
            sheet.write_number(number, at, figure, formats[at])
        else:
            sheet.write_string(number, at, _text(value, locale), formats[at])


def _number(value: Value) -> float | int | None:
    """A number that a workbook keeps as it is; None for what is none, or has more digits than fit."""
    plain = value.value if isinstance(value, Amount) else value
    if isinstance(plain, bool) or not isinstance(plain, int | float | Decimal):
        return None
    if isinstance(plain, int) and len(str(abs(plain))) > _EXACT:
        return None
    return float(plain) if isinstance(plain, Decimal) else plain


def _text(value: Value, locale: str) -> str:
    if isinstance(value, Amount):
        return str(value.value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    return say(value, locale) if isinstance(value, Text) else say_value(value, locale)


def _head(column: TableColumn, locale: str) -> str:
    label, unit = cells.head(column, locale)
    if column.type is Type.MONEY and column.unit:
        unit = column.unit
    return f"{label} ({unit})" if unit else label


def _format(column: TableColumn, table: Table, at: int) -> dict[str, Any]:
    """How a spreadsheet shows the cells of a column; what they hold stays exact."""
    if column.type is Type.DATE:
        return {"num_format": "yyyy-mm-dd", "align": "left"}
    if not cells.is_number(column):
        return {}
    if column.type is Type.SHARE:
        return {"num_format": "0.0%"}
    digits = cells.digits_of(column, [row[at] for row in table.rows]) or 0
    return {"num_format": "#,##0" + ("." + "0" * digits if digits else "")}


def _width(table: Table, at: int, locale: str) -> int:
    """Wide enough for the first rows; a head may take two lines."""
    head = len(_head(table.columns[at], locale)) // 2 + 4
    said = (len(_text(row[at], locale)) for row in table.rows[:200] if row[at] is not None)
    return max(_NARROWEST, min(_WIDEST, max(head, *said, 0) + 2))


def _sheet_name(title: str) -> str:
    """A sheet's name: at most 31 signs, none of those a workbook forbids, no quote at an end."""
    kept = "".join(" " if sign in "[]:*?/\\" else sign for sign in title if sign.isprintable())
    return " ".join(kept.split())[:31].strip("' ") or "clientela"
