"""Rows that are made of more than others: a forecast of margin stands beside chances, and is for fewer eyes."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import WHOLE, Cells, Names, Right, Scope
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Rest
from clientela.cube.filters import Bound
from clientela.cube.replica.copies import copies, to_keep
from clientela.cube.scoped import Narrowing, kinds_of, within
from clientela.warehouse.engine import Engine
from tests.unit.cube.published import AS_OF, Published

ALL_BUT_COST = Names(("*", "!order_line.cost_of_goods"))
COST_TOO = Names(("*",))
COSTS = Names(("order_line.*", "subscription.*", "product.*"))
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


def test_it_is_hidden_from_who_may_not_see_what_contracts_bring_or_cost():
    for column in ("subscription.amount", "product.unit_cost"):
        scope = seeing(Names(("*", f"!{column}")))
        assert narrowed(scope, "score") == ["TRUE AND analysis <> 'lifetime-value'"], column
        assert narrowed(scope, "model") == [], column  # it is learned from orders alone


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


def test_a_cell_is_seen_where_one_grant_shows_it_and_what_its_row_is_made_of():
    costs_alone = Right(reach=EVERYTHING, columns=COSTS, measures=Names(()))
    costs_too = Right(reach=SEVEN, columns=COST_TOO, measures=Names(()))
    both = Scope((*seeing(ALL_BUT_COST).rights, costs_alone))
    assert both.of_kinds("score") == ("analysis", {})  # some grant shows costs, and none of them with the value
    assert both.of_cells("score", ["value"]) == Cells(EVERYTHING, "analysis", (("lifetime-value", ()),))
    of_seven = Scope((*both.rights, costs_too))
    assert of_seven.of_cells("score", ["value"]) == Cells(EVERYTHING, "analysis", (("lifetime-value", SEVEN),))
    assert of_seven.of_cells("order_line", ["channel"]) == Cells(EVERYTHING)


def test_a_replica_holds_such_a_cell_where_one_grant_gives_it_and_what_its_row_is_made_of():
    rights = (
        *seeing(ALL_BUT_COST).rights,
        Right(reach=EVERYTHING, columns=COSTS, measures=Names(())),
        Right(reach=SEVEN, columns=COST_TOO, measures=Names(())),
    )
    scores = [
        {"analysis": each, "customer_id": who, "as_of": AS_OF, "value": Decimal(who), "unit": "EUR"}
        for each in ("churn-risk", "lifetime-value")
        for who in (7, 8)
    ]
    with Engine.in_memory() as engine:
        published = Published(engine).add(score=scores)
        view = published.view(people=None, scope=to_keep(Scope(rights)))
        (copied,) = (each for each in copies(view) if each.table == "score")
        held = engine.fetch(copied.query, copied.parameters).select(["analysis", "customer_id", "value"]).to_pylist()
    assert sorted((each["analysis"], each["customer_id"], each["value"]) for each in held) == [
        ("churn-risk", 7, 7),
        ("churn-risk", 8, 8),
        ("lifetime-value", 7, 7),
    ]


def test_other_tables_are_as_they_were():
    assert seeing(ALL_BUT_COST).of_kinds("order_line") == ("", {})
    assert narrowed(seeing(ALL_BUT_COST), "order_line") == []


def test_a_figure_counts_them_where_one_grant_gives_it_and_what_they_are_made_of():
    def counted(measures: str) -> object:
        of_seven = Right(reach=SEVEN, columns=COST_TOO, measures=Names((measures,)))
        scope = Scope((*seeing(ALL_BUT_COST).rights, of_seven))
        return kinds_of(scope, Rest(("expected_loss",), ()), [FACTS["score"]], [DIMENSIONS["customer"]])

    assert counted("*") == (("score", "lifetime-value", SEVEN),)
    assert counted("revenue") == (("score", "lifetime-value", ()),)


def test_a_figure_of_other_tables_has_none():
    given = (Rest(("revenue",), ()), [FACTS["order_line"]], [DIMENSIONS["channel"]])
    assert kinds_of(seeing(ALL_BUT_COST), *given) == ()


def test_what_a_figure_counts_is_what_the_table_is_narrowed_to():
    told = Narrowing(seeing(COST_TOO), {"score", "customer_territory"}, Bound("asked"))
    kinds = (("score", "lifetime-value", ()),)
    found = told(within(exp.select("*").from_("score"), EVERYTHING, kinds).find(exp.Table))
    assert [each.sql("duckdb") for each in found or ()] == ["TRUE AND analysis <> 'lifetime-value'"]


def test_what_satisfaction_goes_with_is_hidden_from_who_may_not_see_answers_or_prices():
    for column in ("survey_answer.score", "order_line.discount"):
        scope = seeing(Names(("*", f"!{column}")))
        assert narrowed(scope, "model") == ["TRUE AND analysis <> 'satisfaction-effect'"], column
        assert narrowed(scope, "score") == [], column


def test_a_class_of_payers_and_a_room_to_grow_are_hidden_with_what_they_are_made_of():
    hidden = {
        "invoice.paid_on": ("customer_class.class", "customer_class.class_before", "customer_class.overdue"),
        "customer.credit_limit": ("customer_class.because", "customer_wallet.room"),
        "order_line.net_revenue": ("customer_wallet.spent", "satisfaction_case.after_revenue", "wallet_frontier.low"),
        "survey_answer.score": ("satisfaction_case.feeling",),
    }
    for column, made in hidden.items():
        (right,) = seeing(Names(("*", f"!{column}"))).rights
        assert not any(map(right.shows, made)), column
    (whole,) = seeing(COST_TOO).rights
    assert all(whole.shows(each) for made in hidden.values() for each in made)
