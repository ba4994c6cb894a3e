"""From order lines in the store to rules, against mlxtend where the peer's interpreter has it."""

from __future__ import annotations

import subprocess

import pytest

from tests.benchmarks.harness import GB, ROOT, best

pytestmark = pytest.mark.benchmark
MOST_SECONDS = 6
TIMES_LESS = 2  # seconds of processor, though mlxtend's sets are only the start of rules


@pytest.fixture(scope="session")
def mlxtend_python(peer_python: str) -> str:
    """An interpreter with mlxtend."""
    tried = subprocess.run([peer_python, "-c", "import mlxtend"], cwd=ROOT, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"mlxtend cannot be imported by {peer_python}: name another in CLIENTELA_BENCH_PEER_PYTHON")
    return peer_python


def test_rules_of_1m_baskets_8m_lines(run_job, note):
    own = best(2, lambda: run_job("baskets:rules", baskets=1_000_000, items=2_000, threads=2))
    processor = own.answer["processor_seconds"]
    note(seconds=own.answer["seconds"], processor_seconds=processor, rules=own.answer["rules"], gb=own.peak_bytes / GB)
    assert own.answer["pairs"] > 1_000
    assert own.answer["seconds"] <= MOST_SECONDS


def test_sets_of_100k_baskets_against_mlxtend(run_job, mlxtend_python, note):
    own = best(2, lambda: run_job("baskets:rules", baskets=100_000, items=500, threads=2))
    peer = best(2, lambda: run_job("mlxtend_peer:sets", baskets=100_000, items=500, python=mlxtend_python))
    used, by_peer = (each.answer["processor_seconds"] for each in (own, peer))
    note(
        times_faster=peer.answer["seconds"] / own.answer["seconds"],
        times_less_processor=by_peer / used,
        share_of_memory=own.peak_bytes / peer.peak_bytes,
    )
    assert own.answer["pairs"] == peer.answer["pairs"]
    assert own.answer["triples"] == peer.answer["triples"]
    assert used * TIMES_LESS <= by_peer
