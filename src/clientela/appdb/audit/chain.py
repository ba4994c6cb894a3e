"""One entry of the audit log and its hash, which holds all entries before it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import sqlite

from clientela.appdb.tables import AUDIT, canonical, moment_text
from clientela.errors import UsageError

BEGINNING = "0" * 64  # what the first entry follows
# Written out once: each look at a customer is entered, and to write them out anew costs more than to carry them out.
LAST = str(
    select(AUDIT.c.seq, AUDIT.c.hash)
    .order_by(AUDIT.c.seq.desc())
    .limit(1)
    .compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
)
INSERT = str(insert(AUDIT).compile(dialect=sqlite.dialect()))  # the columns in the table's order
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# Ids, codes and numbers fit; a name with its space, an address or a sentence does not.
_FORMS = {
    "actor": re.compile(r"[a-z]+:[\w.-]{1,64}"),
    "action": re.compile(r"[a-z]+(\.[a-z][a-z-]*)+"),
    "purpose": re.compile(r"([a-z0-9][a-z0-9-]{0,63})?"),
    "object": re.compile(r"[a-z][a-z0-9]*:[\w.-]{1,80}", re.ASCII),
    "count": re.compile(r"[a-z][a-z_]{0,40}"),
    "snapshot": re.compile(r"[0-9a-f-]{1,64}"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: its last entry and the hash of everything up to it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was done: ids, codes and counts, never a value of a person.

    Raises
    ------
    UsageError
        Something has not the form of an id or a code.
    """

    actor: str  # user:<id>, os:<login>, job:<number>
    action: str  # grant.given
    purpose: str = ""  # a code, such as annual-review
    objects: Sequence[str] = ()  # user:<id>, grant:<id>, customer:<number>
    counts: Mapping[str, int] = field(default_factory=dict)
    snapshot: str | None = None

    def __post_init__(self) -> None:
        said = [("actor", self.actor), ("action", self.action), ("purpose", self.purpose)]
        said += [("object", each) for each in self.objects] + [("count", each) for each in self.counts]
        said += [("snapshot", self.snapshot)] if self.snapshot is not None else []
        for kind, value in said:
            if not _FORMS[kind].fullmatch(value):
                raise UsageError(
                    f"the audit log keeps no such {kind}: it takes ids and codes of lower-case letters, digits and "
                    "hyphens, never what could be a person's."
                )


def os_actor(login: str) -> str:
    """Who is at work on the command line, as the operating system knows them, in the form the log takes.

    Examples
    --------
    >>> os_actor("SHOP\\\\ana")
    'os:SHOP-ana'
    """
    return "os:" + (re.sub(r"[^\w.-]", "-", login)[:64] or "unknown")


def link(previous: str, row: tuple[int, str, str, str, str, str, str, str | None]) -> str:
    """The hash of an entry as the table has it: SHA-256 over the hash before it and its canonical JSON."""
    return hashlib.sha256((previous + _encode(row)).encode()).hexdigest()


def head(connection: Connection) -> Head:
    """The end of the chain; the beginning when nothing was entered."""
    return ended(connection.exec_driver_sql(LAST).first())


def ended(last: Sequence[Any] | None) -> Head:
    """The end of a chain whose last row, as `LAST` asks for it, is this; its beginning where there is none."""
    return Head(0, BEGINNING) if last is None else Head(*last)


def append(connection: Connection, entries: Sequence[Entry], *, now: datetime, after: Head | None = None) -> Head:
    """Add entries in the running transaction, which must be one that writes; where the chain then ends.

    Parameters
    ----------
    after : where it ended before, as this transaction found it; None: to be looked up
    """
    rows, end = linked(entries, now=now, after=after or head(connection))
    if rows:
        connection.exec_driver_sql(INSERT, rows)
    return end


def linked(entries: Sequence[Entry], *, now: datetime, after: Head) -> tuple[list[tuple[object, ...]], Head]:
    """The rows of entries that follow the end of a chain, as `INSERT` takes them, and where the chain then ends."""
    end = after
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        row = (
            end.seq + 1,
            moment_text(now),
            entry.actor,
            entry.action,
            entry.purpose,
            canonical(list(entry.objects)),
            canonical(dict(entry.counts)),
            entry.snapshot,
        )
        end = Head(row[0], link(end.hash, row))
        rows.append((*row, end.hash))
    return rows, end
