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
