"""The engine speaks trees, binds values and keeps customer data out of its errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from clientela.errors import WarehouseError
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.writing import to_arrow, to_numpy

TEN = datetime.fromisoformat("2017-07-01T10:00")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.in_memory(threads=2) as engine:
        yield engine


def test_values_are_bound_and_only_those_the_tree_has(engine: Engine) -> None:
    rows = engine.fetch(
        parse_one("select cast(:a as bigint) + 1 as a", read="duckdb"), {"a": 1, "unused": "; drop table x"}
    )
    assert rows.to_pylist() == [{"a": 2}]


def test_a_missing_value_is_named(engine: Engine) -> None:
    with pytest.raises(WarehouseError, match="no value for parameter a, b"):
        engine.fetch(parse_one("select cast(:b as date) as b, cast(:a as date) as a", read="duckdb"))


def test_an_instant_with_a_zone_is_bound_as_utc(engine: Engine) -> None:
    madrid = timezone(timedelta(hours=2))
    tree = parse_one("select cast(:k as timestamp) as k", read="duckdb")
    for value in (
        datetime(2017, 7, 1, 12, tzinfo=madrid),
        datetime(2017, 7, 1, 10, tzinfo=UTC),
        TEN,
    ):
        assert engine.fetch(tree, {"k": value})["k"][0].as_py() == TEN


def test_an_error_names_table_and_sql_and_no_value(engine: Engine) -> None:
    engine.register("people", pa.table({"email": ["eve@example.org"]}))
    with pytest.raises(WarehouseError) as caught:
        engine.fetch(parse_one("select cast(email as int) as n from people", read="duckdb"))
    assert "eve" not in str(caught.value)
    assert str(caught.value) == "the engine failed on table 'people': conversion error"
    assert caught.value.table == "people"
    assert caught.value.sql == "SELECT CAST(email AS INT) AS n FROM people"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_unknown_column_is_named(engine: Engine) -> None:
    engine.register("people", pa.table({"email": ["eve@example.org"]}))
    with pytest.raises(WarehouseError, match='"emial" not found'):
        engine.fetch(parse_one("select emial from people", read="duckdb"))


def test_a_table_never_means_a_python_variable(engine: Engine) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(WarehouseError, match="secret"):
        engine.fetch(parse_one("select a from secret", read="duckdb"))
    assert secret.num_rows == 1


def test_parquet_is_written_whole_and_read_by_name(engine: Engine, tmp_path: Path) -> None:
    first, second = tmp_path / "it's [1].parquet", tmp_path / "b.parquet"
    assert write_parquet(engine, parse_one("select 1 as a, 'x' as b union all select :n, 'y'"), first, {"n": 2}) == 2
    assert write_parquet(engine, parse_one("select 'z' as b, 3 as a"), second) == 1
    rows = engine.fetch(exp.select("a", "b").from_(read_parquet([first, second])).order_by("a"))
    assert rows.to_pydict() == {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.parquet", "it's [1].parquet"]


def test_a_failed_write_leaves_what_was_there(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(engine, parse_one("select 1 as a"), path)
    with pytest.raises(WarehouseError):
        write_parquet(engine, parse_one("select cast(b as int) as a from (select 'x' as b) as t"), path)
    assert engine.fetch(exp.select("a").from_(read_parquet([path]))).to_pydict() == {"a": [1]}


def test_a_file_of_its_own_keeps_what_was_written(tmp_path: Path) -> None:
    with Engine.on_file(tmp_path / "own.duckdb") as engine:
        assert engine.run(parse_one("create table t as select 7 as a", read="duckdb")) == 1
    with Engine.in_memory() as engine:
        engine.attach(tmp_path / "own.duckdb", "own", read_only=True)
        engine.use("own")
        assert engine.fetch(parse_one("select a from t")).to_pylist() == [{"a": 7}]
        assert engine.tables("own") == {"t"}
        with pytest.raises(WarehouseError):
            engine.run(parse_one("delete from t"))


def test_arrays_come_out_with_nan_nat_and_none_for_null() -> None:
    columns = to_arrow(
        {
            "number": np.array([1.5, np.nan]),
            "day": np.array(["2017-10-01", "NaT"], dtype="datetime64[D]"),
            "text": np.array(["a", None], dtype=object),
        }
    )
    assert columns.to_pylist()[1] == {"number": None, "day": None, "text": None}
    assert np.isnan(to_numpy(columns["number"])[1])
    assert to_numpy(columns["day"]).dtype == np.dtype("datetime64[D]")
    assert np.isnat(to_numpy(columns["day"])[1])
    assert to_numpy(columns["text"]).tolist() == ["a", None]
    assert to_numpy(pa.chunked_array([[True, None]])).tolist() == [True, None]
    assert to_numpy(pa.chunked_array([[1, 2]])).dtype == np.int64


def test_sums_of_whole_numbers_are_exact(engine: Engine) -> None:
    tree = parse_one("select sum(a) as s from (values (9007199254740993), (1)) as t(a)", read="duckdb")
    assert engine.fetch(tree)["s"][0].as_py() == Decimal(9007199254740994)


def test_the_one_row_of_a_query_is_told_by_name() -> None:
    with Engine.in_memory(threads=1) as engine:
        counted = exp.select("count(*) as n", "min(i) is null as none").from_("range(3) as r(i)")
        assert engine.row(counted.where("i < :most"), {"most": 2}) == {"n": 2, "none": False}
