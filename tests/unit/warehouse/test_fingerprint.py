"""A fingerprint tells rows apart and nothing else."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.warehouse.engine import Engine
from clientela.warehouse.fingerprint import fingerprint
from tests.some import examples

SCHEMA = pa.schema(
    [("a", pa.string()), ("n", pa.int64()), ("m", pa.decimal128(18, 4)), ("t", pa.timestamp("us")), ("run", pa.int64())]
)
Row = dict[str, Any]


def taken(rows: list[Row], *, columns: list[str] | None = None, threads: int = 1) -> tuple[int, int]:
    table = pa.Table.from_pylist(rows, SCHEMA).select(columns or SCHEMA.names)
    with Engine.in_memory(threads=threads) as engine:
        engine.register("t", table)
        types = engine.column_types(exp.select("*").from_("t"))
        told = engine.fetch(fingerprint(exp.to_table("t"), types)).to_pylist()[0]
    return told["n"], int(told["digest"] or 0)


def row(a: str | None = "x", n: int | None = 1, m: str | None = "1.5", t: datetime | None = None, run: int = 1) -> Row:
    return {"a": a, "n": n, "m": None if m is None else Decimal(m), "t": t, "run": run}


def test_it_is_the_exact_sum_of_60_bits_of_each_rows_md5() -> None:
    def bits(text: str) -> int:
        return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)

    rows = [row(), row(None, None, None, datetime.fromisoformat("1970-01-01T00:00:01"))]
    assert taken(rows) == (2, bits("x\x1f1.5000\x1f1\x1f\x1e") + bits("\x1e\x1f\x1e\x1f\x1e\x1f1000000"))


@pytest.mark.parametrize(
    "other", [row("y"), row(None), row(n=2), row(m="1.5001"), row(m=None), row(t=datetime.fromisoformat("2017-01-01"))]
)
def test_any_other_value_gives_another_fingerprint(other: Row) -> None:
    assert taken([row()]) != taken([other])


def test_a_row_more_gives_another_fingerprint() -> None:
    assert taken([row()])[0] == 1
    assert taken([row(), row()]) == (2, 2 * taken([row()])[1])
    assert taken([]) == (0, 0)


def test_provenance_stays_out() -> None:
    assert taken([row(run=1)]) == taken([row(run=2)])


rows = st.lists(
    st.builds(
        row,
        st.none() | st.text("ab\x1f", max_size=3),
        st.none() | st.integers(-9, 9),
        st.none() | st.sampled_from(["1.5", "-2.25"]),
        st.none() | st.datetimes(),
    ),
    max_size=8,
)


@settings(max_examples=examples(50), deadline=None)
@given(rows=rows, random=st.randoms())
def test_order_of_rows_and_columns_and_threads_do_not_matter(rows: list[Row], random: Any) -> None:
    shuffled, columns = list(rows), list(SCHEMA.names)
    random.shuffle(shuffled)
    random.shuffle(columns)
    assert taken(rows) == taken(shuffled, columns=columns, threads=2)
