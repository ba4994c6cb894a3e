"""What one person may see of a snapshot: their grants of the app database, read with the policy of the workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from clientela import config
from clientela.access.area import EVERYTHING
from clientela.access.grants import Company, Grant
from clientela.access.grants import scope as scope_of
from clientela.access.policy import FILE, Policy, PolicyError, policy
from clientela.access.rights import Scope
from clientela.cube.declared.measure import MEASURES, Figure
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import nameable, within
from clientela.errors import NotPermittedError, UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.held import grants_of
from clientela.pipeline.declared.catalogue import catalogue_of

if TYPE_CHECKING:
    from clientela.appdb.database import Database

MAX_POLICY_BYTES = 1_000_000
_FILES = (FILE, config.FILE)  # what a policy is read from; the settings say which measures there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, with all that decides what they see: read once, and the same for the whole question.

    ``name``: the user, or the role itself where ``is_role``. ``actor``: as the audit log names them. ``told``: the same
    object as long as policy and grants are the same; None where nothing is remembered.
    """

    name: str
    now: datetime
    policy: Policy
    held: tuple[Grant, ...]
    is_role: bool = False
    actor: str = ""
    told: object = None

    @property
    def opens_people(self) -> bool:
        """Whether the file of what is personal is opened for them: only where a role of theirs shows some of it."""
        return any(self.policy.role(each.role).columns.include_personal for each in self.held)


def asker_of(folder: Path, name: str, *, now: datetime, by: str) -> Asker:
    """Who asks under a name: a user, or, where nobody is called so, a role as such; ``role:NAME`` is always the role.

    The policy and the grants are read once, each as of one moment; a policy that is new is kept as a version before.

    Parameters
    ----------
    by : who is at work, as the audit log names them

    Raises
    ------
    UsageError
        There is no such user or role, or it is a role that shows only what a grant names.
    PolicyError
        The file is no policy.
    """
    from clientela.appdb.database import exists, open_database

    if not exists(folder):
        roles, bare = read_policy(folder), name.removeprefix("role:")
        if bare in roles.roles:
            return _as_role(bare, roles, now)
        raise UsageError(
            f"there is no user '{name}'; nobody was added yet. Next: clientela user add NAME, or name a role; "
            "`clientela grant roles` lists them."
        )
    with open_database(folder, now=now) as database:
        known = ("asker", name, *serving.marks(folder, _FILES))
        found = database.remembered(known, now, lambda: _found(folder, database, name, now=now, by=by))
    return replace(found, now=now)


def _found(folder: Path, database: Database, name: str, *, now: datetime, by: str) -> Asker:
    from clientela.appdb import users

    said, bare = policy_text(folder), name.removeprefix("role:")
    roles = policy_of(said, catalogue_of(folder).measures)
    kept(database, said, by=by, now=now)
    with database.reading() as connection:
        named = None
        if bare == name and (users.is_known(connection, name) or name not in roles.roles):
            named = users.named(connection, name)
    if named is None:
        return replace(_as_role(bare, roles, now), told=object())
    granted = grants_of(database, name, now, roles)
    return Asker(name=named.name, now=now, policy=roles, held=granted, actor=named.actor, told=object())


def _as_role(name: str, policy: Policy, now: datetime) -> Asker:
    if not policy.role(name).everything:
        raise UsageError(
            f"the role '{name}' shows what a grant names, and by itself nothing; name a user who holds it. "
            f"Next: clientela user grant NAME --role {name} --territory ID"
        )
    return Asker(name=name, now=now, policy=policy, held=(Grant(role=name, within={}),), is_role=True)


def kept(database: Database, said: str | None, *, by: str, now: datetime) -> int | None:
    """The version of the policy that holds, kept when it is a new one; None where the ready-made roles hold alone."""
    from clientela.appdb import policies

    with database.reading() as connection:
        newest = policies.newest(connection)
    if newest is None and not said:
        return None
    if newest is not None and newest.text == (said or ""):
        return newest.version
    with database.change(by=by, now=now) as change:
        return policies.recorded(change, said or "").version


def policy_text(folder: Path) -> str | None:
    """What stands in the ``policy.toml`` of a workspace; None where there is none.

    Raises
    ------
    PolicyError
        It cannot be read.
    """
    path = folder / FILE
    try:
        said = path.read_bytes() if path.is_file() else None
        if said is not None and len(said) > MAX_POLICY_BYTES:
            raise PolicyError(f"{path} has {len(said)} bytes; a policy has at most {MAX_POLICY_BYTES}.")
        return None if said is None else said.decode()
    except UnicodeDecodeError:
        raise PolicyError(f"{path} is not UTF-8 text.") from None
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from None


def policy_of(said: str | None, measures: Mapping[str, Figure] = MEASURES) -> Policy:
    """The ready-made roles, and those of a policy's text.

    Parameters
    ----------
    measures : all there are, those of the company among them

    Raises
    ------
    PolicyError
        It is no policy.
    """
    columns, names = nameable(measures)
    return policy(said, columns=columns, measures=names)


def read_policy(folder: Path) -> Policy:
    """The policy of a workspace: the ready-made roles, and those of its ``policy.toml``.

    Raises
    ------
    PolicyError
        The file is no policy.
    """
    return serving.settled(
        folder, _FILES, "policy", lambda: policy_of(policy_text(folder), catalogue_of(folder).measures)
    )


def scope_in(whole: SnapshotKnowledge, asker: Asker) -> Scope:
    """What a person may see today.

    Parameters
    ----------
    whole : the knowledge base of the company itself, as of the run's own date: where territories and products stand

    Raises
    ------
    NotPermittedError
        They hold no grant that shows anything.
    """
    told = scope_of(asker.held, asker.policy, company_of(whole), on=asker.now.date())
    if not told.rights:
        raise NotPermittedError(
            f"'{asker.name}' holds no role that shows anything. Next: clientela user grant NAME --role ROLE"
        )
    return told


def company_of(whole: SnapshotKnowledge) -> Company:
    """The territories and products that limits are said in."""
    tree = exp.select("territory_id", "parent_id").from_("territory")
    above = {str(key): parent for key, parent in whole.view.rows(within(tree, EVERYTHING), {})}

    @cache
    def products(limit: str, value: str) -> Collection[str]:
        column = "product_id" if limit == "product" else limit
        asked = exp.select("product_id").distinct().from_("product")
        asked = asked.where(exp.column(column).eq(exp.Placeholder(this="value")))
        return tuple(str(row[0]) for row in whole.view.rows(within(asked, EVERYTHING), {"value": value}))

    return Company(above, products)


def opens_people(asker: Asker | None) -> bool:
    """Whether the file of what is personal is opened for whoever asks; None is the company itself."""
    return asker is None or asker.opens_people
