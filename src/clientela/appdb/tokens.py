"""Sessions and API tokens: opaque, of 256 random bits; kept is only their SHA-256, so the file opens no door."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, insert, select, true, update

from clientela.appdb import users
from clientela.appdb.database import Change, Database
from clientela.appdb.tables import OUTSIDE_SESSION, TOKEN, USER
from clientela.contracts.text import text
from clientela.errors import TokenError, UsageError

Kind = Literal["session", "api"]
_PREFIX = {"session": "cls_", "api": "cla_"}  # so that a search for leaked secrets finds them
_BYTES = 32
_ID_BYTES = 6
_NOTED_EVERY = timedelta(minutes=1)  # the last use is noted so often, not at each request


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; not the token. ``viewing_as``: the id of the user whose view a session shows."""

    token_id: str
    kind: Kind
    user_id: str
    name: str
    permissions: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    idle: timedelta | None
    last_used_at: datetime | None
    ended_at: datetime | None
    viewing_as: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A new token with its text, which is shown once and kept nowhere."""

    text: str
    token: Token


def make(
    change: Change,
    user_name: str,
    *,
    kind: Kind,
    chance: users.Chance,
    lasting: timedelta,
    name: str = "",
    permissions: Sequence[str] = (),
    idle: timedelta | None = None,
) -> Made:
    """A token for a user, who must be active.

    Parameters
    ----------
    lasting : how long it is good for.
    idle : it ends sooner when it was not used for so long.
    permissions : what it may be used for; what its user may not, it does not permit either.
    """
    user = users.named(change.connection, user_name)
    if not user.active:
        raise UsageError(text("'{name}' is not active and gets no token.", name=user.name))
    if lasting <= timedelta(0) or (idle is not None and idle < timedelta(seconds=1)):
        raise UsageError(text("a token must last for some time; choose a longer one."))
    secret = _PREFIX[kind] + base64.urlsafe_b64encode(chance(_BYTES)).decode("ascii").rstrip("=")
    token_id = chance(_ID_BYTES).hex()
    change.connection.execute(
        insert(TOKEN).values(
            token_id=token_id,
            kind=kind,
            user_id=user.user_id,
            name=name,
            token_hash=_hash(secret),
            permissions=sorted(set(permissions)),
            made_at=change.now,
            expires_at=change.now + lasting,
            idle_seconds=None if idle is None else int(idle.total_seconds()),
        )
    )
    change.audit(f"token.{kind}-made", user.actor, f"token:{token_id}", counts={"permissions": len(set(permissions))})
    return Made(secret, _tokens(change.connection, TOKEN.c.token_id == token_id)[0])


def used(database: Database, text: str, *, now: datetime, permission: str | None = None) -> Token:
    """The token behind a text that somebody shows, good at this moment; its use is noted.

    Raises
    ------
    TokenError
        It is unknown, has expired or was ended, its user is not active, or it does not permit that.
    """
    with database.reading() as connection:
        found = _tokens(connection, TOKEN.c.token_hash == _hash(text))
        if not found:
            raise TokenError("the token is not known; make a new one.")
        token = found[0]
        active = connection.execute(select(USER.c.active).where(USER.c.user_id == token.user_id)).scalar()
    refuse(token, now, active=bool(active), permission=permission)
    if not is_to_be_noted(token, now):
        return token
    with database.writing() as connection:
        noted = (TOKEN.c.token_id == token.token_id) & TOKEN.c.ended_at.is_(None)
        connection.execute(update(TOKEN).where(noted).values(last_used_at=now))
    return replace(token, last_used_at=now)


def is_to_be_noted(token: Token, now: datetime) -> bool:
    """Whether the last use that was noted is so long ago that this one is."""
    often = _NOTED_EVERY if token.idle is None else min(_NOTED_EVERY, token.idle / 2)
    return token.last_used_at is None or now - token.last_used_at >= often


def is_good(token: Token, now: datetime) -> bool:
    """Whether a token opens anything at this moment, when its user is active."""
    try:
        refuse(token, now, active=True)
    except TokenError:
        return False
    return True


def refuse(token: Token, now: datetime, *, active: bool, permission: str | None = None) -> None:
    """Refuse a token that is not good at this moment.

    Parameters
    ----------
    active : whether its user is

    Raises
    ------
    TokenError
        It has expired or was ended, its user is not active, or it does not permit that.
    """
    named = f"the {'session' if token.kind == 'session' else 'token'} {token.name or token.token_id}"
    if token.ended_at is not None:
        raise TokenError(f"{named} was ended on {token.ended_at:%Y-%m-%d at %H:%M} UTC; make a new one.")
    idle_until = None if token.idle is None else (token.last_used_at or token.made_at) + token.idle
    until = token.expires_at if idle_until is None else min(token.expires_at, idle_until)
    if now >= until:
        raise TokenError(f"{named} expired on {until:%Y-%m-%d at %H:%M} UTC; make a new one.")
    if not active:
        raise TokenError(f"{named} is of a user who is not active; ask an administrator.")
    if permission is not None and permission not in token.permissions:
        raise TokenError(f"{named} does not permit '{permission}'; make one that does.")


def view_as(change: Change, token_id: str, user: str | None) -> Token:
    """Let a session show another user's view, to read only; None: its own again. Both are entered in the audit log.

    Raises
    ------
    UsageError
        The session has ended, the user is unknown or not active, or it is their own session.
    """
    found = [each for each in _tokens(change.connection, TOKEN.c.token_id == token_id) if each.kind == "session"]
    if not found or found[0].ended_at is not None:
        raise UsageError(text("there is no session in which to see as another."))
    shown = None
    if user is not None:
        who = users.named(change.connection, user)
        if not who.active:
            raise UsageError(text("'{name}' is not active, so there is nothing to see as them.", name=who.name))
        if who.user_id == found[0].user_id:
            raise UsageError(text("this is your own view already."))
        shown = who.user_id
    change.connection.execute(update(TOKEN).where(TOKEN.c.token_id == token_id).values(viewing_as=shown))
    whose = shown or found[0].viewing_as
    if whose is not None:
        begun = shown is not None
        change.audit("session.view-as" if begun else "session.view-as-ended", f"user:{whose}", f"token:{token_id}")
    return _tokens(change.connection, TOKEN.c.token_id == token_id)[0]


def end(change: Change, token_id: str) -> Token:
    """Let a token open nothing from now on; ending it again changes nothing.

    Raises
    ------
    UsageError
        There is none of this id.
    """
    found = _tokens(change.connection, TOKEN.c.token_id == token_id)
    if not found:
        raise UsageError(
            text("there is no token '{token_id}'; `clientela user show` lists those of a user.", token_id=token_id)
        )
    if found[0].ended_at is None:
        change.connection.execute(update(TOKEN).where(TOKEN.c.token_id == token_id).values(ended_at=change.now))
        _forget_elsewhere(change.connection, TOKEN.c.token_id == token_id)
        change.audit("token.ended", f"user:{found[0].user_id}", f"token:{token_id}")
    return _tokens(change.connection, TOKEN.c.token_id == token_id)[0]


def end_all(change: Change, *, user_id: str | None = None, kind: Kind | None = None, but: str | None = None) -> int:
    """End every token of a user, or of everybody; how many there were.

    Parameters
    ----------
    kind : only those of it
    but : the id of the one that stays
    """
    theirs = true() if user_id is None else TOKEN.c.user_id == user_id
    which = and_(theirs, TOKEN.c.ended_at.is_(None))
    if kind is not None:
        which &= TOKEN.c.kind == kind
    if but is not None:
        which &= TOKEN.c.token_id != but
    _forget_elsewhere(change.connection, which)
    ended = change.connection.execute(update(TOKEN).where(which).values(ended_at=change.now)).rowcount
    if ended:
        about = () if user_id is None else (f"user:{user_id}",)
        change.audit("token.all-ended", *about, counts={"tokens": ended})
    return int(ended)


def _forget_elsewhere(connection: Connection, which: Any) -> None:
    """Keep no longer what a provider said when these sessions began; see `clientela.appdb.entry.outside`."""
    theirs = select(TOKEN.c.token_id).where(which)
    connection.execute(delete(OUTSIDE_SESSION).where(OUTSIDE_SESSION.c.token_id.in_(theirs)))


def of_user(connection: Connection, user_id: str) -> tuple[Token, ...]:
    """Every token a user was ever given, oldest first."""
    return _tokens(connection, TOKEN.c.user_id == user_id)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _tokens(connection: Connection, which: Any) -> tuple[Token, ...]:
    asked = select(TOKEN).where(which).order_by(TOKEN.c.made_at, TOKEN.c.token_id)
    return tuple(
        Token(
            token_id=row.token_id,
            kind=row.kind,
            user_id=row.user_id,
            name=row.name,
            permissions=tuple(row.permissions),
            made_at=row.made_at,
            expires_at=row.expires_at,
            idle=None if row.idle_seconds is None else timedelta(seconds=row.idle_seconds),
            last_used_at=row.last_used_at,
            ended_at=row.ended_at,
            viewing_as=row.viewing_as,
        )
        for row in connection.execute(asked)
    )
