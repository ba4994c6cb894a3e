"""Calibration: hand-made tenths, a line that is known, and chances that are too bold."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as judged_log_loss

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.calibration import brier, calibration_bins, calibration_line, log_loss, share_interval


def test_groups_are_of_equal_size_and_a_kind_on_the_border_is_divided():
    found = calibration_bins(floats([0.2, 0.6]), floats([30, 10]), floats([3, 6]), bins=2)
    assert found.customers == pytest.approx([20, 20])
    assert found.expected == pytest.approx([0.2, 0.4])
    assert found.observed == pytest.approx([0.1, (10 * 0.1 + 6) / 20])
    assert found.error == pytest.approx((0.1 + 0.05) / 2)


def test_tenths_are_those_of_customers_sorted_one_by_one():
    rng = np.random.default_rng(1)
    chance = rng.random(1_000)
    y = (rng.random(1_000) < chance).astype(float)
    found = calibration_bins(chance, np.ones(1_000), y)
    tenths = np.array_split(np.argsort(chance), 10)
    assert found.observed == pytest.approx([y[tenth].mean() for tenth in tenths])
    assert found.expected == pytest.approx([chance[tenth].mean() for tenth in tenths])
    assert found.error < 0.05


def test_chances_twice_too_bold_have_a_slope_of_one_half():
    rng = np.random.default_rng(2)
    odds = rng.normal(-1, 1.5, 40_000)
    y = (rng.random(40_000) < expit(odds)).astype(float)
    bold = calibration_line(expit(2 * odds + 0.5), np.ones(40_000), y)
    assert bold.slope == pytest.approx(0.5, abs=0.02)
    assert bold.intercept == pytest.approx(-0.25, abs=0.05)
    right = calibration_line(expit(odds), np.ones(40_000), y)
    assert right.slope_low < 1 < right.slope_high
    assert logit(0.5) == 0


def test_the_judges_find_the_same_scores():
    rng = np.random.default_rng(3)
    chance = rng.uniform(0.01, 0.99, 500)
    y = (rng.random(500) < chance).astype(float)
    assert brier(chance, np.ones(500), y) == pytest.approx(brier_score_loss(y, chance))
    assert log_loss(chance, np.ones(500), y) == pytest.approx(judged_log_loss(y, chance))


def test_a_chance_of_nothing_that_comes_true_is_infinitely_wrong_and_one_that_does_not_is_right():
    with np.errstate(divide="ignore"):
        assert log_loss(floats([0.0]), floats([2]), floats([1])) == np.inf
    assert log_loss(floats([0.0]), floats([2]), floats([0])) == 0.0


def test_an_interval_of_a_share_stays_between_nothing_and_all():
    low, high = share_interval(floats([0, 5, 10]), floats([10, 10, 10]))
    assert low.round(3).tolist() == [0.0, 0.237, 0.722]
    assert high.round(3).tolist() == [0.278, 0.763, 1.0]


def test_nobody_was_told_anything():
    with pytest.raises(UndefinedError, match="nobody was told"):
        brier(floats([]), floats([]), floats([]))
