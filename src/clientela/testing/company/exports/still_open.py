"""What is sent when it begins and again when it ends: invoices until they are paid, cases until they are closed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Generic, TypeVar

import numpy as np

from clientela.estimators.arrays import Floats, Indices

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
        both: Any = begun if self._waiting is None else put_together(self._waiting, begun)
        new = np.arange(len(getattr(both, self._ends))) >= len(getattr(both, self._ends)) - _length(begun)
        ended = getattr(both, self._ends) < now
        self._waiting = taken(both, np.flatnonzero(~ended))
        told: Any = taken(both, np.flatnonzero(new | ended))
        end: Floats = getattr(told, self._ends)
        return replace(told, **{self._ends: np.where(end < now, end, np.inf)})  # type: ignore[no-any-return]


def taken(rows: Any, which: Indices) -> Any:
    """Some rows of a frozen dataclass of arrays; what is no array stays."""
    return replace(rows, **{name: value[which] for name, value in _arrays(rows).items()})


def put_together(one: Any, other: Any) -> Any:
    """The rows of both, one after the other."""
    theirs = _arrays(other)
    return replace(one, **{name: np.concatenate([value, theirs[name]]) for name, value in _arrays(one).items()})


def _length(rows: object) -> int:
    return len(next(iter(_arrays(rows).values())))


def _arrays(rows: Any) -> dict[str, Any]:
    named = {each.name: getattr(rows, each.name) for each in fields(rows)}
    return {name: value for name, value in named.items() if isinstance(value, np.ndarray)}
