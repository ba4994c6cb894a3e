"""Logistic regression on counts: against known truth, a second computation, and where data are too few."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.logistic import LOOSE, fit_logistic, gradient, influence, levelled, probability


def drawn(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(3, 2, n), rng.integers(0, 4, n)]).astype(float)
    return x, (rng.random(n) < expit(-1.0 + 0.5 * x[:, 0] - 0.8 * x[:, 1])).astype(float)


def test_it_finds_the_truth():
    x, y = drawn(1, 50_000)
    fit = fit_logistic(x, np.ones(len(y)), y)
    assert fit.intercept == pytest.approx(-1.0, abs=0.05)
    assert fit.slopes == pytest.approx([0.5, -0.8], abs=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_it_finds_what_scikit_learn_finds(seed: int):
    rng = np.random.default_rng(seed)
    kinds, trials = rng.normal(size=(60, 3)) * (1e-3, 1, 1e4) + (5, 0, 1e6), rng.integers(1, 50, 60).astype(float)
    events = rng.binomial(trials.astype(int), expit(kinds[:, 1])).astype(float)
    if seed % 2:  # all or nothing, by one feature
        events = np.where(kinds[:, 1] > 0, trials, 0.0)
    fit = fit_logistic(kinds, trials, events)
    judge = LogisticRegression(C=LOOSE, solver="newton-cholesky", tol=1e-12, max_iter=500)
    standard = np.tile((kinds - fit.center) / fit.scale, (2, 1))
    judge.fit(standard, np.repeat([1, 0], 60), sample_weight=np.concatenate([events, trials - events]))
    assert fit.coefficients == pytest.approx([*judge.intercept_, *judge.coef_[0]], rel=1e-6, abs=1e-7)


def test_counted_customers_are_the_customers_one_by_one():
    x, y = drawn(2, 2_000)
    x[:, 0] = np.round(x[:, 0])
    kinds, at = np.unique(x, axis=0, return_inverse=True)
    one_by_one = fit_logistic(x, np.ones(len(y)), y)
    counted = fit_logistic(kinds, floats(np.bincount(at)), np.bincount(at, y))
    assert counted.slopes == pytest.approx(one_by_one.slopes, rel=1e-8)
    assert counted.log_likelihood == pytest.approx(one_by_one.log_likelihood, rel=1e-9)
    assert counted.bread == pytest.approx(one_by_one.bread, rel=1e-7)


def test_the_coefficients_scatter_as_the_covariance_says():
    fits = [fit_logistic(x, np.ones(len(y)), y) for x, y in (drawn(seed, 1_000) for seed in range(100, 300))]
    told = np.mean([np.sqrt(np.diag(fit.bread))[1:] / fit.scale for fit in fits], axis=0)
    assert np.std([fit.slopes for fit in fits], axis=0) == pytest.approx(told, rel=0.15)


def test_influences_make_the_same_covariance_where_the_model_is_true():
    x, y = drawn(3, 20_000)
    fit = fit_logistic(x, np.ones(len(y)), y)
    moved = np.where(y[:, None] > 0, influence(fit, x, 1.0), influence(fit, x, 0.0))
    assert np.diag(moved.T @ moved) == pytest.approx(np.diag(fit.bread), rel=0.05)


def test_the_gradient_is_that_of_the_chance():
    x, y = drawn(4, 500)
    fit = fit_logistic(x, np.ones(len(y)), y)
    for place in range(3):
        moved = fit.coefficients + 1e-6 * np.eye(3)[place]
        rise = (expit(fit.design(x) @ moved) - probability(fit, x)) / 1e-6
        assert gradient(fit, x)[:, place] == pytest.approx(rise, abs=1e-5)


def test_complete_separation_stays_finite():
    fit = fit_logistic(floats([[0], [1]]), floats([50, 50]), floats([0, 50]))
    assert np.isfinite(fit.coefficients).all()
    assert 0 < probability(fit, floats([[0]]))[0] < 0.01


def test_a_feature_that_does_not_vary_changes_nothing():
    fit = fit_logistic(floats([[7], [7]]), floats([10, 30]), floats([5, 5]))
    assert probability(fit, floats([[7]])) == pytest.approx([0.25])


@pytest.mark.parametrize("events", [0, 10])
def test_without_both_outcomes_there_is_no_chance(events: int):
    with pytest.raises(UndefinedError, match="some of both"):
        fit_logistic(floats([[0], [1]]), floats([5, 5]), floats([events / 2, events / 2]))


def test_levelled_it_expects_as_many_as_there_were_and_ranks_as_before():
    x, y = drawn(3, 2_000)
    fit = fit_logistic(x[:500], np.ones(500), y[:500])
    other = levelled(fit, x, np.ones(2_000), (np.arange(2_000) % 10 == 0).astype(float))
    assert probability(other, x).sum() == pytest.approx(200)
    assert (other.slopes == fit.slopes).all()
    with pytest.raises(UndefinedError, match="some of both"):
        levelled(fit, x, np.ones(2_000), np.zeros(2_000))
