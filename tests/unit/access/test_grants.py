"""Grants become rights: nothing without one, many as few, each within all its limits."""

from __future__ import annotations

from datetime import date

import pytest

from clientela.access.area import Area
from clientela.access.grants import Company, Grant, GrantError, below, checked, scope
from clientela.access.policy import policy
from clientela.access.rights import Scope

POLICY = policy(columns={}, measures=frozenset())
TREE = {"spain": None, "north": "spain", "bilbao": "north", "gijon": "north", "italy": None}
LINES = {("category", "toys"): ("p1", "p2"), ("brand", "X"): ("p2", "p3")}
COMPANY = Company(TREE, lambda limit, value: LINES.get((limit, value), ()))
TODAY = date(2024, 7, 1)


def of(*grants: Grant) -> Scope:
    return scope(grants, POLICY, COMPANY, on=TODAY)


def test_without_a_grant_nothing_is_seen() -> None:
    assert of().rights == ()


def test_a_role_that_shows_what_is_granted_shows_nothing_without_a_limit() -> None:
    assert of(Grant(role="manager", within={})).rights == ()
    assert of(Grant(role="executive", within={})).rights[0].reach == (Area(),)


def test_a_limit_narrows_a_role_that_could_see_everything() -> None:
    told = of(Grant(role="executive", within={"territory": ("north",)}))
    assert told.rights[0].reach == (Area(territories=frozenset({"north", "bilbao", "gijon"})),)


def test_all_limits_of_one_grant_hold_together() -> None:
    told = of(Grant(role="manager", within={"territory": ("italy",), "category": ("toys",), "brand": ("X",)}))
    assert told.rights[0].reach == (Area(territories=frozenset({"italy"}), products=frozenset({"p2"})),)


def test_a_line_of_no_product_shows_nothing() -> None:
    assert of(Grant(role="manager", within={"category": ("gone",)})).rights == ()


def test_a_grant_holds_from_its_first_day_until_its_last() -> None:
    window = {"since": TODAY, "until": date(2024, 7, 2)}
    assert of(Grant(role="analyst", within={}, **window)).rights
    for day in (date(2024, 6, 30), date(2024, 7, 2)):
        assert not scope([Grant(role="analyst", within={}, **window)], POLICY, COMPANY, on=day).rights


def test_a_hundred_grants_of_one_role_are_one_right_with_one_area() -> None:
    told = of(*(Grant(role="sales", within={"customer": (str(number),)}) for number in range(100)))
    assert [right.reach for right in told.rights] == [(Area(customers=frozenset(range(100))),)]


def test_everything_and_something_is_everything() -> None:
    told = of(Grant(role="analyst", within={}), Grant(role="analyst", within={"customer": ("7",)}))
    assert [right.reach for right in told.rights] == [(Area(),)]


def test_columns_of_one_grant_are_not_seen_in_the_rows_of_another() -> None:
    told = of(
        Grant(role="service", within={"territory": ("italy",)}), Grant(role="analyst", within={"customer": ("7",)})
    )
    customer, italy = Area(customers=frozenset({7})), Area(territories=frozenset({"italy"}))
    assert told.of_column("service_case", "text", personal=True) == (italy,)
    assert told.of_column("order_line", "cost_of_goods") == (customer,)
    assert told.of_column("order_line", "channel") == (customer, italy)
    assert told.of_figure("margin", ()) == (customer,)
    assert told.of_figure("revenue", ("order_line.cost_of_goods",)) == (customer,)


def test_a_right_to_figures_of_many_shows_no_row() -> None:
    told = of(Grant(role="statistician", within={}))
    assert told.of_column("order_line", "channel") == ()
    assert told.of_figure("revenue", ()) == ()
    assert not told.sees_people


def test_who_may_see_a_personal_column_somewhere_needs_the_people_file() -> None:
    assert of(Grant(role="finance", within={})).sees_people
    assert not of(Grant(role="executive", within={})).sees_people
    assert of(Grant(role="administrator", within={})).sees_all


@pytest.mark.parametrize(
    ("within", "said"),
    [
        ({"teritory": ("x",)}, "unknown limit 'teritory' of a grant; known: territory"),
        ({"territory": ()}, "the limit 'territory' of a grant has no value"),
        ({"customer": ("١",)}, "names customers by number"),
        ({"customer": ("-1",)}, "'-1' is none"),
    ],
)
def test_a_limit_that_is_none_is_one_sentence(within: dict[str, tuple[str, ...]], said: str) -> None:
    with pytest.raises(GrantError, match=said):
        checked(within)


def test_territories_that_lie_in_each_other_end_the_walk() -> None:
    assert below(["a"], {"a": "b", "b": "a", "c": "b"}) == {"a", "b", "c"}
