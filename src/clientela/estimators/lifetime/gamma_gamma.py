"""Gamma-Gamma: what a purchase of a customer is worth on average, drawn towards what is usual.

A purchase is worth a Gamma(p, ν) amount; ν differs between customers as a Gamma(q, γ). How often a
customer buys says nothing about it: see ``docs/explanation/lifetime-value.md`` for when that fails.

Source
------
Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.histories import climb

NAMES = ("p", "q", "gamma")
_LOWEST, _HIGHEST = np.array([-6.0, -4.0, -12.0]), np.array([9.0, 9.0, 12.0])
_STARTS = ((1.0, 1.0, 0.0), (0.0, 0.5, 0.0), (3.0, 2.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaGamma:
    """A fitted Gamma-Gamma; ``gamma`` is in the unit of money. ``at_bound`` and ``covariance`` as elsewhere."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None

    @property
    def usual(self) -> float:
        """What a purchase of a customer nobody knows yet is worth; infinite where q ≤ 1.

        Examples
        --------
        >>> round(CDNOW.usual, 2)
        35.22
        """
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")


def fit_gamma_gamma(purchases: Floats, mean: Floats, customers: Floats | None = None) -> GammaGamma:
    """The Gamma-Gamma that makes what was seen most likely.

    Parameters
    ----------
    purchases, mean : (n,)
        How many purchases a mean rests on, and the mean itself; both above 0.
    customers : (n,), optional
        How many customers have these; 1 if left out.

    Raises
    ------
    UndefinedError
        A number of purchases or a mean is not above 0.
    NotConvergedError
        There is nobody, or the search did not settle.

    Source
    ------
    Equation (1a): the marginal distribution of the mean of x purchases.

    Examples
    --------
    >>> fit_gamma_gamma(floats([1, 2, 3, 4]), floats([10, 30, 20, 25]), floats([5, 5, 5, 5])).customers
    20
    """
    x, z = floats(purchases), floats(mean)
    n = np.ones(x.shape) if customers is None else floats(customers)
    if not x.size:
        raise NotConvergedError("there is no purchase with an amount: what one is worth cannot be estimated.")
    if not (np.isfinite(x).all() and np.isfinite(z).all() and (x > 0).all() and (z > 0).all()):
        raise UndefinedError("the mean amount of a customer and the purchases it rests on must be above 0.")
    order = np.lexsort((n, z, x))
    x, z, n = x[order], z[order], n[order]
    scale, total = float((z * n).sum() / n.sum()), float(n.sum())
    seen = _seen(x, z / scale, n)

    def loss(at: Floats) -> tuple[float, Floats]:
        value, gradient = _terms(np.exp(at), seen)
        return -value / total, floats(-gradient * np.exp(at) / total)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, total)
    p, q, gamma = (float(each) for each in np.exp(top.parameters))
    return GammaGamma(
        p=p, q=q, gamma=gamma * scale, customers=round(total), at_bound=top.at_bound, covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * total - total * float(np.log(scale)),
    )  # fmt: skip


def log_likelihood(parameters: Floats, purchases: Floats, mean: Floats) -> tuple[float, Floats]:
    """The log-likelihood at (p, q, γ), and its gradient by them."""
    return _terms(floats(parameters), _seen(floats(purchases), floats(mean), np.ones(len(mean))))


def own_weight(fit: GammaGamma, purchases: Floats) -> Floats:
    """How much the customer's own mean counts, (n,), 0 to 1; the rest is what is usual.

    Source
    ------
    Equation (5): the conditional expectation is a mean of the customer's own and of everybody's.

    Examples
    --------
    >>> own_weight(CDNOW, floats([0, 1, 10])).round(3)
    array([0.   , 0.695, 0.958])
    """
    n = floats(purchases)
    return floats(np.clip(fit.p * n / (fit.p * n + fit.q - 1), 0.0, 1.0)) if fit.q > 1 else np.ones(n.shape)


