"""What is bought together in one order, and the rules found in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

LEVELS = ("product", "group")
MOST_ITEMS = 6
_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at.")
_LEVEL = Column(
    name="level",
    required=True,
    choices=LEVELS,
    description="Whether the items are products, or the groups (subcategory, else category) they belong to.",
)
_BASKETS = Column(name="baskets", type=Type.INT, unit="orders", required=True, description="Orders that hold them all.")
_CUSTOMERS = Column(
    name="customers",
    type=Type.INT,
    unit="customers",
    required=True,
    description="Different customers of these orders; an order of nobody known counts as one.",
)

BASKET_ITEM = Contract(
    name="basket_item",
    description="The products sold in the 365 days before a date, numbered, and the groups they belong to.",
    key=("item_no", "as_of"),
    columns=(
        Column(name="item_no", type=Type.INT, required=True, description="Its number."),
        _AS_OF,
        Column(name="product_id", required=True, description="The product."),
        Column(name="item_group", description="Its subcategory, else its category; null: it has none."),
    ),
)

BASKET_LINE = Contract(
    name="basket_line",
    description="Which numbered products each order of the 365 days before a date holds, the latest three million.",
    key=("basket_no", "item_no", "as_of"),
    columns=(
        Column(name="basket_no", type=Type.INT, required=True, description="The order's number, the latest is 1."),
        Column(name="item_no", type=Type.INT, required=True, description="The product's number."),
        _AS_OF,
        Column(name="customer_id", type=Type.INT, description="Who bought; null: nobody known."),
        Column(
            name="buyer_no",
            type=Type.INT,
            required=True,
            description="The number of who bought; each order of nobody known has one of its own.",
        ),
    ),
)

BASKET_SET = Contract(
    name="basket_set",
    description="Sets of items that enough orders hold together; the empty set, of size 0, counts all orders.",
    key=("set_no", "as_of"),
    columns=(
        Column(name="set_no", type=Type.INT, required=True, description="Its number."),
        _AS_OF,
        _LEVEL,
        Column(name="size", type=Type.INT, unit="items", required=True, description="How many items it has."),
        *(
            Column(
                name=f"item_{place}",
                type=Type.INT,
                required=True,
                description=f"The number of its item {place} in ascending order; 0: it has fewer.",
            )
            for place in range(1, MOST_ITEMS + 1)
        ),
        Column(name="name", description="The product's number or the group's name; of sets of one item only."),
        _BASKETS,
        _CUSTOMERS,
        Column(
            name="too_large",
            type=Type.INT,
            unit="orders",
            required=True,
            description="Of the empty set: orders left out because they hold too many different items.",
        ),
    ),
)

BASKET_RULE = Contract(
    name="basket_rule",
    description="Who buys the items on the left also buys the one on the right, more often than chance explains.",
    key=("rule_no", "as_of"),
    columns=(
        Column(name="rule_no", type=Type.INT, required=True, description="Its number, the most telling first."),
        _AS_OF,
        _LEVEL,
        *(
            Column(name=f"left_{place}", required=place == 1, description=f"Item {place} on the left; null: fewer.")
            for place in range(1, MOST_ITEMS)
        ),
        Column(name="right", required=True, description="The item on the right."),
        _BASKETS,
        _CUSTOMERS,
        Column(name="support", type=Type.SHARE, required=True, description="Share of all orders that hold them all."),
        Column(
            name="confidence",
            type=Type.SHARE,
            required=True,
            description="Share of the orders with the left that also hold the right.",
        ),
        Column(name="low", type=Type.SHARE, required=True, description="Lower end of its 95 % interval."),
        Column(name="high", type=Type.SHARE, required=True, description="Upper end of its 95 % interval."),
        Column(
            name="lift",
            type=Type.NUMBER,
            required=True,
            description="Confidence against the share of all orders that hold the right.",
        ),
        Column(
            name="leverage",
            type=Type.SHARE,
            required=True,
            description="Support less what chance would give.",
        ),
        Column(
            name="false_share",
            type=Type.SHARE,
            required=True,
            description="Among the rules at least as telling, the share expected to be chance (Benjamini-Hochberg).",
        ),
        Column(name="model_version", required=True, description="The fit that found it."),
    ),
)

RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"basket_rule.{name}": ("order_line.order_id", "order_line.product_id")
        for name in BASKET_RULE.names
        if name not in BASKET_RULE.key
    }
    | {
        f"{table}.{name}": ("order_line.order_id", "order_line.product_id")
        for table, names in (
            ("basket_line", ("basket_no", "item_no", "buyer_no")),
            ("basket_item", ("item_no", "product_id", "item_group")),
            ("basket_set", ("name", "baskets", "customers", "too_large")),
        )
        for name in names
    }
)
"""Who may not see orders or products does not see what goes together in them."""
