"""How long one waits for what comes at one's own pace: each wait counted in the own usual wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The share still waiting, ``waiting``, after each of the lengths ``after``, which rise, (n,) each."""

    after: Floats
    waiting: Floats

    def quantile(self, begun: Floats, share: float) -> Floats:
        """By when that share of those who have waited so long already will have waited no more; inf: never seen.

        Parameters
        ----------
        begun : (m,), how long they have waited, at least
        """
        place = np.searchsorted(self.after, begun, side="right") - 1
        now = np.where(place >= 0, self.waiting[np.maximum(place, 0)], 1.0)
        at = np.searchsorted(-self.waiting, -(now * (1 - share)), side="left")
        known = (at < len(self.after)) & (now > 0)
        return floats(np.where(known, self.after[np.minimum(at, len(self.after) - 1)], np.inf))


def usual_wait(waits: Floats, total: Floats, *, weight: float, everybodys: float) -> Floats:
    """The usual wait of each, (n,): the own mean, drawn towards everybody's by as many waits as ``weight``.

    Examples
    --------
    >>> usual_wait(floats([1, 9]), floats([10, 90]), weight=1.0, everybodys=30.0)
    array([20., 12.])
    """
    return floats((total + weight * everybodys) / (waits + weight))


def fit_waits(begun: Floats, ended: Floats, happened: Floats, weights: Floats, *, fewest: float = 0.0) -> Waits:
    """The share still waiting, from waits that were under way when first seen and some of which never ended.

    Parameters
    ----------
    begun, ended : (n,), when each was first and last seen; ``happened``: 1 where it then ended, 0 where it went on
    weights : (n,), how many each stands for
    fewest : so many must have been under way once; before that nothing is learned. Of waits first seen late, hardly any
        is under way early: the first that ends while it is the only one would end all.

    Raises
    ------
    UndefinedError
        None ended.

    Source
    ------
    Kaplan & Meier (1958), JASA 53, with delayed entry as in Klein & Moeschberger (2003), section 4.6; for ``fewest``,
    Lai & Ying (1991), Annals of Statistics 19(1).

    Examples
    --------
    >>> fit_waits(floats([0, 0, 0, 1]), floats([1, 2, 3, 4]), floats([1, 0, 1, 1]), floats([1, 1, 1, 1])).waiting
    array([0.66666667, 0.33333333, 0.        ])

    One seen early and ten seen late; with one alone, nobody would wait for longer than it did:

    >>> begun, ended = floats([0, *[2] * 10]), floats([1, *range(3, 13)])
    >>> some = np.ones(11)
    >>> [fit_waits(begun, ended, some, some, fewest=each).waiting[:3].round(2).tolist() for each in (0, 5)]
    [[0.0, 0.0, 0.0], [1.0, 0.9, 0.8]]
    """
    over = happened > 0
    if not over.any():
        raise UndefinedError("no wait ended: nothing is known of how long one waits.")
    after, at = np.unique(ended[over], return_inverse=True)
    events = np.bincount(at, weights=weights[over], minlength=len(after))
    in_by = _up_to(begun, weights, after, before=True)
    out_by = _up_to(ended, weights, after, before=True)
    under_way = np.maximum(in_by - out_by, events)
    there = np.maximum.accumulate(under_way) >= min(fewest, float(under_way.max()))
    return Waits(after=floats(after), waiting=floats(np.cumprod(np.where(there, 1 - events / under_way, 1.0))))


def _up_to(values: Floats, weights: Floats, limits: Floats, *, before: bool) -> Floats:
    """How much weight lies before each limit (or up to it)."""
    order = np.argsort(values, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weights[order])])
    return floats(sums[np.searchsorted(values[order], limits, side="left" if before else "right")])
