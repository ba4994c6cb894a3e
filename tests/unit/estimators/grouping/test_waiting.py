"""Waits are learned from those that never ended, too, and from those under way when they were first seen."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.grouping.waiting import fit_waits, usual_wait


def test_waits_that_never_ended_make_the_others_longer():
    # 1 and 3 ended, 2 went on: of the two that are left at 3 one had been lost from sight
    waits = fit_waits(np.zeros(3), np.array([1.0, 2, 3]), np.array([1.0, 0, 1]), np.ones(3))
    assert waits.after.tolist() == [1, 3]
    assert waits.waiting == pytest.approx([2 / 3, 0])


def test_who_is_first_seen_late_does_not_count_before():
    # at 1 only the first waits; the second is first seen at 2
    waits = fit_waits(np.array([0.0, 2]), np.array([1.0, 4]), np.ones(2), np.ones(2))
    assert waits.waiting == pytest.approx([0, 0])
    later = fit_waits(np.array([0.0, 0, 2]), np.array([1.0, 4, 4]), np.ones(3), np.ones(3))
    assert later.waiting == pytest.approx([0.5, 0])


def test_the_median_of_what_is_left_is_that_of_the_law():
    rng = np.random.default_rng(1)
    drawn = rng.gamma(2.0, 0.5, 20_000)
    waits = fit_waits(np.zeros(20_000), drawn, np.ones(20_000), np.ones(20_000))
    for begun in (0.0, 1.0, 2.0):
        theirs = np.median(drawn[drawn > begun])
        assert waits.quantile(np.array([begun]), 0.5)[0] == pytest.approx(theirs, rel=0.01)


def test_what_was_never_seen_is_not_foretold():
    waits = fit_waits(np.zeros(4), np.array([1.0, 9, 9, 9]), np.array([1.0, 0, 0, 0]), np.ones(4))
    assert np.isinf(waits.quantile(np.array([0.0]), 0.5))
    with pytest.raises(UndefinedError, match="no wait ended"):
        fit_waits(np.zeros(2), np.ones(2), np.zeros(2), np.ones(2))


def test_one_gap_counts_less_than_many():
    usual = usual_wait(np.array([1.0, 50]), np.array([2.0, 100]), weight=4.0, everybodys=30.0)
    assert usual == pytest.approx([(2 + 120) / 5, (100 + 120) / 54])
