"""How it was bought."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

LINE = (
    Dimension(
        name="channel",
        label=text("Channel"),
        description=text("Where it was bought."),
        expression="channel",
        hierarchy="channel",
    ),
    Dimension(
        name="kind",
        label=text("Kind of line"),
        description=text("Sale, return, cancellation, shipping or fee."),
        expression="kind",
        hierarchy="kind",
    ),
    Dimension(
        name="payment_method",
        label=text("Payment method"),
        description=text("How it was paid."),
        expression="payment_method",
        hierarchy="payment_method",
    ),
    Dimension(
        name="campaign_id",
        label=text("Campaign number"),
        description=text("The key of the campaign the line names."),
        expression="campaign_id",
        hierarchy="campaign",
    ),
    Dimension(
        name="campaign",
        label=text("Campaign"),
        description=text("The name of the campaign the line names."),
        expression="name",
        lookup="of_campaign",
        hierarchy="campaign",
        level=2,
    ),
    Dimension(
        name="source",
        label=text("Source"),
        description=text("The system that delivered it."),
        expression="source",
        hierarchy="source",
    ),
    Dimension(
        name="customer",
        label=text("Customer"),
        description=text("The customer, by number; unknown for a sale without one."),
        expression="customer_id",
        type=Type.INT,
        hierarchy="customer",
        reads=("customer.customer_id",),
    ),
)
