"""What contacts earn that go where the tiers say, beside RFM and churn scores, on companies whose truth is known.

    python -m tests.unit.analyse.tiers.targeting [SEEDS] [CUSTOMERS] [SHARE]

A synthetic company lives for 130 weeks. From what its tills then know of each customer - purchase days, and the margin
of each - the purchase model and the model of amounts say what they will bring in a year, and how likely they are to
buy nothing in 13 weeks. Each way of choosing gets as many contacts, each customer one. What a contact really earns is
the company's own truth: the margin of the 13 weeks with it less that without it, 0 for who has left.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from clientela.analyse.customer.tiers.investment_tier import INVESTMENT_TIER
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.investing.tiers import INVEST, Changeability, limits
from clientela.estimators.lifetime.gamma_gamma import expected_amount, fit_gamma_gamma
from clientela.estimators.lifetime.ways import WAYS, ahead
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.buying.worth import worth
from clientela.testing.company.dealings.sales import Tills
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World

WORLDS: Mapping[str, Callable[..., World]] = MappingProxyType({"Pareto/NBD": World, "Not Pareto/NBD": World.second})
SEEN_WEEKS, AHEAD_WEEKS, HORIZON_DAYS, YEAR_DAYS = 130, 13, 91, 365
RIVALS = ("rfm", "churn score", "chance")
_FINE = 0.01  # of the currency: what a contact costs, so that the budget alone decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the tills know of each customer who has bought: x, t_x, T in days, and the margin of a purchase day.

    ``earns``: what a contact really earns with each, in cents; nobody but the truth knows it.
    """

    repeats: Floats
    recency: Floats
    age: Floats
    mean: Floats
    earns: Floats

    @property
    def silent(self) -> Floats:
        """Days since the last purchase."""
        return self.age - self.recency


def seen(world: World) -> Seen:
    """Let a company live, and look."""
    people = latent(world)
    held, habit = accounts(world, people), Habit.begun(world, people)
    tills = Tills.opened(world, people, held)
    days, margin = [], np.zeros(len(people))
    for week in range(SEEN_WEEKS):
        bought = habit.next_week()
        made = tills.ring_up(bought, week)
        known = made.customer >= 0
        margin += np.bincount(made.customer[known], (made.revenue - made.cost)[known], len(people))
        days.append(np.column_stack([bought.customer, np.floor(bought.at * 7)]))
    who, day = np.unique(np.concatenate(days), axis=0).T
    customer, place = np.unique(who.astype(int), return_inverse=True)
    count = np.bincount(place)
    first, last = np.full(customer.size, np.inf), np.zeros(customer.size)
    np.minimum.at(first, place, day)
    np.maximum.at(last, place, day)
    truth = [
        worth(habit, tills.assortment, AHEAD_WEEKS, more=more).margin for more in (people.responds, None)
    ]  # fmt: skip
    earns = np.where(people.leaves > SEEN_WEEKS, truth[0] - truth[1], 0.0)
    return Seen(
        repeats=floats(count - 1), recency=last - first, age=SEEN_WEEKS * 7 - 1 - first,
        mean=floats(margin[customer] / count), earns=earns[customer],
    )  # fmt: skip


def chosen(known: Seen, share: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Who gets a contact, by each way of choosing, as many by each."""
    fit = WAYS["bg-nbd"].fit(known.repeats, known.recency, known.age)
    history = (known.repeats, known.recency, known.age)
    year, near = (ahead(WAYS["bg-nbd"], fit, *history, days, discount=0.1) for days in (YEAR_DAYS, HORIZON_DAYS))
    positive = known.mean > 0
    amounts = fit_gamma_gamma(known.repeats[positive] + 1, known.mean[positive])
    amount = np.where(positive, expected_amount(amounts, known.repeats + 1, np.maximum(known.mean, 0.01)), 0.0)
    told = INVESTMENT_TIER.fit_parameters
    what = Changeability(keeps=float(told["keeps"]), grows=float(told["grows"]))
    gain = what.gain(year.expected * amount / 100, near.silent)
    many = int(share * known.age.size)
    lines = limits(gain, maintain_cost=_FINE / 2, invest_cost=_FINE, budget=many * _FINE)
    tiers = np.flatnonzero(lines.tier(gain) == INVEST)
    random = rng.permutation(known.age.size)
    spent = known.mean * (known.repeats + 1)
    fifths = sum((_fifth(each) for each in (-known.silent, known.repeats, spent)), np.zeros(known.age.size))
    by = {
        "rfm": np.lexsort((-spent, -fifths)),  # the best groups first, of one group those who brought most
        "churn score": np.lexsort((random, -near.silent)),
        "chance": random,
    }
    return {"tiers": tiers} | {name: order[: tiers.size] for name, order in by.items()}


def _fifth(values: Floats) -> Floats:
    """1 to 5, equal values in the same fifth: that of the middle of their places."""
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(ties) - ties / 2
    return floats(np.floor(5 * middle[place] / values.size) + 1)


def compared(kind: str, seeds: int, customers: int, share: float = 0.2) -> dict[str, Floats]:
    """What the contacts of each way earn, in cents, (seeds,)."""
    earned: dict[str, list[float]] = {name: [] for name in ("tiers", *RIVALS)}
    for seed in range(1, seeds + 1):
        world: Any = replace(WORLDS[kind](customers=customers), seed=seed, records=False, second_accounts=0.0)
        known = seen(world)
        for name, who in chosen(known, share, np.random.default_rng(seed)).items():
            earned[name].append(float(known.earns[who].sum()))
    return {name: floats(each) for name, each in earned.items()}


def difference(earned: Mapping[str, Floats], rival: str) -> tuple[float, float, float]:
    """By what share of what they earn the tiers earn more, and its 95 % interval over the seeds, paired (t)."""
    from scipy.stats import t

    each = (earned["tiers"] - earned[rival]) / float(np.mean(np.abs(earned["tiers"])))
    half = float(t.ppf(0.975, each.size - 1) * each.std(ddof=1) / np.sqrt(each.size))
    return float(each.mean()), float(each.mean()) - half, float(each.mean()) + half


def main(seeds: int, customers: int, share: float) -> None:
    """Compare in both worlds and say the figures."""
    for kind in WORLDS:
        earned = compared(kind, seeds, customers, share)
        told = ", ".join(f"{name} {float(values.mean()) / 100:,.0f}" for name, values in earned.items())
        sys.stdout.write(f"{kind}, {seeds} seeds of {customers} customers, {share:.0%} contacted: {told}\n")
        for rival in RIVALS:
            mean, low, high = difference(earned, rival)
            sys.stdout.write(f"  tiers against {rival}: {mean:+.1%} ({low:+.1%} to {high:+.1%})\n")
        sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 20, int(given[1]) if given[1:] else 3_000, float(given[2]) if given[2:] else 0.2)
