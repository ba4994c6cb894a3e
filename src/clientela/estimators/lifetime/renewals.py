"""sBG: how long contracts last that are renewed or not at fixed times.

At each renewal a customer leaves with chance θ, a Beta(α, β) over customers. The easily lost go first,
so that retention rises with age although nobody becomes more loyal.

Source
------
Fader & Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.histories import climb

NAMES = ("alpha", "beta")
_LOWEST, _HIGHEST = np.array([-10.0, -10.0]), np.array([12.0, 12.0])
_STARTS = ((0.0, 0.0), (-1.0, 1.0), (2.0, 4.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """A fitted sBG. ``at_bound`` and ``covariance`` (of the logarithms) as elsewhere."""

    alpha: float
    beta: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None


def fit_renewals(periods: Floats, left: Floats, customers: Floats | None = None) -> Renewals:
    """The sBG that makes what was seen most likely; cohorts of any age together.

    Parameters
    ----------
    periods : (n,)
        Of who left: the renewal, 1 or later, at which they did. Of who is still there: how many they renewed.
    left : (n,)
        1 for who left, 0 for who is still there.
    customers : (n,), optional
        How many customers have these; 1 if left out.

    Raises
    ------
    UndefinedError
        A period is below 0, or a customer left at renewal 0.
    NotConvergedError
        Nobody reached a renewal, or the search did not settle.

    Source
    ------
    Equations (3), (5) and (6); the gradient is exact.

    Examples
    --------
    1,000 customers of whom 631 and 468 renew once and twice:

    >>> fit = fit_renewals(floats([1, 2, 2]), floats([1, 1, 0]), floats([369, 163, 468]))
    >>> survival(fit, floats([1, 2])).round(3)
    array([0.631, 0.468])
    """
    t, gone = floats(periods), floats(left)
    n = np.ones(t.shape) if customers is None else floats(customers)
    if (t < gone).any() or not np.isfinite(t).all() or (t < 0).any():
        raise UndefinedError("a contract needs a number of renewals of 0 or more; who left did so at one of them.")
    if not (t * n).sum():
        raise NotConvergedError("no contract has come to a renewal yet: how many are renewed cannot be estimated.")
    kinds, place = np.unique(np.column_stack([t, gone]), axis=0, return_inverse=True)
    n = floats(np.bincount(place.ravel(), n))
    t, gone = kinds.T
    total = float(n.sum())

    def loss(at: Floats) -> tuple[float, Floats]:
        value, gradient = _terms(np.exp(at), t, gone, n)
        return -value / total, floats(-gradient * np.exp(at) / total)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, total)
    alpha, beta = (float(each) for each in np.exp(top.parameters))
    return Renewals(
        alpha=alpha, beta=beta, customers=round(total), at_bound=top.at_bound, covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * total,
    )  # fmt: skip


def fit_renewals_seen(renewal: Floats, at_risk: Floats, left: Floats) -> Renewals:
    """The sBG of contracts that were watched at some of their renewals only.

    Contracts that ended before anybody watched are not missed: who is at risk at a renewal is told apart by it.

    Parameters
    ----------
    renewal : (n,)
        Which renewal it is, 1 or later.
    at_risk, left : (n,)
        How many contracts came to it while they were watched, and how many of those ended.

    Raises
    ------
    UndefinedError
        A renewal is below 1, or more left than were at risk.
    NotConvergedError
        Nobody came to a renewal, or the search did not settle.

    Source
    ------
    Equation (7): of those who come to renewal t, a share α / (α + β + t − 1) leaves.

    Examples
    --------
    1,000 customers of whom 631 and 468 renew once and twice:

    >>> fit = fit_renewals_seen(floats([1, 2]), floats([1000, 631]), floats([369, 163]))
    >>> survival(fit, floats([1, 2])).round(3)
    array([0.631, 0.468])
    """
    t, n, y = floats(renewal), floats(at_risk), floats(left)
    if (t < 1).any() or (y > n).any() or (y < 0).any():
        raise UndefinedError("a renewal is counted from 1, and no more can leave at it than come to it.")
    total = float(n.sum())
    if not total:
        raise NotConvergedError("no contract has come to a renewal yet: how many are renewed cannot be estimated.")

    def loss(at: Floats) -> tuple[float, Floats]:
        alpha, beta = np.exp(at)
        whole, stays = alpha + beta + t - 1, beta + t - 1
        value = y @ np.log(alpha / whole) + (n - y) @ np.log(stays / whole)
        slopes = np.array([(y / alpha - n / whole).sum(), ((n - y) / stays - n / whole).sum()])
        return -float(value) / total, floats(-slopes * np.exp(at) / total)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, total)
    alpha, beta = (float(each) for each in np.exp(top.parameters))
    return Renewals(
        alpha=alpha, beta=beta, customers=round(total), at_bound=top.at_bound, covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * total,
    )  # fmt: skip


def log_likelihood(parameters: Floats, periods: Floats, left: Floats) -> tuple[float, Floats]:
    """The log-likelihood at (α, β), and its gradient by them."""
    return _terms(floats(parameters), floats(periods), floats(left), np.ones(len(periods)))


def survival(fit: Renewals, periods: Floats) -> Floats:
    """The share of a cohort that is still there after so many renewals, (n,), 0 to 1.

    Examples
    --------
    >>> survival(REGULAR, floats([0, 1, 7, 12])).round(3)
    array([1.   , 0.627, 0.239, 0.17 ])
    """
    t = floats(periods)
    return floats(np.exp(betaln(fit.alpha, fit.beta + t) - betaln(fit.alpha, fit.beta)))


def residual_periods(fit: Renewals, renewed: Floats, periods: int, *, discount: float = 0.0) -> Floats:
    """Periods still to be paid by a customer who renewed so often, of the next ``periods``, discounted; (n,).

    Parameters
    ----------
    discount :
        What a period's delay takes off: 0.1 is 10 % a period.

    Examples
    --------
    >>> residual_periods(REGULAR, floats([0, 5]), 10).round(2)
    array([3.23, 6.6 ])
    """
    ahead = np.arange(1, periods + 1, dtype=np.float64)
    now = floats(renewed)[:, None]
    return floats((survival(fit, now + ahead) / survival(fit, now) / (1 + discount) ** ahead).sum(1))


def _terms(at: Floats, t: Floats, gone: Floats, n: Floats) -> tuple[float, Floats]:
    alpha, beta = (float(each) for each in at)
    stays = beta + t - gone
    value = n @ (betaln(alpha + gone, stays) - betaln(alpha, beta))
    whole = digamma(alpha + beta) - digamma(alpha + gone + stays)
    by_alpha = n @ (digamma(alpha + gone) - digamma(alpha) + whole)
    by_beta = n @ (digamma(stays) - digamma(beta) + whole)
    return float(value), floats([by_alpha, by_beta])


REGULAR = Renewals(alpha=0.704, beta=1.182, log_likelihood=-1680.3, customers=1000)
"""The fit the authors publish for seven years of 1,000 'regular' customers."""
