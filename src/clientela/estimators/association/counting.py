"""How many baskets, and how many buyers, hold each set of items: items that are rare alone are rare in any set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.association.rules import Sets

Ints = NDArray[np.int64]
Narrow = NDArray[np.integer]  # of 32 bits where that is enough: half as much is moved
_DENSE = 1 << 24  # so many different pairs are counted in a table, more by sorting
_AT_ONCE = 1 << 22  # rows looked at together


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is counted. A set is kept that ``baskets`` baskets (it may be a fraction) of ``buyers`` buyers hold.

    ``deepest``: items of the largest sets. ``rows``: sets of three are made of the most frequent pairs, as many as so
    many rows of baskets hold; larger ones only where those are all pairs and ``triples`` rows or fewer hold a triple.
    """

    baskets: float
    buyers: int = 5
    deepest: int = 6
    rows: int = 1_500_000
    triples: int = 500_000


@dataclass(frozen=True, slots=True)
class Held:
    """Counted sets of one size, and how many different buyers hold each: ``buyers``, (n,)."""

    sets: Sets
    buyers: Ints


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which basket holds which frequent set: ``parent``, the set without its last item, and that ``last`` item.

    Ordered by basket, parent and last item; ``which`` set of the size it is.
    """

    basket: Narrow
    parent: Narrow
    last: Narrow
    which: Narrow


def counted(basket: Ints, item: Ints, buyer: Ints, bounds: Bounds) -> dict[int, Held]:
    """Every frequent set, by size from 1; each in ascending order of its items.

    Parameters
    ----------
    basket, item : (n,)
        Which basket, from 0, holds which item, from 1; in ascending order of both, each once.
    buyer : (baskets,)
        Whose basket each is; any whole numbers.
    bounds : what is counted

    Source
    ------
    Agrawal & Srikant (1994), Fast algorithms for mining association rules: a set is frequent only if its parts are.

    Examples
    --------
    >>> basket, item = np.repeat(np.arange(5), 2), np.tile([1, 2], 5)
    >>> found = counted(basket, item, np.arange(5), Bounds(baskets=5))
    >>> found[2].sets.items.tolist(), found[2].sets.count.tolist(), found[2].buyers.tolist()
    ([[1, 2]], [5], [5])
    """
    most = int(item.max(initial=0)) + 1
    ranked = np.unique(buyer, return_inverse=True)[1].astype(np.int32)
    count = np.bincount(item, minlength=1)
    names = np.flatnonzero(count >= bounds.baskets)
    names = names[names > 0]
    buyers = _buyers(item, ranked[basket], most)[names]
    names, buyers = names[buyers >= bounds.buyers], buyers[buyers >= bounds.buyers]
    found = {1: Held(Sets(items=names[:, None], count=count[names]), buyers)}
    number = np.full(most, -1, dtype=np.int32)
    number[names] = np.arange(len(names))
    last = number[item]
    kept = last >= 0
    if not kept.all():
        basket, last = basket[kept], last[kept]
    rows = _Rows(basket.astype(np.int32), np.zeros(len(last), dtype=np.int32), last, last)
    codes, made, fewest, size = np.arange(len(names)), np.arange(len(names))[:, None], bounds.baskets, 1
    while size < bounds.deepest and len(rows.basket):
        size += 1
        codes, counts, rows = _extended(rows, codes, len(names), fewest)
        if not codes.size:
            break
        made = np.column_stack([made[codes // len(names)], codes % len(names)])
        buyers = _buyers(rows.which, ranked[rows.basket], len(codes))
        enough = buyers >= bounds.buyers
        found[size] = Held(Sets(items=names[made[enough]], count=counts[enough]), buyers[enough])
        if size == 2:
            fewest, all_pairs = _room(counts, bounds)
            rows = _of(rows, counts >= fewest)
        elif not all_pairs or (size == 3 and len(rows.basket) > bounds.triples):
            break
    return {size: each for size, each in found.items() if len(each.buyers)}


def _extended(rows: _Rows, earlier: Ints, items: int, fewest: float) -> tuple[Ints, Ints, _Rows]:
    """The frequent sets one item larger: (code, baskets that hold it) each, and which basket holds which of them.

    The code of a set is its number without its last item, times the number of items, and that last item; ``earlier``
    are those of the sets that the rows tell of.
    """
    codes, counts = _frequent(rows, items, fewest)
    found = [np.zeros(0, dtype=np.int64)]
    bits = max(len(codes), 1).bit_length()
    if codes.size:
        number = _numbers(codes, (int(rows.which.max()) + 1) * items)
        used = np.zeros(int(rows.which.max()) + 1, dtype=np.bool_)
        used[codes // items] = True  # the one set a larger one is made of, and the other one
        used[np.searchsorted(earlier, earlier[codes // items] // items * items + codes % items)] = True
        for code, basket in _beside(_of(rows, used), items):
            at = number(code)
            hit, whose = np.nonzero(at >= 0)
            found.append((basket[whose].astype(np.int64) << bits) | at[hit, whose])
    both = np.sort(np.concatenate(found))  # by basket and set, whose number grows with that without its last item
    basket, at = (both >> bits).astype(np.int32), (both & ((1 << bits) - 1)).astype(np.int32)
    return codes, counts, _Rows(basket, codes[at] // items, codes[at] % items, at)


def _numbers(codes: Ints, possible: int) -> Callable[[Narrow], NDArray[np.signedinteger]]:
    """What tells the place of codes among the ascending ``codes``; -1: not among them."""
    if possible <= _DENSE:
        table = np.full(possible, -1, dtype=np.int32)
        table[codes] = np.arange(len(codes))
        return lambda asked: table[asked]

    def place(asked: Narrow) -> Ints:
        at = np.minimum(np.searchsorted(codes, asked), len(codes) - 1)
        return np.where(codes[at] == asked, at, -1)

    return place


def _frequent(rows: _Rows, items: int, fewest: float) -> tuple[Ints, Ints]:
    """The codes of the sets one item larger that enough baskets hold, ascending, and how many baskets."""
    possible = (int(rows.which.max()) + 1) * items
    if possible <= _DENSE:
        table = np.zeros(possible, dtype=np.int64)
        for code in _together(rows, items):
            table += np.bincount(code, minlength=possible)
        codes = np.flatnonzero(table >= max(fewest, 1))
        return codes, table[codes]
    seen, times = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for code in _together(rows, items):
        new, often = np.unique(code, return_counts=True)
        both, back = np.unique(np.concatenate([seen, new]), return_inverse=True)
        seen, times = both, np.bincount(back, weights=np.concatenate([times, often])).astype(np.int64)
    kept = times >= max(fewest, 1)
    return seen[kept], times[kept]


def _together(rows: _Rows, items: int) -> Iterator[Narrow]:
    """The codes of `_beside`, (n,), in few and large blocks."""
    waiting: list[Narrow] = []
    size = 0
    for code, _ in _beside(rows, items):
        waiting.append(code.ravel())
        size += code.size
        if size >= _AT_ONCE:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _beside(rows: _Rows, items: int) -> Iterator[tuple[Narrow, Narrow]]:
    """The codes of the sets one item larger, of two rows of a basket and parent, (k, n), and the n baskets; in blocks.

    Groups of one length are taken together, as columns: additions of columns are quicker than gathering pairs.
    """
    new = np.ones(len(rows.basket), dtype=bool)
    new[1:] = (rows.basket[1:] != rows.basket[:-1]) | (rows.parent[1:] != rows.parent[:-1])
    begins = np.flatnonzero(new)
    lengths = np.diff(np.append(begins, len(new)))
    largest = (int(rows.which.max(initial=0)) + 1) * items
    shifted = rows.which.astype(np.int32 if largest < 1 << 31 else np.int64) * items
    for length in (np.flatnonzero(np.bincount(lengths)[2:]) + 2).tolist():
        alike = begins[lengths == length]
        width = max(1, _AT_ONCE // length)
        for begin in range(0, len(alike), width):
            at = alike[begin : begin + width] + np.arange(length)[:, None]
            first, last, basket = shifted[at], rows.last[at], rows.basket[at[0]]
            for place in range(length - 1):
                yield first[place] + last[place + 1 :], basket


def _buyers(which: Narrow, buyer: Narrow, sets: int) -> Ints:
    """How many different buyers hold each set; ``buyer``, from 0, and set of each row."""
    if not which.size:
        return np.zeros(sets, dtype=np.int64)
    bits = int(buyer.max()).bit_length()
    fits = bits + (sets - 1).bit_length() < 32
    both: Narrow = np.left_shift(which, bits, dtype=np.int32 if fits else np.int64, casting="same_kind")
    both |= buyer
    both.sort()
    first = np.ones(len(both), dtype=bool)
    first[1:] = both[1:] != both[:-1]
    return np.bincount(both[first] >> bits, minlength=sets)


def _room(counts: Ints, bounds: Bounds) -> tuple[float, bool]:
    """From how many baskets on a pair may be part of a triple, and whether those are all pairs."""
    if counts.sum() <= bounds.rows:
        return bounds.baskets, True
    often, times = np.unique(counts, return_counts=True)
    so_far = np.cumsum((often * times)[::-1])[::-1]
    inside = often[so_far <= bounds.rows]
    return (float(inside.min()) if inside.size else np.inf), False


def _of(rows: _Rows, kept: NDArray[np.bool_]) -> _Rows:
    """The rows of some of the sets; numbers stay."""
    inside = kept[rows.which]
    return _Rows(rows.basket[inside], rows.parent[inside], rows.last[inside], rows.which[inside])
