"""BG/NBD: how often customers buy, and whether they are still customers.

While a customer is one, purchases come at random with rate λ; after each purchase the customer
leaves with chance p. λ differs between customers as a Gamma(r, α), p as a Beta(a, b). All that must
be known of a customer is x repeat purchases, t_x (from the first purchase to the last) and T (from
the first purchase to now), all times in one unit; customers with the same three are counted.

Source
------
Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD
Model, Marketing Science 24(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, digamma, gammaln, hyp2f1, log_expit

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats

NAMES = ("r", "alpha", "a", "b")
_LOWEST, _HIGHEST = np.array([-8.0, -12.0, -12.0, -12.0]), np.array([8.0, 12.0, 13.0, 13.0])
_STARTS = ((0.0, -1.0, 0.0, 1.0), (-1.0, -3.0, -2.0, 2.0), (1.0, 0.0, -4.0, 3.0))
_NEAR_POLE = 1e-4
_ALIKE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaGeometric:
    """A fitted BG/NBD; ``alpha`` is in the unit of the times it was fitted on.

    ``at_bound`` names the parameters whose likelihood had no top: it still rose where the search
    ends (nobody leaves, or all are alike). ``covariance`` is of the logarithms of the parameters,
    in the order of ``NAMES``; None where the data do not determine it.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None

    def interval(self, name: str) -> tuple[float, float] | None:
        """The 95 % interval of a parameter; None where the data do not determine it."""
        if self.covariance is None:
            return None
        place = NAMES.index(name)
        half = 1.959964 * float(np.sqrt(self.covariance[place, place]))
        value = float(getattr(self, name))
        return value * float(np.exp(-half)), value * float(np.exp(half))


@dataclass(frozen=True, slots=True)
class _Counts:
    """Distinct (x, t_x, T) with how many customers have them, and where each value is in its list.

    Times are divided by ``scale``. The logarithms are taken once a distinct value, not once a row.
    """

    customers: Floats
    xs: Floats
    customers_of_x: Floats
    recencies: Floats
    ages: Floats
    x_at: Indices
    recency_at: Indices
    age_at: Indices
    scale: float

    @property
    def total(self) -> float:
        return float(self.customers_of_x.sum())


def fit_beta_geometric(repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None) -> BetaGeometric:
    """The BG/NBD that makes what was seen most likely.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T of each distinct kind of customer, T ≥ t_x ≥ 0, in any order.
    customers : (n,), optional
        How many customers are of that kind; 1 if left out.

    Raises
    ------
    UndefinedError
        A value is negative or not finite, t_x exceeds T, or x = 0 with t_x > 0.
    NotConvergedError
        Nobody bought twice, or the search did not settle.

    Source
    ------
    Equation (6), with logarithms of sums taken safely; the gradient is exact.

    Examples
    --------
    >>> x, t_x, T = floats([0, 1, 2, 6]), floats([0, 20, 35, 90]), floats([100, 100, 100, 100])
    >>> fit = fit_beta_geometric(x, t_x, T, floats([40, 20, 20, 20]))
    >>> fit.customers
    100
    """
    counts = _counted(repeats, recency, age, customers)
    if not counts.total or not (counts.xs * counts.customers_of_x).sum():
        raise NotConvergedError("nobody has bought on two different days: how often customers buy cannot be estimated.")
    return _fitted(_search(counts), counts)


def probability_alive(fit: BetaGeometric, repeats: Floats, recency: Floats, age: Floats) -> Floats:
    """How likely a customer still is one.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T.

    Returns
    -------
    (n,), 0 to 1; 1 for a customer without repeat purchase, who by this model cannot have left

    Source
    ------
    Fader, Hardie & Lee (2008), Computing P(alive) Using the BG/NBD Model, in logarithms.

    Examples
    --------
    >>> probability_alive(CDNOW, floats([2.0]), floats([30.43]), floats([38.86])).round(3)
    array([0.727])
    """
    alive, left = _log_weights(fit, repeats, recency, age, 0.0)
    return floats(np.exp(alive - np.logaddexp(alive, left)))


