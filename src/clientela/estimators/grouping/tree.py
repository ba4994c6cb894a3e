"""A small tree of questions that says in which cluster somebody is, to explain what the clusters are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats
from clientela.estimators.grouping.clusters import Labels


@dataclass(frozen=True, slots=True)
class Test:
    """A question of a path: whether column ``column`` is at most ``limit`` (or, if not ``at_most``, above it)."""

    column: int
    limit: float
    at_most: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """Who answers the questions of ``path`` so: ``size`` points, ``right`` of them in the cluster ``label``."""

    path: tuple[Test, ...]
    label: int
    size: int
    right: int


def grown(columns: Floats, labels: Labels, *, depth: int = 3, smallest: int = 1) -> tuple[Leaf, ...]:
    """The leaves of the tree whose questions tell the labels apart best, one after the other.

    Parameters
    ----------
    columns : (n, d), in their own units
    labels : (n,), from 0
    smallest : points a leaf has at least

    Source
    ------
    Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees: the least Gini impurity.

    Examples
    --------
    >>> [(leaf.path[0].limit, leaf.label) for leaf in grown(np.array([[1.0], [2.0], [8.0]]), np.array([0, 0, 1]))]
    [(5.0, 0), (5.0, 1)]
    """
    return tuple(_grown(columns, labels, np.arange(len(labels)), (), depth, smallest))


def fidelity(leaves: Sequence[Leaf]) -> float:
    """The share of points that the tree puts in their own cluster."""
    return sum(leaf.right for leaf in leaves) / max(sum(leaf.size for leaf in leaves), 1)


def _grown(
    columns: Floats, labels: Labels, rows: NDArray[np.int64], path: tuple[Test, ...], depth: int, smallest: int
) -> list[Leaf]:
    counts = np.bincount(labels[rows])
    here = Leaf(path, int(counts.argmax()), len(rows), int(counts.max()))
    if depth == 0 or here.right == here.size:
        return [here]
    split = _split(columns[rows], labels[rows], smallest)
    if split is None:
        return [here]
    column, limit = split
    below = columns[rows, column] <= limit
    return [
        *_grown(columns, labels, rows[below], (*path, Test(column, limit, True)), depth - 1, smallest),
        *_grown(columns, labels, rows[~below], (*path, Test(column, limit, False)), depth - 1, smallest),
    ]


def _split(columns: Floats, labels: Labels, smallest: int) -> tuple[int, float] | None:
    """The column and limit that leave the least impurity; None where none leaves less than there is."""
    n, kinds = len(labels), np.eye(int(labels.max()) + 1)[labels]
    whole = kinds.sum(axis=0)
    least, best = n - (whole**2).sum() / n - 1e-9, None
    for column in range(columns.shape[1]):
        order = np.argsort(columns[:, column], kind="stable")
        values = columns[order, column]
        left = np.cumsum(kinds[order], axis=0)[:-1]
        sizes = np.arange(1, n)
        may = (values[1:] > values[:-1]) & (sizes >= smallest) & (n - sizes >= smallest)
        if not may.any():
            continue
        right = whole - left
        impurity = n - (left**2).sum(axis=1) / sizes - (right**2).sum(axis=1) / (n - sizes)
        impurity[~may] = np.inf
        at = int(impurity.argmin())
        if impurity[at] < least:
            least, best = float(impurity[at]), (column, float((values[at] + values[at + 1]) / 2))
    return best
