"""What is decided once for each thing by its number, so that it is the same whenever it is sent again."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.streams import stream


def chance_of(seed: int, name: str, numbers: Indices) -> Floats:
    """A number from 0 to 1 for each thing: evenly spread, and always the same for the same thing.

    Source
    ------
    The finaliser of SplitMix64: Steele, Lea & Flood (2014), "Fast Splittable Pseudorandom Number Generators".

    Examples
    --------
    >>> bool((chance_of(1, "x", np.array([7, 8])) == chance_of(1, "x", np.array([8, 7]))[::-1]).all())
    True
    """
    key = stream(seed, "by number", name).integers(0, 1 << 64, dtype=np.uint64)
    mixed = np.asarray(numbers).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + key
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53)
