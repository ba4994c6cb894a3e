"""CSV input, apart: our careful reader beside DuckDB's and pandas', and a whole run from CSV."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from tests.benchmarks.conftest import NOW
from tests.benchmarks.harness import best

pytestmark = pytest.mark.benchmark


@pytest.mark.parametrize(
    ("ending", "lines"), [("csv", 3_000_000), ("quoted", 1_000_000)], ids=["3m_plain", "1m_quoted"]
)
def test_careful_csv_reader(orders, run_job, note, tmp_path, ending, lines):
    file = orders(lines, lines // 10, ending) / "orders.csv"
    careful = best(2, lambda: run_job("csv_readers:careful", file, tmp_path / "careful.parquet"))
    engine = best(2, lambda: run_job("csv_readers:duckdb", file, tmp_path / "duckdb.parquet", threads=2))
    assert careful.answer == {"rows": lines, "quarantined": 0}
    assert engine.answer["rows"] == lines
    read = pq.read_table(tmp_path / "careful.parquet", columns=["order_id", "line_no", "net_revenue"])
    same = pq.read_table(tmp_path / "duckdb.parquet", columns=["order_id", "line_no", "net_revenue"])
    by = [("order_id", "ascending"), ("line_no", "ascending")]
    assert read.sort_by(by).equals(same.cast(read.schema).sort_by(by))
    note(
        careful_rows_a_second=lines / careful.seconds,
        duckdb_rows_a_second=lines / engine.seconds,
        times_the_seconds_of_duckdb=careful.seconds / engine.seconds,
        gb=careful.peak_bytes / 1e9,
    )


def test_pandas_reads_the_same_csv_3m_plain(orders, run_job, note, peer_python, tmp_path):
    file = orders(3_000_000, 300_000, "csv") / "orders.csv"
    pandas = run_job("csv_readers:pandas", file, tmp_path / "pandas.parquet", python=peer_python)
    assert pandas.answer["rows"] == 3_000_000
    note(pandas_rows_a_second=3_000_000 / pandas.seconds, gb=pandas.peak_bytes / 1e9)


def test_whole_run_from_csv_3m_lines_300k_customers(orders, run_job, workspace, note):
    run = run_job("workspace_run:run", workspace(orders(3_000_000, 300_000, "csv"), "600MB"), now=NOW)
    assert run.answer["rows"]["order_line"] == 3_000_000
    assert run.answer["rows"]["customer"] == 300_000
    note(seconds=run.seconds, gb=run.peak_bytes / 1e9)
