"""The policy: what each role may see, as it stands in a readable file."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from clientela.access.rights import PERSONAL, Names
from clientela.errors import ConfigurationError, did_you_mean

FILE = "policy.toml"
_KEYS = ("description", "rows", "columns", "measures", "least", "peers", "may")
_ROWS = ("everything", "granted")
DEEDS: Mapping[str, str] = MappingProxyType(
    {
        "export": "take what one sees out as a file",
        "bring-data": "deliver files, correct how they are read, run, go back to an earlier snapshot",
        "decide-identity": "join and split customers",
        "erase": "inform a person of what is kept, and erase them",
        "administer": "add users, grant roles, see as another user sees",
        "audit": "read the audit log",
    }
)


class PolicyError(ConfigurationError):
    """The policy is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What one role may see. ``everything``: of the whole company; else of what a grant names.

    ``peers``: also how their part stands among others like it, without a look at these. ``may``: what they may do
    beside looking, of `DEEDS`.
    """

    name: str
    description: str
    everything: bool
    columns: Names
    measures: Names
    least: int = 0
    peers: bool = False
    may: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """All roles by name, and the mark that tells this policy from every other."""

    roles: Mapping[str, Role]
    mark: str
    own: frozenset[str] = field(default=frozenset())

    def role(self, name: str) -> Role:
        """The role of that name.

        Raises
        ------
        PolicyError
            There is none.
        """
        if name not in self.roles:
            raise PolicyError(f"unknown role '{name}'; {did_you_mean(name, self.roles)}")
        return self.roles[name]


def policy(said: str | None = None, *, columns: Mapping[str, bool], measures: frozenset[str]) -> Policy:
    """The ready-made roles, and those that a company's own text says in their place or beside them.

    Parameters
    ----------
    said : what stands in the workspace's file; None where there is none
    columns : every ``table.column`` there is, and whether it is personal
    measures : every measure there is

    Raises
    ------
    PolicyError
        The text is no TOML, a key or value is not known, or a pattern takes in or out nothing that exists.

    Examples
    --------
    >>> sorted(policy(columns={}, measures=frozenset()).roles)[:3]
    ['administrator', 'analyst', 'data-protection-officer']
    """
    ready = _ready()
    if said is None:
        return Policy(ready, _mark(""))
    own = _roles(said)
    wrong = [line for role in own.values() for line in _breaches(role, columns, measures)]
    if wrong:
        raise PolicyError(f"{FILE}: {'; '.join(wrong)}.")
    return Policy(MappingProxyType({**ready, **own}), _mark(said), frozenset(own))


@cache
def _ready() -> Mapping[str, Role]:
    return MappingProxyType(_roles((files(__package__) / "roles.toml").read_text("utf-8")))


def _mark(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _roles(said: str) -> dict[str, Role]:
    try:
        told = tomllib.loads(said)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{FILE} is no TOML: {error}.") from None
    beside = sorted(told.keys() - {"roles"})
    if beside:
        raise PolicyError(f"{FILE}: unknown '{beside[0]}'; it holds tables [roles.NAME] and nothing else.")
    roles = told.get("roles", {})
    if not isinstance(roles, dict):
        raise PolicyError(f"{FILE}: 'roles' is a table of roles: write [roles.NAME].")
    return {name: _role(name, each) for name, each in roles.items()}


def _role(name: str, said: object) -> Role:
    if not isinstance(said, dict):
        raise PolicyError(f"{FILE}: the role '{name}' is a table: write [roles.{name}].")
    for key in said:
        if key not in _KEYS:
            raise PolicyError(f"{FILE}: unknown '{key}' in [roles.{name}]; {did_you_mean(key, _KEYS)}")
    rows = said.get("rows")
    if rows not in _ROWS:
        raise PolicyError(f"{FILE}: rows = {rows!r} in [roles.{name}]; it is 'everything' or 'granted'.")
    least = said.get("least", 0)
    if isinstance(least, bool) or not isinstance(least, int) or least < 0:
        raise PolicyError(f"{FILE}: least = {least!r} in [roles.{name}]; it is a whole number, 0 or more.")
    peers = said.get("peers", False)
    if not isinstance(peers, bool) or (peers and least):
        raise PolicyError(
            f"{FILE}: peers = {peers!r} in [roles.{name}]; it is true or false, and only of a role without 'least'."
        )
    return Role(
        name=name,
        description=str(said.get("description", "")),
        everything=rows == "everything",
        columns=_names(name, "columns", said.get("columns", [])),
        measures=_names(name, "measures", said.get("measures", [])),
        least=least,
        peers=peers,
        may=_deeds(name, said.get("may", [])),
    )


def _deeds(role: str, said: object) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise PolicyError(f"{FILE}: may = {said!r} in [roles.{role}]; it is a list of: {', '.join(DEEDS)}.")
    for each in said:
        if each not in DEEDS:
            raise PolicyError(f"{FILE}: unknown '{each}' in may of [roles.{role}]; {did_you_mean(each, DEEDS)}")
    return frozenset(said)


def _names(role: str, key: str, said: object) -> Names:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise PolicyError(f"{FILE}: {key} = {said!r} in [roles.{role}]; it is a list of names and patterns.")
    return Names(tuple(said))


def _breaches(role: Role, columns: Mapping[str, bool], measures: frozenset[str]) -> list[str]:
    """What a role names that does not exist: a slip here would show too much or too little, and nobody would know."""
    wrong = []
    for key, names, known in (("columns", role.columns, columns), ("measures", role.measures, measures)):
        for pattern in names.patterns:
            bare = pattern.removeprefix("!")
            if bare == PERSONAL and key == "columns":
                continue
            if not any(fnmatchcase(name, bare) for name in known):
                what = "column" if key == "columns" else "measure"
                near = get_close_matches(bare, known, n=1)
                meant = f" (did you mean '{near[0]}'?)" if near else ""
                wrong.append(f"'{pattern}' in {key} of [roles.{role.name}] fits no {what} there is{meant}")
    return wrong
