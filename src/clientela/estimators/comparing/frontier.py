"""What the best served of a group spend: an upper quantile, of small groups drawn towards that of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

_SIDE = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The quantile of each group, with 95 % between ``low`` and ``high``; (g,) each, in the unit of the amounts."""

    value: Floats
    low: Floats
    high: Floats


def pooled_shares(counts: Floats, parent: Floats, *, weight: float) -> Floats:
    """How the amounts of each group are spread, drawn towards how they are spread in the group it belongs to.

    Parameters
    ----------
    counts : (g, b)
        How many of each group have each amount.
    parent : (g, b)
        The shares of each amount in the larger group of each; its rows add up to 1.
    weight :
        How many members of the larger group are added to each: 0 lets each group speak for itself.

    Returns
    -------
    (g, b), shares

    Source
    ------
    Ferguson (1973), A Bayesian Analysis of Some Nonparametric Problems, Annals of Statistics 1: the mean of the
    posterior Dirichlet process, whose base measure is the larger group.

    Examples
    --------
    >>> pooled_shares(floats([[3, 1]]), floats([[0.5, 0.5]]), weight=4)
    array([[0.625, 0.375]])
    """
    mass = floats(counts).sum(axis=1, keepdims=True) + weight
    if not (mass > 0).all():
        raise UndefinedError("a group without members has no frontier of its own; give it a weight above 0.")
    return floats((counts + weight * parent) / mass)


def frontier(shares: Floats, members: Floats, amounts: Floats, *, quantile: float) -> Frontier:
    """The amount that the share ``quantile`` of each group does not exceed.

    Parameters
    ----------
    shares : (g, b)
        How the amounts of each group are spread.
    members : (g,)
        How many members that rests on, those added from the larger group among them.
    amounts : (b,)
        The amounts, ascending.
    quantile :
        Between 0 and 1.

    Returns
    -------
    Frontier
        With the 95 % interval of the quantile under the posterior Dirichlet process: the share up to an amount is
        beta distributed, so the chance that the quantile lies below the amount is one incomplete beta function.

    Source
    ------
    Ferguson (1973), section 5; wallets as upper quantiles of what like customers spend: Merugu, Rosset & Perlich
    (2006), A New Multi-View Regression Approach with an Application to Customer Wallet Estimation, KDD.

    Examples
    --------
    >>> found = frontier(floats([[0.25] * 4]), floats([400]), floats([1, 2, 3, 4]), quantile=0.6)
    >>> found.value.tolist(), found.low.tolist(), found.high.tolist()
    ([3.0], [3.0], [3.0])
    """
    if not 0 < quantile < 1:
        raise UndefinedError(f"the quantile is {quantile:g}; it lies between 0 and 1.")
    upto = np.minimum(np.cumsum(floats(shares), axis=1), 1.0)
    upto[:, -1] = 1.0
    at = np.argmax(upto >= quantile - 1e-12, axis=1)
    mass = floats(members)[:, None]
    inside = (upto > 0) & (upto < 1)
    below = np.where(upto >= 1, 1.0, 0.0)
    chance = 1 - betainc(np.maximum(mass * upto, 1e-9), np.maximum(mass * (1 - upto), 1e-9), quantile)
    below = np.where(inside, chance, below)  # that the quantile is no larger than the amount
    low, high = np.argmax(below > _SIDE, axis=1), np.argmax(below >= 1 - _SIDE, axis=1)
    values = floats(amounts)
    return Frontier(value=values[at], low=values[np.minimum(low, at)], high=values[np.maximum(high, at)])


def pinball(frontiers: Floats, counts: Floats, amounts: Floats, *, quantile: float) -> tuple[float, float]:
    """How far the amounts lie from the frontiers: the mean loss that the right quantile makes least, and its error.

    Parameters
    ----------
    frontiers : (g,), counts : (g, b), amounts : (b,)
        As above; the counts are of another time.

    Returns
    -------
    float, float
        The mean and its standard error, in the unit of the amounts.

    Source
    ------
    Koenker & Bassett (1978), Regression Quantiles, Econometrica 46.

    Examples
    --------
    >>> loss, _ = pinball(floats([2]), floats([[1, 1]]), floats([1, 4]), quantile=0.75)
    >>> loss  # a quarter of 1 below, three quarters of 2 above
    0.875
    """
    apart = floats(amounts)[None, :] - floats(frontiers)[:, None]
    loss = np.where(apart >= 0, quantile * apart, (quantile - 1) * apart)
    total = float(counts.sum())
    if not total > 0:
        raise UndefinedError("nobody spent anything: there is nothing to compare.")
    mean = float((loss * counts).sum() / total)
    spread = float((counts * (loss - mean) ** 2).sum() / total)
    return mean, float(np.sqrt(spread / total))
