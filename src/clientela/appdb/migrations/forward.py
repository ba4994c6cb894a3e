"""Makes the file, and brings an older one forward: all of it in one transaction, or nothing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert

from clientela._version import __version__
from clientela.appdb.audit.anchor import ANCHOR
from clientela.appdb.file import FILE, NEWEST, REVISIONS, copy, engine_of, first_value, revision, writer
from clientela.appdb.tables import APPLICATION, MIGRATION
from clientela.errors import AppDatabaseError

KEPT = 3  # copies from before a migration


def bring_forward(folder: Path, *, now: datetime, patience_seconds: float) -> None:
    """Make the app database of a folder, or bring it to the newest version; several processes may try at once."""
    path = folder / FILE
    with _alone(folder):
        _make(path)
        # A table that is rebuilt is dropped first, and with foreign keys on its references would go with it.
        engine = engine_of(path, patience_seconds, foreign_keys=False)
        try:
            with writer(engine).begin() as connection:
                before = revision(first_value(connection), path)
                if before == NEWEST:
                    return
                if before is None:
                    connection.exec_driver_sql(f"pragma application_id = {APPLICATION}")
                else:
                    _keep(path, before, now)
                _upgrade(connection)
                _refuse_loose_ends(connection)
                _note(connection, before, now)
        finally:
            engine.dispose()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The anchor is there from the beginning; who holds it makes or changes the file."""
    descriptor = os.open(folder / ANCHOR, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """An empty file for its owner alone; SQLite gives its other files the same rights."""
    if path.exists() and path.stat().st_size:
        return
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")


def _keep(path: Path, before: str, now: datetime) -> None:
    """A copy of the file as it was; the last few stay."""
    name = f"app-before-{NEWEST}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    part = path.with_name(name + ".part")
    part.unlink(missing_ok=True)
    copy(path, part)
    part.replace(path.with_name(name))
    for old in sorted(path.parent.glob("app-before-*.sqlite"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
        old.unlink()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_loose_ends(connection: Connection) -> None:
    loose = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
    if loose:
        tables = ", ".join(sorted({str(row[0]) for row in loose}))
        raise AppDatabaseError(
            f"rows of {tables} refer to rows that are not there; {FILE} was left as it was, restore it from a backup."
        )


def _note(connection: Connection, before: str | None, now: datetime) -> None:
    done = REVISIONS[REVISIONS.index(before) + 1 :] if before is not None else REVISIONS
    connection.execute(insert(MIGRATION), [{"revision": each, "at": now, "version": __version__} for each in done])
