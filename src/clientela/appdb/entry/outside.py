"""Who comes in with the account they have elsewhere: entries that are under way, whose account is whose, their grants.

Of an entry under way are kept a hash of the browser's cookie, a hash of the state, and what the answer is checked
against; it is good for ten minutes and one answer. Of a session that began so is kept what the provider said of it, to
be shown to it once, when it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select

from clientela.appdb import grants, users
from clientela.appdb.database import Change, Database
from clientela.appdb.tables import (
    OUTSIDE_ENTRY,
    OUTSIDE_GRANT,
    OUTSIDE_IDENTITY,
    OUTSIDE_SESSION,
    ROLE_GRANT,
    TOKEN,
    USER,
)
from clientela.appdb.users import User
from clientela.errors import OutsideError, UsageError

LASTING = timedelta(minutes=10)

Scope = tuple[tuple[str, tuple[str, ...]], ...]
Role = tuple[str, Scope]  # a role within a scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An entry that is under way: what the answer must bear, and where one wanted to go."""

    nonce: str
    verifier: str
    wanted: str


def begin(database: Database, secret: str, state: str, begun: Begun, *, now: datetime) -> None:
    """Keep an entry that begins; those that nobody ended are forgotten."""
    row = {
        "cookie_hash": _hash(secret),
        "state_hash": _hash(state),
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "wanted": begun.wanted,
        "expires_at": now + LASTING,
    }
    with database.writing() as connection:
        connection.execute(delete(OUTSIDE_ENTRY).where(OUTSIDE_ENTRY.c.expires_at <= now))
        connection.execute(insert(OUTSIDE_ENTRY).values(row))


def spend(database: Database, secret: str, state: str, *, now: datetime) -> Begun:
    """The entry that this browser began with this state; it is over, whatever comes of it.

    Raises
    ------
    OutsideError
        There is none: it was ended before, is too old, or was begun in another browser.
    """
    which = OUTSIDE_ENTRY.c.cookie_hash == _hash(secret)
    with database.writing() as connection:
        row = connection.execute(select(OUTSIDE_ENTRY).where(which)).first()
        connection.execute(delete(OUTSIDE_ENTRY).where(which))
    if row is None or now >= row.expires_at or not hmac.compare_digest(row.state_hash, _hash(state)):
        raise OutsideError("state")
    return Begun(nonce=row.nonce, verifier=row.verifier, wanted=row.wanted)


def remember(change: Change, token_id: str, id_token: str) -> None:
    """Keep what the provider said of a session that begins; that of sessions which have ended is forgotten."""
    ended = select(TOKEN.c.token_id).where(or_(TOKEN.c.ended_at.is_not(None), TOKEN.c.expires_at <= change.now))
    change.connection.execute(delete(OUTSIDE_SESSION).where(OUTSIDE_SESSION.c.token_id.in_(ended)))
    change.connection.execute(insert(OUTSIDE_SESSION).values(token_id=token_id, id_token=id_token))


def forget(change: Change, token_id: str) -> str | None:
    """What the provider said of a session, which is kept no longer; None for one that began here."""
    which = OUTSIDE_SESSION.c.token_id == token_id
    found = change.connection.execute(select(OUTSIDE_SESSION.c.id_token).where(which)).scalar()
    change.connection.execute(delete(OUTSIDE_SESSION).where(which))
    return None if found is None else str(found)


def has_user(connection: Connection, issuer: str, subject: str, *, email: str | None) -> bool:
    """Whether an account elsewhere is a user's already, or would be linked to one by this address."""
    if _known(connection, issuer, subject) is not None:
        return True
    return email is not None and _linked(connection, issuer, email) is not None