def log_probability_silent(fit: BetaGeometric, repeats: Floats, recency: Floats, age: Floats, horizon: float) -> Floats:
    """The logarithm of how likely a customer buys nothing in the next ``horizon``.

    Either the customer has left, or still is one and does not happen to buy: the history "x, t_x,
    still nothing at T + horizon" set in relation to the history "x, t_x, nothing at T".

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T.
    horizon :
        In the unit of the fit, 0 or more.

    Returns
    -------
    (n,), 0 or less

    Source
    ------
    From the likelihood (6) with the alive part at T + horizon; docs/explanation/bg-nbd.md.

    Examples
    --------
    A customer who cannot have left is silent as in the negative binomial: (α+T / α+T+h)^r.

    >>> silent = np.exp(log_probability_silent(CDNOW, floats([0]), floats([0]), floats([30.0]), 10.0))
    >>> silent.round(4), round(((4.414 + 30) / (4.414 + 40)) ** 0.243, 4)
    (array([0.9399]), 0.9399)
    """
    later, left = _log_weights(fit, repeats, recency, age, horizon)
    now, _ = _log_weights(fit, repeats, recency, age, 0.0)
    return floats(np.minimum(np.logaddexp(later, left) - np.logaddexp(now, left), 0.0))


def expected_purchases(fit: BetaGeometric, repeats: Floats, recency: Floats, age: Floats, horizon: float) -> Floats:
    """Purchases to expect in the next ``horizon``; (0, 0, 0) is a customer acquired now.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T.
    horizon :
        In the unit of the fit, 0 or more.

    Returns
    -------
    (n,), in purchases

    Source
    ------
    Equations (9) and (10), after Euler's transformation of 2F1, which keeps it finite for large x;
    near the removable poles (a = 1, a + b + x = 1) the mean of both sides is taken.

    Examples
    --------
    >>> expected_purchases(CDNOW, floats([2.0]), floats([30.43]), floats([38.86]), 39.0).round(3)
    array([1.226])
    >>> expected_purchases(CDNOW, floats([0.0]), floats([0.0]), floats([0.0]), 52.0).round(2)
    array([1.45])
    """
    while_alive = purchases_while_alive(fit, repeats, age, horizon)
    return floats(while_alive * probability_alive(fit, repeats, recency, age))


def purchases_while_alive(fit: BetaGeometric, repeats: Floats, age: Floats, horizon: float) -> Floats:
    """Purchases to expect in the next ``horizon`` of a customer who still is one now.

    Parameters
    ----------
    repeats, age : (n,)
        x and T; those that are alike are worked out once.
    horizon :
        In the unit of the fit, 0 or more.

    Returns
    -------
    (n,), in purchases

    Examples
    --------
    >>> purchases_while_alive(CDNOW, floats([2.0]), floats([38.86]), 39.0).round(3)
    array([1.687])
    """
    if horizon < 0:
        raise UndefinedError(f"a horizon of {horizon} is in the past; it must be 0 or more.")
    x, t = np.broadcast_arrays(floats(repeats), floats(age))
    if horizon == 0:
        return np.zeros(x.shape)
    kinds, place = np.unique(x.ravel() + 1j * t.ravel(), return_inverse=True)
    x, t = floats(kinds.real), floats(kinds.imag)
    pole = np.minimum(abs(fit.a - 1), np.abs(fit.a + fit.b + x - 1)) < _NEAR_POLE
    aside = np.where(pole, 2 * _NEAR_POLE, 0.0)
    found = _while_alive(fit, x, t, horizon, aside)
    if pole.any():
        found = (found + _while_alive(fit, x, t, horizon, -aside)) / 2
    if_all_stay = (fit.r + x) / (fit.alpha + t) * horizon  # more cannot come; differences of huge terms say so at times
    return floats(np.clip(found, 0.0, if_all_stay)[place].reshape(np.broadcast(repeats, age).shape))


def log_likelihood(
    parameters: Floats, repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None
) -> tuple[float, Floats]:
    """The log-likelihood at (r, α, a, b), and its gradient by them.

    Examples
    --------
    >>> value, gradient = log_likelihood(floats([1, 10, 1, 1]), floats([1]), floats([5]), floats([20]))
    >>> round(value, 3), gradient.shape
    (-3.584, (4,))
    """
    counts = _counted(repeats, recency, age, customers)
    at = floats(parameters) / np.array([1.0, counts.scale, 1.0, 1.0])
    loss, slope = _loss(np.log(at), counts)
    bought = float((counts.xs * counts.customers_of_x).sum())
    gradient = -slope * counts.total / floats(parameters)
    return -loss * counts.total - bought * float(np.log(counts.scale)), gradient


