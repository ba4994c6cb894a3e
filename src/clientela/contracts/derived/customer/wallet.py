"""What customers spend with the company, and what customers like them do: the room that is assumed to be left."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

WHOLE = ""
"""The category that stands for all of them together."""
OTHER = "other"
"""Products of no category, and categories beyond the largest."""
PERIODS = ("now", "before")
_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at.")
_CUSTOMER = Column(name="customer_id", type=Type.INT, required=True, description="The customer.")
_PERIOD = Column(
    name="period",
    required=True,
    choices=PERIODS,
    description="The window of days before the date, or the one as long before that.",
)
_CATEGORY = Column(name="category", required=True, description="The category; empty: all of them together.")
_PEERS = Column(name="peer_group", required=True, description="What the customers have in common; empty: all.")
_DEPTH = Column(name="depth", type=Type.INT, required=True, description="How many kinds of traits peers share, 0 to 2.")


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", required=True, description=description)


def _count(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="customers", required=True, description=description)


WALLET_WINDOW = Contract(
    name="wallet_window",
    description="How many days of spending are compared: four, two or one horizon, as the history allows.",
    key=("window_days", "as_of"),
    columns=(
        Column(name="window_days", type=Type.INT, unit="days", required=True, description="The days."),
        _AS_OF,
    ),
)

WALLET_PEER = Contract(
    name="wallet_peer",
    description="What is known of each customer that tells who is like them, and the wallet they stated.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        Column(name="peer_1", description="Kind with sector, or with the size of the household; null: not known."),
        Column(name="peer_2", description="The same with the size of the company; null: not known."),
        Column(
            name="stated_wallet",
            type=Type.MONEY,
            unit="currency",
            description="What they said, or a list says, they spend in a year with anybody; null: not known.",
        ),
    ),
)

WALLET_SPEND = Contract(
    name="wallet_spend",
    description="What each customer of old spent in each of the two windows, by category and in all.",
    key=("customer_id", "period", "category", "as_of"),
    columns=(_CUSTOMER, _PERIOD, _CATEGORY, _AS_OF, _money("spent", "Revenue, 0 or more.")),
)

WALLET_COUNT = Contract(
    name="wallet_count",
    description="How many customers of each group of peers spent about the same.",
    key=("period", "depth", "peer_group", "category", "bucket", "as_of"),
    columns=(
        _PERIOD,
        _DEPTH,
        _PEERS,
        _CATEGORY,
        Column(name="bucket", type=Type.INT, required=True, description="50 times the logarithm of the amount, cut."),
        _AS_OF,
        _count("customers", "Who spent so much."),
    ),
)

WALLET_FRONTIER = Contract(
    name="wallet_frontier",
    description="What the best served of each group of peers spend within the window.",
    key=("depth", "peer_group", "category"),
    columns=(
        _DEPTH,
        _PEERS,
        _CATEGORY,
        _money("frontier", "The upper quantile of what they spend."),
        _money("low", "Lower end of its 95 % interval."),
        _money("high", "Upper end of it."),
        _count("customers", "How many peers there are."),
        Column(name="model_version", required=True, description="The fit that found it."),
    ),
)

CUSTOMER_WALLET = Contract(
    name="customer_wallet",
    description="What each customer spends of each category, and the room left up to the wallet that is assumed.",
    key=("customer_id", "category", "as_of"),
    columns=(
        _CUSTOMER,
        Column(name="category", required=True, description="The category."),
        _AS_OF,
        Column(
            name="basis",
            required=True,
            choices=("peers", "stated"),
            description="Whether the wallet is assumed from peers or was stated.",
        ),
        _money("spent", "What they spent within the window."),
        _money("room", "What the wallet leaves beside it."),
        _money("room_low", "Lower end: at the lower end of what the best served spend."),
        _money("room_high", "Upper end."),
    ),
)

WALLET = (WALLET_WINDOW, WALLET_PEER, WALLET_SPEND, WALLET_COUNT, WALLET_FRONTIER, CUSTOMER_WALLET)

_SPENT = ("order_line.net_revenue", "order_line.kind")
_GOODS = ("order_line.product_id", "product.category")
_ASSUMED = (*_SPENT, "preference.value", "customer.sector", "customer.credit_limit")
WALLET_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{f"wallet_{table}.category": _GOODS for table in ("spend", "count", "frontier")},
        "customer_wallet.category": _GOODS,
        "wallet_peer.peer_1": ("customer.kind", "customer.sector"),
        "wallet_peer.peer_2": ("customer.kind", "customer.sector", "customer.credit_limit", "preference.value"),
        "wallet_peer.stated_wallet": ("preference.value",),
        "wallet_spend.spent": _SPENT,
        "wallet_count.bucket": _SPENT,
        **{f"wallet_frontier.{name}": _SPENT for name in ("frontier", "low", "high")},
        "customer_wallet.spent": _SPENT,
        **{f"customer_wallet.{name}": _ASSUMED for name in ("room", "room_low", "room_high")},
    }
)
"""What a column is made of, as ``table.column``."""
