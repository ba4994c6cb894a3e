"""What customers are worth in the weeks to come: revenue and margin to expect, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from clientela.estimators.arrays import Floats
from clientela.testing.company.buying.assortment import NONE, PRICE_SPREAD, RETURN_WEEKS, Assortment, between, promoted
from clientela.testing.company.buying.expected import expected_by_week
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.world import World

_STEP = 0.05  # of the grid of spend levels, in standard deviations of the logarithm of a price


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What to expect of each customer in a time, if they are one or come; money in cents, before tax.

    ``revenue``: of what they buy in it, less what of that comes back in it. ``cost``: of these goods.
    """

    purchases: Floats
    revenue: Floats
    cost: Floats

    @property
    def margin(self) -> Floats:
        """Revenue less the cost of the goods."""
        return np.asarray(self.revenue - self.cost)


def worth(
    habit: Habit, made: Assortment, horizon_weeks: int, *, more: Floats | None = None, stages: Floats | None = None
) -> Worth:
    """What customers are going to buy, and what that is worth.

    Expected purchases × lines × pieces × price and cost of a piece at the customer's level of spending, week by week:
    what is sold by then, what is promoted, that a cut of prices brings more purchases and takes its share of their
    price, and what comes back before the time is over. Contacts that are still to be made are not in it, nor
    is what was bought before and comes back.

    Parameters
    ----------
    habit : at the moment from which on is asked: the end of its last week
    horizon_weeks : how many weeks; they may go beyond the world's end
    more, stages : as of `expected_by_week`

    Notes
    -----
    A customer whose spend is s picks the product whose price is nearest, in its logarithm, to s·m·exp(σZ), m being
    the median price and Z standard normal: product j with the chance Φ(b_j - ln s/σ) - Φ(b_{j-1} - ln s/σ), b_j the
    bounds between neighbours. The mean over products is computed on a grid of ln s/σ and splined. Cents that the
    rounding of a discount makes are left out.
    """
    world = habit.world
    level = np.log(habit.latent.spend) / PRICE_SPREAD
    on = promoted(world, habit.week + horizon_weeks)
    purchases, revenue, cost = (np.zeros(len(level)) for _ in range(3))
    for week, bought in expected_by_week(habit, horizon_weeks, more=more, stages=stages):
        kept = 1 - world.returned * came_back(week, habit.week + horizon_weeks)
        pieces = bought * world.lines * world.pieces * kept
        of_a_piece = piece_worth(world, made, level, week, int(on[week]))
        purchases += bought
        revenue += pieces * of_a_piece[0]
        cost += pieces * of_a_piece[1]
    return Worth(purchases=purchases, revenue=revenue, cost=cost)


def piece_worth(world: World, made: Assortment, level: Floats, week: int, category: int) -> tuple[Floats, Floats]:
    """The mean revenue and cost of a piece that is bought in a week, in cents.

    Parameters
    ----------
    level : (n,), the logarithm of what customers usually pay, in standard deviations of the logarithm of a price
    category : the one that costs less; `NONE` for none
    """
    sold = np.flatnonzero(made.launched <= week)
    off = np.where((made.category[sold] == category) & (category != NONE), world.promotion_depth, 0.0)
    grid = _grid(level)
    reached = ndtr(between(made, sold)[None, :] - grid[:, None])
    ends = np.ones((len(grid), 1))
    chance = np.diff(np.concatenate([0 * ends, reached, ends], axis=1), axis=1)
    said = np.stack([made.list_price[sold] * (1 - off), made.unit_cost[sold].astype(np.float64)])
    spline = CubicSpline(grid, chance @ said.T)(level)
    return spline[:, 0], spline[:, 1]


def came_back(week: int, until: float) -> float:
    """Of what was bought in a week and comes back, the share that has done so by a moment, in weeks."""
    if until >= week + 1 + RETURN_WEEKS[1]:
        return 1.0
    day, hour = np.meshgrid(np.arange(7), 9 + 12 * (np.arange(24) + 0.5) / 24)  # shops are open from 9 to 21
    at = week + (day + hour / 24) / 7
    return float(np.clip((until - at - RETURN_WEEKS[0]) / (RETURN_WEEKS[1] - RETURN_WEEKS[0]), 0, 1).mean())


def _grid(level: Floats) -> Floats:
    low, high = float(level.min()) - _STEP, float(level.max()) + _STEP
    return np.linspace(low, high, max(5, int((high - low) / _STEP) + 1))
