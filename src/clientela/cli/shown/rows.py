"""Rows of a query in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

WIDEST = 60


def row_lines(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, most: int = 60) -> Iterator[str]:
    """A head, the first ``most`` rows, and how many there are beside.

    Examples
    --------
    >>> print("\\n".join(row_lines(["n", "name"], [[1, "a"], [10, None]])))
    n   name
    --  ----
    1   a
    10  –
    """
    said = [["–" if value is None else _short(str(value)) for value in row] for row in rows[:most]]
    widths = [max(len(name), *(len(row[at]) for row in said), 0) for at, name in enumerate(columns)]
    yield _line(columns, widths)
    yield "  ".join("-" * width for width in widths)
    for row in said:
        yield _line(row, widths)
    if len(rows) > most:
        yield f"… and {len(rows) - most} more; --json has them all."


def _short(said: str) -> str:
    flat = " ".join(said.split())
    return flat if len(flat) <= WIDEST else flat[: WIDEST - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
