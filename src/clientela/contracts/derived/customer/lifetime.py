"""What customers brought and will bring: counted for the forecast of lifetime value, and what it learned."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.derived.customer.services import WORTH_RESTS_ON
from clientela.contracts.schema import Column, Contract, Type

_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at.")
_CUSTOMER = Column(name="customer_id", type=Type.INT, required=True, description="The customer.")


def _days(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="days", required=True, description=description)


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", required=True, description=description)


def _number(name: str, description: str, unit: str | None = None) -> Column:
    return Column(name=name, type=Type.NUMBER, unit=unit, required=True, description=description)


def _count(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="customers", required=True, description=description)


_HISTORY = (
    _days("repeat_purchases", "Days with a purchase, less the first."),
    _days("recency_days", "Days from the first purchase to the latest."),
    _days("age_days", "Days from the first purchase to the last day looked at."),
)
_RECENT_DAYS = _days("recent_purchases", "Days with a purchase within the horizon before the date.")
_HISTORY_KEY = ("as_of", *(column.name for column in _HISTORY))

LIFETIME_BASIS = Contract(
    name="lifetime_basis",
    description="What customers' money is counted at in the forecast of what they will bring.",
    key=("basis",),
    columns=(
        Column(name="basis", required=True, choices=("margin", "revenue"), description="Margin or revenue."),
        _number("share_kept", "What a unit of revenue brings on average; 1 where revenue is counted."),
        _number("share_known", "The part of the revenue whose cost is known."),
    ),
)

LIFETIME_MONEY = Contract(
    name="lifetime_money",
    description="What each customer brought up to a date, beside the purchase history.",
    key=("as_of", "customer_id"),
    columns=(
        _AS_OF,
        _CUSTOMER,
        *_HISTORY,
        _RECENT_DAYS,
        _money("brought", "Margin (or revenue, where costs are not known) up to the date."),
        _money("amount", "The same, of a day with a purchase on average."),
        _money("recent", "Revenue within the horizon before the date, at the margin that it brings on average."),
    ),
)

LIFETIME_DAY = Contract(
    name="lifetime_day",
    description="How many customers bought again on each day: what the season is learned from.",
    key=("happened_on",),
    columns=(
        Column(name="happened_on", type=Type.DATE, required=True, description="The day."),
        Column(
            name="purchases",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Who bought on it, and before.",
        ),
    ),
)

LIFETIME_COUNT = Contract(
    name="lifetime_count",
    description="How many customers had the same purchase history on a date, and what their purchases brought.",
    key=_HISTORY_KEY,
    columns=(
        _AS_OF,
        *_HISTORY,
        _count("customers", "Who had this history."),
        _money("amount", "The sum of what a purchase day of each of them brought on average."),
        _number("amount_norm", "Square root of the sum of the squares of these.", "currency"),
        _money("recent", "What they brought within the horizon before the date."),
    ),
)

LIFETIME_AMOUNT = Contract(
    name="lifetime_amount",
    description="How many customers had so many purchase days of about the same mean amount.",
    key=("as_of", "purchases", "bucket"),
    columns=(
        _AS_OF,
        _days("purchases", "Days with a purchase."),
        Column(name="bucket", type=Type.INT, required=True, description="50 times the logarithm of the mean, cut."),
        _count("customers", "Who had these."),
        _money("amount", "The sum of their mean amounts."),
    ),
)

LIFETIME_TRIAL = Contract(
    name="lifetime_trial",
    description="What was known of each customer at a date, and what they brought in the horizon after it.",
    key=("as_of", "customer_id"),
    columns=(
        _AS_OF,
        _CUSTOMER,
        *_HISTORY,
        _RECENT_DAYS,
        _money("brought", "Margin (or revenue) up to the date."),
        _money("amount", "The same, of a day with a purchase on average."),
        _money("recent", "What they brought within the horizon before the date."),
        Column(
            name="came",
            type=Type.MONEY,
            unit="currency",
            description="What they brought within the horizon after it; null: that is not over yet.",
        ),
    ),
)

LIFETIME_TRAIT = Contract(
    name="lifetime_trait",
    description="What each customer's first purchase was, by its lines and products as they stand today.",
    key=("customer_id",),
    columns=(
        _CUSTOMER,
        Column(name="channel", required=True, description="Where it was sold; empty: unknown."),
        Column(name="category", required=True, description="Of which category the most was bought; empty: unknown."),
        Column(
            name="campaign",
            required=True,
            choices=("campaign", ""),
            description="Whether a campaign brought it; empty: none is known.",
        ),
    ),
)

LIFETIME_CELL = Contract(
    name="lifetime_cell",
    description="What customers of one purchase history are expected to buy, and how their amounts count.",
    key=_HISTORY_KEY,
    columns=(
        _AS_OF,
        *_HISTORY,
        _number("purchases", "Purchase days to expect, discounted, times the weight of the purchase model."),
        _number("own_weight", "How much the customer's own mean amount counts."),
        _number("usual_part", "What is added to it of what is usual.", "currency"),
        _number("recent_weight", "How much the money of the last horizon counts."),
        _number("low_share", "Lower end of the range in which eight of ten end, by what is expected."),
        _number("high_share", "Upper end of it."),
        _number("alive", "The chance that they still are customers."),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

LIFETIME_EACH = Contract(
    name="lifetime_each",
    description="What each customer is expected to bring, where a method serves that looks at more than the purchase "
    "history; empty else.",
    key=("as_of", "customer_id"),
    columns=(
        _AS_OF,
        _CUSTOMER,
        _number("worth", "What they are expected to bring, discounted.", "currency"),
        _number("low_share", "Lower end of the range in which eight of ten end, by what is expected."),
        _number("high_share", "Upper end of it."),
    ),
)

LIFETIME_TENTH = Contract(
    name="lifetime_tenth",
    description="Which part of what all customers are expected to bring comes from each tenth of them.",
    key=("tenth", "as_of"),
    columns=(
        Column(name="tenth", type=Type.INT, required=True, description="1 is expected to bring most."),
        _AS_OF,
        _count("customers", "Who is in it."),
        _number("worth", "What they are expected to bring.", "currency"),
    ),
)

_SOURCE = (
    Column(
        name="came_by",
        required=True,
        choices=("campaign", "list", "channel", "unknown"),
        description="What is known of how they came.",
    ),
    Column(name="name", required=True, description="The campaign, list or channel of it; empty: unknown."),
)
_PART = Column(name="part", type=Type.INT, required=True, description="One of twenty parts, by chance.")

PAYBACK_SOURCE = Contract(
    name="payback_source",
    description="By what each customer came: the campaign of the first purchase, else a bought list, else the channel; "
    "and what winning them cost, where that is known.",
    key=("customer_id",),
    columns=(
        _CUSTOMER,
        Column(name="first_on", type=Type.DATE, required=True, description="The day of the first purchase."),
        *_SOURCE,
        _PART,
        _money("acquisition", "Their shares of pools of acquisition costs, of campaigns' budgets and of bought lists."),
        _money("contacts", "Their share of what contacts of the campaign with people who had not bought yet cost."),
        _money("cost", "Both together."),
    ),
)

PAYBACK_MONTH = Contract(
    name="payback_month",
    description="What customers brought in each month after their first purchase, by what they came by.",
    key=("came_by", "name", "part", "month"),
    columns=(
        *_SOURCE,
        _PART,
        Column(name="month", type=Type.INT, required=True, description="Full months since the first purchase."),
        _money("margin", "What those brought in it who were seen through all of it."),
        _count("customers", "Who was seen for so many full months, and no longer."),
        _money("cost", "What winning these cost."),
    ),
)

PAYBACK = Contract(
    name="payback",
    description="When customers have paid back what winning them cost, by what they came by.",
    key=("came_by", "name", "as_of"),
    columns=(
        *_SOURCE,
        _AS_OF,
        _count("customers", "Who came by it, and whose winning cost is known."),
        _number("cost", "What winning one cost on average.", "currency"),
        _number("brought", "What one brought on average in the months that enough were seen through.", "currency"),
        Column(name="seen", type=Type.INT, unit="months", required=True, description="How many months these are."),
        Column(name="months", type=Type.NUMBER, unit="months", description="After so many; null: not yet."),
        Column(name="earliest", type=Type.NUMBER, unit="months", description="The near end of its 80 % range."),
        Column(name="latest", type=Type.NUMBER, unit="months", description="The far end; null: it was not seen."),
    ),
)

LIFETIME = (
    LIFETIME_BASIS,
    LIFETIME_MONEY,
    LIFETIME_DAY,
    LIFETIME_COUNT,
    LIFETIME_AMOUNT,
    LIFETIME_TRIAL,
    LIFETIME_TRAIT,
    LIFETIME_CELL,
    LIFETIME_EACH,
    LIFETIME_TENTH,
    PAYBACK_SOURCE,
    PAYBACK_MONTH,
    PAYBACK,
)

_COST = ("order_line.net_revenue", "order_line.cost_of_goods")
_LAID_ON = ("cost_pool.amount", "campaign.budget", "contact_list.cost", "order_line.campaign_id")
_WINNING = (*_LAID_ON, "contact.cost", "treatment.cost_per_contact")
TRAITS_REST_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "channel": ("order_line.channel", "order_line.ordered_at"),
        "category": ("product.category", "order_line.product_id", "order_line.ordered_at"),
        "campaign": ("order_line.campaign_id", "order_line.ordered_at"),
    }
)
"""What each trait of a first purchase is made of."""
LIFETIME_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{table}.{column}": _COST
        for table, columns in {
            "lifetime_basis": ("share_kept", "share_known"),
            "lifetime_money": ("brought", "amount", "recent"),
            "lifetime_count": ("amount", "amount_norm", "recent"),
            "lifetime_amount": ("bucket", "amount"),
            "lifetime_trial": ("brought", "amount", "recent", "came"),
            "lifetime_cell": ("usual_part",),
            "lifetime_each": ("worth",),
        }.items()
        for column in columns
    }
    | {"lifetime_tenth.worth": WORTH_RESTS_ON}
    | {f"lifetime_trait.{name}": rests_on for name, rests_on in TRAITS_REST_ON.items()}
    | {"payback_source.acquisition": (*_LAID_ON, "contact.cost"), "payback_source.contacts": _WINNING[-2:]}
    | {"payback_source.cost": _WINNING, "payback_month.cost": _WINNING, "payback.cost": _WINNING}
    | {"payback_month.margin": _COST, "payback.brought": _COST}
    | {f"payback.{column}": (*_COST, *_WINNING) for column in ("months", "earliest", "latest")}
)
"""What the money in these tables is made of."""
_ROWS = MappingProxyType({"lifetime-value": WORTH_RESTS_ON})  # orders and contracts; what is learned, of orders only
_LEARNED = MappingProxyType(
    {
        "lifetime-value": _COST,
        "share-of-wallet": ("order_line.net_revenue",),
        "satisfaction-effect": ("survey_answer.score", "order_line.net_revenue", "order_line.discount"),
    }
)
ROWS_REST_ON: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {"score": ("analysis", _ROWS), **dict.fromkeys(("model", "backtest"), ("analysis", _LEARNED))}
)
"""Tables whose rows are not all made of the same: the column that tells them apart, and what its values are made of."""
