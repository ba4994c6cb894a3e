"""MBG/NBD: as the BG/NBD, but customers may leave after their first purchase too.

Who bought once and never again may then have left at once; the BG/NBD must take them for customers
who wait for ever.

Source
------
Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer base
analysis, International Journal of Research in Marketing 24(3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.beta_geometric import BetaGeometric, purchases_while_alive
from clientela.estimators.lifetime.dropout import by_row
from clientela.estimators.lifetime.histories import Histories, climb, histories

NAMES = ("r", "alpha", "a", "b")
_LOWEST, _HIGHEST = np.array([-8.0, -12.0, -12.0, -12.0]), np.array([8.0, 12.0, 13.0, 13.0])
_STARTS = ((0.0, -1.0, 0.0, 1.0), (-1.0, -3.0, -2.0, 2.0), (1.0, 0.0, -4.0, 3.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifiedBetaGeometric:
    """A fitted MBG/NBD; ``alpha`` is in the unit of the times it was fitted on.

    ``at_bound`` names the parameters whose likelihood had no top. ``covariance`` is of the logarithms,
    in the order of ``NAMES``.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None


def fit_modified(
    repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None
) -> ModifiedBetaGeometric:
    """The MBG/NBD that makes what was seen most likely.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T of each distinct kind of customer.
    customers : (n,), optional
        How many customers are of that kind; 1 if left out.

    Raises
    ------
    UndefinedError
        A history is none.
    NotConvergedError
        Nobody bought twice, or the search did not settle.

    Examples
    --------
    >>> x, t_x, T = floats([0, 1, 2, 6]), floats([0, 20, 35, 90]), floats([100, 100, 100, 100])
    >>> fit_modified(x, t_x, T, floats([40, 20, 20, 20])).customers
    100
    """
    seen = histories(repeats, recency, age, customers)

    def loss(at: Floats) -> tuple[float, Floats]:
        return _loss(at, seen)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, seen.total)
    r, alpha, a, b = (float(each) for each in np.exp(top.parameters))
    return ModifiedBetaGeometric(
        r=r, alpha=alpha * seen.scale, a=a, b=b, customers=round(seen.total), at_bound=top.at_bound,
        covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * seen.total - seen.bought * float(np.log(seen.scale)),
    )  # fmt: skip


def log_likelihood(
    parameters: Floats, repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None
) -> tuple[float, Floats]:
    """The log-likelihood at (r, α, a, b), and its gradient by them.

    Examples
    --------
    >>> value, gradient = log_likelihood(floats([1, 10, 1, 1]), floats([1]), floats([5]), floats([20]))
    >>> round(value, 3), gradient.shape
    (-4.5, (4,))
    """
    seen = histories(repeats, recency, age, customers)
    at = np.log(floats(parameters) / np.array([1.0, seen.scale, 1.0, 1.0]))
    loss, slope = _loss(at, seen)
    return (
        -loss * seen.total - seen.bought * float(np.log(seen.scale)),
        floats(-slope * seen.total / floats(parameters)),
    )


def probability_alive(fit: ModifiedBetaGeometric, repeats: Floats, recency: Floats, age: Floats) -> Floats:
    """How likely a customer still is one, (n,), 0 to 1.

    Examples
    --------
    Who bought once and not since may have left at once:

    >>> probability_alive(CDNOW, floats([0.0, 2.0]), floats([0.0, 30.43]), floats([38.86, 38.86])).round(3)
    array([0.39 , 0.706])
    """
    x, t_x, t = floats(repeats), floats(recency), floats(age)
    odds = np.log(fit.a) - np.log(fit.b + x) + (fit.r + x) * (np.log(fit.alpha + t) - np.log(fit.alpha + t_x))
    return floats(np.exp(-np.logaddexp(0.0, odds)))


def while_alive(fit: ModifiedBetaGeometric, repeats: Floats, age: Floats, horizon: float) -> Floats:
    """Purchases to expect in the next ``horizon`` of a customer who still is one now, (n,).

    Such a customer stayed one time more than the same customer of a BG/NBD; from now on both are alike.
    """
    alike = BetaGeometric(r=fit.r, alpha=fit.alpha, a=fit.a, b=fit.b + 1, log_likelihood=0.0, customers=fit.customers)
    return purchases_while_alive(alike, repeats, age, horizon)


def expected_purchases(
    fit: ModifiedBetaGeometric, repeats: Floats, recency: Floats, age: Floats, horizon: float
) -> Floats:
    """Purchases to expect in the next ``horizon``, (n,).

    Examples
    --------
    >>> expected_purchases(CDNOW, floats([2.0]), floats([30.43]), floats([38.86]), 39.0).round(3)
    array([1.263])
    """
    return while_alive(fit, repeats, age, horizon) * probability_alive(fit, repeats, recency, age)


def _loss(at: Floats, seen: Histories) -> tuple[float, Floats]:
    r, alpha, a, b = (float(each) for each in np.exp(at))
    value, slopes = by_row(r, alpha, a, b, seen, after_first=True)
    gradient = slopes @ seen.customers * np.exp(at)
    return -float(value @ seen.customers) / seen.total, floats(-gradient / seen.total)


CDNOW = ModifiedBetaGeometric(r=0.5248, alpha=6.183, a=0.8914, b=1.614, log_likelihood=-9582.13, customers=2357)
"""The fit of 2,357 customers of CDNOW, in weeks."""