def _counted(repeats: Floats, recency: Floats, age: Floats, customers: Floats | None) -> _Counts:
    x, t_x, t = floats(repeats), floats(recency), floats(age)
    n = np.ones(x.shape) if customers is None else floats(customers)
    stacked = np.concatenate([x, t_x, t, n])
    if not np.isfinite(stacked).all() or (stacked < 0).any() or (t_x > t).any() or ((x == 0) & (t_x > 0)).any():
        raise UndefinedError("a history needs x ≥ 0, 0 ≤ t_x ≤ T, and t_x = 0 where x = 0.")
    keep = n > 0
    order = np.lexsort((n[keep], t[keep], t_x[keep], x[keep]))  # the same bits for any order of rows
    x, t_x, t, n = (each[keep][order] for each in (x, t_x, t, n))
    scale = float((t * n).sum() / n.sum()) if n.sum() > 0 else 1.0
    scale = scale if scale > 0 else 1.0
    xs, x_at = np.unique(x, return_inverse=True)
    recencies, recency_at = np.unique(t_x / scale, return_inverse=True)
    ages, age_at = np.unique(t / scale, return_inverse=True)
    return _Counts(
        customers=n, xs=xs, customers_of_x=floats(np.bincount(x_at, n, xs.size)), recencies=recencies, ages=ages,
        x_at=x_at, recency_at=recency_at, age_at=age_at, scale=scale,
    )  # fmt: skip


def _loss(logarithms: Floats, counts: _Counts) -> tuple[float, Floats]:
    """Minus the mean log-likelihood at the logarithms of (r, α, a, b), times scaled, and its gradient."""
    r, alpha, a, b = np.exp(logarithms)
    n, xs, n_x = counts.customers, counts.xs, counts.customers_of_x
    again = xs > 0
    before_last = b + np.where(again, xs, 1.0) - 1
    drop = np.where(again, np.log(a) - np.log(before_last), -np.inf)[counts.x_at]
    power = (r + xs)[counts.x_at]
    log_age, log_recency = (
        np.log(alpha + counts.ages)[counts.age_at],
        np.log(alpha + counts.recencies)[counts.recency_at],
    )
    odds = drop + power * (log_age - log_recency)  # of having left, against still being a customer
    by_x = gammaln(r + xs) - gammaln(r) + r * np.log(alpha) + betaln(a, b + xs) - betaln(a, b)
    value = (by_x * n_x).sum() + ((np.logaddexp(0.0, odds) - power * log_age) * n).sum()

    left = n * np.exp(-np.logaddexp(0.0, -odds))
    left_of_x = np.bincount(counts.x_at, left, xs.size)
    weighted = (n - left) * power
    gone = left * power
    inverse_age, inverse_recency = 1 / (alpha + counts.ages), 1 / (alpha + counts.recencies)
    rise_x = digamma(r + xs) - digamma(r) + np.log(alpha)
    drop_a = digamma(a + b) - digamma(a + b + xs)
    drop_b = drop_a + digamma(b + xs) - digamma(b) - left_of_x / (before_last * n_x)
    times = (weighted * inverse_age[counts.age_at]).sum() + (gone * inverse_recency[counts.recency_at]).sum()
    slope = np.array(
        [
            (rise_x * n_x).sum() - ((n - left) * log_age + left * log_recency).sum(),
            r / alpha * n_x.sum() - times,
            (drop_a * n_x).sum() + left.sum() / a,
            (drop_b * n_x).sum(),
        ]
    )
    total = counts.total
    return -float(value) / total, -slope * np.array([r, alpha, a, b]) / total


def _search(counts: _Counts) -> Floats:
    """The logarithms of the parameters at the top of the likelihood, or at the bound it rises to."""
    from scipy.optimize import minimize  # slow to load, and who only asks does not need it

    for start in _STARTS:
        ended = minimize(
            _loss,
            np.array(start),
            args=(counts,),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(_LOWEST, _HIGHEST, strict=True)),
            options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
        )
        if _settled(ended.x, counts):
            return floats(ended.x)
    raise NotConvergedError("the likelihood of the BG/NBD model did not settle; the data do not determine it.")


def _settled(at: Floats, counts: _Counts) -> bool:
    """No parameter that is free to move still has a slope."""
    _, slope = _loss(at, counts)
    stuck = ((at <= _LOWEST + 1e-6) & (slope > 0)) | ((at >= _HIGHEST - 1e-6) & (slope < 0))
    return bool(np.isfinite(slope).all() and np.abs(np.where(stuck, 0.0, slope)).max() < 1e-5)


