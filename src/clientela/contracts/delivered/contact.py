"""Contracts about talking with customers: interactions, service, surveys, lists, campaigns, contacts, responses."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

INTERACTION = Contract(
    name="interaction",
    description="One contact with a customer on any channel, in either direction.",
    key=("source", "interaction_id"),
    kind=Kind.FACT,
    event_time="started_at",
    columns=(
        Column(name="interaction_id", required=True, description="The system's number of the interaction."),
        Column(name="customer_ref", person=True, description="Who it was with; null is unknown."),
        Column(name="started_at", type=Type.INSTANT, required=True, description="When it began."),
        Column(
            name="channel",
            choices=("web", "app", "e-mail", "phone", "store", "field", "sms", "chat", "social", "post"),
            description="The way it took.",
        ),
        Column(name="direction", choices=("in", "out"), description="Whether the customer (in) or the company began."),
        Column(
            name="kind",
            choices=("visit", "call", "sales_call", "mailing", "open", "click", "reaction", "enquiry", "message"),
            description="What it was.",
        ),
        Column(name="duration_s", type=Type.INT, unit="seconds", description="How long it lasted."),
        Column(name="entry_page", description="The page a visit began on."),
        Column(name="pages", type=Type.INT, unit="pages", description="How many pages were seen."),
        Column(name="favourite_links", description="The links the visitor followed most."),
        Column(name="device", description="The device it came from."),
        Column(name="ip_hash", personal=True, description="A hash of the internet address."),
        Column(name="agent_id", description="Who spoke for the company."),
        Column(name="campaign_id", description="The campaign it belongs to."),
        Column(name="outcome", description="How it ended."),
        Column(name="cost", type=Type.MONEY, unit="currency", description="What it cost the company."),
        Column(name="text", personal=True, description="What was said or written."),
    ),
)

SERVICE_CASE = Contract(
    name="service_case",
    description="A complaint, request, return or repair, from opening to closing.",
    key=("source", "case_id"),
    kind=Kind.FACT,
    event_time="opened_at",
    columns=(
        Column(name="case_id", required=True, description="The system's number of the case."),
        Column(name="customer_ref", person=True, description="Who asked."),
        Column(name="kind", choices=("complaint", "request", "return", "repair"), description="What was asked."),
        Column(name="opened_at", type=Type.INSTANT, required=True, description="When it was opened."),
        Column(
            name="first_reply_at",
            type=Type.INSTANT,
            known_with="first_reply_at",
            description="When the company first replied.",
        ),
        Column(name="closed_at", type=Type.INSTANT, known_with="closed_at", description="When it was closed."),
        Column(name="reason", description="Why the customer came."),
        Column(name="severity", type=Type.INT, minimum=1, maximum=4, description="How grave it is, 1 to 4."),
        Column(name="product_id", description="The product it is about."),
        Column(name="channel", description="The way it came in."),
        Column(
            name="handling_minutes",
            type=Type.NUMBER,
            unit="minutes",
            known_with="closed_at",
            description="Time the company spent on it.",
        ),
        Column(
            name="cost",
            type=Type.MONEY,
            unit="currency",
            known_with="closed_at",
            description="What it cost the company.",
        ),
        Column(name="outcome", known_with="closed_at", description="How it ended."),
        Column(name="text", personal=True, description="What the customer said or wrote."),
    ),
)

SURVEY_ANSWER = Contract(
    name="survey_answer",
    description="One answer to one question of a survey.",
    key=("source", "answer_id"),
    kind=Kind.FACT,
    event_time="answered_at",
    columns=(
        Column(name="answer_id", required=True, description="The system's number of the answer."),
        Column(name="customer_ref", person=True, description="Who answered; null is anonymous."),
        Column(name="answered_at", type=Type.INSTANT, required=True, description="When it was answered."),
        Column(
            name="instrument",
            choices=("nps", "csat", "ces"),
            description="The question asked: nps is scored 0 to 10, csat 1 to 5, ces 1 to 7.",
        ),
        Column(
            name="about",
            choices=("product", "service", "company", "purchase_decision"),
            description="What was asked about.",
        ),
        Column(
            name="score",
            type=Type.INT,
            minimum=0,
            maximum=10,
            scaled_by="instrument",
            scales=(("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)),
            description="The answer, on the instrument's scale.",
        ),
        Column(name="case_id", description="The service case it followed."),
        Column(name="product_id", description="The product it is about."),
        Column(name="comment", personal=True, description="What the customer added in words."),
    ),
)

CONTACT_LIST = Contract(
    name="contact_list",
    description="A list of people that was bought or gathered; its people are customer records with its list_id.",
    key=("list_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="list_id", required=True, description="The company's number of the list."),
        Column(name="supplier", description="Who delivered it."),
        Column(name="kind", description="What kind of list it is."),
        Column(name="cost", type=Type.MONEY, unit="currency", description="What it cost."),
        Column(name="delivered_on", type=Type.DATE, description="Day it was delivered."),
        Column(name="records", type=Type.INT, unit="records", description="How many records the supplier stated."),
        Column(name="consent_basis", description="What permits contacting the people on it."),
    ),
)

CAMPAIGN = Contract(
    name="campaign",
    description="An undertaking with a goal, a time and a budget.",
    key=("campaign_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="campaign_id", required=True, description="The company's number of the campaign."),
        Column(name="name", description="What people call it."),
        Column(name="goal_measure", description="The measure it is to move."),
        Column(name="goal_value", type=Type.NUMBER, description="The value to reach, in the measure's unit."),
        Column(name="goal_by", type=Type.DATE, description="Day to reach it by."),
        Column(name="owner_id", description="Who answers for it."),
        Column(name="starts_on", type=Type.DATE, description="First day."),
        Column(name="ends_on", type=Type.DATE, description="Last day."),
        Column(name="budget", type=Type.MONEY, unit="currency", description="What it may cost."),
    ),
)

TREATMENT = Contract(
    name="treatment",
    description="One offer of a campaign on one channel.",
    key=("campaign_id", "treatment_id"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="campaign_id", required=True, description="The campaign it belongs to."),
        Column(name="treatment_id", required=True, description="The treatment within the campaign."),
        Column(name="offer", description="What is offered."),
        Column(name="product_id", description="The product offered."),
        Column(name="channel", description="The way it is sent."),
        Column(name="cost_per_contact", type=Type.MONEY, unit="currency", description="What one contact costs."),
        Column(name="message_id", description="The message that is sent."),
    ),
)

CONTACT = Contract(
    name="contact",
    description="One customer chosen for one treatment, treated or held back as control.",
    key=("source", "contact_id"),
    kind=Kind.FACT,
    event_time="sent_at",
    columns=(
        Column(name="contact_id", required=True, description="The system's number of the contact."),
        Column(name="campaign_id", description="The campaign."),
        Column(name="treatment_id", description="The treatment within the campaign."),
        Column(name="customer_ref", person=True, description="Who was chosen."),
        Column(name="arm", choices=("treated", "control"), description="Whether the treatment was given."),
        Column(
            name="assignment_probability",
            type=Type.SHARE,
            description="The chance this customer had of getting this arm.",
        ),
        Column(name="sent_at", type=Type.INSTANT, required=True, description="When it was sent, or held back."),
        Column(
            name="status",
            choices=("sent", "bounced", "refused", "held"),
            description="What became of the sending.",
        ),
        Column(name="cost", type=Type.MONEY, unit="currency", description="What it cost."),
    ),
)

RESPONSE = Contract(
    name="response",
    description="What a customer did after a contact.",
    key=("source", "response_id"),
    kind=Kind.FACT,
    event_time="at",
    columns=(
        Column(name="response_id", required=True, description="The system's number of the response."),
        Column(name="contact_id", description="The contact it answers, where known."),
        Column(name="customer_ref", person=True, description="Who responded."),
        Column(name="at", type=Type.INSTANT, required=True, description="When it came."),
        Column(
            name="kind",
            description="open, click, reply, coupon, purchase, opt_out, or the system's own outcome code.",
        ),
        Column(
            name="basis",
            choices=("direct", "inferred"),
            description="Whether the system saw the link to the contact or it was inferred.",
        ),
        Column(name="value", type=Type.MONEY, unit="currency", description="What the response was worth."),
    ),
)
