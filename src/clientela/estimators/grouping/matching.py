"""Which cluster of one fit is which of another."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats


def matched(now: Floats, before: Floats, *, farthest: float) -> dict[int, int]:
    """For each centre of one fit the one of another that it is, by the least sum of distances; far ones are none.

    Parameters
    ----------
    now, before : (k, d) and (j, d), on the same axes
    farthest : a centre that lies farther from the one it would be is a new one

    Source
    ------
    Kuhn (1955), The Hungarian method for the assignment problem.

    Examples
    --------
    >>> matched(np.array([[5.0], [0.0]]), np.array([[0.1], [4.9], [9.0]]), farthest=1.0)
    {0: 1, 1: 0}
    """
    from scipy.optimize import linear_sum_assignment

    apart = np.sqrt(((now[:, None, :] - before[None, :, :]) ** 2).sum(axis=2))
    rows, columns = linear_sum_assignment(apart)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if apart[row, column] <= farthest}
