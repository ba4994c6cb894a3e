"""Counting sets of items, judged by counting every set in every basket."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.estimators.association import counting
from clientela.estimators.association.counting import Bounds, counted
from tests.some import examples

Baskets = Sequence[tuple[int, frozenset[int]]]  # whose it is, and what is in it


def found(baskets: Baskets, bounds: Bounds) -> dict[tuple[int, ...], tuple[int, int]]:
    held = [(number, item) for number, (_, items) in enumerate(baskets) for item in sorted(items)]
    basket, item = np.array(held, dtype=np.int64).reshape(-1, 2).T
    sets = counted(basket, item, np.array([who for who, _ in baskets], dtype=np.int64), bounds)
    return {
        tuple(items): (int(count), int(buyers))
        for each in sets.values()
        for items, count, buyers in zip(each.sets.items.tolist(), each.sets.count, each.buyers, strict=True)
    }


def one_by_one(baskets: Baskets, bounds: Bounds) -> dict[tuple[int, ...], tuple[int, int]]:
    expected = {}
    for size in range(1, bounds.deepest + 1):
        for chosen in combinations(sorted({item for _, items in baskets for item in items}), size):
            who = [buyer for buyer, items in baskets if set(chosen) <= items]
            if len(who) >= bounds.baskets and len(set(who)) >= bounds.buyers:
                expected[chosen] = (len(who), len(set(who)))
    return expected


BASKETS = st.lists(st.tuples(st.integers(-9, 6), st.frozensets(st.integers(1, 7), min_size=1)), min_size=1, max_size=50)


@settings(deadline=None, max_examples=examples(60))
@given(BASKETS, st.sampled_from([(2, 1), (3, 3), (5, 5)]), st.booleans(), st.sampled_from([1, 3, 1 << 22]))
def test_every_way_of_counting_finds_what_counting_one_by_one_finds(
    baskets: Baskets, fewest: tuple[int, int], dense: bool, at_once: int
):
    bounds = Bounds(baskets=fewest[0], buyers=fewest[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_AT_ONCE", at_once)
        patch.setattr(counting, "_DENSE", 1 << 24 if dense else 0)
        assert found(baskets, bounds) == one_by_one(baskets, bounds)


def test_where_room_is_short_triples_are_made_of_the_most_frequent_pairs_alone():
    often = [(number, frozenset({1, 2, 3})) for number in range(20)]
    seldom = [(number, frozenset({4, 5, 6})) for number in range(6)]
    baskets = [*often, *seldom]
    assert {(1, 2, 3), (4, 5, 6)} <= set(found(baskets, Bounds(baskets=5)))
    short = found(baskets, Bounds(baskets=5, rows=60))
    assert (1, 2, 3) in short
    assert (4, 5, 6) not in short
    assert {(4, 5), (4, 6), (5, 6)} <= set(short)


def test_sets_of_four_wait_for_few_triples():
    baskets = [(number, frozenset({1, 2, 3, 4})) for number in range(10)]
    assert (1, 2, 3, 4) in found(baskets, Bounds(baskets=5))
    assert (1, 2, 3, 4) not in found(baskets, Bounds(baskets=5, triples=39))
    assert (1, 2, 3, 4) not in found(baskets, Bounds(baskets=5, deepest=3))


def test_nothing_bought_makes_no_sets():
    nothing = np.zeros(0, dtype=np.int64)
    assert counted(nothing, nothing, nothing, Bounds(baskets=5)) == {}
