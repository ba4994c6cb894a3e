"""From Parquet to each customer's chance of still being one, against pandas and lifetimes."""

from __future__ import annotations

import duckdb
import pytest

from tests.benchmarks.conftest import AS_OF, NOW
from tests.benchmarks.harness import best

pytestmark = pytest.mark.benchmark
FASTER, OF_THE_MEMORY = 3, 1 / 3
COMPARED = """
select
    count(*)                                                                                    as customers,
    count(*) filter (where own.frequency = peer.frequency and own.recency = peer.recency and own."T" = peer."T")
                                                                                                as same_history,
    max(abs(own.monetary_value - peer.monetary_value))                                          as money_apart,
    max(abs(own.alive - peer.alive))                                                            as alive_apart
from read_parquet($own) as own
full join read_parquet($peer) as peer using (customer_key)
"""


def test_forecast_3m_lines_300k_customers(orders, run_job, peer_python, note, tmp_path):
    lines = orders(3_000_000, 300_000, "parquet")
    own_file, peer_file = tmp_path / "own.parquet", tmp_path / "peer.parquet"
    own = best(
        2,
        lambda: run_job(
            "forecast:forecast", lines, own_file, tmp_path / "spill", as_of=AS_OF, threads=2, memory_limit="128MB"
        ),
    )

    def peer(way):
        return run_job(f"lifetimes_peer:{way}", lines, peer_file, python=peer_python, last_day="2024-12-30")

    usual, sparing = best(2, lambda: peer("usual")), best(2, lambda: peer("sparing"))

    assert own.answer["customers"] == usual.answer["customers"] == 300_000
    assert own.answer["parameters"] == pytest.approx(usual.answer["parameters"], rel=1e-4)
    customers, same_history, money_apart, alive_apart = duckdb.execute(
        COMPARED, {"own": str(own_file), "peer": str(peer_file)}
    ).fetchone()
    assert customers == same_history == 300_000
    assert money_apart < 1e-6
    assert alive_apart < 1e-5

    note(
        times_faster=usual.seconds / own.seconds,
        share_of_memory=own.peak_bytes / usual.peak_bytes,
        times_faster_than_sparing=sparing.seconds / own.seconds,
        share_of_sparing_memory=own.peak_bytes / sparing.peak_bytes,
    )
    assert own.seconds * FASTER <= usual.seconds
    assert own.peak_bytes <= usual.peak_bytes * OF_THE_MEMORY


def test_whole_run_3m_lines_300k_customers_against_the_forecast_alone(
    orders, run_job, workspace, peer_python, note, tmp_path
):
    lines = orders(3_000_000, 300_000, "parquet")
    run = run_job("workspace_run:run", workspace(lines, "600MB"), now=NOW)
    usual = run_job("lifetimes_peer:usual", lines, tmp_path / "peer.parquet", python=peer_python, last_day="2024-12-30")
    note(
        seconds=run.seconds,
        gb=run.peak_bytes / 1e9,
        times_the_peers_seconds=run.seconds / usual.seconds,
        times_the_peers_memory=run.peak_bytes / usual.peak_bytes,
    )
    assert run.answer["rows"]["order_line"] == 3_000_000
    assert run.answer["rows"]["customer"] == 300_000
