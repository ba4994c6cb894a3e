"""The segments a customer is in; of one in several, figures by segment add up to more than the total."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

NAME = "segment"
SEGMENT = (
    Dimension(
        name=NAME,
        label=text("Segment"),
        description=text("The segments that the customer is in on the date asked about; a customer may be in several."),
        expression="segment",
        lookup="of_segment",
        hierarchy="segment",
        reads=("segment_member.segment",),
    ),
)
_GROUP = ("group_member.segment",)
GROUPS = (
    Dimension(
        name="rfm_group",
        label=text("Group by recency, frequency and money"),
        description=text("The group the customer is in by how recently, how often and for how much they bought."),
        expression="rfm_group",
        lookup="of_rfm_group",
        hierarchy="rfm_group",
        reads=_GROUP,
    ),
    Dimension(
        name="cluster",
        label=text("Cluster"),
        description=text("The customers who behave alike, as they were found in the data; named by a letter."),
        expression="cluster",
        lookup="of_cluster",
        hierarchy="cluster",
        reads=_GROUP,
    ),
    Dimension(
        name="life_state",
        label=text("State in the life of a customer"),
        description=text(
            "New, active, lapsing, lost or won back; of who never bought, prospect, qualified market or customer of a "
            "competitor."
        ),
        expression="life_state",
        lookup="of_life_state",
        hierarchy="life_state",
        reads=_GROUP,
    ),
    Dimension(
        name="investment_tier",
        label=text("Investment tier"),
        description=text("Whether it pays to invest in the customer, to maintain them, or neither; same service."),
        expression="investment_tier",
        lookup="of_investment_tier",
        hierarchy="investment_tier",
        reads=("customer_tier.tier",),
    ),
)
"""What a run puts customers into by how they behave: one group of each kind at a time."""
