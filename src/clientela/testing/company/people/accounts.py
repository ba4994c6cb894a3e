"""The accounts of customers: in which system each is known, since when, and under which one they buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

TILL, SHOP, OFFICE = 0, 1, 2
SYSTEMS = ("till", "shop", "office")  # loyalty cards, web accounts, the sales office's companies
SAME_SYSTEM = 0.35  # of further accounts: a forgotten password, a lost card
THIRD = 0.2  # of customers with two accounts: they have one more
ELSEWHERE = 0.35  # of their purchases, once they have an account in another system


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts, those of one customer one after the other, the oldest first; one entry each.

    ``since``: in weeks from the world's beginning; nobody buys under an account before it. ``first``: (customers + 1,),
    where the accounts of each customer begin.
    """

    customer: Indices
    system: NDArray[np.int8]
    since: Floats
    first: Indices

    def __len__(self) -> int:
        return len(self.customer)


def accounts(world: World, latent: Latent) -> Accounts:
    """The accounts of a world: everybody has one from their first purchase on, some persons get more.

    A person whose life as a customer is short may leave before the second account would come; the world's share of
    persons with several counts those who would get one.
    """
    rng = stream(world.seed, "accounts")
    n = len(latent)
    main = np.where(latent.company, OFFICE, np.where(latent.online, SHOP, TILL))
    second = (rng.random(n) < world.second_accounts) & ~latent.company
    third = second & (rng.random(n) < THIRD)
    parts = [(np.arange(n), main, latent.joins)]
    since = latent.joins
    for more in (second, third):
        who = np.flatnonzero(more)
        other = rng.random(n) >= SAME_SYSTEM
        since = since + rng.exponential(_WAIT, n)
        parts.append((who, np.where(other, 1 - main, main)[who], since[who]))
    customer, system, begun = (np.concatenate([part[place] for part in parts]) for place in range(3))
    order = np.lexsort((begun, customer))
    customer = customer[order]
    return Accounts(
        customer=customer,
        system=system[order].astype(np.int8),
        since=begun[order],
        first=np.searchsorted(customer, np.arange(n + 1)),
    )


_WAIT = 15.0  # weeks until a further account, mean


def used(held: Accounts, rng: np.random.Generator, customer: Indices, at: Floats) -> Indices:
    """The account under which each purchase is made: the newest of the system that the customer buys in.

    Parameters
    ----------
    customer : (n,); nobody's is below 0
    at : (n,), in weeks from the world's beginning

    Returns
    -------
    (n,); places in ``held``; -1 for nobody's
    """
    known = customer >= 0
    first = held.first[np.where(known, customer, 0)]
    count = held.first[np.where(known, customer, 0) + 1] - first
    chosen = first.copy()
    elsewhere = rng.random(len(customer)) < ELSEWHERE
    for place in range(1, int(count.max(initial=1))):
        further = first + np.minimum(place, count - 1)
        there = (place < count) & (held.since[further] <= at)
        same = held.system[further] == held.system[chosen]
        chosen = np.where(there & (same | elsewhere), further, chosen)
    return np.where(known, chosen, -1)
