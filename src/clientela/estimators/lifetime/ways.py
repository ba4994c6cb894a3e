"""The models of buying side by side: how each is fitted, and what it says of a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from clientela.estimators import beta_geometric
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime import modified, pareto
from clientela.estimators.lifetime.histories import covariance

YEAR_DAYS = 365.0
_STEPS = 12
_ASIDE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One model of buying: its functions, all of (…, x, t_x, T) or (…, x, T, horizon). Each has a fit of its own."""

    names: tuple[str, ...]
    fit: Callable[..., Any]
    alive: Callable[[Any, Floats, Floats, Floats], Floats]
    while_alive: Callable[[Any, Floats, Floats, float], Floats]
    log_likelihood: Callable[..., tuple[float, Floats]]


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "bg-nbd": Way(
            names=beta_geometric.NAMES, fit=beta_geometric.fit_beta_geometric,
            alive=beta_geometric.probability_alive, while_alive=beta_geometric.purchases_while_alive,
            log_likelihood=beta_geometric.log_likelihood,
        ),
        "mbg-nbd": Way(
            names=modified.NAMES, fit=modified.fit_modified, alive=modified.probability_alive,
            while_alive=modified.while_alive, log_likelihood=modified.log_likelihood,
        ),
        "pareto-nbd": Way(
            names=pareto.NAMES, fit=pareto.fit_pareto, alive=pareto.probability_alive, while_alive=pareto.while_alive,
            log_likelihood=pareto.log_likelihood,
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What customers will buy in a period, (n,) each.

    ``alive``: the chance that they still are customers; ``purchases``: how many to expect if so;
    ``worth``: the same, each counted for less the later it comes; ``shape``: of the gamma distribution
    of their own rate.
    """

    alive: Floats
    purchases: Floats
    worth: Floats
    shape: Floats

    @property
    def expected(self) -> Floats:
        """Purchases to expect, discounted."""
        return self.alive * self.worth

    @property
    def silent(self) -> Floats:
        """How likely nothing comes: gone, or by chance (a negative binomial of what they buy while customers)."""
        quiet = np.exp(-self.shape * np.log1p(self.purchases / self.shape))
        return floats(1 - self.alive + self.alive * quiet)

    @property
    def square(self) -> Floats:
        """The mean square of the number of purchases, not discounted."""
        return floats(self.alive * (self.purchases + self.purchases**2 * (1 + 1 / self.shape)))


def ahead(
    way: Way, fit: Any, repeats: Floats, recency: Floats, age: Floats, days: float, *, discount: float = 0.0
) -> Ahead:  # Any: each model has a fit of its own
    """What customers will buy in the next ``days``; the fit and the times are in days.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T.
    discount :
        What a year's delay takes off: 0.1 is 10 % a year. 0 counts all alike.

    Source
    ------
    Fader, Hardie & Lee (2005), RFM and CLV: the expected purchases of each part of the period, discounted
    from its middle: a sum, so that it ends where the period does.

    Examples
    --------
    >>> one = floats([3]), floats([200]), floats([210])
    >>> fit = replace(beta_geometric.CDNOW, alpha=7 * beta_geometric.CDNOW.alpha)
    >>> plain, less = (ahead(WAYS["bg-nbd"], fit, *one, 365, discount=each) for each in (0.0, 0.1))
    >>> plain.expected.round(2), (less.expected / plain.expected).round(3)
    (array([3.03]), array([0.958]))
    """
    x, t = floats(repeats), floats(age)
    purchases = way.while_alive(fit, x, t, days)
    worth = purchases
    if discount > 0 and days > 0:
        ends = days * np.arange(1, _STEPS + 1) / _STEPS
        so_far = [np.zeros(x.shape), *(way.while_alive(fit, x, t, end) for end in ends[:-1]), purchases]
        grown = np.minimum(np.maximum.accumulate(so_far), purchases)  # rounding of huge terms aside, it only grows
        value = (1 + discount) ** (-(ends - days / _STEPS / 2) / YEAR_DAYS)
        worth = floats(sum(each * part for each, part in zip(value, np.diff(grown, axis=0), strict=True)))
    return Ahead(alive=way.alive(fit, x, floats(recency), t), purchases=purchases, worth=worth, shape=fit.r + x)


def slopes(
    way: Way, fit: Any, repeats: Floats, recency: Floats, age: Floats, days: float, *, discount: float = 0.0
) -> Floats:  # Any: each model has a fit of its own
    """How ``ahead(…).expected`` changes with the logarithm of each parameter, (n, k): for the delta method."""

    def at(**changed: float) -> Floats:
        return ahead(way, replace(fit, **changed), repeats, recency, age, days, discount=discount).expected

    here = at()
    moved = [(at(**{name: getattr(fit, name) * float(np.exp(_ASIDE))}) - here) / _ASIDE for name in way.names]
    return floats(np.column_stack(moved))


def spread(way: Way, fit: Any, repeats: Floats, recency: Floats, age: Floats, customers: Floats) -> Floats | None:
    """The covariance of the logarithms of the parameters, (k, k); those at a bound count as known.

    None where the data do not determine the others.
    """
    found: Floats | None = fit.covariance
    if found is not None or not fit.at_bound:
        return found

    def gradient(logarithms: Floats) -> Floats:
        at = np.exp(logarithms)
        return floats(-way.log_likelihood(at, repeats, recency, age, customers)[1] * at)

    here = np.log(floats([getattr(fit, name) for name in way.names]))
    return covariance(gradient, here, np.array([name not in fit.at_bound for name in way.names]))
