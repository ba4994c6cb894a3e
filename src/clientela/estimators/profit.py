"""EMPC: what a ranking by the chance of leaving earns when the best share of customers is contacted.

A contact costs f, an accepted offer d, a customer kept is worth ``value``; how many accept is not known
beforehand: a Beta(α, β). For each rate of acceptance the best cut-off is taken.

Source
------
Verbraken, Verbeke & Baesens (2013), A Novel Profit Maximizing Metric for Measuring Classification
Performance of Customer Churn Prediction Models, IEEE TKDE 25(5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """``expected``: the expected maximum profit a customer of the base; ``fraction``: of them to contact for it."""

    expected: float
    fraction: float


def expected_maximum_profit(
    chance: Floats, left: Floats, *, value: float = 200.0, offer: float = 10.0, contact: float = 1.0,
    accepting: tuple[float, float] = (6.0, 14.0),
) -> Profit:  # fmt: skip
    """The expected maximum profit of a ranking, and the share of customers to contact.

    Parameters
    ----------
    chance, left : (n,)
        What was said of each customer, and whether it left (1) or not (0). Ties are one step.
    value, offer, contact :
        Worth of a customer kept, cost of an offer and of a contact, in one unit of money; the published defaults.
    accepting :
        α and β of the share of leavers who accept the offer.

    Raises
    ------
    UndefinedError
        Nobody left or nobody stayed; or the offer costs as much as a customer is worth.

    Source
    ------
    Equations (13) to (15); the cut-offs that are best for some share lie on the convex hull of the ROC curve.

    Examples
    --------
    A ranking that says nothing, where one in ten leaves: contacting nobody is best.

    >>> found = expected_maximum_profit(np.full(100, 0.5), (np.arange(100) < 10) * 1.0)
    >>> found.fraction < 0.5
    True
    """
    y = floats(left)
    leavers, stayers = float(y.sum()), float((1 - y).sum())
    if not leavers or not stayers:
        raise UndefinedError("the profit of a ranking needs customers who left and customers who stayed.")
    if offer >= value:
        raise UndefinedError(f"an offer of {offer} costs as much as a customer is worth, {value}: it cannot pay.")
    share = leavers / (leavers + stayers)
    at_true, at_false = _hull(floats(chance), y)
    # profit(γ) = gain(γ)·F0·π0 − loss·F1·π1, with gain = value·(γ(1−δ)−φ), loss = value·(δ+φ); linear in γ
    delta, phi = offer / value, contact / value
    rise = value * (1 - delta) * share * at_true
    base = -value * phi * share * at_true - value * (delta + phi) * (1 - share) * at_false
    steps = np.diff(rise)
    cuts = np.clip(-np.diff(base) / np.where(steps > 0, steps, np.inf), 0.0, 1.0)
    cuts = np.where(steps > 0, cuts, 1.0)
    edges = np.concatenate([[0.0], np.maximum.accumulate(cuts), [1.0]])
    alpha, beta = accepting
    mass = np.diff(betainc(alpha, beta, edges))
    first = np.diff(betainc(alpha + 1, beta, edges)) * alpha / (alpha + beta)  # ∫ γ over each stretch
    contacted = share * at_true + (1 - share) * at_false
    return Profit(expected=float(rise @ first + base @ mass), fraction=float(contacted @ mass))


def _hull(chance: Floats, left: Floats) -> tuple[Floats, Floats]:
    """The convex hull of the ROC curve: share of leavers and of stayers reached, from none to all."""
    kinds, place = np.unique(-chance, return_inverse=True)
    gone = np.bincount(place, left, kinds.size)
    here = np.bincount(place, 1 - left, kinds.size)
    points = np.column_stack([np.cumsum(here) / here.sum(), np.cumsum(gone) / gone.sum()])
    hull: list[tuple[float, float]] = [(0.0, 0.0)]
    for x, y in points.tolist():
        while len(hull) > 1 and _right_of(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    false, true = np.array(hull).T
    return floats(true), floats(false)


def _right_of(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Whether the way first → middle → last bends up or runs straight, so that the middle is not on the hull."""
    (ax, ay), (bx, by), (cx, cy) = first, middle, last
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) >= 0
