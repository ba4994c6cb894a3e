"""A file is what its content says, unless the settings say otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientela.capture.files.kinds import Kind, parts_of, tags
from clientela.config import Format
from clientela.errors import SourceError
from tests.unit.capture.files.reading import land, land_text


@pytest.mark.parametrize(
    ("content", "form", "kind"),
    [
        (b"id,total\n1,2\n", {}, Kind.CSV),
        (b"", {}, Kind.CSV),
        (b'{"id": 1}', {}, Kind.JSON),
        (b'\xef\xbb\xbf \n{"id": 1}', {}, Kind.JSON),
        ('{"id": 1}'.encode("utf-16"), {}, Kind.JSON),
        (b'[\n {"id": 1}]', {}, Kind.JSON),
        (b"[id],[total]\n", {}, Kind.CSV),
        (b'{"id": 1}', {"kind": "csv"}, Kind.CSV),
        (b"id,total\n", {"kind": "json"}, Kind.JSON),
    ],
)
def test_content_decides_unless_the_settings_do(content: bytes, form: Any, kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "orders.txt").write_bytes(content)
    (part,) = parts_of(tmp_path / "orders.txt", Format(**form), stage=tmp_path / "stage", source="shop")
    assert part.file.kind is kind


@pytest.mark.parametrize(
    ("name", "form", "rows"),
    [
        ("a.tsv", {}, [("1", "2,5")]),
        ("a.TAB", {}, [("1", "2,5")]),
        ("a.tsv", {"delimiter": ","}, [("5",)]),
        ("a.csv", {"delimiter": "\t"}, [("1", "2,5")]),
    ],
)
def test_a_tsv_is_split_at_tabs_unless_a_delimiter_is_stated(
    name: str, form: Any, rows: list[object], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("id\ttotal\n1\t2,5\n" if rows != [("5",)] else "id\ttotal\n5\n")
    assert land(path, **form).rows == rows


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"SQLite format 3\x00", "is a SQLite database; export the table as CSV"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; deliver it as zip or gzip"),
        (b"%PDF-1.7", "is a PDF; deliver the table itself"),
        (b"PARE....", "is an encrypted Parquet file"),
        (b"Obj\x01....", "is an Avro file; deliver it as Parquet or JSON lines"),
    ],
)
def test_what_is_not_read_is_refused_with_what_to_do(start: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=said):
        land_text(tmp_path, start + bytes(100), "orders.csv")


def test_a_stated_kind_must_be_the_files_own(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), tmp_path / "orders.parquet")
    with pytest.raises(SourceError, match=r"orders.parquet is no csv file, as format.kind says; leave format.kind out"):
        land(tmp_path / "orders.parquet", kind="csv")


def test_what_changes_the_landed_cells_changes_the_tag() -> None:
    plain = tags(Format())
    assert len(plain) == 5  # CSV, TSV, JSON, workbook, and Parquet's empty one
    assert tags(Format(delimiter=",")) < plain
    assert "" in tags(Format(kind="parquet")) and len(tags(Format(kind="parquet"))) == 1
    for changed in (Format(skip=1), Format(decimal=","), Format(sheet="May"), Format(encoding="cp1252")):
        assert tags(changed) != plain
    assert tags(Format(member="*.csv")) == plain
