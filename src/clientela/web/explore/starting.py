"""Questions to begin with, and what the groups of measures are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clientela.contracts.text import Text, text
from clientela.pipeline.exploring.choices import Offer, Offered
from clientela.present.say import say
from clientela.web.explore.question import Asking


@dataclass(frozen=True, slots=True)
class Start:
    """A question to begin with. ``why``: what one learns from it."""

    title: Text
    why: Text
    asking: Asking


STARTS: tuple[Start, ...] = (
    Start(
        text("Revenue by month"),
        text("How the business went, month by month, with the customers who bought."),
        Asking(measures=("revenue", "customers"), by=("month",)),
    ),
    Start(
        text("Customers won and lost by quarter"),
        text("Whether more come than go."),
        Asking(measures=("new_customers", "lost_customers"), by=("quarter",)),
    ),
    Start(
        text("Revenue by category"),
        text("What is bought most; go down to the products from there."),
        Asking(measures=("revenue", "customers", "basket"), by=("category",)),
    ),
    Start(
        text("Revenue by region"),
        text("Where the business is; go down to districts from there."),
        Asking(measures=("revenue", "customers"), by=("region",)),
    ),
    Start(
        text("Returns by category"),
        text("What comes back, and how much of what was sold that is."),
        Asking(measures=("returns", "return_share"), by=("category",)),
    ),
    Start(
        text("Revenue by channel and quarter"),
        text("How the ways to buy shift over time."),
        Asking(measures=("revenue",), by=("channel",), across="quarter"),
    ),
    Start(
        text("Margin by brand"),
        text("Which brands earn most."),
        Asking(measures=("margin", "margin_share"), by=("brand",), top=15),
    ),
    Start(
        text("Complaints by reason"),
        text("What customers complain about."),
        Asking(measures=("complaints", "closing_days"), by=("reason",)),
    ),
    Start(
        text("Answers to campaigns"),
        text("What was sent, and who answered."),
        Asking(measures=("messages_sent", "responses", "response_rate"), by=("campaign",)),
    ),
    Start(
        text("Overdue invoices by month"),
        text("What is still to be paid, by the month it was asked for."),
        Asking(measures=("invoiced", "overdue", "overdue_share"), by=("month",)),
    ),
    Start(
        text("Opportunities by owner"),
        text("Who has how much in hand, and how much of it is won."),
        Asking(measures=("pipeline", "won_amount", "win_rate"), by=("owner_id",)),
    ),
    Start(
        text("Segments by size and revenue"),
        text("How many customers are in each segment, and what they bring."),
        Asking(measures=("revenue", "customers"), by=("segment",)),
    ),
)

_GROUPS: Mapping[str, Text] = {
    "order_line": text("Sales"),
    "customer_start": text("Customers"),
    "customer_loss": text("Customers"),
    "customer_return": text("Customers"),
    "customer_year": text("Customers"),
    "known_customer": text("Customers"),
    "score": text("Customers"),
    "segment_member": text("Customers"),
    "decided_consent": text("Customers"),
    "invoice": text("Invoices"),
    "subscription": text("Subscriptions"),
    "subscription_end": text("Subscriptions"),
    "interaction": text("Service and contacts"),
    "service_case": text("Service and contacts"),
    "service_cost": text("Service and contacts"),
    "survey_answer": text("Service and contacts"),
    "contact": text("Campaigns"),
    "response": text("Campaigns"),
    "campaign": text("Campaigns"),
    "contact_list": text("Campaigns"),
    "opportunity": text("Selling"),
    "target": text("Selling"),
}
_OTHERS = text("Records and duplicates")
_OWN = text("Measures of this company")


def starts(offered: Offered) -> list[Start]:
    """The questions that can be answered with what was delivered, within what the visitor may ask."""
    measures = {each.name for each in offered.measures}
    dimensions = {each.name for each in offered.dimensions}
    return [
        each
        for each in STARTS
        if {*each.asking.measures} <= measures
        and {*each.asking.by, *([each.asking.across] if each.asking.across else [])} <= dimensions
    ]


def groups(offers: Sequence[Offer], locale: str) -> list[tuple[str, list[Offer]]]:
    """The measures by what they are of, those a company declared itself by who answers for them."""
    found: dict[str, list[Offer]] = {}
    for each in offers:
        said = say(_GROUPS.get(each.group, _OTHERS), locale)
        if each.owner:
            said = say(_OWN, locale) if each.owner == "own" else each.owner
        found.setdefault(said, []).append(each)
    return list(found.items())


def hierarchies(offered: Offered, locale: str) -> list[tuple[str, list[Offer]]]:
    """The dimensions by hierarchy, the coarsest of each first; those that stand alone together at the end."""
    found: dict[str, list[Offer]] = {}
    for each in offered.dimensions:
        found.setdefault(each.group, []).append(each)
    several = [
        (say(offered.hierarchies[name], locale), list(reversed(some))) for name, some in found.items() if len(some) > 1
    ]
    alone = [some[0] for some in found.values() if len(some) == 1]
    return [*several, *([(say(text("Others"), locale), alone)] if alone else [])]
