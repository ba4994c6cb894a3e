"""When the lines of a week reach the company: most at once, some a week late, some wrong at first and put right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Indices
from clientela.testing.company.dealings.sales import Lines, together
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

PUT_RIGHT = 3  # weeks at most until a wrong price is put right
_WRONG = (0.5, 0.9, 1.1, 2.0)  # times the right price


@dataclass(slots=True)
class Arrivals:
    """What is still on its way; weeks go forward one at a time."""

    world: World
    under_way: list[tuple[int, Lines]]

    @classmethod
    def begun(cls, world: World) -> Arrivals:
        """Before the first week."""
        return cls(world, [])

    def deliver(self, made: Lines, week: int) -> Lines:
        """All lines that arrive after a week, by order and line: its own, late ones, and orders put right.

        An order put right comes whole and with the same number and lines. One that is both late and wrong comes late.
        """
        rng = stream(self.world.seed, "arrivals", week)
        orders, of = np.unique(made.order, return_inverse=True)
        late = (rng.random(len(orders)) < self.world.late)[of]
        wrong = (rng.random(len(orders)) < self.world.corrected)[of] & (made.returns < 0)
        right_at = week + 1 + rng.integers(0, PUT_RIGHT, len(orders))[of]
        first = replace(made, revenue=np.where(wrong, _mistaken(rng, made.revenue), made.revenue))
        parts = [first.taken(np.flatnonzero(~late))]
        self._send(week + 1, first, late)
        for ahead in range(1, PUT_RIGHT + 1):
            self._send(week + ahead, made, wrong & ~late & (right_at == week + ahead))
            self._send(week + ahead + 1, made, wrong & late & (right_at == week + ahead))
        parts += [lines for due, lines in self.under_way if due == week]
        self.under_way = [each for each in self.under_way if each[0] > week]
        arrived = together(parts)
        return arrived.taken(np.lexsort((arrived.line, arrived.order)))

    def _send(self, due: int, lines: Lines, which: NDArray[np.bool_]) -> None:
        places: Indices = np.flatnonzero(which)
        if len(places):
            self.under_way.append((due, lines.taken(places)))


def _mistaken(rng: np.random.Generator, revenue: NDArray[np.int64]) -> NDArray[np.int64]:
    """Other amounts, none of them right."""
    other = np.round(revenue * rng.choice(_WRONG, len(revenue))).astype(np.int64)
    return np.where(other == revenue, revenue + 1, other)
