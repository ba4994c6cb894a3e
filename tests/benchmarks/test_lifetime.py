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


def test_worth_of_300k_customers_against_lifetimes(run_job, note, peer_python, tmp_path):
    """Of a million customers lifetimes' fit of the money does not converge."""
    histories = tmp_path / "histories.npy"
    run_job("histories:write", histories, 300_000)
    own = best(2, lambda: run_job("histories:worth", histories, ranges=False))
    peer = best(2, lambda: run_job("lifetimes_worth:worth", histories, python=peer_python))

    assert own.answer["parameters"] == pytest.approx(peer.answer["parameters"], rel=1e-3)
    assert own.answer["worth"] == pytest.approx(peer.answer["worth"], rel=1e-3)
    used, by_peer = (each.answer["processor_seconds"] for each in (own, peer))
    note(
        times_less_processor=by_peer / used,
        with_imports=peer.cpu_seconds / own.cpu_seconds,
        share_of_memory=own.peak_bytes / peer.peak_bytes,
    )
    assert used * 3 <= by_peer
