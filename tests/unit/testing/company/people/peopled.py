"""People of a small world, for the tests of this folder."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Indices
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.people.accounts import Accounts, accounts
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.said import said
from clientela.testing.company.world import World


def accounts_of(world: World) -> Accounts:
    return accounts(world, latent(world))


def people_of(**world: object) -> People:
    """The people of a world as it usually is, but for what is given."""
    given = World(**{"customers": 12_000, **world})  # type: ignore[arg-type]
    return People.begun(given, latent(given), accounts_of(given))


def plain_people(**world: object) -> People:
    """The people of a world in which nothing happens to records, but for what is given."""
    given = World.plain(**{"customers": 6_000, "records": True, **world})
    return People.begun(given, latent(given), accounts_of(given))


def at_the_end(people: People) -> tuple[Indices, dict[str, pa.Array]]:
    """All records, and what each says when the world ends."""
    rows = np.arange(len(people.records))
    return rows, said(people, rows, np.full(len(rows), float(people.world.weeks)))


def within(share: float, expected: float, count: int, *, sigmas: float = 4.0) -> bool:
    """Whether a share counted agrees with the one drawn, within sampling error."""
    return abs(share - expected) < sigmas * (expected * (1 - expected) / count) ** 0.5 + 1 / count
