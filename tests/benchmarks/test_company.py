"""How long the synthetic company takes to live three years, and in how much memory."""

from __future__ import annotations

import pytest

from tests.benchmarks.harness import GB

pytestmark = pytest.mark.benchmark
LINES = 30  # sold to a customer in three years, and as many more to nobody as the world says


@pytest.mark.parametrize(
    ("customers", "seconds", "memory"),
    [
        pytest.param(100_000, 2 * 60, 4 * GB, id="100k"),
        pytest.param(1_000_000, 25 * 60, 16 * GB, id="1m", marks=pytest.mark.slow),
    ],
)
def test_company_of_three_years(run_job, note, tmp_path, customers, seconds, memory):
    lived = run_job("company:live", tmp_path / "company", customers=customers)

    assert 0.9 * LINES * customers < lived.answer["sold"] < 1.5 * LINES * customers
    note(
        seconds=lived.job_seconds,
        gb=lived.peak_bytes / 1e9,
        rows_a_second=lived.answer["rows"] / lived.job_seconds,
        rows=lived.answer["rows"],
        gb_written=lived.answer["bytes"] / 1e9,
    )
    assert lived.job_seconds <= seconds
    assert lived.peak_bytes <= memory
