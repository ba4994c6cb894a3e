"""BG/NBD: the published figures, the gradient, known truth, and no bad number anywhere."""

import csv
import math
import time
from pathlib import Path

import numpy as np
import pytest

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators import beta_geometric
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.beta_geometric import (
    CDNOW,
    BetaGeometric,
    expected_purchases,
    fit_beta_geometric,
    log_likelihood,
    log_probability_silent,
    probability_alive,
)
from tests.unit.estimators.simulated import simulated

TRUE = {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.5}


def cdnow(folder: Path) -> tuple[Floats, Floats, Floats]:
    with (folder / "cdnow" / "cdnow_customers_summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    return tuple(floats([row[name] for row in rows]) for name in ("frequency", "recency", "T"))  # type: ignore[return-value] # three


def test_cdnow_gives_what_the_paper_says(shared_data: Path):
    fit = fit_beta_geometric(*cdnow(shared_data))
    found = [round(value, 3) for value in (fit.r, fit.alpha, fit.a, fit.b)]
    assert found == [0.243, 4.414, 0.793, 2.426]
    assert round(fit.log_likelihood, 2) == -9582.43
    assert fit.at_bound == ()
    low, high = fit.interval("r") or (0, 0)
    assert low < 0.243 < high


def test_another_unit_of_time_gives_the_same_customers(shared_data: Path):
    x, t_x, t = cdnow(shared_data)
    weeks, days = fit_beta_geometric(x, t_x, t), fit_beta_geometric(x, t_x * 7, t * 7)
    assert days.alpha / 7 == pytest.approx(weeks.alpha, rel=1e-6)
    assert days.log_likelihood + x.sum() * math.log(7) == pytest.approx(weeks.log_likelihood, abs=1e-6)
    assert days.b == pytest.approx(weeks.b, rel=1e-5)


def test_cdnow_39_weeks_on_is_foreseen_as_published(shared_data: Path):
    x, t_x, t = cdnow(shared_data)
    fit = fit_beta_geometric(x, t_x, t)
    assert round(expected_purchases(fit, x, t_x, t, 39.0).sum()) == 1653


@pytest.mark.parametrize("at", [(0.243, 4.414, 0.793, 2.426), (2.0, 50.0, 0.01, 30.0), (0.1, 1.0, 3.0, 0.2)])
def test_the_gradient_is_that_of_the_likelihood(at: tuple[float, ...]):
    x, t_x, t = floats([0, 1, 3, 40, 0]), floats([0, 5, 200.5, 300, 0]), floats([10, 5, 250, 301, 400])
    counts = floats([5, 2, 1, 1, 9])
    _, gradient = log_likelihood(floats(at), x, t_x, t, counts)
    for place, value in enumerate(at):
        step = value * 1e-5
        above, below = (floats([*at[:place], value + sign * step, *at[place + 1 :]]) for sign in (1, -1))
        rise = log_likelihood(above, x, t_x, t, counts)[0] - log_likelihood(below, x, t_x, t, counts)[0]
        assert gradient[place] == pytest.approx(rise / (2 * step), rel=1e-6, abs=1e-6)


def test_the_likelihood_is_the_one_of_the_paper_by_hand():
    # r = α-free case: x = 1, t_x = 5, T = 20, r = 1, α = 10, a = b = 1:
    # ½ · 10/30² + ½ · 10/15² = 0.02778
    value, _ = log_likelihood(floats([1, 10, 1, 1]), floats([1]), floats([5]), floats([20]))
    assert math.exp(value) == pytest.approx(0.5 * 10 / 900 + 0.5 * 10 / 225)


def test_it_finds_the_truth_that_made_the_customers():
    bought = simulated(np.random.default_rng(1), 60_000, 730, **TRUE, joining=365)
    x, t_x, t, _ = bought.history(730)
    fit = fit_beta_geometric(x, t_x, t)
    for name, true in TRUE.items():
        low, high = fit.interval(name) or (0, 0)
        reach = high - low
        assert low - reach < true < high + reach  # whole days are not moments, so a little beside
        assert reach / true < 0.1


def test_counted_histories_are_the_customers_one_by_one_in_any_order():
    x, t_x, t, _ = simulated(np.random.default_rng(2), 5_000, 400, **TRUE).history(400)
    kinds, counts = np.unique(np.column_stack([x, t_x, t]), axis=0, return_counts=True)
    one_by_one, counted = fit_beta_geometric(x, t_x, t), fit_beta_geometric(*kinds.T, floats(counts))
    assert counted.alpha == pytest.approx(one_by_one.alpha, rel=1e-7)
    order = np.random.default_rng(3).permutation(len(kinds))
    shuffled = fit_beta_geometric(*kinds[order].T, floats(counts)[order])
    assert (shuffled.r, shuffled.alpha, shuffled.a, shuffled.b) == (counted.r, counted.alpha, counted.a, counted.b)
    assert shuffled.log_likelihood == counted.log_likelihood


def test_so_many_are_silent_as_it_says():
    bought = simulated(np.random.default_rng(4), 100_000, 492, **TRUE, joining=300)
    x, t_x, t, customer = bought.history(400)
    silent = bought.bought_within(400, 492)[customer.astype(int)] == 0
    fit = fit_beta_geometric(x, t_x, t)
    said = np.exp(log_probability_silent(fit, x, t_x, t, 92.0))
    for group in np.array_split(np.argsort(said, kind="stable"), 10):
        expected, spread = said[group].sum(), math.sqrt((said[group] * (1 - said[group])).sum())
        assert silent[group].sum() == pytest.approx(expected, abs=4 * spread + 0.01 * len(group))


def test_as_many_purchases_come_as_it_expects():
    bought = simulated(np.random.default_rng(5), 100_000, 492, **TRUE, joining=300)
    x, t_x, t, customer = bought.history(400)
    came = bought.bought_within(400, 492)[customer.astype(int)]
    fit = fit_beta_geometric(x, t_x, t)
    said = expected_purchases(fit, x, t_x, t, 92.0)
    assert came.sum() == pytest.approx(said.sum(), rel=0.02)
    busy = x >= 5
    assert came[busy].sum() == pytest.approx(said[busy].sum(), rel=0.02)


def test_both_ways_to_expect_purchases_agree_where_they_meet(monkeypatch: pytest.MonkeyPatch):
    x, t_x, t = floats([0, 1, 8, 300]), floats([0, 10, 90, 99]), floats([100, 100, 100, 100])
    fit = BetaGeometric(r=0.8, alpha=30, a=19, b=80, log_likelihood=0, customers=4)
    series = expected_purchases(fit, x, t_x, t, 92.0)
    monkeypatch.setattr(beta_geometric, "_ALIKE", 1.0)
    assert expected_purchases(fit, x, t_x, t, 92.0) == pytest.approx(series, rel=1e-9)


def test_silent_for_ever_is_to_have_left():
    x, t_x, t = floats([0, 1, 8]), floats([0, 10, 90]), floats([100, 100, 100])
    left = 1 - probability_alive(CDNOW, x, t_x, t)
    assert np.exp(log_probability_silent(CDNOW, x, t_x, t, 1e300)) == pytest.approx(left, abs=1e-6)
    assert np.exp(log_probability_silent(CDNOW, x, t_x, t, 0.0)) == pytest.approx([1, 1, 1])
    assert (log_probability_silent(CDNOW, x, t_x, t, 10.0) > log_probability_silent(CDNOW, x, t_x, t, 20.0)).all()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0.793, 2.426),
        (0.17, 242.0),
        (0.003, 4.2),
        (0.3, 0.4),
        (1.0, 0.4),
        (1.0, 1.0),
        (0.5, 0.5),
        (400.0, 9e4),
        (0.2, 4e5),
        (19.9, 4e5),
        (4e5, 1e-3),
        (4e5, 6.2e-6),
        (50.0, 6.2e-6),
    ],
)
def test_every_history_has_a_number(a: float, b: float):
    rng = np.random.default_rng(6)
    n = 100_000
    x = np.where(rng.random(n) < 0.1, 0, np.round(10 ** rng.uniform(0, np.log10(20_000), n)))
    t = rng.uniform(0, 20 * 365.25, n)
    t_x = np.where(x > 0, t * rng.random(n), 0)
    fit = BetaGeometric(r=0.243, alpha=4.414, a=a, b=b, log_likelihood=0, customers=n)
    alive, silent = probability_alive(fit, x, t_x, t), log_probability_silent(fit, x, t_x, t, 92.0)
    expected = expected_purchases(fit, x, t_x, t, 92.0)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.isfinite(silent) & (silent <= 0)).all()
    assert (np.isfinite(expected) & (expected >= 0)).all()
    assert (expected <= (0.243 + x) / (4.414 + t) * 92.0 * (1 + 1e-9)).all()  # no one buys faster than if all stayed
    value, gradient = log_likelihood(floats([0.243, 4.414, a, b]), x, t_x, t)
    assert np.isfinite([value, *gradient]).all()


