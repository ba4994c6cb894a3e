"""The grants a person holds, in the app database, said in the limits of the access layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from clientela.access.grants import Grant, GrantError, checked
from clientela.access.policy import Policy

if TYPE_CHECKING:
    from clientela.appdb.database import Database
    from clientela.appdb.duties import Objective, Responsibility

Limits = Mapping[str, tuple[str, ...]]
_DIRECT = {"territories": "territory", "accounts": "customer", "campaigns": "campaign"}
_LINES = ("category", "subcategory", "brand", "product")
_DUTIES = {"territory": "territory", "account": "customer"}


def grants_of(database: Database, name: str, now: datetime, policy: Policy) -> tuple[Grant, ...]:
    """What a person holds now, of one state of the app database.

    A limit to a unit is one to what its members, and those of the units below it, answer for; a limit to an objective
    one to its campaign or territory. A role that shows what is granted, granted without any limit, shows what the
    person answers for.

    Raises
    ------
    UnknownNameError
        There is no such person.
    GrantError
        A limit is none.
    """
    from clientela.appdb import duties, grants, organisation, users

    with database.reading() as connection:
        person = users.named(connection, name)

        def of_units(units: Sequence[str]) -> list[Limits]:
            inside = {each for unit in units for each in organisation.below(connection, unit)}
            members = {each.user_id for unit in inside for each in organisation.members(connection, now, unit_id=unit)}
            held = [each for user in sorted(members) for each in duties.responsibilities(connection, user, now)]
            return answered_for(held, ())

        def of_objectives(wanted: Sequence[str]) -> list[Limits]:
            theirs = duties.objectives(connection, person.user_id, now)
            return answered_for((), [each for each in theirs if each.objective_id in wanted])

        def own() -> list[Limits]:
            held = duties.responsibilities(connection, person.user_id, now)
            return answered_for(held, duties.objectives(connection, person.user_id, now))

        return tuple(
            Grant(role=each.role, within=limits)
            for each in grants.in_force(connection, person.user_id, now)
            for limits in _alternatives(
                each.scope, of_units, of_objectives, None if policy.role(each.role).everything else own
            )
        )


def _alternatives(
    scope: Mapping[str, Sequence[str]],
    of_units: Callable[[Sequence[str]], list[Limits]],
    of_objectives: Callable[[Sequence[str]], list[Limits]],
    own: Callable[[], list[Limits]] | None,
) -> list[Limits]:
    """The limits of one grant; several where it is limited to what others answer for, each of which will do."""
    direct: dict[str, tuple[str, ...]] = {}
    several: list[list[Limits]] = []
    for name, values in scope.items():
        if name in _DIRECT:
            direct[_DIRECT[name]] = tuple(values)
        elif name == "product_lines":
            several.append(lines(values))
        elif name == "units":
            several.append(of_units(values))
        elif name == "objectives":
            several.append(of_objectives(values))
        else:
            known = ", ".join((*_DIRECT, "product_lines", "units", "objectives"))
            raise GrantError(f"unknown limit '{name}' of a grant; known: {known}.")
    if not scope and own is not None:
        several.append(own())
    found: list[Limits] = [direct]
    for each in several:
        found = [both for one in found for other in each if (both := _both(one, other)) is not None]
    for limits in found:
        checked(limits)
    return found


def _both(one: Limits, other: Limits) -> Limits | None:
    """Limits that must both hold; None where they name nothing in common."""
    both = {**one, **other}
    for name in one.keys() & other.keys():
        both[name] = tuple(value for value in one[name] if value in other[name])
    return both if all(both.values()) else None


def lines(values: Iterable[str]) -> list[Limits]:
    """Product lines as limits: ``brand:X`` is a brand, a value without a kind is a category.

    Examples
    --------
    >>> lines(["Garden", "brand:Acme", "Toys"])
    [{'category': ('Garden', 'Toys')}, {'brand': ('Acme',)}]
    """
    told: dict[str, tuple[str, ...]] = {}
    for value in values:
        kind, colon, rest = value.partition(":")
        name, member = (kind, rest) if colon and kind in _LINES else ("category", value)
        told[name] = (*told.get(name, ()), member)
    return [{name: members} for name, members in told.items()]


def answered_for(held: Iterable[Responsibility], objectives: Iterable[Objective]) -> list[Limits]:
    """What somebody answers for, and what they are to reach, as limits of which each will do."""
    told: dict[str, tuple[str, ...]] = {}
    products = []
    for duty in held:
        if duty.kind in _DUTIES:
            name = _DUTIES[duty.kind]
            told[name] = (*told.get(name, ()), duty.object_id)
        else:
            products.append(duty.object_id)
    for objective in objectives:
        for name, value in (("campaign", objective.campaign_id), ("territory", objective.territory_id)):
            if value is not None:
                told[name] = (*told.get(name, ()), value)
    return [*({name: values} for name, values in told.items()), *lines(products)]
