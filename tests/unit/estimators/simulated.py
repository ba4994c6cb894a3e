"""Customers who behave exactly as the BG/NBD says, day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """Each customer's purchase days, counted from day 0; ``customer`` and ``day`` side by side, no day twice."""

    customer: Floats
    day: Floats
    customers: int

    def history(self, now: int) -> tuple[Floats, Floats, Floats, Floats]:
        """x, t_x, T and the customer, of all who had bought before day ``now``; T is to the day before."""
        seen = self.day < now
        customer, at, bought = np.unique(self.customer[seen], return_inverse=True, return_counts=True)
        first, last = np.full(customer.size, np.inf), np.full(customer.size, -np.inf)
        np.minimum.at(first, at, self.day[seen])
        np.maximum.at(last, at, self.day[seen])
        return bought - 1.0, last - first, now - 1 - first, customer

    def bought_within(self, first: int, end: int) -> Floats:
        """How many purchase days each customer has from day ``first`` to before ``end``, by customer."""
        inside = (self.day >= first) & (self.day < end)
        return np.bincount(self.customer[inside].astype(int), minlength=self.customers).astype(np.float64)


def simulated(
    rng: np.random.Generator, customers: int, days: int, *, r: float, alpha: float, a: float, b: float, joining: int = 0
) -> Purchases:
    """Purchases of ``days`` days; customers join evenly over the first ``joining`` of them."""
    rate, leaves = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    now = rng.integers(0, joining + 1, customers).astype(np.float64)
    active = np.arange(customers)
    who, when = [active.astype(np.float64)], [now.copy()]
    while active.size:
        now[active] += rng.exponential(1 / rate[active])
        active = active[now[active] < days]
        who.append(active.astype(np.float64))
        when.append(np.floor(now[active]))
        active = active[rng.random(active.size) >= leaves[active]]
    pairs = np.unique(np.column_stack([np.concatenate(who), np.concatenate(when)]), axis=0)
    return Purchases(customer=pairs[:, 0], day=pairs[:, 1], customers=customers)
