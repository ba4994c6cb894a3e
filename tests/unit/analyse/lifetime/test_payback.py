"""Payback: what winning customers cost, by what they came by, and when their margin makes it good."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clientela.analyse.customer.lifetime.payback import paid_back, tell_payback
from clientela.contracts.filter import Condition, Operator
from clientela.cube.knowledge import knowledge
from clientela.present.say import say
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import AS_OF, DELIVERED, LEARNED_AT, arrays, bought_on, made
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.cube.published import Published, line, reference

BASIS = {"basis": "margin", "share_kept": Decimal("0.4"), "share_known": Decimal(1)}


@pytest.fixture
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


def sold(order: str, customer: int, on: date, **more: Any) -> dict[str, Any]:
    """A sale of 100 whose goods cost 60."""
    return line(order, customer, on.isoformat(), "100", cost_of_goods=Decimal(60), channel="web", **more)


def share(customer: int, on: date, amount: str) -> dict[str, Any]:
    return {
        "pool": "Winning", "happened_on": on.replace(day=1), "place": customer, "allocation": "shared out",
        "customer_id": customer, "cost_line": "acquisition", "amount": Decimal(amount), "driver": "new_customers",
        "units": Decimal(1), "version": "1",
    }  # fmt: skip


def counted(published: Published, **tables: Any) -> None:
    published.add(**tables)
    published.add(**{name: [] for name in DELIVERED if name not in published.tables})
    if "lifetime_basis" not in published.tables:
        published.add(lifetime_basis=[BASIS])
    for name in ("payback_source", "payback_month"):
        published.add(**{name: made(published, name)})


def context() -> Any:
    return bought_on((1, 0)).context


def test_a_customer_came_by_the_campaign_or_channel_of_the_first_day(published: Published):
    on = AS_OF - timedelta(days=100)
    counted(
        published,
        order_line=[
            sold("1", 1, on, campaign_id="c1"), sold("2", 1, on + timedelta(days=40), campaign_id="c2"),
            sold("3", 2, on), sold("4", 3, on), sold("5", 4, on, campaign_id="c2"),
        ],
        allocated_cost=[share(2, on, "25"), {**share(3, on, "9"), "cost_line": "service"}],
        campaign=[reference(campaign_id="c1", name="Spring")],
        treatment=[reference(campaign_id="c1", treatment_id="t", cost_per_contact=Decimal(2))],
        contact=[
            {"source": "mailer", "contact_id": str(number), "campaign_id": "c1", "treatment_id": "t", "status": status,
             "customer_id": number, "cost": cost, "happened_at": LEARNED_AT - timedelta(days=110),
             "happened_on": on - timedelta(days=10), "known_from": LEARNED_AT - timedelta(days=110),
             "known_assumed": False}
            for number, status, cost in ((1, "sent", None), (2, "sent", Decimal(5)), (3, "held", Decimal(7)))
        ],
    )  # fmt: skip
    found = {row["customer_id"]: row for row in made(published, "payback_source")}
    assert {customer: (row["came_by"], row["name"], row["cost"]) for customer, row in found.items()} == {
        1: ("campaign", "Spring", Decimal(7)),  # 2 for the contact without a cost of its own, and 5
        2: ("channel", "web", Decimal(25)),
    }  # 3 cost nothing that is known; 4 came by a campaign whose cost is not known


def contact(number: int, on: date, cost: str | None) -> dict[str, Any]:
    moment = datetime.combine(on, time())
    return {
        "source": "mailer", "contact_id": str(number), "campaign_id": "c1", "treatment_id": "t", "status": "sent",
        "customer_id": number, "cost": None if cost is None else Decimal(cost), "happened_at": moment,
        "happened_on": on, "known_from": moment, "known_assumed": False,
    }  # fmt: skip


def test_contacts_with_who_had_bought_before_won_nobody(published: Published):
    on = AS_OF - timedelta(days=100)
    before = on - timedelta(days=50)
    counted(
        published,
        order_line=[sold("1", 1, on, campaign_id="c1"), sold("2", 2, before), sold("3", 2, on, campaign_id="c1")],
        campaign=[reference(campaign_id="c1", budget=Decimal(500))],
        treatment=[reference(campaign_id="c1", treatment_id="t", cost_per_contact=Decimal(2))],
        contact=[
            contact(1, on - timedelta(days=1), "4"),
            contact(2, on - timedelta(days=1), "8"),  # a customer already
            contact(3, on - timedelta(days=1), "16"),  # never bought
            contact(4, on - timedelta(days=1), None),  # what it cost is in the budget
        ],
        allocated_cost=[share(1, on, "25")],
    )
    (found,) = made(published, "payback_source")
    assert [found[name] for name in ("acquisition", "contacts", "cost")] == [Decimal(25), Decimal(20), Decimal(45)]


def test_who_stood_on_a_bought_list_came_by_it_unless_by_a_campaign(published: Published):
    on = AS_OF - timedelta(days=100)
    known = datetime.combine(on, time())

    def record(customer: int, list_id: str) -> dict[str, Any]:
        key = {"source": "bought", "customer_id": customer, "list_id": list_id}
        return {**key, "happened_at": known, "happened_on": on, "known_from": known, "known_assumed": False}

    bought = reference(list_id="l1", supplier="Adresa", cost=Decimal(10), delivered_on=on - timedelta(days=9))
    counted(
        published,
        order_line=[
            *(sold("1", 1, on), sold("2", 2, on, campaign_id="c1")),
            *(sold("3", 3, on - timedelta(days=20)), sold("4", 4, on)),
        ],
        contact_list=[
            bought,
            {**bought, "list_id": "l2", "supplier": None, "delivered_on": on},
            {**bought, "list_id": "l3", "cost": None},
        ],
        customer_record=[record(1, "l1"), record(1, "l2"), record(2, "l1"), record(3, "l1"), record(4, "l3")],
        allocated_cost=[share(customer, on, "5") for customer in range(1, 5)],
    )  # fmt: skip
    found = {row["customer_id"]: (row["came_by"], row["name"]) for row in made(published, "payback_source")}
    assert found == {1: ("list", "Adresa"), 2: ("campaign", "c1"), 3: ("channel", "web"), 4: ("channel", "web")}


def test_what_winning_cost_is_what_customer_profit_calls_acquisition_to_the_cent(published: Published):
    """Budgets, a list and a pool through the real tables: what payback lays on customers and what nobody got is all."""
    on = AS_OF - timedelta(days=100)
    published.add(
        **{name: [] for name in ("interaction", "service_case", "cost_pool")},
        cost_rule=[
            {"pool": "Fairs", "since": date(1900, 1, 1), "until": None, "cost_line": "acquisition",
             "driver": "new_customers", "channel": None, "months": None, "contains_budgets": False, "version": "v1"},
        ],
        cost_figure=[{"pool": "Fairs", "month": on.replace(day=1), "amount": Decimal("1000.01")}],
        cost_month=[],
    )  # fmt: skip
    known = datetime.combine(on, time())
    given = {
        "order_line": [sold(str(each), each, on, campaign_id="c1" if each % 3 else None) for each in range(1, 8)],
        "campaign": [
            reference(campaign_id="c1", budget=Decimal("700.03")), reference(campaign_id="c2", budget=Decimal("99.99")),
        ],
        "contact_list": [reference(list_id="l1", cost=Decimal("50.01"))],
        "customer_record": [
            {"source": "bought", "customer_id": each, "list_id": "l1", "happened_at": known,
             "happened_on": on, "known_from": known, "known_assumed": False}
            for each in (3, 4, 6)
        ],
        "contact": [contact(1, on, "0.02")],
    }  # fmt: skip
    published.add(**given)
    for name in ("acquisition_cost", "cost_pool_month", "allocated_cost"):
        published.add(**{name: made(published, name, "clientela.analyse.customer.profit")})
    published.add(treatment=[], payback=[])
    source = made(published, "payback_source")
    kb = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None,
    )  # fmt: skip
    where = Condition("cost_line", Operator.EQ, "acquisition")
    result = kb.query(("shared_cost", "unallocated_cost"), where=where)
    whole, nobody = result.rows[0] if result.rows else result.totals
    laid = sum(row["acquisition"] for row in source)
    assert Decimal(str(whole)) == Decimal("1000.01") + Decimal("700.01") + Decimal("99.99") + Decimal("50.01")
    assert laid + Decimal(str(nobody)) == Decimal(str(whole))
    assert Decimal(str(nobody)) == Decimal("99.99")
    by_customer = {
        row[0]: Decimal(str(row[1])) for row in kb.query(("shared_cost",), by=("customer",), where=where).rows
    }
    assert {row["customer_id"]: row["acquisition"] for row in source} == {
        customer: amount for customer, amount in by_customer.items() if customer is not None
    }
    charts, notes = tell_payback(kb)
    assert charts == ()
    assert "€99.99 spent to win customers could be laid on none" in say(notes[-1])


def test_margin_counts_in_months_that_were_seen_to_their_end(published: Published):
    first = AS_OF - timedelta(days=70)  # two full months
    lines = [sold("1", 1, first), sold("2", 1, first + timedelta(days=35)), sold("3", 1, first + timedelta(days=65))]
    back = {**sold("4", 1, first + timedelta(days=36)), "kind": "return", "net_revenue": Decimal(-50)}
    back["cost_of_goods"] = None
    counted(published, order_line=[*lines, back], allocated_cost=[share(1, first, "30")])
    found = {row["month"]: (row["margin"], row["customers"], row["cost"]) for row in made(published, "payback_month")}
    assert found == {0: (Decimal(40), 0, Decimal(0)), 1: (Decimal(20), 0, Decimal(0)), 2: (Decimal(0), 1, Decimal(30))}


def told(published: Published, customers: int, cost: str) -> tuple[Any, Any]:
    """What is told of customers who buy once in each month and were seen for a year."""
    first = AS_OF - timedelta(days=370)
    lines = [
        sold(f"{customer}-{month}", customer, first + timedelta(days=-(-month * 365 // 12)))
        for customer in range(customers) for month in range(12)
    ]  # fmt: skip
    counted(published, order_line=lines, allocated_cost=[share(each, first, cost) for each in range(customers)])
    published.add(payback=rows(paid_back(arrays(published, "payback_month"), context())["payback"]))
    kb = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None,
    )  # fmt: skip
    return tell_payback(kb)


def test_customers_who_bring_forty_a_month_pay_back_a_hundred_in_three(published: Published):
    (chart,), notes = told(published, 40, "100")
    assert say(chart.title) == (
        "Soonest to pay back what winning them cost are customers by the channel web: within 3 months."
    )
    assert chart.data.rows[0][1:] == (40, Decimal("100.00"), Decimal("480.00"), 3, 3, 3)
    assert notes == ()


def test_a_range_whose_end_was_not_seen_is_not_drawn(published: Published):
    row = {
        "as_of": AS_OF, "came_by": "channel", "name": "web", "customers": 40, "cost": Decimal(100),
        "brought": Decimal(140), "seen": 12, "months": Decimal(9), "earliest": Decimal(7),
    }  # fmt: skip
    published.add(
        payback=[row, {**row, "name": "store", "months": Decimal(2), "earliest": Decimal(2), "latest": Decimal(3)}]
    )
    kb = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None,
    )  # fmt: skip
    (chart,), _ = tell_payback(kb)
    assert [say(row[0]) for row in chart.data.rows] == ["the channel store", "the channel web"]
    assert [row[-1] for row in chart.data.rows] == [3, None]
    assert chart.interval is None
    assert "range" not in say(chart.subtitle)


def test_what_is_still_owed_is_said(published: Published):
    charts, notes = told(published, 40, "1000")
    assert charts == ()
    assert "have not yet paid back" in say(notes[0])
    assert "€1,000.00 each, of which €480.00 came within the 12 months" in say(notes[0])


def test_few_customers_or_no_costs_say_what_to_deliver(published: Published):
    charts, notes = told(published, 29, "100")
    assert charts == ()
    assert "declare it" in say(notes[0])


def test_where_costs_of_goods_are_not_known_nothing_is_paid_back(published: Published):
    first = AS_OF - timedelta(days=100)
    counted(
        published,
        lifetime_basis=[{**BASIS, "basis": "revenue"}],
        order_line=[sold("1", 1, first)],
        allocated_cost=[share(1, first, "30")],
    )
    assert all(row["margin"] == 0 for row in made(published, "payback_month"))
    assert len(paid_back(arrays(published, "payback_month"), context())["payback"]["name"]) == 0
