"""The rows of an insight's table lead to what they are counted from, where the visitor may go there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.web.insights.told import _links

AS_OF = date(2024, 7, 1)
ACCOUNT = Table(
    columns=(
        TableColumn(name="line", type=Type.TEXT, label=text("Line")),
        TableColumn(name="amount", type=Type.MONEY, label=text("Amount"), unit="EUR"),
    ),
    rows=((text("Delivery"), Decimal(-5)), (text("Revenue"), Decimal(9)), (text("Service"), Decimal(0))),
    caption=text("An account"),
    behind=(("allocated_cost", "cost_line = 'delivery' and customer = 7"), None, ("service_case", "customer = 7")),
)


def test_each_row_leads_to_the_rows_behind_it_and_a_sum_nowhere():
    first, second, third = _links(ACCOUNT, lambda name, **_: f"/{name}", None, AS_OF)
    assert (
        first
        == "/explore-rows?table=allocated_cost&where=cost_line+%3D+%27delivery%27+and+customer+%3D+7&as_of=2024-07-01"
    )
    assert (second, third) == ("", "/explore-rows?table=service_case&where=customer+%3D+7&as_of=2024-07-01")
    assert _links(ACCOUNT, lambda name, **_: f"/{name}", 1, AS_OF) == (first,)


def test_who_may_not_see_rows_is_led_nowhere():
    assert _links(ACCOUNT, lambda name, **_: "" if name == "explore-rows" else f"/{name}", None, AS_OF) == ("", "", "")
