"""Cells are spoiled as often as the world says, and it is known which: place, kind, what stood there, what does."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

from clientela.testing.company.exports.dirt.known import known
from clientela.testing.company.exports.dirt.spoiled import DIRT, Spoiled, spoilt
from clientela.testing.company.exports.forms import Csv, Form, Json, Sheet, Workbook, content
from clientela.testing.company.exports.settings import ALL
from clientela.testing.company.world import DIRTY, World

ROWS = 2_000
TILL = "till-sales-2023-W01.csv"


def texts(pattern: str, size: int = ROWS) -> pa.Array:
    return pa.array([pattern.format(n=n, d=1 + n % 28) for n in range(size)])


def till(size: int = ROWS) -> Sheet:
    nobody = pa.array([None if n % 5 == 0 else f"6009{n:08}" for n in range(size)])
    return Sheet(
        {
            "Ticket": texts("T{n}", size),
            "Línea": texts("1", size),
            "Tarjeta": nobody,
            "Fecha": texts("{d:02}/07/2023 14:30:00", size),
            "Artículo": texts("P0001", size),
            "Cantidad": texts("2", size),
            "Importe": texts("{n},50", size),
            "Descuento": texts("0,00", size),
            "Coste": texts("1,25", size),
            "Pago": texts("tarjeta", size),
        },
        Csv(";", "cp1252", quoted=False),
    )


def of(sheet: Sheet, name: str = TILL, week: int = 0, **shares: float) -> Spoiled:
    world = World.plain(**shares)
    told = known(ALL, name, tuple(sheet.columns))
    assert told is not None
    return spoilt(world, week, name, sheet, told)


def rows_of(spoiled: Spoiled) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spoiled.wrong.to_pylist()
    return found


def cells(spoiled: Spoiled, encoding: str = "cp1252", delimiter: str = ";") -> dict[int, dict[str, str]]:
    """The records of a file by their first line."""
    reader = csv.reader(io.StringIO(spoiled.content.decode(encoding), newline=""), delimiter=delimiter)
    names, before = next(reader), reader.line_num
    found = {}
    for row in reader:
        found[before + 1] = dict(zip(names, row, strict=False))
        before = reader.line_num
    return found


def test_without_dirt_a_file_is_what_its_table_says() -> None:
    sheet = till(50)
    clean = of(sheet)
    assert clean.content == content(sheet)
    assert clean.wrong.num_rows == 0
    assert clean.wrong.schema == DIRT


CELL = {
    "unreadable_numbers": ("quarantine", {"Cantidad", "Importe", "Descuento", "Coste"}),
    "unreadable_dates": ("quarantine", {"Fecha"}),
    "impossible_dates": ("quarantine", {"Fecha"}),
    "future_dates": ("weak", {"Fecha"}),
    "negatives": ("weak", {"Cantidad"}),
    "lost_keys": ("quarantine", {"Ticket", "Línea", "Fecha", "Importe"}),
    "lost_values": ("missing", {"Tarjeta", "Artículo", "Cantidad", "Descuento", "Coste", "Pago"}),
    "unknown_products": ("weak", {"Artículo"}),
    "stand_ins": ("unseen", {"Tarjeta"}),
    "trailing_junk": ("quarantine", {"Fecha", "Cantidad", "Importe", "Descuento", "Coste"}),
    "spaces": ("read", {"Ticket", "Línea", "Tarjeta", "Artículo", "Cantidad", "Importe", "Descuento", "Coste", "Pago"}),
    "embedded": ("unseen", {"Pago"}),
    "spelt_nulls": ("unseen", {"Tarjeta"}),
}


@pytest.mark.parametrize("kind", CELL)
def test_a_spoiled_cell_stands_where_the_truth_says(kind: str) -> None:
    spoiled = of(till(), **{kind: 0.2})
    expected, columns = CELL[kind]
    there = cells(spoiled)
    told = rows_of(spoiled)
    assert {each["column"] for each in told} == columns
    assert {each["expected"] for each in told} == {expected}
    for each in told:
        assert there[each["line"]][each["column"]] == (each["written"] or "")
        assert each["written"] != each["stood"]
        if kind != "lost_keys" and not (kind == "spaces" and each["column"] in ("Ticket", "Línea")):
            assert "|".join(there[each["line"]][name] for name in ("Ticket", "Línea")) == each["key"]
    clean = cells(of(till()))
    changed = {each["key"] for each in told}
    untouched = {row["Ticket"]: row for row in there.values() if f"{row['Ticket']}|1" not in changed}
    assert all(untouched[row["Ticket"]] == row for row in clean.values() if f"{row['Ticket']}|1" not in changed)


def test_a_date_in_the_wrong_order_is_seen_only_where_there_is_no_such_month() -> None:
    told = rows_of(of(till(), swapped_dates=1.0))
    assert {each["expected"] for each in told if int(each["stood"][:2]) > 12} == {"quarantine"}
    assert {each["expected"] for each in told if int(each["stood"][:2]) < 12} == {"unseen"}
    assert not any(each["stood"].startswith("07/07") for each in told)  # the same in both orders
    assert next(each["written"] for each in told if each["stood"].startswith("13")) == "07/13/2023 14:30:00"


def test_cents_for_euros_are_a_hundred_times_as_much() -> None:
    told = [each for each in rows_of(of(till(), unit_slips=1.0)) if each["column"] == "Importe"]
    assert {(each["expected"], each["rule"]) for each in told} == {("weak", "price")}
    assert all(int(each["written"]) == 100 * float(each["stood"].replace(",", ".")) for each in told)


def test_as_many_rows_are_spoiled_as_the_world_says_and_none_twice() -> None:
    told = rows_of(of(till(20_000), unreadable_numbers=0.02, lost_values=0.05, truncated=0.03))
    counted = Counter(each["kind"] for each in told)
    assert counted["unreadable_numbers"] / 20_000 == pytest.approx(0.02, abs=0.003)
    assert counted["truncated"] / 20_000 == pytest.approx(0.03, abs=0.004)
    # a customer who is not known cannot be lost: one cell of six, one row of five
    assert counted["lost_values"] / 20_000 == pytest.approx(0.05 * (1 - 1 / 30), abs=0.005)
    assert max(Counter(each["line"] for each in told).values()) == 1


def test_lines_are_counted_past_records_of_two_lines_and_rows_that_come_twice() -> None:
    shares = {"embedded": 0.1, "doubled_rows": 0.1, "clashing_rows": 0.1, "truncated": 0.1, "lost_values": 0.1}
    spoiled = of(till(500), **shares)
    there = cells(spoiled)
    for each in rows_of(spoiled):
        if each["kind"] == "lost_values":
            assert there[each["line"]][each["column"]] == ""
        elif each["kind"] == "truncated":
            assert len(there[each["line"]]) < 10
        else:
            assert there[each["line"]]["Ticket"] == each["key"].partition("|")[0]
    doubled = [each["line"] for each in rows_of(spoiled) if each["kind"] == "doubled_rows"]
    assert all(there[line] == there[line - 1] for line in doubled)
    clashing = [each["line"] for each in rows_of(spoiled) if each["kind"] == "clashing_rows"]
    for first, second in zip(clashing[::2], clashing[1::2], strict=True):
        different = [name for name in there[first] if there[first][name] != there[second][name]]
        assert (second - first, len(different)) == (1, 1)


@pytest.mark.parametrize("kind", ["broken_bytes", "misquoted", "truncated"])
def test_a_row_that_is_no_record_spoils_no_other(kind: str) -> None:
    sheet = till(300)
    spoiled = of(sheet, **{kind: 0.1})
    clean, dirty = content(sheet).split(b"\n"), spoiled.content.split(b"\n")
    wrong = {each["line"] for each in rows_of(spoiled)}
    assert 10 < len(wrong) < 60
    assert len(clean) == len(dirty)
    assert {number for number, (one, other) in enumerate(zip(clean, dirty, strict=True), 1) if one != other} == wrong


def test_json_lines_are_spoiled_too_and_what_is_no_number_becomes_a_text() -> None:
    sheet = Sheet(
        {"order": texts("WEB-{n}"), "line": texts("1"), "sku": texts("P1"), "total": texts("{n}.50")},
        Json(frozenset({"line", "total"})),
    )
    spoiled = of(sheet, "shop-lines-W.jsonl", unreadable_numbers=0.1, truncated=0.1, unit_slips=0.1)
    lines = spoiled.content.decode().splitlines()
    for each in rows_of(spoiled):
        said = lines[each["line"] - 1]
        if each["kind"] == "truncated":
            with pytest.raises(json.JSONDecodeError):
                json.loads(said)
        else:
            kind = str if each["kind"] == "unreadable_numbers" else int
            assert json.loads(said)["total"] == kind(each["written"])


def test_a_workbook_is_typed_and_what_is_spoiled_in_it_is_a_text() -> None:
    sheet = Sheet(
        {"Nr": texts("N{n}", 200), "Fecha": texts("{d:02}/07/2023 14:30:00", 200), "Nota": texts("7", 200)},
        Workbook("Respuestas", "Encuesta", ("Notes",), frozenset({"Nota"}), {"Fecha": "%d/%m/%Y %H:%M:%S"}),
    )
    shares = {"unreadable_numbers": 0.2, "unreadable_dates": 0.2, "doubled_rows": 0.2}
    spoiled = of(sheet, "answers-W.xlsx", **shares)
    assert spoiled.content == of(sheet, "answers-W.xlsx", **shares).content
    made_at = {each.date_time for each in zipfile.ZipFile(io.BytesIO(spoiled.content)).infolist()}
    assert made_at == {(1980, 1, 1, 0, 0, 0)}  # its bytes know no clock
    book = openpyxl.load_workbook(io.BytesIO(spoiled.content))
    page = book["Respuestas"]
    assert (page["A1"].value, page["A2"].value, page["A3"].value, book.sheetnames[1]) == (
        "Encuesta",
        None,
        "Nr",
        "Info",
    )
    wrong = {each["line"]: each for each in rows_of(spoiled)}
    places = {"Nr": "A", "Fecha": "B", "Nota": "C"}
    for row in range(4, page.max_row + 1):
        told = wrong.get(row)
        if told is None:
            assert isinstance(page[f"B{row}"].value, datetime)
            assert page[f"C{row}"].value == 7
        elif told["kind"] != "doubled_rows":
            assert page[f"{places[told['column']]}{row}"].value == told["written"]


def test_each_kind_of_form_and_column_is_drawn_apart_and_the_same_each_time() -> None:
    shares = dict.fromkeys(DIRTY, 0.02)
    assert of(till(), **shares).content == of(till(), **shares).content
    assert of(till(), **shares).content != of(till(), week=1, **shares).content
    other = of(till(), seed=2, **shares)
    assert other.content != of(till(), **shares).content


def test_a_file_that_is_sent_whole_each_week_keeps_its_rows() -> None:
    sheet = Sheet(
        {"Artículo": texts("P{n}"), "Nombre": texts("garden {n}"), "Coste": texts("1,00"), "Tarifa": texts("2,00")},
        Csv(";"),
    )
    told = rows_of(of(sheet, "products.csv", **dict.fromkeys(DIRTY, 0.02)))
    assert told
    assert "quarantine" not in {each["expected"] for each in told}


def test_what_other_rows_hang_on_stays_clean() -> None:
    heads = Sheet({"order": texts("WEB-{n}"), "placed": texts("2023-01-0{n}")}, Json())
    assert known(ALL, "shop-orders-2023-W01.jsonl", tuple(heads.columns)) is None
    assert known(ALL, "rates-2023-W01.csv", ("currency", "day", "rate")) is None


@pytest.mark.parametrize("form", [Csv(";", quoted=False), Csv(",", quoted=True), Csv("\t")], ids=str)
def test_texts_come_back_as_they_were(form: Form) -> None:
    hard = [None, "a", 'say "so"', "a;b,c\td", "two\nlines", "é", "0"]
    assert isinstance(form, Csv)
    written = content(Sheet({"x": pa.array(hard), "y": pa.array(hard[::-1])}, form)).decode()
    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=form.delimiter))
    assert rows == [["x", "y"], *([one or "", other or ""] for one, other in zip(hard, hard[::-1], strict=True))]


def test_a_table_without_a_row_is_a_header() -> None:
    none = Sheet({"x": pa.array([], pa.string()), "y": pa.array([], pa.string())}, Csv(","))
    assert content(none) == b'"x","y"\n'
    assert content(Sheet(none.columns, Json())) == b""
    assert np.frombuffer(content(Sheet(none.columns, Workbook("S", "T", ()))), np.uint8).size > 0
