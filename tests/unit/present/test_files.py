"""Files for spreadsheets: what stands in them, and that nothing in them is computed."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value, text
from clientela.present.files import csv_bytes, xlsx_bytes

FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x.test","y")', "https://x.test")


def table(*rows: tuple[Value, ...], total: tuple[Value, ...] | None = None) -> Table:
    columns = (
        TableColumn(name="month", type=Type.DATE, label=text("Month")),
        TableColumn(name="category", type=Type.TEXT, label=text("Category")),
        TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit="EUR"),
        TableColumn(name="customer_id", type=Type.INT, label=Text("Customer")),
    )
    return Table(columns=columns, rows=rows, caption=text("Revenue"), total=total)


def sheet(content: bytes) -> list[tuple[object, ...]]:
    return [tuple(cell.value for cell in row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.rows]


def test_a_workbook_holds_numbers_days_and_ids_as_what_they_are() -> None:
    row = (date(2024, 3, 1), "Bread", Decimal("12.3456"), 4611686018427387904)
    rows = sheet(xlsx_bytes(table(row, total=(None, None, Decimal("12.3456"), None)), "en"))
    assert rows[0] == ("Month", "Category", "Revenue (EUR)", "Customer")
    assert rows[1][0].date() == date(2024, 3, 1)  # type: ignore[attr-defined] # a moment, as workbooks keep days
    assert rows[1][1:] == ("Bread", 12.3456, "4611686018427387904")
    assert rows[2] == (None, None, 12.3456, None)


@pytest.mark.parametrize("said", FORMULAS)
def test_no_text_becomes_a_formula_or_a_link_of_a_workbook(said: str) -> None:
    content = xlsx_bytes(table((date(2024, 3, 1), said, Decimal(1), 1)), "en", title=said)
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["B2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert b"<f>" not in content


@pytest.mark.parametrize("said", FORMULAS[:-1])
def test_no_text_of_a_csv_file_begins_like_a_formula(said: str) -> None:
    line = csv_bytes(table((date(2024, 3, 1), said, Decimal(1), 1)), "en").decode("utf-8-sig").split("\r\n", 1)[1]
    assert "'" + said[:1] in line


def test_the_heads_of_a_file_are_in_the_language_of_the_reader() -> None:
    assert sheet(xlsx_bytes(table(), "es"))[0][0] == "Mes"
