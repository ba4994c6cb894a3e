"""How busy each week is, in usual weeks."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats
from clientela.testing.company.world import World

_YEAR = 365.25 / 7  # weeks


def busyness(world: World, weeks: int | None = None) -> Floats:
    """How many times as much is bought in each week as in a usual one.

    Parameters
    ----------
    weeks : how many from the world's first; all of the world's when not given.

    Returns
    -------
    (weeks,), in usual weeks; 1 where the world has no season
    """
    number = np.arange(world.weeks if weeks is None else weeks)
    day = np.datetime64(world.begins) + 7 * number + 3  # a week counts where its Thursday lies
    of_year = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64) / 7
    wave = 1 + world.season * np.cos(2 * np.pi * (of_year - 21) / _YEAR)  # the top is in late May
    before_christmas = (of_year >= 47) & (of_year < 51)
    shocked = (number >= world.shock_begins) & (number < world.shock_begins + world.shock_weeks)
    busy = wave * (1 + world.december * before_christmas) * (1 - world.shock * shocked)
    return np.asarray(busy.round(9))  # the last digits of a cosine are not the same on every processor
