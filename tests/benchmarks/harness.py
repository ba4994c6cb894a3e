"""Measuring: each job in a process of its own, so that time and memory are those of the job alone."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"
GB = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a job took.

    ``seconds`` is the whole process, from its start to its end, imports included; ``job_seconds`` only the call.
    ``load`` is how many processes wanted a core when it began: above 0.5 the seconds are not only the job's.
    """

    job: str
    seconds: float
    job_seconds: float
    cpu_seconds: float
    peak_bytes: int
    load: float
    versions: Mapping[str, str | None]
    answer: Mapping[str, Any]


@dataclass(slots=True)
class Recorder:
    """Everything measured in one session, and what follows from it; written as one JSON file."""

    measured: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, dict[str, float | str]] = field(default_factory=dict)

    def run(self, test: str, job: str, *positional: object, python: str = sys.executable, **named: object) -> Measured:
        """Carry out ``module:function`` of ``tests.benchmarks.jobs`` in a child process."""
        found = measure(job, positional, named, python)
        self.measured.append({"test": test, **asdict(found)})
        return found

    def say(self, test: str, **figures: float | str) -> None:
        """Keep figures for the summary and the file."""
        self.figures.setdefault(test, {}).update(figures)

    def write(self) -> Path:
        """Write the file of this session; where it is."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
        document = {"machine": machine(), "figures": self.figures, "measured": self.measured}
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return path


def measure(job: str, positional: tuple[object, ...], named: Mapping[str, object], python: str) -> Measured:
    """One job in one child process; its own error ends the measurement."""
    told = RESULTS / f"told-{os.getpid()}.json"
    RESULTS.mkdir(exist_ok=True)
    given = json.dumps({"positional": positional, "named": named}, default=str)
    load, began = os.getloadavg()[0], perf_counter()
    done = subprocess.run(
        [python, "-m", "tests.benchmarks.child", job, str(told), given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{job} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    document = json.loads(told.read_text(encoding="utf-8"))
    told.unlink()
    return Measured(job=job, seconds=round(seconds, 3), load=round(load, 2), **document)


def best(times: int, run: Callable[[], Measured]) -> Measured:
    """The quickest of several runs of a job."""
    return quickest([run() for _ in range(times)])


def quickest(runs: Sequence[Measured]) -> Measured:
    """The quickest run: what disturbs a run only ever makes it slower."""
    return min(runs, key=lambda each: each.seconds)


def machine() -> dict[str, object]:
    """Where it was measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_gb": round(pages / GB, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
