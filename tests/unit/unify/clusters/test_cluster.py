"""Pairs become customers: the same whatever the order, within what persons decided and a limit of size."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from clientela.unify.clusters import cluster as module
from clientela.unify.clusters.cluster import NOTHING, Clusters, Decided, Edges, cluster
from clientela.unify.clusters.constrained import BY_PERSON, BY_SIZE, BY_THIRD, MODEL, PERSON, RULE
from tests.some import examples

Row = tuple[int, int, float, bool]  # two records, the match weight in bits, whether a rule joins them


def edges(*rows: Row) -> Edges:
    left, right, weight, rule = zip(*rows, strict=True) if rows else ((), (), (), ())
    weights = np.array(weight, dtype=float)
    return Edges(
        left=np.array(left, dtype=np.int64),
        right=np.array(right, dtype=np.int64),
        weight=weights,
        probability=np.round(1 / (1 + 2**-weights), 6),
        rule=np.array(rule, dtype=bool),
    )


def decided(joined: list[tuple[int, int]] = [], parted: list[tuple[int, int]] = []) -> Decided:  # noqa: B006  # only read
    return Decided(
        joined=np.array(joined, dtype=np.int64).reshape(-1, 2), parted=np.array(parted, dtype=np.int64).reshape(-1, 2)
    )


def found(given_: Edges, n: int, by: Decided = NOTHING, *, largest: int = 50) -> Clusters:
    return cluster(given_, by, np.arange(n), join_above=0.95, largest=largest)


def pairs(of: NDArray[np.int64]) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in of}


SURE, SURER, UNSURE = 6.0, 9.0, 2.0  # bits: 0.985, 0.998 and 0.8


def test_the_oldest_record_gives_the_customer_its_number() -> None:
    told = cluster(edges((0, 1, SURE, False)), NOTHING, np.array([7, 3, 1]), join_above=0.95, largest=50)
    assert told.oldest.tolist() == [1, 1, 2]


def test_a_record_is_as_sure_as_the_weakest_pair_on_its_way_to_the_oldest() -> None:
    told = found(edges((0, 1, SURE, False), (1, 2, SURER, False), (3, 4, UNSURE, True)), 6)
    assert told.oldest.tolist() == [0, 0, 0, 3, 3, 5]
    assert told.probability.tolist() == [0.984615, 0.984615, 0.984615, 1.0, 1.0, 1.0]
    assert told.towards.tolist() == [-1, 0, 1, -1, 3, -1]
    assert told.by.tolist() == [-1, MODEL, MODEL, -1, RULE, -1]


def test_an_uncertain_pair_joins_nobody_until_a_person_says_so() -> None:
    uncertain = edges((0, 1, UNSURE, False))
    assert found(uncertain, 2).oldest.tolist() == [0, 1]
    told = found(uncertain, 2, decided(joined=[(0, 1)]))
    assert (told.oldest.tolist(), told.probability.tolist(), told.by.tolist()) == ([0, 0], [1.0, 1.0], [-1, PERSON])


def test_whom_a_person_kept_apart_no_chain_of_others_brings_together() -> None:
    told = found(edges((0, 1, SURER, False), (1, 2, SURE, False)), 3, decided(parted=[(0, 2)]))
    assert told.oldest.tolist() == [0, 0, 2]
    assert (pairs(told.apart), told.reason.tolist()) == ({(1, 2)}, [BY_PERSON])


def test_what_a_person_joined_comes_before_a_rule_and_a_rule_before_any_weight() -> None:
    pair = edges((0, 1, 30.0, False), (1, 2, SURE, True), (1, 3, SURE, True))
    told = found(pair, 4, decided(joined=[(1, 3)], parted=[(0, 2), (0, 3)]))
    assert told.oldest.tolist() == [0, 1, 1, 1]
    told = found(pair, 4, decided(parted=[(0, 2)]))
    assert told.oldest.tolist() == [0, 1, 1, 1]


FATHER, SON, EITHER = 0, 1, 2
TWO = np.array([[FATHER, SON]])


def test_who_may_be_father_or_son_and_is_like_both_is_joined_to_neither() -> None:
    for rule in (False, True):
        either = edges((FATHER, EITHER, SURE, rule), (SON, EITHER, SURE, rule))
        told = cluster(either, NOTHING, np.arange(3), join_above=0.95, largest=50, two=TWO)
        assert told.oldest.tolist() == [FATHER, SON, EITHER]
        assert (pairs(told.apart), told.reason.tolist()) == ({(0, 2), (1, 2)}, [BY_THIRD, BY_THIRD])
        assert found(either, 3).oldest.tolist() == [0, 0, 0]


def test_who_may_be_father_or_son_is_joined_to_the_one_that_is_clearly_more_like() -> None:
    either = edges((FATHER, EITHER, SURE, False), (SON, EITHER, SURER, False))
    told = cluster(either, NOTHING, np.arange(3), join_above=0.95, largest=50, two=TWO)
    assert told.oldest.tolist() == [FATHER, SON, SON]
    assert (pairs(told.apart), told.reason.tolist()) == ({(FATHER, EITHER)}, [BY_THIRD])


def test_a_father_keeps_his_other_records_when_one_more_may_be_his_sons() -> None:
    his = (FATHER, 3, 20.0, True)
    torn = edges(his, (FATHER, EITHER, SURE, True), (3, EITHER, SURE, True), (SON, EITHER, SURE, True))
    told = cluster(torn, NOTHING, np.arange(4), join_above=0.95, largest=50, two=TWO)
    assert told.oldest.tolist() == [FATHER, SON, EITHER, FATHER]


def test_a_person_may_join_whom_their_ages_part() -> None:
    by = decided(joined=[(FATHER, EITHER), (SON, EITHER)])
    told = cluster(edges(), by, np.arange(3), join_above=0.95, largest=50, two=TWO)
    assert told.oldest.tolist() == [0, 0, 0]


@pytest.mark.parametrize("elsewhere", [[], [(3, 4, SURE, True)]], ids=["alone", "beside another pair"])
def test_whom_a_person_joined_though_their_ages_part_them_others_may_join(elsewhere: list[Row]) -> None:
    one = edges((FATHER, EITHER, SURE, True), *elsewhere)
    told = cluster(one, decided(joined=[(FATHER, SON)]), np.arange(5), join_above=0.95, largest=50, two=TWO)
    assert told.oldest.tolist()[:3] == [FATHER, FATHER, FATHER]
    assert pairs(told.apart) == set()


def test_too_large_a_customer_is_left_in_the_pieces_that_stronger_pairs_make() -> None:
    pieces = [(0, 1, 20.0, False), (2, 3, 20.0, False), (1, 2, SURE, False)]
    told = found(edges(*pieces), 4, largest=3)
    assert told.oldest.tolist() == [0, 0, 2, 2]
    assert (pairs(told.apart), told.reason.tolist(), told.full.tolist()) == ({(1, 2)}, [BY_SIZE], [0, 2])


def test_equally_strong_pairs_that_would_make_too_large_a_customer_are_all_left() -> None:
    chain = edges(*((i, i + 1, SURE, False) for i in range(4)))
    assert found(chain, 5, largest=4).oldest.tolist() == [0, 1, 2, 3, 4]
    assert found(chain, 5, largest=5).oldest.tolist() == [0, 0, 0, 0, 0]


def test_a_rule_that_would_make_too_large_a_customer_is_not_followed_and_weights_decide() -> None:
    shared = [(i, j, 0.0, True) for i, j in combinations(range(5), 2) if (i, j) != (3, 4)]
    told = found(edges(*shared, (3, 4, 12.0, True)), 5, largest=4)
    assert told.oldest.tolist() == [0, 1, 2, 3, 3]
    assert told.by.tolist() == [-1, -1, -1, -1, MODEL]


def test_a_pair_on_which_two_groups_hang_is_a_bridge_unless_a_person_made_it() -> None:
    two = [(0, 1, SURER, False), (2, 3, SURER, False), (1, 2, SURE, False)]
    assert pairs(found(edges(*two), 4).bridges) == {(1, 2)}
    assert pairs(found(edges(*two), 4, decided(joined=[(1, 2)])).bridges) == set()
    assert pairs(found(edges(*two, (0, 3, SURE, False)), 4).bridges) == set()
    assert pairs(found(edges((0, 1, SURE, False), (1, 2, SURE, False)), 3).bridges) == set()
    circles = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)]  # two, and the pair between them
    assert pairs(found(edges(*((a, b, SURE, False) for a, b in circles)), 6).bridges) == {(2, 3)}


def test_nothing_to_join_is_no_trouble() -> None:
    told = found(edges(), 3)
    assert (told.oldest.tolist(), told.probability.tolist()) == ([0, 1, 2], [1.0, 1.0, 1.0])
    assert found(edges(), 0).oldest.tolist() == []
    assert found(edges(), 2, decided(parted=[(0, 1)])).oldest.tolist() == [0, 1]


@pytest.mark.parametrize("shape", ["star", "chain"])
@pytest.mark.parametrize("alike", [True, False], ids=["equal weights", "all weights differ"])
@pytest.mark.parametrize("rule", [True, False], ids=["by a rule", "by the model"])
def test_ten_thousand_records_that_share_a_value_do_not_glue(shape: str, alike: bool, rule: bool) -> None:
    n = 10_000
    to = np.arange(1, n)
    weight = np.full(n - 1, SURE) if alike else SURE + np.random.default_rng(1).permutation(n - 1) / n
    hub = Edges(
        left=np.zeros(n - 1, dtype=np.int64) if shape == "star" else to - 1,
        right=to,
        weight=weight,
        probability=np.full(n - 1, 0.98),
        rule=np.full(n - 1, rule),
    )
    told = found(hub, n)
    sizes = np.bincount(told.oldest, minlength=n)
    assert sizes.max() <= 50
    if alike:
        assert sizes.max() == 1
    assert (told.reason == BY_SIZE).all()
    assert len(told.apart) == n - 1 - (told.by >= 0).sum()


# --- laws

WEIGHTS = st.sampled_from([UNSURE, 4.5, SURE, 7.0, SURER])  # few, so that ties are common


@st.composite
def cases(draw: st.DrawFn, most: int = 9) -> tuple[int, list[Row], Decided, int]:
    n = draw(st.integers(2, most))
    every = list(combinations(range(n), 2))
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=18))
    rows = [(a, b, draw(WEIGHTS), draw(st.booleans()) and draw(st.booleans())) for a, b in chosen]
    said = draw(st.lists(st.sampled_from(every), unique=True, max_size=4))
    cut = draw(st.integers(0, len(said)))
    return n, rows, decided(said[:cut], said[cut:]), draw(st.integers(2, most))


def moved(rows: list[Row], to: list[int]) -> list[Row]:
    return [(to[a], to[b], weight, rule) for a, b, weight, rule in rows]


UNLIKE = st.lists(st.sampled_from(list(combinations(range(9), 2))), unique=True, max_size=4)


def unlike(drawn: list[tuple[int, int]], n: int, rows: list[Row]) -> NDArray[np.int64]:
    """Pairs that are surely two: of records there are, and none that something joins."""
    found_ = [two for two in drawn if max(two) < n and two not in {(a, b) for a, b, *_ in rows}]
    return np.array(found_, dtype=np.int64).reshape(-1, 2)


@given(cases(), st.randoms(use_true_random=False), UNLIKE)
def test_neither_the_order_of_pairs_nor_the_position_of_records_matters(case, random, drawn) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, by, largest = case
    two = unlike(drawn, n, rows)
    first = cluster(edges(*rows), by, np.arange(n), join_above=0.95, largest=largest, two=two)
    own = {frozenset(pair) for pair in by.joined.tolist()}
    if not own:
        assert all(first.oldest[a] != first.oldest[b] for a, b in two)
    to = list(range(n))
    random.shuffle(to)
    turned = [(b, a, w, r) if random.random() < 0.5 else (a, b, w, r) for a, b, w, r in moved(rows, to)]
    random.shuffle(turned)
    place = np.array(to)
    order = np.empty(n, dtype=np.int64)
    order[place] = np.arange(n) * 3 + 5
    again = cluster(
        edges(*turned),
        Decided(joined=place[by.joined][:, ::-1], parted=place[by.parted]),
        order,
        join_above=0.95,
        largest=largest,
        two=place[two][::-1, ::-1],
    )
    assert np.array_equal(place[first.oldest], again.oldest[place])
    assert np.array_equal(first.probability, again.probability[place])
    assert np.array_equal(first.by, again.by[place])
    assert {(to[a], to[b]) for a, b in pairs(first.bridges)} == pairs(again.bridges)
    assert {(to[a], to[b]) for a, b in pairs(first.apart)} == pairs(again.apart)


@given(cases(), st.integers(2, 60), UNLIKE)
# a person joined two who are surely two; a third pair, and one of others that is as strong
@example((5, [(0, 2, SURE, True), (3, 4, SURE, True)], decided(joined=[(0, 1)]), 9), 50, [(0, 1)])
def test_the_fast_way_and_the_slow_way_give_the_same(case, largest: int, drawn: list[tuple[int, int]]) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, by, _ = case
    nodes, kept, _, parted, two = module._pairs(edges(*rows), by, np.arange(n), 0.95, unlike(drawn, n, rows))
    fast = module.accepted(len(nodes), kept, parted, largest=largest, two=two)
    slow = module.accepted(len(nodes), kept, parted, largest=largest, two=two, everywhere=True)
    for one, other in ((fast.taken, slow.taken), (fast.refused, slow.refused)):
        assert sorted(one.tolist()) == sorted(other.tolist())
    assert dict(zip(fast.taken.tolist(), fast.by.tolist(), strict=True)) == dict(
        zip(slow.taken.tolist(), slow.by.tolist(), strict=True)
    )


@given(cases())
def test_a_customer_keeps_to_its_size_and_to_what_persons_kept_apart(case) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, by, largest = case
    told = found(edges(*rows), n, by, largest=largest)
    assert np.bincount(told.oldest).max() <= largest
    assert all(told.oldest[a] != told.oldest[b] for a, b in by.parted)
    assert all(told.oldest[each] <= each for each in range(n))
    spoken = {(a, b) for a, b, weight, rule in rows if rule or weight >= 4.5} | pairs(by.joined)
    for a, b in spoken:  # every pair that may be joined is, or the reason is told
        assert (told.oldest[a] == told.oldest[b]) != ((a, b) in pairs(told.apart))


@given(cases())
def test_a_bridge_is_what_takes_two_groups_apart_when_it_is_missing(case) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, _, _ = case
    joining = [row for row in rows if row[3] or row[2] >= 4.5]
    expected = set()
    for gone in joining:
        parts = _reached([row for row in joining if row != gone], n)
        if parts[gone[0]] != parts[gone[1]] and min(len(parts[gone[0]]), len(parts[gone[1]])) >= 2:
            expected.add(gone[:2])
    assert pairs(found(edges(*rows), n).bridges) == expected


@given(cases())
def test_the_sureness_is_that_of_the_surest_way(case) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, _, _ = case
    told = found(edges(*rows), n)
    sure = {(a, b): 1.0 if rule else round(1 / (1 + 2**-w), 6) for a, b, w, rule in rows if rule or w >= 4.5}
    for each in range(n):
        if told.oldest[each] != each:  # the highest bar under which the two are still connected
            bars = [
                bar
                for bar in sure.values()
                if told.oldest[each] in _reached([(a, b, 0, False) for (a, b), p in sure.items() if p >= bar], n)[each]
            ]
            assert told.probability[each] == pytest.approx(max(bars), abs=1e-9)


@given(cases(), cases())
def test_new_records_never_change_a_customer_none_of_whose_pairs_changed(before, after) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, by, largest = before
    more, added, _, _ = after
    touched = n // 2  # new records (from n on) have pairs with each other and with the younger half only
    new = [(a + n, b + n, w, r) for a, b, w, r in added] + [(touched, n + a, w, r) for a, _, w, r in added]
    new = [*{row[:2]: row for row in new}.values()]
    first = found(edges(*rows), n, by, largest=largest)
    second = found(edges(*rows, *new), n + more, by, largest=largest)
    every = [*rows, *new, *((a, b, 9.0, False) for a, b in [*by.joined.tolist(), *by.parted.tolist()])]
    untouched = [each for each in range(n) if touched not in _reached(every, n + more)[each]]
    assert [first.oldest[each] for each in untouched] == [second.oldest[each] for each in untouched]
    assert [first.probability[each] for each in untouched] == [second.probability[each] for each in untouched]


@settings(max_examples=examples(300))
@given(cases(), st.data())
def test_to_join_two_customers_and_split_them_again_restores_all(case, data) -> None:  # type: ignore[no-untyped-def]  # drawn
    n, rows, by, largest = case
    first = found(edges(*rows), n, by, largest=largest)
    apart = [(a, b) for a, b in combinations(sorted(set(first.oldest.tolist())), 2)]
    apart = [pair for pair in apart if pair not in pairs(by.joined)]
    if not apart:
        return
    one, other = data.draw(st.sampled_from(apart))
    ones, others = (np.flatnonzero(first.oldest == each).tolist() for each in (one, other))
    split = [(min(a, b), max(a, b)) for a in ones for b in others]
    split = [pair for pair in split if pair not in pairs(by.joined)]
    restored = replace(by, parted=np.array([*by.parted.tolist(), *split], dtype=np.int64).reshape(-1, 2))
    again = found(edges(*rows), n, restored, largest=largest)
    for one_, other_ in ((first.oldest, again.oldest), (first.probability, again.probability), (first.by, again.by)):
        assert one_.tobytes() == other_.tobytes()


def _reached(rows: list[Row], n: int) -> list[frozenset[int]]:
    """The component of each record, by following pairs."""
    group = {each: {each} for each in range(n)}
    for a, b, *_ in rows:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for each in group[b]:
                group[each] = group[a]
    return [frozenset(group[each]) for each in range(n)]
