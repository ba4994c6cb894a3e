"""What makes each customer buy as they do: drawn once, never seen by the product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.places import homes
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

FOUNDING_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """The habits of all customers, one entry each; times are in weeks from the world's beginning.

    ``joins``: the moment of the first purchase. ``leaves``: the moment after which nothing is bought; infinite for
    who never leaves. ``rate``: purchases in a usual week while a customer. ``hazard``: of leaving, a week.
    ``spend``: what they pay for a product, as a share of what all pay. ``elasticity``: more purchases, in shares,
    per share of the price taken off. ``responds``: more purchases in the week after a contact, as a share.
    """

    joins: Floats
    leaves: Floats
    rate: Floats
    hazard: Floats
    spend: Floats
    elasticity: Floats
    responds: Floats
    content: Floats
    online: NDArray[np.bool_]
    company: NDArray[np.bool_]
    home: Indices

    def __len__(self) -> int:
        return len(self.joins)


def latent(world: World) -> Latent:
    """The habits of the customers of a world.

    Source
    ------
    Schmittlein, Morrison & Colombo (1987), "Counting Your Customers: Who Are They and What Will They Do Next?":
    purchases at rate λ ~ Gamma(r, α), leaving at hazard μ ~ Gamma(s, β), independent of each other.
    """
    n = world.customers
    rng = stream(world.seed, "latent")
    founder = rng.random(n) < world.founders
    joins = np.where(founder, FOUNDING_WEEKS, float(world.weeks)) * rng.random(n)
    rate = rng.gamma(world.rate_shape, 1 / world.rate_weeks, n)
    hazard = rng.gamma(world.leaving_shape, 1 / world.leaving_weeks, n) if world.leaving_shape else np.zeros(n)
    life = np.full(n, np.inf)
    np.divide(rng.exponential(size=n), hazard, out=life, where=hazard > 0)
    spread = world.spend_spread
    return Latent(
        joins=joins,
        leaves=joins + life,
        rate=rate,
        hazard=hazard,
        spend=np.exp(rng.normal(-(spread**2) / 2, spread, n)).round(6),  # not every processor has the same last digits
        elasticity=rng.gamma(4, world.price_response / 4, n),
        responds=rng.gamma(2, world.response / 2, n),
        content=rng.normal(size=n),
        online=rng.random(n) < world.online,
        company=rng.random(n) < world.organisations,
        home=homes(rng, world.nations, n),
    )
