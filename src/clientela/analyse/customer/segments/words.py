"""What the groups are called and what to do with each, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.text import Text, text

RFM_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "rfm:champions": text("Champions"),
        "rfm:loyal": text("Loyal"),
        "rfm:promising": text("Promising"),
        "rfm:new": text("New with one purchase"),
        "rfm:need-attention": text("Need attention"),
        "rfm:about-to-sleep": text("About to fall asleep"),
        "rfm:cannot-lose": text("Not to be lost"),
        "rfm:at-risk": text("At risk"),
        "rfm:hibernating": text("Hibernating"),
    }
)
"""The groups of recency, frequency and money, those who buy before those who do not."""
RFM_TO_DO: Mapping[str, Text] = MappingProxyType(
    {
        "rfm:champions": text("Thank them; ask what they think; show them what is new first."),
        "rfm:loyal": text("Show them what goes with what they buy."),
        "rfm:promising": text("Give them a reason for the next purchase."),
        "rfm:new": text("See to it that the first purchase was a good one."),
        "rfm:need-attention": text("Remind them while they still remember you."),
        "rfm:about-to-sleep": text("One reminder, at little cost."),
        "rfm:cannot-lose": text("Call them, and ask what went wrong."),
        "rfm:at-risk": text("Write to them with what they used to buy."),
        "rfm:hibernating": text("Let them be, or ask once whether they wish to hear from you."),
    }
)
STATES: Mapping[str, Text] = MappingProxyType(
    {
        "life:competitors": text("Customer of a competitor"),
        "life:qualified": text("Qualified market"),
        "life:prospect": text("Prospect"),
        "life:new": text("New"),
        "life:active": text("Active"),
        "life:lapsing": text("Lapsing"),
        "life:lost": text("Lost"),
        "life:won-back": text("Won back"),
    }
)
"""The states in the life of a customer, in their order."""
BY: Mapping[str, Text] = MappingProxyType(
    {
        "rfm": text("By recency, frequency and money"),
        "cluster": text("By how they buy"),
        "life": text("In the life of a customer"),
    }
)
"""What the groups of a family go by."""


def group_named(segment: str) -> Text:
    """What a computed group is called, such as 'rfm:champions' or 'cluster:a'."""
    named = RFM_NAMES.get(segment) or STATES.get(segment)
    return named or text("Group {letter}", letter=segment.partition(":")[2].upper())
