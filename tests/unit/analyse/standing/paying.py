"""Whom the classes of payers call weak in a synthetic company whose customers all pay alike, and of whom some stop.

    python -m tests.unit.analyse.standing.paying [CUSTOMERS]

All are companies. Who is weak by the invoices as they are is so by chance. Then of some none of the invoices of the
last 270 days is paid: those of them who have owed something for long should be weak.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.dealings.invoices import invoices
from clientela.testing.company.dealings.sales import Tills
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World
from clientela.warehouse.engine import Engine
from tests.unit.analyse.standing.test_customer_class import AS_OF, RULES, made
from tests.unit.cube.published import KNOWN_AT, Published, Row

WORLDS: Mapping[str, Callable[..., World]] = {"Pareto/NBD": World, "Not Pareto/NBD": World.second}
STOPPED_DAYS, STOPPED_SHARE = 270, 0.04


@dataclass(frozen=True, slots=True)
class Issued:
    """All invoices of a company; days counted from its world's beginning, infinite for what is never paid."""

    customer: Indices
    cents: Indices
    issued: Indices
    due: Indices
    paid: Floats
    days: int

    def classes(self, paid: Floats) -> dict[int, dict[str, object]]:
        """What the model says of each customer, where the invoices were paid on these days."""
        begins = AS_OF - timedelta(days=self.days)
        rows: list[Row] = [
            {
                "source": "erp", "invoice_id": str(at), "customer_id": int(who), "amount": Decimal(int(cents)) / 100,
                "happened_on": begins + timedelta(days=int(issued)), "due_on": begins + timedelta(days=int(due)),
                "paid_on": begins + timedelta(days=int(on)) if np.isfinite(on) else None,
                "known_from": KNOWN_AT - timedelta(days=self.days + 1), "known_assumed": True,
            }
            for at, (who, cents, issued, due, on) in enumerate(
                zip(self.customer, self.cents, self.issued, self.due, paid, strict=True)
            )
        ]  # fmt: skip
        with Engine.in_memory() as engine:
            return made(Published(engine), rows)


def issued(world: World) -> Issued:
    """The invoices of a world from its first week to its last."""
    people = latent(world)
    habit, tills = Habit.begun(world, people), Tills.opened(world, people, accounts(world, people))
    weeks = [invoices(world, people.company, tills.ring_up(habit.next_week(), at), at) for at in range(world.weeks)]
    each = [
        np.concatenate([getattr(week, name) for week in weeks])
        for name in ("customer", "amount", "issued", "due", "paid")
    ]
    customer, cents, on, due, paid = (column[each[1] > 0] for column in each)
    return Issued(customer, cents, on, due, paid, world.weeks * 7)


def alike(told: Issued) -> float:
    """The share called weak of those of whom enough is known, who all pay alike."""
    classes = [row["class"] for row in told.classes(told.paid).values() if row["class"] != "unknown"]
    return classes.count("weak") / len(classes)


def stopped(told: Issued, seed: int) -> tuple[int, int]:
    """Of some who stop paying: how many are weak of those who owe something for long, and how many these are."""
    each = np.unique(told.customer)
    chosen = np.random.default_rng(seed).choice(each, round(STOPPED_SHARE * each.size), replace=False)
    unpaid = np.isin(told.customer, chosen) & (told.issued > told.days - STOPPED_DAYS)
    found = told.classes(np.where(unpaid, np.inf, told.paid))
    owe = np.unique(told.customer[unpaid & (told.days - told.due > float(RULES["weak_overdue_days"]))])
    return sum(found[int(who)]["class"] == "weak" for who in owe), owe.size


def business(kind: str, customers: int, times: float = 1.0) -> World:
    """A world of companies alone, who buy so many times as often as usual."""
    usual = WORLDS[kind](customers=customers, organisations=1.0, records=False, second_accounts=0.0)
    return replace(usual, rate_weeks=usual.rate_weeks / times)


if __name__ == "__main__":
    for kind in WORLDS:
        for times in (1.0, 4.0):
            told = issued(business(kind, int(sys.argv[1]) if sys.argv[1:] else 600, times))
            weak, owe = np.sum([stopped(told, seed) for seed in range(1, 6)], axis=0)
            sys.stdout.write(
                f"{kind}, {times:g} times the purchases: {alike(told):.1%} of those who pay alike are weak; "
                f"of {owe} who stopped and owe for long {weak}\n"
            )
