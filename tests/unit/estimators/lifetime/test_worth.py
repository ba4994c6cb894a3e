"""What is foretold with the models: finite everywhere, as much as really comes, within its range, as often as said."""

import time

import numpy as np
import pytest

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.gamma_gamma import GammaGamma, expected_amount, fit_gamma_gamma
from clientela.estimators.lifetime.modified import ModifiedBetaGeometric
from clientela.estimators.lifetime.pareto import ParetoNbd
from clientela.estimators.lifetime.traits import fit_with_traits
from clientela.estimators.lifetime.ways import WAYS, ahead, slopes, spread
from clientela.estimators.lifetime.worth import range_of, sum_of
from clientela.estimators.profit import expected_maximum_profit
from clientela.estimators.total import Total
from tests.unit.estimators.simulated import simulated

TRUE = {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.5}
LIKE_CDNOW = GammaGamma(p=6.25, q=3.74, gamma=15.44, log_likelihood=0, customers=946)


def any_history(n: int) -> tuple[Floats, Floats, Floats]:
    """x to 20,000 and T to 20 years, with the edges in it."""
    rng = np.random.default_rng(6)
    x = np.where(rng.random(n) < 0.1, 0, np.round(10 ** rng.uniform(0, np.log10(20_000), n)))
    t = np.where(rng.random(n) < 0.02, 0, rng.uniform(0, 20 * 365.25, n))
    t_x = np.where(x > 0, t * rng.random(n), 0)
    return x, np.where((rng.random(n) < 0.05) & (x > 0), t, t_x), t


MODELS = [
    ("mbg-nbd", (0.5248, 6.183, 0.8914, 1.614)),
    ("mbg-nbd", (0.3, 4.0, 0.3, 0.4)),
    ("mbg-nbd", (0.3, 4.0, 1.0, 1e-3)),
    ("mbg-nbd", (0.3, 4.0, 400.0, 9e4)),
    ("pareto-nbd", (0.553, 10.578, 0.606, 11.669)),
    ("pareto-nbd", (0.1, 1e-4, 1.0, 5000.0)),
    ("pareto-nbd", (5.0, 5000.0, 1e-4, 1e-3)),
    ("pareto-nbd", (0.5, 3.0, 300.0, 1e5)),
]


@pytest.mark.parametrize(("name", "at"), MODELS)
def test_every_history_has_a_number(name: str, at: tuple[float, ...]):
    x, t_x, t = any_history(100_000)
    way = WAYS[name]
    kind = ModifiedBetaGeometric if name == "mbg-nbd" else ParetoNbd
    fit = kind(**dict(zip(way.names, at, strict=True)), log_likelihood=0, customers=1)  # type: ignore[arg-type]
    coming = ahead(way, fit, x, t_x, t, 365.0, discount=0.1)
    assert ((coming.alive >= 0) & (coming.alive <= 1)).all()
    for found in (coming.purchases, coming.worth, coming.expected, coming.silent, coming.square):
        assert (np.isfinite(found) & (found >= 0)).all()
    assert (coming.worth <= coming.purchases * (1 + 1e-9)).all()
    assert (coming.purchases <= (at[0] + x) / (at[1] + t) * 365.0 * (1 + 1e-9)).all()
    between = range_of(coming, LIKE_CDNOW, x + 1)
    assert (np.isfinite(between.low) & (between.low >= 0) & (between.low <= coming.expected)).all()
    assert (np.isfinite(between.high) & (between.high >= coming.expected)).all()
    assert np.isfinite(between.variance).all()
    value, gradient = way.log_likelihood(floats(at), x, t_x, t)
    assert np.isfinite([value, *gradient]).all()


@pytest.mark.parametrize("name", ["bg-nbd", "pareto-nbd"])
def test_as_much_comes_as_is_expected(name: str):
    bought = simulated(np.random.default_rng(5), 20_000, 492, **TRUE, joining=300)
    x, t_x, t, customer = bought.history(400)
    came = bought.bought_within(400, 492)[customer.astype(int)]
    way = WAYS[name]
    said = ahead(way, way.fit(x, t_x, t), x, t_x, t, 92.0).expected
    assert came.sum() == pytest.approx(said.sum(), rel=0.05)
    busy = x >= 5
    assert came[busy].sum() == pytest.approx(said[busy].sum(), rel=0.05)


