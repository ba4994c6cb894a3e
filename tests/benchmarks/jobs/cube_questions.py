"""The twenty questions figures are measured with, and people with few and many grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from clientela.access.area import Area, united
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.filter import Condition, Filter, Operator
from clientela.cube.explore import Wanted

YEAR = Condition("year", Operator.EQ, date(2024, 1, 1))
LATE = Condition("month", Operator.GE, date(2024, 7, 1))
WEB = Condition("channel", Operator.EQ, "web")
ONE_REGION = Condition("region", Operator.EQ, "Region 3")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; ``distinct``: whether it counts different customers or orders."""

    measures: Sequence[str]
    by: Sequence[str] = ()
    where: Filter | None = None
    wanted: Wanted = field(default_factory=Wanted)
    distinct: bool = False


QUESTIONS: Mapping[str, Asked] = {
    "revenue": Asked(("revenue",)),
    "revenue by month": Asked(("revenue",), ("month",)),
    "revenue by region": Asked(("revenue",), ("region",)),
    "revenue by region and month of a year": Asked(("revenue",), ("region", "month"), YEAR),
    "margin by category and quarter": Asked(("margin", "margin_share"), ("category", "quarter")),
    "revenue and margin by channel of late months": Asked(("revenue", "margin"), ("channel",), LATE),
    "returns by category": Asked(("returns", "return_share"), ("category",)),
    "revenue by week on the web": Asked(("revenue",), ("week",), WEB),
    "discounts by brand": Asked(("discount", "discount_share"), ("brand",)),
    "revenue by month beside last year": Asked(("revenue",), ("month",), None, Wanted(compare="last-year")),
    "twenty largest products and the rest": Asked(("revenue",), ("product_name",), None, Wanted(top=20)),
    "revenue by category as shares": Asked(("revenue",), ("category",), None, Wanted(share=True)),
    "running revenue by month": Asked(("revenue",), ("month",), None, Wanted(running=True)),
    "quantity by subcategory in one region": Asked(("quantity", "revenue"), ("subcategory",), ONE_REGION),
    "new customers by month": Asked(("new_customers",), ("month",)),
    "customers by month": Asked(("customers",), ("month",), distinct=True),
    "orders and basket by month": Asked(("orders", "basket"), ("month",), distinct=True),
    "customers by region of a year": Asked(("customers", "revenue_per_customer"), ("region",), YEAR, distinct=True),
    "customers and orders by category": Asked(("customers", "orders"), ("category",), distinct=True),
    "customers by channel on one": Asked(("customers",), ("month",), WEB, distinct=True),
}


def scope(grants: int, *, step: int = 1) -> Scope | None:
    """What somebody with so many grants of one role sees; 0: all of the company.

    One is a territory; of ten and of a hundred three in ten are accounts, the others territories.
    """
    if not grants:
        return None
    areas = [
        Area(customers=frozenset({customer(1000 * number, step)}))
        if number % 10 in (3, 6, 9)
        else Area(territories=frozenset({f"T{number * 7 % 120:03}"}))
        for number in range(1, grants + 1)
    ]
    right = Right(reach=united(areas), columns=Names(("*",)), measures=Names(("*",)))
    return Scope((right,))


def customer(number: int, step: int) -> int:
    """The id of a customer of the measured company."""
    return number * step + number % 1000
