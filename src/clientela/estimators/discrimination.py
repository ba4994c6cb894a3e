"""How well scores tell those to whom it happened from those to whom it did not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrimination:
    """``auc``: of all pairs, one with the event and one without, the share ranked rightly (a tie counts half).

    ``low`` to ``high`` is its 95 % interval.
    """

    auc: float
    low: float
    high: float

    @property
    def gini(self) -> float:
        """The same from -1 to 1: 0 is chance."""
        return 2 * self.auc - 1


def discrimination(scores: Floats, trials: Floats, events: Floats) -> Discrimination:
    """The area under the ROC curve with its interval.

    Parameters
    ----------
    scores : (n,)
        Higher means the event is more likely.
    trials, events : (n,)
        How many customers have that score, and to how many of them it happened.

    Raises
    ------
    UndefinedError
        There is no event, or nothing but events: no pair to rank.

    Source
    ------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), on counts; the interval is taken on the
    logit, so that it stays between 0 and 1. Where all pairs are ranked rightly (or wrongly) the other
    end is that of Hanley & Lippman-Hand (1983), "three over n", for the smaller of the groups.

    Examples
    --------
    >>> found = discrimination(floats([.1, .4, .35, .8]), floats([1, 1, 1, 1]), floats([0, 0, 1, 1]))
    >>> found.auc
    0.75
    """
    score, n, y = floats(scores), floats(trials), floats(events)
    positives, negatives = float(y.sum()), float((n - y).sum())
    if not (positives > 0 and negatives > 0):
        raise UndefinedError(f"{positives:.0f} with the event and {negatives:.0f} without: there is no pair to rank.")
    values, at = np.unique(score, return_inverse=True)
    with_event = np.bincount(at, y, values.size)
    without = np.bincount(at, n - y, values.size)
    below = np.cumsum(without) - without / 2  # negatives ranked below each value, ties half
    above = positives - np.cumsum(with_event) + with_event / 2
    auc = float((with_event * below).sum() / (positives * negatives))
    spread_with = (with_event * (below / negatives - auc) ** 2).sum() / max(positives - 1, 1)
    spread_without = (without * (above / positives - auc) ** 2).sum() / max(negatives - 1, 1)
    variance = float(spread_with / positives + spread_without / negatives)
    low, high = _on_the_logit(auc, variance, min(positives, negatives))
    return Discrimination(auc=auc, low=low, high=high)


def _on_the_logit(auc: float, variance: float, smaller: float) -> tuple[float, float]:
    if auc in (0.0, 1.0):
        reach = min(1.0, 3 / smaller)
        return (1 - reach, 1.0) if auc == 1.0 else (0.0, reach)
    half = 1.959964 * float(np.sqrt(variance)) / (auc * (1 - auc))
    middle = float(np.log(auc / (1 - auc)))
    return float(1 / (1 + np.exp(half - middle))), float(1 / (1 + np.exp(-half - middle)))
