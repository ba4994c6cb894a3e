"""What one person may see of a snapshot: their grants of the app database, read with the policy of the workspace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlglot import exp

from clientela.access.area import EVERYTHING
from clientela.access.grants import Company
from clientela.access.grants import scope as scope_of
from clientela.access.policy import FILE, Policy, PolicyError, policy
from clientela.access.rights import Scope
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import nameable, within
from clientela.errors import NotPermittedError
from clientela.pipeline.asking.held import grants_of

MAX_POLICY_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and on which day their grants are looked at."""

    name: str
    now: datetime


def read_policy(folder: Path) -> Policy:
    """The policy of a workspace: the ready-made roles, and those of its ``policy.toml``.

    Raises
    ------
    PolicyError
        The file is no policy.
    """
    path = folder / FILE
    columns, measures = nameable()
    try:
        said = path.read_bytes() if path.is_file() else None
        if said is not None and len(said) > MAX_POLICY_BYTES:
            raise PolicyError(f"{path} has {len(said)} bytes; a policy has at most {MAX_POLICY_BYTES}.")
        return policy(None if said is None else said.decode(), columns=columns, measures=measures)
    except UnicodeDecodeError:
        raise PolicyError(f"{path} is not UTF-8 text.") from None
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}.") from None


def scope_in(folder: Path, whole: SnapshotKnowledge, asker: Asker) -> Scope:
    """What a person may see today.

    Parameters
    ----------
    whole : the knowledge base of the company itself, as of the run's own date: where territories and products stand

    Raises
    ------
    NotPermittedError
        They hold no grant that shows anything.
    UsageError
        There is no such person.
    """
    roles = read_policy(folder)
    told = scope_of(grants_of(folder, asker.name, asker.now, roles), roles, company_of(whole), on=asker.now.date())
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


def opens_people(folder: Path, asker: Asker | None) -> bool:
    """Whether the file of what is personal is opened for a person: only where a role of theirs shows some of it.

    Raises
    ------
    UsageError
        There is no such person.
    """
    if asker is None:
        return True
    roles = read_policy(folder)
    held = grants_of(folder, asker.name, asker.now, roles)
    return any(roles.role(each.role).columns.include_personal for each in held)
