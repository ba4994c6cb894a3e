"""One ``run`` of a workspace, with the seconds of its steps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from time import perf_counter

import clientela
from clientela.warehouse.store.snapshot import current


def run(folder: str, *, now: str) -> dict[str, object]:
    """Run the workspace: seconds between its messages of progress, and of each table it wrote."""
    workspace = Path(folder)
    seconds: dict[str, float] = {}
    began, last = perf_counter(), "Starting"

    def step(message: str) -> None:
        nonlocal began, last
        seconds[last] = round(seconds.get(last, 0.0) + perf_counter() - began, 2)
        began, last = perf_counter(), message

    clientela.open(workspace).run(now=datetime.fromisoformat(now), progress=step)
    step("Done")
    snapshot = current(workspace)
    assert snapshot is not None
    wrote = [(each["step"], each["as_of"], each["rows"], each["seconds"]) for each in snapshot.manifest["lineage"]]
    return {
        "steps": seconds,
        "wrote": wrote,
        "rows": dict(snapshot.manifest["tables"]),
        "facts": str(snapshot.paths["facts"]),
        "bytes": sum(path.stat().st_size for path in snapshot.paths.values()),
    }
