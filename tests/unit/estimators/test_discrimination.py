"""Ranking: hand-made pairs, scikit-learn as judge, the coverage of the interval."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.discrimination import discrimination


def test_three_of_four_pairs_are_ranked_rightly_and_a_tie_counts_half():
    ones = floats([1, 1, 1, 1])
    assert discrimination(floats([0.1, 0.4, 0.35, 0.8]), ones, floats([0, 0, 1, 1])).auc == 0.75
    assert discrimination(floats([0.1, 0.4, 0.4, 0.8]), ones, floats([0, 0, 1, 1])).auc == 0.875
    assert discrimination(floats([0.5]), floats([10]), floats([3])).gini == 0.0


def test_scikit_learn_finds_the_same():
    rng = np.random.default_rng(1)
    score, y = rng.integers(0, 30, 2_000).astype(float), rng.random(2_000) < 0.1
    found = discrimination(score, np.ones(2_000), y.astype(float))
    assert found.auc == pytest.approx(roc_auc_score(y, score), abs=1e-12)


def test_counted_customers_are_the_customers_one_by_one():
    one_by_one = discrimination(floats([1, 1, 1, 2, 2]), np.ones(5), floats([0, 1, 0, 1, 1]))
    counted = discrimination(floats([2, 1]), floats([2, 3]), floats([2, 1]))
    assert counted == one_by_one


def test_the_interval_holds_the_truth_nineteen_times_of_twenty():
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(400):  # two normal groups a distance of 1.5 apart: the true area is 0.8556
        score = np.concatenate([rng.normal(1.5, 1, 60), rng.normal(0, 1, 300)])
        found = discrimination(score, np.ones(360), np.repeat([1.0, 0.0], [60, 300]))
        inside += found.low <= 0.85558 <= found.high
    assert 0.92 <= inside / 400 <= 0.98


def test_all_pairs_right_is_not_certainty():
    found = discrimination(floats([0.1, 0.9]), floats([100, 10]), floats([0, 10]))
    assert (found.auc, found.low, found.high) == (1.0, 0.7, 1.0)
    found = discrimination(floats([0.9, 0.1]), floats([100, 10]), floats([0, 10]))
    assert (found.auc, found.low, found.high) == (0.0, 0.0, 0.3)


def test_without_a_pair_there_is_nothing_to_rank():
    with pytest.raises(UndefinedError, match="no pair"):
        discrimination(floats([0.1, 0.2]), floats([5, 5]), floats([0, 0]))