def _fitted(at: Floats, counts: _Counts) -> BetaGeometric:
    r, alpha, a, b = (float(each) for each in np.exp(at))
    loss, _ = _loss(at, counts)
    bought = float((counts.xs * counts.customers_of_x).sum())
    bound = (at <= _LOWEST + 0.05) | (at >= _HIGHEST - 0.05)
    return BetaGeometric(
        r=r,
        alpha=alpha * counts.scale,
        a=a,
        b=b,
        log_likelihood=-loss * counts.total - bought * float(np.log(counts.scale)),
        customers=round(counts.total),
        at_bound=tuple(name for name, is_at in zip(NAMES, bound, strict=True) if is_at),
        covariance=None if bound.any() else _covariance(at, counts),
    )


def _covariance(at: Floats, counts: _Counts) -> Floats | None:
    """The inverse of the observed information, by differences of the exact gradient."""
    step = 1e-4
    rows = [
        (_loss(at + step * unit, counts)[1] - _loss(at - step * unit, counts)[1]) / (2 * step) for unit in np.eye(4)
    ]
    information = counts.total * (np.array(rows) + np.array(rows).T) / 2
    if np.linalg.eigvalsh(information).min() <= 1e-9 * np.abs(information).max():
        return None
    return floats(np.linalg.inv(information))


def _log_weights(
    fit: BetaGeometric, repeats: Floats, recency: Floats, age: Floats, later: float
) -> tuple[Floats, Floats]:
    """How likely the history is with the customer still one at T + later, and with the customer gone."""
    x, t_x, t = floats(repeats), floats(recency), floats(age)
    if later < 0:
        raise UndefinedError(f"a horizon of {later} is in the past; it must be 0 or more.")
    again = x > 0
    power = fit.r + x
    alive = -power * np.log(fit.alpha + t + later)
    drop = np.log(fit.a) - np.log(fit.b + np.where(again, x, 1.0) - 1)
    left = np.where(again, drop - power * np.log(fit.alpha + t_x), -np.inf)
    return alive, left


def _while_alive(fit: BetaGeometric, x: Floats, age: Floats, horizon: float, aside: Floats) -> Floats:
    """Purchases to expect of a customer who still is one; ``aside`` moves a away from a pole."""
    if fit.a > _ALIKE:
        return _while_alive_of_the_alike(fit, x, age, horizon)
    a = fit.a + aside
    share = horizon / (fit.alpha + age + horizon)
    log_rest = np.log(fit.alpha + age) - np.log(fit.alpha + age + horizon)
    top = a + fit.b + x - 1
    series = hyp2f1(a + fit.b - 1 - fit.r, a - 1, top, share)
    found = floats(top / (a - 1) * (1 - np.exp((a - 1) * log_rest) * series))
    lost = ~np.isfinite(found)  # the series fails for many purchases in little time and a far horizon
    if lost.any():
        found[lost] = _while_alive_by_quantile(fit, x[lost], age[lost], horizon)
    return found


def _while_alive_by_quantile(fit: BetaGeometric, x: Floats, age: Floats, horizon: float) -> Floats:
    """The same as the mean over p, from the quantiles of its beta distribution."""
    points, weights = np.polynomial.legendre.leggauss(80)
    p = np.maximum(betaincinv(fit.a, (fit.b + x)[:, None], (points + 1) / 2), 1e-300)
    come = -np.expm1(-(fit.r + x)[:, None] * np.log1p(p * horizon / (fit.alpha + age)[:, None])) / p
    return floats(come @ weights / 2)


def _while_alive_of_the_alike(fit: BetaGeometric, x: Floats, age: Floats, horizon: float) -> Floats:
    """The same where customers hardly differ in p, so that 2F1 overflows: the mean over p, point by point.

    Given p, (1 - (α+T / α+T+ph)^(r+x)) / p purchases come; the logit of p is nearly normal.
    """
    left, right = fit.a, fit.b + x
    middle, reach = np.log(left / right), 9 * np.sqrt(1 / left + 1 / right)
    points, weights = np.polynomial.legendre.leggauss(60)
    total, mass = np.zeros_like(x), np.zeros_like(x)
    for point, weight in zip(points, weights, strict=True):
        logit = middle + reach * point
        log_p, log_q = log_expit(logit), log_expit(-logit)
        density = weight * np.exp(left * log_p + right * log_q - betaln(left, right))
        p = np.maximum(np.exp(log_p), 1e-300)  # 0 of 0 where b is next to nothing
        total += density * -np.expm1(-(fit.r + x) * np.log1p(p * horizon / (fit.alpha + age))) / p
        mass += density
    return floats(total / mass)


CDNOW = BetaGeometric(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4, customers=2357)
"""The fit the authors publish for 2,357 customers of CDNOW, in weeks."""
