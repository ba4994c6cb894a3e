"""How long the answers of a published workspace take."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter

import clientela

TIMES = 5


def ask_all(folder: str) -> dict[str, object]:
    """Milliseconds of each analysis: the first time it is asked in this process, and usually."""
    from clientela.workspace import analyses

    workspace = clientela.open(Path(folder))
    first, usually, headlines = {}, {}, {}
    for analysis in analyses():
        taken = []
        for _ in range(TIMES):
            began = perf_counter()
            insight = workspace.ask(analysis.name)
            taken.append(round((perf_counter() - began) * 1000, 1))
        first[analysis.name], usually[analysis.name] = taken[0], median(taken[1:])
        headlines[analysis.name] = insight.headline
    return {"first_ms": first, "usually_ms": usually, "headlines": headlines}
