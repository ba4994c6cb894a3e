"""Input, apart: our careful CSV reader beside DuckDB's and pandas', the landing, and a whole run from CSV."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from tests.benchmarks.conftest import NOW
from tests.benchmarks.harness import best

pytestmark = pytest.mark.benchmark
MEMORY = 512 << 20


@pytest.mark.parametrize(
    ("ending", "lines"), [("csv", 3_000_000), ("quoted", 1_000_000)], ids=["3m_plain", "1m_quoted"]
)
def test_csv_readers(orders, run_job, note, peer_python, tmp_path, ending, lines):
    file = orders(lines, lines // 10, ending) / "orders.csv"
    rounds = [  # in turns: what disturbs one disturbs the others
        (
            run_job("csv_readers:careful", file, tmp_path / "fast.parquet"),
            run_job("csv_readers:record_by_record", file, tmp_path / "careful.parquet"),
            run_job("csv_readers:duckdb", file, tmp_path / "duckdb.parquet", threads=2),
            run_job("csv_readers:pandas", file, tmp_path / "pandas.parquet", python=peer_python),
        )
        for _ in range(2)
    ]
    fast, careful, engine, pandas = (min(each, key=lambda run: run.seconds) for each in zip(*rounds, strict=True))
    assert fast.answer == careful.answer == {"rows": lines, "quarantined": 0}
    assert engine.answer["rows"] == pandas.answer["rows"] == lines
    read = pq.read_table(tmp_path / "fast.parquet")
    assert read.equals(pq.read_table(tmp_path / "careful.parquet"))
    listed = ["order_id", "line_no", "net_revenue"]
    by = [("order_id", "ascending"), ("line_no", "ascending")]
    same = pq.read_table(tmp_path / "duckdb.parquet", columns=listed)
    assert read.select(listed).sort_by(by).equals(same.cast(read.select(listed).schema).sort_by(by))
    note(
        rows_a_second=lines / fast.seconds,
        record_by_record_rows_a_second=lines / careful.seconds,
        duckdb_rows_a_second=lines / engine.seconds,
        pandas_rows_a_second=lines / pandas.seconds,
        times_the_seconds_of_duckdb=fast.seconds / engine.seconds,
        times_the_seconds_of_pandas=fast.seconds / pandas.seconds,
        gb=fast.peak_bytes / 1e9,
        record_by_record_gb=careful.peak_bytes / 1e9,
        duckdb_gb=engine.peak_bytes / 1e9,
        pandas_gb=pandas.peak_bytes / 1e9,
    )
    assert max(fast.peak_bytes, careful.peak_bytes) <= MEMORY


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_landing_10m_lines(orders, run_job, workspace, note, ending):
    lines = orders(10_000_000, 1_000_000, ending)
    landed = best(2, lambda: run_job("landing:land", workspace(lines, "600MB"), now=NOW))
    assert landed.answer["rows"] == 10_000_000
    assert landed.answer["states"] == ["landed"]
    note(rows_a_second=10_000_000 / landed.seconds, seconds=landed.seconds, gb=landed.peak_bytes / 1e9)
    assert landed.peak_bytes <= MEMORY


def test_whole_run_from_csv_3m_lines_300k_customers(orders, run_job, workspace, note):
    run = run_job("workspace_run:run", workspace(orders(3_000_000, 300_000, "csv"), "600MB"), now=NOW)
    assert run.answer["rows"]["order_line"] == 3_000_000
    assert run.answer["rows"]["customer"] == 300_000
    note(seconds=run.seconds, gb=run.peak_bytes / 1e9)
