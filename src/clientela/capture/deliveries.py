"""What a source has delivered to a table so far: batches of rows, whole deliveries, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

HAPPENED, ARRIVAL = "happened", "arrival"
SEQUENCE, RUN, ARRIVED = "_sequence", "_run", "_arrived_at"  # columns of batches that are kept together


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The conformed rows of one batch. ``columns`` are those its file has; ``run`` landed it at ``arrived_at``.

    ``more``: files of further batches with the same columns, run and moment, read as if they were one.
    ``together``: these are batches that are kept together; each row says in `SEQUENCE`, `RUN`, `ARRIVED` how it came.
    """

    file: Path
    columns: frozenset[str]
    sequence: int
    run: int
    arrived_at: datetime
    more: tuple[Path, ...] = ()
    together: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """All files."""
        return (self.file, *self.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One delivery of a source that delivers in ``full``: the sequences of the batches it held."""

    arrived_at: datetime
    run: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Everything one source has delivered to one table.

    ``known``: ``happened``, ``arrival``, another text for a column, None when unset. ``first_run``: what
    came up to and with that run is the source's first delivery. ``numbered``: whether its mapping gives ``line_no``.
    ``wholes``: of a source that delivers in ``full``, oldest first. A batch holds each key once;
    ``disjoint``: no key stands in two batches, so no row replaces another (see `overlap`).
    """

    delivery: Literal["append", "upsert", "full"]
    known: str | None
    first_run: int
    numbered: bool
    rows: tuple[Rows, ...]
    wholes: tuple[Whole, ...] = ()
    disjoint: bool = False

    @property
    def one_batch(self) -> bool:
        """Whether all rows came in one batch."""
        return len(self.rows) == 1 and not self.rows[0].together

    @property
    def says_when(self) -> bool:
        """Whether a column of the source says since when it knew a row."""
        return self.known not in (None, HAPPENED, ARRIVAL)
