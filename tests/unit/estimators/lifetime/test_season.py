"""The season: it is found where there is one, not where chance made one, and time in it adds up."""

import numpy as np
import pytest

from clientela.estimators.lifetime.season import FEWEST_WEEKS, FLAT, WEEKS, season


def purchases(swing: float, weeks: int = 160, level: float = 200.0, seed: int = 0) -> np.ndarray:
    """So many purchases in each week, the newest first, on average; fewer and fewer came."""
    mean = level * (1 + swing * np.cos(2 * np.pi * np.arange(weeks) / WEEKS)) * np.exp(0.004 * np.arange(weeks))
    return np.random.default_rng(seed).poisson(mean).astype(float)


@pytest.mark.parametrize("weeks", [104, 160, 300])
def test_a_season_is_found_though_purchases_grow(weeks: int):
    found = season(purchases(0.5, weeks))
    truth = 1 + 0.5 * np.cos(2 * np.pi * np.arange(WEEKS) / WEEKS)
    assert found.weight > 0.8
    assert np.corrcoef(found.busy, truth)[0, 1] > 0.95
    assert np.abs(found.busy - truth).mean() < 0.08
    assert found.busy.mean() == pytest.approx(1)


def test_chance_is_no_season():
    weights = [season(purchases(0.0, seed=seed, level=20.0)).weight for seed in range(20)]
    assert np.mean(weights) < 0.25
    swings = [np.abs(season(purchases(0.0, seed=seed)).busy - 1).max() for seed in range(20)]
    assert np.mean(swings) < 0.05


def test_a_few_purchases_a_week_show_the_quarters_of_a_year():
    truth = (1 + 0.3 * np.cos(2 * np.pi * np.arange(WEEKS) / WEEKS)).reshape(4, 13).mean(axis=1)
    found = [season(purchases(0.3, seed=seed, level=6.0)).busy.reshape(4, 13).mean(axis=1) for seed in range(20)]
    assert np.abs(np.array(found) - truth).mean() < 0.06  # who takes all weeks for alike misses by .14
    none = [season(purchases(0.0, seed=seed, level=6.0)).busy.reshape(4, 13).mean(axis=1) for seed in range(20)]
    assert np.abs(np.array(none) - 1).mean() < 0.03


def test_a_season_of_one_month_leaves_no_week_without_time():
    weeks = np.zeros(156)
    weeks[np.arange(156) % WEEKS < 4] = 500
    found = season(weeks)
    assert found.busy.min() > 0
    assert found.busy.mean() == pytest.approx(1)
    assert found.busy[:4].mean() > 5


def test_before_two_years_no_season_is_known():
    assert season(purchases(0.5, FEWEST_WEEKS - 1)) is FLAT
    assert season(np.zeros(200)) is FLAT


def test_time_in_a_season_adds_up():
    found = season(purchases(0.6))
    days = np.array([0.0, 3.5, 92.0, 364.0, 1000.0])
    assert found.before(days)[0] == found.after(days)[0] == 0
    assert found.before(364.0) == pytest.approx(364)
    assert found.after(364.0) == pytest.approx(364)
    assert found.before(1092.0) == pytest.approx(3 * 364)
    assert found.after(92.0) + found.before(364.0 - 92.0) == pytest.approx(364)  # the next weeks are last year's
    assert (np.diff(found.before(np.arange(800.0))) > 0).all()
    assert np.array_equal(FLAT.before(days), days)
