"""The audit log as a person reads it: newest first, by who, what and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from clientela.appdb.tables import AUDIT, moment_of, moment_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """One entry."""

    seq: int
    at: datetime
    actor: str
    action: str
    purpose: str
    objects: tuple[str, ...]
    counts: Mapping[str, int]
    snapshot: str | None
    hash: str


def listed(
    connection: Connection,
    *,
    actors: tuple[str, ...] = (),
    about: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> tuple[Entered, ...]:
    """Entries, newest first.

    Parameters
    ----------
    actors : only what one of them did.
    about : only what was done to this object, ``customer:4711``.
    action : its name, ``user.added``, or how it begins, ``user``.
    since, until : from this moment on, and before that one.
    before : only entries of a lower number, those of the next page.
    """
    asked = select(AUDIT).order_by(AUDIT.c.seq.desc())
    if actors:
        asked = asked.where(AUDIT.c.actor.in_(actors))
    if about is not None:
        asked = asked.where(AUDIT.c.objects.contains(json.dumps(about, ensure_ascii=False), autoescape=True))
    if action is not None:
        asked = asked.where((AUDIT.c.action == action) | AUDIT.c.action.startswith(action + ".", autoescape=True))
    if since is not None:
        asked = asked.where(AUDIT.c.at >= moment_text(since))
    if until is not None:
        asked = asked.where(AUDIT.c.at < moment_text(until))
    if before is not None:
        asked = asked.where(AUDIT.c.seq < before)
    if limit is not None:
        asked = asked.limit(limit)
    return tuple(
        Entered(
            seq=row.seq,
            at=moment_of(row.at),
            actor=row.actor,
            action=row.action,
            purpose=row.purpose,
            objects=tuple(json.loads(row.objects)),
            counts=json.loads(row.counts),
            snapshot=row.snapshot,
            hash=row.hash,
        )
        for row in connection.execute(asked)
    )
