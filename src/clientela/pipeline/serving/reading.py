"""Reading the snapshot that serves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from clientela.errors import NothingPublishedError, SnapshotError, TooLargeError
from clientela.pipeline.serving.chosen import Serving, candidates, instead, serving
from clientela.pipeline.serving.held import Held, held
from clientela.warehouse.store.snapshot import Reader

Answer = TypeVar("Answer")


def read(folder: Path, work: Callable[[Reader, Serving], Answer], *, people: bool = True) -> Answer:
    """What ``work`` makes of the snapshot that serves; of the next undamaged one when damage shows while it reads.

    Parameters
    ----------
    people : whether the file of what is personal is opened too

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    SnapshotError
        No snapshot is left that can be read.
    """
    pool = held(folder)
    late: SnapshotError | None = None
    if pool is not None:
        try:
            return _of_held(pool, work, people=people)
        except SnapshotError as error:
            pool.forget()
            late = error
    for found in candidates(folder):
        served = found if late is None else instead(found, late)
        try:
            with Reader(served.snapshot, looked=True, people=people) as reader:
                return work(reader, served)
        except SnapshotError as error:
            late = late or error
    if late is not None:
        raise SnapshotError(f"{late} No other snapshot can take its place.")
    raise NothingPublishedError


def _of_held(pool: Held, work: Callable[[Reader, Serving], Answer], *, people: bool) -> Answer:
    """What ``work`` makes of the readers that stay open; where that is too large for them, of one opened for it."""
    try:
        with pool.reading(people=people) as (reader, served):
            return work(reader, served)
    except TooLargeError:
        if pool.memory_limit is not None:  # said by who owns the machine: there is no more
            raise
    with pool.one_at_a_time, pool.reading_alone(people=people) as (reader, served):
        return work(reader, served)


def served_now(folder: Path) -> Serving | None:
    """The snapshot that serves; a process that holds it open need not look at its files again.

    Raises
    ------
    SnapshotError
        It is damaged, and there is no other.
    """
    pool = held(folder)
    if pool is None:
        return serving(folder)
    try:
        return pool.served()
    except NothingPublishedError:
        return None


def remembered(folder: Path, snapshot: str, key: Hashable, make: Callable[[], Answer]) -> Answer:
    """What ``make`` works out of a snapshot; where it is held open, once as long as it serves."""
    pool = held(folder)
    return make() if pool is None else pool.remembered(snapshot, key, make)


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Reader, Serving]]:
    """The snapshot that serves, open to be read; closed when the block ends."""
    pool = held(folder)
    if pool is not None:
        alone = pool.memory_limit is None  # the block cannot be done again with more memory
        with pool.reading_alone(people=True) if alone else pool.reading(people=True) as found:
            yield found
        return
    served = serving(folder)
    if served is None:
        raise NothingPublishedError
    with Reader(served.snapshot, looked=True) as reader:
        yield reader, served
