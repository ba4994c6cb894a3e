"""What each customer may buy next, and what the proposals learn from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

KINDS = ("again", "new")
_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at.")
_KIND = Column(name="kind", required=True, choices=KINDS, description="Bought before, or never.")
_PLACE = Column(name="place", type=Type.INT, required=True, description="Its place on the list; 1 is the first.")
_CHANCE = (
    Column(name="chance", type=Type.SHARE, required=True, description="Chance that the next order holds it."),
    Column(name="low", type=Type.SHARE, required=True, description="Lower end of its 95 % interval."),
    Column(name="high", type=Type.SHARE, required=True, description="Upper end of its 95 % interval."),
)
_VERSION = Column(name="model_version", required=True, description="The fit it comes from.")


def _count(name: str, unit: str | None, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit=unit, required=True, description=description)


NEXT_ITEM = Contract(
    name="next_item",
    description="Every product sold to known customers in a year: how often, how lately, what one purchase brings.",
    key=("item_no", "as_of"),
    columns=(
        _count("item_no", None, "Its number; 1 has most customers."),
        _AS_OF,
        Column(name="product_id", required=True, description="The product."),
        Column(name="item_group", description="Its subcategory, else its category."),
        _count("customers", "customers", "Customers who bought it."),
        _count("purchases", "days", "Days on which some customer bought it, customer by customer."),
        _count("recent_purchases", "days", "Those of the last 60 days."),
        Column(
            name="revenue_each", type=Type.MONEY, unit="currency", description="Revenue of one purchase, on average."
        ),
        Column(
            name="margin_each",
            type=Type.MONEY,
            unit="currency",
            description="Margin of one purchase whose cost is known, on average; null when none is.",
        ),
    ),
)

NEXT_SAMPLE = Contract(
    name="next_sample",
    description="What a sample of customers bought on which day.",
    key=("customer_no", "back", "item_no", "as_of"),
    columns=(
        _count("customer_no", None, "The customer's place in the sample."),
        _count("back", None, "Which purchase day: 1 is the latest."),
        _count("item_no", None, "The product's number in next_item."),
        _AS_OF,
        _count("days_ago", "days", "Days from the purchase to the date."),
    ),
)

NEXT_AFFINITY = Contract(
    name="next_affinity",
    description="How much having bought one product speaks for another.",
    key=("from_item", "to_item", "as_of"),
    columns=(
        _count("from_item", None, "The number of the product bought; 0: nothing, it sells now."),
        _count("to_item", None, "The number of the product it speaks for."),
        _AS_OF,
        Column(name="weight", type=Type.NUMBER, required=True, description="What it adds to the other's score."),
    ),
)

NEXT_CHANCE = Contract(
    name="next_chance",
    description="How often a place on the list of proposals came true in the test.",
    key=("kind", "place", "as_of"),
    columns=(
        _KIND,
        _PLACE,
        _AS_OF,
        *_CHANCE,
        Column(
            name="half_life_days",
            type=Type.NUMBER,
            unit="days",
            description="After so many days a purchase counts half; null where age does not matter.",
        ),
        _VERSION,
    ),
)

NEXT_PRODUCT = Contract(
    name="next_product",
    description="The products each customer is most likely to buy next.",
    key=("customer_id", "product_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="product_id", required=True, description="The product."),
        _AS_OF,
        _KIND,
        Column(
            name="way",
            required=True,
            choices=("deep", "cross", "up"),
            description="More of what they buy (deep), something else (cross), a dearer one of a group they buy (up).",
        ),
        _PLACE,
        *_CHANCE,
        Column(
            name="expected_revenue",
            type=Type.MONEY,
            unit="currency",
            description="The chance times the revenue of one purchase.",
        ),
        Column(
            name="expected_margin",
            type=Type.MONEY,
            unit="currency",
            description="The chance times the margin of one purchase; null where its cost is not known.",
        ),
        Column(name="because_of", description="Of a new one: the product bought that speaks most for it."),
        Column(
            name="revenue_each",
            type=Type.MONEY,
            unit="currency",
            description="Revenue of one purchase of it, on average of all customers.",
        ),
        Column(
            name="because_revenue_each",
            type=Type.MONEY,
            unit="currency",
            description="Of a new one: revenue of one purchase of the product that speaks most for it.",
        ),
        Column(
            name="days_bought",
            type=Type.INT,
            unit="days",
            description="Of one bought before: on how many days of the year.",
        ),
        Column(
            name="days_usual",
            type=Type.NUMBER,
            unit="days",
            required=True,
            description="On how many days of the year who buys it does so, on average.",
        ),
        _VERSION,
    ),
)

_BOUGHT = ("order_line.ordered_at", "order_line.kind", "order_line.product_id")
_MONEY = ("order_line.net_revenue",)
_OF_MONEY = ("expected_revenue", "expected_margin", "revenue_each", "because_revenue_each")
RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"next_product.{column.name}": _BOUGHT
        for column in NEXT_PRODUCT.columns
        if column.name not in ("customer_id", "as_of", *_OF_MONEY)
    }
    | {
        **{f"next_product.{name}": (*_BOUGHT, *_MONEY) for name in _OF_MONEY},
        "next_product.expected_margin": (*_BOUGHT, *_MONEY, "order_line.cost_of_goods"),
        "next_product.way": (*_BOUGHT, *_MONEY),
        "next_item.revenue_each": _MONEY,
        "next_item.margin_each": (*_MONEY, "order_line.cost_of_goods"),
    }
)
"""Who may not see what was sold, or for how much, does not see what was made of it."""
