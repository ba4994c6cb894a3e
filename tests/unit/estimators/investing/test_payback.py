"""When customers have paid back what winning them cost: exact where it can be counted, with a range that holds it."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.investing.payback import FEWEST, payback


def simulated(seed: int, customers: int = 300, cost: float = 30.0, months: int = 24) -> tuple[np.ndarray, ...]:
    """Customers who bring 10 a month on average, each in a quarter of the months, and came in another month each."""
    rng = np.random.default_rng(seed)
    margin, through = np.zeros((20, months)), np.zeros((20, months))
    size = np.zeros(20)
    for number in range(customers):
        part, seen = number % 20, int(rng.integers(1, months + 1))
        through[part, :seen] += 1
        margin[part, :seen] += np.where(rng.random(seen) < 0.25, rng.exponential(40.0, seen), 0.0)
        size[part] += 1
    return margin, through, size, size * cost


def test_who_came_lately_counts_as_long_as_they_were_seen():
    margin = floats([[200.0, 200.0, 0.0], [200.0, 0.0, 0.0]])
    through = floats([[20.0, 20.0, 0.0], [20.0, 0.0, 0.0]])
    found = payback(margin, through, floats([20, 20]), floats([300, 300]))
    assert (found.months, found.seen, found.brought, found.cost) == (2, 2, 20.0, 15.0)


def test_what_is_not_paid_back_has_no_month():
    found = payback(np.full((4, 3), 10.0), np.full((4, 3), 10.0), np.full(4, 10.0), np.full(4, 500.0))
    assert (found.months, found.earliest, found.latest) == (None, None, None)
    assert (found.cost, found.brought, found.seen) == (50.0, 3.0, 3)


def test_months_that_few_were_seen_through_say_nothing():
    through = np.vstack([np.r_[np.full(3, 10.0), np.full(3, (FEWEST - 1) / 4)]] * 4)
    found = payback(through * 10, through, np.full(4, 10.0), np.full(4, 450.0))
    assert (found.seen, found.months) == (3, None)


def test_the_range_holds_the_month_that_many_more_customers_would_show():
    truth = 3  # 30 at 10 a month
    found = [payback(*simulated(seed)) for seed in range(60)]
    inside = [each.earliest <= truth <= (each.latest or 99) for each in found if each.earliest is not None]
    assert len(inside) == len(found)
    assert np.mean(inside) >= 0.75
    assert np.mean([each.months == truth or each.months == truth + 1 for each in found]) > 0.9


def test_one_part_or_nobody_is_refused():
    with pytest.raises(UndefinedError, match="two parts"):
        payback(np.ones((1, 2)), np.ones((1, 2)), floats([30]), floats([1]))
