"""Least squares with errors that may differ, against the formula written out; and effects of groups drawn together."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.comparing.pooling import pool
from clientela.estimators.comparing.regression import fit_linear


def drawn(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4]).astype(float)
    return x, x @ np.array([1.0, 2.0, -3.0]) + rng.normal(size=n) * (0.5 + np.abs(x[:, 1]))


def test_it_is_the_formula_of_hc3():
    x, y = drawn(1)
    fit = fit_linear(x, y)
    inverse = np.linalg.inv(x.T @ x)
    expected = inverse @ x.T @ y
    weights = ((y - x @ expected) / (1 - np.diag(x @ inverse @ x.T))) ** 2
    assert fit.coefficients == pytest.approx(expected)
    assert fit.covariance == pytest.approx(inverse @ (x.T * weights) @ x @ inverse)
    assert fit.freedom == 57


def test_its_intervals_hold_where_errors_differ():
    inside = 0
    for seed in range(400):
        told = fit_linear(*drawn(seed)).contrast(np.array([0.0, 0.0, 1.0]))
        inside += told.low <= -3 <= told.high
    assert 0.92 * 400 <= inside <= 0.99 * 400


def test_a_column_that_is_the_sum_of_others_changes_no_other_effect():
    x, y = drawn(2)
    more = np.column_stack([x, x[:, 0] - x[:, 1], np.zeros(len(y))])
    one, other = fit_linear(x, y), fit_linear(more, y)
    assert other.contrast(np.eye(5)[2]).value == pytest.approx(one.contrast(np.eye(3)[2]).value)
    assert other.contrast(np.eye(5)[2]).error == pytest.approx(one.contrast(np.eye(3)[2]).error)
    assert other.freedom == one.freedom


def test_units_do_not_matter():
    x, y = drawn(3)
    told, scaled = fit_linear(x, y).contrast(np.eye(3)[1]), fit_linear(x * [1, 1e6, 1], y).contrast(np.eye(3)[1])
    assert scaled.value * 1e6 == pytest.approx(told.value)
    assert scaled.chance == pytest.approx(told.chance)


def test_as_many_effects_as_rows_are_refused():
    with pytest.raises(UndefinedError, match="2 rows cannot tell 2 effects apart"):
        fit_linear(np.eye(2), np.ones(2))


def test_groups_that_differ_keep_their_own_and_small_ones_move_more():
    found = pool(np.array([0.0, 4.0, 8.0]), np.array([0.1, 0.1, 3.0]))
    assert found.spread > 1
    assert found.values[:2] == pytest.approx([0.0, 4.0], abs=0.05)
    assert found.mean < found.values[2] < 7
    assert (found.low < found.values).all()
    assert (found.values < found.high).all()


def test_ranges_of_pooled_effects_hold_on_average_over_the_groups():
    rng, inside = np.random.default_rng(5), 0
    for _ in range(300):
        true, errors = rng.normal(1, 1, 8), rng.uniform(0.3, 2, 8)
        found = pool(rng.normal(true, errors), errors)
        inside += ((found.low <= true) & (true <= found.high)).sum()
    assert 0.92 <= inside / 2400 <= 0.98


def test_a_group_without_an_error_is_refused():
    with pytest.raises(UndefinedError, match="each with an error above 0"):
        pool(np.array([1.0]), np.array([0.0]))
