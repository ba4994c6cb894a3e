"""Runs in processes of their own, to be killed: ``python -m tests.faults.child`` reads what to do from stdin.

It loads everything once, then forks for each line, a JSON object: ``folder`` and ``delivery`` say which workspace is
run at which moment; ``after`` (seconds) or ``point`` and ``nth`` say when SIGKILL comes, left out: never. The answer
is a line too: the points passed, the seconds, and the code, which is negative for a signal.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import scipy.sparse.csgraph as _which_a_run_loads_where_it_needs_it  # noqa: F401 - loaded before the fork, not after
from sqlglot import exp

import clientela
from clientela.capture import zone
from clientela.cli import app as _everything_the_command_line_needs  # noqa: F401 - loaded before the fork, not after
from clientela.pipeline.graph import read_by_models
from clientela.pipeline.questions import questions
from clientela.warehouse.moments import watched
from tests.faults.company import now


def load() -> None:
    """Load before the fork what each run would load after it; no thread is begun by it."""
    pa.scalar("")  # imports what pyarrow imports at first use
    questions().all()
    read_by_models()
    zone.to_utc(exp.column("t"), "Europe/Madrid")
    gc.collect()
    gc.freeze()  # no child looks through it again for what can be given back, nor copies it by that


def work(told: dict[str, Any], points: int) -> None:
    """Run the workspace; write each point to the pipe as it is passed."""
    passed = 0

    def watch(point: str) -> None:
        nonlocal passed
        os.write(points, point.encode() + b"\n")
        passed += point == told.get("point")
        if point == told.get("point") and passed == told.get("nth", 1):
            os.kill(os.getpid(), signal.SIGKILL)

    with watched(watch):
        clientela.open(Path(told["folder"])).run(now=now(told["delivery"]))


def forked(told: dict[str, Any]) -> dict[str, Any]:
    """What became of a run in a process of its own."""
    reading, writing = os.pipe()
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        try:
            work(told, writing)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - it is told, whatever it is
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    os.close(writing)
    if "after" in told:
        time.sleep(told["after"])
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as pipe:  # ends when the child does
        points = pipe.read().splitlines()
    _, status = os.waitpid(pid, 0)
    return {"points": points, "seconds": time.perf_counter() - began, "code": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    load()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(json.loads(line))) + "\n")
        sys.stdout.flush()
