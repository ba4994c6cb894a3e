"""Every analysis of customers, fitted in a run and answered, for a synthetic company of 100,000 customers."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from clientela.warehouse.store.snapshot import current
from tests.benchmarks.harness import GB

pytestmark = pytest.mark.benchmark
CUSTOMERS, WEEKS, UNTIL = 100_000, 104, "2024-12-30"
MOST_SECONDS, MOST_BYTES = 180, 4 * GB
PROFIT_SECONDS = 1.5
TOLD = {"basket", "churn-risk", "clusters", "customer-base", "customer-profit", "customer-value", "life-cycle"} | {
    "lifetime-value", "next-order", "next-product", "retention", "segments",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(recorder) -> Path:
    """The company's files and a first run over them: made once, kept in CLIENTELA_BENCH_DATA."""
    named = os.environ.get("CLIENTELA_BENCH_DATA")
    kept = Path(named) if named else Path(tempfile.gettempdir()) / "clientela-benchmarks"
    made = kept / f"insights-{CUSTOMERS}-customers-{WEEKS}-weeks"
    if not (made / "exports").exists():
        unfinished = made.with_name(made.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        recorder.run("company", "customer_insights:write_company", unfinished, CUSTOMERS, WEEKS)
        unfinished.rename(made)
    if current(made) is None:
        recorder.run("company", "customer_insights:work_out", made, UNTIL)
    return made


def test_all_insights_of_100k_customers(company: Path, run_job, note):
    worked = run_job("customer_insights:work_out", company, UNTIL)
    asked = run_job("customer_insights:ask_all", company)
    spent = worked.answer["analyses"] | {f"{name} (answer)": each for name, each in asked.answer["processor"].items()}
    for name, seconds in sorted(spent.items(), key=lambda each: -each[1]):
        if seconds >= 0.1:
            note(**{name: seconds})
    most = max(worked.peak_bytes, asked.peak_bytes)
    steps = list(worked.answer["peaks"])
    note(seconds_of_processor=sum(spent.values()), gb=most / GB, most_memory_in=steps[-1])
    assert len(asked.answer["processor"]) >= 13
    assert not TOLD & asked.answer["abstained"].keys()
    assert sum(spent.values()) <= MOST_SECONDS
    assert most <= MOST_BYTES
    assert asked.answer["processor"]["customer-profit"] <= PROFIT_SECONDS
