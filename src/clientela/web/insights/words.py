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
    "subscription-churn": text("Contracts that end"),
    "lifetime-value": text("Lifetime value"),
    "investment-tier": text("Investment tiers"),
    "look-alike": text("Like the best"),
    "data-quality": text("Quality of customer data"),
    "segments": text("Segments"),
    "clusters": text("Clusters"),
    "life-cycle": text("Life cycle"),
    "retention": text("Retention"),
    "next-order": text("Next order"),
    "next-product": text("Next product"),
    "basket": text("Baskets"),
    "share-of-wallet": text("Share of wallet"),
    "customer-class": text("How customers pay"),
    "satisfaction-effect": text("What satisfaction goes with"),
}
_LIST = text("From 1 to 5,000")
PARAMETERS: Mapping[str, tuple[Text, Text]] = {  # what it is called and what it means, in one analysis or in all
    "list": (text("Customers in the list"), _LIST),
    "customer-profit.list": (text("Customers in the list"), text("From 1 to 200")),
    "basket.list": (text("Rules in the list"), text("From 1 to 1,000")),
    "next-product.list": (text("Proposals in the list"), _LIST),
    "subscription-churn.list": (text("Contracts in the list"), _LIST),
    "customer-class.list": (text("Customers who became worse"), text("From 1 to 50")),
    "best_served": (text("Where the best served begin"), text("The share of peers that spend less; 0.8 is 80%")),
    "sound_late_days": (text("Days late that still count as in time"), text("On average of what a customer pays")),
    "weak_late_days": (text("Days late that make a weak payer"), text("On average of what a customer pays")),
    "sound_overdue": (text("Share overdue that still counts as sound"), text("Of what fell due; 0.05 is 5%")),
    "weak_overdue": (text("Share overdue that makes a weak payer"), text("Of what fell due; 0.25 is 25%")),
    "weak_overdue_days": (text("Days overdue that make a weak payer"), text("Of more than still counts as sound")),
    "worse_by_days": (text("Days later than before that are watched"), text("This half-year against the one before")),
    "fewest_invoices": (text("Invoices needed to judge"), text("With fewer, the class is not known")),
    "low_score": (text("Bought score that is low"), text("Below it a payer is weak; 0 does not look at it")),
    "worth_kept": (text("Worth of a customer kept"), text("In money; what contacting them may earn")),
    "subscription-churn.worth_kept": (
        text("Worth of a contract kept"),
        text("In money; what contacting them may earn"),
    ),
    "offer_cost": (text("Cost of an offer"), text("In money; less than the worth of a customer kept")),
    "contact_cost": (text("Cost of a contact"), text("In money; a letter or a call without the offer")),
    "accepting": (text("Customers who take an offer"), text("6 against 14 who refuse is three in ten")),
    "refusing": (text("Customers who refuse an offer"), text("14 against 6 who take it is seven in ten")),
    "days": (text("Days looked back"), text("A year is 365")),
    "quiet_days": (text("Days without a purchase"), text("From how many on a good customer counts as quiet")),
    "period": (text("Period"), text("What is compared with what came before")),
    "month": (text("Months after the first purchase"), text("1 is the month after the one in which they came")),
    "months": (text("Months looked back"), text("A year is 12")),
    "customer-profit.customer": (text("One customer"), text("Their number; empty is all")),
    "customer-profit.until": (text("Last month"), text("As 2025-03; empty is the last that is over")),
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
    "tier": (text("Which tier"), text("Of which customers are listed")),
    "whom": (text("Who is listed"), text("Customers, or people who have not bought yet")),
    "invest_cost": (text("Cost of an action"), text("For one customer, beyond the usual attention")),
    "maintain_cost": (text("Cost of the usual attention"), text("For one customer")),
    "keeps": (text("Share an action saves"), text("Of what would leave; assumed, 0.1 is 10%")),
    "grows": (text("Share an action adds"), text("To what stays; assumed, 0.03 is 3%")),
    "budget": (text("Budget for actions"), text("For all customers; 0 is as much as pays")),
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
    "investment-tier.tier": (
        ("invest", text("Invest")),
        ("maintain", text("Maintain")),
        ("do-not-invest", text("Do not invest")),
    ),
    "look-alike.whom": (
        ("everybody", text("Customers and people")),
        ("customers", text("Customers only")),
        ("prospects", text("People who have not bought")),
    ),
    "next-product.kind": (
        ("all", text("All proposals")),
        ("again", text("More of the same")),
        ("new", text("New to them")),
        ("cross", text("Something else")),
        ("up", text("A dearer one of the same group")),
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
