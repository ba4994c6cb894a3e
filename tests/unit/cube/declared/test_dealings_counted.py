"""Invoices, subscriptions, contacts, cases, answers, campaigns and opportunities, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from clientela.cube.declared.counted.campaigns import OF_CAMPAIGNS, OF_CAMPAIGNS_DIVIDED
from clientela.cube.declared.counted.paying import OF_PAYING, OF_PAYING_DIVIDED
from clientela.cube.declared.counted.selling import OF_SELLING, OF_SELLING_DIVIDED
from clientela.cube.declared.counted.service import OF_SERVICE, OF_SERVICE_DIVIDED
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import MEASURES
from clientela.cube.figures.query import query
from tests.unit.cube.published import Published, line, reference

WHOLE_MONTH = (date(2024, 6, 1),)


def fact(day: str, **values: object) -> dict[str, object]:
    at = datetime.fromisoformat(f"{day} 12:00")
    return {
        "source": "one",
        "known_assumed": False,
        "happened_at": at,
        "happened_on": at.date(),
        "known_from": at,
        **values,
    }


def day(said: str) -> date:
    return date.fromisoformat(said)


INVOICES = [
    fact("2024-05-01", invoice_id="1", customer_id=1, amount=Decimal(100), due_on=day("2024-05-31"),
         paid_on=day("2024-05-30")),
    fact("2024-05-02", invoice_id="2", customer_id=1, amount=Decimal(50), due_on=day("2024-05-12"),
         paid_on=day("2024-05-22")),
    fact("2024-05-03", invoice_id="3", customer_id=2, amount=Decimal(30), due_on=day("2024-06-02")),
    fact("2024-06-20", invoice_id="4", customer_id=2, amount=Decimal(20), due_on=day("2024-07-20")),
    # paid after the date that is looked from: not known then
    fact("2024-06-21", invoice_id="5", customer_id=2, amount=Decimal(10), due_on=day("2024-07-21"),
         paid_on=day("2024-07-22")),
]  # fmt: skip
SUBSCRIPTIONS = [
    fact("2024-01-01", subscription_id="1", customer_id=1, period="month", amount=Decimal(10)),
    fact("2024-01-05", subscription_id="2", customer_id=1, period="year", amount=Decimal(120)),
    fact("2024-02-01", subscription_id="3", customer_id=2, period="month", amount=Decimal(7),
         ended_on=day("2024-03-31"), end_reason="price"),
    fact("2024-02-02", subscription_id="4", customer_id=3, period="month", amount=Decimal(5),
         ended_on=day("2024-07-31"), end_reason="later"),
]  # fmt: skip
INTERACTIONS = [
    fact("2024-06-01", interaction_id="1", customer_id=1, channel="web", kind="visit", direction="in", pages=4),
    fact("2024-06-02", interaction_id="2", customer_id=1, channel="phone", kind="call", direction="in", duration_s=100,
         cost=Decimal("2.5")),
    fact("2024-06-02", interaction_id="3", customer_id=2, channel="phone", kind="sales_call", direction="out",
         duration_s=50, cost=Decimal("1.5")),
    fact("2024-06-03", interaction_id="4", customer_id=None, channel="phone", kind="call", direction="in"),
]  # fmt: skip
CASES = [
    fact("2024-06-01", case_id="1", customer_id=1, kind="complaint", severity=2,
         first_reply_at=datetime(2024, 6, 3), first_reply_on=day("2024-06-03"), closed_at=datetime(2024, 6, 5),
         closed_on=day("2024-06-05"), handling_minutes=Decimal(30), cost=Decimal(6)),
    fact("2024-06-02", case_id="2", customer_id=2, kind="request", severity=1,
         first_reply_at=datetime(2024, 6, 3), first_reply_on=day("2024-06-03"), handling_minutes=Decimal(10)),
    fact("2024-06-04", case_id="3", customer_id=2, kind="complaint", severity=1),
]  # fmt: skip
ANSWERS = [
    fact("2024-06-01", answer_id=str(number), customer_id=1, instrument=instrument, score=score)
    for number, (instrument, score) in enumerate(
        [("nps", 10), ("nps", 9), ("nps", 8), ("nps", 6), ("csat", 5), ("csat", 4), ("csat", 2), ("ces", 6), ("ces", 3)]
    )
]
CONTACTS = [
    fact("2024-06-01", contact_id="1", campaign_id="c", customer_id=1, arm="treated", status="sent", cost=Decimal(1)),
    fact("2024-06-01", contact_id="2", campaign_id="c", customer_id=2, arm="treated", status="sent", cost=Decimal(1)),
    fact("2024-06-01", contact_id="3", campaign_id="c", customer_id=3, arm="treated", status="bounced"),
    fact("2024-06-01", contact_id="4", campaign_id="c", customer_id=4, arm="control", status="held"),
    fact("2024-06-09", contact_id="5", campaign_id="d", customer_id=1, arm="treated", status="sent", cost=Decimal(2)),
]
RESPONSES = [
    fact("2024-06-02", response_id="1", contact_id="1", customer_id=1, kind="click", value=Decimal(9)),
    fact("2024-06-03", response_id="2", contact_id="2", customer_id=2, kind="opt_out"),
    fact("2024-06-04", response_id="3", contact_id=None, customer_id=2, kind="reply"),
]
CAMPAIGNS = [
    reference(campaign_id="c", name="Spring", starts_on=day("2024-06-01"), budget=Decimal(500)),
    reference(campaign_id="d", name="Summer", starts_on=day("2024-06-09"), budget=Decimal(300)),
]
LISTS = [
    reference(list_id="l1", supplier="Acme", cost=Decimal(200), records=1000, delivered_on=day("2024-06-01")),
    reference(list_id="l2", supplier="Acme", cost=Decimal(100), records=500, delivered_on=day("2024-06-02")),
]
OPPORTUNITIES = [
    fact("2024-06-01", opportunity_id="1", customer_id=1, amount=Decimal(100), status="won",
         closed_at=datetime(2024, 6, 11), closed_on=day("2024-06-11")),
    fact("2024-06-02", opportunity_id="2", customer_id=2, amount=Decimal(70), status="lost",
         closed_at=datetime(2024, 6, 6), closed_on=day("2024-06-06"), lost_reason="price"),
    fact("2024-06-03", opportunity_id="3", customer_id=2, amount=Decimal(40), status="open"),
    fact("2024-06-04", opportunity_id="4", customer_id=2, amount=Decimal(5)),
]  # fmt: skip
TARGETS = [
    reference(measure="revenue", territory_id="t1", period=day("2024-06-01"), value=Decimal(400)),
    reference(measure="orders", territory_id="t1", period=day("2024-06-01"), value=Decimal(9)),
]
LINES = [
    line("o1", 1, "2024-06-01", "100", territory_id="t1"),
    line("o2", 1, "2024-06-02", "100", territory_id="t1"),
    line("o3", 2, "2024-04-01", "50"),
    line("o4", 2, "2024-06-15", "50"),  # after 75 days: had counted as lost after 30
]
TABLES = {
    "invoice": INVOICES, "subscription": SUBSCRIPTIONS, "interaction": INTERACTIONS, "service_case": CASES,
    "survey_answer": ANSWERS, "contact": CONTACTS, "response": RESPONSES, "campaign": CAMPAIGNS,
    "contact_list": LISTS, "opportunity": OPPORTUNITIES, "target": TARGETS, "order_line": LINES,
}  # fmt: skip
EXPECTED = {
    "invoices": 5, "invoiced": 210, "paid": 150, "unpaid": 60, "overdue": 30, "invoices_paid": 2, "invoices_late": 1,
    "days_late": 10, "days_to_pay": 49, "late_share": "0.5", "days_late_each": 5, "overdue_share": "0.142857",
    "subscriptions_started": 4, "subscriptions": 3, "recurring_revenue": 25, "subscribers": 2, "subscriptions_ended": 1,
    "contacts": 4, "visits": 1, "calls": 3, "customers_contacted": 2, "pages": 4, "call_seconds": 150, "calls_timed": 2,
    "call_length": 75, "cases": 3, "complaints": 2, "cases_open": 2, "cases_replied": 2, "cases_closed": 1,
    "days_to_reply": 3, "days_to_close_case": 4, "handling_minutes": 30, "reply_days": "1.5", "closing_days": 4,
    "complaint_rate": "0.5", "cost_to_serve": 14, "cost_to_serve_share": "0.046667", "nps_answers": 4,
    "nps_points": 100, "nps": 25, "csat_answers": 3, "csat_content": 2, "csat": "0.666667", "ces_answers": 2,
    "ces_points": 9, "ces": "4.5", "messages_sent": 3, "messages_bounced": 1, "customers_reached": 2, "control": 1,
    "campaign_cost": 4, "responses": 2, "opt_outs": 1, "response_value": 9, "campaigns": 2, "campaign_budget": 800,
    "lists": 2, "list_cost": 300, "list_records": 1500, "response_rate": "0.666667", "bounce_rate": "0.333333",
    "cost_per_response": 2, "cost_per_address": "0.2", "opportunities": 4, "pipeline": 45, "opportunities_open": 2,
    "opportunities_won": 1, "opportunities_decided": 2, "won_amount": 100, "days_to_decide": 14,
    "opportunities_closed": 2, "revenue_target": 400, "win_rate": "0.5", "sales_cycle": 7, "target_reached": "0.75",
    "customers_won_back": 1,
}  # fmt: skip


@pytest.fixture
def company(published: Published) -> Published:
    return published.add(**TABLES)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_measure_is_what_is_counted_by_hand(company: Published, name: str) -> None:
    assert query(company.view(), [name]).totals == (Decimal(str(EXPECTED[name])),)


def test_every_measure_of_dealings_is_counted_by_hand() -> None:
    every = (*OF_PAYING, *OF_PAYING_DIVIDED, *OF_SERVICE, *OF_SERVICE_DIVIDED, *OF_CAMPAIGNS, *OF_CAMPAIGNS_DIVIDED)
    every += (*OF_SELLING, *OF_SELLING_DIVIDED)
    assert {each.name for each in every} | {"customers_won_back"} == {*EXPECTED}


def seen(company: Published, measures: Sequence[str], by: str) -> dict[Any, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in query(company.view(), measures, [by]).rows}


def test_a_reaction_belongs_to_the_campaign_of_its_contact(company: Published) -> None:
    assert seen(company, ["messages_sent", "responses"], "campaign") == {
        "Spring": (2, 1), "Summer": (1, 0), None: (0, 1)
    }  # fmt: skip


def test_what_serving_costs_is_told_by_what_it_was_spent_on(company: Published) -> None:
    assert seen(company, ["cost_to_serve"], "serving") == {
        "contacts": (Decimal(4),), "cases": (Decimal(6),), "campaigns": (Decimal(4),)
    }  # fmt: skip


@pytest.mark.parametrize("name", list(FACTS))
def test_every_fact_can_be_seen_by_every_dimension_it_names(company: Published, name: str) -> None:
    measures = [each.name for each in MEASURES.values() if getattr(each, "fact", None) == name]
    whole = query(company.view(), measures[:1]).totals
    assert whole is not None
    for by in sorted(FACTS[name].dimensions):
        assert query(company.view(), measures[:1], [by]).totals == (None, *whole), by
