"""What is worked out of the files that the owner of a workspace writes, settings and policy: once until they change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from typing import TypeVar, cast

from clientela.pipeline.serving.held import Mark, held, mark

Settled = TypeVar("Settled")
_FOUND: ContextVar[dict[Hashable, object] | None] = ContextVar("found", default=None)


def settled(
    folder: Path, files: Sequence[str], what: Hashable, make: Callable[[], Settled], *, at: Hashable = None
) -> Settled:
    """What ``make`` works out of some files; in a process that holds the workspace open, once until one is another.

    Parameters
    ----------
    what : tells what is worked out from what else is
    at : what else it depends on, such as the minute
    """
    pool = held(folder)
    return make() if pool is None else pool.settled(what, (marks(folder, files), at), make)


def marks(folder: Path, files: Sequence[str]) -> tuple[Mark, ...]:
    """What tells the files as they are from what they were."""
    return tuple(once(("mark", folder, name), partial(mark, _place(folder, name))) for name in files)


@cache
def _place(folder: Path, name: str) -> str:
    """The path of a file: to put it together costs more than to look at the file."""
    return str(folder / name)


@contextmanager
def looking_once() -> Iterator[None]:
    """While the block lasts, what this thread finds out by `once` stays so: for a request that changes nothing."""
    before = _FOUND.set({})
    try:
        yield
    finally:
        _FOUND.reset(before)


def once(what: Hashable, make: Callable[[], Settled]) -> Settled:
    """What ``make`` finds out; within `looking_once` it is asked only the first time."""
    found = _FOUND.get()
    if found is None:
        return make()
    if what not in found:
        found[what] = make()
    return cast("Settled", found[what])
