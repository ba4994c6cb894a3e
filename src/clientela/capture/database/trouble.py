"""What went wrong at a database, in one sentence: without its password, without a customer's value."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from clientela.capture.mapping import Section
from clientela.errors import SourceError

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 3600

T = TypeVar("T")

# What a driver may raise when it connects; later every error of its own comes wrapped in one of SQLAlchemy's.
_AT_CONNECT = (SQLAlchemyError, OSError, ImportError, TypeError, ValueError, AttributeError)
_LATER = (SQLAlchemyError, UnicodeError, ConnectionError)

_STATES = {
    "28": "the database refused the user or the password that {url} names; mend the variable.",
    "3D": "there is no such database as {url} names on its server; mend the variable.",
    "08": "the connection to the database that {url} names broke off; nothing was taken. Run again.",
    "22": "the database could not compute a value of the query (SQLSTATE {state}); mend the query.",
    "25006": "the query writes, and clientela only ever reads; make it a plain select.",
    "40": "the database broke the reading off in favour of other work; nothing was taken. Run again.",
    "53": "the database has no room for another connection or for the query (SQLSTATE {state}); run again later.",
    "57014": f"the database broke the query off, at the latest after {STATEMENT_SECONDS // 60} minutes; "
    "ask for fewer rows or add an index on the cursor.",
    "57P": "the database shut down or is starting; nothing was taken. Run again.",
    "0A": "the database cannot do what is asked: {message}.",
    "42501": "the user that {url} names may not read it: {message}. Grant it select.",
    "42": "the database does not understand what is asked: {message}.",
}
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
    (socket.gaierror, "", "the server that {url} names is not known to the network; mend its name in the variable."),
    (
        ConnectionRefusedError,
        "",
        "the server that {url} names refuses connections; is the database running, and the port right?",
    ),
    (
        ssl.SSLError,
        "SSL",
        "no encrypted connection to the server that {url} names could be made; look at sslmode and its certificate.",
    ),
    (
        TimeoutError,
        "",
        f"the server that {{url}} names did not answer in time ({CONNECT_SECONDS} seconds to connect); nothing was "
        "taken. Run again.",
    ),
    (UnicodeError, "", "a text of the table is not in the encoding that the database states; nothing was taken."),
    (
        OSError,
        "network error",
        "the connection to the server that {url} names broke off; nothing was taken. Run again.",
    ),
    (TypeError, "", "the driver does not know a parameter of {url}; leave it out."),
)
_SQLITE = ("no such table", "no such column", "near ", "ambiguous column", "database is locked", "file is not a data")


def attempt(section: Section, work: Callable[[], T], *, connecting: bool = False) -> T:
    """The result of ``work``, errors of the database as ours.

    The original error is let go of before ours is raised: a chain of errors could show a password or a row.

    Raises
    ------
    SourceError
        One sentence.
    """
    known: tuple[type[Exception], ...] = _AT_CONNECT if connecting else _LATER
    try:
        return work()
    except SourceError:
        raise
    except known as error:
        found = sentence(error, section)
    raise SourceError(section.source.name, found)


def sentence(error: BaseException, section: Section) -> str:
    """What went wrong."""
    database = section.source.database
    assert database is not None  # noqa: S101 - only sections with a database come here
    url = database.url_from
    if isinstance(error, DBAPIError) and error.orig is not None:
        state, message = _answer(error.orig)
        if state:
            template = next((each for start, each in _STATES.items() if state.startswith(start)), None)
            if template:
                return template.format(url=url, state=state, message=message)
            return f"the database answered with an error (SQLSTATE {state})."
        if str(error.orig).startswith(_SQLITE):
            return f"the database does not understand what is asked: {str(error.orig).splitlines()[0]}."
    if isinstance(error, (NoSuchModuleError, ArgumentError)):
        return f"what {url} holds is no URL of a database; write it as postgresql+pg8000://reader:password@host/shop."
    if isinstance(error, ImportError):
        return _driver(error, url)
    return _network(error, url)


def _answer(error: BaseException) -> tuple[str, str]:
    """The SQLSTATE and the message a server gave, where it gave one."""
    first = error.args[0] if error.args else None
    if isinstance(first, dict):  # pg8000
        return str(first.get("C", "")), _one_line(str(first.get("M", "")))
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    diagnosis = getattr(error, "diag", None)
    return str(state or ""), _one_line(str(getattr(diagnosis, "message_primary", "") or ""))


def _one_line(message: str) -> str:
    return re.sub(r"\s+", " ", message).strip().rstrip(".")[:300]


def _driver(error: ImportError, url: str) -> str:
    name = error.name or "its driver"
    if name.startswith("pg8000"):
        return "reading from PostgreSQL needs a driver; install it with pip install 'clientela[sql]'."
    return (
        f"the Python package '{name}' for the kind of database that {url} names is not installed; install it, or for "
        "PostgreSQL use postgresql+pg8000:// and pip install 'clientela[sql]'."
    )


def _network(error: BaseException, url: str) -> str:
    """The reason that lies behind the driver's error."""
    causes = list(_causes(error))
    for kinds, words, said in _REASONS:
        if any(isinstance(each, kinds) or (words and words in str(each)) for each in causes):
            return said.format(url=url)
    origin = causes[-1]
    number = origin.args[0] if origin.args and isinstance(origin.args[0], int) else None
    name = type(origin).__name__ if number is None else f"{type(origin).__name__} {number}"
    return f"the database that {url} names could not be read ({name})."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver said, and what made it say so."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.orig if isinstance(each, DBAPIError) and each.orig is not None else each.__cause__
