"""How steady clusters are: whether they come back when the customers are drawn anew."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.grouping.clusters import Clusters, fit_clusters, nearest

NOT_TRUSTED, VALID = 0.6, 0.75
"""Below the first a cluster is not to be trusted, from the second on it is valid (Hennig 2007)."""


def stability(points: Floats, found: Clusters, *, rng: np.random.Generator, draws: int = 15) -> Floats:
    """How well each cluster comes back when the points are drawn anew, (k,): the mean of Jaccard's likeness, 0 to 1.

    In each draw, with replacement, the clusters are found again; a cluster's likeness is that of its points in the
    draw to the cluster there that is most like it.

    Source
    ------
    Hennig (2007), Computational Statistics & Data Analysis 52, cluster-wise assessment by the bootstrap.
    """
    k = len(found.centres)
    labels = nearest(points, found.centres)
    alike = np.zeros((draws, k))
    for draw in range(draws):
        rows = np.unique(rng.integers(len(points), size=len(points)), return_counts=False)
        drawn = points[rows]
        again = nearest(drawn, fit_clusters(drawn, k, rng=rng, starts=2).centres)
        both = np.zeros((k, k))
        np.add.at(both, (labels[rows], again), 1)
        either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
        alike[draw] = np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1)
    return floats(alike.mean(axis=0))