def correlation(purchases: Floats, customers: Floats, amount: Floats, squares: float) -> float:
    """How purchases and mean amounts go together over customers, -1 to 1; the model takes them for independent.

    Parameters
    ----------
    purchases, customers, amount : (n,)
        Purchases of each kind of customer, how many are of that kind, and the sum of their mean amounts.
    squares :
        The sum of the squares of all mean amounts.

    Returns
    -------
    float
        NaN where all buy equally often or for equally much.

    Source
    ------
    Fader, Hardie & Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of Marketing
    Research 42, who look at it first; among CDNOW's repeat buyers it is .11.

    Examples
    --------
    >>> round(correlation(floats([1, 2, 3]), floats([1, 1, 1]), floats([10, 20, 30]), 1400.0), 6)
    1.0
    """
    n, total = floats(customers), float(floats(customers).sum())
    if total <= 0:
        return float("nan")
    often, much = _dot(n, floats(purchases)) / total, float(floats(amount).sum()) / total
    by_often = _dot(n, (floats(purchases) - often) ** 2) / total
    by_much = squares / total - much**2
    if by_often <= 0 or by_much <= 1e-9 * much**2:
        return float("nan")
    together = _dot(floats(amount), floats(purchases) - often) / total
    return together / float(np.sqrt(by_often * by_much))


def expected_amount(fit: GammaGamma, purchases: Floats, mean: Floats) -> Floats:
    """What the next purchase is worth, (n,), in the unit of ``mean``.

    Examples
    --------
    >>> expected_amount(CDNOW, floats([1, 10]), floats([10.0, 10.0])).round(2)
    array([17.69, 11.06])
    """
    own = own_weight(fit, purchases)
    usual = fit.usual if np.isfinite(fit.usual) else 0.0
    return floats(own * floats(mean) + (1 - own) * usual)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the likelihood asks of means, and what of it is the same for all parameters.

    ``kinds``, ``counts``: the different numbers of purchases, and how many customers have each. ``n``, ``nx``: the
    customers of each mean, and these times purchases. ``spent``: (n,) all that was spent; ``of_spent``, ``of_means``:
    the sums of its logarithm by ``nx``, and of the logarithm of the means.
    """

    kinds: Floats
    counts: Floats
    n: Floats
    nx: Floats
    spent: Floats
    of_spent: float
    of_means: float


def _seen(x: Floats, z: Floats, n: Floats) -> _Seen:
    kinds, place = np.unique(x, return_inverse=True)
    spent, nx = floats(x * z), floats(n * x)
    counts = floats(np.bincount(place, n))
    return _Seen(kinds, counts, n, nx, spent, _dot(nx, np.log(spent)), _dot(n, np.log(z)))


def _dot(some: Floats, others: Floats) -> float:
    """The sum of their products; ``@`` would share it out over threads, which wait for each other and sum otherwise.

    Examples
    --------
    >>> _dot(floats([1, 2]), floats([3, 4]))
    11.0
    """
    return float((some * others).sum())


def _terms(at: Floats, seen: _Seen) -> tuple[float, Floats]:
    p, q, gamma = (float(each) for each in at)
    px = p * seen.kinds
    total = gamma + seen.spent
    log_total = np.log(total)
    by_customer, by_purchase = _dot(seen.n, log_total), _dot(seen.nx, log_total)
    by_kind = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
    value = seen.counts @ by_kind + p * (seen.of_spent - by_purchase) - seen.of_means - q * by_customer
    digamma_sum = digamma(px + q)
    inverse = np.reciprocal(total, out=total)
    slopes = np.array(
        [
            seen.counts @ (seen.kinds * (digamma_sum - digamma(px))) + seen.of_spent - by_purchase,
            seen.counts @ (digamma_sum - digamma(q) + np.log(gamma)) - by_customer,
            seen.counts.sum() * q / gamma - p * _dot(seen.nx, inverse) - q * _dot(seen.n, inverse),
        ]
    )
    return float(value), floats(slopes)


CDNOW = GammaGamma(p=6.25, q=3.74, gamma=15.44, log_likelihood=-4055.9, customers=946)
"""The fit the authors publish for 946 repeat buyers of CDNOW, in dollars."""
