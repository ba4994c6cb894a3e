"""Subscriptions: who has one, what it costs, when it ends, and the truth of how long such last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.assortment import Cents
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

AMOUNTS = (990, 1_490, 2_990)  # cents a month
_WEEKS_A_MONTH = 365.25 / 12 / 7
_MANY = 600  # months; nobody keeps one longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """All subscriptions of a world, one row each; times in weeks from its beginning.

    ``months``: how many it lasts if nobody looks further than the world does. ``ends``: infinite where it lasts beyond
    the world's end. ``chance``: of ending it in a month, the customer's own.
    """

    customer: Indices
    starts: Floats
    ends: Floats
    months: Indices
    amount: Cents
    chance: Floats


def subscriptions(world: World, latent: Latent) -> Subscriptions:
    """The subscriptions of a world: at most one a customer, begun some time after they came, ended at a month's end.

    Source
    ------
    Fader & Hardie (2007), "How to Project Customer Retention": the chance θ to end it in a month is a Beta(a, b) over
    customers and stays the same over months.
    """
    rng = stream(world.seed, "subscriptions")
    taking = rng.random(len(latent)) < world.subscribers
    starts = latent.joins + rng.exponential(20, len(latent))
    chance = rng.beta(*world.subscription_shape, len(latent))
    months = np.minimum(rng.geometric(np.maximum(chance, 1e-9)), _MANY)
    amount = rng.choice(AMOUNTS, len(latent), p=(0.5, 0.3, 0.2))
    customer = np.flatnonzero(taking & (starts < world.weeks))
    ends = (starts + months * _WEEKS_A_MONTH)[customer]
    return Subscriptions(
        customer=customer,
        starts=starts[customer],
        ends=np.where(ends < world.weeks, ends, np.inf),
        months=months[customer],
        amount=amount[customer],
        chance=chance[customer],
    )


def share_that_stays(world: World, months: Indices) -> Floats:
    """The share of subscriptions that last longer than so many months.

    Source
    ------
    Fader & Hardie (2007), equation (6): S(t) = B(a, b + t) / B(a, b).
    """
    a, b = world.subscription_shape
    return np.asarray(np.exp(betaln(a, b + months) - betaln(a, b)))
