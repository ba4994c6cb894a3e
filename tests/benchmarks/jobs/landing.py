"""The landing alone: files of a workspace become its batches, nothing is typed yet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from time import perf_counter


def land(folder: str, *, now: str) -> dict[str, object]:
    """Land everything that the sources deliver: its rows and the seconds that took."""
    from clientela.capture.arrive import land as landed
    from clientela.config import load
    from clientela.warehouse.store.landing import Landing

    workspace = Path(folder)
    began = perf_counter()
    deliveries = landed(load(workspace, {}), workspace, Landing(workspace), run=1, now=datetime.fromisoformat(now))
    rows = sum(each.batch.rows for each in deliveries if each.batch is not None)
    return {"rows": rows, "states": sorted({each.state.value for each in deliveries}), "land": perf_counter() - began}
