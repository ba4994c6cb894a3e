"""Why somebody has the chance of leaving that they have: what weighs most, and what it moves.

Which reasons are named is told by what each adds to the log-odds: Shapley's values where trees serve, the coefficient
times the distance to the mean where regressions do. What a reason *moves* is not estimated but tried: the chance, less
the chance of the same history with only this at the median of all customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.churn.candidates import Learned, Moment, chances_of, inputs
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.trees.boosted import contributions

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{name: (name,) for name in ("silence", "visits", "late", "gap", "purchases", "age")},
        "pattern": ("log_silent", "log_active"),
    }
)
"""Each reason and what it is made of: the two ends of the purchase model's chance are one reason."""
NAMED = 3
LEAST_MOVE = 0.005  # of the chance: half a point is nothing to speak of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The reasons of each history, the weightiest first, (n, 3); None and nan where there are fewer."""

    names: NDArray[np.object_]
    moves: Floats


def reasons(learned: Learned, at: Moment, horizon_days: int) -> Reasons:
    """The up to three reasons of each history at a moment, of those that push the chance the way that they move it."""
    seen = inputs(learned, at, horizon_days)
    groups = {name: members for name in GROUPS if (members := _of(GROUPS[name], seen))}
    middle = medians(seen, at.customers)
    weights = _weights(learned, seen, at.customers)
    told = np.column_stack([sum((weights[each] for each in members), np.zeros(1)) for members in groups.values()])
    moved = np.column_stack([moves(learned, seen, middle, members) for members in groups.values()])
    heavy = np.where((np.abs(moved) >= LEAST_MOVE) & (np.sign(moved) == np.sign(told)), np.abs(told), -1.0)
    order = np.argsort(-heavy, axis=1, kind="stable")[:, :NAMED]
    there = np.take_along_axis(heavy, order, 1) > 0
    names = np.array([*groups], dtype=object)[order]
    names[~there] = None
    found = Reasons(names=names, moves=np.where(there, np.take_along_axis(moved, order, 1), np.nan))
    return _widened(found)


def no_reasons(histories: int) -> Reasons:
    """None, of so many histories."""
    return Reasons(names=np.full((histories, NAMED), None), moves=np.full((histories, NAMED), np.nan))


def medians(seen: Mapping[str, Floats], customers: Floats) -> dict[str, float]:
    """What half of the customers do not exceed, of each thing that was seen."""
    found = {}
    for name, values in seen.items():
        order = np.argsort(values, kind="stable")
        upto = np.cumsum(customers[order])
        found[name] = float(values[order][np.searchsorted(upto, upto[-1] / 2)])
    return found


def moves(
    learned: Learned, seen: Mapping[str, Floats], middle: Mapping[str, float], members: tuple[str, ...]
) -> Floats:
    """The chance, less the chance of the same histories with ``members`` at the median, (n,)."""
    changed = {**seen, **{name: np.full_like(seen[name], middle[name]) for name in members}}
    return floats(chances_of(learned, seen)[0] - chances_of(learned, changed)[0])


def _of(members: tuple[str, ...], seen: Mapping[str, Floats]) -> tuple[str, ...]:
    return tuple(name for name in members if name in seen)


def _weights(learned: Learned, seen: Mapping[str, Floats], customers: Floats) -> dict[str, Floats]:
    """What each thing adds to the log-odds of each history, against all customers; exactly."""
    found = {name: np.zeros_like(values) for name, values in seen.items()}
    if learned.boosted is not None:
        slope = float(learned.parts[0][1].slopes[0])
        each = contributions(learned.boosted, np.column_stack([seen[name] for name in learned.inputs]))
        return {name: floats(slope * each[:, place]) for place, name in enumerate(learned.inputs)}
    for names, fit in learned.parts:
        for name, slope in zip(names, fit.slopes, strict=True):
            mean = float(seen[name] @ customers / customers.sum())
            found[name] = found[name] + slope * (seen[name] - mean) / len(learned.parts)
    return found


def _widened(found: Reasons) -> Reasons:
    """With as many columns as there are places, where a method looks at fewer things."""
    lacking = NAMED - found.names.shape[1]
    if lacking <= 0:
        return found
    rows = len(found.names)
    return Reasons(
        names=np.hstack([found.names, np.full((rows, lacking), None)]),
        moves=np.hstack([found.moves, np.full((rows, lacking), np.nan)]),
    )
