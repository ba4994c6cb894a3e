"""Snapshots held open by a process that answers many questions; a newer one takes over, the older one is drained.

Opening a snapshot costs more than most questions. A server holds the readers of the one that serves: one with the
people file, one without. Each question first looks whether ``CURRENT`` is another file than it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from clientela.errors import NothingPublishedError, SnapshotError
from clientela.pipeline.serving.chosen import Serving, serving
from clientela.warehouse.store.snapshot import CURRENT, Reader, snapshots_folder

Mark = tuple[int, int, int] | None


@dataclass(slots=True)
class _Open:
    """A reader in use by so many questions; ``drained``: closed when the last of them ends."""

    reader: Reader
    users: int = 0
    drained: bool = False


@dataclass(slots=True)
class Held:
    """The readers of one workspace's snapshot."""

    folder: Path
    threads: int | None = None
    memory_limit: str | None = None
    _lock: Lock = field(default_factory=Lock)
    _mark: Mark = None
    _served: Serving | None = None
    _readers: dict[bool, _Open] = field(default_factory=dict)

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
        with self._lock:
            served = self._served_now()
            opened = self._readers.get(people)
            if opened is None:
                reader = Reader(
                    served.snapshot, people=people, threads=self.threads, memory_limit=self.memory_limit, looked=True
                )
                opened = self._readers[people] = _Open(reader)
            opened.users += 1
        try:
            yield opened.reader, served
        finally:
            self._let_go(opened)

    def forget(self) -> None:
        """Look anew at the next question; what is in use stays open until it is not."""
        with self._lock:
            self._drain()

    def _served_now(self) -> Serving:
        mark = _mark(self.folder)
        if self._served is None or mark != self._mark:
            found = serving(self.folder)
            if found is None:
                raise NothingPublishedError
            self._drain()
            self._served, self._mark = found, mark
        return self._served

    def _drain(self) -> None:
        self._served = None
        for opened in self._readers.values():
            opened.drained = True
            if not opened.users:
                opened.reader.close()
        self._readers.clear()

    def _let_go(self, opened: _Open) -> None:
        with self._lock:
            opened.users -= 1
            if opened.drained and not opened.users:
                opened.reader.close()


_HELD: dict[Path, Held] = {}


def held(folder: Path) -> Held | None:
    """The readers this process holds of a workspace; None where it holds none."""
    return _HELD.get(folder.resolve()) if _HELD else None


@contextmanager
def hold(folder: Path, *, threads: int | None = None, memory_limit: str | None = None) -> Iterator[Held]:
    """While the block lasts, every question of this process to a workspace is answered by readers that stay open.

    Parameters
    ----------
    threads, memory_limit : of each reader
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


def _mark(folder: Path) -> Mark:
    """What tells one ``CURRENT`` from another: it is replaced, never written in place."""
    try:
        told = (snapshots_folder(folder) / CURRENT).stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns, told.st_size
