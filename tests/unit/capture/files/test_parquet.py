"""Parquet: read to its end when it lands, each type read right or named."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from clientela.capture.files.kinds import parts_of
from clientela.capture.reading import as_text, raw_of
from clientela.config import Format
from clientela.errors import SourceError
from clientela.warehouse.engine import Engine, read_parquet
from tests.unit.capture.files.reading import land


def written(folder: Path, table: pa.Table, **how: Any) -> Path:
    pq.write_table(table, folder / "orders.parquet", **how)
    return folder / "orders.parquet"


def as_typed(path: Path, name: str) -> list[Any]:
    """A landed column as text, as the typing of a batch reads it."""
    column = exp.column(exp.to_identifier(name, quoted=True))
    text = as_text(column, raw_of(pq.read_schema(path).field(name).type))
    with Engine.in_memory(threads=1) as engine:
        return list(engine.fetch(exp.select(exp.alias_(text, "said")).from_(read_parquet([path])))["said"].to_pylist())


IDENTIFIER = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["é", None], pa.large_string()), ["é", None]),
        (pa.array(["é", None], pa.string_view()), ["é", None]),
        (pa.array(["a", "a"]).dictionary_encode(), ["a", "a"]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 0]), pa.array([5, 7])), ["7", "5"]),
        (pa.array([2**64 - 1, None], pa.uint64()), ["18446744073709551615", None]),
        (pa.array([Decimal("1.50"), None], pa.decimal256(50, 2)), ["1.50", None]),
        (pa.array([Decimal("1.50"), None], pa.decimal256(20, 2)), ["1.50", None]),
        (pa.array([time(4, 5), None], pa.time64("us")), ["04:05:00", None]),
        (pa.array([timedelta(minutes=2), None], pa.duration("ns")), ["120", None]),
        (pa.array([1.5, None]).cast(pa.float16()), ["1.5", None]),
        (pa.array([1.5, 2.0]), ["1.5", "2"]),
        (pa.nulls(2), [None, None]),
        (pa.array([b"abc", b"\xff\x00"]), ["abc", "ff00"]),
        (pa.array([b"ab", None], pa.binary(2)), ["ab", None]),
        (pa.array([IDENTIFIER.bytes, None], pa.uuid()), [str(IDENTIFIER), None]),
        (pa.array(['{"a":1}', None], pa.json_()), ['{"a":1}', None]),
        (pa.array([datetime(2024, 2, 29, 1), None], pa.timestamp("ns")), ["2024-02-29 01:00:00", None]),
        (pa.array([date(2024, 2, 29), None], pa.date64()), ["2024-02-29", None]),
        (pa.array([[1, 2], None]), ["[1, 2]", None]),
        (pa.array([[{"a": 1.5}], [{"a": float("nan")}]]), ['[{"a": 1.5}]', '[{"a": null}]']),
        (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())), ['[["k", 1]]', None]),
    ],
    ids=lambda each: str(each.type) if isinstance(each, pa.Array) else None,
)
def test_each_type_reads_as_what_it_says(column: pa.Array, texts: list[str | None], tmp_path: Path) -> None:
    found = land(written(tmp_path, pa.table({"x": column})))
    assert found.header == ("x",)
    assert as_typed(tmp_path / "landed-0.parquet", "x") == texts


def test_structures_become_columns(tmp_path: Path) -> None:
    address = pa.array([{"city": "León", "geo": {"lat": 42.6}}, None, {"city": None, "geo": None}])
    found = land(written(tmp_path, pa.table({"id": [1, 2, 3], "address": address})))
    assert found.header == ("id", "address.city", "address.geo.lat")
    assert [tuple(row.values()) for row in found.table.to_pylist()] == [
        (1, "León", 42.6),
        (2, None, None),
        (3, None, None),
    ]


def test_plain_columns_are_kept_byte_for_byte(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"id": [1], "at": pa.array([0], pa.timestamp("us", "Europe/Madrid"))}))
    land(path)
    assert (tmp_path / "landed-0.parquet").read_bytes() == path.read_bytes()


def test_names_that_the_engine_could_not_tell_apart_are_made_distinct(tmp_path: Path) -> None:
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["Id", "id", "_line"])
    assert land(written(tmp_path, table)).header == ("Id", "id (2)", "_line (2)")


def test_a_file_that_is_torn_in_the_middle_is_refused_when_it_lands(tmp_path: Path) -> None:
    names = [f"customer {number * 7919 % 100_003}" for number in range(100_000)]
    path = written(tmp_path, pa.table({"id": names}), row_group_size=10_000, compression="snappy")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    assert pq.read_schema(path).names == ["id"]
    with pytest.raises(SourceError, match=r"orders.parquet is a damaged Parquet file: it cannot be read to its end"):
        land(path)


@pytest.mark.parametrize("cut", [1, 9, 100])
def test_a_file_whose_end_is_missing_is_refused(cut: int, tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"id": list(range(100))}))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(SourceError, match=r"orders.parquet is a damaged Parquet file; have it delivered again"):
        land(path)


def not_utf8() -> pa.Array:
    return pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff\xfe"]).buffers())


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (not_utf8(), "column 'x' of orders.parquet holds text that is not UTF-8"),
        (
            pa.array([2**60], pa.timestamp("ms")),
            "column 'x' of orders.parquet holds a moment outside the years 1 to 9999",
        ),
        (pa.array([2**30], pa.date32()), "column 'x' of orders.parquet holds a moment outside the years 1 to 9999"),
        (
            pa.array([Decimal("9" * 60)], pa.decimal256(60, 0)),
            r"column 'x' of orders.parquet holds a value of the type decimal256\(60, 0\) that cannot be read",
        ),
    ],
)
def test_what_could_not_be_read_later_is_refused_now_with_its_column(
    column: pa.Array, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=said):
        land(written(tmp_path, pa.table({"id": [1], "x": column})))


def test_a_file_without_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"orders.parquet has 0 columns; a table has 1 to 20,000"):
        land(written(tmp_path, pa.table({})))


def test_what_the_settings_call_parquet_and_is_not_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").write_text("id\n1\n")
    with pytest.raises(SourceError, match=r"orders.parquet is no parquet file, as format.kind says"):
        parts_of(tmp_path / "orders.parquet", Format(kind="parquet"), stage=tmp_path, source="shop")
