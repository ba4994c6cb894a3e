"""After how many months customers have paid back what winning them cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

FEWEST = 20
"""So many customers must have been seen through a month; what fewer brought says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payback:
    """What a customer cost and brought, and when the one made good for the other.

    ``cost`` and ``brought`` are means of a customer, ``brought`` over the ``seen`` months that enough customers were
    seen through. ``months``: after so many it was paid back; ``earliest`` and ``latest``: within the range; None
    where that has not been seen.
    """

    customers: int
    cost: float
    brought: float
    seen: int
    months: int | None
    earliest: int | None
    latest: int | None


def payback(margin: Floats, through: Floats, customers: Floats, cost: Floats, *, level: float = 0.8) -> Payback:
    """When customers paid back what winning them cost, with its range.

    What a customer brings up to a month is the sum, over the months so far, of what those brought who were seen through
    that month, each divided by how many they were: so customers who came lately count as long as they were seen. The
    range follows from leaving out one part of the customers after the other.

    Parameters
    ----------
    margin : (parts, months)
        What the customers of each part, into which chance put them, brought in each month after their first purchase,
        of those that were seen through it.
    through : (parts, months)
        How many were seen through it.
    customers, cost : (parts,)
        How many they are in all, and what winning them cost.

    Raises
    ------
    UndefinedError
        There are less than two parts, or no customers.

    Source
    ------
    Nelson (2003), Recurrent Events Data Analysis, the mean cumulative function; Kott (2001), The Delete-a-Group
    Jackknife, Journal of Official Statistics 17, for its variance.

    Examples
    --------
    Each of 40 customers cost 25 and brings 10 a month:

    >>> found = payback(np.full((4, 6), 100.0), np.full((4, 6), 10.0), np.full(4, 10.0), np.full(4, 250.0))
    >>> found.months, found.earliest, found.latest, found.brought
    (3, 3, 3, 60.0)
    """
    parts = customers.size
    if parts < 2 or not customers.sum():
        raise UndefinedError(f"{parts} parts of {customers.sum():g} customers; it takes two parts and a customer.")
    known = int(np.argmin(np.append(through.sum(0) >= FEWEST, False)))
    whole = _net(margin[:, :known].sum(0), through[:, :known].sum(0), customers.sum(), cost.sum())
    without = np.array(
        [
            _net(
                margin[:, :known].sum(0) - margin[part, :known], through[:, :known].sum(0) - through[part, :known],
                customers.sum() - customers[part], cost.sum() - cost[part],
            )
            for part in np.flatnonzero(customers)
        ]
    )  # fmt: skip
    groups = len(without)
    variance = (groups - 1) / groups * ((without - whole) ** 2).sum(0) if groups > 1 else np.full(known, np.inf)
    half = float(stdtrit(max(groups - 1, 1), (1 + level) / 2)) * np.sqrt(variance)
    each = float(cost.sum() / customers.sum())
    return Payback(
        customers=round(float(customers.sum())),
        cost=each,
        brought=float(whole[-1]) + each if known else 0.0,
        seen=known,
        months=_first(whole),
        earliest=_first(whole + half),
        latest=_first(whole - half),
    )


def _net(margin: Floats, through: Floats, customers: float, cost: float) -> Floats:
    """What a customer brought up to the end of each month, less what winning one cost."""
    each = np.divide(margin, through, out=np.zeros(margin.shape), where=through > 0)
    return floats(np.cumsum(each) - (cost / customers if customers else 0.0))


def _first(net: Floats) -> int | None:
    """The first month at whose end nothing is owed any more, from 1; half a cent is rounding."""
    paid = np.flatnonzero(net >= -0.005)
    return int(paid[0]) + 1 if paid.size else None
