"""Purchase histories, counted, and the climb to the top of a likelihood over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats

Loss = Callable[[Floats], tuple[float, Floats]]
"""Minus the mean log-likelihood at the logarithms of the parameters, and its gradient."""
_STEP = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Distinct (x, t_x, T), times divided by ``scale``, with how many customers have each.

    ``xs`` are the distinct x and ``x_at`` where each row's is among them: what depends on x alone is
    worked out once for each. ``order`` says which of the rows given each one was.
    """

    x: Floats
    t_x: Floats
    t: Floats
    customers: Floats
    xs: Floats
    x_at: Indices
    scale: float
    order: Indices

    @property
    def total(self) -> float:
        """How many customers there are."""
        return float(self.customers.sum())

    @property
    def bought(self) -> float:
        """How many repeat purchases there are."""
        return float((self.x * self.customers).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Where a climb ended: the parameters, which of them are at the edge of the search, and the covariance.

    ``covariance`` is of the logarithms; a parameter at its bound counts as known, so its rows are 0. None
    where the data do not determine the others.
    """

    parameters: Floats
    at_bound: tuple[str, ...]
    covariance: Floats | None
    mean_log_likelihood: float


def histories(repeats: Floats, recency: Floats, age: Floats, customers: Floats | None = None) -> Histories:
    """Purchase histories in an order that does not depend on the one they came in.

    Raises
    ------
    UndefinedError
        A value is negative or not finite, t_x exceeds T, or x = 0 with t_x > 0.
    NotConvergedError
        Nobody bought twice.

    Examples
    --------
    >>> found = histories(floats([2, 0]), floats([30, 0]), floats([40, 20]))
    >>> found.x, found.scale, found.bought
    (array([0., 2.]), 30.0, 2.0)
    """
    x, t_x, t = floats(repeats), floats(recency), floats(age)
    n = np.ones(x.shape) if customers is None else floats(customers)
    stacked = np.concatenate([x, t_x, t, n])
    if not np.isfinite(stacked).all() or (stacked < 0).any() or (t_x > t).any() or ((x == 0) & (t_x > 0)).any():
        raise UndefinedError("a history needs x ≥ 0, 0 ≤ t_x ≤ T, and t_x = 0 where x = 0.")
    kept = np.flatnonzero(n > 0)
    order = kept[np.lexsort((n[kept], t[kept], t_x[kept], x[kept]))]
    x, t_x, t, n = (each[order] for each in (x, t_x, t, n))
    if not (x * n).sum():
        raise NotConvergedError("nobody has bought on two different days: how often customers buy cannot be estimated.")
    scale = float((t * n).sum() / n.sum())
    xs, x_at = np.unique(x, return_inverse=True)
    return Histories(x=x, t_x=t_x / scale, t=t / scale, customers=n, xs=xs, x_at=x_at, scale=scale, order=order)


def climb(
    loss: Loss, starts: Sequence[Sequence[float]], lowest: Floats, highest: Floats, names: Sequence[str], total: float
) -> Top:
    """The top of a likelihood of ``total`` customers, or the bound that it rises to.

    Raises
    ------
    NotConvergedError
        The search settled from no start.
    """
    from scipy.optimize import minimize  # slow to load, and who only asks does not need it

    for start in starts:
        ended = minimize(
            loss, np.array(start), jac=True, method="L-BFGS-B", bounds=list(zip(lowest, highest, strict=True)),
            options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
        )  # fmt: skip
        at = floats(ended.x)
        value, slope = loss(at)
        stuck = ((at <= lowest + 1e-6) & (slope > 0)) | ((at >= highest - 1e-6) & (slope < 0))
        if np.isfinite(slope).all() and np.abs(np.where(stuck, 0.0, slope)).max() < 1e-5:
            bound = (at <= lowest + 0.05) | (at >= highest - 0.05)
            return Top(
                parameters=at,
                at_bound=tuple(name for name, is_at in zip(names, bound, strict=True) if is_at),
                covariance=covariance(lambda point: loss(point)[1] * total, at, ~bound),
                mean_log_likelihood=-value,
            )
    raise NotConvergedError("the likelihood of the purchase model did not settle; the data do not determine it.")


def covariance(gradient: Callable[[Floats], Floats], at: Floats, free: NDArray[np.bool_]) -> Floats | None:
    """The inverse of the observed information of the parameters that are free to move, 0 for the others.

    Parameters
    ----------
    gradient :
        Of minus the log-likelihood.
    free : (k,)
        Whether each parameter may move.

    Returns
    -------
    (k, k); None where the data do not determine them

    Examples
    --------
    >>> covariance(lambda at: 4 * at, floats([0, 0]), np.array([True, False]))
    array([[0.25, 0.  ],
           [0.  , 0.  ]])
    """
    moving = np.flatnonzero(free)
    if not moving.size:
        return None
    units = np.eye(at.size)[moving]
    rows = np.array([(gradient(at + _STEP * each) - gradient(at - _STEP * each)) / (2 * _STEP) for each in units])
    information = (rows[:, moving] + rows[:, moving].T) / 2
    if not np.isfinite(information).all():
        return None
    if np.linalg.eigvalsh(information).min() <= 1e-9 * np.abs(information).max():
        return None
    found = np.zeros((at.size, at.size))
    found[np.ix_(moving, moving)] = np.linalg.inv(information)
    return found
