"""What is asked of the columns of each table: values that should be there, and rows that contradict.

A condition is written in SQL over the columns of the contract; it is parsed, never pasted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clientela.contracts.text import Text, text
from clientela.warehouse.physical import COST_ASSUMED

MISSING, FUTURE, REFERS, PRICE, BILLED = "missing", "future", "refers", "price", "billed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A column that should be filled. ``what`` names it in a sentence; ``of``: in which rows.

    ``judged``: whether many missing make it unfit; False where a company may well not know it. ``assumed``: the column
    that says in which rows it was not delivered, and the run filled it in.
    """

    what: Text
    of: str | None = None
    judged: bool = True
    assumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of ``table`` is weak where ``broken`` holds, of those where ``of`` holds. ``column`` is to be mended.

    ``harmless``: many such rows are worth a look, and make nothing unfit.
    """

    table: str
    column: str
    name: str
    broken: str
    says: Text
    of: str | None = None
    harmless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refer:
    """A column whose values should be found as ``key`` of another table; ``what`` names what it holds."""

    what: Text
    table: str
    column: str
    to: str
    key: str


_CUSTOMER = text("the customer")
_PRODUCT = text("the product")
_TERRITORY = text("the territory")
_CAMPAIGN = text("the campaign")
_CHANNEL = text("the channel")
_KIND = text("the kind")
_AMOUNT = text("the amount")
_COST = text("the cost")
_NAME = text("the name")
_GOODS = "kind in ('sale', 'return')"


def _somebody() -> Wanted:
    return Wanted(what=_CUSTOMER, judged=False)  # nobody is named at a till: that is known, not wrong


WANTED: Mapping[str, Mapping[str, Wanted]] = MappingProxyType(
    {
        "customer_record": {
            "email": Wanted(what=text("the e-mail address"), judged=False),
            "phone": Wanted(what=text("the telephone number"), judged=False),
            "postal_code": Wanted(what=text("the postal code"), judged=False),
            "city": Wanted(what=text("the town"), judged=False),
            "country": Wanted(what=text("the country"), judged=False),
            "language": Wanted(what=text("the language"), judged=False),
        },
        "relation": {},
        "order_line": {
            "customer_ref": _somebody(),
            "product_id": Wanted(what=_PRODUCT, of=_GOODS),
            "quantity": Wanted(what=text("the quantity"), of=_GOODS),
            "cost_of_goods": Wanted(what=_COST, of=_GOODS, assumed=COST_ASSUMED),
            "channel": Wanted(what=_CHANNEL),
            "territory_id": Wanted(what=_TERRITORY),
        },
        "subscription": {
            "customer_ref": _somebody(),
            "product_id": Wanted(what=_PRODUCT),
            "period": Wanted(what=text("the period")),
            "amount": Wanted(what=_AMOUNT),
        },
        "product": {
            "name": Wanted(what=_NAME),
            "category": Wanted(what=text("the category")),
            "unit_cost": Wanted(what=_COST),
            "list_price": Wanted(what=text("the price")),
        },
        "invoice": {
            "customer_ref": _somebody(),
            "order_id": Wanted(what=text("the order")),
            "amount": Wanted(what=_AMOUNT),
            "due_on": Wanted(what=text("the day it is due")),
        },
        "interaction": {
            "customer_ref": _somebody(),
            "channel": Wanted(what=_CHANNEL),
            "direction": Wanted(what=text("the direction")),
            "kind": Wanted(what=_KIND),
        },
        "service_case": {
            "customer_ref": _somebody(),
            "kind": Wanted(what=_KIND),
            "reason": Wanted(what=text("the reason")),
            "severity": Wanted(what=text("the severity")),
        },
        "survey_answer": {
            "customer_ref": _somebody(),
            "instrument": Wanted(what=text("the question")),
            "about": Wanted(what=text("the subject")),
            "score": Wanted(what=text("the score")),
        },
        "opportunity": {
            "customer_ref": _somebody(),
            "owner_id": Wanted(what=text("the seller")),
            "amount": Wanted(what=_AMOUNT),
            "expected_close_on": Wanted(what=text("the expected day")),
        },
        "opportunity_stage": {
            "stage": Wanted(what=text("the stage")),
            "probability": Wanted(what=text("the chance")),
        },
        "preference": {"value": Wanted(what=text("the preference"))},
        "contact_list": {"cost": Wanted(what=_COST), "consent_basis": Wanted(what=text("the basis of consent"))},
        "campaign": {
            "name": Wanted(what=_NAME),
            "goal_measure": Wanted(what=text("the goal")),
            "starts_on": Wanted(what=text("the first day")),
            "ends_on": Wanted(what=text("the last day")),
            "budget": Wanted(what=text("the budget")),
        },
        "treatment": {
            "offer": Wanted(what=text("the offer")),
            "channel": Wanted(what=_CHANNEL),
            "cost_per_contact": Wanted(what=_COST),
        },
        "contact": {
            "customer_ref": _somebody(),
            "campaign_id": Wanted(what=_CAMPAIGN),
            "arm": Wanted(what=text("the arm")),
            "assignment_probability": Wanted(what=text("the chance")),
        },
        "response": {
            "customer_ref": _somebody(),
            "contact_id": Wanted(what=text("the contact"), judged=False),
            "kind": Wanted(what=_KIND),
        },
        "consent": {"decision": Wanted(what=text("the decision")), "proof": Wanted(what=text("the proof"))},
        "territory": {"name": Wanted(what=_NAME), "level": Wanted(what=text("the level"))},
        "target": {"value": Wanted(what=text("the value"))},
        "cost_pool": {"amount": Wanted(what=_AMOUNT), "driver": Wanted(what=text("the driver"))},
        "market": {"market_size": Wanted(what=text("the size"))},
        "exchange_rate": {"rate": Wanted(what=text("the rate"))},
        "unit": {},
        "staff": {},
        "responsibility": {},
    }
)

RULES: tuple[Rule, ...] = (
    Rule(
        table="order_line",
        column="net_revenue",
        name="zero",
        broken="net_revenue = 0",
        of="kind = 'sale'",
        says=text("Sales from {source} without revenue; counted, but worth nothing"),
        harmless=True,
    ),
    Rule(
        table="order_line",
        column="quantity",
        name="sign",
        broken="(quantity < 0 and net_revenue > 0) or (quantity > 0 and net_revenue < 0)",
        of="quantity is not null and kind in ('sale', 'return', 'cancellation')",
        says=text("Lines from {source} whose quantity and revenue do not agree on selling or giving back"),
    ),
    Rule(
        table="order_line",
        column="discount",
        name="discount",
        broken="discount < 0 or net_revenue < 0",
        of="discount is not null and kind = 'sale'",
        says=text("Sales from {source} with a discount above the price, or below zero"),
    ),
    Rule(
        table="order_line",
        column="cost_of_goods",
        name="cost",
        broken="cost_of_goods > 10 * net_revenue",
        of=f"cost_of_goods is not null and not {COST_ASSUMED} and net_revenue > 0",
        says=text("Sales from {source} that cost more than ten times what they brought"),
    ),
    Rule(
        table="invoice",
        column="paid_on",
        name="order",
        broken="paid_on < issued_on",
        of="paid_on is not null",
        says=text("Invoices from {source} paid before they were issued"),
    ),
    Rule(
        table="invoice",
        column="due_on",
        name="order",
        broken="due_on < issued_on",
        of="due_on is not null",
        says=text("Invoices from {source} due before they were issued"),
    ),
    Rule(
        table="subscription",
        column="ended_on",
        name="order",
        broken="ended_on < started_on",
        of="ended_on is not null",
        says=text("Subscriptions from {source} that ended before they began"),
    ),
    Rule(
        table="subscription",
        column="amount",
        name="sign",
        broken="amount < 0",
        of="amount is not null",
        says=text("Subscriptions from {source} for less than nothing"),
    ),
    Rule(
        table="service_case",
        column="first_reply_at",
        name="order",
        broken="first_reply_at < opened_at",
        of="first_reply_at is not null",
        says=text("Cases from {source} answered before they were opened"),
    ),
    Rule(
        table="service_case",
        column="closed_at",
        name="order",
        broken="closed_at < opened_at or closed_at < first_reply_at",
        of="closed_at is not null",
        says=text("Cases from {source} closed before they were opened or answered"),
    ),
    Rule(
        table="opportunity",
        column="closed_at",
        name="order",
        broken="closed_at < opened_at",
        of="closed_at is not null",
        says=text("Opportunities from {source} closed before they were opened"),
    ),
    Rule(
        table="opportunity",
        column="status",
        name="decided",
        broken="closed_at is null",
        of="status in ('won', 'lost')",
        says=text("Opportunities from {source} won or lost on no day"),
    ),
    Rule(
        table="customer_record",
        column="updated_at",
        name="order",
        broken="updated_at < created_at",
        of="updated_at is not null",
        says=text("Records from {source} changed before they were made"),
    ),
    Rule(
        table="relation",
        column="valid_to",
        name="order",
        broken="valid_to < valid_from",
        of="valid_to is not null and valid_from is not null",
        says=text("Relations from {source} that end before they begin"),
    ),
    Rule(
        table="campaign",
        column="ends_on",
        name="order",
        broken="ends_on < starts_on",
        of="ends_on is not null and starts_on is not null",
        says=text("Campaigns from {source} that end before they begin"),
    ),
    Rule(
        table="product",
        column="unit_cost",
        name="cost",
        broken="unit_cost > list_price",
        of="unit_cost is not null and list_price > 0",
        says=text("Products from {source} that cost more than their price"),
    ),
    Rule(
        table="interaction",
        column="duration_s",
        name="sign",
        broken="duration_s < 0",
        of="duration_s is not null",
        says=text("Interactions from {source} that lasted less than nothing"),
    ),
    Rule(
        table="contact",
        column="assignment_probability",
        name="chance",
        broken="assignment_probability = 0",
        of="assignment_probability is not null",
        says=text("Contacts from {source} that had no chance of being chosen"),
    ),
)

REFERENCES: tuple[Refer, ...] = (
    Refer(what=_PRODUCT, table="order_line", column="product_id", to="product", key="product_id"),
    Refer(what=_TERRITORY, table="order_line", column="territory_id", to="territory", key="territory_id"),
    Refer(what=_CAMPAIGN, table="order_line", column="campaign_id", to="campaign", key="campaign_id"),
    Refer(
        what=text("the order it gives back"),
        table="order_line",
        column="returns_order_id",
        to="order_line",
        key="order_id",
    ),
    Refer(what=_PRODUCT, table="subscription", column="product_id", to="product", key="product_id"),
    Refer(what=text("the order"), table="invoice", column="order_id", to="order_line", key="order_id"),
    Refer(what=_CAMPAIGN, table="interaction", column="campaign_id", to="campaign", key="campaign_id"),
    Refer(what=_PRODUCT, table="service_case", column="product_id", to="product", key="product_id"),
    Refer(what=text("the case"), table="survey_answer", column="case_id", to="service_case", key="case_id"),
    Refer(what=_PRODUCT, table="survey_answer", column="product_id", to="product", key="product_id"),
    Refer(what=_PRODUCT, table="opportunity", column="product_id", to="product", key="product_id"),
    Refer(what=_TERRITORY, table="opportunity", column="territory_id", to="territory", key="territory_id"),
    Refer(
        what=text("the opportunity"),
        table="opportunity_stage",
        column="opportunity_id",
        to="opportunity",
        key="opportunity_id",
    ),
    Refer(what=_CAMPAIGN, table="treatment", column="campaign_id", to="campaign", key="campaign_id"),
    Refer(what=_PRODUCT, table="treatment", column="product_id", to="product", key="product_id"),
    Refer(what=_CAMPAIGN, table="contact", column="campaign_id", to="campaign", key="campaign_id"),
    Refer(what=text("the contact"), table="response", column="contact_id", to="contact", key="contact_id"),
    Refer(what=text("the contact list"), table="customer_record", column="list_id", to="contact_list", key="list_id"),
    Refer(
        what=text("the territory it is part of"),
        table="territory",
        column="parent_id",
        to="territory",
        key="territory_id",
    ),
    Refer(what=_TERRITORY, table="target", column="territory_id", to="territory", key="territory_id"),
    Refer(what=_TERRITORY, table="market", column="territory_id", to="territory", key="territory_id"),
)
