"""Who is like the best customers: what is known of everybody, what was learned of it, and who is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from.")
_CUSTOMER = Column(name="customer_id", type=Type.INT, required=True, description="The customer.")

KNOWN_OF_ALL: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "kind": ("Person or organisation.", ("customer.kind",)),
        "country": ("The country.", ("customer.country",)),
        "region": ("The region within the country.", ("customer.region",)),
        "sector": ("The economic sector of an organisation.", ("customer.sector",)),
        "came_by": ("The system that knew them first.", ("identity.source",)),
        "list_kind": ("The kind of the list they came on.", ("customer_record.list_id",)),
    }
)
"""What is known of whoever has not bought too: what it says, what it is made of. Nothing personal is among it."""
_REVENUE = ("order_line.net_revenue", "order_line.kind")
_COST = (*_REVENUE, "order_line.cost_of_goods")
_BOUGHT = ("order_line.ordered_at", "order_line.kind")
KNOWN_OF_CUSTOMERS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "channel": ("The channel of the first purchase.", ("order_line.channel", "order_line.kind")),
        "silence": ("How long ago they bought, in five steps; 1: latest.", _BOUGHT),
        "purchases": ("Purchase days of the last horizon: 0, 1, 2, 3 to 4, 5 to 9, 10 or more.", _BOUGHT),
        "age": ("How long they have been a customer, in four steps; 1: not longer than the horizon.", _BOUGHT),
        "basket": ("The fifth they are in by revenue of a purchase day; 5: the highest.", _REVENUE),
        "recent": ("The tenth they are in by what they brought lately; 10: the highest, 0: nothing.", _COST),
    }
)
"""What is known of customers alone."""
TRAITS = (*KNOWN_OF_ALL, *KNOWN_OF_CUSTOMERS)
_TRAITS = tuple(
    Column(name=name, required=True, description=said)
    for name, (said, _) in {**KNOWN_OF_ALL, **KNOWN_OF_CUSTOMERS}.items()
)
_TASK = Column(
    name="task",
    required=True,
    choices=("customer", "prospect", "newcomer", "not yet"),
    description="About customers; about people who have not bought; the test and the people of the latter.",
)


def _flag(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, required=True, description=f"1: {description}")


def _count(name: str, description: str) -> Column:
    return Column(name=name, type=Type.INT, unit="customers", required=True, description=description)


def _reason(number: int) -> Column:
    return Column(name=f"reason_{number}", description=f"What speaks for it, place {number}: a trait and its value.")


ALIKE_TRAIT = Contract(
    name="alike_trait",
    description="What is known of every customer at each date that is looked from, and today of who has not bought.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        _flag("is_customer", "they have bought."),
        _flag("is_newcomer", "they bought first within two horizons before the run's date."),
        _flag("is_best", "they are in the tenth who brought most within the horizon before the date."),
        _flag("is_best_so_far", "they are in the tenth who brought most a day since they came."),
        _flag("is_best_newcomer", "the same, among newcomers alone."),
        _flag("is_observed", "it is known what they brought within the horizon after the date."),
        _flag("becomes_best", "they are in the tenth who brought most in it."),
        *_TRAITS,
    ),
)

ALIKE_COUNT = Contract(
    name="alike_count",
    description="How many customers of the same traits there were at a date, and how many were or became the best.",
    key=("task", "as_of", *TRAITS),
    columns=(
        _TASK,
        _AS_OF,
        *_TRAITS,
        _count("customers", "Who had these traits."),
        _count("observed", "Those of whom it is known whether they are one of the best."),
        _count("best", "Those who are."),
    ),
)

ALIKE_CELL = Contract(
    name="alike_cell",
    description="The chance of becoming one of the best, by traits, and what speaks for it.",
    key=("task", "as_of", *TRAITS),
    columns=(
        _TASK,
        _AS_OF,
        *_TRAITS,
        Column(name="chance", type=Type.NUMBER, unit="probability", required=True, description="The chance."),
        *(_reason(number) for number in (1, 2, 3)),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

LOOK_ALIKE = Contract(
    name="look_alike",
    description="Customers and people who are like the best customers and are none yet, with the reasons.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        _TASK,
        Column(name="chance", type=Type.NUMBER, unit="probability", required=True, description="Of becoming one."),
        *(_reason(number) for number in (1, 2, 3)),
        Column(
            name="consent",
            required=True,
            choices=("given", "withdrawn", "not given", "unknown"),
            description="Whether they allowed contact on a channel, withdrew it on all, or never said; unknown: no "
            "consent of anybody is known.",
        ),
        Column(name="model_version", required=True, description="The model that gave the chance."),
    ),
)

_ALL_OF_IT = tuple(sorted({*_COST, *_BOUGHT, *(each for _, made in KNOWN_OF_ALL.values() for each in made)}))
_MADE_OF = {name: made for name, (_, made) in {**KNOWN_OF_ALL, **KNOWN_OF_CUSTOMERS}.items()}
_BEST = ("is_best", "is_best_so_far", "is_best_newcomer", "becomes_best", "best", "chance", "reason_1", "reason_2",
         "reason_3")  # fmt: skip
ALIKE_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{contract.name}.{column.name}": _MADE_OF.get(column.name, _ALL_OF_IT)
        for contract in (ALIKE_TRAIT, ALIKE_COUNT, ALIKE_CELL, LOOK_ALIKE)
        for column in contract.columns
        if column.name in _MADE_OF or column.name in _BEST
    }
    | {"look_alike.consent": ("customer_consent.decision",)}
)
"""What the columns are made of."""
