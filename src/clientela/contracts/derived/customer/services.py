"""What each customer is expected to bring across all services: what they order, and each of their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

ORDERS, CONTRACT = "orders", "contract"
UNNAMED = ""
"""The product of a contract that names none, and of what is ordered."""
_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from.")
_CUSTOMER = Column(name="customer_id", type=Type.INT, required=True, description="The customer.")
_PRODUCT = Column(
    name="product_id", required=True, description="The product of the contract; empty: it names none, or an order."
)
_BASIS = Column(name="basis", required=True, choices=("margin", "revenue"), description="Margin or revenue.")
_AHEAD = (
    Column(name="value_days", type=Type.INT, unit="days", required=True, description="How far ahead value is counted."),
    Column(
        name="discount_rate", type=Type.NUMBER, required=True, description="By how much a year later money counts less."
    ),
)


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", required=True, description=description)


def _number(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name=name, type=Type.NUMBER, unit=unit, required=True, description=description)


def _count(name: str, unit: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit=unit, required=True, description=description)


LIFETIME_PERIOD = Contract(
    name="lifetime_period",
    description="How far ahead a customer's value is counted, and how later money counts: the same for every service.",
    key=("as_of",),
    columns=(_AS_OF, *_AHEAD),
)

CONTRACT_OUTLOOK = Contract(
    name="contract_outlook",
    description="What all running contracts are expected to bring as far ahead as orders are looked at; no row where "
    "it cannot be said.",
    key=("as_of",),
    columns=(
        _AS_OF,
        _BASIS,
        *_AHEAD,
        _count("contracts", "contracts", "Those that run."),
        _number("worth", "What they are expected to bring, discounted.", "currency"),
        _number("low", "Lower end of its 80 % interval.", "currency"),
        _number("high", "Upper end of its 80 % interval.", "currency"),
    ),
)

CONTRACT_DELIVERY = Contract(
    name="contract_delivery",
    description="What customers were delivered of a product while they had a contract for it: such lines are the "
    "contract's, and count with it.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        _count("order_lines", "lines", "The order lines."),
        _money("brought", "What they brought, margin or revenue as all money is counted."),
        _number("share", "The part of all that the customer's order lines brought."),
    ),
)

CONTRACT_WORTH = Contract(
    name="contract_worth",
    description="What the running contracts of each customer for a product are expected to bring.",
    key=("customer_id", "product_id", "as_of"),
    columns=(
        _CUSTOMER,
        _PRODUCT,
        _AS_OF,
        _count("contracts", "contracts", "How many there are."),
        _money("worth", "What they are expected to bring, discounted."),
        _money("low", "Lower end of the range in which eight of ten end."),
        _money("high", "Upper end of it."),
        _money("at_stake", "Each one's worth times the chance that it ends within the horizon."),
        _money("at_stake_low", "The same at the lower end of the chance."),
        _money("at_stake_high", "The same at the upper end of it."),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

SERVICE_WORTH = Contract(
    name="service_worth",
    description="What each customer with a contract is expected to bring by service: each product of their contracts, "
    "and what they order.",
    key=("customer_id", "kind", "product_id", "as_of"),
    columns=(
        _CUSTOMER,
        Column(name="kind", required=True, choices=(ORDERS, CONTRACT), description="Orders or contracts."),
        _PRODUCT,
        _AS_OF,
        _count("contracts", "contracts", "How many contracts; 0 of orders."),
        _money("worth", "What it is expected to bring, discounted."),
        _count("services", "services", "How many services the customer has: products of contracts, and orders as one."),
    ),
)

SERVICE_TOTAL = Contract(
    name="service_total",
    description="What all customers are expected to bring together, and what of it is from contracts.",
    key=("customers", "as_of"),
    columns=(
        _count("customers", "customers", "Those of whom it is known what they are expected to bring."),
        _AS_OF,
        _number("worth", "What they are expected to bring.", "currency"),
        _number("contract_worth", "The part from contracts.", "currency"),
        _count("unnamed", "contracts", "Contracts of customers that name no product."),
        _count("of_nobody", "contracts", "Running contracts of nobody who is known: in no customer's value."),
        _count("delivered_customers", "customers", "Those with order lines that are a contract's."),
        _number("delivered", "What these lines brought so far.", "currency"),
    ),
)

SERVICES = (
    LIFETIME_PERIOD,
    CONTRACT_OUTLOOK,
    CONTRACT_DELIVERY,
    CONTRACT_WORTH,
    SERVICE_WORTH,
    SERVICE_TOTAL,
)

_ORDERED = ("order_line.net_revenue", "order_line.cost_of_goods")
_PAID = ("subscription.amount", "subscription.period", "product.unit_cost", "product.list_price")
_RUN = ("subscription.started_on", "subscription.ended_on")
WORTH_RESTS_ON = (*_ORDERED, *_PAID, *_RUN)
"""What a customer's value is made of: the margin of what they order and of their contracts."""
SERVICES_REST_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{contract.name}.{column.name}": WORTH_RESTS_ON
        for contract in SERVICES[1:]
        for column in contract.columns
        if column.name not in ("customer_id", "kind", "product_id", "as_of", "value_days", "discount_rate")
    }
    | {f"{contract.name}.product_id": ("subscription.product_id",) for contract in (CONTRACT_WORTH, SERVICE_WORTH)}
)
"""As `clientela.contracts.derived.pages.RESTS_ON`."""
