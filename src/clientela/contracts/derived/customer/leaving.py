"""Why a customer is likely to leave, and which contracts are likely to end."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

REASONS = ("silence", "visits", "late", "gap", "purchases", "age", "pattern")
"""What a chance of leaving may rest on: silence, recent visits, silence in usual gaps, the usual gap, purchases so far,
days as a customer, and the rhythm of the purchases as a whole, as the purchase model sees it."""
_PLACES = ("first", "second", "third")

REASON_COLUMNS = tuple(
    column
    for place in _PLACES
    for column in (
        Column(name=f"{place}_reason", choices=REASONS, description=f"The {place} reason; null where there is none."),
        Column(
            name=f"{place}_move",
            type=Type.NUMBER,
            description="The chance less what it would be with this at the median of all customers.",
        ),
    )
)
"""The reasons of a chance of leaving, the weightiest first."""

CHURN_REASON = Contract(
    name="churn_reason",
    description="Why each customer has the chance of leaving that they have.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from."),
        *REASON_COLUMNS,
    ),
)

_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from.")
_CONTRACT = (
    Column(name="source", required=True, description="The system that has the contract."),
    Column(name="subscription_id", required=True, description="The system's number of the contract."),
    _AS_OF,
)
_AGE = (
    Column(name="is_yearly", type=Type.BOOL, required=True, description="Whether it is renewed by the year."),
    Column(
        name="tenure_days", type=Type.INT, unit="days", required=True, description="Days from its first to the date."
    ),
)
_STEP = Column(
    name="amount_step",
    type=Type.INT,
    required=True,
    description="What it brings in a month, in steps of which two double it; -100: not known.",
)


def _count(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="contracts", required=True, description=description)


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", description=description)


def _number(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name=name, type=Type.NUMBER, unit=unit, required=True, description=description)


SUBSCRIPTION_FEATURE = Contract(
    name="subscription_feature",
    description="What was known of each contract that ran on a date.",
    key=("source", "subscription_id", "as_of"),
    columns=(
        *_CONTRACT,
        Column(name="customer_id", type=Type.INT, description="The customer."),
        Column(name="started_on", type=Type.DATE, required=True, description="Its first day."),
        *_AGE,
        _money("amount_a_month", "What it brings in a month."),
        Column(name="amount_step", type=Type.INT, description=f"{_STEP.description.partition(';')[0]}; null: unknown."),
    ),
)
SUBSCRIPTION_PERIOD = Contract(
    name="subscription_period",
    description="How many contracts had not ended in each part of the horizon after a date, and how many then did.",
    key=("as_of", "is_yearly", "tenure_days", "amount_step", "step"),
    columns=(
        _AS_OF,
        *_AGE,
        _STEP,
        Column(name="step", type=Type.INT, required=True, description="The part of the horizon, of about a month."),
        _count("contracts", "Those that had not ended before it."),
        _count("observed", "Those of them whose horizon is known."),
        _count("ended", "Those that ended in it, but for want of payment."),
        _count("unpaid", "Those that ended in it for want of payment."),
        Column(
            name="amount_a_month",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What all of them bring in a month.",
        ),
        _money("margin_a_month", "What they leave of it, on the newest date; null: costs are not known."),
        _money("own_cost_a_month", "The part of it whose product's own cost is known, on the newest date."),
    ),
)
_MARGIN = _money("margin_a_month", "What it leaves in a month; null: costs are not known.")
_KNOWN_BY = Column(
    name="cost_known_by",
    choices=("product", "company", "contracts"),
    description="Whose cost it is counted at: its own product's, else that of a unit of the company's revenue, else of "
    "the other contracts; null: costs are not known.",
)
SUBSCRIPTION_MARGIN = Contract(
    name="subscription_margin",
    description="What each contract that runs on the newest date leaves in a month.",
    key=("source", "subscription_id"),
    columns=(
        *_CONTRACT[:2],
        Column(name="customer_id", type=Type.INT, description="The customer."),
        _money("amount_a_month", "What it brings in a month."),
        _MARGIN,
        _KNOWN_BY,
    ),
)
_CHANCE = (
    _number("probability", "The chance that it ends within the horizon, for whatever reason."),
    _number("low", "Lower end of its 95 % interval."),
    _number("high", "Upper end of its 95 % interval."),
    _number("unpaid", "The part of the chance that is for want of payment."),
)
_WHY = (
    Column(name="reason", choices=("tenure", "renewal", "amount"), description="What raises the chance most."),
    Column(
        name="move",
        type=Type.NUMBER,
        description="The chance less what it would be with this at the median of all contracts.",
    ),
    Column(name="model_version", required=True, description="The model that gave it."),
)
SUBSCRIPTION_CELL = Contract(
    name="subscription_cell",
    description="How likely contracts of one age and price are to end within the horizon.",
    key=("as_of", "is_yearly", "tenure_days", "amount_step"),
    columns=(
        _AS_OF,
        *_AGE,
        _STEP,
        *_CHANCE,
        _number("months", "Months that it is expected to be paid for of the next twelve, discounted."),
        _number("months_ahead", "The same of the time ahead in which a customer's value is counted."),
        _number("months_low", "Lower end of the range in which eight of ten end."),
        _number("months_high", "Upper end of it."),
        *_WHY,
    ),
)
SUBSCRIPTION_RISK = Contract(
    name="subscription_risk",
    description="How likely each running contract is to end within the horizon, and what it is expected to bring.",
    key=("source", "subscription_id", "as_of"),
    columns=(
        *_CONTRACT,
        Column(name="customer_id", type=Type.INT, description="The customer."),
        Column(name="started_on", type=Type.DATE, required=True, description="Its first day."),
        *_AGE,
        _money("amount_a_month", "What it brings in a month."),
        *_CHANCE,
        _money("at_stake", "The chance times what it brings in a month."),
        _money("year_value", "What it is expected to bring in the next twelve months, discounted."),
        _MARGIN,
        _money("margin_at_stake", "The chance times what it leaves in a month."),
        _money("year_margin", "What it is expected to leave in the next twelve months, discounted."),
        _KNOWN_BY,
        *_WHY,
    ),
)
SUBSCRIPTION_VALUE = Contract(
    name="subscription_value",
    description="What the contracts of the company are expected to leave; no row where costs are not known.",
    key=("as_of",),
    columns=(
        _AS_OF,
        _count("contracts", "Those that run."),
        _number("amount_a_month", "What they bring in a month.", "currency"),
        _number("margin_a_month", "What they leave of it.", "currency"),
        _number("own_cost_share", "The part of what they bring whose product's own cost is known."),
        Column(
            name="others_known_by",
            required=True,
            choices=("company", "contracts"),
            description="Whose cost the rest is counted at: that of the company's revenue, or of the other contracts.",
        ),
        _number("lost", "The margin a month that is expected to go within the horizon.", "currency"),
        _number("lost_low", "Lower end of its 95 % interval.", "currency"),
        _number("lost_high", "Upper end of its 95 % interval.", "currency"),
        _number("year_margin", "What they are expected to leave in the next twelve months, discounted.", "currency"),
        _number("year_low", "Lower end of its 95 % interval.", "currency"),
        _number("year_high", "Upper end of its 95 % interval.", "currency"),
    ),
)
SUBSCRIPTIONS = (
    SUBSCRIPTION_FEATURE,
    SUBSCRIPTION_MARGIN,
    SUBSCRIPTION_PERIOD,
    SUBSCRIPTION_CELL,
    SUBSCRIPTION_RISK,
    SUBSCRIPTION_VALUE,
)

_RUN = ("subscription.started_on", "subscription.ended_on")
_PAID = ("subscription.amount", "subscription.period")
_MONEY = ("amount_a_month", "amount_step", "at_stake", "year_value")
_KEPT = (*_PAID, "order_line.net_revenue", "order_line.cost_of_goods", "product.unit_cost", "product.list_price")
_LEFT = ("margin_a_month", "margin_at_stake", "year_margin", "own_cost_a_month")
_KEYS = ("source", "subscription_id", "customer_id", "as_of")
RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"churn_reason.{column.name}": ("score.value", "order_line.ordered_at", "order_line.kind")
        for column in REASON_COLUMNS
    }
    | {
        f"{table.name}.{column.name}": (*_RUN, *(_PAID if column.name in _MONEY else ()))
        for table in SUBSCRIPTIONS
        for column in table.columns
        if column.name not in _KEYS
    }
    | {
        f"subscription_risk.{name}": ("score.value", *_RUN, *_PAID, *(["subscription.end_reason"] * (name == "unpaid")))
        for name in ("probability", "low", "high", "unpaid", "at_stake", "year_value", "reason", "move")
    }
    | {
        f"{table.name}.{column.name}": (*_RUN, *_KEPT)
        for table in (SUBSCRIPTION_MARGIN, SUBSCRIPTION_PERIOD, SUBSCRIPTION_VALUE)
        for column in table.columns
        if column.name in _LEFT or (table is SUBSCRIPTION_VALUE and column.name not in ("as_of", "contracts"))
    }
    | {f"subscription_risk.{name}": ("score.value", *_RUN, *_KEPT) for name in _LEFT[:3]}
)
"""As `clientela.contracts.derived.pages.RESTS_ON`."""
