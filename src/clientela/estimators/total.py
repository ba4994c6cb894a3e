"""How many of many chances come true, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, floats

_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """``expected``, with 95 % between ``low`` and ``high``; ``deviation`` is the standard deviation behind them."""

    expected: float
    low: float
    high: float
    deviation: float


def total(
    chances: Floats, weights: Floats, squares: Floats, gradient: Floats, covariance: Floats, *, drift: float = 0.0
) -> Total:
    """The sum of what is at stake times whether it comes.

    Three things make it uncertain: whether each chance comes true, the coefficients the chances rest
    on (by the delta method), and that one period is not like another (``drift``).

    Parameters
    ----------
    chances : (n,)
        Of each kind of customer.
    weights, squares : (n,)
        The sum over the customers of that kind of what each stakes, and the sum of its squares; for a
        number of customers both are how many there are.
    gradient : (n, k), covariance : (k, k)
        How each chance changes with the coefficients, and their covariance.
    drift :
        Standard deviation of the ratio between what comes and what was expected; see ``drift``.

    Returns
    -------
    Total
        Its ends lie between 0 and the sum of the weights.

    Examples
    --------
    100 customers with a known chance of one half:

    >>> found = total(floats([0.5]), floats([100]), floats([100]), np.zeros((1, 1)), np.zeros((1, 1)))
    >>> found.expected, found.deviation, round(found.low), round(found.high)
    (50.0, 5.0, 40, 60)
    """
    chance, weight = floats(chances), floats(weights)
    expected, most = float((chance * weight).sum()), float(weight.sum())
    slope = (gradient * weight[:, None]).sum(0)
    variance = float((chance * (1 - chance) * floats(squares)).sum() + slope @ covariance @ slope)
    deviation = float(np.sqrt(variance + (drift * expected) ** 2))
    if not 0 < expected < most:
        return Total(expected=expected, low=expected, high=expected, deviation=deviation)
    half = _Z * deviation * most / (expected * (most - expected))  # on the logit, so that it stays inside
    middle = float(np.log(expected / (most - expected)))
    low, high = most / (1 + np.exp(half - middle)), most / (1 + np.exp(-half - middle))
    return Total(expected=expected, low=float(low), high=float(high), deviation=deviation)


def drift(expected: Total, came: float) -> float:
    """How far one period strays from another, beyond chance, seen from one test.

    Returns
    -------
    float
        Standard deviation of the ratio; 0 where the miss is within what chance explains.

    Examples
    --------
    >>> test = Total(expected=100, low=80, high=120, deviation=10)
    >>> drift(test, 108), round(drift(test, 126), 2)
    (0.0, 0.24)
    """
    beyond = (came - expected.expected) ** 2 - expected.deviation**2
    return float(np.sqrt(max(beyond, 0.0)) / expected.expected) if expected.expected > 0 else 0.0
