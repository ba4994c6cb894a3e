"""Which roll-ups are chosen: those that spare most of what is asked, within their room."""

from __future__ import annotations

from clientela.cube.declared.measure import MEASURES
from clientela.cube.rollup.choose import asked_by_hand, chosen, needs
from clientela.cube.rollup.shape import SEEN_IN, Rollup, Shape, finer

ROWS = {"order_line": 10_000_000}
MEMBERS = {
    "order_line": {
        "month": 24,
        "day": 730,
        "category": 20,
        "product_id": 5_000,
        "channel": 4,
        "region": 20,
        SEEN_IN: 120,
    }
}
MEMBERS |= {fact: {"month": 24, SEEN_IN: 120} for fact in ("customer_start", "customer_loss")}
ROWS |= dict.fromkeys(("customer_start", "customer_loss"), 1_000_000)
ROOM = 256 << 20


def choose(asked: dict[Shape, float], room: int = ROOM) -> list[Rollup]:
    return chosen(needs(asked, MEASURES), MEASURES, MEMBERS, ROWS, room=room)


def test_nothing_is_counted_that_nobody_asks() -> None:
    assert choose({}) == []


def test_one_table_answers_what_two_questions_ask() -> None:
    (only,) = choose({Shape(measures=("revenue",), by=(name,)): 1.0 for name in ("month", "category")})
    assert (only.by, only.levels, only.table) == (("category", "month"), (), "figures_of_order_line_1")


def test_a_quarter_comes_from_months() -> None:
    (only,) = choose(
        {Shape(measures=("revenue",), by=("quarter",)): 1.0, Shape(measures=("margin",), by=("month",)): 1.0}
    )
    assert only.by == ("month",)


def test_different_customers_are_counted_at_the_levels_asked_for() -> None:
    (only,) = choose({Shape(measures=("customers",), by=("month",), filtered=("channel",), pinned=("channel",)): 1.0})
    assert (only.by, only.levels) == (("channel", "month"), (("channel", "month"), ("channel",)))


def test_different_customers_of_a_range_are_left_to_be_counted_when_asked() -> None:
    assert choose({Shape(measures=("customers",), by=("month",), filtered=("day",)): 1.0}) == []


def test_for_who_sees_a_territory_the_territory_stands_in_the_table() -> None:
    (only,) = choose({Shape(measures=("revenue",), by=("month",), limits=("territories",)): 1.0})
    assert only.by == ("month", SEEN_IN)


def test_for_who_is_limited_by_campaigns_or_products_their_number_stands_in_the_table() -> None:
    for limit, column in (("campaigns", "campaign_id"), ("products", "product_id")):
        (only,) = choose({Shape(measures=("revenue",), by=("month",), limits=(limit,)): 1.0})
        assert {*only.by} == {"month", column}


def test_where_rows_name_no_campaign_nothing_is_counted_for_who_is_limited_by_one() -> None:
    assert needs({Shape(measures=("invoiced",), by=("month",), limits=("campaigns",)): 1.0}, MEASURES) == {}


def test_different_customers_of_who_sees_territories_are_counted_by_sets_of_these_for_everybody() -> None:
    asked = {Shape(measures=("customers",), by=("month",), limits=each): 1.0 for each in ((), ("territories",))}
    (only,) = choose(asked)
    assert (only.by, only.levels, only.by_sets) == (("month",), (("month",), ()), True)


def test_customers_who_came_or_were_lost_are_counted_by_the_one_territory_of_each() -> None:
    limits: tuple[tuple[str, ...], ...] = (("territories",), ("customers", "territories"))
    asked = {Shape(measures=("new_customers", "lost_customers"), by=("month",), limits=each): 1.0 for each in limits}
    found = {each.fact: each for each in choose(asked)}
    assert (found["customer_start"].by, found["customer_start"].levels) == (("month", SEEN_IN), ())
    assert (found["customer_loss"].by, found["customer_loss"].by_sets) == (("month", SEEN_IN), False)
    assert found["customer_loss"].levels == (("month", SEEN_IN), (SEEN_IN,))
    assert len(found) == 2
    everybody = {Shape(measures=("new_customers",), by=("month",), limits=each): 1.0 for each in ((), *limits)}
    assert {each.by for each in choose(everybody)} == {("month",), ("month", SEEN_IN)}


def test_customers_who_came_of_a_product_are_left_to_be_counted_when_asked() -> None:
    for limits in (("products",), ("campaigns", "territories")):
        assert choose({Shape(measures=("new_customers", "lost_customers"), by=("month",), limits=limits): 1.0}) == []


def test_different_customers_of_products_or_of_accounts_alone_are_left_to_be_counted_when_asked() -> None:
    for limits in (("products",), ("customers",), ("products", "territories")):
        assert choose({Shape(measures=("customers",), by=("month",), limits=limits): 1.0}) == []


def test_the_region_of_a_territory_takes_no_room_of_its_own() -> None:
    asked = {Shape(measures=("revenue",), by=("region", "product_id"), limits=("territories",)): 1.0}
    (only,) = choose(asked)
    assert {*only.by} == {"region", "product_id", SEEN_IN}


def test_what_is_asked_by_hand_is_counted_first_and_not_once_more() -> None:
    asked = {Shape(measures=("revenue", "customers"), by=("month",)): 1.0}
    by_hand = asked_by_hand(needs(asked, MEASURES), MEASURES)
    assert [(each.table, each.by, each.levels) for each in by_hand] == [
        ("figures_of_order_line_1", ("month",), ()),
        ("figures_of_order_line_2", ("month",), (("month",), ())),
    ]
    other = {Shape(measures=("revenue",), by=("channel",)): 1.0}
    more = chosen(needs({**asked, **other}, MEASURES), MEASURES, MEMBERS, ROWS, room=ROOM, by_hand=by_hand)
    assert [(each.table, each.by) for each in more] == [("figures_of_order_line_3", ("channel",))]


def test_what_has_no_room_is_not_counted() -> None:
    asked = {
        Shape(measures=("revenue",), by=("product_id", "day")): 9.0,
        Shape(measures=("revenue",), by=("month",)): 1.0,
    }
    assert [each.by for each in choose(asked, room=1 << 20)] == [("month",)]


def test_what_is_asked_most_comes_first() -> None:
    asked = {
        Shape(measures=("revenue",), by=("product_id", "month")): 1.0,
        Shape(measures=("revenue",), by=("day", "region", "channel")): 50.0,
    }
    first, *_ = choose(asked)
    assert {"day", "region", "channel"} <= {*first.by}


def test_what_is_worked_out_from_a_finer_one() -> None:
    there = ("month", "product_id")
    assert [finer(name, there) for name in ("year", "week", "brand", "region")] == ["month", None, "product_id", None]
