"""Costs that may count twice: what is said, what is too small to say, and to whom nothing is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.profit.accounts import LINES, ZERO, Accounts, Ledger, Pool
from clientela.analyse.customer.profit.twice import Contained, contained, tell_contained, tell_twice
from clientela.contracts.text import Period
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lookalike.worlds import seen
from tests.unit.analyse.profit.costed import computed
from tests.unit.analyse.profit.test_allocated_cost import FEBRUARY, MARCH, amount, marketing, rule, spring
from tests.unit.cube.published import Published

NOBODY = Ledger(np.zeros(0, dtype=np.int64), np.zeros((0, len(LINES)), dtype=np.int64))
NOTHING = (ZERO,) * len(LINES)


def pool(name: str, amount: str, *, line: str = "acquisition", driver: str = "new_customers") -> Pool:
    """A pool of the period."""
    return Pool(name, line, driver, "v1", Decimal(amount), ZERO)


def of(*pools: Pool, contacts: str = "0") -> Accounts:
    """Accounts of March with these pools."""
    return Accounts(
        period=Period(MARCH, date(2024, 3, 31)), buyers=NOBODY, others=NOBODY, nobody=NOTHING, unallocated=NOTHING,
        pools=pools, known=frozenset(), unseen=0, whole_revenue=ZERO, costed_revenue=ZERO, contacts=Decimal(contacts),
    )  # fmt: skip


def said(accounts: Accounts, *told: Contained) -> list[str]:
    """What is told of them, in a company that has nothing else."""
    with Engine.in_memory() as engine:
        kb = seen(Published(engine).add(allocated_cost=[]))
        return [each.id for each in tell_twice(kb, accounts, told)]


CAMPAIGN = pool("campaign c1: Spring", "100", driver="campaign_orders")


@pytest.mark.parametrize(
    ("other", "begins"),
    [
        (pool("Fairs", "5000"), "Campaigns, their contacts and bought lists"),
        (pool("Fairs", "100.9"), "The pool “{pool}” ({amount}) and {what}"),
        (pool("Fairs", "101.5"), "Campaigns, their contacts and bought lists"),
        (pool(" SPRING", "20"), "The pool “{pool}” ({amount}) is called like"),
        (pool("c1", "5000", line="contact"), "The pool “{pool}” ({amount}) is called like"),
    ],
)
def test_a_pool_beside_a_campaign_is_named_and_how(other: Pool, begins: str):
    (only,) = said(of(CAMPAIGN, other))
    assert only.startswith(begins)


def test_of_other_lines_of_large_pools_and_of_those_that_say_they_contain_it_nothing_is_said():
    assert said(of(CAMPAIGN, pool("Parcels", "100", line="delivery"))) == []
    assert said(of(CAMPAIGN, pool("Fairs", "10001"))) == []
    assert said(of(CAMPAIGN)) == said(of(pool("Fairs", "100"))) == []
    assert said(of(CAMPAIGN, pool("Fairs", "100")), Contained("Fairs", Decimal(100), Decimal(50))) == []


def test_beside_a_pool_that_contains_it_another_is_named_only_as_one_to_leave_out():
    fairs = Contained("Fairs", Decimal(500), Decimal(100))
    assert said(of(CAMPAIGN, pool("Fairs", "400"), pool("Posters", "150")), fairs) == []
    for same in (pool("Posters", "100"), pool("Spring", "20")):
        (only,) = said(of(CAMPAIGN, pool("Fairs", "400"), same), fairs)
        assert only.endswith("Another pool says contains_budgets = true already: leave the pool out.")


def test_the_sure_case_is_told_first_even_behind_larger_pools_and_no_more_than_three():
    larger = [pool(f"Fairs {at}", str(9000 - at)) for at in range(4)]
    found = said(of(CAMPAIGN, *larger, pool("Advertising", "100.5")))
    assert [each.startswith("The pool “{pool}” ({amount}) and {what}") for each in found] == [True, False, False]


def test_what_contacts_cost_by_themselves_counts_too():
    (only,) = said(of(pool("Mailer", "49.9", line="contact"), contacts="50"))
    assert "are the same amount to within a percent" in only


def test_a_pool_that_contains_budgets_from_a_month_on_is_told_with_all_its_months():
    since = [rule("marketing", "orders"), rule("marketing", "orders", contains_budgets=True, since=MARCH)]
    since[0]["until"] = MARCH
    figures = [amount(month, "100", "marketing") for month in (FEBRUARY, MARCH)]
    found = computed(cost_rule=since, cost_figure=[*figures, amount(MARCH, "70")], campaign=[spring("24")])
    both = replace(of(CAMPAIGN, pool("marketing", "176")), period=Period(FEBRUARY, date(2024, 3, 31)))
    with Engine.in_memory() as engine:
        published = Published(engine).add(cost_pool_month=found["cost_pool_month"], allocated_cost=[])
        assert contained(seen(published), both) == (Contained("marketing", Decimal(200), Decimal(24)),)


def test_who_sees_a_part_of_the_customers_or_no_pools_is_told_nothing():
    found = computed(**marketing((MARCH, "100")), campaign=[spring("24")])
    accounts = of(CAMPAIGN, pool("marketing", "76"))
    whole, some, without = (
        None,
        Scope((Right(reach=(Area(customers=frozenset({1})),), columns=Names(("*",)), measures=Names(("*",))),)),
        Scope((Right(reach=EVERYTHING, columns=Names(("*", "!cost_pool.amount")), measures=Names(("*",))),)),
    )
    with Engine.in_memory() as engine:
        published = Published(engine).add(cost_pool_month=found["cost_pool_month"], allocated_cost=[])
        told = [contained(seen(published, scope), accounts) for scope in (whole, some, without)]
        assert told == [(Contained("marketing", Decimal(100), Decimal(24)),), None, None]
        assert tell_twice(seen(published, some), accounts, None) == ()
    (only,) = tell_contained(told[0] or (), "EUR")
    assert (only.values["whole"].value, only.values["apart"].value) == (100, 24)  # type: ignore[union-attr] # amounts
