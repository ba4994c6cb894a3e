"""How many chances come true: known sums, and how often the interval is right."""

import numpy as np
import pytest

from clientela.estimators.arrays import floats
from clientela.estimators.total import Total, drift, total

NONE = np.zeros((1, 1))


def test_customers_of_different_chances_add_up_with_their_variances():
    found = total(floats([0.1, 0.5]), floats([100, 4]), floats([100, 4]), np.zeros((2, 1)), NONE)
    assert found.expected == pytest.approx(12)
    assert found.deviation == pytest.approx(np.sqrt(100 * 0.09 + 4 * 0.25))
    assert found.low < 12 < found.high


def test_what_is_at_stake_weighs():
    found = total(floats([0.5]), floats([30]), floats([500]), np.zeros((1, 1)), NONE)  # stakes of 10 and 20
    assert (found.expected, found.deviation) == (15, pytest.approx(np.sqrt(0.25 * 500)))


def test_uncertain_coefficients_move_all_customers_together():
    alone = total(floats([0.2]), floats([1000]), floats([1000]), np.zeros((1, 1)), NONE)
    found = total(floats([0.2]), floats([1000]), floats([1000]), floats([[0.16]]), floats([[0.01]]))
    assert found.deviation**2 == pytest.approx(alone.deviation**2 + (1000 * 0.16) ** 2 * 0.01)


def test_the_interval_is_right_nineteen_times_of_twenty():
    rng = np.random.default_rng(1)
    chance = rng.beta(1, 12, 800)
    ones, slopes = np.ones(800), np.zeros((800, 1))
    found = total(chance, ones, ones, slopes, NONE)
    came = (rng.random((4_000, 800)) < chance).sum(1)
    assert 0.935 <= ((came >= found.low) & (came <= found.high)).mean() <= 0.965


def test_its_ends_lie_between_none_and_all():
    found = total(floats([0.02]), floats([30]), floats([30]), np.zeros((1, 1)), NONE, drift=0.5)
    assert 0 < found.low < 0.6 < found.high < 30
    nothing = total(floats([0.5]), floats([0]), floats([0]), np.zeros((1, 1)), NONE)
    assert (nothing.expected, nothing.low, nothing.high) == (0, 0, 0)


def test_a_test_that_missed_by_more_than_chance_widens_what_is_said_next():
    test = Total(expected=100, low=80, high=120, deviation=10)
    assert drift(test, 110) == 0.0
    assert drift(test, 150) == pytest.approx(np.sqrt(50**2 - 10**2) / 100)
    assert drift(Total(expected=0, low=0, high=0, deviation=0), 3) == 0.0
