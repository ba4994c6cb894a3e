"""From Parquet to a published snapshot, against a script of plain SQL that makes the same tables by hand."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from tests.benchmarks.conftest import AS_OF, NOW, SECRET
from tests.benchmarks.harness import GB, quickest

pytestmark = pytest.mark.benchmark
SECONDS, MEMORY, TIMES_BY_HAND = 60, 2 * GB, 1.6
HORIZON_DAYS, ORIGIN_SAMPLE = 92, 200_000
THREADS, ENGINE_MEMORY = 2, "1200MB"
ROUNDS, CORES_USED = 3, 1.6  # the script keeps 1.8 of two cores busy when it has them to itself
SAME = {
    "order_line": "select count(*), sum(net_revenue), sum(cost_of_goods), sum(quantity), sum(customer_id), "
    "sum(hash(order_id, line_no, customer_id, kind, product_id, happened_at, known_from)) from {file}.order_line",
    "identity": "select count(*), sum(hash(customer_ref, customer_id)) from {file}.identity",
    "customer": "select count(*), sum(customer_id) from {file}.customer",
    "customer_feature": "select as_of, count(*), sum(revenue), sum(margin), sum(revenue_with_cost), sum(hash("
    "customer_id, first_bought_on, last_bought_on, repeat_purchases, recency_days, age_days, recent_purchases, "
    "recent_revenue, year_revenue)) from {file}.customer_feature group by as_of order by as_of",
    "lapse": "select percentile, lapse_days, gaps from {file}.lapse",
    "churn_count": "select as_of, count(*), sum(customers), sum(observed), sum(has_left), sum(at_stake) "
    "from {file}.churn_count group by as_of order by as_of",
    "churn_cell": "select count(*), sum(probability), sum(low), sum(high) from {file}.churn_cell",
    "score": "select analysis, as_of, count(*), count(distinct customer_id), sum(value), sum(low), sum(high), "
    "sum(hash(customer_id, value)) from {file}.score where as_of = date '2024-12-31' group by all order by all",
    "churn_reach": "select count(*), sum(contacted), sum(expected_loss) from {file}.churn_reach "
    "where as_of = date '2024-12-31'",
}


def test_snapshot_10m_lines_1m_customers(orders, run_job, workspace, note, tmp_path):
    lines = orders(10_000_000, 1_000_000, "parquet")
    by_hand = tmp_path / "by-hand"

    def write_by_hand():
        shutil.rmtree(by_hand, ignore_errors=True)
        return run_job(
            "sql_peer:build",
            lines,
            by_hand,
            as_of=AS_OF,
            now=NOW,
            secret=SECRET,
            horizon_days=HORIZON_DAYS,
            sample_permille=1000 * ORIGIN_SAMPLE // 1_000_000,
            threads=THREADS,
            memory_limit=ENGINE_MEMORY,
        )

    def run():
        return run_job("workspace_run:run", workspace(lines, ENGINE_MEMORY), now=NOW)

    rounds = [(write_by_hand(), run()) for _ in range(ROUNDS)]  # in turns: what disturbs one disturbs the other
    peers, runs = zip(*rounds, strict=True)
    peer, own = quickest(peers), quickest(runs)

    with duckdb.connect() as connection:
        for name, path in (("own", runs[-1].answer["facts"]), ("peer", by_hand / "facts.duckdb")):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        for name, query in SAME.items():
            both = [connection.execute(query.format(file=file)).fetchall() for file in ("own", "peer")]
            assert both[0] == both[1], name
    shutil.rmtree(by_hand)

    note(
        seconds=own.seconds,
        gb=own.peak_bytes / GB,
        times_by_hand=own.seconds / peer.seconds,
        seconds_by_hand=peer.seconds,
        times_the_processor_by_hand=own.cpu_seconds / peer.cpu_seconds,
        gb_by_hand=peer.peak_bytes / GB,
    )
    assert own.peak_bytes <= MEMORY
    assert own.seconds <= SECONDS
    if peer.cpu_seconds < peer.seconds * CORES_USED:
        pytest.skip("something else used the cores while the peer ran, so the ratio says nothing; measure again")
    assert own.seconds <= peer.seconds * TIMES_BY_HAND
