"""What shared costs can be seen by."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

COST = (
    Dimension(
        name="cost_line",
        label=text("Kind of cost"),
        description=text("Payment, delivery, service, contact, acquisition or other."),
        expression="cost_line",
        hierarchy="cost",
        level=2,
    ),
    Dimension(
        name="pool",
        label=text("Cost pool"),
        description=text("The cost that is shared out, by its name."),
        expression="pool",
        hierarchy="cost",
    ),
    Dimension(
        name="allocation",
        label=text("Allocation"),
        description=text("Whether a customer got it, or why nobody did."),
        expression="allocation",
        hierarchy="allocation",
    ),
    Dimension(
        name="driver",
        label=text("Driver"),
        description=text("What the cost was shared out by."),
        expression="driver",
        hierarchy="driver",
    ),
    Dimension(
        name="rule_version",
        label=text("Version of the rule"),
        description=text("Eight hex digits of the rule by which the cost was shared out."),
        expression="version",
        hierarchy="rule_version",
    ),
)
