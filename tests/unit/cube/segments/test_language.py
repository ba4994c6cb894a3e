"""A segment's condition as it is typed: the tree it becomes, and the sentences where it becomes none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clientela.contracts.filter import And, Condition, Not, Operator, Or
from clientela.contracts.fiscal import FiscalYear
from clientela.cube.declared.measure import MEASURES, Measure
from clientela.cube.segments.fields import FOLLOWED, Counted
from clientela.cube.segments.language import leaves, meaning_of, shown, understood
from clientela.cube.segments.terms import counting
from clientela.errors import ClientelaError

MARCH = (date(2024, 3, 1), date(2024, 3, 31))


def test_a_condition_becomes_the_filter_tree_that_questions_use() -> None:
    told = understood("orders >= 3 and (channel = 'web' or revenue over 12 months > 500.5) and not kind = 'person'")
    assert told == And(
        (
            Condition("orders", Operator.GE, 3),
            Or(
                (
                    Condition("channel", Operator.EQ, "web"),
                    Condition("revenue over 12 months", Operator.GT, Decimal("500.5")),
                )
            ),
            Not(Condition("kind", Operator.EQ, "person")),
        )
    )


def test_within_compares_the_days_since_then() -> None:
    assert understood("last_order within 2 weeks") == Condition("days since last_order", Operator.LE, 14)
    assert understood("last_order not within 90 days") == Not(Condition("days since last_order", Operator.LE, 90))


def test_a_measure_takes_a_filter_of_its_own() -> None:
    told = understood("orders(channel = 'web' and month >= '2024-03') over 90 days >= 2")
    assert isinstance(told, Condition)
    assert told.field == "orders(channel = 'web' and month >= '2024-03') over 90 days"


def test_of_the_days_of_orders_one_must_lie_outside_a_period_as_of_channels_one_elsewhere() -> None:
    outside = Or((Condition("month", Operator.LT, MARCH[0]), Condition("month", Operator.GT, MARCH[1])))
    assert understood("month <> '2024-03'") == understood("'2024-03' <> month") == outside
    assert understood("not month = '2024-03'") == Not(Condition("month", Operator.BETWEEN, MARCH))
    assert understood("last_order <> '2024-03'") == Not(Condition("last_order", Operator.BETWEEN, MARCH))


def test_the_company_s_own_year_is_meant_inside_of_a_measure_too() -> None:
    april = FiscalYear(4)
    assert understood("fiscal_quarter = 'FY2024-Q4'", april) == Condition(
        "fiscal_quarter", Operator.BETWEEN, (date(2024, 1, 1), MARCH[1])
    )
    (inner,) = leaves(understood("orders(channel = 'web' and month = 'FY2024-Q4') > 1", april))
    (own,) = leaves(understood("orders(channel = 'web' and month = '2024-Q1') > 1"))
    assert isinstance(one := meaning_of(inner), Counted)
    assert isinstance(other := meaning_of(own), Counted)
    assert one.within == other.within


def test_blanks_in_quotes_are_kept_inside_of_a_measure() -> None:
    told = understood("orders( channel  = 'pop-up  store' )  over 2 days > 1")
    assert isinstance(told, Condition)
    assert told.field == "orders(channel = 'pop-up  store') over 2 days"


@pytest.mark.parametrize(
    "said",
    [
        "orders(channel = 'web') over 90 days >= 2",
        "revenue over 3 months > 100",
        "last_order within 90 days",
        "channel in ('web', 'o''hara')",
        "category is null",
        "last_order >= '2024-03-01'",
    ],
)
def test_what_is_shown_of_a_condition_can_be_read_again(said: str) -> None:
    (leaf,) = leaves(understood(said))
    assert leaves(understood(shown(leaf))) == (leaf,)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "the condition is empty"),
        ("orders >=", "cannot be read"),
        ("orders >= 3; drop table x", "cannot be read"),
        ("foo > 3", "unknown field 'foo'"),
        ("orders over 3 fortnights > 1", "a period is so many days, weeks, months, quarters or years"),
        ("orders over 0 days > 1", "a period is of 1 to"),
        ("orders over > 1", "takes a period"),
        ("last_order within 3 months", "takes days or weeks"),
        ("orders within 3 days", "is no day"),
        ("region over 3 days = 'x'", "neither a period nor a condition of its own"),
        ("email = 'a@example.org'", "is personal"),
        ("days_since_purchase > 1", "cannot be followed from day to day"),
        ("customers_scored > 1", "cannot be followed from day to day"),
        ("complaints(category2 = 'x') > 1", "unknown field 'category2'"),
        ("invoices(channel = 'web') > 1", "'channel'"),
        ("orders(channel = 'web' > 1", "parenthesis is opened and not closed"),
        ("orders = 'three'", "takes a number"),
        ("orders in (select 1)", "takes a list of values"),
        ("orders > 1 " + "and orders > 1 " * 300, "more than 200 parts"),
        ("a" * 20_000, "letters"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(said: str, sentence: str) -> None:
    with pytest.raises(ClientelaError, match=sentence):
        understood(said)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, each in MEASURES.items()
        if isinstance(each, Measure) and each.fact in FOLLOWED and name != "days_since_purchase"
    ],
)
def test_every_measure_of_a_fact_that_is_followed_can_be_followed(name: str) -> None:
    asked = MEASURES[name]
    assert isinstance(asked, Measure)
    assert counting(asked, None, None).term.fact == asked.fact
