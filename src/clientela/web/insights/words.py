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
    "customer-value": text("Customer value"),
    "churn-risk": text("Churn risk"),
    "lifetime-value": text("Lifetime value"),
    "data-quality": text("Quality of customer data"),
}
PARAMETERS: Mapping[str, tuple[Text, Text]] = {  # what it is called, what it means
    "list": (text("Customers in the list"), text("From 1 to 5,000")),
    "days": (text("Days looked back"), text("A year is 365")),
    "quiet_days": (text("Days without a purchase"), text("From how many on a good customer counts as quiet")),
    "period": (text("Period"), text("What is compared with what came before")),
}
CHOICES: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "period": (
        ("auto", text("The longest that can be compared")),
        ("quarter", text("Quarters")),
        ("month", text("Months")),
        ("week", text("Weeks")),
    ),
}


def area(name: str) -> Text:
    """What an area is called."""
    return AREAS.get(name, Text(name.capitalize()))


def title(analysis: str) -> Text:
    """What an analysis is called in short."""
    return TITLES.get(analysis, Text(analysis.replace("-", " ").capitalize()))


def parameter(name: str) -> tuple[Text, Text | None]:
    """What a parameter is called, and what it means where that is not plain."""
    return PARAMETERS.get(name, (Text(name.replace("_", " ").capitalize()), None))
