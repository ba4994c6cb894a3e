"""What is expected of customers is what they then buy, return and bring, to the closeness of chance, in both worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from clientela.testing.company.buying.assortment import NONE, assortment, pick
from clientela.testing.company.buying.expected import alive, guessed
from clientela.testing.company.buying.latent import Latent, latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.buying.worth import came_back, piece_worth, worth
from clientela.testing.company.dealings.sales import Lines, Tills, together
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World

BEFORE, HORIZON, SEEDS = 78, 52, 6
WORLDS = {"pareto-nbd": World(), "second": World.second(shock_begins=90, shock_weeks=10)}


@dataclass
class Seen:
    """A world up to a Monday, what was expected then, and what came."""

    habits: Latent
    habit: Habit
    there: np.ndarray
    worth: object
    unseen: object
    chance: np.ndarray
    lines: Lines


def life(world: World, horizon: int = HORIZON) -> Seen:
    habits = latent(world)
    habit, tills = Habit.begun(world, habits), Tills.opened(world, habits, accounts(world, habits))
    for week in range(BEFORE):
        tills.ring_up(habit.next_week(), week)
    there, guess = alive(habits, BEFORE), guessed(habit)
    seen = worth(habit, tills.assortment, horizon), worth(habit, tills.assortment, horizon, stages=guess.stages)
    parts = [tills.ring_up(habit.next_week(), week) for week in range(BEFORE, BEFORE + horizon)]
    return Seen(habits, habit, there, *seen, guess.chance, together(parts))


def away(came: np.ndarray, expected: np.ndarray) -> float:
    """The standardised difference of a sum; customers are independent of each other."""
    off = came - expected
    return float(off.sum() / np.sqrt((off**2).sum()))


def close(differences: list[float]) -> bool:
    return abs(np.mean(differences)) < 2.6 / np.sqrt(len(differences))


@pytest.fixture(scope="module", params=WORLDS)
def lives(request: pytest.FixtureRequest) -> list[Seen]:
    given = {"customers": 3_000, "weeks": BEFORE + HORIZON, "returned": 0.15, "spend_spread": 0.6}
    world = WORLDS[request.param]
    fields = {name: getattr(world, name) for name in World.__dataclass_fields__}
    return [life(World(**{**fields, **given, "seed": seed})) for seed in range(SEEDS)]


def of_customers(seen: Seen, money: str) -> np.ndarray:
    """The money of what was bought in the time, less what of it came back in it."""
    first = seen.lines.order[seen.lines.returns < 0].min()
    ours = (seen.lines.customer >= 0) & ((seen.lines.returns < 0) | (seen.lines.returns >= first))
    return np.bincount(seen.lines.customer[ours], getattr(seen.lines, money)[ours], len(seen.habits))


def purchases(seen: Seen) -> np.ndarray:
    sales = seen.lines.taken(np.flatnonzero((seen.lines.returns < 0) & (seen.lines.customer >= 0)))
    return np.bincount(sales.customer[np.unique(sales.order, return_index=True)[1]], minlength=len(seen.habits)).astype(
        float
    )


def test_revenue_and_margin_of_customers_are_what_was_expected(lives: list[Seen]) -> None:
    for name in ("purchases", "revenue", "margin"):
        differences = []
        for seen in lives:
            revenue, cost = of_customers(seen, "revenue"), of_customers(seen, "cost")
            came = {"purchases": purchases(seen), "revenue": revenue, "margin": revenue - cost}[name]
            differences.append(away(came[seen.there], getattr(seen.worth, name)[seen.there]))
        assert close(differences), (name, differences)


def test_it_holds_among_those_who_spend_much_and_those_who_spend_little(lives: list[Seen]) -> None:
    for part in (0, 1, 2):
        differences = []
        for seen in lives:
            third = np.searchsorted(np.quantile(seen.habits.spend, [1 / 3, 2 / 3]), seen.habits.spend)
            which = seen.there & (third == part)
            differences.append(away(of_customers(seen, "revenue")[which], seen.worth.revenue[which]))
        assert close(differences), (part, differences)


def test_who_is_still_to_come_brings_what_was_expected(lives: list[Seen]) -> None:
    differences = []
    for seen in lives:
        coming = seen.habits.joins >= BEFORE
        assert coming.sum() > 200
        differences.append(away(of_customers(seen, "revenue")[coming], seen.worth.revenue[coming]))
    assert close(differences), differences


def test_the_chance_to_be_still_a_customer_is_the_share_that_is(lives: list[Seen]) -> None:
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.0)):
        differences = []
        for seen in lives:
            which = (seen.chance >= low) & (seen.chance < high)
            assert which.sum() > 50
            differences.append(away(seen.there[which].astype(float), seen.chance[which]))
        assert close(differences), (low, high, differences)


def test_what_is_expected_without_knowing_who_has_left_is_what_comes(lives: list[Seen]) -> None:
    differences = []
    for seen in lives:
        came = seen.habits.joins < BEFORE
        unseen = seen.chance[came] * seen.unseen.revenue[came]
        differences.append(away(of_customers(seen, "revenue")[came], unseen))
    assert close(differences), differences


def test_a_time_too_short_for_all_returns_counts_those_that_fall_into_it() -> None:
    differences = []
    for seed in range(4):
        seen = life(World(customers=8_000, weeks=BEFORE + 3, returned=0.5, seed=seed, rate_weeks=3.0), horizon=3)
        differences.append(away(of_customers(seen, "revenue")[seen.there], seen.worth.revenue[seen.there]))
    assert close(differences), differences
    assert came_back(0, 1.3) < 0.2 < came_back(0, 2.5) < 0.9 < came_back(0, 4.0) == 1.0


def test_what_a_piece_brings_is_the_mean_of_what_is_picked() -> None:
    world = World(products=60, promotion_depth=0.3)
    made = assortment(world)
    rng = np.random.default_rng(4)
    for level, week, category in ((-0.7, 3, NONE), (0.0, 100, 2), (1.1, 40, 5)):
        product = pick(made, level + rng.normal(size=400_000), week)
        off = np.where(made.category[product] == category, 0.3, 0.0)
        paid, cost = made.list_price[product] * (1 - off), made.unit_cost[product]
        revenue_said, cost_said = piece_worth(world, made, np.array([level, 0.3]), week, category)
        assert revenue_said[0] == pytest.approx(paid.mean(), abs=4 * paid.std() / np.sqrt(len(paid)))
        assert cost_said[0] == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(len(cost)))


def test_a_promotion_brings_more_purchases_and_takes_its_share_of_their_price() -> None:
    made = assortment(World(products=80))
    world = World(products=80, promotion_depth=0.25)
    usual, cut = (piece_worth(world, made, np.array([0.0]), 20, category) for category in (NONE, 0))
    share = float(np.mean(made.category == 0))
    assert cut[0][0] < usual[0][0]
    assert cut[0][0] == pytest.approx(usual[0][0] * (1 - 0.25 * share), rel=0.06)
    assert cut[1][0] == pytest.approx(usual[1][0])
