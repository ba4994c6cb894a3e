"""What earlier runs measured: a journal beside that of the runs, so that going back loses nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.pipeline.quality.measures import Measure, Past, Place, place
from clientela.warehouse.journal import JsonLines

JOURNAL = "quality.jsonl"
RUNS_KEPT = 30  # runs a snapshot carries; the journal has all
RUNS_SHOWN = 12  # runs a measurement carries for its trend

_PLACE = ("source", "table_name", "column_name", "property", "rule")
_NUMBERS = ("measured", "found", "checked")
Record = Mapping[str, Any]


def read(folder: Path, *, before: int) -> tuple[Record, ...]:
    """The last published runs before a run, oldest first: ``run`` and ``measures`` each."""
    latest: dict[int, Record] = {}
    for each in JsonLines(folder / JOURNAL).newest():  # runs only grow: what is older is not read
        if len(latest) == RUNS_KEPT - 1:
            break
        if each["run"] < before:
            latest.setdefault(each["run"], each)
    return tuple(latest[run] for run in sorted(latest))


def write(folder: Path, run: int, measures: Iterable[Measure]) -> None:
    """Add what a published run measured."""
    rows = [[*place(each), *(_said(getattr(each, name)) for name in _NUMBERS), each.verdict] for each in measures]
    JsonLines(folder / JOURNAL).append({"run": run, "measures": rows})


def past(records: Sequence[Record]) -> dict[Place, tuple[Past, ...]]:
    """What was measured at each place, oldest first."""
    found: dict[Place, tuple[Past, ...]] = {}
    for record in records[-RUNS_SHOWN + 1 :]:
        for row in record["measures"]:
            source, table, column, property, rule, measured, _, _, verdict = row
            told = Past(run=record["run"], measured=None if measured is None else Decimal(measured), verdict=verdict)
            where = (source, table, column, property, rule)
            found[where] = (*found.get(where, ()), told)
    return found


def arrays(records: Sequence[Record], run: int, measures: Sequence[Measure]) -> Mapping[str, NDArray[Any]]:
    """The measurements of this run and of those before as columns of the table ``quality``."""
    rows = [(record["run"], *row) for record in records for row in record["measures"]]
    rows += [(run, *place(each), *(_said(getattr(each, name)) for name in _NUMBERS), each.verdict) for each in measures]
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(_PLACE) + len(_NUMBERS) + 2)
    named = dict(zip(("run", *_PLACE, *_NUMBERS, "verdict"), columns, strict=True))
    told: dict[str, NDArray[Any]] = {name: np.array(named[name], dtype=object) for name in (*_PLACE, "verdict")}
    told["run"] = np.array(named["run"], dtype=np.int64)
    for name in _NUMBERS:
        told[name] = np.array([np.nan if each is None else float(each) for each in named[name]], dtype=np.float64)
    return told


def _said(value: Decimal | int | None) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value
