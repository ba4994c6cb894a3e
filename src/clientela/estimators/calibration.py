"""Whether chances come true as often as they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit, xlogy

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.logistic import fit_logistic

_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Customers in groups of equal size by their chance, the lowest first.

    ``expected``, ``observed``: shares; ``low`` to ``high``: the 95 % interval of the observed share.
    """

    customers: Floats
    expected: Floats
    observed: Floats
    low: Floats
    high: Floats

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance between said and seen, by customers."""
        return float((np.abs(self.expected - self.observed) * self.customers).sum() / self.customers.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationLine:
    """The log-odds of the outcome as ``intercept + slope * log-odds said``; right is 0 and 1.

    A slope under 1: chances are too extreme. ``slope_low`` to ``slope_high`` is its 95 % interval.
    """

    intercept: float
    slope: float
    slope_low: float
    slope_high: float


def calibration_bins(chances: Floats, trials: Floats, events: Floats, *, bins: int = 10) -> Bins:
    """What was said and what came, in ``bins`` groups of equal size.

    Customers with the same chance who fall on a border are divided in proportion, so no order of rows
    decides.

    Parameters
    ----------
    chances : (n,)
        What was said.
    trials, events : (n,)
        How many customers were told that, and to how many it happened.

    Source
    ------
    Naeini, Cooper & Hauskrecht (2015), AAAI, with groups of equal size; intervals by Wilson (1927).

    Examples
    --------
    >>> said, told, came = floats([0.1, 0.5]), floats([100, 100]), floats([12, 47])
    >>> found = calibration_bins(said, told, came, bins=2)
    >>> found.observed, round(found.error, 3)
    (array([0.12, 0.47]), 0.025)
    """
    chance, n, y = _seen(chances, trials, events)
    values, at = np.unique(chance, return_inverse=True)
    n, y = floats(np.bincount(at, n, values.size)), floats(np.bincount(at, y, values.size))
    upto = np.concatenate([[0.0], np.cumsum(n)])
    borders = upto[-1] * np.arange(bins + 1) / bins
    events_upto = np.interp(borders, upto, np.concatenate([[0.0], np.cumsum(y)]))
    said_upto = np.interp(borders, upto, np.concatenate([[0.0], np.cumsum(n * values)]))
    size = np.diff(borders)
    observed = np.diff(events_upto) / size
    low, high = share_interval(np.diff(events_upto), size)
    return Bins(customers=size, expected=np.diff(said_upto) / size, observed=observed, low=low, high=high)


def calibration_line(chances: Floats, trials: Floats, events: Floats) -> CalibrationLine:
    """The straight line through the log-odds of what was said and what came.

    Raises
    ------
    UndefinedError
        There is no event, or nothing but events.

    Source
    ------
    Cox (1958), Two Further Applications of a Model for Binary Regression, Biometrika 45.

    Examples
    --------
    Chances that come true exactly:

    >>> line = calibration_line(floats([0.1, 0.5, 0.9]), floats([100, 100, 100]), floats([10, 50, 90]))
    >>> round(line.slope, 3), round(line.intercept, 3) + 0.0
    (1.0, 0.0)
    """
    chance, n, y = _seen(chances, trials, events)
    log_odds = logit(np.clip(chance, 1e-12, 1 - 1e-12))[:, None]
    fit = fit_logistic(log_odds, n, y, looseness=1e6)
    slope = float(fit.slopes[0])
    half = _Z * float(np.sqrt(fit.bread[1, 1])) / float(fit.scale[0])
    return CalibrationLine(intercept=fit.intercept, slope=slope, slope_low=slope - half, slope_high=slope + half)


def brier(chances: Floats, trials: Floats, events: Floats) -> float:
    """The mean squared distance between chance and outcome; 0 is perfect.

    Source
    ------
    Brier (1950), Monthly Weather Review 78(1).

    Examples
    --------
    >>> brier(floats([0.25]), floats([4]), floats([1]))
    0.1875
    """
    chance, n, y = _seen(chances, trials, events)
    return float((y * (1 - chance) ** 2 + (n - y) * chance**2).sum() / n.sum())


def log_loss(chances: Floats, trials: Floats, events: Floats) -> float:
    """Minus the mean logarithm of the chance given to what came; 0 is perfect.

    Examples
    --------
    >>> round(log_loss(floats([0.5]), floats([2]), floats([1])), 4)
    0.6931
    """
    chance, n, y = _seen(chances, trials, events)
    return float(-(xlogy(y, chance) + xlogy(n - y, 1 - chance)).sum() / n.sum())


def share_interval(events: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of a share.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22.

    Examples
    --------
    >>> [float(end.round(3)) for end in share_interval(floats(0), floats(10))]
    [0.0, 0.278]
    """
    y, n = floats(events), floats(trials)
    share, reach = y / n, _Z**2 / n
    half = _Z * np.sqrt(share * (1 - share) / n + reach / (4 * n))
    low, high = (share + reach / 2 - half) / (1 + reach), (share + reach / 2 + half) / (1 + reach)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _seen(chances: Floats, trials: Floats, events: Floats) -> tuple[Floats, Floats, Floats]:
    chance, n, y = floats(chances), floats(trials), floats(events)
    if not n.sum() > 0:
        raise UndefinedError("nobody was told a chance: there is nothing to compare.")
    return chance, n, y
