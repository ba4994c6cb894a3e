"""How customers move between states from one date to the next, and where that would lead."""

from __future__ import annotations

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats


def transition(moves: Floats, *, prior: float = 1.0) -> Floats:
    """The chances of each state after each, (k, m), rows adding to 1.

    A state is drawn towards what becomes of all customers by as many customers as ``prior``, so that one which was
    hardly ever seen moves as the others do.

    Parameters
    ----------
    moves : (k, m), customers who went from the row's state to the column's; where all states are both, m is k

    Raises
    ------
    UndefinedError
        Nobody was seen twice.

    Source
    ------
    The mean of the Dirichlet distribution after multinomial counts, with the overall shares as its prior.

    Examples
    --------
    >>> transition(floats([[3, 0], [0, 0]]), prior=1.0)
    array([[1., 0.],
           [1., 0.]])
    """
    total = moves.sum()
    if not total > 0:
        raise UndefinedError("nobody was seen at two dates: nothing is known of how customers move.")
    shares = moves.sum(axis=0) / total
    return floats((moves + prior * shares) / (moves.sum(axis=1, keepdims=True) + prior))


def steady_state(chances: Floats) -> Floats:
    """The shares of the states that stay as they are when customers move by these chances, (k,).

    Examples
    --------
    >>> steady_state(floats([[0.9, 0.1], [0.3, 0.7]])).round(2)
    array([0.75, 0.25])
    """
    k = len(chances)
    lazy = (chances + np.eye(k)) / 2  # the same steady state, and no going round in circles
    shares = np.full(k, 1 / k)
    for _ in range(10_000):
        after = shares @ lazy
        if np.abs(after - shares).max() < 1e-12:
            break
        shares = after
    return floats(shares / shares.sum())
