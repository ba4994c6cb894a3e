"""Small files are typed together, and each is found as it is when it is typed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from clientela.capture.conform import batches
from clientela.capture.conform.batches import TypedBatches
from clientela.capture.conform.conformed import Conformed
from clientela.capture.conform.several import FILES, ROWS, portions
from tests.unit.capture.workspaces import ORDERS, Workspace

SETTINGS = ORDERS.replace(
    "[source.columns]",
    'max_bad = 1.0\n[source.columns]\ncustomer_ref = "Who"\ncurrency = "Money"\nquantity = "Pcs"\nline_no = "Line"\n',
)
RATES = """
[[source]]
name = "bank"
table = "exchange_rate"
path = "rates.csv"
delivery = "append"
"""
HEADER = "No,Who,Date,Money,Total,Pcs,Line"
FILES_OF_THE_SHOP = {
    "orders-1.csv": ["1,ana,2024-01-31 23:30,EUR,5.5,1,1", "2,ben,2024-02-01 08:00,USD,10,2,1"],
    "orders-2.csv": ["3,ana,2024-02-01 23:59:59,,7,1,1", "", "4,,2024-02-02,USD,-3,1,1"],
    "orders-3.csv": ["5,cleo,2024-03-31 02:30,EUR,1,1,1"],
    "orders-4.csv": ["6,dan,yesterday,EUR,1,1,1", "7,eve,2024-03-31,EUR,1,1,1"],  # a value that breaks a rule
    "orders-5.csv": ["8,fay,2024-04-01,EUR,1,1,1", "8,fay,2024-04-01,EUR,2,1,1"],  # two rows of one key
    "orders-6.csv": ["9,gus,2024-04-02,EUR,1,1,1", '10,"hal,2024-04-03,EUR,1,1,1'],  # a line that is no record
    "orders-7.csv": [],
    "orders-8.csv": ["11,ana,2024-04-04,CHF,1,1,1", "12,ivy,2024-04-04,EUR,1,1,1"],  # no rate is known
}
CLEAN = {"orders-1.csv", "orders-2.csv", "orders-3.csv"}


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path, SETTINGS + RATES)
    made.write("rates.csv", "on,currency,rate", "2024-01-01,USD,0.9", "2024-02-02,USD,0.95")
    for name, lines in FILES_OF_THE_SHOP.items():
        made.write(name, HEADER, *lines)
    made.run()
    return made


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that were typed by a statement of their own."""
    paths, write = [], TypedBatches._write

    def noted(self: TypedBatches, *given: Any) -> None:
        paths.append(given[1].path)
        write(self, *given)

    monkeypatch.setattr(TypedBatches, "_write", noted)
    yield paths


def _said(found: Conformed) -> dict[str, Any]:
    """All that a typed batch says."""
    files = {"facts": found.facts, "refs": found.refs, "quarantine": found.quarantine}
    return {
        "count": asdict(found.count),
        "columns": found.columns,
        "days": (found.first_on, found.last_on),
        **{name: sorted(map(repr, pq.read_table(path).to_pylist())) for name, path in files.items() if path},
        **{
            f"types of {name}": [(each.name, each.type) for each in pq.read_schema(path)]
            for name, path in files.items()
            if path
        },
    }


def test_what_is_typed_together_is_what_is_typed_alone(
    shop: Workspace, alone: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = {each.batch.path: _said(each) for each in shop.conform()}
    assert {*alone} == {*FILES_OF_THE_SHOP, "rates.csv"} - CLEAN
    for place in (shop.folder / "landing" / "conformed").iterdir():
        for file in place.iterdir():
            file.unlink()
    monkeypatch.setattr(batches, "portions", lambda _: iter(()))
    alone.clear()
    assert {each.batch.path: _said(each) for each in shop.conform()} == together
    assert {*alone} == {*FILES_OF_THE_SHOP, "rates.csv"}


@pytest.mark.parametrize("named_from_here", [True, False])
def test_so_it_is_wherever_the_workspace_lies(
    tmp_path: Path, alone: list[str], named_from_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Ana's shop, Málaga"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shop = Workspace(Path() if named_from_here else folder)
    for number in (1, 2):
        shop.write(f"orders-{number}.csv", "No,Date,Total", f"{number},2024-01-31,5")
    shop.run()
    assert [pq.read_table(each.facts)["order_id"].to_pylist() for each in shop.conform()] == [["1"], ["2"]]
    assert alone == []


def test_nothing_is_left_of_the_work(shop: Workspace) -> None:
    shop.conform()
    names = [each.name for each in (shop.folder / "landing" / "conformed").rglob("*")]
    assert not [name for name in names if name.endswith(".part") or name in ("all", "keys")]


def test_files_of_which_one_column_is_named_as_the_engine_names_files_are_typed_alone(
    tmp_path: Path, alone: list[str]
) -> None:
    shop = Workspace(tmp_path, ORDERS.replace('"No"', '"FileName"'))
    for number in (1, 2):
        shop.write(f"orders-{number}.csv", "FileName,Date,Total", f"{number},2024-01-31,5")
    shop.run()
    found = shop.conform()
    assert sorted(alone) == ["orders-1.csv", "orders-2.csv"]
    assert [pq.read_table(each.facts)["order_id"].to_pylist() for each in found] == [["1"], ["2"]]


def test_columns_of_one_name_and_two_types_are_typed_apart(tmp_path: Path, alone: list[str]) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("csv", "xlsx"))
    for name, day in (("a", datetime(2024, 1, 31)), ("b", datetime(2024, 2, 1)), ("c", "2024-02-02 10:00")):
        book = Workbook()
        for row in (("No", "Date", "Total"), (name, day, "5")):
            book.active.append(row)
        book.save(tmp_path / f"orders-{name}.xlsx")
    shop.run()
    found = shop.conform()
    assert alone == ["orders-c.xlsx"]
    days = [pq.read_table(each.facts)["ordered_on"].to_pylist() for each in found]
    assert days == [[date(2024, 1, 31)], [date(2024, 2, 1)], [date(2024, 2, 2)]]


def test_a_portion_is_of_so_many_files_and_rows_and_never_one_alone() -> None:
    assert [len(each) for each in portions([("f", 1)] * (2 * FILES + 1))] == [FILES, FILES]
    assert list(portions([("a", ROWS - 1), ("b", 1), ("c", 1)])) == [["a", "b"]]
    assert list(portions([("a", ROWS), ("b", 1), ("c", 2)])) == [["b", "c"]]
    assert list(portions([])) == []
