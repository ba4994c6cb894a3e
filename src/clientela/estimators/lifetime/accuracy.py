"""How near forecasts of amounts came, how well they rank, and how two of them are best mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, floats

_Z = 1.959964
_SHARES = 1_000  # steps in which a mixture is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure of a test with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Its standard error."""
        return (self.high - self.low) / (2 * _Z)


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


def mixed(told: Sequence[tuple[Floats, Floats, Floats]]) -> float:
    """How much the second of two forecasts counts, from 0 to 1, where the mixture comes nearest to what came.

    The level of each date is left open: what befell everybody after it, as a strike or a wave of cold, says nothing of
    how the two are to be mixed. Large amounts stray more, so that each customer counts by the inverse of what was
    expected.

    Parameters
    ----------
    told :
        For each date the one forecast, the other, and what came, (n,) each.

    Examples
    --------
    >>> one, other = floats([10, 20, 40, 0]), floats([0, 40, 20, 10])
    >>> mixed([(one, other, 0.75 * one + 0.25 * other), (one, other, 0.5 * (0.75 * one + 0.25 * other))])
    0.25
    """
    shares = np.linspace(0.0, 1.0, _SHARES + 1)
    mixtures = np.column_stack([1 - shares, shares])
    explained = np.zeros(shares.size)
    for one, other, came in told:
        said = np.column_stack([one, other])
        middle = said.mean(1)
        size = np.sqrt(np.maximum(middle, max(float(middle.mean()), 1e-9) / 10))[:, None]
        seen = said / size
        met, own = mixtures @ (seen.T @ (came / size[:, 0])), ((mixtures @ (seen.T @ seen)) * mixtures).sum(1)
        explained += np.divide(np.maximum(met, 0.0) ** 2, own, out=np.zeros_like(own), where=own > 0)
    return float(shares[int(np.argmax(explained))])


def tenths(said: Floats) -> list[Floats]:
    """The places of each tenth of the customers, the highest forecasts first; those alike in the order given."""
    return [floats(part).astype(np.intp) for part in np.array_split(np.argsort(-said, kind="stable"), 10)]


def _area(said: Floats, came: Floats) -> float:
    """The covariance of what came with the place by what was said."""
    _, place, count = np.unique(floats(said), return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - (count + 1) / 2)[place]
    return float(((middle - middle.mean()) * (floats(came) - float(np.mean(came)))).mean())
