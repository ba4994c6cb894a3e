"""Rules from counted sets, judged by published counts, by scipy and by counting everything."""

import gzip
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from clientela.estimators.association.chance import false_share, upper_tail
from clientela.estimators.association.rules import Sets, possible_rules, rules

Baskets = list[frozenset[int]]


def counted(baskets: Baskets, fewest: int, deepest: int = 6) -> dict[int, Sets]:
    """Every set that ``fewest`` baskets hold, each larger one made of the smaller."""
    held: dict[tuple[int, ...], int] = {}
    items = sorted({item for each in baskets for item in each})
    known = {item: sum(1 << place for place, each in enumerate(baskets) if item in each) for item in items}
    frontier = {(item,): bits for item, bits in known.items() if bits.bit_count() >= fewest}
    for _ in range(deepest):
        held |= {items: bits.bit_count() for items, bits in frontier.items()}
        frontier = {
            (*items, item): found
            for items, bits in frontier.items()
            for item in known
            if item > items[-1] and (found := bits & known[item]).bit_count() >= fewest
        }
    sizes = sorted({len(each) for each in held})
    return {
        size: Sets(
            items=np.array([each for each in held if len(each) == size]),
            count=np.array([count for each, count in held.items() if len(each) == size]),
        )
        for size in sizes
    }


@pytest.fixture(scope="module")
def grocer(shared_data: Path) -> Baskets:
    numbers: dict[str, int] = {}
    baskets = []
    with gzip.open(shared_data / "groceries" / "groceries.csv.gz", "rt", encoding="utf-8") as file:
        for row in file:
            named = {each.strip() for each in row.split(",")} - {""}
            baskets.append(frozenset(numbers.setdefault(each, len(numbers) + 1) for each in sorted(named)))
    return baskets


@pytest.mark.parametrize(
    ("support", "confidence", "number"), [(0.001, 0.5, 5668), (0.001, 0.8, 410), (0.006, 0.25, 463)]
)
def test_the_grocers_rules_are_as_many_as_published(grocer: Baskets, support: float, confidence: float, number: int):
    sets = counted(grocer, 10)
    assert sum(each.count.size for each in sets.values()) == 13_492
    found = rules(sets, len(grocer), support=support, confidence=confidence)
    assert sum(each.both.size for each in found) == number


def brute_force(baskets: Baskets, support: float, confidence: float) -> set[tuple[tuple[int, ...], int, int, int]]:
    """Every rule, counted basket by basket."""
    items = sorted({item for each in baskets for item in each})
    found = set()
    for size in range(2, len(items) + 1):
        for chosen in combinations(items, size):
            both = sum(set(chosen) <= each for each in baskets)
            for right in chosen:
                left = tuple(each for each in chosen if each != right)
                with_left = sum(set(left) <= each for each in baskets)
                if both and both >= support * len(baskets) and both >= confidence * with_left:
                    found.add((left, right, both, with_left))
    return found


@given(
    st.lists(st.frozensets(st.integers(1, 6), min_size=1), min_size=1, max_size=30),
    st.sampled_from([0.01, 0.1, 0.3]),
    st.sampled_from([0.0, 0.4, 0.75]),
)
def test_rules_are_those_that_counting_everything_finds(baskets: Baskets, support: float, confidence: float):
    found = rules(counted(baskets, 1), len(baskets), support=support, confidence=confidence)
    told = {
        (tuple(left), right, both, with_left)
        for each in found
        for left, right, both, with_left in zip(
            each.left.tolist(), each.right.tolist(), each.both.tolist(), each.left_count.tolist(), strict=True
        )
    }
    assert told == brute_force(baskets, support, confidence)


@given(st.lists(st.tuples(*[st.integers(1, 400)] * 3), min_size=1, max_size=20), st.data())
def test_the_chance_is_the_tail_of_the_hypergeometric(drawn: list[tuple[int, int, int]], data: st.DataObject):
    among = np.array([a + b + c for a, b, c in drawn])
    marked, taken = np.array([a + b for a, b, _ in drawn]), np.array([a + c for a, _, c in drawn])
    found = np.array(
        [
            data.draw(st.integers(max(0, int(m + d - n)), int(min(m, d))))
            for n, m, d in zip(among, marked, taken, strict=True)
        ]
    )
    expected = np.where(found * among > marked * taken, hypergeom.sf(found - 1, among, marked, taken), 1.0)
    assert upper_tail(found, among=among, drawn=taken, marked=marked) == pytest.approx(expected, rel=1e-8, abs=1e-300)


def test_the_false_share_is_benjamini_and_hochbergs_where_all_were_found():
    chance = np.random.default_rng(1).uniform(size=200) ** 3
    assert false_share(chance, 200) == pytest.approx(false_discovery_control(chance))
    assert (false_share(chance, 400) >= false_share(chance, 200)).all()
    assert false_share(np.zeros(0), 7).size == 0


def test_an_item_that_adds_nothing_to_a_shorter_rule_makes_no_longer_one():
    rng = np.random.default_rng(2)
    baskets = []
    for _ in range(4000):
        held = {item for item, share in ((1, 0.3), (3, 0.3)) if rng.random() < share}
        if rng.random() < (0.6 if 1 in held else 0.1):
            held.add(2)
        baskets.append(frozenset(held))
    pairs, triples = rules(counted(baskets, 5), len(baskets), support=0.001, confidence=0.1)
    strong = (pairs.left[:, 0] == 1) & (pairs.right == 2)
    redundant = (triples.left == [1, 3]).all(axis=1) & (triples.right == 2)
    assert pairs.chance[strong][0] < 1e-50
    assert triples.confidence[redundant][0] > 5 * 0.1  # as telling as the pair it comes from
    assert triples.chance[redundant][0] > 0.01


def test_of_baskets_filled_by_chance_hardly_any_rule_is_told():
    told = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        shares = rng.uniform(0.02, 0.3, 40)
        baskets = [frozenset(np.flatnonzero(row) + 1) for row in rng.random((600, 40)) < shares]
        sets = counted(baskets, 5, deepest=3)
        found = rules(sets, len(baskets), support=0.001, confidence=0.05)
        chance = np.concatenate([each.chance for each in found])
        told.append(int((false_share(chance, possible_rules(sets)) <= 0.05).sum()))
    assert sum(number > 0 for number in told) <= 3  # of 20 firms: 5 % of them, with room


def test_nothing_counted_gives_no_rule():
    assert rules({}, 0, support=0.1, confidence=0.1) == []
    assert possible_rules({}) == 0
