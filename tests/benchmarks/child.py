"""What runs in the child process: one job, its time and its highest memory, told through a file."""

from __future__ import annotations

import importlib
import json
import platform
import resource
import sys
from pathlib import Path
from time import perf_counter


def peak_bytes() -> int:
    """The highest resident memory of this process.

    Not ru_maxrss where it can be had otherwise: on Linux it starts at the highest of the parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(job: str, told: str, arguments: str) -> None:
    """Carry out ``module:function`` of tests.benchmarks.jobs with JSON arguments."""
    module, _, function = job.partition(":")
    carried_out = getattr(importlib.import_module(f"tests.benchmarks.jobs.{module}"), function)
    given = json.loads(arguments)
    began = perf_counter()
    answer = carried_out(*given["positional"], **given["named"])
    used = resource.getrusage(resource.RUSAGE_SELF)
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    told_of = {
        "job_seconds": perf_counter() - began,
        "cpu_seconds": used.ru_utime + used.ru_stime + of_children.ru_utime + of_children.ru_stime,
        "peak_bytes": peak_bytes(),
        "versions": {name: _version(name) for name in ("numpy", "scipy", "duckdb", "pyarrow", "pandas", "lifetimes")},
        "answer": answer,
    }
    Path(told).write_text(json.dumps(told_of), encoding="utf-8")


def _version(name: str) -> str | None:
    module = sys.modules.get(name)
    return None if module is None else str(module.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
