"""Purchase models for customers that differ in what is known of them: a channel, a region, a size.

What is known moves how often they buy (α) and how easily they leave (a); each effect is drawn towards none,
so that a group of three customers is told much as everybody is.

Source
------
Fader & Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.beta_geometric import BetaGeometric
from clientela.estimators.lifetime.dropout import by_row
from clientela.estimators.lifetime.histories import Histories, climb, histories
from clientela.estimators.lifetime.modified import ModifiedBetaGeometric

NAMES = ("r", "alpha", "a", "b")
_LOWEST, _HIGHEST = np.array([-8.0, -12.0, -12.0, -12.0]), np.array([8.0, 12.0, 13.0, 13.0])
_STARTS = ((0.0, -1.0, 0.0, 1.0), (-1.0, -3.0, -2.0, 2.0), (1.0, 0.0, -4.0, 3.0))
_FARTHEST = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WithTraits:
    """A fitted model whose customers differ: ``buying`` and ``leaving`` are the effects of each trait, (k,).

    A trait of 1 multiplies the rate of buying by e^buying and a by e^leaving.
    """

    r: float
    alpha: float
    a: float
    b: float
    buying: Floats
    leaving: Floats
    after_first: bool
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None

    def of(self, traits: Floats) -> Union[BetaGeometric, ModifiedBetaGeometric]:
        """The model of customers with these traits, (k,)."""
        kind = ModifiedBetaGeometric if self.after_first else BetaGeometric
        return kind(
            r=self.r, alpha=self.alpha * float(np.exp(-floats(traits) @ self.buying)),
            a=self.a * float(np.exp(floats(traits) @ self.leaving)), b=self.b, log_likelihood=self.log_likelihood,
            customers=self.customers, at_bound=self.at_bound,
        )  # fmt: skip


def fit_with_traits(
    repeats: Floats, recency: Floats, age: Floats, traits: Floats, customers: Floats | None = None, *,
    after_first: bool = False, spread: float = 1.0,
) -> WithTraits:  # fmt: skip
    """The BG/NBD, or the MBG/NBD (``after_first``), whose parameters depend on traits that do not change.

    Parameters
    ----------
    repeats, recency, age : (n,)
        x, t_x and T of each distinct kind of customer.
    traits : (n, k)
        What is known of that kind: 0 or 1 for a group, or a number around 0.
    customers : (n,), optional
        How many customers are of that kind; 1 if left out.
    spread :
        Standard deviation that effects are taken to have before anything is seen.

    Raises
    ------
    UndefinedError
        A history is none, or the traits are not of as many kinds of customers.
    NotConvergedError
        Nobody bought twice, or the search did not settle.
    """
    known = floats(traits)
    if known.ndim != 2 or len(known) != len(floats(repeats)):
        raise UndefinedError("traits need one row for each kind of customer, and one column for each trait.")
    seen = histories(repeats, recency, age, customers)
    known, count = known[seen.order], known.shape[1]

    def loss(at: Floats) -> tuple[float, Floats]:
        return _loss(at, seen, known, after_first, spread)

    wide = np.full(2 * count, _FARTHEST)
    effects = [f"buying {n + 1}" for n in range(count)] + [f"leaving {n + 1}" for n in range(count)]
    top = climb(
        loss, [(*start, *np.zeros(2 * count)) for start in _STARTS], np.concatenate([_LOWEST, -wide]),
        np.concatenate([_HIGHEST, wide]), (*NAMES, *effects), seen.total,
    )  # fmt: skip
    r, alpha, a, b = (float(each) for each in np.exp(top.parameters[:4]))
    drawn = float((top.parameters[4:] ** 2).sum() / (2 * spread**2))
    return WithTraits(
        r=r, alpha=alpha * seen.scale, a=a, b=b, buying=top.parameters[4 : 4 + count],
        leaving=top.parameters[4 + count :], after_first=after_first, customers=round(seen.total),
        at_bound=top.at_bound, covariance=top.covariance,
        log_likelihood=top.mean_log_likelihood * seen.total + drawn - seen.bought * float(np.log(seen.scale)),
    )  # fmt: skip


def _loss(at: Floats, seen: Histories, known: Floats, after_first: bool, spread: float) -> tuple[float, Floats]:
    r, alpha, a, b = (float(each) for each in np.exp(at[:4]))
    count = known.shape[1]
    alphas, easily = alpha * np.exp(-known @ at[4 : 4 + count]), a * np.exp(known @ at[4 + count :])
    value, by = by_row(r, alphas, easily, b, seen, after_first=after_first)
    n = seen.customers
    to_alpha, to_a = by[1] * alphas * n, by[2] * easily * n
    gradient = np.concatenate(
        [[by[0] @ n * r, to_alpha.sum(), to_a.sum(), by[3] @ n * b], -to_alpha @ known, to_a @ known]
    )
    gradient[4:] -= at[4:] / spread**2
    total = float(value @ n) - float((at[4:] ** 2).sum() / (2 * spread**2))
    return -total / seen.total, floats(-gradient / seen.total)
