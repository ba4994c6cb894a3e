"""What speaks for an item: the items that the same customers bought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from clientela.estimators.arrays import Floats

Ints = NDArray[np.int64]


def bought_together(customer: Ints, item: Ints, customers: int, items: int) -> Floats:
    """How many customers bought each two items; on the diagonal, each one. (items, items).

    Parameters
    ----------
    customer, item : (n,) each
        Who bought what; each pair once, numbers from 0.
    """
    ones = np.ones(len(item))
    bought = csr_matrix((ones, (customer, item)), shape=(customers, items))
    return np.asarray((bought.T @ bought).toarray(), dtype=np.float64)


def affinity(together: Floats, penalty: float, *, most: int) -> Floats:
    """How much each item bought speaks for each other one. (items, items), from the row to the column.

    Of each item only the ``most`` it speaks for most are kept, and none it speaks against.

    Source
    ------
    Steck (2019), Embarrassingly shallow autoencoders for sparse data (EASE), equation (8): the closed form of a
    ridge regression of each item on all others.

    Examples
    --------
    Of three customers who bought item 0 two bought item 1, none bought item 2:

    >>> together = np.array([[3.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 4.0]])
    >>> affinity(together, 1.0, most=2).round(3).tolist()
    [[0.0, 0.5, 0.0], [0.667, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    size = len(together)
    inverse = np.linalg.inv(together + penalty * np.eye(size))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    weights = np.maximum(weights, 0.0)
    if most < size:
        kept = np.argpartition(-weights, most, axis=1)[:, :most]
        thinned = np.zeros_like(weights)
        np.put_along_axis(thinned, kept, np.take_along_axis(weights, kept, axis=1), axis=1)
        return thinned
    return weights


def first_places(customer: Ints, score: Floats, tie: Floats, item: Ints, places: int) -> tuple[Ints, Ints]:
    """The rows on the first places of each customer's list, and their place, from 1.

    Parameters
    ----------
    customer, score, tie, item : (n,) each
        Higher scores first, then higher ties, then the lower item.
    """
    order = np.lexsort((item, -tie, -score, customer))
    ranked = customer[order]
    start = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if ranked.size else np.zeros(0, int)
    length = np.diff(np.append(start, ranked.size))
    place = np.arange(ranked.size) - np.repeat(start, length) + 1
    kept = place <= places
    return order[kept], place[kept]