def test_the_modified_model_finds_the_truth_that_made_its_customers():
    rng = np.random.default_rng(9)
    n, days = 40_000, 700.0
    rate, leaves = rng.gamma(0.8, 1 / 30, n), rng.beta(0.6, 2.5, n)
    chances = rng.geometric(leaves)  # the purchase after which each leaves; the first counts
    x, t_x, now = np.zeros(n), np.zeros(n), np.zeros(n)
    for purchase in range(1, 400):
        now = now + rng.exponential(1 / rate)
        again = (now < days) & (chances > purchase)
        x[again], t_x[again] = purchase, now[again]
    fit = WAYS["mbg-nbd"].fit(x, t_x, np.full(n, days))
    found = np.log([fit.r, fit.alpha, fit.a, fit.b])
    assert np.abs(found - np.log([0.8, 30, 0.6, 2.5])).max() < 4 * np.sqrt(np.diag(fit.covariance)).max()
    assert np.sqrt(np.diag(fit.covariance)).max() < 0.15


def test_the_pareto_nbd_finds_the_truth_that_made_its_customers():
    rng = np.random.default_rng(10)
    n, days = 6_000, 700.0
    rate, life = rng.gamma(0.9, 30.0**-1, n), rng.exponential(1 / rng.gamma(1.5, 1 / 400, n))
    seen = np.minimum(life, days)
    x = rng.poisson(rate * seen).astype(float)
    t_x = np.where(x > 0, seen * rng.random(n) ** (1 / np.maximum(x, 1)), 0)  # the latest of x even moments
    fit = WAYS["pareto-nbd"].fit(x, t_x, np.full(n, days))
    deviation = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(np.log([fit.r, fit.alpha, fit.s, fit.beta]) - np.log([0.9, 30, 1.5, 400])) < 4 * deviation).all()


def test_gamma_gamma_finds_the_truth_and_draws_towards_it():
    rng = np.random.default_rng(11)
    n = 20_000
    x = rng.integers(1, 12, n).astype(float)
    nu = rng.gamma(4.0, 1 / 20.0, n)
    mean = rng.gamma(6.0 * x) / nu / x
    fit = fit_gamma_gamma(x, mean)
    deviation = np.sqrt(np.diag(fit.covariance if fit.covariance is not None else np.zeros((3, 3))))
    assert (np.abs(np.log([fit.p / 6, fit.q / 4, fit.gamma / 20])) < 4 * deviation).all()
    assert deviation.max() < 0.1
    truth = 6.0 / nu
    drawn = np.abs(expected_amount(fit, x, mean) - truth).mean()
    assert drawn < np.abs(mean - truth).mean()


def test_traits_move_how_often_customers_buy_and_small_groups_are_told_much_as_all():
    rng = np.random.default_rng(12)
    slow = simulated(rng, 6_000, 500, **TRUE).history(500)
    fast = simulated(rng, 6_000, 500, **{**TRUE, "alpha": 15.0}).history(500)
    few = simulated(rng, 3, 500, **{**TRUE, "alpha": 1.0}).history(500)
    x, t_x, t = (np.concatenate([slow[i], fast[i], few[i]]) for i in range(3))
    group = np.repeat([0, 1, 2], [len(slow[0]), len(fast[0]), len(few[0])])
    traits = np.column_stack([group == 1, group == 2]) * 1.0
    fit = fit_with_traits(x, t_x, t, traits)
    assert fit.buying[0] == pytest.approx(np.log(2), abs=0.1)
    assert fit.leaving[0] == pytest.approx(0, abs=0.25)
    drawn = fit_with_traits(x, t_x, t, traits, spread=0.1)
    assert abs(drawn.buying[1]) < abs(fit.buying[1])
    assert fit.of(floats([1, 0])).alpha == pytest.approx(fit.alpha / 2, rel=0.1)
    assert fit_with_traits(x, t_x, t, traits, after_first=True).after_first


