"""Joining under constraints: two records that a person kept apart, or that are surely of two, never meet, and no
customer grows too large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.unify.clusters.forest import Bools, Floats, Ints

PERSON, RULE, MODEL = 0, 1, 2  # who or what joins two records, the stronger first
BY_PERSON, BY_SIZE, BY_THIRD = 0, 1, 2  # why two were kept apart: a person, the limit of size, a third record

NONE: Ints = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of records that may be joined, no pair twice, the strongest first; ``left`` is the older record.

    ``by`` is PERSON, RULE or MODEL; ``likely``: the model alone would join them.
    """

    left: Ints
    right: Ints
    by: NDArray[np.int8]
    weight: Floats
    likely: Bools

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What came of pairs: ``taken`` hold the customers together, each joined ``by``; ``refused`` stay apart."""

    taken: Ints
    by: NDArray[np.int8]
    refused: Ints
    reason: NDArray[np.int8]


def join(count: int, pairs: Pairs, parted: Ints, *, largest: int, two: Ints = NONE) -> Joined:
    """The pairs that are joined, in descending strength, as far as nothing forbids it.

    A person's pairs are taken one by one. The pairs of all rules are equally strong, and so are those of one match
    weight: where equals together would make a customer of more than ``largest`` records, none of them is followed,
    for none is better than the others. What a rule then does not join, its match weight may. The same where equals
    together would unite two that are surely two: who may be either of them is joined to neither.

    Parameters
    ----------
    count : how many records there are.
    parted : (k, 2)
        Pairs of records that a person kept apart.
    two : (l, 2)
        Pairs of records that are surely of two customers; a person may join them.
    """
    groups = _Groups(count, parted, two)
    torn: set[int] = set()
    taken: list[int] = []
    by: list[int] = []
    left, right = pairs.left.tolist(), pairs.right.tolist()
    for kind, equals in _batches(pairs):
        for edge in _allowed(groups, [(each, left[each], right[each]) for each in equals], largest, torn):
            if groups.unite(left[edge], right[edge], person=kind == PERSON):
                taken.append(edge)
                by.append(kind)
    apart = [edge for edge in range(len(pairs)) if groups.of(left[edge]) != groups.of(right[edge])]
    why = [groups.why(left[edge], right[edge], torn=edge in torn) for edge in apart]
    return Joined(
        taken=np.array(taken, dtype=np.int64),
        by=np.array(by, dtype=np.int8),
        refused=np.array(apart, dtype=np.int64),
        reason=np.array(why, dtype=np.int8),
    )


def _batches(pairs: Pairs) -> Iterator[tuple[int, Sequence[int]]]:
    """The pairs that are equally strong, the strongest first, with who or what joins them."""
    for edge in np.flatnonzero(pairs.by == PERSON).tolist():
        yield PERSON, [edge]
    ruled = np.flatnonzero(pairs.by == RULE).tolist()
    if ruled:
        yield RULE, ruled
    likely = np.flatnonzero((pairs.by != PERSON) & pairs.likely)
    likely = likely[np.lexsort((pairs.right[likely], pairs.left[likely], -pairs.weight[likely]))]
    weight = pairs.weight[likely]
    cuts = np.flatnonzero(weight[1:] != weight[:-1]) + 1
    listed, start = likely.tolist(), 0
    for end in [*cuts.tolist(), len(listed)]:
        if end > start:
            yield MODEL, listed[start:end]
        start = end


def _allowed(groups: _Groups, equals: Sequence[tuple[int, int, int]], largest: int, torn: set[int]) -> Iterator[int]:
    """Of equally strong edges (with both ends) those that do not, together, make a group too large or unite two.

    Those that would unite two are put into ``torn``.
    """
    open_ = [(edge, groups.of(a), groups.of(b)) for edge, a, b in equals]
    open_ = [each for each in open_ if each[1] != each[2]]
    if len(open_) == 1:
        edge, a, b = open_[0]
        if groups.size[a] + groups.size[b] <= largest:
            yield edge
        return
    size = {root: groups.size[root] for _, a, b in open_ for root in (a, b)}
    up = {root: root for root in size}
    for _, a, b in open_:
        top, other = _top(up, a), _top(up, b)
        if top != other:
            up[other] = top
            size[top] += size[other]
    # whom a person joined though they are two are one group already: nothing is united there any more
    meet = ((a, b) for a in size for b in groups.unlike(a) if b != a and b in up)
    uniting = {_top(up, a) for a, b in meet if _top(up, a) == _top(up, b)}
    for edge, a, _ in open_:
        if _top(up, a) in uniting:
            torn.add(edge)
        elif size[_top(up, a)] <= largest:
            yield edge


def _top(up: dict[int, int], each: int) -> int:
    while up[each] != each:
        up[each] = up[up[each]]
        each = up[each]
    return each


class _Groups:
    """Groups of records, at first each record one of its own, with the records that each group may not meet."""

    def __init__(self, count: int, parted: Ints, two: Ints) -> None:
        self.size = [1] * count
        self._up = list(range(count))
        self._foes, self._others = _each_others(parted), _each_others(two)

    def of(self, each: int) -> int:
        """The group of a record, as the number of one of its records."""
        up = self._up
        while up[each] != each:
            up[each] = up[up[each]]
            each = up[each]
        return each

    def unlike(self, group: int) -> set[int]:
        """The groups that are surely of another customer."""
        return {self.of(each) for each in self._others.get(group, ())}

    def why(self, a: int, b: int, *, torn: bool) -> int:
        """Why two records are not in one group."""
        if self.hostile(a, b, self._foes):
            return BY_PERSON
        return BY_THIRD if torn or self.hostile(a, b, self._others) else BY_SIZE

    def hostile(self, a: int, b: int, foes: dict[int, set[int]]) -> bool:
        """Whether a record of the one's group may not meet a record of the other's."""
        a, b = self.of(a), self.of(b)
        mine, theirs = foes.get(a), foes.get(b)
        if not mine or not theirs:
            return False
        if len(mine) > len(theirs):
            mine, a, b = theirs, b, a
        return any(self.of(each) == b for each in mine)

    def unite(self, a: int, b: int, *, person: bool) -> bool:
        """Make one group of the groups of two records, unless it is one or may not be; whether it was done."""
        if self.of(a) == self.of(b) or self.hostile(a, b, self._foes):
            return False
        if not person and self.hostile(a, b, self._others):
            return False
        a, b = self.of(a), self.of(b)
        if self.size[a] < self.size[b]:
            a, b = b, a
        self._up[b] = a
        self.size[a] += self.size[b]
        for foes in (self._foes, self._others):
            mine, theirs = foes.get(a), foes.pop(b, None)
            if mine and theirs:
                few, many = sorted((mine, theirs), key=len)
                many |= few
                foes[a] = many
            elif theirs:
                foes[a] = theirs
        return True


def _each_others(pairs: Ints) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        found.setdefault(a, set()).add(b)
        found.setdefault(b, set()).add(a)
    return found
