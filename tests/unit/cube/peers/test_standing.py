"""One's own district among others: averages of several, hidden for few, and nobody found by subtracting answers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import pytest
from scipy.optimize import linprog

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.cube.peers.shown import LEAST_PEERS, P, Peer, band, groups, rounded, spread
from clientela.cube.peers.standing import Standing, standings
from clientela.errors import NotPermittedError, QueryError, UnknownNameError
from tests.unit.cube.published import Published, line, reference

ON = date(2024, 5, 1)
MIDNIGHT = datetime(2024, 5, 1)
REGIONS = {"big": 8, "also": 7, "small": 3, "tiny": 2}  # districts in each


def test_of_too_few_nothing_is_said() -> None:
    assert spread([1, 2, 3, 4, 5]) is None
    assert spread([1, 2, 3, 4, 5, 6]) is not None


def test_with_fewer_than_nine_only_the_middle_is_said_and_no_two_averages_share_a_peer() -> None:
    for count in range(LEAST_PEERS + 1, 40):
        told = spread([1000.0 + 500 * n for n in range(count)])
        assert told is not None and told.middle is not None and told.peers == count - 1
        assert (told.low is None) == (told.high is None) == (count < 9)
        if told.low is not None and told.high is not None:
            assert told.low < told.middle < told.high


def test_a_peer_that_makes_nearly_all_of_an_average_hides_it() -> None:
    told = spread([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1000.0])
    assert told is not None and told.high is None and told.middle is not None


def test_steps_of_the_scale_are_four_to_ten_per_cent() -> None:
    scale = sorted({rounded(value / 10) for value in range(100, 10_000)})
    assert all(0.04 <= float(after / before) - 1 <= 0.10001 for before, after in pairwise(scale))
    assert all(abs(float(rounded(value)) / value - 1) <= 0.05 for value in range(1, 5000))


def test_who_has_few_customers_or_one_large_one_takes_no_part() -> None:
    assert Peer(value=1.0, customers=10, dominance=0.85).counts
    assert not Peer(value=1.0, customers=9, dominance=0.1).counts
    assert not Peer(value=1.0, customers=10, dominance=0.86).counts
    assert not Peer(value=None, customers=99, dominance=0.1).counts


def test_each_is_in_one_group_whoever_asks() -> None:
    told = groups({(region, n): region for region, count in REGIONS.items() for n in range(count)})
    assert {key[0] for key, group in told.items() if group == "big"} == {"big"}
    assert ("small", 0) not in told, "five of two small regions are too few together"
    more = groups({(region, n): region for region in ("a", "b") for n in range(3)})
    assert set(more.values()) == {None}


def test_a_place_is_one_of_four() -> None:
    assert [band(own, range(100)) for own in (-1, 24, 26, 60, 99)] == [1, 1, 2, 3, 4]


def _company(published: Published) -> None:
    """Districts of four regions, each with a dozen customers; one with few, one with a large one."""
    rng = random.Random(3)  # noqa: S311 - a made-up company
    territory = [reference(territory_id=region, name=region, level="region") for region in REGIONS]
    lines, customer = [], 0
    for region, count in REGIONS.items():
        for n in range(count):
            key = f"{region}-{n}"
            territory.append(reference(territory_id=key, name=key, level="district", parent_id=region))
            few, large = (region, n) == ("also", 0), (region, n) == ("also", 1)
            for number in range(4 if few else 12):
                customer += 1
                money = 90_000 if large and number == 0 else rng.randrange(100, 900) * (1 + n)
                row = line(f"o{customer}", customer, "2024-03-01", str(money), kind="sale", territory_id=key)
                lines.append({**row, "known_from": datetime(2023, 1, 1), "known_until": None})
    published.add(order_line=lines, territory=territory)


@pytest.fixture
def company(published: Published) -> Published:
    _company(published)
    return published


def scope(*territories: str, measures: tuple[str, ...] = ("*",)) -> Scope:
    area = Area(territories=frozenset(territories))
    return Scope((Right(reach=(area,), columns=Names(("*",)), measures=Names(measures)),))


def asked(published: Published, who: Scope, measure: str = "basket", by: str = "district") -> tuple[Standing, ...]:
    whole = published.view(ON, MIDNIGHT)
    return standings(whole, replace(whole, scope=who), measure, by)


def test_a_district_stands_among_those_of_its_region(company: Published) -> None:
    (told,) = asked(company, scope("big-7"))
    assert (told.member, told.group, told.whole, told.quarter) == ("big-7", "big", True, 4)
    assert told.spread is not None and told.spread.peers == 7
    assert told.spread.middle is not None and told.spread.low is None


def test_regions_of_too_few_are_one_group_and_who_takes_no_part_is_told_nothing(company: Published) -> None:
    for district in ("small-0", "tiny-1", "also-2"):  # of the seven of 'also' two take no part
        (told,) = asked(company, scope(district))
        assert told.group is None and told.spread is not None and told.spread.peers == 3 + 2 + 5 - 1, district
    for district in ("also-0", "also-1"):
        (told,) = asked(company, scope(district))
        assert (told.spread, told.quarter) == (None, None), district


def test_all_of_one_group_are_told_the_same_averages(company: Published) -> None:
    told = {asked(company, scope(f"big-{n}"))[0].spread for n in range(8)}
    assert len(told) == 1


def test_who_sees_a_part_of_a_district_is_told_no_place(company: Published) -> None:
    area = Area(territories=frozenset({"big-3"}), customers=frozenset(range(1, 40)))
    part = Scope((Right(reach=(area,), columns=Names(("*",)), measures=Names(("*",))),))
    (told,) = asked(company, part, "revenue")
    assert (told.whole, told.quarter) == (False, None)


def test_what_one_may_not_see_or_does_not_tell_of_customers_is_refused(company: Published) -> None:
    with pytest.raises(NotPermittedError, match="no role of yours gives 'revenue' of peers"):
        asked(company, scope("big-1", measures=("orders",)), "revenue")
    with pytest.raises(UnknownNameError, match="unknown kind of peers 'channel'"):
        asked(company, scope("big-1"), by="channel")
    with pytest.raises(QueryError, match="does not say of how many customers it tells"):
        asked(company, scope("big-1"), "revenue_target")


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_found_by_subtracting(seed: int) -> None:
    """A peer who knows who lies in which average, three measures of which one is the sum of the others, two groups."""
    rng = random.Random(seed)  # noqa: S311 - an attack
    count = rng.randrange(6, 14)
    one = [rng.randrange(1_000, 9_000) for _ in range(count)]
    other = [rng.randrange(1_000, 9_000) for _ in range(count)]
    both = [a + b for a, b in zip(one, other, strict=True)]
    wider = [*one, *(rng.randrange(1_000, 9_000) for _ in range(rng.randrange(1, 12)))]  # a level above, all together
    own = rng.randrange(count)
    unknown = 2 * count + len(wider) - count
    rows, limits = [], []
    for place, values in enumerate((one, other, both, wider)):
        told = spread([float(each) for each in values])
        assert told is not None
        for said, members in _averages(values, told):
            row = [0.0] * unknown
            for member in members:
                for measure in (0, 1) if place == 2 else (place % 3,):
                    row[measure * count + member + count * (place == 3 and member >= count)] = 1 / len(members)
            step = 0.05 * float(said) * 1.0001  # half of a step of the scale, and a hair
            rows += [row, [-each for each in row]]
            limits += [float(said) + step, -(float(said) - step)]
    bounds: list[tuple[float, float | None]] = [(0, None)] * unknown
    bounds[own], bounds[count + own] = (one[own], one[own]), (other[own], other[own])
    for target in range(unknown):
        if target in (own, count + own):
            continue
        aim = [0.0] * unknown
        aim[target] = 1.0
        low = linprog(aim, A_ub=rows, b_ub=limits, bounds=bounds)
        high = linprog([-each for each in aim], A_ub=rows, b_ub=limits, bounds=bounds)
        true = (one + other + wider[count:])[target]
        if not low.success or high.status == 3:  # nothing bounds it
            continue
        assert max(true - low.fun, -high.fun - true) >= P * true, (target, low.fun, -high.fun, true)


def _averages(values: list[int], told: object) -> list[tuple[object, list[int]]]:
    """Each average with those in it, found anew: thirds around the quarters and the middle of the order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    last = len(order) - 1
    middle = order[last // 2 - 1 : len(order) // 2 + 2]
    quarter = min(max(round(last / 4), 1), last // 2 - 3)
    named = [("middle", middle)]
    if quarter >= 1:
        named += [("low", order[quarter - 1 : quarter + 2]), ("high", order[last - quarter - 1 : last - quarter + 2])]
    return [(said, members) for name, members in named if (said := getattr(told, name)) is not None]
