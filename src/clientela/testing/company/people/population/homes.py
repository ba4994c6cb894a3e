"""Who lives with whom: two similar persons, couples, people who share a flat, and who lives alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Indices
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.world import World

ALONE, PARENT, TWINS, SIBLINGS, COUPLE, FLAT = range(6)
KINDS = ("alone", "parent and child", "twins", "siblings", "couple", "flat share")
_SIMILAR = (0.5, 0.15, 0.35)  # parent and child, twins, siblings


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Where persons live when the world begins.

    ``home``: (persons,), which home each lives in. ``one`` and ``two``: the persons of each pair that lives together,
    ``kind``: what they are to each other. ``count``: of homes.
    """

    home: Indices
    one: Indices
    two: Indices
    kind: Indices
    count: int


def homes(world: World, rng: np.random.Generator, district: Indices) -> Homes:
    """The homes of persons who live in given districts; who lives together lives in one.

    Notes
    -----
    The shares count addresses: where of A addresses the shares s, c and f hold two persons, A (1 + s + c + f) live.
    Districts are too small for whole numbers, so each rounds by chance.
    """
    shares = (world.similar_at_address, world.couples, world.flat_shares)
    order = np.lexsort((rng.random(len(district)), district))
    size = np.bincount(district)
    start = np.cumsum(size) - size
    addresses = size / (1 + sum(shares))
    left, taken = size // 2, []
    for share in shares:
        some = np.minimum(left, np.floor(addresses * share + rng.random(len(size))).astype(np.intp))
        left = left - some
        taken.append(some)
    pairs = sum(taken, np.zeros(len(size), np.intp))
    where = district[order]
    rank = np.arange(len(order)) - start[where]
    second = (rank < 2 * pairs[where]) & (rank % 2 == 1)
    home = np.empty(len(order), np.intp)
    home[order] = np.cumsum(~second) - 1
    place = np.flatnonzero(second)
    number = rank[place] // 2
    similar = number < taken[0][where[place]]
    couple = ~similar & (number < (taken[0] + taken[1])[where[place]])
    kind = np.where(similar, rng.choice((PARENT, TWINS, SIBLINGS), len(place), p=_SIMILAR), FLAT)
    return Homes(
        home=home,
        one=order[place - 1],
        two=order[place],
        kind=np.where(couple, COUPLE, kind),
        count=int((~second).sum()),
    )


def sharing(world: World, rng: np.random.Generator, together: Homes) -> tuple[Flags, Flags]:
    """Which pairs share a telephone, and which an address for e-mail; people of a flat share a telephone at most."""
    size = len(together.one)
    phone = rng.random(size) < world.shared_contacts
    email = (rng.random(size) < world.shared_contacts / 2) & (together.kind != FLAT)
    return phone, email
