"""Workbooks: typed cells, rows with their numbers, and hostile ones contained."""

from __future__ import annotations

import time as clock
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Any

import openpyxl
import pytest

from clientela.capture.files import excel, workbook
from clientela.capture.files.kinds import Kind
from clientela.config import Format
from clientela.errors import SourceError
from tests.unit.capture.files.reading import land

CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(folder: Path, rows: Iterable[Iterable[Any]], name: str = "orders.xlsx") -> Path:
    """A workbook with one sheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    made.save(folder / name)
    return folder / name


def raw_book(path: Path, sheet: str, *, extra: dict[str, str] | None = None) -> Path:
    """A workbook of this XML."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def test_cells_land_as_what_they_are(tmp_path: Path) -> None:
    found = land(
        book(
            tmp_path,
            [
                ("id", "day", "at", "total", "paid", "name", "time", "length", "mixed"),
                (
                    1,
                    date(2024, 2, 29),
                    datetime(2024, 2, 29, 13, 5),
                    0.1 + 0.2,
                    True,
                    "Ana",
                    time(4, 5),
                    timedelta(1),
                    1.5,
                ),
                (2, date(2024, 3, 1), date(2024, 3, 1), 12.5, False, " b ", time(4, 6), timedelta(hours=2), "1,5"),
            ],
        ),
        decimal=",",
    )
    assert found.kind is Kind.EXCEL
    assert found.types == {
        "id": "int64",
        "day": "date32[day]",
        "at": "timestamp[us]",
        "total": "decimal128(38, 1)",
        "paid": "bool",
        "name": "string",
        "time": "string",
        "length": "int64",
        "mixed": "string",
    }
    assert found.rows == [
        (1, date(2024, 2, 29), datetime(2024, 2, 29, 13, 5), Decimal("0.3"), True, "Ana", "04:05:00", 86400, "1,5"),
        (2, date(2024, 3, 1), datetime(2024, 3, 1), Decimal("12.5"), False, " b ", "04:06:00", 7200, "1,5"),
    ]


def test_dates_among_texts_are_written_as_the_source_writes_dates(tmp_path: Path) -> None:
    path = book(tmp_path, [("at",), (date(2024, 2, 1),), (datetime(2024, 2, 1, 9, 30),), ("01/02/2024",)])
    assert land(path, date="%d/%m/%Y").rows == [("01/02/2024",), ("01/02/2024 09:30:00",), ("01/02/2024",)]


def test_rows_bear_their_number_and_blank_ones_are_counted(tmp_path: Path) -> None:
    path = book(tmp_path, [("Orders of May",), (), ("id", "total"), (1, 5), (), (2, 6), (" ", None)])
    found = land(path, skip=2)
    assert found.header == ("id", "total")
    assert [(row["_line"], row["id"]) for row in found.table.to_pylist()] == [(4, 1), (6, 2)]
    assert (found.blank, found.quarantined) == (2, 0)


def test_a_table_may_stand_anywhere_and_columns_without_a_name_count_when_filled(tmp_path: Path) -> None:
    path = book(tmp_path, [(), (None, None, "id", "total", None, None), (None, None, 1, 5, None, "note")])
    found = land(path)
    assert found.header == ("id", "total", "column 6")
    assert found.rows == [(1, 5, "note")]


@pytest.mark.parametrize(("header", "names"), [(False, ("column 1", "column 2")), (("No", "Sum"), ("No", "Sum"))])
def test_a_sheet_may_have_no_header(header: bool | tuple[str, ...], names: tuple[str, ...], tmp_path: Path) -> None:
    found = land(book(tmp_path, [(1, 5), (2, 6)]), header=header)
    assert (found.header, found.rows) == (names, [(1, 5), (2, 6)])


def test_the_first_sheet_with_rows_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.create_sheet("Orders").append(["id"])
    made["Orders"].append([1])
    made.create_sheet("Returns").append(["id"])
    made["Returns"].append([2])
    made.save(tmp_path / "book.xlsx")
    assert land(tmp_path / "book.xlsx").rows == [(1,)]
    assert land(tmp_path / "book.xlsx", sheet="Returns").rows == [(2,)]
    with pytest.raises(SourceError, match=r"book.xlsx has no sheet 'Return'; known: .* Did you mean 'Returns'\?"):
        land(tmp_path / "book.xlsx", sheet="Return")


