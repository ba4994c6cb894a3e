"""Files as they arrive: packed ones as what they hold, changing ones not at all, known ones without reading."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import openpyxl
import pytest

from clientela.capture.files import csv_reader, excel
from clientela.capture.mapping import section_of, understand
from clientela.config import load
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.workspaces import ORDERS, Workspace, rows, states

HEADER = "No,Date,Total"
ANY = ORDERS.replace("orders*.csv", "orders*")


@pytest.mark.parametrize("then", ["grown", "gone"])
def test_a_file_that_changes_while_it_is_read_is_refused_for_this_run(
    then: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    path, careful = tmp_path / "orders.csv", csv_reader.read_csv

    def read_and_change(*arguments: object, **named: object) -> object:
        count = careful(*arguments, **named)  # type: ignore[arg-type] # as they came
        path.write_text(path.read_text() + "2,2024-01-02,6\n") if then == "grown" else path.unlink()
        return count

    monkeypatch.setattr(csv_reader, "read_csv", read_and_change)
    found = shop.run()
    assert states(found) == [("orders.csv", "refused")]
    assert found[0].note == "source 'shop': orders.csv changed while it was read."
    assert Landing(tmp_path).arrivals() == ()
    monkeypatch.undo()
    shop.write("orders.csv", HEADER, "1,2024-01-01,5", "2,2024-01-02,6")
    assert states(shop.run()) == [("orders.csv", "landed")]


def test_the_files_of_a_zip_land_each_and_are_known_again(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ANY)
    with zipfile.ZipFile(tmp_path / "orders-may.zip", "w") as packed:
        packed.writestr("a.csv", f"{HEADER}\n1,2024-01-01,5\n")
        packed.writestr("in/b.csv", f"{HEADER}\n2,2024-01-01,6\n")
    names = ["orders-may.zip/a.csv", "orders-may.zip/in/b.csv"]
    assert states(shop.run()) == [(name, "landed") for name in names]
    assert states(shop.run()) == [(name, "unchanged") for name in names]
    assert [rows(each.facts, "order_id") for each in shop.conform()] == [[("1",)], [("2",)]]
    assert not (tmp_path / "landing" / "unpacked").exists()


def test_a_member_of_a_zip_belongs_to_the_section_whose_files_the_zip_is_one_of(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ANY.replace("orders*", "in/*.zip") + ANY.replace("orders*", "old/**/*.zip"))
    del shop
    sections = understand(load(tmp_path, {}))
    found = {
        path: section_of(sections, "shop", "order_line", path)
        for path in ("in/may.zip/a/b.csv", "old/may.zip/b.csv", "else/may.zip/b.csv")
    }
    assert [each and each.source.path for each in found.values()] == ["in/*.zip", "old/**/*.zip", None]


def test_what_a_crash_left_unpacked_is_removed(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ANY)
    left = tmp_path / "landing" / "unpacked" / "unpacked-1"
    left.mkdir(parents=True)
    (left / "orders.csv").write_text("half")
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n1,2024-01-01,5\n".encode()))
    assert states(shop.run()) == [("orders.csv.gz", "landed")]
    assert not left.exists()


def test_a_workbook_that_is_in_the_landing_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workspace(tmp_path, ANY)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append([1, "2024-01-01", 5.25])
    book.save(tmp_path / "orders.xlsx")
    assert states(shop.run()) == [("orders.xlsx", "landed")]
    monkeypatch.delattr(excel, "read_workbook")
    assert states(shop.run()) == [("orders.xlsx", "unchanged")]


def test_a_row_of_json_is_quarantined_with_its_line_and_its_text(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ANY)
    good = [f'{{"No": {number}, "Date": "2024-01-01", "Total": 1.5}}' for number in range(200)]
    shop.write("orders.jsonl", *good, '{"No": 201, "No": 202}', '{"No": 203, "Date": "2024-01-01", "Total": "x"}')
    found = shop.conformed()
    assert (found.accepted, found.quarantined) == (200, 2)
    assert rows(found.quarantine, "line", "column_name", "value") == [
        (201, "", '{"No": 201, "No": 202}'),
        (202, "Total", "x"),
    ]
