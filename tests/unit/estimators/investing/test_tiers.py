"""In whom to invest: the line that a budget draws, and the smallest change that gives another tier."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.investing.tiers import INVEST, MAINTAIN, NOT, Changeability, Limits, band, flips, limits
from tests.some import examples

SAMPLES = 1000


def sampled(seed: int) -> tuple[np.ndarray, np.ndarray, Changeability, Limits]:
    """Customers, assumptions and costs by chance: losses, lost and sure customers among them."""
    rng = np.random.default_rng(seed)
    worth = np.round(rng.lognormal(4, 2, SAMPLES) * np.where(rng.random(SAMPLES) < 0.1, -1, 1), 6)
    chance = np.round(rng.choice([0.0, 1.0, *rng.random(20)], SAMPLES), 6)
    what = Changeability(keeps=round(rng.uniform(0.001, 1), 3), grows=round(rng.uniform(0.001, 0.5), 3))
    maintain = round(rng.uniform(0.01, 5), 2)
    gain = what.gain(worth, chance)
    budget = float(rng.choice([0, 100, 5000]))
    return worth, chance, what, limits(gain, maintain_cost=maintain, invest_cost=maintain * 8, budget=budget)


@pytest.mark.parametrize("seed", range(8))
def test_the_change_that_is_named_gives_the_tier_that_is_named_for_every_one_of_a_thousand(seed: int):
    worth, chance, what, lines = sampled(seed)
    found = flips(worth, chance, what=what, lines=lines)
    assert (found.by >= 0).all()
    other_worth = np.where(found.by == 0, found.at, worth)
    other_chance = np.where(found.by == 1, found.at, chance)
    after = lines.tier(what.gain(other_worth, other_chance))
    assert (after != lines.tier(what.gain(worth, chance))).all()
    assert (after == found.to).all()
    assert ((other_chance >= 0) & (other_chance <= 1)).all()


def test_half_of_the_change_would_not_do():
    worth, chance, what, lines = sampled(3)
    found = flips(worth, chance, what=what, lines=lines)
    half_worth = np.where(found.by == 0, worth + (found.at - worth) / 2, worth)
    half_chance = np.where(found.by == 1, chance + (found.at - chance) / 2, chance)
    still = lines.tier(what.gain(half_worth, half_chance)) == lines.tier(what.gain(worth, chance))
    large = np.where(found.by == 0, np.abs(found.at - worth) > 0.1, np.abs(found.at - chance) > 0.01)
    assert still[large].all()
    assert large.mean() > 0.9


def test_the_chance_is_named_where_it_needs_the_smaller_change():
    lines = Limits(maintain=1.0, invest=10.0)
    found = flips(floats([90, 300]), floats([0.9, 0.0]), what=Changeability(keeps=0.1, grows=0.0), lines=lines)
    assert found.by.tolist() == [0, 1]  # 90 · 0.09 = 8.1: ×1.24 of the worth; the other brings nothing at any worth
    assert found.at.tolist() == [111.12, 0.034]
    assert found.to.tolist() == [INVEST, MAINTAIN]


def test_nothing_flips_where_an_action_changes_nothing_and_no_input_helps():
    found = flips(
        floats([0.0]), floats([0.0]), what=Changeability(keeps=0.1, grows=0.0), lines=Limits(maintain=1, invest=9)
    )
    assert found.by.tolist() == [-1]
    assert np.isnan(found.at).all()
    assert found.to.tolist() == [NOT]


@settings(deadline=None, max_examples=examples(60))
@given(
    st.lists(st.floats(-50, 500, allow_nan=False), max_size=30),
    st.floats(0, 2000),
)
def test_a_budget_is_never_overspent_and_goes_to_the_highest(gains: list[float], budget: float):
    gain = floats(np.round(gains, 2))
    lines = limits(gain, maintain_cost=1, invest_cost=20, budget=budget)
    chosen = lines.tier(gain) == INVEST
    assert (gain[chosen] >= 20).all()
    if budget:
        assert 20 * chosen.sum() <= budget + 1e-6
    if chosen.any():
        assert gain[chosen].min() > gain[~chosen].max(initial=-np.inf)
    left = gain[~chosen & (gain >= 20)]
    if budget and left.size:  # one more tier of equal gains would have been too many
        assert 20 * (chosen.sum() + (left == left.max()).sum()) > budget


def test_without_a_budget_whoever_pays_is_chosen():
    assert limits(floats([5, 20, 19.99]), maintain_cost=1, invest_cost=20) == Limits(maintain=1.0, invest=20.0)


def test_the_band_holds_whatever_lies_between():
    rng = np.random.default_rng(1)
    what = Changeability(keeps=0.3, grows=0.1)
    worth, chance = np.sort(rng.normal(50, 80, (2, 500)), axis=0), np.sort(rng.random((2, 500)), axis=0)
    found = band((worth[0], worth[1]), (chance[0], chance[1]), what)
    for _ in range(20):
        inside = [low + (high - low) * rng.random(500) for low, high in (worth, chance)]
        gain = what.gain(*inside)
        assert ((gain >= found.low - 1e-6) & (gain <= found.high + 1e-6)).all()


@pytest.mark.parametrize(
    "wrong", [{"keeps": -0.1, "grows": 0.1}, {"keeps": 0.0, "grows": 0.0}, {"keeps": 2, "grows": 0}]
)
def test_impossible_shares_are_refused(wrong: dict[str, float]):
    with pytest.raises(UndefinedError, match="both are from 0 to 1"):
        Changeability(**wrong)


@pytest.mark.parametrize("wrong", [{"maintain_cost": 0}, {"maintain_cost": 30}, {"budget": -1}])
def test_impossible_costs_are_refused(wrong: dict[str, float]):
    with pytest.raises(UndefinedError, match="costs are above 0"):
        limits(floats([1]), **{"maintain_cost": 1, "invest_cost": 20, **wrong})
