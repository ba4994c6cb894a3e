"""The app database, opened: transactions that read, that write, and that leave an entry in the audit log."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, Engine

from clientela.appdb.audit import anchor, chain
from clientela.appdb.file import FILE, NEWEST, engine_of, first_value, revision, writer
from clientela.appdb.held.opened import held, hold
from clientela.appdb.held.together import Together
from clientela.appdb.trouble import trouble
from clientela.errors import machine_trouble

PATIENCE_SECONDS = 30.0
Known = TypeVar("Known")


@dataclass(slots=True)
class Change:
    """A transaction in which somebody changes something: who and when, and where its audit entries end."""

    connection: Connection
    by: str
    now: datetime
    head: chain.Head | None = None

    def audit(
        self,
        action: str,
        *objects: str,
        counts: Mapping[str, int] | None = None,
        purpose: str = "",
        snapshot: str | None = None,
    ) -> None:
        """Enter what is done; it is kept if, and only if, what is done is."""
        entry = chain.Entry(
            actor=self.by, action=action, purpose=purpose, objects=objects, counts=counts or {}, snapshot=snapshot
        )
        self.head = chain.append(self.connection, [entry], now=self.now)


@dataclass(frozen=True, slots=True)
class Database:
    """One workspace's app database; any number of threads and processes may each have it open.

    A process that was forked opens its own.
    """

    folder: Path
    engine: Engine
    patience_seconds: float
    lent: bool = False  # of one that this process holds open: closing it closes nothing

    @property
    def path(self) -> Path:
        """The file."""
        return _in_folder(self.folder, FILE)

    @property
    def anchor(self) -> Path:
        """The file that keeps the end of the audit log a second time."""
        return _in_folder(self.folder, anchor.ANCHOR)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the database, however long the block takes."""
        with trouble(self.path, self.patience_seconds), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, alone in writing; on the disk when the block has ended, undone when it raises."""
        with trouble(self.path, self.patience_seconds), writer(self.engine).begin() as connection:
            yield connection

    @contextlib.contextmanager
    def change(self, *, by: str, now: datetime) -> Iterator[Change]:
        """The same, with entries in the audit log."""
        with self.writing() as connection:
            change = Change(connection, by, now)
            yield change
        if change.head is not None:
            # What was entered is committed. When the anchor cannot be written, the next one holds for this too.
            with contextlib.suppress(OSError):
                anchor.write_line(self.anchor, change.head)

    def enter(self, entries: Sequence[chain.Entry], *, now: datetime) -> chain.Head:
        """Add entries to the audit log, in one transaction; where it then ends.

        Of a database that is held open, what several threads enter at once is one transaction.
        """
        opened = held(self.path)
        if opened is not None and entries:
            return opened.together.enter(entries, now)
        return self._enter([(entries, now)])

    def _enter(self, batches: Sequence[tuple[Sequence[chain.Entry], datetime]]) -> chain.Head:
        """The same as `writing` and `chain.append`, of SQLite itself: each page that shows somebody waits for it."""
        with (
            trouble(self.path, self.patience_seconds),
            contextlib.closing(self.engine.raw_connection()) as lent,  # what was not committed is undone
        ):
            own = lent.driver_connection
            assert isinstance(own, sqlite3.Connection)  # noqa: S101 - as the engine was made
            own.execute("begin immediate")
            end = chain.ended(own.execute(chain.LAST).fetchone())
            for entries, now in batches:
                rows, end = chain.linked(entries, now=now, after=end)
                own.executemany(chain.INSERT, rows)
            own.execute("commit")
        if any(entries for entries, _ in batches):
            with contextlib.suppress(OSError):
                anchor.write_line(self.anchor, end)
        return end

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While the block lasts, whoever opens this database in this process gets this one, open already."""
        with hold(self.path, self.engine, Together(self._enter)):
            yield

    def remembered(self, key: Hashable, now: datetime, make: Callable[[], Known]) -> Known:
        """What ``make`` finds out of users, grants, duties and tokens; of a database held open, once until they change.

        Parameters
        ----------
        key : with all that it depends on besides
        """
        opened = held(self.path)
        return make() if opened is None else opened.remembered(key, now, make)

    def close(self) -> None:
        """Let go of the file."""
        if not self.lent:
            self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@lru_cache(maxsize=64)
def _in_folder(folder: Path, name: str) -> Path:
    """The path of a file: with each request it is asked for a dozen times."""
    return folder / name


def exists(folder: Path) -> bool:
    """Whether the workspace has an app database; the first change makes it."""
    path = _in_folder(folder, FILE)
    return held(path) is not None or path.exists()


def open_database(folder: Path, *, now: datetime, patience_seconds: float = PATIENCE_SECONDS) -> Database:
    """The app database of a workspace; made when there is none, brought to this version when it is older.

    Raises
    ------
    NewerError
        A newer clientela made it.
    AppDatabaseError
        The file is damaged, or none of ours.
    BusyError
        Another process held it longer than ``patience_seconds``.
    MachineError
        The machine refuses: no room, a read-only folder.
    """
    path = _in_folder(folder, FILE)
    opened = held(path)
    if opened is not None:
        return Database(folder, opened.engine, patience_seconds, lent=True)
    with machine_trouble(folder), trouble(path, patience_seconds):
        if not _ready(path, patience_seconds):
            from clientela.appdb.migrations.forward import bring_forward

            bring_forward(folder, now=now, patience_seconds=patience_seconds)
    return Database(folder, engine_of(path, patience_seconds), patience_seconds)


def _ready(path: Path, patience_seconds: float) -> bool:
    if not path.exists():
        return False
    engine = engine_of(path, patience_seconds)
    try:
        with engine.begin() as connection:
            return revision(first_value(connection), path) == NEWEST
    finally:
        engine.dispose()
