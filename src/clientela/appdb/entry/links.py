"""Links that let in once: to make the first administrator, or to choose a new password.

A link is good for a quarter of an hour and for one use; kept is only the SHA-256 of it. What it is used for and its
end are one transaction.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from clientela.appdb import users
from clientela.appdb.database import Change
from clientela.appdb.tables import ENTRY_LINK, USER
from clientela.contracts.text import text
from clientela.errors import LinkError, UsageError

LASTING = timedelta(minutes=15)
_PREFIX = "cll_"
_BYTES = 32
_SPENT = text("this link has been used or is too old; ask for a new one: clientela user link NAME.")
_TAKEN = text("this workspace has its users already; ask an administrator for a link.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of a link; not the link. ``user_id``: whom it lets in; None: it makes the first administrator."""

    link_hash: str
    user_id: str | None
    expires_at: datetime


def for_user(change: Change, name: str, *, chance: users.Chance, lasting: timedelta = LASTING) -> str:
    """A link with which a user, who must be active, chooses a password; earlier ones of theirs open nothing more."""
    user = users.named(change.connection, name)
    if not user.active:
        raise UsageError(f"'{user.name}' is not active and gets no link.")
    change.connection.execute(delete(ENTRY_LINK).where(ENTRY_LINK.c.user_id == user.user_id))
    change.audit("link.made", user.actor)
    return _made(change, user.user_id, chance, lasting)


def for_first(change: Change, *, chance: users.Chance, lasting: timedelta = LASTING) -> str | None:
    """A link that makes the first administrator; None where there is a user already. Earlier ones open nothing more."""
    if _anybody(change.connection):
        return None
    change.connection.execute(delete(ENTRY_LINK).where(ENTRY_LINK.c.user_id.is_(None)))
    return _made(change, None, chance, lasting)


def found(connection: Connection, text: str, now: datetime) -> Link:
    """The link of a text, still good.

    Raises
    ------
    LinkError
        It is unknown, has been used or is too old, or it would make a first user where there is one.
    """
    row = connection.execute(select(ENTRY_LINK).where(ENTRY_LINK.c.link_hash == _hash(text))).first()
    if row is None or row.used_at is not None or now >= row.expires_at:
        raise LinkError(_SPENT)
    if row.user_id is None and _anybody(connection):
        raise LinkError(_TAKEN)
    if row.user_id is not None and not users.named(connection, row.user_id).active:
        raise LinkError(_SPENT)
    return Link(link_hash=row.link_hash, user_id=row.user_id, expires_at=row.expires_at)


def spend(change: Change, text: str) -> Link:
    """The link, which opens nothing from the moment this transaction is committed.

    Raises
    ------
    LinkError
        It is not good any more.
    """
    link = found(change.connection, text, change.now)
    which = (ENTRY_LINK.c.link_hash == link.link_hash) & ENTRY_LINK.c.used_at.is_(None)
    if not change.connection.execute(update(ENTRY_LINK).where(which).values(used_at=change.now)).rowcount:
        raise LinkError(_SPENT)
    return link


def _made(change: Change, user_id: str | None, chance: users.Chance, lasting: timedelta) -> str:
    text = _PREFIX + base64.urlsafe_b64encode(chance(_BYTES)).decode("ascii").rstrip("=")
    row = {
        "link_hash": _hash(text),
        "user_id": user_id,
        "made_at": change.now,
        "made_by": change.by,
        "expires_at": change.now + lasting,
    }
    change.connection.execute(insert(ENTRY_LINK).values(row))
    return text


def _anybody(connection: Connection) -> bool:
    return connection.execute(select(USER.c.user_id).limit(1)).first() is not None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
