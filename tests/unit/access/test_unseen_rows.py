"""Rows that are made of more than others: a forecast of margin stands beside chances, and is for fewer eyes."""

from __future__ import annotations

from sqlglot import exp

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import WHOLE, Names, Right, Scope
from clientela.cube.filters import Bound
from clientela.cube.scoped import Narrowing, within

ALL_BUT_COST = Names(("*", "!order_line.cost_of_goods"))
COST_TOO = Names(("*",))
SEVEN = (Area(customers=frozenset({7})),)


def seeing(*columns: Names, reach=EVERYTHING, least: int = 0) -> Scope:
    return Scope(tuple(Right(reach=reach, columns=each, measures=Names(("*",)), least=least) for each in columns))


def narrowed(scope: Scope, table: str, reach=EVERYTHING) -> list[str]:
    told = Narrowing(scope, {"score", "customer_territory"}, Bound("asked"))
    found = told(within(exp.select("*").from_(table), reach).find(exp.Table))
    return [each.sql("duckdb") for each in found or ()]


def test_what_a_customer_will_bring_is_hidden_from_who_may_not_see_costs():
    assert seeing(ALL_BUT_COST).of_kinds("score") == ("analysis", {"lifetime-value": ()})
    assert narrowed(seeing(ALL_BUT_COST), "score") == ["TRUE AND analysis <> 'lifetime-value'"]


def test_so_are_the_models_and_tests_it_comes_from():
    assert narrowed(seeing(ALL_BUT_COST), "model") == narrowed(seeing(ALL_BUT_COST), "backtest")
    assert narrowed(seeing(ALL_BUT_COST), "model") == ["TRUE AND analysis <> 'lifetime-value'"]
    assert narrowed(seeing(COST_TOO, reach=SEVEN), "model", SEVEN) == []


def test_who_sees_costs_sees_it():
    assert seeing(COST_TOO).of_kinds("score") == WHOLE.of_kinds("score") == ("analysis", {})
    assert narrowed(seeing(COST_TOO), "score") == []


def test_who_sees_costs_of_some_customers_sees_it_of_those():
    both = Scope((*seeing(COST_TOO, reach=SEVEN).rights, *seeing(ALL_BUT_COST).rights))
    (told,) = narrowed(both, "score")
    assert told.startswith("TRUE AND (analysis <> 'lifetime-value' OR customer_id IN (")


def test_it_is_hidden_within_the_rows_of_a_grant_too():
    (told,) = narrowed(seeing(ALL_BUT_COST, reach=SEVEN), "score", SEVEN)
    assert told.startswith("customer_id IN (") and told.endswith(" AND analysis <> 'lifetime-value'")


def test_who_sees_figures_of_many_counts_it_where_every_right_shows_costs():
    assert seeing(COST_TOO, COST_TOO, least=10).of_kinds("score") == ("analysis", {})
    assert seeing(COST_TOO, ALL_BUT_COST, least=10).of_kinds("score") == ("analysis", {"lifetime-value": ()})


def test_other_tables_are_as_they_were():
    assert seeing(ALL_BUT_COST).of_kinds("order_line") == ("", {})
    assert narrowed(seeing(ALL_BUT_COST), "order_line") == []
