"""What analyses, areas, levels and parameters are called on a page."""

from __future__ import annotations

from collections.abc import Mapping

from clientela.contracts.insight import Level
from clientela.contracts.text import Text, text

AREAS: Mapping[str, Text] = {
    "sales": text("Sales"),
    "customer": text("Customers"),
    "marketing": text("Marketing"),
    "service": text("Service"),
    "channel": text("Channels"),
    "risk": text("Risk"),
}
LEVELS: Mapping[Level, Text] = {
    Level.HAPPENED: text("What happened?"),
    Level.WHY: text("Why?"),
    Level.FORECAST: text("What will happen?"),
    Level.ALERT: text("What is there to watch?"),
    Level.ALTERNATIVES: text("What could we do?"),
}
TITLES: Mapping[str, Text] = {
    "sales-trend": text("Sales trend"),
    "customer-base": text("Customer base"),
    "customer-profit": text("Customer profit"),
    "customer-value": text("Customer value"),
    "churn-risk": text("Churn risk"),
    "lifetime-value": text("Lifetime value"),
    "data-quality": text("Quality of customer data"),
    "segments": text("Segments"),
    "clusters": text("Clusters"),
    "life-cycle": text("Life cycle"),
    "retention": text("Retention"),
    "next-order": text("Next order"),
    "next-product": text("Next product"),
    "basket": text("Baskets"),
}
_LIST = text("From 1 to 5,000")
PARAMETERS: Mapping[str, tuple[Text, Text]] = {  # what it is called and what it means, in one analysis or in all
    "list": (text("Customers in the list"), _LIST),
    "basket.list": (text("Rules in the list"), _LIST),
    "next-product.list": (text("Proposals in the list"), _LIST),
    "days": (text("Days looked back"), text("A year is 365")),
    "quiet_days": (text("Days without a purchase"), text("From how many on a good customer counts as quiet")),
    "period": (text("Period"), text("What is compared with what came before")),
    "month": (text("Months after the first purchase"), text("1 is the month after the one in which they came")),
    "months": (text("Months looked back"), text("A year is 12")),
    "until": (text("Last day"), text("Empty is the last day with figures")),
    "level": (text("Compare"), text("Single products or the groups they belong to")),
    "order": (text("First in the list"), text("What makes a rule stand at the top")),
    "kind": (text("Which proposals"), text("What they bought before, or what is new to them")),
    "support": (text("Smallest share of orders"), text("In which a rule must hold; 0.001 is one in a thousand")),
    "confidence": (text("Smallest chance"), text("Of the right side where the left is bought; 0.05 is 5%")),
    "false_share": (text("Share that may be chance"), text("Of the rules found; 0.05 is 5%")),
    "most": (text("Most rules kept"), text("The others are not stored")),
    "recent_days": (text("Days that count as recent"), text("0 compares the customers with each other")),
    "segments.quiet_days": (text("Days that count as silent"), text("0 compares the customers with each other")),
    "often_purchases": (text("Purchases that count as often"), text("0 compares the customers with each other")),
    "high_revenue": (text("Revenue that counts as high"), text("0 compares the customers with each other")),
    "value_days": (text("Days foreseen"), text("A year is 365")),
    "discount_rate": (text("Interest a year"), text("By which later money counts less; 0.1 is 10%")),
}
CHOICES: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "period": (
        ("auto", text("The longest that can be compared")),
        ("quarter", text("Quarters")),
        ("month", text("Months")),
        ("week", text("Weeks")),
    ),
    "basket.level": (
        ("auto", text("Groups, where there are any")),
        ("group", text("Product groups")),
        ("product", text("Products")),
    ),
    "basket.order": (
        ("extra", text("Most orders beyond chance")),
        ("lift", text("Most times chance")),
        ("chance", text("Most often together")),
    ),
    "next-product.kind": (
        ("all", text("All proposals")),
        ("again", text("More of the same")),
        ("new", text("New to them")),
    ),
}


def area(name: str) -> Text:
    """What an area is called."""
    return AREAS.get(name, Text(name.capitalize()))


def title(analysis: str) -> Text:
    """What an analysis is called in short."""
    return TITLES.get(analysis, Text(analysis.replace("-", " ").capitalize()))


def parameter(analysis: str, name: str) -> tuple[Text, Text | None]:
    """What a parameter of an analysis is called, and what it means where that is not plain."""
    own = PARAMETERS.get(f"{analysis}.{name}") or PARAMETERS.get(name)
    return own or (Text(name.replace("_", " ").capitalize()), None)


def choices(analysis: str, name: str) -> tuple[tuple[str, Text], ...]:
    """The values a parameter of an analysis may take, each with what it is called; none where any may be said."""
    return CHOICES.get(f"{analysis}.{name}") or CHOICES.get(name, ())
