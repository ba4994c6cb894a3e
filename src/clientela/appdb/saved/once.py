"""Requests that are answered once: sent again under the same key, they get the answer of the first time.

Kept for a day: the key, a hash of what was sent, and the answer; nothing of what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from clientela.appdb.database import Database
from clientela.appdb.tables import REQUEST_ONCE
from clientela.errors import KeyReusedError, StillAnsweredError

KEPT = timedelta(hours=24)
PATIENCE = timedelta(minutes=10)  # whoever was to answer and has not by then was killed


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered the first time."""

    status: int
    document: Mapping[str, Any]


def begin(database: Database, user_id: str, key: str, request_hash: str, *, now: datetime) -> Answered | None:
    """What this request was answered before; None: it is the caller's to answer, and then to `end` or `give_up`.

    Raises
    ------
    KeyReusedError
        Something else was sent under this key.
    StillAnsweredError
        The first one is being answered at this moment.
    """
    with database.writing() as connection:
        connection.execute(delete(REQUEST_ONCE).where(REQUEST_ONCE.c.made_at <= now - KEPT))
        row = connection.execute(select(REQUEST_ONCE).where(_of(user_id, key))).first()
        if row is None:
            _note(connection, user_id, key, request_hash, now)
            return None
        if row.request_hash != request_hash:
            raise KeyReusedError(key)
        if row.status is not None:
            return Answered(status=row.status, document=row.answer)
        if now - row.made_at < PATIENCE:
            raise StillAnsweredError(key)
        connection.execute(update(REQUEST_ONCE).where(_of(user_id, key)).values(made_at=now))
        return None


def end(database: Database, user_id: str, key: str, answer: Answered) -> None:
    """Keep what was answered."""
    with database.writing() as connection:
        kept = {"status": answer.status, "answer": dict(answer.document)}
        connection.execute(update(REQUEST_ONCE).where(_of(user_id, key)).values(kept))


def give_up(database: Database, user_id: str, key: str) -> None:
    """Nothing came of it: the key may be used again."""
    with database.writing() as connection:
        connection.execute(delete(REQUEST_ONCE).where(_of(user_id, key) & REQUEST_ONCE.c.status.is_(None)))


def _note(connection: Connection, user_id: str, key: str, request_hash: str, now: datetime) -> None:
    row = {"user_id": user_id, "key": key, "request_hash": request_hash, "made_at": now}
    connection.execute(insert(REQUEST_ONCE).values(row))


def _of(user_id: str, key: str) -> Any:
    return (REQUEST_ONCE.c.user_id == user_id) & (REQUEST_ONCE.c.key == key)
