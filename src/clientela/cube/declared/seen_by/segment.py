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
