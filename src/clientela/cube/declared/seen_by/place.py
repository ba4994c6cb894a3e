"""Where it was."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

PLACE = (
    Dimension(
        name="territory_id",
        label=text("Territory number"),
        description=text("The territory's key."),
        expression="territory_id",
        hierarchy="territory",
    ),
    Dimension(
        name="territory",
        label=text("Territory"),
        description=text("The territory's name, at whichever level the line names it."),
        expression="name",
        lookup="of_territory",
        hierarchy="territory",
        level=2,
    ),
    Dimension(
        name="district",
        label=text("District"),
        description=text("The district's name; unknown where the line names a wider territory."),
        expression="district",
        lookup="of_territory",
        hierarchy="territory",
        level=3,
        reads=("territory.name",),
    ),
    Dimension(
        name="region",
        label=text("Region"),
        description=text("The name of the region the territory is, or lies in."),
        expression="region",
        lookup="of_territory",
        hierarchy="territory",
        level=4,
        reads=("territory.name",),
    ),
    Dimension(
        name="nation",
        label=text("Nation"),
        description=text("The name of the nation the territory is, or lies in."),
        expression="nation",
        lookup="of_territory",
        hierarchy="territory",
        level=5,
        reads=("territory.name",),
    ),
)