def test_errors_uncalculated_formulas_and_merged_cells_make_their_row_bad(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (("id", "total"), (1, 5), (2, "#N/A"), (3, "=B2*2"), (4, 8), (None, 9), (6, 10)):
        sheet.append(row)
    sheet.merge_cells("A5:A6")
    made.save(tmp_path / "book.xlsx")
    found = land(tmp_path / "book.xlsx")
    assert found.rows == [(1, 5), (4, 8), (6, 10)]
    assert found.bad == [
        (3, "2 | ", "cell B3 is #N/A"),
        (4, "3 | ", "cell B4 is a formula that was never calculated; open the workbook in Excel and save it"),
        (6, " | 9", "cell A6 is merged with A5; unmerge the cells"),
    ]


def test_a_formula_counts_by_the_value_it_had_when_it_was_saved(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>total</t></is></c><c r="B1" t="str"><f>"x"</f><v>name</v></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    )
    assert land(raw_book(tmp_path / "book.xlsx", sheet_of(rows))).rows == [(2, None)]


def test_a_sheet_too_large_for_one_grid_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("id", "total", None), *((number, number / 4, "x" if number == 70 else None) for number in range(100))]
    rows[50] = (None, None, None)
    path = book(tmp_path, rows)
    whole = land(path)
    monkeypatch.setattr(workbook, "GRID", 20)
    into = tmp_path / "rows.jsonl"
    workbook.convert(str(path), str(into), None, "orders.xlsx", "shop")
    heading = excel.heading_of(into, Format(), name="orders.xlsx", source="shop")
    sliced = [row for row in excel.sheet_rows(into, heading) if not row.blank]
    assert [row.line for row in sliced] == [row["_line"] for row in whole.table.to_pylist()]
    assert [tuple((row.cells or {}).get(name) for name in whole.header) for row in sliced] == whole.rows
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "landed-0.parquet",
        "orders.xlsx",
        "rows.jsonl",
        "stage",
    ]


def test_one_cell_at_the_far_end_is_refused_at_once(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>'
    path = raw_book(tmp_path / "sparse.xlsx", sheet_of(f'<row r="1"><c r="A1"><v>1</v></c></row>{far}'))
    assert path.stat().st_size < 3000
    start = clock.monotonic()
    with pytest.raises(SourceError) as caught:
        land(path)
    assert clock.monotonic() - start < 10
    assert str(caught.value) == (
        "source 'shop': sheet 'Orders' of sparse.xlsx has 2 cells spread over 1,048,576 rows and 702 columns; "
        "delete what stands far from the table."
    )


def test_a_reader_that_wants_too_much_memory_dies_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MEMORY_BYTES", 60 << 20)
    path = book(tmp_path, [("id",), *((token_hex(15_000),) for _ in range(2000))])
    with pytest.raises(SourceError, match=r"orders.xlsx could not be read as a workbook: it needs more than 60 MB"):
        land(path)


def test_a_document_type_is_refused_before_any_entity_is_known(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + sheet_of('<row r="1"><c r="A1"><v>&b;</v></c></row>')
    with pytest.raises(SourceError, match=r"declares a document type, as no workbook does"):
        land(raw_book(tmp_path / "book.xlsx", bomb))


def test_a_sheet_that_unpacks_to_far_more_than_it_is_refused(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "bomb.xlsx", sheet_of(" " * (80 << 20)))
    with pytest.raises(SourceError, match=r"unpacked it is more than 200 times its size"):
        land(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(100), "is an old or password-protected Excel file; save it as .xlsx"),
        (sheet_of("<row"), "orders.xlsx is a damaged workbook"),
        (sheet_of(""), "orders.xlsx is empty: no sheet of it has a row"),
    ],
)
def test_what_is_no_readable_workbook_is_refused(content: bytes | str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        raw_book(path, content)
    with pytest.raises(SourceError, match=said):
        land(path)


def test_a_cut_off_workbook_is_refused_whole(tmp_path: Path) -> None:
    path = book(tmp_path, [("id",), (1,)])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match=r"orders.xlsx is a damaged zip file"):
        land(path)


def test_binary_and_open_document_books_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = raw_book(tmp_path / "book.xlsb", "", extra={"xl/workbook.bin": ""})
    with pytest.raises(SourceError, match=r"book.xlsb is a binary workbook; save it as .xlsx"):
        land(path)
