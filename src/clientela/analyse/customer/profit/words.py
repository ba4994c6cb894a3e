"""What the lines of an account and the drivers of costs are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.text import Text, text

LINE_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "full_price": text("Sales at full price"),
        "discount": text("Discounts"),
        "returned": text("Returns and cancellations"),
        "other_revenue": text("Shipping and fees charged"),
        "unknown_cost": text("Revenue whose cost is not known, left out"),
        "goods": text("Cost of goods"),
        "payment": text("Payment"),
        "delivery": text("Delivery"),
        "service": text("Service"),
        "contact": text("Contacts"),
        "acquisition": text("Acquisition"),
        "other": text("Other shared costs"),
    }
)
DRIVER_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "orders": text("orders"),
        "lines": text("order lines"),
        "pieces": text("pieces"),
        "revenue": text("revenue"),
        "returns": text("returned lines"),
        "contacts": text("contacts"),
        "visits": text("visits"),
        "calls": text("calls"),
        "cases": text("cases"),
        "minutes": text("minutes of work on cases"),
        "messages": text("messages of campaigns"),
        "new_customers": text("first purchases"),
        "campaign_orders": text("orders that came by the campaign"),
        "list_customers": text("first purchases of people on the list"),
    }
)
REASON_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "discount": text("More discounts than others of like revenue"),
        "returned": text("More returns and cancellations than others of like revenue"),
        "unknown_cost": text("More revenue whose cost is not known"),
        "goods": text("Goods that leave less than those of others"),
        "payment": text("Payment costs more than with others"),
        "delivery": text("Delivery costs more than with others"),
        "service": text("Service costs more than with others"),
        "contact": text("Contacts cost more than with others"),
        "acquisition": text("Acquisition cost more than with others"),
        "other": text("More of the other shared costs than others"),
    }
)
