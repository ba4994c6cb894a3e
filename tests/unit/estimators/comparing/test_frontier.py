"""Frontiers of groups: quantiles where there are many, drawn to the larger group where there are few."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.comparing.frontier import frontier, pinball, pooled_shares

AMOUNTS = np.linspace(0.05, 10, 200)


def counts(values: np.ndarray) -> np.ndarray:
    return np.histogram(values, bins=np.append(AMOUNTS - 0.025, 11))[0][None, :].astype(float)


def test_of_many_it_is_the_quantile():
    values = np.random.default_rng(1).gamma(4, 0.8, 5000)
    shares = pooled_shares(counts(values), np.zeros((1, 200)), weight=0)
    for quantile in (0.5, 0.8, 0.95):
        found = frontier(shares, np.array([5000.0]), AMOUNTS, quantile=quantile)
        assert found.value[0] == pytest.approx(np.quantile(values, quantile), abs=0.06)
        assert found.low[0] <= found.value[0] <= found.high[0]


def test_its_range_is_that_of_order_statistics():
    rng = np.random.default_rng(2)
    values = rng.gamma(4, 0.8, 300)
    shares = pooled_shares(counts(values), np.zeros((1, 200)), weight=0)
    found = frontier(shares, np.array([300.0]), AMOUNTS, quantile=0.8)
    drawn = [np.quantile(rng.choice(values, 300), 0.8) for _ in range(2000)]
    assert found.low[0] == pytest.approx(np.quantile(drawn, 0.025), abs=0.12)
    assert found.high[0] == pytest.approx(np.quantile(drawn, 0.975), abs=0.12)


def test_the_weight_decides_between_the_group_and_the_larger_one():
    rng = np.random.default_rng(3)
    few, many = counts(rng.gamma(9, 0.8, 20)), counts(rng.gamma(4, 0.8, 5000))
    parent = many / many.sum()
    told = [
        frontier(pooled_shares(few, parent, weight=weight), np.array([20 + weight]), AMOUNTS, quantile=0.8).value[0]
        for weight in (0.0, 20.0, 1e6)
    ]
    assert told[0] > told[1] > told[2]
    assert told[2] == frontier(parent, np.array([5000.0]), AMOUNTS, quantile=0.8).value[0]


def test_the_quantile_makes_the_loss_least():
    values = np.random.default_rng(4).gamma(4, 0.8, 3000)
    seen = counts(values)
    best = frontier(seen / seen.sum(), np.array([3000.0]), AMOUNTS, quantile=0.7).value[0]
    losses = {at: pinball(np.array([at]), seen, AMOUNTS, quantile=0.7)[0] for at in (best - 0.3, best, best + 0.3)}
    assert min(losses, key=lambda at: losses[at]) == best


def test_what_cannot_be_is_refused():
    with pytest.raises(UndefinedError, match="without members"):
        pooled_shares(np.zeros((1, 2)), np.zeros((1, 2)), weight=0)
    with pytest.raises(UndefinedError, match="the quantile is 1"):
        frontier(np.ones((1, 1)), np.ones(1), np.ones(1), quantile=1.0)
    with pytest.raises(UndefinedError, match="nobody spent"):
        pinball(np.ones(1), np.zeros((1, 1)), np.ones(1), quantile=0.5)
