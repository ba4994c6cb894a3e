"""What users may: a role, within a scope, for a time. What a role and a scope mean, `access` knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from clientela.appdb import organisation, users
from clientela.appdb.database import Change
from clientela.appdb.tables import ROLE_GRANT
from clientela.contracts.text import text
from clientela.errors import UnknownNameError, UsageError

_KEY = re.compile(r"[a-z][a-z_]{0,40}")
_ID_BYTES = 6

Scope = Mapping[str, Sequence[str]]  # {"territories": ["north"]}; {} is everything the role reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role that a user holds within a scope, from a moment to before another (None: for good)."""

    grant_id: str
    user_id: str
    role: str
    scope: Mapping[str, tuple[str, ...]]
    valid_from: datetime
    valid_to: datetime | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.ended_at is None and self.valid_from <= now and (self.valid_to is None or now < self.valid_to)


def of_user(connection: Connection, user_id: str) -> tuple[Grant, ...]:
    """Every grant a user was ever given, oldest first."""
    return _grants(connection, ROLE_GRANT.c.user_id == user_id)


def in_force(connection: Connection, user_id: str, now: datetime) -> tuple[Grant, ...]:
    """The grants that hold at a moment; none for a user who is not active."""
    row = users.named(connection, user_id)
    holds = (
        (ROLE_GRANT.c.user_id == row.user_id)
        & ROLE_GRANT.c.ended_at.is_(None)
        & (ROLE_GRANT.c.valid_from <= now)
        & or_(ROLE_GRANT.c.valid_to.is_(None), ROLE_GRANT.c.valid_to > now)
    )
    return _grants(connection, holds) if row.active else ()


def give(
    change: Change,
    name: str,
    role: str,
    *,
    roles: Collection[str],
    chance: users.Chance,
    scope: Scope | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Grant:
    """Grant a role.

    Parameters
    ----------
    roles : the roles there are, by the policy.
    scope : what it is limited to, lists of ids by kind; none: everything the role reaches.
    valid_from, valid_to : from when (default: now) to before when (default: for good).

    Raises
    ------
    UsageError
        The user, role or unit is unknown, the user has ended, or the time is over before it begins.
    """
    user = users.named(change.connection, name)
    if user.ended_at is not None:
        raise UsageError(text("'{name}' has ended and can be granted nothing.", name=user.name))
    if role not in roles:
        raise UnknownNameError("role", role, roles)
    begins = valid_from or change.now
    if valid_to is not None and valid_to <= max(begins, change.now):
        raise UsageError(text("the grant would be over before it begins, or is over already; choose a later end."))
    limited = _scope(scope or {})
    for unit in limited.get("units", ()):
        organisation.below(change.connection, unit)  # refuses an unknown one
    grant_id = chance(_ID_BYTES).hex()
    change.connection.execute(
        insert(ROLE_GRANT).values(
            grant_id=grant_id,
            user_id=user.user_id,
            role=role,
            scope=limited,
            valid_from=begins,
            valid_to=valid_to,
            made_at=change.now,
            made_by=change.by,
        )
    )
    counts = {kind: len(ids) for kind, ids in limited.items()}
    change.audit("grant.given", user.actor, f"grant:{grant_id}", f"role:{role}", counts=counts)
    return _grants(change.connection, ROLE_GRANT.c.grant_id == grant_id)[0]


def revoke(change: Change, name: str, *, role: str | None = None, grant_id: str | None = None) -> tuple[Grant, ...]:
    """End a user's grants: that of an id, all of a role, or with neither all; those ended.

    Raises
    ------
    UsageError
        The user is unknown, or holds no such grant.
    """
    user = users.named(change.connection, name)
    held = [each for each in of_user(change.connection, user.user_id) if each.ended_at is None]
    chosen = [g for g in held if (role is None or g.role == role) and (grant_id is None or g.grant_id == grant_id)]
    if not chosen:
        what = f"grant '{grant_id}'" if grant_id is not None else f"role '{role}'" if role is not None else "grant"
        has = ", ".join(f"{each.role} ({each.grant_id})" for each in held) or "none"
        raise UsageError(text("'{name}' holds no {what}; held: {has}.", name=user.name, what=what, has=has))
    for each in chosen:
        theirs = ROLE_GRANT.c.grant_id == each.grant_id
        change.connection.execute(update(ROLE_GRANT).where(theirs).values(ended_at=change.now, ended_by=change.by))
        change.audit("grant.revoked", user.actor, f"grant:{each.grant_id}", f"role:{each.role}")
    ids = [each.grant_id for each in chosen]
    return _grants(change.connection, ROLE_GRANT.c.grant_id.in_(ids))


def _scope(scope: Scope) -> dict[str, list[str]]:
    """Lists of ids by kind, each id once; an empty list would be read as no limit, so it is refused."""
    limited = {}
    for kind, ids in scope.items():
        if not _KEY.fullmatch(kind) or isinstance(ids, str) or not ids or not all(map(_plain, ids)):
            raise UsageError(text("the scope '{kind}' must name at least one id, each of visible signs.", kind=kind))
        limited[kind] = sorted(set(ids))
    return limited


def _plain(each: str) -> bool:
    return bool(each.strip()) and each.isprintable()


def _grants(connection: Connection, which: Any) -> tuple[Grant, ...]:
    asked = select(ROLE_GRANT).where(which).order_by(ROLE_GRANT.c.made_at, ROLE_GRANT.c.grant_id)
    return tuple(
        Grant(
            grant_id=row.grant_id,
            user_id=row.user_id,
            role=row.role,
            scope={kind: tuple(ids) for kind, ids in row.scope.items()},
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            made_at=row.made_at,
            made_by=row.made_by,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
        )
        for row in connection.execute(asked)
    )
