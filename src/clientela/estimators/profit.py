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
from clientela.estimators.arrays import Floats, Indices, floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """``expected``: the expected maximum profit a customer of the base; ``fraction``: of them to contact for it.

    ``by_leaver``, ``by_stayer``: what each kind of customer adds to it where they leave and where they stay, (n,).
    """

    expected: float
    fraction: float
    by_leaver: Floats
    by_stayer: Floats


def expected_maximum_profit(
    chance: Floats, left: Floats, trials: Floats | None = None, *, value: float = 200.0, offer: float = 10.0,
    contact: float = 1.0, accepting: tuple[float, float] = (6.0, 14.0),
) -> Profit:  # fmt: skip
    """The expected maximum profit of a ranking, and the share of customers to contact.

    Parameters
    ----------
    chance, left : (n,)
        What was said of each customer, and whether it left (1) or not (0). Ties are one step.
    trials : (n,), optional
        How many customers were told that, of whom ``left`` left; 1 if left out.
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
    stay = (np.ones(y.shape) if trials is None else floats(trials)) - y
    leavers, stayers = float(y.sum()), float(stay.sum())
    if not leavers or not stayers:
        raise UndefinedError("the profit of a ranking needs customers who left and customers who stayed.")
    if offer >= value:
        raise UndefinedError(f"an offer of {offer} costs as much as a customer is worth, {value}: it cannot pay.")
    share = leavers / (leavers + stayers)
    block, at_true, at_false = _hull(floats(chance), y, stay)
    # profit(γ) = gain(γ)·F0·π0 − loss·F1·π1, with gain = value·(γ(1−δ)−φ), loss = value·(δ+φ); linear in γ
    delta, phi = offer / value, contact / value
    rise = value * (1 - delta) * share * at_true
    base = -value * phi * share * at_true - value * (delta + phi) * (1 - share) * at_false
    steps = np.diff(rise)
    cuts = np.clip(-np.diff(base) / np.where(steps > 0, steps, np.inf), 0.0, 1.0)
    reached_from = np.maximum.accumulate(np.where(steps > 0, cuts, 1.0))  # the γ from which a block is contacted
    alpha, beta = accepting
    mass = 1 - betainc(alpha, beta, reached_from)
    first = (1 - betainc(alpha + 1, beta, reached_from)) * alpha / (alpha + beta)  # ∫ γ from there on
    gained, lost = value * ((1 - delta) * first - phi * mass), -value * (delta + phi) * mass
    true, false = share * np.diff(at_true), (1 - share) * np.diff(at_false)
    return Profit(
        expected=float(true @ gained + false @ lost),
        fraction=float((true + false) @ mass),
        by_leaver=floats(gained[block]),
        by_stayer=floats(lost[block]),
    )


def as_good(best: Profit, other: Profit, trials: Floats, left: Floats) -> bool:
    """Whether chance alone may make the difference: it is no larger than its standard error over the same customers.

    The cut-offs count as given: moving them changes the profit by nothing, where it is greatest.

    Parameters
    ----------
    trials, left : (n,)
        Of each kind of customer, as the two were measured.

    Source
    ------
    The rule of one standard error: Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees.

    Examples
    --------
    >>> left = floats(np.arange(40) % 4 == 0)
    >>> right, wrong = (expected_maximum_profit(each, left) for each in (left, -left))
    >>> as_good(right, right, np.ones(40), left), as_good(right, wrong, np.ones(40), left)
    (True, False)
    """
    n, y = floats(trials), floats(left)
    leaving, staying = best.by_leaver - other.by_leaver, best.by_stayer - other.by_stayer
    mean = float((y @ leaving + (n - y) @ staying) / n.sum())
    squares = float((y @ leaving**2 + (n - y) @ staying**2) / n.sum())
    return best.expected - other.expected <= float(np.sqrt(max(squares - mean**2, 0.0) / n.sum()))


def _hull(chance: Floats, gone: Floats, here: Floats) -> tuple[Indices, Floats, Floats]:
    """The convex hull of the ROC curve: which side of it each row lies on; leavers and stayers reached at its corners.

    Its sides are the blocks that isotonic regression of the outcome on the rank makes.

    Source
    ------
    Fawcett & Niculescu-Mizil (2007), PAV and the ROC Convex Hull, Machine Learning 68(1).
    """
    from scipy.optimize import isotonic_regression  # slow to load, and who only asks does not need it

    kinds, place = np.unique(-chance, return_inverse=True)
    gone, here = (floats(np.bincount(place, each, kinds.size)) for each in (gone, here))
    there = np.flatnonzero(gone + here > 0)
    shares = gone[there] / (gone + here)[there]
    blocks = np.asarray(isotonic_regression(shares, weights=(gone + here)[there], increasing=False).blocks)
    ends = there[blocks[1:] - 1]  # the last kind of each block
    corners = [np.concatenate([[0.0], np.cumsum(each)[ends] / each.sum()]) for each in (gone, here)]
    side = np.minimum(np.searchsorted(ends, place), len(ends) - 1)
    return side, floats(corners[0]), floats(corners[1])
