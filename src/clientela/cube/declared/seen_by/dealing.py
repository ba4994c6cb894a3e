"""What else there is between a customer and the company: contacts, cases, answers, opportunities, campaigns."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

DEALING = (
    Dimension(
        name="contact_kind",
        label=text("Kind of contact"),
        description=text("Visit, call, mailing, opening, click, reaction, enquiry or message."),
        expression="contact_kind",
        hierarchy="contact_kind",
        reads=("interaction.kind",),
    ),
    Dimension(
        name="direction",
        label=text("Direction"),
        description=text("Whether the customer (in) or the company (out) began."),
        expression="direction",
        hierarchy="direction",
    ),
    Dimension(
        name="device",
        label=text("Device"),
        description=text("The device it came from."),
        expression="device",
        hierarchy="device",
    ),
    Dimension(
        name="outcome",
        label=text("Outcome"),
        description=text("How it ended."),
        expression="outcome",
        hierarchy="outcome",
    ),
    Dimension(
        name="agent_id",
        label=text("Agent"),
        description=text("Who spoke for the company."),
        expression="agent_id",
        hierarchy="agent",
    ),
    Dimension(
        name="case_kind",
        label=text("Kind of case"),
        description=text("Complaint, request, return or repair."),
        expression="case_kind",
        hierarchy="case_kind",
        reads=("service_case.kind",),
    ),
    Dimension(
        name="reason",
        label=text("Reason"),
        description=text("Why the customer came."),
        expression="reason",
        hierarchy="reason",
    ),
    Dimension(
        name="severity",
        label=text("Severity"),
        description=text("How grave the case is, from 1 to 4."),
        expression="severity",
        type=Type.INT,
        hierarchy="severity",
    ),
    Dimension(
        name="about",
        label=text("About"),
        description=text("What the customer was asked about: product, service, company or the decision to buy."),
        expression="about",
        hierarchy="about",
    ),
    Dimension(
        name="owner_id",
        label=text("Owner"),
        description=text("Who in the company it belongs to."),
        expression="owner_id",
        hierarchy="owner",
    ),
    Dimension(
        name="status",
        label=text("Status"),
        description=text("Open, won or lost; of a message: sent, bounced, refused or held."),
        expression="status",
        hierarchy="status",
    ),
    Dimension(
        name="lost_reason",
        label=text("Lost because"),
        description=text("Why an opportunity was lost."),
        expression="lost_reason",
        hierarchy="lost_reason",
    ),
    Dimension(
        name="arm",
        label=text("Arm"),
        description=text("Treated, or held back as the control."),
        expression="arm",
        hierarchy="arm",
    ),
    Dimension(
        name="list_id",
        label=text("List"),
        description=text("The key of the address list."),
        expression="list_id",
        hierarchy="list",
    ),
    Dimension(
        name="supplier",
        label=text("Supplier"),
        description=text("Who sold the address list."),
        expression="supplier",
        hierarchy="list",
        level=2,
    ),
    Dimension(
        name="serving",
        label=text("Cost of"),
        description=text("What the money was spent on: contacts, cases or campaigns."),
        expression="serving",
        hierarchy="serving",
        reads=("interaction.cost", "service_case.cost", "contact.cost"),
    ),
)
