"""The same orders in every format there is give the same tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.pipeline.company import HEADER, NOW, buying, shop
from tests.pipeline.light import take

Lines = Sequence[Sequence[object]]


def as_csv(lines: Lines, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([HEADER, *lines])
    return text.getvalue().encode()


def write_csv(path: Path, lines: Lines) -> None:
    path.write_bytes(as_csv(lines))


def write_tsv(path: Path, lines: Lines) -> None:
    path.write_bytes(as_csv(lines, "\t"))


def write_gzip(path: Path, lines: Lines) -> None:
    path.write_bytes(gzip.compress(as_csv(lines)))


def write_zip(path: Path, lines: Lines) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("exports/orders.csv", as_csv(lines))


def write_json(path: Path, lines: Lines) -> None:
    records = [json.dumps(dict(zip(HEADER, line, strict=True))) for line in lines]
    path.write_text("\n".join(records), encoding="utf-8")


def write_array(path: Path, lines: Lines) -> None:
    path.write_text(json.dumps([dict(zip(HEADER, line, strict=True)) for line in lines], indent=1), encoding="utf-8")


def write_parquet(path: Path, lines: Lines) -> None:
    columns = dict(zip(HEADER, map(list, zip(*lines, strict=True)), strict=True))
    typed = columns | {
        "ordered_at": [datetime.fromisoformat(str(each)) for each in columns["ordered_at"]],
        "quantity": [int(str(each)) for each in columns["quantity"]],
        "cost_of_goods": [Decimal(str(each)) for each in columns["cost_of_goods"]],
    }
    pq.write_table(pa.table(typed), path)


def write_excel(path: Path, lines: Lines) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for line in lines:
        cells = dict(zip(HEADER, line, strict=True))
        cells |= {
            "ordered_at": datetime.fromisoformat(str(cells["ordered_at"])),
            "quantity": int(str(cells["quantity"])),
        }
        sheet.append(list(cells.values()))
    book.save(path)


FORMATS: Mapping[str, Callable[[Path, Lines], None]] = {
    "orders-1.csv": write_csv,
    "orders-1.tsv": write_tsv,
    "orders-1.jsonl": write_json,
    "orders-1.json": write_array,
    "orders-1.parquet": write_parquet,
    "orders-1.xlsx": write_excel,
    "orders-1.csv.gz": write_gzip,
    "orders-1.zip": write_zip,
}


def tables_of(folder: Path, name: str, lines: Lines) -> Mapping[str, tuple[int, int]]:
    """The tables of a company whose orders came as this file."""
    folder.mkdir()
    company = shop(folder)
    (folder / "secrets" / "pseudonym.key").write_text("5e" * 32)
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text().replace("orders-*.csv", "orders-*"))
    FORMATS[name](company.exports / name, lines)
    take(company, 1)
    return company.workspace.fingerprints()


def test_the_same_orders_give_equal_tables_in_every_format(tmp_path: Path) -> None:
    lines = buying(60)
    expected = tables_of(tmp_path / "csv", "orders-1.csv", lines)
    assert expected["order_line"][0] == len(lines)
    for name in FORMATS:
        found = tables_of(tmp_path / name, name, lines)
        assert {table for table in found if found[table] != expected[table]} == set(), name


def test_the_same_export_packed_is_a_replay(tmp_path: Path) -> None:
    company = shop(tmp_path)
    toml = tmp_path / "clientela.toml"
    toml.write_text(toml.read_text().replace("orders-*.csv", "orders-*"))
    lines = buying(20)
    write_csv(company.exports / "orders-1.csv", lines)
    company.workspace.run(now=NOW)
    before = company.workspace.fingerprints()["order_line"]
    write_zip(company.exports / "orders-2.zip", lines)
    write_gzip(company.exports / "orders-3.csv.gz", lines)
    company.workspace.run(now=NOW)
    assert company.workspace.fingerprints()["order_line"] == before
    assert sorted(each.name for each in (tmp_path / "landing").iterdir() if each.name == "unpacked") == []


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_archive_is_refused_and_the_rest_is_published(damage: str, tmp_path: Path) -> None:
    company = shop(tmp_path)
    toml = tmp_path / "clientela.toml"
    toml.write_text(toml.read_text().replace("orders-*.csv", "orders-*"))
    lines = buying(40)
    write_csv(company.exports / "orders-1.csv", lines[:-10])
    write_gzip(company.exports / "orders-2.csv.gz", lines[-10:])
    path = company.exports / "orders-2.csv.gz"
    data = path.read_bytes()
    path.write_bytes(data[:-8] if damage == "cut" else data[:-8] + bytes(4) + data[-4:])
    company.workspace.run(now=NOW)
    assert company.workspace.fingerprints()["order_line"][0] == len(lines) - 10
