"""What happened arrives: most at once, some late, some wrong at first; in the end all of it, and right."""

from __future__ import annotations

import numpy as np
import pytest

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.dealings.sales import Lines, Tills, together
from clientela.testing.company.exports.arrivals import PUT_RIGHT, Arrivals
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World


def lived(world: World) -> tuple[list[Lines], list[Lines]]:
    """The lines as they were made, and as they arrived, week by week; made only as long as all can arrive."""
    habits = latent(world)
    habit, tills, arrivals = Habit.begun(world, habits), Tills.opened(world, habits, accounts(world, habits)), None
    made, arrived = [], []
    arrivals = Arrivals.begun(world)
    for week in range(world.weeks):
        lines = tills.ring_up(habit.next_week(), week)
        if week >= world.weeks - PUT_RIGHT - 1:
            lines = lines.taken(np.zeros(0, np.intp))
        made.append(lines)
        arrived.append(arrivals.deliver(lines, week))
    return made, arrived


def test_in_the_end_all_lines_have_arrived_and_what_arrived_last_is_right() -> None:
    made, arrived = lived(World(customers=800, weeks=20, late=0.1, corrected=0.1))
    truth, told = together(made), together(arrived)
    newest = dict(zip(zip(told.order.tolist(), told.line.tolist(), strict=True), told.revenue.tolist(), strict=True))
    right = dict(zip(zip(truth.order.tolist(), truth.line.tolist(), strict=True), truth.revenue.tolist(), strict=True))
    assert newest == right


def test_as_many_orders_are_late_or_wrong_as_the_world_says() -> None:
    made, arrived = lived(World(customers=6_000, weeks=16, late=0.1, corrected=0.05, returned=0.0))
    first = {}
    for week, lines in enumerate(arrived):
        for order, at, revenue in zip(lines.order.tolist(), lines.at.tolist(), lines.revenue.tolist(), strict=True):
            first.setdefault(order, (week - int(at), revenue))
    truth = together(made)
    right = {}
    for order, revenue in zip(truth.order.tolist(), truth.revenue.tolist(), strict=True):
        right.setdefault(order, revenue)
    assert np.mean([late for late, _ in first.values()]) == pytest.approx(0.1, abs=0.01)
    assert np.mean([first[order][1] != revenue for order, revenue in right.items()]) == pytest.approx(0.05, abs=0.01)


def test_an_order_put_right_comes_whole() -> None:
    made, arrived = lived(World(customers=800, weeks=16, late=0.0, corrected=0.2, lines=4.0))
    size = np.bincount(together(made).order)
    for lines in arrived:
        orders, count = np.unique(lines.order, return_counts=True)
        assert np.array_equal(count, size[orders])


def test_where_nothing_is_late_or_wrong_each_week_arrives_as_it_was() -> None:
    made, arrived = lived(World(customers=300, weeks=10, late=0.0, corrected=0.0))
    for one, other in zip(made, arrived, strict=True):
        order = np.lexsort((one.line, one.order))
        for name in Lines.__dataclass_fields__:
            assert np.array_equal(getattr(one, name)[order], getattr(other, name)), name
