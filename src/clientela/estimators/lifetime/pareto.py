"""Pareto/NBD: customers buy at random, and leave at a moment nobody sees.

While a customer is one, purchases come with rate λ, a Gamma(r, α) over customers; customers leave at
rate μ, a Gamma(s, β) over customers, whether they buy or not.

Source
------
Schmittlein, Morrison & Colombo (1987), Counting Your Customers, Management Science 33(1); the likelihood
as in Fader & Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.histories import Histories, climb, histories

NAMES = ("r", "alpha", "s", "beta")
_LOWEST, _HIGHEST = np.array([-8.0, -12.0, -12.0, -12.0]), np.array([8.0, 12.0, 8.0, 13.0])
_STARTS = ((0.0, -1.0, 0.0, 0.0), (-1.0, -3.0, -1.0, 1.0), (1.0, 0.0, -3.0, 2.0))
_POINTS, _WEIGHTS = (each / 2 for each in np.polynomial.legendre.leggauss(48))
_NEGLIGIBLE = 42.0  # e^-42 of the integral is left out
_AT_A_TIME = 20_000
_NEAR_ONE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoNbd:
    """A fitted Pareto/NBD; ``alpha`` and ``beta`` are in the unit of the times it was fitted on.

    ``at_bound`` names the parameters whose likelihood had no top. ``covariance`` is of the logarithms,
    in the order of ``NAMES``.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None


def fit_pareto(repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None) -> ParetoNbd:
    """The Pareto/NBD that makes what was seen most likely.

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
    """
    seen = histories(repeats, recency, age, customers)

    def loss(at: Floats) -> tuple[float, Floats]:
        return _loss(at, seen)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, seen.total)
    r, alpha, s, beta = (float(each) for each in np.exp(top.parameters))
    return ParetoNbd(
        r=r, alpha=alpha * seen.scale, s=s, beta=beta * seen.scale, customers=round(seen.total),
        at_bound=top.at_bound, covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * seen.total - seen.bought * float(np.log(seen.scale)),
    )  # fmt: skip


def log_likelihood(
    parameters: Floats, repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None
) -> tuple[float, Floats]:
    """The log-likelihood at (r, α, s, β), and its gradient by them.

    Examples
    --------
    >>> value, gradient = log_likelihood(floats([1, 10, 1, 10]), floats([1]), floats([5]), floats([20]))
    >>> round(value, 3), gradient.shape
    (-4.394, (4,))
    """
    seen = histories(repeats, recency, age, customers)
    at = np.log(floats(parameters) / np.array([1.0, seen.scale, 1.0, seen.scale]))
    loss, slope = _loss(at, seen)
    return (
        -loss * seen.total - seen.bought * float(np.log(seen.scale)),
        floats(-slope * seen.total / floats(parameters)),
    )


def probability_alive(fit: ParetoNbd, repeats: Floats, recency: Floats, age: Floats) -> Floats:
    """How likely a customer still is one, (n,), 0 to 1.

    Examples
    --------
    >>> probability_alive(CDNOW, floats([2.0, 0.0]), floats([30.43, 0.0]), floats([38.86, 38.86])).round(3)
    array([0.869, 0.295])
    """
    x, t_x, t = np.broadcast_arrays(floats(repeats), floats(recency), floats(age))
    stays = -(fit.r + x) * np.log(fit.alpha + t) - fit.s * np.log(fit.beta + t)
    leaves = np.concatenate(
        [_left(fit.r, fit.alpha, fit.s, fit.beta, *part)[0] for part in _parts(x, t_x, t)] or [np.zeros(0)]
    )
    return floats(np.exp(stays - np.logaddexp(stays, np.log(fit.s) + leaves)))


def while_alive(fit: ParetoNbd, repeats: Floats, age: Floats, horizon: float) -> Floats:
    """Purchases to expect in the next ``horizon`` of a customer who still is one now, (n,).

    Source
    ------
    Fader & Hardie (2005), equation (41) without its chance of being alive.

    Examples
    --------
    >>> while_alive(CDNOW, floats([2.0]), floats([38.86]), 39.0).round(3)
    array([1.674])
    """
    if horizon < 0:
        raise UndefinedError(f"a horizon of {horizon} is in the past; it must be 0 or more.")
    x, t = floats(repeats), floats(age)
    rate = (fit.r + x) / (fit.alpha + t)
    ahead = np.log1p(horizon / (fit.beta + t))
    beyond = fit.s - 1
    stretched = ahead if abs(beyond) < _NEAR_ONE else -np.expm1(-beyond * ahead) / beyond
    return floats(rate * np.minimum((fit.beta + t) * stretched, horizon))


