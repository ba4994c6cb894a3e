"""From each customer's purchase history to what they will bring, against lifetimes."""

from __future__ import annotations

import pytest

from tests.benchmarks.harness import best

pytestmark = pytest.mark.benchmark


def test_worth_of_1m_customers(run_job, note, tmp_path):
    histories = tmp_path / "histories.npy"
    run_job("histories:write", histories, 1_000_000)
    plain = best(2, lambda: run_job("histories:worth", histories, ranges=False))
    ranges = best(2, lambda: run_job("histories:worth", histories, ranges=True))

    assert plain.answer["customers"] == 1_000_000
    assert ranges.answer["inside"] == 1
    note(seconds=plain.job_seconds, with_ranges=ranges.job_seconds, processor_seconds=plain.cpu_seconds)
    assert plain.cpu_seconds <= 5
    assert ranges.cpu_seconds <= 8


def test_worth_of_100k_customers_against_lifetimes(run_job, note, peer_python, tmp_path):
    histories = tmp_path / "histories.npy"
    run_job("histories:write", histories, 100_000)
    own = best(2, lambda: run_job("histories:worth", histories, ranges=False))
    peer = best(2, lambda: run_job("lifetimes_worth:worth", histories, python=peer_python))

    assert own.answer["parameters"] == pytest.approx(peer.answer["parameters"], rel=1e-3)
    assert own.answer["worth"] == pytest.approx(peer.answer["worth"], rel=1e-3)
    note(times_faster=peer.cpu_seconds / own.cpu_seconds, share_of_memory=own.peak_bytes / peer.peak_bytes)
    assert own.cpu_seconds * 3 <= peer.cpu_seconds
