"""Who belongs where: units in a tree, and the users in them for a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.sql import ColumnElement

from clientela.appdb import users
from clientela.appdb.database import Change
from clientela.appdb.tables import MEMBERSHIP, UNIT
from clientela.contracts.text import text
from clientela.errors import ExistsError, UnknownNameError, UsageError

_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the company: a team, a branch, a division; ``parent_id`` None at the top."""

    unit_id: str
    name: str
    parent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user in a unit, from a moment to before another (None: still)."""

    user_id: str
    unit_id: str
    valid_from: datetime
    valid_to: datetime | None


def units(connection: Connection) -> tuple[Unit, ...]:
    """Every unit, by id."""
    rows = connection.execute(select(UNIT).order_by(UNIT.c.unit_id))
    return tuple(Unit(row.unit_id, row.name, row.parent_id) for row in rows)


def below(connection: Connection, unit_id: str) -> frozenset[str]:
    """The ids of a unit and of everything under it.

    Raises
    ------
    UnknownNameError
        There is no such unit.
    """
    _refuse_unknown(connection, unit_id)
    tree = select(UNIT.c.unit_id).where(UNIT.c.unit_id == unit_id).cte("tree", recursive=True)
    tree = tree.union(select(UNIT.c.unit_id).join(tree, UNIT.c.parent_id == tree.c.unit_id))
    return frozenset(connection.execute(select(tree.c.unit_id)).scalars())


def add_unit(change: Change, unit_id: str, *, name: str, parent_id: str | None = None) -> Unit:
    """Make a unit.

    Raises
    ------
    ExistsError
        There is one of this id.
    UsageError
        The id is none, or there is no such parent.
    """
    if not _ID.fullmatch(unit_id):
        raise UsageError(
            text("'{unit_id}' cannot be a unit's id: take 1 to 64 letters, digits, dots and hyphens.", unit_id=unit_id)
        )
    if not name.strip() or not name.isprintable():
        raise UsageError(text("a unit needs a name of visible signs."))
    if any(each.unit_id == unit_id for each in units(change.connection)):
        raise ExistsError(
            text("there is already a unit '{unit_id}'; choose another id, or move that one.", unit_id=unit_id)
        )
    if parent_id is not None:
        _refuse_unknown(change.connection, parent_id)
    change.connection.execute(insert(UNIT).values(unit_id=unit_id, name=name, parent_id=parent_id))
    change.audit("unit.added", f"unit:{unit_id}")
    return Unit(unit_id, name, parent_id)


def rename_unit(change: Change, unit_id: str, *, name: str) -> None:
    """Give a unit another name; its id stays.

    Raises
    ------
    UsageError
        The name cannot be one, or there is no such unit.
    """
    _refuse_unknown(change.connection, unit_id)
    if not name.strip() or not name.isprintable():
        raise UsageError(text("a unit needs a name of visible signs."))
    change.connection.execute(update(UNIT).where(UNIT.c.unit_id == unit_id).values(name=name.strip()))
    change.audit("unit.renamed", f"unit:{unit_id}")


def move_unit(change: Change, unit_id: str, *, parent_id: str | None) -> None:
    """Put a unit, with all under it, under another (None: to the top).

    Raises
    ------
    UsageError
        It would be under itself, or one of them is unknown.
    """
    under = below(change.connection, unit_id)
    if parent_id is not None:
        _refuse_unknown(change.connection, parent_id)
        if parent_id in under:
            raise UsageError(
                text(
                    "'{parent_id}' is '{unit_id}' or under it; a unit cannot be under itself.",
                    parent_id=parent_id,
                    unit_id=unit_id,
                )
            )
    change.connection.execute(update(UNIT).where(UNIT.c.unit_id == unit_id).values(parent_id=parent_id))
    change.audit("unit.moved", f"unit:{unit_id}")


def join(
    change: Change, name: str, unit_id: str, *, valid_from: datetime | None = None, valid_to: datetime | None = None
) -> None:
    """Let a user be in a unit, from when (default: now) to before when (default: until they leave).

    Raises
    ------
    UsageError
        The user or unit is unknown, they are in it then, or the time is over before it begins.
    """
    user = users.named(change.connection, name)
    _refuse_unknown(change.connection, unit_id)
    begins = valid_from or change.now
    if valid_to is not None and valid_to <= begins:
        raise UsageError(text("the time in the unit would be over before it begins; choose a later end."))
    theirs = (MEMBERSHIP.c.user_id == user.user_id) & (MEMBERSHIP.c.unit_id == unit_id)
    overlapping = or_(MEMBERSHIP.c.valid_to.is_(None), MEMBERSHIP.c.valid_to > begins)
    if valid_to is not None:
        overlapping &= MEMBERSHIP.c.valid_from < valid_to
    if change.connection.execute(select(MEMBERSHIP).where(theirs & overlapping)).first() is not None:
        raise ExistsError(text("'{name}' is in '{unit_id}' at that time already.", name=user.name, unit_id=unit_id))
    change.connection.execute(
        insert(MEMBERSHIP).values(user_id=user.user_id, unit_id=unit_id, valid_from=begins, valid_to=valid_to)
    )
    change.audit("unit.joined", user.actor, f"unit:{unit_id}")


def leave(change: Change, name: str, unit_id: str) -> None:
    """Let a user be in a unit no longer.

    Raises
    ------
    UsageError
        They are not in it.
    """
    user = users.named(change.connection, name)
    now_there = _at(change.now) & (MEMBERSHIP.c.user_id == user.user_id) & (MEMBERSHIP.c.unit_id == unit_id)
    if not change.connection.execute(update(MEMBERSHIP).where(now_there).values(valid_to=change.now)).rowcount:
        raise UsageError(text("'{name}' is not in '{unit_id}'.", name=user.name, unit_id=unit_id))
    change.audit("unit.left", user.actor, f"unit:{unit_id}")


def members(
    connection: Connection, now: datetime, *, unit_id: str | None = None, user_id: str | None = None
) -> tuple[Member, ...]:
    """Who is in a unit or under it at a moment, in which units a user is, or everybody's."""
    which = _at(now)
    if unit_id is not None:
        which &= MEMBERSHIP.c.unit_id.in_(below(connection, unit_id))
    if user_id is not None:
        which &= MEMBERSHIP.c.user_id == user_id
    asked = select(MEMBERSHIP).where(which).order_by(MEMBERSHIP.c.unit_id, MEMBERSHIP.c.user_id)
    return tuple(map(_member, connection.execute(asked)))


def _at(now: datetime) -> ColumnElement[bool]:
    open_end = or_(MEMBERSHIP.c.valid_to.is_(None), MEMBERSHIP.c.valid_to > now)
    return (MEMBERSHIP.c.valid_from <= now) & open_end


def _member(row: Any) -> Member:
    return Member(user_id=row.user_id, unit_id=row.unit_id, valid_from=row.valid_from, valid_to=row.valid_to)


def _refuse_unknown(connection: Connection, unit_id: str) -> None:
    known = connection.execute(select(UNIT.c.unit_id)).scalars().all()
    if unit_id not in known:
        raise UnknownNameError("unit", unit_id, known)
