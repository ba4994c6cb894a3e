"""Moments of a world as its systems write them: in the company's zone, in another, as a date."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.world import World

_WEEK = 7 * 86_400  # seconds


def instants(world: World, at: Floats) -> pa.Array:
    """Moments as instants, to the second.

    Parameters
    ----------
    at : (n,), in weeks from midnight of the world's first day, by the clock on the wall in its zone

    Notes
    -----
    Where the clock skips an hour a moment in it is its end; where it repeats one, it lies in the first.
    """
    wall = np.datetime64(world.begins, "s") + np.floor(at * _WEEK).astype("timedelta64[s]")
    return pc.assume_timezone(
        pa.array(wall.astype("datetime64[us]")), world.timezone, ambiguous="earliest", nonexistent="latest"
    )


def written(moments: pa.Array, form: str, zone: str) -> pa.Array:
    """Instants as texts in a form of strftime, by the clock of a zone."""
    return pc.strftime(moments.cast(pa.timestamp("s", tz=zone)), format=form)


def days(world: World, day: Indices, form: str) -> pa.Array:
    """Days counted from the world's first, as texts."""
    dates = np.datetime64(world.begins, "D") + np.asarray(day).astype("timedelta64[D]")
    return pc.strftime(pa.array(dates), format=form)
