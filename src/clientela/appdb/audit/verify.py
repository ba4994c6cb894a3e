"""Whether the audit log is what was written: the chain from its first entry on, and its end by the anchor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, select

from clientela.appdb.audit.anchor import lines, whole_size
from clientela.appdb.audit.chain import BEGINNING, Head, link
from clientela.appdb.tables import AUDIT

_ROWS_AT_ONCE = 10_000
_DISORDER = 10_000  # lines of the anchor that may stand before their turn


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not what was written, and what is wrong with it."""

    seq: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found: how many entries are sound, where the chain ends, up to where the anchor vouches for it."""

    entries: int
    head: Head
    anchored: int
    broken: Broken | None


class Log(Protocol):
    """A database that keeps an audit log, and where the end of its chain is kept a second time."""

    @property
    def anchor(self) -> Path:
        """The file."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One state of the database."""


def verify(database: Log, *, expected: Head | None = None) -> Verified:
    """Read the whole log, while others add to it, and name the first entry that is not what was written.

    Parameters
    ----------
    expected : an end of the chain that was noted earlier, somewhere else; the log must still go through it.
    """
    size = whole_size(database.anchor)  # before the log is read: it may end later than the anchor, never earlier
    with database.reading() as connection:
        return _verified(connection, database.anchor, size, expected)


def _verified(connection: Connection, anchor: Path, size: int | None, expected: Head | None) -> Verified:
    anchored = _Anchored(iter(()) if size is None else lines(anchor, size))
    end = Head(0, BEGINNING)
    broken: Broken | None = None
    for row in _rows(connection):
        broken = _wrong(end, row) or anchored.differs(row[0], row[-1])
        if broken is None and expected is not None and expected.seq == row[0] and expected.hash != row[-1]:
            broken = Broken(row[0], "is another than the one whose hash was noted")
        if broken is not None:
            break
        end = Head(row[0], row[-1])
    if broken is None:
        broken = anchored.beyond(end.seq) or _unvouched(end, size, expected)
    return Verified(entries=end.seq, head=end, anchored=min(anchored.newest, end.seq), broken=broken)


def _rows(connection: Connection) -> Iterator[Any]:
    columns = [AUDIT.c[name] for name in ("seq", "at", "actor", "action", "purpose", "objects", "counts", "snapshot")]
    asked = select(*columns, AUDIT.c.hash).order_by(AUDIT.c.seq)
    result = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE).execute(asked)
    for block in result.partitions():
        yield from map(tuple, block)


def _wrong(before: Head, row: Any) -> Broken | None:
    seq = row[0]
    if seq != before.seq + 1:
        return Broken(before.seq + 1, "is missing") if seq > before.seq else Broken(seq, "was put in")
    try:
        hashed = link(before.hash, row[:-1])
    except (TypeError, ValueError):  # bytes, or signs that no text has
        return Broken(seq, "was changed")
    return None if hashed == row[-1] else Broken(seq, "was changed")


def _unvouched(end: Head, size: int | None, expected: Head | None) -> Broken | None:
    if expected is not None and expected.seq > end.seq:
        return Broken(end.seq + 1, "is missing: a later end of the log was noted")
    if size is None and end.seq:
        return Broken(end.seq, "may not be the last: the file audit.anchor, which says which is, is missing")
    return None


class _Anchored:
    """The lines of the anchor, read as far ahead as they may stand out of order."""

    def __init__(self, heads: Iterator[Head | None]) -> None:
        self._heads = heads
        self._read = 0
        self._ahead: dict[int, str] = {}
        self._unreadable = False
        self.newest = 0

    def differs(self, seq: int, hashed: str) -> Broken | None:
        """The entry, when the anchor knows it by another hash."""
        self._to(seq + _DISORDER)
        said = self._ahead.pop(seq, None)
        return None if said is None or said == hashed else Broken(seq, "is another than the one that was anchored")

    def beyond(self, last: int) -> Broken | None:
        """What the anchor knows of and the log has not; or a line of it that is none."""
        self._to(None)
        later = self.newest
        if later > last:
            return Broken(last + 1, f"is missing: the log once went on to entry {later:,}")
        return Broken(last, "cannot be vouched for: a line of audit.anchor was changed") if self._unreadable else None

    def _to(self, line: int | None) -> None:
        while line is None or self._read < line:
            try:
                head = next(self._heads)
            except StopIteration:
                return
            self._read += 1
            if head is None:
                self._unreadable = True
            else:
                self._ahead.setdefault(head.seq, head.hash)  # of two lines for one entry, the older is to be believed
                self.newest = max(self.newest, head.seq)


def document(found: Verified) -> Mapping[str, Any]:
    """What was found, as plain data."""
    broken = found.broken
    return {
        "sound": broken is None,
        "entries": found.entries,
        "anchored": found.anchored,
        "head": f"{found.head.seq}:{found.head.hash}",
        "broken": None if broken is None else {"entry": broken.seq, "says": broken.says},
    }
