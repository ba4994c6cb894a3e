"""The shapes estimators speak in."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]


def floats(values: object) -> Floats:
    """``values`` as an array of numbers.

    Examples
    --------
    >>> floats([1, 2])
    array([1., 2.])
    """
    return np.asarray(values, dtype=np.float64)
