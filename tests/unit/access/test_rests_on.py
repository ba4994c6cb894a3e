"""What was made of a column is hidden with it: no page may tell what the tables behind it do not."""

from __future__ import annotations

import pytest

from clientela.access.area import EVERYTHING
from clientela.access.policy import policy
from clientela.access.rights import PERSONAL, Names, Right, Scope
from clientela.contracts.derived import DERIVED
from clientela.contracts.derived.behaviour import CUSTOMER_FEATURE
from clientela.contracts.derived.customer.services import WORTH_RESTS_ON
from clientela.contracts.derived.pages import COMPANY_WORD, CUSTOMER_PAGE, NAME_WORD, RESTS_ON
from clientela.contracts.tables import CONTRACTS


def scope(*columns: str) -> Scope:
    return Scope((Right(reach=EVERYTHING, columns=Names(columns), measures=Names(("*",))),))


@pytest.mark.parametrize(
    ("hidden", "gone"),
    [
        ("!*.cost_of_goods", "margin"),
        ("!*.cost_of_goods", "worth"),
        ("!subscription.amount", "worth"),
        ("!subscription.amount", "investment_tier"),
        ("!score.*", "churn_chance"),
        ("!order_line.*", "revenue"),
        ("!interaction.*", "last_interaction_on"),
        ("!service_case.*", "open_cases"),
        ("!customer.city", "city"),
    ],
)
def test_a_column_is_hidden_with_what_it_is_made_of(hidden: str, gone: str):
    assert scope("*").of_column("customer_page", gone) == EVERYTHING
    assert scope("*", hidden).of_column("customer_page", gone) == ()
    assert scope("*", hidden).of_columns((f"customer_page.{gone}",)) == ()


def test_whether_a_cost_was_worked_out_is_hidden_with_the_cost():
    assert scope("*").of_column("order_line", "cost_assumed") == EVERYTHING
    assert scope("*", "!*.cost_of_goods").of_column("order_line", "cost_assumed") == ()
    assert scope("*", "!*.cost_of_goods").of_columns(("order_line.cost_assumed",)) == ()
    assert scope("*", "!product.unit_cost").of_column("order_line", "cost_of_goods") == EVERYTHING  # the line's own


@pytest.mark.parametrize("role", ["marketing", "sales", "service"])
@pytest.mark.parametrize("table", ["customer_page", "customer_feature"])
def test_a_role_without_the_cost_of_goods_has_no_margin_in_any_table(role: str, table: str):
    columns = policy(columns={}, measures=frozenset()).role(role).columns
    seen = Scope((Right(reach=EVERYTHING, columns=columns, measures=Names(("*",))),))
    hidden = {name for name in DERIVED[table].names if seen.of_column(table, name) == ()}
    told_of_cost = {
        "customer_page": {
            *("margin", "year_margin", "investment_tier"),
            *("worth", "worth_low", "worth_high", "worth_basis", "worth_days"),
        },
        "customer_feature": {"margin", "revenue_with_cost"},
    }
    assert {name for name in hidden if not name.startswith(("churn_", "expected_", "value_"))} == told_of_cost[table]
    assert seen.of_column(table, "revenue") == EVERYTHING


@pytest.mark.parametrize(
    ("column", "hidden"),
    [
        *(("lifetime_tenth.worth", each) for each in WORTH_RESTS_ON),
        *(("contract_worth.worth", each) for each in WORTH_RESTS_ON),
        *(("service_worth.services", each) for each in WORTH_RESTS_ON),
        *(("customer_page.worth", each) for each in WORTH_RESTS_ON),
        *((f"{table}.product_id", "subscription.product_id") for table in ("contract_worth", "service_worth")),
        ("lifetime_trait.channel", "order_line.channel"),
        ("lifetime_trait.category", "product.category"),
        ("lifetime_trait.category", "order_line.product_id"),
        ("lifetime_trait.campaign", "order_line.campaign_id"),
        *((f"lifetime_trait.{name}", "order_line.ordered_at") for name in ("channel", "category", "campaign")),
    ],
)
def test_what_a_value_and_a_first_purchase_are_made_of_hides_them(column: str, hidden: str):
    table, _, name = column.partition(".")
    assert scope("*").of_column(table, name) == EVERYTHING
    assert scope("*", f"!{hidden}").of_column(table, name) == ()


def test_a_value_rests_on_all_that_the_margin_of_a_contract_rests_on():
    of_margin = {*RESTS_ON["subscription_risk.margin_a_month"]} - {"score.value"}
    assert of_margin <= {*WORTH_RESTS_ON}


def test_words_of_names_are_for_who_sees_names():
    assert scope("*").of_column("name_word", "word", personal=True) == ()
    assert scope("*", "name_word.word").of_column("name_word", "word", personal=True) == ()
    assert scope("*", PERSONAL).of_column("name_word", "word", personal=True) == EVERYTHING
    assert scope("*", PERSONAL, "!customer.full_name").of_column("name_word", "word", personal=True) == ()


def test_a_pattern_for_customers_gives_no_figures_of_sales():
    officer = scope("customer*", PERSONAL)  # as the data protection officer sees
    assert officer.of_column("customer_page", "records") == EVERYTHING
    assert officer.of_column("customer_page", "revenue") == ()
    seen = {name for name in CUSTOMER_FEATURE.names if officer.of_column("customer_feature", name)}
    assert seen == {"customer_id", "as_of"}


def test_every_column_but_the_number_says_what_it_is_made_of_and_that_exists():
    every = {**CONTRACTS, **DERIVED}
    tables = (CUSTOMER_PAGE, CUSTOMER_FEATURE, NAME_WORD, COMPANY_WORD)
    told = {f"{each.name}.{name}" for each in tables for name in each.names}
    keys = {f"{table}.customer_id" for table in ("customer_page", "customer_feature", "company_word")}
    assert told - RESTS_ON.keys() == keys | {"customer_feature.as_of"}
    for rests_on in RESTS_ON.values():
        for each in rests_on:
            table, _, column = each.partition(".")
            assert column in every[table].names, each
