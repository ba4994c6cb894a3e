"""The app databases this process holds open, and what it knows of each until a right changes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, func, select, union_all

from clientela.appdb.held.together import Together
from clientela.appdb.tables import MEMBERSHIP, OBJECTIVE, RESPONSIBILITY, ROLE_GRANT

MOST = 5_000
_VALID: tuple[Table, ...] = (MEMBERSHIP, OBJECTIVE, RESPONSIBILITY, ROLE_GRANT)
_NEVER = datetime.max.replace(tzinfo=UTC)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
Known = TypeVar("Known")


class Watch:
    """Tells whether any right was changed, by this process or another, without a question to the tables.

    SQLite tells a connection whether another has written; this one never writes, so it is told of every write. Which of
    them touched a right, triggers count.
    """

    def __init__(self, path: Path) -> None:
        place = f"file:{quote(str(path.absolute()))}?mode=ro"
        self._connection = sqlite3.connect(place, uri=True, check_same_thread=False, isolation_level=None, timeout=30)
        self._lock = Lock()
        self._seen = -1
        self._number = 0

    def number(self) -> int:
        """Grows with each change of a right."""
        with self._lock:
            seen = self._connection.execute("pragma data_version").fetchone()[0]
            if seen != self._seen:
                self._number = self._connection.execute("select number from rights_change").fetchone()[0]
                self._seen = seen
            return self._number

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


@dataclass(slots=True)
class Opened:
    """One app database held open; what is remembered holds until a right changes, or begins or ends to be valid."""

    engine: Engine
    watch: Watch
    together: Together
    process: int
    _lock: Lock = field(default_factory=Lock)
    _known: dict[Hashable, object] = field(default_factory=dict)
    _number: int = -1
    _since: datetime = _NEVER
    _until: datetime = _NEVER

    def remembered(self, key: Hashable, now: datetime, make: Callable[[], Known]) -> Known:
        """What ``make`` found out for this key, once until a right changes."""
        number = self.watch.number()
        with self._lock:
            if number != self._number or not self._since <= now < self._until:
                self._known = {}
                self._number, self._since, self._until = number, now, self._next_change(now)
            known, found = self._known, self._known.get(key)
        if found is None:
            found = make()
            if len(known) >= MOST:
                known.clear()
            known[key] = found  # of the state before `make`, if a right changed meanwhile: that one is then let go of
        return cast("Known", found)

    def _next_change(self, now: datetime) -> datetime:
        with self.engine.begin() as connection:
            return next_change(connection, now)


def next_change(connection: Connection, now: datetime) -> datetime:
    """When the next right begins or ends to be valid, without anybody doing anything."""
    moments = [table.c[name] for table in _VALID for name in ("valid_from", "valid_to")]
    each = union_all(*(select(func.min(moment).label("at")).where(moment > now) for moment in moments)).subquery()
    found = connection.execute(select(func.min(each.c.at))).scalar()
    return _NEVER if found is None else cast("datetime", found)


_HELD: dict[Path, Opened] = {}


def held(path: Path) -> Opened | None:
    """What this process holds open of a file; None where it does not. A process that was forked holds nothing."""
    found = (_HELD.get(path) or _HELD.get(path.resolve())) if _HELD else None  # to resolve it costs more than to look
    return found if found is not None and found.process == os.getpid() else None


@contextmanager
def hold(path: Path, engine: Engine, together: Together) -> Iterator[None]:
    """While the block lasts, this process has the file open."""
    key, watch = path.resolve(), Watch(path)
    before = _HELD.get(key)
    _HELD[key] = Opened(engine, watch, together, os.getpid())
    try:
        yield
    finally:
        if before is None:
            del _HELD[key]
        else:
            _HELD[key] = before
        watch.close()
