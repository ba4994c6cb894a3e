"""What SQLite could not do, in one sentence: no value of a row is ever in it."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from clientela.errors import AppDatabaseError, BusyError, ClientelaError, MachineError

_ONE_PAGE = 1 << 16
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


@contextmanager
def trouble(path: Path, patience_seconds: float = 0) -> Iterator[None]:
    """What SQLite refuses inside the block becomes one of our errors.

    Raises
    ------
    BusyError
        Another process held the file longer than ``patience_seconds``.
    MachineError
        No room, a failing disk, a folder one may not write to.
    AppDatabaseError
        The file is damaged, or none.
    """
    try:
        yield
    except DBAPIError as error:
        original = error.orig
        found = said(original, path, patience_seconds) if isinstance(original, sqlite3.Error) else None
        if found is None:
            raise
        raise found from None
    except sqlite3.Error as error:
        found = said(error, path, patience_seconds)
        if found is None:
            raise
        raise found from None


def said(error: sqlite3.Error, path: Path, patience_seconds: float) -> ClientelaError | None:
    """Our error for one of SQLite's; None where the mistake is in our own statement."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary in _BUSY:
        return BusyError(path.name, patience_seconds)
    if primary in _DAMAGED:
        return damaged(path)
    number = _MACHINE.get(primary)
    return None if number is None else MachineError.numbered(number(path), path)


def damaged(path: Path) -> AppDatabaseError:
    """The file is none of ours, or no longer what was written."""
    return AppDatabaseError(
        f"{path} is damaged, or no app database of clientela; move it away, then restore it from a backup."
    )


def _disk(path: Path) -> int:
    """SQLite does not pass on why it could not read or write: a full disk says so itself."""
    try:
        return errno.ENOSPC if shutil.disk_usage(path.parent).free < _ONE_PAGE else errno.EIO
    except OSError:
        return errno.EIO


def _closed(path: Path) -> int:
    try:
        read_only = bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return errno.ENOENT
    return errno.EROFS if read_only else errno.EACCES


_MACHINE: dict[int, Callable[[Path], int]] = {
    sqlite3.SQLITE_FULL: lambda _: errno.ENOSPC,
    sqlite3.SQLITE_NOMEM: lambda _: errno.ENOMEM,
    sqlite3.SQLITE_IOERR: _disk,
    sqlite3.SQLITE_READONLY: _closed,
    sqlite3.SQLITE_CANTOPEN: _closed,
    sqlite3.SQLITE_PERM: _closed,
    sqlite3.SQLITE_AUTH: _closed,
}