def user_of(
    change: Change,
    issuer: str,
    subject: str,
    *,
    name: str | None,
    email: str | None,
    link: bool,
    language: str,
    chance: users.Chance,
) -> User:
    """The user of an account elsewhere; where there is none yet, one that is made now.

    Parameters
    ----------
    email : verified; None where it is not
    link : whoever has the address of exactly one active user here is that user

    Raises
    ------
    OutsideError
        The user may not come in, or there is another of this name, who is not made theirs by a name alone.
    """
    found = _known(change.connection, issuer, subject)
    if found is not None:
        user = users.named(change.connection, found)
        if not user.active:
            raise OutsideError("inactive")
        return user
    user = (_linked(change.connection, issuer, email) if link and email else None) or _new(
        change, name, email, language, chance
    )
    row = {"issuer": issuer, "subject_hash": _hash(subject), "user_id": user.user_id, "made_at": change.now}
    change.connection.execute(insert(OUTSIDE_IDENTITY).values(row))
    change.audit("user.linked", user.actor)
    return user


def set_grants(
    change: Change, user: User, wanted: Iterable[tuple[str, Mapping[str, Sequence[str]]]], *, roles: Collection[str],
    chance: users.Chance,
) -> bool:  # fmt: skip
    """Give what their groups give and is not held, take back what they gave and no longer do; whether any is held.

    What was granted by hand is left alone.
    """
    want = {(role, _scope(scope)): scope for role, scope in wanted}
    held = {(each.role, _scope(each.scope)): each for each in _of_groups(change.connection, user.user_id)}
    for key in held.keys() - want.keys():
        grants.revoke(change, user.user_id, grant_id=held[key].grant_id)
    for key in sorted(want.keys() - held.keys()):
        given = grants.give(change, user.user_id, key[0], roles=roles, chance=chance, scope=want[key])
        change.connection.execute(insert(OUTSIDE_GRANT).values(grant_id=given.grant_id))
    return bool(grants.in_force(change.connection, user.user_id, change.now))


def _known(connection: Connection, issuer: str, subject: str) -> str | None:
    which = (OUTSIDE_IDENTITY.c.issuer == issuer) & (OUTSIDE_IDENTITY.c.subject_hash == _hash(subject))
    found = connection.execute(select(OUTSIDE_IDENTITY.c.user_id).where(which)).scalar()
    return None if found is None else str(found)


def _of_groups(connection: Connection, user_id: str) -> list[grants.Grant]:
    """What a user holds through their groups."""
    joined = select(OUTSIDE_GRANT.c.grant_id).join(ROLE_GRANT, ROLE_GRANT.c.grant_id == OUTSIDE_GRANT.c.grant_id)
    theirs = set(connection.execute(joined.where(ROLE_GRANT.c.user_id == user_id)).scalars())
    return [each for each in grants.of_user(connection, user_id) if each.ended_at is None and each.grant_id in theirs]


def _linked(connection: Connection, issuer: str, email: str) -> User | None:
    """The one active user with this address whom no account of this provider has yet."""
    taken = select(OUTSIDE_IDENTITY.c.user_id).where(OUTSIDE_IDENTITY.c.issuer == issuer)
    which = (func.lower(USER.c.email) == email.lower()) & USER.c.active & USER.c.user_id.not_in(taken)
    found = list(connection.execute(select(USER.c.user_id).where(which)).scalars())
    return users.named(connection, found[0]) if len(found) == 1 else None


def _new(change: Change, name: str | None, email: str | None, language: str, chance: users.Chance) -> User:
    if name is None:
        raise OutsideError("name")
    if users.is_known(change.connection, name):
        raise OutsideError("taken")
    try:
        user = users.add(change, name, chance=chance, language=language)
    except UsageError:
        raise OutsideError("name") from None
    if email is not None:
        with contextlib.suppress(UsageError):  # an address that we could not write to
            user = users.alter(change, user.user_id, email=email)
    return user


def _scope(scope: Mapping[str, Sequence[str]]) -> Scope:
    return tuple(sorted((kind, tuple(sorted(set(ids)))) for kind, ids in scope.items()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
