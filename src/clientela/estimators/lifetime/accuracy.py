"""How near forecasts of amounts came, how well they rank, and how two of them are best mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from clientela.estimators.arrays import Floats, floats

_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure of a test with its 95 % interval."""

    value: float
    low: float
    high: float


def mean_of(values: Floats) -> Measured:
    """The mean of independent values, with its interval.

    Examples
    --------
    >>> found = mean_of(floats([1, 3] * 50))
    >>> round(found.low, 2), found.value, round(found.high, 2)
    (1.8, 2.0, 2.2)
    """
    value = float(values.mean())
    half = _Z * float(values.std(ddof=1)) / np.sqrt(values.size) if values.size > 1 else 0.0
    return Measured(value=value, low=value - float(half), high=value + float(half))


def mean_error(said: Floats, came: Floats) -> Measured:
    """By how much a forecast misses a customer on average (MAE)."""
    return mean_of(np.abs(floats(said) - floats(came)))


def gini(said: Floats, came: Floats) -> float:
    """How well a forecast ranks who brings much: 0 as chance would, 1 as who knew what came; NaN where all are alike.

    Source
    ------
    Wang, Liu & Miao (2019), A Deep Probabilistic Model for Customer Lifetime Value Prediction, section 4:
    the normalised Gini coefficient. Ties in what was said count by their mean.

    Examples
    --------
    >>> gini(floats([3, 2, 1]), floats([9, 5, 0])), gini(floats([1, 2, 3]), floats([9, 5, 0]))
    (1.0, -1.0)
    """
    best = _area(came, came)
    return _area(said, came) / best if best > 0 else float("nan")


def mixed(parts: Floats, came: Floats) -> Floats:
    """Weights, 0 or more, with which forecasts side by side, (n, k), come nearest to what came.

    Large amounts stray more, so that each customer counts by the inverse of what was expected.

    Examples
    --------
    >>> mixed(floats([[10, 0], [20, 40], [40, 20], [0, 10]]), floats([5, 30, 30, 5])).round(2)
    array([0.5, 0.5])
    """
    said = floats(parts)
    middle = said.mean(1)
    size = np.sqrt(np.maximum(middle, max(float(middle.mean()), 1e-9) / 10))
    weights, _ = nnls(said / size[:, None], floats(came) / size)
    return floats(weights)


def tenths(said: Floats) -> list[Floats]:
    """The places of each tenth of the customers, the highest forecasts first; those alike in the order given."""
    return [floats(part).astype(np.intp) for part in np.array_split(np.argsort(-said, kind="stable"), 10)]


def _area(said: Floats, came: Floats) -> float:
    """The covariance of what came with the place by what was said."""
    _, place, count = np.unique(floats(said), return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - (count + 1) / 2)[place]
    return float(((middle - middle.mean()) * (floats(came) - float(np.mean(came)))).mean())
