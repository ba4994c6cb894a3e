"""The moments at which customers buy, week by week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.assortment import NONE, promoted
from clientela.testing.company.buying.calendar import busyness
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

STAGES = {"pareto-nbd": 1, "erlang": 3}


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases of one week, by customer, then moment; moments in weeks from the world's beginning."""

    customer: Indices
    at: Floats

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True, slots=True)
class Pull:
    """What makes a week busier than a usual one: the season, and prices that are cut.

    ``busyness``: in usual weeks. ``cut``: the share that is taken off some prices, 0 in a usual week.
    """

    busyness: Floats
    cut: Floats

    @classmethod
    def of(cls, world: World, weeks: int) -> Pull:
        """The pull of the first weeks of a world; they may go beyond its end."""
        return cls(busyness(world, weeks), np.where(promoted(world, weeks) == NONE, 0.0, world.promotion_depth))

    def on(self, latent: Latent, week: int) -> Floats:
        """How many times as much as in a usual week each customer buys, (customers,)."""
        return np.asarray(self.busyness[week] * (1 + latent.elasticity * self.cut[week]))


@dataclass(slots=True)
class Habit:
    """How far each customer is on the way to the next purchase; it goes forward a week at a time.

    With gaps of several stages (Erlang) the stages passed since the last purchase are all that must be remembered;
    with one stage nothing must. ``last``: the moment of the last purchase, not a number before the first.
    """

    world: World
    latent: Latent
    week: int
    passed: NDArray[np.int8]
    last: Floats
    pull: Pull

    @classmethod
    def begun(cls, world: World, latent: Latent) -> Habit:
        """Before the first week."""
        nothing = np.zeros(len(latent), np.int8)
        return cls(world, latent, 0, nothing, np.full(len(latent), np.nan), Pull.of(world, world.weeks))

    def next_week(self, more: Floats | None = None) -> Purchases:
        """The purchases of the next week.

        Parameters
        ----------
        more : (customers,), in shares; how much more than else each customer buys in this week.
        """
        from_, until = self._open()
        rate = self.latent.rate * self.pull.on(self.latent, self.week) * STAGES[self.world.process]
        if more is not None:
            rate = rate * (1 + more)
        rng = stream(self.world.seed, "purchases", self.week)
        steps = rng.poisson(rate * (until - from_))
        customer = np.repeat(np.arange(len(steps)), steps)
        at = from_[customer] + rng.random(len(customer)) * (until - from_)[customer]
        order = np.lexsort((at, customer))
        customer, at = customer[order], at[order]
        if STAGES[self.world.process] > 1:
            customer, at = self._every_third(customer, at, steps)
        first = np.flatnonzero((self.latent.joins >= self.week) & (self.latent.joins < self.week + 1))
        customer, at = np.concatenate([customer, first]), np.concatenate([at, self.latent.joins[first]])
        order = np.lexsort((at, customer))
        customer, at = customer[order], at[order]
        np.fmax.at(self.last, customer, at)
        self.week += 1
        return Purchases(customer, at)

    def _open(self) -> tuple[Floats, Floats]:
        """The part of the week in which each is a customer; empty for who is none."""
        from_ = np.maximum(self.week, self.latent.joins)
        until = np.minimum(self.week + 1, self.latent.leaves)
        return from_, np.maximum(from_, until)

    def _every_third(self, customer: Indices, at: Floats, steps: NDArray[np.int64]) -> tuple[Indices, Floats]:
        """The steps that end a gap; the others only bring it nearer."""
        stages = STAGES[self.world.process]
        rank = np.arange(len(customer)) - np.repeat(np.cumsum(steps) - steps, steps)
        ends = (self.passed[customer] + rank + 1) % stages == 0
        self.passed = ((self.passed + steps) % stages).astype(np.int8)
        return customer[ends], at[ends]