def firm(seed: int, customers: int) -> tuple[Total, float, float, float]:
    """What a small firm is told of the next 120 days, what came, and its customers within their own range."""
    rng = np.random.default_rng(seed)
    truth = {"r": 1.2, "alpha": 25.0, "a": 0.6, "b": 5.0}
    bought = simulated(rng, customers, 520, **truth, joining=300)
    x, t_x, t, customer = bought.history(400)
    nu = rng.gamma(4.0, 1 / 60.0, customers)[customer.astype(int)]
    mean = rng.gamma(6.0 * (x + 1)) / nu / (x + 1)
    number = bought.bought_within(400, 520)[customer.astype(int)]
    came = np.where(number > 0, rng.gamma(np.maximum(6.0 * number, 1e-9)) / nu, 0.0)
    way = WAYS["bg-nbd"]
    fit, amounts = way.fit(x, t_x, t), fit_gamma_gamma(x + 1, mean)
    coming = ahead(way, fit, x, t_x, t, 120.0)
    each = expected_amount(amounts, x + 1, mean)
    between = range_of(coming, amounts, x + 1)
    found = sum_of(
        each * coming.expected, each**2 * between.variance, each[:, None] * slopes(way, fit, x, t_x, t, 120.0),
        spread(way, fit, x, t_x, t, np.ones(len(x))),
    )  # fmt: skip
    inside = (each * between.low <= came) & (came <= each * between.high)
    return found, float(came.sum()), float(inside.mean()), float((coming.silent > 0.8).mean())


@pytest.mark.parametrize("firms", [pytest.param(40), pytest.param(200, marks=pytest.mark.slow)])
def test_eight_of_ten_intervals_hold_what_comes(firms: int):
    told = [firm(seed, 150) for seed in range(firms)]
    held = np.mean([found.low <= came <= found.high for found, came, *_ in told])
    assert (0.65 if firms < 200 else 0.75) <= held <= (0.95 if firms < 200 else 0.85)
    assert 0.75 <= np.mean([inside for *_, inside, _ in told]) <= 0.9
    said, came = (sum(each) for each in zip(*((found.expected, came) for found, came, *_ in told), strict=True))
    assert came == pytest.approx(said, rel=0.05)


@pytest.mark.slow
def test_eight_of_ten_intervals_hold_for_firms_of_thirty_to_three_hundred_customers():
    sizes = np.linspace(30, 300, 200).round().astype(int)
    told = [firm(5000 + seed, int(customers)) for seed, customers in enumerate(sizes)]
    held = [found.low <= came <= found.high for found, came, *_ in told]
    assert 0.75 <= np.mean(held) <= 0.85
    assert sum(came for _, came, *_ in told) == pytest.approx(sum(found.expected for found, *_ in told), rel=0.05)


@pytest.mark.parametrize("seed", range(10))
def test_thirty_customers_get_a_range_whatever_they_did(seed: int):
    found, came, *_ = firm(1000 + seed, 30)
    assert 0 < found.low < found.expected < found.high < 40 * found.expected
    assert came >= 0


def test_where_nobody_leaves_the_rest_is_known_all_the_same():
    rng = np.random.default_rng(7)
    t = floats(np.full(400, 300.0))
    x = rng.poisson(rng.gamma(2.0, 10.0, 400)).astype(float)
    t_x = np.where(x > 0, t * x / (x + 1), 0)
    for way in WAYS.values():
        fit = way.fit(x, t_x, t)
        assert fit.at_bound
        known = spread(way, fit, x, t_x, t, np.ones(400))
        assert known is None or np.isfinite(known).all()
        assert ahead(way, fit, x, t_x, t, 90.0).expected.sum() == pytest.approx(x.sum() * 0.3, rel=0.1)


def test_expected_maximum_profit_is_as_published():
    i = np.arange(1000)
    left = ((7919 * i % 1000) < 200) * 1.0
    chance = 0.2 + 0.25 * left + (104729 * i % 1000) / 2000
    found = expected_maximum_profit(chance, left)
    assert (round(found.expected, 4), round(found.fraction, 4)) == (7.4936, 0.3820)


def test_a_perfect_ranking_earns_most_and_its_reverse_least():
    rng = np.random.default_rng(13)
    left = (rng.random(2000) < 0.2) * 1.0
    noise = rng.random(2000)
    best, none, worst = (expected_maximum_profit(each, left).expected for each in (left + noise / 9, noise, -left))
    assert best > none >= worst >= 0


@pytest.mark.slow
def test_a_million_customers_take_seconds():
    x, t_x, t, _ = simulated(np.random.default_rng(8), 1_000_000, 730, **TRUE, joining=700).history(730)
    kinds, counts = np.unique(np.column_stack([x, t_x, t]), axis=0, return_counts=True)
    began = time.process_time()
    way = WAYS["bg-nbd"]
    fit = way.fit(*kinds.T, floats(counts))
    ahead(way, fit, *kinds.T, 365.0)
    scored = time.process_time() - began
    slopes(way, fit, *kinds.T, 365.0)
    assert scored < 5
    assert time.process_time() - began < 8
