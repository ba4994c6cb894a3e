"""Recency, frequency and money of ten million customers."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.benchmark
MOST_SECONDS = 20


def test_rfm_10m_customers(run_job, note, tmp_path):
    own = run_job("rfm:grouped", tmp_path / "spill", customers=10_000_000, threads=2, memory_limit="4GB")
    assert own.answer["n"] == 10_000_000
    assert own.answer["groups"] == 9
    assert own.answer["most"] == 5
    note(model_cpu=own.answer["model_cpu"], gb=own.peak_bytes / 1e9)
    assert own.answer["model_cpu"] <= MOST_SECONDS
