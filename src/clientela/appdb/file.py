"""The one file: its connections, which version it has, a copy of it while others write."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL

from clientela.appdb.tables import APPLICATION
from clientela.appdb.trouble import damaged
from clientela.errors import NewerError

FILE = "app.sqlite"
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")  # the versions of the tables this code knows, oldest first
NEWEST = REVISIONS[-1]
_POOL = 5

_AT_CONNECT = (
    "pragma synchronous = full",  # in WAL, normal may lose the last commits when the power fails; what was audited or
    # finished must not be undone, as it would then be missing, or be done twice
    "pragma trusted_schema = off",
    "pragma recursive_triggers = on",  # so that a replace, too, fires the triggers that forbid it
    "pragma secure_delete = on",  # an e-mail address that was removed is gone from the file
)


def engine_of(path: Path, patience_seconds: float, *, foreign_keys: bool = True) -> Engine:
    """Connections to a file that is there; each waits ``patience_seconds`` for another's write to end."""
    place = URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(
        place,
        poolclass=QueuePool,
        pool_size=_POOL,
        max_overflow=-1,
        hide_parameters=True,
        connect_args={"timeout": patience_seconds, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        for statement in (*_AT_CONNECT, f"pragma foreign_keys = {'on' if foreign_keys else 'off'}"):
            connection.execute(statement)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "begin"))

    return engine


@lru_cache(maxsize=8)  # to make it costs as much as the transaction
def writer(engine: Engine) -> Engine:
    """The same connections, whose transactions take the right to write at once: none fails halfway for want of it."""
    return engine.execution_options(begin="begin immediate")


def revision(asked: Callable[[str], Any], path: Path) -> str | None:
    """The version of the tables in the file; None when it has none yet.

    Parameters
    ----------
    asked : gives the first value of the first row that a statement answers, None without one.

    Raises
    ------
    AppDatabaseError
        It is a database of something else.
    NewerError
        A newer clientela made it.
    """
    if not asked("select count(*) from sqlite_master"):
        return None
    known = asked("select count(*) from sqlite_master where name in ('alembic_version', 'migration')") == 2
    if asked("pragma application_id") != APPLICATION or not known:
        raise damaged(path)
    found = asked("select version_num from alembic_version")
    if found not in REVISIONS:
        raise NewerError(str(asked("select version from migration order by at desc, revision desc") or "of later"))
    return str(found)


def first_value(connection: Connection) -> Callable[[str], Any]:
    """Asks a connection as `revision` wants to."""
    return lambda statement: connection.exec_driver_sql(statement).scalar()


def copy(path: Path, target: Path) -> None:
    """Write what the file holds at this moment to ``target``, which must not be there; for its owner alone."""
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with opened_to_read(path) as source, contextlib.closing(sqlite3.connect(target)) as copied:
            source.backup(copied)
        os.fsync(descriptor)
    except BaseException:
        target.unlink()
        raise
    finally:
        os.close(descriptor)


def opened_to_read(path: Path) -> contextlib.closing[sqlite3.Connection]:
    """A connection that cannot write, also where the disk is read-only and nobody writes."""
    place = f"file:{quote(str(path.absolute()))}"
    options: dict[str, Any] = {"uri": True, "timeout": 30, "isolation_level": None}
    wal = path.with_name(path.name + "-wal")
    if os.access(path.parent, os.W_OK) or (wal.exists() and wal.stat().st_size):
        return contextlib.closing(sqlite3.connect(f"{place}?mode=ro", **options))
    return contextlib.closing(sqlite3.connect(f"{place}?mode=ro&immutable=1", **options))
