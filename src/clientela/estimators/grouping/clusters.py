"""Clusters by k-means, and how they lie: every point is in that whose centre is nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

Labels = NDArray[np.int64]
_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Centres, (k, d), and the sum of squared distances of the points to their own, ``spread``."""

    centres: Floats
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How a column becomes one of the axes, (d,) each: cut off at ``low`` and ``high``, less ``middle``, by ``width``.

    A column that is the same for all has the width 0 and lies at 0.
    """

    low: Floats
    high: Floats
    middle: Floats
    width: Floats

    def scaled(self, columns: Floats) -> Floats:
        """The points on the axes, (n, d).

        Examples
        --------
        >>> Scaling(low=floats([0]), high=floats([9]), middle=floats([5]), width=floats([2])).scaled(floats([[99]]))
        array([[2.]])
        """
        cut = np.minimum(np.maximum(columns, self.low), self.high) - self.middle
        return floats(np.divide(cut, self.width, out=np.zeros_like(cut), where=self.width > 0))


def scaling(columns: Floats, *, tail: float = 0.01, digits: int = 6) -> Scaling:
    """How to bring columns, (n, d), to one width, with a share ``tail`` cut off at each end, so that no few rule.

    Its figures are rounded to so many digits: then they are the same when they are read back from a table.
    """
    low, high = np.quantile(columns, [tail, 1 - tail], axis=0)
    cut = np.clip(columns, low, high)
    low, high, middle, width = (
        floats(np.round(each, digits)) for each in (low, high, cut.mean(axis=0), cut.std(axis=0))
    )
    return Scaling(low=low, high=high, middle=middle, width=width)


def fit_clusters(points: Floats, k: int, *, rng: np.random.Generator, starts: int = 5) -> Clusters:
    """The k centres with the least spread, from several starts.

    Parameters
    ----------
    points : (n, d), on axes of one width

    Raises
    ------
    UndefinedError
        There are fewer different points than clusters.

    Source
    ------
    Lloyd (1982), IEEE Transactions on Information Theory 28; starts by Arthur & Vassilvitskii (2007), k-means++.
    """
    different = len(np.unique(points, axis=0)) if len(points) <= 10 * k else k
    if len(points) < k or different < k:
        raise UndefinedError(f"{len(points)} points do not make {k} clusters.")
    found = [_settled(points, _start(points, k, rng)) for _ in range(starts)]
    return min(found, key=lambda each: each.spread)


def nearest(points: Floats, centres: Floats) -> Labels:
    """The cluster of each point, (n,): the one whose centre is nearest; of equally near ones the first.

    Examples
    --------
    >>> nearest(floats([[0], [4], [9]]), floats([[1], [8]]))
    array([0, 0, 1])
    """
    return np.asarray(_squares(points, centres).argmin(axis=1), dtype=np.int64)


def silhouette(points: Floats, labels: Labels) -> float:
    """How much nearer points lie to their own cluster than to the next, on average: -1 to 1.

    Source
    ------
    Rousseeuw (1987), Journal of Computational and Applied Mathematics 20.

    Examples
    --------
    >>> round(silhouette(floats([[0], [1], [9], [10]]), np.array([0, 0, 1, 1])), 3)
    0.889
    """
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return 0.0
    apart = np.sqrt(np.maximum(_squares(points, points), 0))
    sums = np.column_stack([apart[:, labels == each].sum(axis=1) for each in kinds])
    sizes = np.array([(labels == each).sum() for each in kinds])
    own = np.searchsorted(kinds, labels)
    rows = np.arange(len(points))
    within = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    beside = means.min(axis=1)
    larger = np.maximum(within, beside)
    each = np.divide(beside - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return float(np.where(sizes[own] > 1, each, 0.0).mean())


def _squares(points: Floats, centres: Floats) -> Floats:
    """Squared distances, (n, k), as differences: products would lose the digits that decide near the border."""
    if len(centres) <= 32:
        return floats(np.stack([((points - each) ** 2).sum(axis=1) for each in centres], axis=1))
    lengths = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)
    return floats(lengths - 2 * points @ centres.T)


def _start(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Points far from each other: each next one by the square of its distance to those taken."""
    taken = [points[rng.integers(len(points))]]
    near = ((points - taken[0]) ** 2).sum(axis=1)
    while len(taken) < k:
        total = near.sum()
        chosen = rng.choice(len(points), p=near / total) if total > 0 else rng.integers(len(points))
        taken.append(points[chosen])
        near = np.minimum(near, ((points - points[chosen]) ** 2).sum(axis=1))
    return floats(np.array(taken))


def _settled(points: Floats, centres: Floats) -> Clusters:
    """The centres when no point changes its cluster any more; one that no point is near goes to the farthest point."""
    k, before = len(centres), None
    squares = _squares(points, centres)
    for _ in range(_STEPS):
        labels = squares.argmin(axis=1)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        sizes = np.bincount(labels, minlength=k)
        sums = np.column_stack([np.bincount(labels, weights=axis, minlength=k) for axis in points.T])
        centres = sums / np.maximum(sizes, 1)[:, None]
        for empty in np.flatnonzero(sizes == 0):
            centres[empty] = points[squares.min(axis=1).argmax()]
        squares = _squares(points, centres)
    return Clusters(centres=floats(centres), spread=float(squares.min(axis=1).sum()))
