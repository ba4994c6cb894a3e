"""Rules from counted sets of items: who has the left also has the right, and what chance alone would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats
from clientela.estimators.association.chance import upper_tail

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """Counted sets of one size. ``items``: (n, size), ascending in each row; ``count``: (n,) baskets that hold them."""

    items: Ints
    count: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Rules of one size. ``place``: which set each is made of; ``left``: (n, size - 1); the rest: (n,) each.

    ``chance``: the probability that baskets drawn at random hold the right with the left at least as often: not only
    among all baskets, but also among those that hold all of the left but one item. So an item that adds nothing to a
    shorter rule makes no rule of its own.
    """

    place: Ints
    left: Ints
    right: Ints
    both: Ints
    left_count: Ints
    right_count: Ints
    chance: Floats

    @property
    def confidence(self) -> Floats:
        """The share of the baskets with the left that hold the right too."""
        return self.both / self.left_count


class Counts:
    """The count of any set among those given, found by its items."""

    def __init__(self, sets: Mapping[int, Sets], baskets: int) -> None:
        self._baskets = baskets
        self._base = 1 + max((int(each.items.max(initial=0)) for each in sets.values()), default=0)
        self._keys: dict[int, Ints] = {}
        self._order: dict[int, Ints] = {}
        self._count = {size: each.count for size, each in sets.items()}
        for size in sorted(sets):
            keys = self._key(sets[size].items)
            self._order[size] = np.argsort(keys, kind="stable")
            self._keys[size] = keys[self._order[size]]

    def of(self, items: Ints) -> Ints:
        """How many baskets hold each of the sets; (n, size), ascending in each row. No items: all baskets."""
        if items.shape[1] == 0:
            return np.full(len(items), self._baskets, dtype=np.int64)
        return self._count[items.shape[1]][self._place(items)]

    def _place(self, items: Ints) -> Ints:
        size = items.shape[1]
        return self._order[size][np.searchsorted(self._keys[size], self._key(items))]

    def _key(self, items: Ints) -> Ints:
        """A set as one number: the place of all its items but the last, and the last."""
        if items.shape[1] == 1:
            return items[:, 0].astype(np.int64)
        return self._place(items[:, :-1]) * self._base + items[:, -1]


def rules(sets: Mapping[int, Sets], baskets: int, *, support: float, confidence: float) -> list[Rules]:
    """Every rule with one item on the right whose support and confidence reach the thresholds, by size.

    Parameters
    ----------
    sets : by size, from 1; every part of a set is among them
    baskets : how many there are in all
    support, confidence : shares, from 0 to 1

    Source
    ------
    Agrawal & Srikant (1994), Fast algorithms for mining association rules; Webb (2007), Discovering significant
    patterns, for what an item adds to a shorter rule.

    Examples
    --------
    Of 10 baskets 4 hold item 1, 5 hold item 2, 4 both:

    >>> one = Sets(items=np.array([[1], [2]]), count=np.array([4, 5]))
    >>> two = Sets(items=np.array([[1, 2]]), count=np.array([4]))
    >>> found = rules({1: one, 2: two}, 10, support=0.1, confidence=0.9)[0]
    >>> found.left.tolist(), found.right.tolist(), found.chance.round(4).tolist()
    ([[1]], [2], [0.0238])
    """
    counts = Counts(sets, baskets)
    return [_of_size(sets[size], counts, baskets, support, confidence) for size in sorted(sets) if size > 1]


def possible_rules(sets: Mapping[int, Sets]) -> int:
    """How many rules could have been found: each left side with every other frequent item, seen together or not.

    Examples
    --------
    >>> one = Sets(items=np.array([[1], [2], [3]]), count=np.array([9, 9, 9]))
    >>> possible_rules({1: one})
    6
    """
    items = len(sets[1].count) if 1 in sets else 0
    deepest = max(sets, default=0)
    return sum(len(sets[size].count) * max(items - size, 0) for size in sets if size < max(deepest, 2))


def _of_size(given: Sets, counts: Counts, baskets: int, support: float, confidence: float) -> Rules:
    size = given.items.shape[1]
    parts = []
    for place in range(size):
        left = np.delete(given.items, place, axis=1)
        left_count = counts.of(left)
        enough = (given.count >= support * baskets - 1e-9) & (given.count >= confidence * left_count - 1e-9)
        kept = np.flatnonzero(enough)
        parts.append((kept, left[kept], given.items[kept, place], given.count[kept], left_count[kept]))
    which, left, right, both, left_count = (np.concatenate([each[number] for each in parts]) for number in range(5))
    return Rules(
        place=which,
        left=left,
        right=right,
        both=both,
        left_count=left_count,
        right_count=counts.of(right[:, None]),
        chance=_chance(counts, left, right, both, left_count),
    )


def _chance(counts: Counts, left: Ints, right: Ints, both: Ints, left_count: Ints) -> Floats:
    """The largest of the probabilities against each left side that is one item shorter."""
    against = []
    for drop in range(left.shape[1]):
        shorter = np.delete(left, drop, axis=1)
        with_right = np.sort(np.column_stack([shorter, right]), axis=1)
        against.append(upper_tail(both, among=counts.of(shorter), drawn=left_count, marked=counts.of(with_right)))
    if left.shape[1] > 1:
        everyone = counts.of(left[:, :0])
        against.append(upper_tail(both, among=everyone, drawn=left_count, marked=counts.of(right[:, None])))
    return reduce(np.maximum, against)


def by_size(size: Sequence[int] | Ints, items: Ints, count: Ints) -> dict[int, Sets]:
    """Counted sets of any size, padded with 0 on the right, by their size."""
    sizes = np.asarray(size)
    return {
        int(each): Sets(items=items[sizes == each, :each], count=count[sizes == each])
        for each in np.unique(sizes)
        if each
    }