def expected_purchases(fit: ParetoNbd, repeats: Floats, recency: Floats, age: Floats, horizon: float) -> Floats:
    """Purchases to expect in the next ``horizon``, (n,).

    Examples
    --------
    >>> expected_purchases(CDNOW, floats([2.0]), floats([30.43]), floats([38.86]), 39.0).round(3)
    array([1.455])
    """
    return while_alive(fit, repeats, age, horizon) * probability_alive(fit, repeats, recency, age)


def _loss(at: Floats, seen: Histories) -> tuple[float, Floats]:
    """Minus the mean log-likelihood at the logarithms of (r, α, s, β), times scaled, and its gradient."""
    r, alpha, s, beta = (float(each) for each in np.exp(at))
    rise = gammaln(r + seen.xs) - gammaln(r)
    rise_r = digamma(r + seen.xs) - digamma(r)
    value, slope = 0.0, np.zeros(4)
    for x, t_x, t, n, x_at in _parts(seen.x, seen.t_x, seen.t, seen.customers, floats(seen.x_at)):
        place = x_at.astype(np.intp)
        left, by = _left(r, alpha, s, beta, x, t_x, t)
        leaves = np.log(s) + left
        log_age, log_life = np.log(alpha + t), np.log(beta + t)
        stays = -(r + x) * log_age - s * log_life
        either = np.logaddexp(stays, leaves)
        gone = np.exp(leaves - either)
        here = 1 - gone
        value += float(n @ (rise[place] + r * np.log(alpha) + s * np.log(beta) + either))
        slope += np.array(
            [
                n @ (rise_r[place] + np.log(alpha) - here * log_age + gone * by[0]),
                n @ (r / alpha - here * (r + x) / (alpha + t) + gone * by[1]),
                n @ (np.log(beta) - here * log_life + gone * (1 / s + by[2])),
                n @ (s / beta - here * s / (beta + t) + gone * by[3]),
            ]
        )
    return -value / seen.total, floats(-slope * np.array([r, alpha, s, beta]) / seen.total)


def _left(
    r: float, alpha: float, s: float, beta: float, x: Floats, t_x: Floats, t: Floats
) -> tuple[Floats, tuple[Floats, Floats, Floats, Floats]]:
    """The logarithm of the integral over the moment of leaving, and its derivatives by r, α, s and β.

    ∫ (α+τ)^-(r+x) (β+τ)^-(s+1) dτ from t_x to T. With v = ln(m+τ), m the smaller of α and β, the integrand
    falls ever faster, so that what lies beyond e^-42 of its start is left out: no difference of two
    hypergeometric functions, no overflow for x in the thousands.
    """
    few, power, decay = min(alpha, beta), r + x, s + 1
    start = np.log(few + t_x)
    fall = power * (few + t_x) / (alpha + t_x) + decay * (few + t_x) / (beta + t_x) - 1
    length = np.log(few + t) - start
    length = np.where(fall * length > _NEGLIGIBLE, _NEGLIGIBLE / np.maximum(fall, 1e-300), length)
    v = start[:, None] + length[:, None] * (_POINTS + 0.5)
    grown = np.exp(v)
    near, late = grown + (alpha - few), grown + (beta - few)
    log_near, log_late = np.log(near), np.log(late)
    logs = v - power[:, None] * log_near - decay * log_late
    top = logs.max(1)
    parts = np.exp(logs - top[:, None]) * _WEIGHTS
    mass = parts.sum(1)
    share = parts / mass[:, None]
    with np.errstate(divide="ignore"):
        found = top + np.log(mass * length)
    return floats(found), (
        floats(-(share * log_near).sum(1)),
        floats(-power * (share / near).sum(1)),
        floats(-(share * log_late).sum(1)),
        floats(-decay * (share / late).sum(1)),
    )


def _parts(*columns: Floats) -> list[tuple[Floats, ...]]:
    """The rows, so many at a time that the points of the integral fit into memory."""
    rows = len(columns[0])
    return [tuple(each[at : at + _AT_A_TIME] for each in columns) for at in range(0, rows, _AT_A_TIME)]


CDNOW = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669, log_likelihood=-9595.0, customers=2357)
"""The fit the authors publish for 2,357 customers of CDNOW, in weeks."""
