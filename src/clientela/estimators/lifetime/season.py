"""How busy each week of a year is: time as customers live it, in days of a usual week."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from clientela.estimators.arrays import Floats, floats

WEEKS = 52
FEWEST_WEEKS = 2 * WEEKS
"""So long must purchases be known: then each week of the year lies once in the middle of a whole year."""
_MOST_WEEKS = 4 * WEEKS  # a year of 52 weeks is a day too short, so older years speak of other weeks
_WEEK = 7.0
_BLOCKS = (1, 2, 4, 8, 16, WEEKS // 2 + 1)  # swings a year at which each block of waves begins
_BEYOND = 1.5  # times what counting alone gives must a block swing: as few waves as it has may do so by chance
_LEAST = 0.05  # of a usual week: where a season is sharp, the waves that are left of it swing below nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """How busy the weeks of a year are, (52,), in usual weeks, the one that ends at the date first, then those before.

    ``weight``: how much of what was seen is not chance, from 0 (no season is known, all weeks are alike) to 1.
    """

    busy: Floats
    weight: float

    def before(self, days: Floats | float) -> Floats:
        """The usual days in so many days before the date, (n,).

        Examples
        --------
        >>> Season(busy=floats(np.r_[2.0, np.full(51, 50 / 51)]), weight=1.0).before(floats([7, 364])).round(6)
        array([ 14., 364.])
        """
        return self._passed(floats(days), self.busy)

    def after(self, days: Floats | float) -> Floats:
        """The usual days in so many days from the date on, (n,)."""
        return self._passed(floats(days), self.busy[::-1])

    def _passed(self, days: Floats, busy: Floats) -> Floats:
        if not self.weight:
            return days
        ends = _WEEK * np.arange(WEEKS + 1)
        passed = np.concatenate([[0.0], np.cumsum(_WEEK * busy)])
        years, rest = np.divmod(days, ends[-1])
        return floats(years * passed[-1] + np.interp(rest, ends, passed))


FLAT = Season(busy=np.ones(WEEKS), weight=0.0)
"""No season: every week is as busy as the next."""


def season(purchases: Floats) -> Season:
    """How busy the weeks of a year are, from the purchases of each week; none where two years are not known.

    Each week is compared with the mean of the year in whose middle it lies, which holds every season once and
    follows what grows or shrinks, and the same weeks of several years are taken together. What is left is a sum of
    waves, of one swing a year to 26. Counting alone makes all of them as strong as one another, a season the slow ones
    most. So the waves are drawn towards none in blocks, each by one and a half times what counting alone makes of it:
    a few purchases a week show summer and winter, though not yet what a single week is like.

    Parameters
    ----------
    purchases : (weeks,)
        The newest week first.

    Source
    ------
    Macaulay (1931), The Smoothing of Time Series, ratios to a moving average of a year; Efron & Morris (1975), Data
    Analysis Using Stein's Estimator and Its Generalizations, JASA 70, for what draws them together; Cavalier & Tsybakov
    (2001), Penalized blockwise Stein's method, Mathematical Methods of Statistics 10, for doing so in blocks of waves.

    Examples
    --------
    >>> weeks = np.arange(156)
    >>> found = season(floats(1000 + 500 * np.cos(2 * np.pi * weeks / 52)))
    >>> found.busy[[0, 13, 26]].round(2), round(found.weight, 2)
    (array([1.5, 1. , 0.5]), 1.0)
    """
    seen = floats(purchases)[:_MOST_WEEKS]
    if seen.size < FEWEST_WEEKS:
        return FLAT
    year = np.concatenate([[0.5], np.ones(WEEKS - 1), [0.5]]) / WEEKS
    usual = np.convolve(seen, year, "valid")
    half = WEEKS // 2
    place = np.arange(half, half + usual.size) % WEEKS
    came = np.bincount(place, seen[half : half + usual.size], WEEKS)
    expected = np.bincount(place, usual, WEEKS)
    if not (came.any() and expected.all()):
        return FLAT
    ratio = came / expected
    kept, weight = _beyond_chance(ratio / ratio.mean() - 1, float((1 / expected).mean()))
    if not weight:
        return FLAT
    busy = np.maximum(1 + kept, _LEAST)
    return Season(busy=floats(busy / busy.mean()), weight=weight)


def _beyond_chance(swing: Floats, chance: float) -> tuple[Floats, float]:
    """What is left of a swing around 0, (52,), and which part of its variance that is.

    Parameters
    ----------
    chance : the variance that counting alone gives each week
    """
    waves = np.fft.rfft(swing)
    power = np.abs(waves) ** 2
    kept = np.zeros(power.size)
    for first, end in pairwise(_BLOCKS):
        seen, counting = float(power[first:end].sum()), (end - first) * WEEKS * chance
        kept[first:end] = max(0.0, 1 - _BEYOND * counting / seen) if seen > 0 else 0.0
    whole = float(power[1:].sum())
    return floats(np.fft.irfft(kept * waves, WEEKS)), float(kept @ power) / whole if whole > 0 else 0.0
