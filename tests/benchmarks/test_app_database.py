"""How long it takes to verify a million entries of the audit log, and to add one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.harness import Measured

pytestmark = pytest.mark.benchmark
ENTRIES, SINGLE = 1_000_000, 1_000
SECONDS, MEMORY_BYTES = 30, 500_000_000


def test_verify_1m_entries(tmp_path: Path, run_job: Callable[..., Measured], note: Callable[..., None]) -> None:
    filled = run_job("app_database:filled", tmp_path, ENTRIES)
    appended = run_job("app_database:appended", tmp_path, SINGLE)
    verified = run_job("app_database:verified", tmp_path)
    assert verified.answer["sound"]
    assert verified.answer["entries"] == ENTRIES + SINGLE
    note(
        verify_seconds=verified.answer["seconds"],
        verify_cpu_seconds=verified.cpu_seconds,
        fill_seconds=filled.answer["seconds"],
        size_mb=filled.answer["size_mb"],
        append_milliseconds=appended.answer["milliseconds"],
        append_cpu_milliseconds=appended.answer["cpu_milliseconds"],
    )
    assert verified.answer["seconds"] <= SECONDS
    assert verified.peak_bytes <= MEMORY_BYTES
