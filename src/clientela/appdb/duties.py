"""What users answer for, territories, accounts and product lines, and which objectives they or their unit have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Table, insert, or_, select, update
from sqlalchemy.sql import ColumnElement

from clientela.appdb import organisation, users
from clientela.appdb.database import Change
from clientela.appdb.tables import OBJECTIVE, RESPONSIBILITY, UNIT
from clientela.contracts.text import text
from clientela.errors import UsageError

Kind = Literal["territory", "account", "product_line"]
KINDS: tuple[Kind, ...] = ("territory", "account", "product_line")
_ID_BYTES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """What a user answers for: a territory, an account or a product line, by its id."""

    user_id: str
    kind: Kind
    object_id: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What a user or a unit is to reach: a campaign, or a measure, in a territory or everywhere."""

    objective_id: str
    name: str
    user_id: str | None
    unit_id: str | None
    campaign_id: str | None
    measure: str | None
    territory_id: str | None
    valid_from: datetime
    valid_to: datetime | None


def answer_for(
    change: Change,
    name: str,
    kind: Kind,
    object_ids: Sequence[str],
    *,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> None:
    """Let a user answer for these, from when (default: now) to before when (default: until taken away).

    What they answer for at that moment already stays as it is.
    """
    user = users.named(change.connection, name)
    _refuse_kind(kind)
    begins = valid_from or change.now
    if valid_to is not None and valid_to <= begins:
        raise UsageError(text("the responsibility would be over before it begins; choose a later end."))
    held = {each.object_id for each in responsibilities(change.connection, user.user_id, begins) if each.kind == kind}
    new = sorted(set(object_ids) - held)
    if new:
        row = {"user_id": user.user_id, "kind": kind, "valid_from": begins, "valid_to": valid_to}
        change.connection.execute(insert(RESPONSIBILITY), [{**row, "object_id": each} for each in new])
        change.audit("responsibility.given", user.actor, counts={kind: len(new)})


def answer_no_longer(change: Change, name: str, kind: Kind, object_ids: Sequence[str]) -> int:
    """Let a user answer for these no longer; how many they did."""
    user = users.named(change.connection, name)
    _refuse_kind(kind)
    theirs = (RESPONSIBILITY.c.user_id == user.user_id) & (RESPONSIBILITY.c.kind == kind)
    which = theirs & RESPONSIBILITY.c.object_id.in_(object_ids) & _at(RESPONSIBILITY, change.now)
    ended = int(change.connection.execute(update(RESPONSIBILITY).where(which).values(valid_to=change.now)).rowcount)
    if ended:
        change.audit("responsibility.taken", user.actor, counts={kind: ended})
    return ended


def responsibilities(connection: Connection, user_id: str, now: datetime) -> tuple[Responsibility, ...]:
    """What a user answers for at a moment."""
    asked = select(RESPONSIBILITY).where((RESPONSIBILITY.c.user_id == user_id) & _at(RESPONSIBILITY, now))
    rows = connection.execute(asked.order_by(RESPONSIBILITY.c.kind, RESPONSIBILITY.c.object_id))
    return tuple(
        Responsibility(
            user_id=row.user_id,
            kind=row.kind,
            object_id=row.object_id,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    )


def set_objective(
    change: Change,
    name: str,
    *,
    chance: users.Chance,
    user: str | None = None,
    unit_id: str | None = None,
    campaign_id: str | None = None,
    measure: str | None = None,
    territory_id: str | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Objective:
    """Give a user or a unit an objective: a campaign, or a measure to reach.

    Raises
    ------
    UsageError
        Not exactly one of user and unit is given, neither campaign nor measure, or one is unknown.
    """
    if (user is None) == (unit_id is None):
        raise UsageError(text("an objective is a user's or a unit's; name one of the two."))
    if campaign_id is None and measure is None:
        raise UsageError(text("an objective needs a campaign or a measure."))
    if not name.strip() or not name.isprintable():
        raise UsageError(text("an objective needs a name of visible signs."))
    whose = None if user is None else users.named(change.connection, user)
    if unit_id is not None:
        organisation.below(change.connection, unit_id)  # refuses an unknown one
    row = {
        "objective_id": chance(_ID_BYTES).hex(),
        "name": name,
        "user_id": whose.user_id if whose else None,
        "unit_id": unit_id,
        "campaign_id": campaign_id,
        "measure": measure,
        "territory_id": territory_id,
        "valid_from": valid_from or change.now,
        "valid_to": valid_to,
    }
    change.connection.execute(insert(OBJECTIVE).values(row))
    change.audit("objective.set", whose.actor if whose else f"unit:{unit_id}", f"objective:{row['objective_id']}")
    return _objective(
        change.connection.execute(select(OBJECTIVE).where(OBJECTIVE.c.objective_id == row["objective_id"])).one()
    )


def end_objective(change: Change, objective_id: str) -> None:
    """Let an objective hold no longer.

    Raises
    ------
    UsageError
        There is none of this id that holds.
    """
    which = (OBJECTIVE.c.objective_id == objective_id) & _at(OBJECTIVE, change.now)
    if not change.connection.execute(update(OBJECTIVE).where(which).values(valid_to=change.now)).rowcount:
        raise UsageError(text("no objective '{objective_id}' holds now.", objective_id=objective_id))
    change.audit("objective.ended", f"objective:{objective_id}")


def objectives(connection: Connection, user_id: str, now: datetime) -> tuple[Objective, ...]:
    """A user's objectives at a moment: their own, and those of the units they are in and of what these are under."""
    mine = [each.unit_id for each in organisation.members(connection, now, user_id=user_id)]
    above = select(UNIT.c.unit_id, UNIT.c.parent_id).where(UNIT.c.unit_id.in_(mine)).cte("above", recursive=True)
    above = above.union(select(UNIT.c.unit_id, UNIT.c.parent_id).join(above, UNIT.c.unit_id == above.c.parent_id))
    theirs = or_(OBJECTIVE.c.user_id == user_id, OBJECTIVE.c.unit_id.in_(select(above.c.unit_id)))
    asked = select(OBJECTIVE).where(theirs & _at(OBJECTIVE, now)).order_by(OBJECTIVE.c.objective_id)
    return tuple(map(_objective, connection.execute(asked)))


def _objective(row: Any) -> Objective:
    return Objective(**{name: getattr(row, name) for name in Objective.__slots__})


def _at(table: Table, now: datetime) -> ColumnElement[bool]:
    return (table.c.valid_from <= now) & or_(table.c.valid_to.is_(None), table.c.valid_to > now)


def _refuse_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(
            text("unknown kind of responsibility '{kind}'; known: {kinds}.", kind=kind, kinds=", ".join(KINDS))
        )
