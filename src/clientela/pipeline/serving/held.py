"""Snapshots held open by a process that answers many questions; a newer one takes over, the older one is drained.

Opening a snapshot costs more than most questions. A server holds the readers of the one that serves: one with the
people file, one without. Each question first looks whether ``CURRENT`` is another file than it was.

What a reader has read stays in memory until its limit is reached, so the limit of those that stay open is low; a
question that needs more is asked again of a reader that is opened for it alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, RLock
from typing import TypeVar, cast

from clientela.errors import NothingPublishedError, SnapshotError
from clientela.pipeline.serving.chosen import Serving, serving
from clientela.warehouse.store.snapshot import CURRENT, Reader, snapshots_folder

MOST_KEPT = 2_000
KEPT_MEMORY = "128MB"  # of each reader that stays open: what it read, and what its questions work with
Kept = TypeVar("Kept")
Mark = tuple[int, int, int] | None


@dataclass(slots=True)
class _Open:
    """A reader in use by so many questions; ``drained``: closed when the last of them ends."""

    reader: Reader
    users: int = 0
    drained: bool = False


@dataclass(slots=True)
class _Turn:
    """One snapshot that serves: its readers, and what was worked out of it that holds as long as it does."""

    mark: Mark
    served: Serving
    readers: dict[bool, _Open] = field(default_factory=dict)
    kept: dict[Hashable, object] = field(default_factory=dict)


@dataclass(slots=True)
class Held:
    """The readers of one workspace's snapshot.

    While a newer one is looked at and opened, the older one goes on serving: nobody waits but who met it first.

    Parameters
    ----------
    memory_limit : of each reader; None: as much as the engine gives where one question needs it, else `KEPT_MEMORY`
    one_at_a_time : held by questions that are asked again for want of memory
    """

    folder: Path
    threads: int | None = None
    memory_limit: str | None = None
    one_at_a_time: AbstractContextManager[object] = field(default_factory=RLock)
    _lock: Lock = field(default_factory=Lock)
    _moving: Lock = field(default_factory=Lock)
    _turn: _Turn | None = None
    _settled: dict[Hashable, tuple[object, object]] = field(default_factory=dict)
    _pointer: str = field(init=False)  # looked at with each question

    def __post_init__(self) -> None:
        self._pointer = str(snapshots_folder(self.folder) / CURRENT)

    @contextmanager
    def reading(self, *, people: bool) -> Iterator[tuple[Reader, Serving]]:
        """The snapshot that serves, open; it stays so for the block, whatever is published meanwhile.

        Raises
        ------
        NothingPublishedError
            No run has published anything yet.
        SnapshotError
            It is damaged, and there is no other.
        """
        turn, opened = self._taken(people)
        try:
            yield opened.reader, turn.served
        finally:
            self._let_go(opened)

    @contextmanager
    def reading_alone(self, *, people: bool) -> Iterator[tuple[Reader, Serving]]:
        """The same, open for this block only: with as much memory as the engine gives."""
        with (
            self.reading(people=people) as (_, served),
            Reader(served.snapshot, people=people, threads=self.threads, looked=True) as reader,
        ):
            yield reader, served

    def served(self) -> Serving:
        """The snapshot that serves.

        Raises
        ------
        NothingPublishedError, SnapshotError
            There is none, or none that can be read.
        """
        return self._now().served

    def remembered(self, snapshot: str, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What ``make`` works out of a snapshot, once as long as it serves.

        Parameters
        ----------
        key : with all that it depends on besides
        """
        turn = self._turn
        if turn is None or turn.served.snapshot.name != snapshot:
            return make()
        found = turn.kept.get(key)
        if found is None:
            if len(turn.kept) >= MOST_KEPT:
                turn.kept.clear()
            found = turn.kept[key] = make()
        return cast("Kept", found)

    def settled(self, what: Hashable, marked: object, make: Callable[[], Kept]) -> Kept:
        """What ``make`` works out of files, once until their marks are others."""
        known = self._settled.get(what)
        if known is not None and known[0] == marked:
            return cast("Kept", known[1])
        found = make()
        self._settled[what] = (marked, found)
        return found

    def forget(self) -> None:
        """Look anew at the next question; what is in use stays open until it is not."""
        with self._lock:
            before, self._turn = self._turn, None
            self._drain(before)

    def _taken(self, people: bool) -> tuple[_Turn, _Open]:
        while True:
            turn = self._now()
            with self._lock:
                if turn is not self._turn:
                    continue  # a newer one took over in between
                opened = turn.readers.get(people)
                if opened is None:
                    opened = turn.readers[people] = self._opened(turn.served, people)
                opened.users += 1
                return turn, opened

    def _now(self) -> _Turn:
        """Whose turn it is; where ``CURRENT`` is another file than it was, one thread moves on, the others do not wait.

        The thread that moves on opens what was open before, so that none opens it while others wait.
        """
        turn = self._turn
        if turn is not None and turn.mark == mark(self._pointer):
            return turn
        if not self._moving.acquire(blocking=turn is None):
            assert turn is not None  # noqa: S101 - else it would have waited
            return turn
        try:
            before, marked = self._turn, mark(self._pointer)
            if before is not None and before.mark == marked:
                return before
            return self._moved_on(before, marked)
        finally:
            self._moving.release()

    def _moved_on(self, before: _Turn | None, marked: Mark) -> _Turn:
        found = serving(self.folder)
        if found is None:
            raise NothingPublishedError
        turn = _Turn(marked, found)
        for people in before.readers if before is not None else ():
            turn.readers[people] = self._opened(found, people)
        with self._lock:
            self._turn = turn
            self._drain(before)
        return turn

    def _opened(self, served: Serving, people: bool) -> _Open:
        limit = self.memory_limit or KEPT_MEMORY
        return _Open(Reader(served.snapshot, people=people, threads=self.threads, memory_limit=limit, looked=True))

    def _drain(self, turn: _Turn | None) -> None:
        for opened in turn.readers.values() if turn is not None else ():
            opened.drained = True
            if not opened.users:
                opened.reader.close()

    def _let_go(self, opened: _Open) -> None:
        with self._lock:
            opened.users -= 1
            if opened.drained and not opened.users:
                opened.reader.close()


_HELD: dict[Path, Held] = {}


def held(folder: Path) -> Held | None:
    """The readers this process holds of a workspace; None where it holds none."""
    return (
        (_HELD.get(folder) or _HELD.get(folder.resolve())) if _HELD else None
    )  # to resolve it costs more than to look


@contextmanager
def hold(folder: Path, *, threads: int | None = None, memory_limit: str | None = None) -> Iterator[Held]:
    """While the block lasts, every question of this process to a workspace is answered by readers that stay open.

    Parameters
    ----------
    threads, memory_limit : of each reader (`Held`)
    """
    key = folder.resolve()
    if key in _HELD:
        raise SnapshotError(f"{folder} is held open already.")
    pool = _HELD[key] = Held(key, threads=threads, memory_limit=memory_limit)
    try:
        yield pool
    finally:
        del _HELD[key]
        pool.forget()


def mark(path: Path | str) -> Mark:
    """What tells a file from another that takes its place, or from itself when it is written anew."""
    try:
        told = os.stat(path)  # noqa: PTH116 - to make a path of a text would cost as much as to look
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns, told.st_size
