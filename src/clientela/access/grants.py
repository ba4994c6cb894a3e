"""Grants, resolved: what the roles and limits that a person was given let them see today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from clientela.access.area import Area, Reach, united
from clientela.access.policy import Policy, Role
from clientela.access.rights import Right, Scope
from clientela.errors import UsageError

LIMITS = ("territory", "customer", "category", "subcategory", "brand", "product", "campaign")
_PRODUCTS = ("category", "subcategory", "brand", "product")


class GrantError(UsageError):
    """The grant is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One role, within limits; every limit must hold, and one of several values of a limit is enough.

    Parameters
    ----------
    role : its name in the policy
    within : values by limit: ``territory``, ``customer``, ``category``, ``subcategory``, ``brand``, ``product``,
        ``campaign``
    since, until : the first day it holds, and the day on which it no longer does; None: always
    """

    role: str
    within: Mapping[str, tuple[str, ...]]
    since: date | None = None
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Company:
    """What limits are said in: which territory lies in which, and which products are of a line.

    ``products`` gives the products' keys of a limit's value: ("category", "Garden").
    """

    above: Mapping[str, str | None]
    products: Callable[[str, str], Collection[str]]


def scope(grants: Iterable[Grant], policy: Policy, company: Company, *, on: date) -> Scope:
    """What the grants that hold on a day let a person see; nothing without one.

    Grants of roles that show the same columns and measures become one right, so that a hundred of them cost
    little more than one.

    Raises
    ------
    PolicyError
        A role is not known.
    GrantError
        A limit is not known.
    """
    reaches: dict[tuple[tuple[str, ...], tuple[str, ...], int], list[Area]] = {}
    shown: dict[tuple[tuple[str, ...], tuple[str, ...], int], Role] = {}
    for grant in grants:
        if not grant.holds(on):
            continue
        role = policy.role(grant.role)
        key = (role.columns.patterns, role.measures.patterns, role.least)
        reaches.setdefault(key, []).extend(area(grant, role, company))
        shown[key] = role
    return Scope(
        tuple(
            Right(reach=reach, columns=role.columns, measures=role.measures, least=role.least)
            for key, role in shown.items()
            if (reach := united(reaches[key]))
        )
    )


def area(grant: Grant, role: Role, company: Company) -> Reach:
    """The rows of one grant: nothing where the role shows only what is granted and nothing is."""
    checked(grant.within)
    if not grant.within:
        return (Area(),) if role.everything else ()
    limits: dict[str, frozenset[str] | frozenset[int]] = {}
    if "territory" in grant.within:
        limits["territories"] = below(grant.within["territory"], company.above)
    if "customer" in grant.within:
        limits["customers"] = frozenset(int(each) for each in grant.within["customer"])
    if "campaign" in grant.within:
        limits["campaigns"] = frozenset(grant.within["campaign"])
    lines = [name for name in _PRODUCTS if name in grant.within]
    if lines:
        each_line = (
            frozenset(key for value in grant.within[name] for key in company.products(name, value)) for name in lines
        )
        limits["products"] = frozenset.intersection(*each_line)
    return (Area(**limits),)  # type: ignore[arg-type] # each limit has the kind of keys its name says


def checked(within: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse limits that are none.

    Raises
    ------
    GrantError
        A limit is not known, has no value, or names a customer by what is no number.

    Examples
    --------
    >>> checked({"customer": ("Ana",)})
    Traceback (most recent call last):
    clientela.access.grants.GrantError: a grant names customers by number; 'Ana' is none.
    """
    for name, values in within.items():
        if name not in LIMITS:
            raise GrantError(f"unknown limit '{name}' of a grant; known: {', '.join(LIMITS)}.")
        if not values:
            raise GrantError(f"the limit '{name}' of a grant has no value; name one, or leave the limit out.")
    for value in within.get("customer", ()):
        if not (value.isascii() and value.isdigit()):
            raise GrantError(f"a grant names customers by number; '{value}' is none.")


def below(roots: Iterable[str], above: Mapping[str, str | None]) -> frozenset[str]:
    """The territories and all that lie in them, however deep; one that lies in itself ends the walk.

    Examples
    --------
    >>> sorted(below(["north"], {"oslo": "north", "north": "world", "rome": "south"}))
    ['north', 'oslo']
    """
    inside: dict[str, list[str]] = {}
    for territory, parent in above.items():
        if parent is not None:
            inside.setdefault(parent, []).append(territory)
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        territory = waiting.pop()
        if territory not in found:
            found.add(territory)
            waiting.extend(inside.get(territory, ()))
    return frozenset(found)
