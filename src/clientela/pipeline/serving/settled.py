"""What is worked out of the files that the owner of a workspace writes, settings and policy: once until they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TypeVar

from clientela.pipeline.serving.held import Mark, held, mark

Settled = TypeVar("Settled")


def settled(folder: Path, files: Sequence[str], what: Hashable, make: Callable[[], Settled]) -> Settled:
    """What ``make`` works out of some files; in a process that holds the workspace open, once until one is another.

    Parameters
    ----------
    what : tells what is worked out from what else is
    """
    pool = held(folder)
    return make() if pool is None else pool.settled(what, marks(folder, files), make)


def marks(folder: Path, files: Sequence[str]) -> tuple[Mark, ...]:
    """What tells the files as they are from what they were."""
    return tuple(mark(folder / name) for name in files)
