"""What the commands about users show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela.appdb.duties import Objective, Responsibility
    from clientela.appdb.grants import Grant
    from clientela.appdb.organisation import Member, Unit
    from clientela.appdb.tokens import Token
    from clientela.appdb.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A user with all they hold."""

    user: User
    now: datetime
    grants: Sequence[Grant]
    units: Sequence[Member]
    responsibilities: Sequence[Responsibility]
    objectives: Sequence[Objective]
    tokens: Sequence[Token]


def user_lines(found: Sequence[tuple[User, Sequence[Grant]]]) -> Iterator[str]:
    """The users, a line each, with the roles they hold."""
    if not found:
        yield "Nobody was added yet. Next: clientela user add NAME"
        return
    width = max(len(each.name) for each, _ in found)
    for each, held in found:
        roles = ", ".join(dict.fromkeys(grant.role for grant in held)) or "no role"
        yield f"{each.name:<{width}}  {roles if state_of(each) == 'active' else state_of(each)}"


def state_of(user: User) -> str:
    """Whether a user is active, kept out, or has ended."""
    if user.ended_at is not None:
        return "ended"
    return "active" if user.active else "inactive"


def grant_state(grant: Grant, now: datetime) -> str:
    """Whether a grant holds, and if not, why."""
    if grant.ended_at is not None:
        return "revoked"
    if now < grant.valid_from:
        return "to come"
    return "in force" if grant.in_force(now) else "over"


def grant_line(grant: Grant, now: datetime) -> str:
    """A grant in one line."""
    scope = "; ".join(f"{kind.replace('_', ' ')} {', '.join(ids)}" for kind, ids in grant.scope.items())
    begins = f", from {grant.valid_from:%Y-%m-%d %H:%M} UTC" if grant.valid_from > now else ""
    ends = f", until {grant.valid_to:%Y-%m-%d %H:%M} UTC" if grant.valid_to else ""
    return f"{grant.role}, {scope or 'everywhere'}{begins}{ends} ({grant_state(grant, now)}, {grant.grant_id})"


def held_lines(held: Held) -> Iterator[str]:
    """A user with all they hold."""
    user = held.user
    address = f", {user.email}" if user.email else ""
    yield f"{user.name} ({state_of(user)}{address}, language {user.language}), added {user.made_at:%Y-%m-%d}"
    yield f"  id: {user.user_id}"
    for grant in held.grants:
        yield f"  grant: {grant_line(grant, held.now)}"
    for unit in held.units:
        yield f"  unit: {unit.unit_id}"
    for duty in held.responsibilities:
        yield f"  answers for: {duty.kind.replace('_', ' ')} {duty.object_id}"
    for objective in held.objectives:
        yield f"  objective: {objective.name} ({objective.objective_id})"
    for token in held.tokens:
        if token.ended_at is None and token.expires_at > held.now:
            used = f"last used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
            yield f"  {token.kind} {token.name or token.token_id}: until {token.expires_at:%Y-%m-%d}, {used}"


def user_document(user: User) -> dict[str, Any]:
    """A user as plain data."""
    return {
        "id": user.user_id,
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "state": state_of(user),
        "made_at": user.made_at.isoformat(),
        "ended_at": _iso(user.ended_at),
    }


def grant_document(grant: Grant, now: datetime) -> dict[str, Any]:
    """A grant as plain data."""
    return {
        "id": grant.grant_id,
        "role": grant.role,
        "scope": {kind: list(ids) for kind, ids in grant.scope.items()},
        "state": grant_state(grant, now),
        "valid_from": grant.valid_from.isoformat(),
        "valid_to": _iso(grant.valid_to),
        "made_at": grant.made_at.isoformat(),
        "made_by": grant.made_by,
        "ended_at": _iso(grant.ended_at),
        "ended_by": grant.ended_by,
    }


def held_document(held: Held) -> dict[str, Any]:
    """A user with all they hold, as plain data."""
    return {
        **user_document(held.user),
        "grants": [grant_document(each, held.now) for each in held.grants],
        "units": [each.unit_id for each in held.units],
        "responsibilities": [{"kind": each.kind, "id": each.object_id} for each in held.responsibilities],
        "objectives": [_objective(each) for each in held.objectives],
        "tokens": [_token(each) for each in held.tokens],
    }


def _objective(each: Objective) -> dict[str, Any]:
    return {
        "id": each.objective_id,
        "name": each.name,
        "campaign": each.campaign_id,
        "measure": each.measure,
        "territory": each.territory_id,
        "unit": each.unit_id,
    }


def _token(each: Token) -> dict[str, Any]:
    return {
        "id": each.token_id,
        "kind": each.kind,
        "name": each.name,
        "permissions": list(each.permissions),
        "expires_at": each.expires_at.isoformat(),
        "idle_seconds": None if each.idle is None else int(each.idle / timedelta(seconds=1)),
        "last_used_at": _iso(each.last_used_at),
        "ended_at": _iso(each.ended_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def unit_lines(units: Sequence[Unit], inside: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The units as a tree, a line each, with who is in them."""
    if not units:
        yield "No unit was added yet. Next: clientela unit add UNIT"
        return

    def under(parent: str | None, depth: int) -> Iterator[str]:
        for each in units:
            if each.parent_id == parent:
                name = "" if each.name == each.unit_id else f"  {each.name}"
                people = ", ".join(inside.get(each.unit_id, ()))
                yield f"{'  ' * depth}{each.unit_id}{name}" + (f": {people}" if people else "")
                yield from under(each.unit_id, depth + 1)

    yield from under(None, 0)


def unit_documents(units: Sequence[Unit], inside: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The units as plain data."""
    return [
        {"id": each.unit_id, "name": each.name, "under": each.parent_id, "users": list(inside.get(each.unit_id, ()))}
        for each in units
    ]
