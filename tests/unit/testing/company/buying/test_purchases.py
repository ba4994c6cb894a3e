"""Customers buy, and leave, as often as the world says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from clientela.testing.company.buying.assortment import NONE, promoted
from clientela.testing.company.buying.expected import alive, expected_purchases
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit, Purchases
from clientela.testing.company.buying.response import Messages
from clientela.testing.company.world import World
from tests.unit.testing.company.recovery.likelihoods import most_likely, pareto_nbd


def lived(habit: Habit, weeks: int) -> Purchases:
    parts = [habit.next_week() for _ in range(weeks)]
    customer = np.concatenate([part.customer for part in parts])
    at = np.concatenate([part.at for part in parts])
    order = np.lexsort((at, customer))
    return Purchases(customer[order], at[order])


def test_a_fit_to_the_purchases_finds_the_numbers_of_the_world_again() -> None:
    world = World.plain(customers=12_000, founders=1.0, weeks=104)
    habits = latent(world)
    bought = lived(Habit.begun(world, habits), world.weeks)
    last = np.zeros(world.customers)
    np.maximum.at(last, bought.customer, bought.at)
    seen = (np.bincount(bought.customer) - 1.0, last - habits.joins, world.weeks - habits.joins)
    truth = np.log([world.rate_shape, world.rate_weeks, world.leaving_shape, world.leaving_weeks])

    found, best = most_likely(pareto_nbd, [1, 5, 1, 50], *seen)

    r, a, s, b = np.exp(found)
    assert r / a == pytest.approx(world.rate_shape / world.rate_weeks, rel=0.04)
    stay_a_year = (world.leaving_weeks / (world.leaving_weeks + 52)) ** world.leaving_shape
    assert (b / (b + 52)) ** s == pytest.approx(stay_a_year, abs=0.015)
    assert 2 * (best - pareto_nbd(truth, *seen)) < chi2(4).ppf(0.99)  # the truth is as likely as the best fit


@pytest.mark.parametrize("process", ["pareto-nbd", "erlang"])
def test_what_is_expected_of_customers_is_what_they_buy(process: str) -> None:
    gone = []
    for seed in range(6):
        world = World(customers=4_000, seed=seed, process=process, weeks=130)  # type: ignore[arg-type]
        habit = Habit.begun(world, latent(world))
        lived(habit, 78)
        there = alive(habit.latent, 78)
        expected = expected_purchases(habit, 52)
        bought = np.bincount(lived(habit, 52).customer, minlength=world.customers)
        away = (bought - expected)[there]
        gone.append(away.sum() / np.sqrt((away**2).sum()))
        assert expected[habit.latent.leaves <= 78].sum() == 0
    assert abs(np.mean(gone)) < 2.6 / np.sqrt(len(gone)), gone


def test_who_is_nearer_to_the_next_purchase_is_expected_to_buy_sooner() -> None:
    world = World.plain(customers=20_000, founders=1.0, process="erlang", rate_shape=30.0, rate_weeks=100.0)
    habit = Habit.begun(world, latent(world))
    lived(habit, 20)
    there, passed = alive(habit.latent, 20), habit.passed.copy()
    expected = expected_purchases(habit, 2)
    bought = np.bincount(lived(habit, 2).customer, minlength=world.customers)
    means = []
    for stage in range(3):
        which = there & (passed == stage)
        away = (bought - expected)[which]
        assert abs(away.sum()) < 3.5 * np.sqrt((away**2).sum()), stage
        means.append(expected[which].mean())
    assert means[0] < means[1] / 2 < means[2] / 3


def test_a_shock_takes_its_share_of_purchases_for_its_weeks() -> None:
    world = World.plain(
        customers=30_000, founders=1.0, leaving_shape=0.0, weeks=24, shock=0.4, shock_begins=12, shock_weeks=5
    )
    habit = Habit.begun(world, latent(world))
    count = np.array([len(habit.next_week()) for _ in range(world.weeks)])
    assert count[12:17].mean() / count[5:12].mean() == pytest.approx(0.6, abs=0.02)
    assert count[17:].mean() / count[5:12].mean() == pytest.approx(1, abs=0.02)


def test_gaps_of_three_stages_are_more_regular_than_chance() -> None:
    def unevenness(process: str) -> float:
        world = World.plain(
            customers=3_000, founders=1.0, leaving_shape=0.0, process=process, rate_shape=50.0, rate_weeks=100.0
        )
        bought = lived(Habit.begun(world, latent(world)), world.weeks)
        gaps = np.diff(bought.at)[np.diff(bought.customer) == 0]
        return float(gaps.var() / gaps.mean() ** 2)  # of an exponential gap 1, of three stages a third

    assert unevenness("pareto-nbd") == pytest.approx(1.0, abs=0.06)
    assert unevenness("erlang") == pytest.approx(1 / 3, abs=0.04)


def test_nobody_buys_before_they_come_or_after_they_leave() -> None:
    world = World(customers=2_000, weeks=60)
    habits = latent(world)
    bought = lived(Habit.begun(world, habits), world.weeks)
    assert (bought.at >= habits.joins[bought.customer]).all()
    assert (bought.at < habits.leaves[bought.customer]).all()
    came = np.flatnonzero(habits.joins < world.weeks)
    first = bought.at[np.searchsorted(bought.customer, came)]
    assert np.array_equal(first, habits.joins[came])


def test_a_cut_price_makes_customers_buy_more_by_their_elasticity() -> None:
    world = World.plain(
        customers=60_000,
        founders=1.0,
        leaving_shape=0.0,
        weeks=40,
        promotions=0.5,
        promotion_depth=0.3,
        price_response=3.0,
    )
    habit = Habit.begun(world, latent(world))
    weeks = [len(habit.next_week()) for _ in range(world.weeks)][4:]
    cut = promoted(world)[4:] != NONE
    lift = np.mean(np.array(weeks)[cut]) / np.mean(np.array(weeks)[~cut]) - 1
    assert lift == pytest.approx(3.0 * 0.3, abs=0.03)


def test_a_contact_makes_customers_buy_more_for_a_week_and_less_so_when_they_are_tired() -> None:
    world = World.plain(
        customers=80_000, founders=1.0, leaving_shape=0.0, weeks=12, response=0.5, fatigue=0.4, promotions=0.0
    )
    habits = latent(world)
    messages, habit = Messages(world, habits), Habit.begun(world, habits)
    reached = np.arange(0, world.customers, 2)
    for week in (8, 9, 10):
        messages.receive(reached, week)
    lifts = []
    for week in range(world.weeks):
        counts = np.bincount(habit.next_week(messages.more(week)).customer % 2, minlength=2)
        lifts.append(counts[0] / counts[1] - 1)
    assert lifts[8] == pytest.approx(0, abs=0.05)
    assert lifts[9:12] == pytest.approx([0.5, 0.5 * 0.6, 0.5 * 0.36], abs=0.06)
    assert messages.more(12) is None or messages.more(13) is None


def test_a_world_is_the_same_each_time_and_another_with_another_seed() -> None:
    def first_weeks(seed: int) -> list[np.ndarray]:
        world = World(customers=500, seed=seed, weeks=10)
        return [lived(Habit.begun(world, latent(world)), 10).at]

    assert np.array_equal(first_weeks(3), first_weeks(3))
    assert not np.array_equal(first_weeks(3)[0], first_weeks(4)[0])
