"""How customers bought before and after they said how content they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

FEELINGS = ("satisfied", "neutral", "dissatisfied", "complained")
ABOUT = ("product", "service", "company", "purchase_decision")
_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at.")


def _days(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="days", required=True, description=description)


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", required=True, description=description)


SATISFACTION_CASE = Contract(
    name="satisfaction_case",
    description="The latest answer or complaint of each customer that a whole horizon followed, and how they bought "
    "ever before its day, in the two horizons before it and in the one after it.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        _AS_OF,
        Column(
            name="feeling",
            required=True,
            choices=FEELINGS,
            description="NPS 9 or 10, CSAT 4 or 5, CES 6 or 7 is satisfied; NPS 6 or less, CSAT 1 or 2, CES 3 or less "
            "is dissatisfied; complained: they answered no survey, yet complained.",
        ),
        Column(name="about", choices=ABOUT, description="What was asked about; null: not said, or a complaint."),
        Column(name="told_on", type=Type.DATE, required=True, description="The day of it."),
        _days("known_days", "Days from the first purchase to it; 0: none before."),
        _days("ever_days", "Purchase days before it."),
        _days("older_days", "Purchase days in the horizon before the one before it."),
        _days("before_days", "Purchase days in the horizon before it."),
        _days("after_days", "Purchase days in the horizon after it."),
        _money("before_revenue", "Revenue in the horizon before it."),
        _money("after_revenue", "Revenue in the horizon after it."),
        _money("before_known", "The part of it of which it is known whether it was discounted."),
        _money("after_known", "The same of the horizon after it."),
        _money("before_discounted", "The part of that which was bought on a discount."),
        _money("after_discounted", "The same of the horizon after it."),
    ),
)

SATISFACTION_REPLY = Contract(
    name="satisfaction_reply",
    description="How many of the customers who bought within 365 days answered a survey in that time, and what each "
    "spent.",
    key=("has_answered", "as_of"),
    columns=(
        Column(name="has_answered", type=Type.INT, required=True, description="1: they answered; 0: they did not."),
        _AS_OF,
        Column(name="customers", type=Type.INT, unit="customers", required=True, description="How many they are."),
        _money("revenue", "What they spent in that time."),
    ),
)

SATISFACTION_PRICE = Contract(
    name="satisfaction_price",
    description="What a piece of each product whose price changed cost in each month, and how much of it satisfied and "
    "dissatisfied customers bought in it after they said so.",
    key=("product_id", "month", "feeling", "as_of"),
    columns=(
        Column(name="product_id", required=True, description="The product; those that both bought most of, to 1,000."),
        Column(name="month", type=Type.DATE, required=True, description="First day of the month."),
        Column(name="feeling", required=True, choices=(FEELINGS[0], FEELINGS[2]), description="How content they are."),
        _AS_OF,
        Column(
            name="price",
            type=Type.NUMBER,
            unit="currency",
            required=True,
            description="What a piece of it cost, on average over the lines of all customers.",
        ),
        _days("days", "Days on which one of them bought anything, each customer's counted."),
        Column(
            name="pieces", type=Type.NUMBER, unit="pieces", required=True, description="How much of it they bought."
        ),
        Column(name="lines", type=Type.INT, unit="lines", required=True, description="On how many lines."),
    ),
)

SATISFACTION = (SATISFACTION_CASE, SATISFACTION_REPLY, SATISFACTION_PRICE)

_TOLD = ("survey_answer.score", "survey_answer.instrument", "service_case.kind")
_BOUGHT = ("order_line.ordered_at", "order_line.kind")
_SPENT = ("order_line.net_revenue", "order_line.kind", "order_line.ordered_at")
_PRICE = (*_SPENT, "order_line.discount")
SATISFACTION_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "satisfaction_case.feeling": _TOLD,
        "satisfaction_case.about": ("survey_answer.about",),
        "satisfaction_case.told_on": ("survey_answer.answered_at", "service_case.opened_at"),
        **{f"satisfaction_case.{when}_days": _BOUGHT for when in ("known", "ever", "older", "before", "after")},
        **{f"satisfaction_case.{when}_revenue": _SPENT for when in ("before", "after")},
        **{
            f"satisfaction_case.{when}_{what}": _PRICE
            for when in ("before", "after")
            for what in ("known", "discounted")
        },
        "satisfaction_price.feeling": _TOLD,
        "satisfaction_price.price": (*_SPENT, "order_line.quantity", "order_line.product_id"),
        "satisfaction_price.days": _BOUGHT,
        **{
            f"satisfaction_price.{what}": (*_BOUGHT, "order_line.quantity", "order_line.product_id")
            for what in ("pieces", "lines")
        },
        "satisfaction_reply.revenue": _SPENT,
        "satisfaction_reply.has_answered": ("survey_answer.answered_at",),
    }
)
"""What a column is made of, as ``table.column``."""
