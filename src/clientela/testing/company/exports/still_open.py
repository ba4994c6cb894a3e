"""What is sent when it begins and again when it ends: invoices until they are paid, cases until they are closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np

from clientela.estimators.arrays import Floats
from clientela.testing.company.rows import put_together, taken

T = TypeVar("T")


class StillOpen(Generic[T]):
    """Rows of a frozen dataclass of arrays that wait for their end.

    Parameters
    ----------
    ends : the field that holds the end, in the unit of the moments that `sent` is asked with; infinite for never
    """

    def __init__(self, ends: str) -> None:
        self._ends = ends
        self._waiting: Any = None

    def sent(self, begun: T, now: float) -> T:
        """What is sent now: what has begun, and what has ended since; an end that is still to come reads infinite."""
        both: Any = begun if self._waiting is None else put_together([self._waiting, begun])
        new = np.arange(len(getattr(both, self._ends))) >= len(getattr(both, self._ends)) - len(
            getattr(begun, self._ends)
        )
        ended = getattr(both, self._ends) < now
        self._waiting = taken(both, np.flatnonzero(~ended))
        told: Any = taken(both, np.flatnonzero(new | ended))
        end: Floats = getattr(told, self._ends)
        return replace(told, **{self._ends: np.where(end < now, end, np.inf)})  # type: ignore[no-any-return] # of its type
