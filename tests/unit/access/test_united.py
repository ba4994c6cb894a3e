"""Areas are united once for every column of every table: in one order, and without walking their keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from clientela.access.area import EVERYTHING, Area, united


class Walked(frozenset[str]):
    """Keys that count how often they are walked one by one."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        Walked.times += 1
        return super().__iter__()


def of(**limits: str) -> Area:
    return Area(**{name: frozenset(keys) for name, keys in limits.items()})  # type: ignore[arg-type] # keys are letters


def test_areas_that_are_united_again_and_again_are_not_put_in_order_key_by_key() -> None:
    line = Area(products=Walked(map(str, range(1000))))
    both = Area(products=Walked(map(str, range(1000))), territories=frozenset({"A"}))
    others = [of(campaigns="c"), of(territories="A"), both]
    Walked.times = 0
    for _ in range(3):
        found = united([line, *others] * 50)
    assert Walked.times == 0
    assert [area.limits for area in found] == [
        ("campaigns",),
        ("products",),
        ("territories",),
        ("territories", "products"),
    ]
    assert found[1] is line
    assert found[3] is both


def test_what_is_united_is_the_same_in_whatever_order_it_comes() -> None:
    areas = [
        of(territories="A"),
        of(territories="BC"),
        of(products="p", territories="D"),
        of(products="q", territories="D"),
        of(products="r", territories="E"),
        of(products="r", territories="F", campaigns="x"),
    ]
    wanted = (
        of(territories="ABC"),
        of(products="pq", territories="D"),
        of(products="r", territories="E"),
        of(products="r", territories="F", campaigns="x"),
    )
    assert {united(each) for each in permutations(areas)} == {wanted}
    assert united([*areas, Area()]) == EVERYTHING
    assert united([of(products=""), of(territories="", products="p")]) == ()
