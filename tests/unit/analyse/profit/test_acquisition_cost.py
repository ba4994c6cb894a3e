"""What campaigns and bought lists cost, laid on those who bought by them: five rows, and nothing lost or made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.analyse.profit.costed import AS_OF, computed
from tests.unit.cube.published import Row, line, reference

JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
KNOWN = datetime(2024, 1, 1)


def laid(**tables: Sequence[Row]) -> list[dict[str, Any]]:
    """What ``allocated_cost`` makes of campaigns and lists, in the order of pools, months and places."""
    return computed(**tables)["allocated_cost"]


def told(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Month, customer, line, amount and who got it."""
    return [
        tuple(row[name] for name in ("happened_on", "customer_id", "cost_line", "amount", "allocation")) for row in rows
    ]


def campaign(budget: str | None, **more: object) -> Row:
    """A campaign that is over, of March."""
    spent = None if budget is None else Decimal(budget)
    return reference(**{"campaign_id": "c1", "budget": spent, "starts_on": MARCH, "ends_on": date(2024, 3, 20), **more})


def sent(number: int, cost: str) -> Row:
    """A contact of the campaign that cost something itself."""
    moment = datetime(2024, 3, 2)
    return {
        "source": "mailer", "contact_id": str(number), "campaign_id": "c1", "status": "sent", "customer_id": number,
        "cost": Decimal(cost), "happened_at": moment, "happened_on": moment.date(), "known_from": moment,
        "known_assumed": False,
    }  # fmt: skip


def on_list(customer: int, list_id: str = "l1") -> Row:
    """A record that came with a list."""
    key = {"source": "bought", "customer_id": customer, "list_id": list_id}
    return {**key, "happened_at": KNOWN, "happened_on": KNOWN.date(), "known_from": KNOWN, "known_assumed": False}


def test_a_budget_is_laid_on_the_orders_that_came_by_it_first_ones_as_acquisition():
    found = laid(
        campaign=[campaign("100", name="Spring"), campaign("50", campaign_id="c2")],
        order_line=[
            line("a", 1, "2024-03-03", "10", campaign_id="c1"),
            line("a", 1, "2024-03-03", "20", campaign_id="c1", line_no="2"),  # the same order
            line("b", 2, "2024-01-04", "10"),
            line("c", 2, "2024-03-05", "10", campaign_id="c1"),  # a customer already
            line("d", None, "2024-03-06", "10", campaign_id="c1"),
            line("e", 1, "2024-03-30", "10", campaign_id="c1"),  # is one by now
        ],
    )
    assert told(found) == [
        (MARCH, None, "contact", Decimal(25), "no customer known"),
        (MARCH, 1, "acquisition", Decimal(25), "shared out"),
        (MARCH, 1, "contact", Decimal(25), "shared out"),
        (MARCH, 2, "contact", Decimal(25), "shared out"),
        (MARCH, None, "acquisition", Decimal(50), "nothing to share by"),  # nobody bought by the other
    ]
    assert [row["pool"] for row in found] == ["campaign c1: Spring"] * 4 + ["campaign c2"]
    assert {row["driver"] for row in found} == {"campaign_orders"}


def test_what_contacts_cost_themselves_stands_elsewhere_and_is_taken_off():
    order = line("a", 1, "2024-03-03", "10", campaign_id="c1")
    found = laid(campaign=[campaign("100")], order_line=[order], contact=[sent(1, "30"), sent(2, "0.5")])
    assert told(found) == [(MARCH, 1, "acquisition", Decimal("69.5"), "shared out")]
    assert laid(campaign=[campaign("100")], order_line=[order], contact=[sent(1, "100")]) == []


def test_of_a_campaign_that_runs_the_days_that_passed_are_charged_and_none_of_one_to_come():
    order = line("a", 1, "2024-03-03", "10", campaign_id="c1")
    ends = date(2024, 4, 30)  # 61 days, of which 31 have passed
    assert told(laid(campaign=[campaign("122", ends_on=ends)], order_line=[order])) == [
        (MARCH, 1, "acquisition", Decimal(62), "shared out"),
    ]
    assert laid(campaign=[campaign("100", starts_on=AS_OF, ends_on=ends)], order_line=[order]) == []
    assert laid(campaign=[campaign(None)], order_line=[order]) == []


def test_a_list_is_laid_on_the_first_purchases_of_the_people_on_it():
    bought = reference(list_id="l1", supplier="Adresa", cost=Decimal(10), delivered_on=date(2024, 1, 15))
    found = laid(
        contact_list=[
            bought,
            {**bought, "list_id": "l2", "cost": Decimal(7)},
            {**bought, "list_id": "l3", "cost": None},
        ],
        customer_record=[on_list(1), on_list(2), on_list(3), on_list(4), on_list(2, "l3")],
        order_line=[
            line("a", 1, "2024-02-03", "10"),
            line("b", 2, "2024-03-04", "10"),
            line("c", 2, "2024-03-05", "10"),
            line("d", 3, "2024-01-05", "10"),  # before the list came
            line("e", 9, "2024-01-05", "10"),  # on no list
        ],
    )
    assert told(found) == [
        (FEBRUARY, 1, "acquisition", Decimal(5), "shared out"),
        (MARCH, 2, "acquisition", Decimal(5), "shared out"),
        (JANUARY, None, "acquisition", Decimal(7), "nothing to share by"),
    ]
    assert [row["pool"] for row in found] == ["list l1: Adresa"] * 2 + ["list l2: Adresa"]


@settings(max_examples=5, deadline=None)
@given(
    budgets=st.lists(st.decimals(Decimal("0.0001"), Decimal("9999999"), places=4), min_size=1, max_size=6),
    buyers=st.lists(st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=30),
)
def test_shares_sum_to_what_was_spent_exactly(budgets: list[Decimal], buyers: list[int | None]):
    found = laid(
        campaign=[campaign(str(budget), campaign_id=f"c{number}") for number, budget in enumerate(budgets)],
        order_line=[
            line(f"{number}-{place}", who, f"2024-03-{place % 28 + 1:02}", "1", campaign_id=f"c{number}")
            for number in range(len(budgets))
            for place, who in enumerate(buyers)
        ],
    )
    for number, budget in enumerate(budgets):
        assert sum(row["amount"] for row in found if row["pool"] == f"campaign c{number}") == budget
    assert len({(row["pool"], row["happened_on"], row["place"]) for row in found}) == len(found)