def test_where_nobody_leaves_it_says_that_the_likelihood_has_no_top():
    rng = np.random.default_rng(7)
    t = floats(np.full(400, 300.0))
    x = rng.poisson(rng.gamma(2.0, 10.0, 400)).astype(float)
    t_x = np.where(x > 0, t * x / (x + 1), 0)  # as regular as can be: the last purchase is never long ago
    fit = fit_beta_geometric(x, t_x, t)
    assert "a" in fit.at_bound or "b" in fit.at_bound
    assert fit.covariance is None
    assert fit.interval("r") is None
    assert (probability_alive(fit, x, t_x, t) > 0.99).all()


def test_nobody_bought_twice():
    with pytest.raises(NotConvergedError, match="two different days"):
        fit_beta_geometric(floats([0, 0]), floats([0, 0]), floats([10, 20]))
    with pytest.raises(NotConvergedError, match="two different days"):
        fit_beta_geometric(floats([]), floats([]), floats([]))


@pytest.mark.parametrize(("x", "t_x", "t"), [(1, 5, 4), (-1, 0, 4), (0, 3, 4), (1, math.nan, 4)])
def test_what_is_no_history_is_refused(x: float, t_x: float, t: float):
    with pytest.raises(UndefinedError, match="a history needs"):
        fit_beta_geometric(floats([x]), floats([t_x]), floats([t]))


def test_the_past_cannot_be_foreseen():
    with pytest.raises(UndefinedError, match="in the past"):
        expected_purchases(CDNOW, floats([1]), floats([1]), floats([1]), -1.0)
    with pytest.raises(UndefinedError, match="in the past"):
        log_probability_silent(CDNOW, floats([1]), floats([1]), floats([1]), -1.0)


@pytest.mark.slow
def test_a_million_customers_take_seconds():
    x, t_x, t, _ = simulated(np.random.default_rng(8), 1_000_000, 730, **TRUE, joining=700).history(730)
    kinds, counts = np.unique(np.column_stack([x, t_x, t]), axis=0, return_counts=True)
    began = time.perf_counter()
    fit = fit_beta_geometric(*kinds.T, floats(counts))
    log_probability_silent(fit, *kinds.T, 92.0)
    assert time.perf_counter() - began < 20
    assert fit.r == pytest.approx(0.8, rel=0.05)
