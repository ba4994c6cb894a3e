"""The log-likelihood of customers who may leave after a purchase, row by row, with its gradient.

BG/NBD: they may leave after each repeat purchase. MBG/NBD: after the first purchase too.
"""

from __future__ import annotations

from typing import Union

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.histories import Histories

Each = Union[Floats, float]
"""One number for all rows, or one for each."""


def by_row(r: float, alpha: Each, a: Each, b: Each, seen: Histories, *, after_first: bool) -> tuple[Floats, Floats]:
    """The log-likelihood of each history, (n,), and its derivatives by r, α, a and b, (4, n).

    Parameters
    ----------
    alpha, a, b :
        One for all, or one for each row (customers that differ in what is known of them).
    after_first :
        Whether customers may leave after their first purchase (MBG/NBD).

    Source
    ------
    Fader, Hardie & Lee (2005), equation (6); Batislam, Denizel & Filiztekin (2007), appendix: the same
    with one more chance to leave.
    """
    alike = np.ndim(a) == 0 and np.ndim(b) == 0
    x = seen.xs if alike else seen.x
    place = seen.x_at if alike else slice(None)
    exits = x + 1 if after_first else x
    before = b + np.maximum(exits, 1.0) - 1
    together = digamma(a + b) - digamma(a + b + exits)
    drop = np.where(exits > 0, np.log(a) - np.log(before), -np.inf)[place]
    kept = (betaln(a, b + exits) - betaln(a, b))[place]
    power = r + seen.x
    log_age, log_recency = np.log(alpha + seen.t), np.log(alpha + seen.t_x)
    odds = drop + power * (log_age - log_recency)  # of having left, against still being a customer
    left = expit(odds)
    rise = (gammaln(r + seen.xs) - gammaln(r))[seen.x_at]
    value = rise + r * np.log(alpha) + kept - power * log_age + np.logaddexp(0.0, odds)
    slopes = np.empty((4, seen.x.size))
    slopes[0] = (digamma(r + seen.xs) - digamma(r))[seen.x_at] + np.log(alpha)
    slopes[0] -= (1 - left) * log_age + left * log_recency
    slopes[1] = r / alpha - power * ((1 - left) / (alpha + seen.t) + left / (alpha + seen.t_x))
    slopes[2] = floats(together)[place] + left / a
    slopes[3] = (together + digamma(b + exits) - digamma(b))[place] - left / before[place]
    return floats(value), slopes
