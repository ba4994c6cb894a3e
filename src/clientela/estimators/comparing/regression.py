"""A straight-line regression whose errors need not be alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

_FLAT = 1e-9  # of the largest: a direction so narrow holds no information


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearFit:
    """``coefficients`` (k,), their ``covariance`` (k, k), and the degrees of ``freedom`` behind it."""

    coefficients: Floats
    covariance: Floats
    freedom: int

    def contrast(self, weights: Floats) -> Contrast:
        """A weighted sum of the coefficients: its value, 95 % interval, standard error and two-sided p-value."""
        value = float(weights @ self.coefficients)
        error = float(np.sqrt(max(float(weights @ self.covariance @ weights), 0.0)))
        half = float(stdtrit(self.freedom, 0.975)) * error
        chance = 2 * float(stdtr(self.freedom, -abs(value) / error)) if error > 0 else float(value == 0)
        return Contrast(value=value, low=value - half, high=value + half, error=error, chance=chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """``value``, 95 % between ``low`` and ``high``; ``chance``: how often chance alone gives one as far from 0."""

    value: float
    low: float
    high: float
    error: float
    chance: float


def fit_linear(known: Floats, outcome: Floats) -> LinearFit:
    """Least squares, with a covariance that holds where the errors of some vary more than those of others.

    Columns that are constant but for the first non-zero one, or a sum of others, share what they explain (minimum
    norm); a contrast of columns that are told apart is not touched by it.

    Parameters
    ----------
    known : (n, k)
        What is known of each; give a column of ones for the intercept.
    outcome : (n,)

    Raises
    ------
    UndefinedError
        There are no more rows than directions to explain by.

    Source
    ------
    MacKinnon & White (1985), Some heteroskedasticity-consistent covariance matrix estimators, Journal of Econometrics
    29: HC3, advised for few rows by Long & Ervin (2000), The American Statistician 54.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = fit_linear(x, floats([1, 2, 3, 4, 5, 6]))
    >>> fit.coefficients.round(6).tolist(), fit.freedom
    ([2.0, 3.0], 4)
    >>> round(fit.contrast(floats([0, 1])).error, 4)
    1.0
    """
    x, y = floats(known), floats(outcome)
    scale = np.sqrt((x**2).mean(axis=0))
    scale[scale == 0] = 1.0
    left, sizes, right = np.linalg.svd(x / scale, full_matrices=False)
    held = sizes > _FLAT * sizes.max(initial=0.0)
    freedom = len(y) - int(held.sum())
    if freedom < 1 or not held.any():
        raise UndefinedError(f"{len(y)} rows cannot tell {int(held.sum())} effects apart; more are needed.")
    left, sizes, right = left[:, held], sizes[held], right[held]
    inverse = (right.T / sizes) @ left.T  # (k, n)
    coefficients = inverse @ y
    leverage = np.minimum((left**2).sum(axis=1), 1 - 1e-6)
    errors = (y - (x / scale) @ coefficients) / (1 - leverage)
    bread = inverse * errors[None, :]
    covariance = bread @ bread.T
    return LinearFit(
        coefficients=floats(coefficients / scale),
        covariance=floats(covariance / np.outer(scale, scale)),
        freedom=freedom,
    )
