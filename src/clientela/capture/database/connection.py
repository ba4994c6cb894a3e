"""A connection that only reads: its URL from the environment, its limits, its settings."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from clientela.capture.database.trouble import CONNECT_SECONDS, STATEMENT_SECONDS, attempt
from clientela.capture.mapping import Section
from clientela.config import database_url
from clientela.errors import ConfigurationError, SourceError

# Said to the server at the start of the one transaction in which everything is read.
_AT_START = {
    "postgresql": (
        "set transaction isolation level repeatable read, read only",
        f"set local statement_timeout = '{STATEMENT_SECONDS}s'",
        "set local time zone 'UTC'",
        "set local datestyle = 'ISO, YMD'",
    ),
    "mysql": ("set session transaction read only", "commit"),
    "mariadb": ("set session transaction read only", "commit"),
    "sqlite": ("pragma query_only = 1",),
}
_TIMEOUTS = {
    "pg8000": "timeout",
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pysqlite": "timeout",
}
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())  # what it says of a lost connection, we say


@contextmanager
def opened(section: Section, folder: Path) -> Iterator[Connection]:
    """A connection in a transaction that only reads and sees one state of the database.

    Raises
    ------
    SourceError
        There is no way to it.
    """
    engine = attempt(section, lambda: _engine(section, folder), connecting=True)
    try:
        connection = attempt(section, engine.connect, connecting=True)
        try:
            attempt(section, lambda: _begin(connection))
            yield connection
        finally:
            with suppress(SQLAlchemyError):
                connection.close()
    finally:
        engine.dispose()


def _begin(connection: Connection) -> None:
    for statement in _AT_START.get(connection.dialect.name, ()):
        connection.execute(text(statement))


def _engine(section: Section, folder: Path) -> Engine:
    url = _url(section, folder)
    arguments: dict[str, Any] = {}
    name = url.get_driver_name()
    if name in _TIMEOUTS:
        arguments[_TIMEOUTS[name]] = CONNECT_SECONDS
    options: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        options["json_deserializer"] = str  # as the server wrote it
    if name == "pg8000":
        url, secured = _encryption(url, section)
        arguments |= secured
        arguments["application_name"] = "clientela"
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments, **options)
    if name == "pg8000":
        event.listen(engine, "connect", _prepare)
    return engine


def _url(section: Section, folder: Path) -> URL:
    database = section.source.database
    assert database is not None  # noqa: S101 - only sections with a database come here
    missing = ""
    said = ""
    try:
        said = database_url(database)
    except ConfigurationError as error:
        missing = str(error)
    if missing:
        raise SourceError(section.source.name, missing)
    url = make_url(said)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+pg8000")
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
        path = folder / url.database
        if not path.is_file():  # SQLite would make an empty one
            raise SourceError(section.source.name, f"the file that {database.url_from} names does not exist.")
        url = url.set(database=str(path))
    return url


def _encryption(url: URL, section: Section) -> tuple[URL, dict[str, Any]]:
    """``sslmode`` and ``sslrootcert`` of the URL as pg8000 wants them; unset, it encrypts when the server can."""
    mode, root = (_only(url.query.get(name)) for name in ("sslmode", "sslrootcert"))
    url = url.difference_update_query(("sslmode", "sslrootcert", "connect_timeout", "application_name"))
    if mode in (None, "prefer", "allow"):
        return url, {}
    if mode == "disable":
        return url, {"ssl_context": False}
    if mode not in ("require", "verify-ca", "verify-full"):
        known = "disable, prefer, require, verify-ca, verify-full"
        raise SourceError(section.source.name, f"sslmode in the URL must be one of {known}.")
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = mode == "verify-full"
    if mode == "require" and root is None:
        context.verify_mode = ssl.CERT_NONE
    return url, {"ssl_context": context}


def _only(value: str | tuple[str, ...] | None) -> str | None:
    return value[-1] if isinstance(value, tuple) else value


def _prepare(connection: Any, _: object) -> None:
    """Give pg8000 the patience a long query needs, and times read exactly and fast."""
    connected = getattr(connection, "_usock", None)  # its only timeout is that of connecting
    if connected is not None:
        connected.settimeout(STATEMENT_SECONDS + 60)
    for number, read in ((1082, date.fromisoformat), (1114, datetime.fromisoformat), (1184, datetime.fromisoformat)):
        connection.register_in_adapter(number, _Read(read))


class _Read:
    """Reads a date or time; what Python cannot hold (infinity, years BC) stays a text."""

    def __init__(self, read: Any) -> None:
        self._read = read

    def __call__(self, said: str) -> object:
        try:
            return self._read(said)
        except ValueError:
            return said
