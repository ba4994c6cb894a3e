"""Contracts about who people are: records, relations, preferences, consent."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

CUSTOMER_RECORD = Contract(
    name="customer_record",
    description="One person or organisation as one system knows it.",
    key=("source", "record_id"),
    kind=Kind.FACT,
    event_time="created_at",
    columns=(
        Column(name="record_id", required=True, person=True, description="The system's own customer key."),
        Column(name="kind", choices=("person", "organisation"), description="What the record is about."),
        Column(name="full_name", personal=True, description="The whole name as people write it."),
        Column(name="first_name", personal=True, description="Given name."),
        Column(name="last_name", personal=True, description="Family name."),
        Column(name="company", description="Company the record belongs to."),
        Column(name="business_unit", description="Business unit within the company."),
        Column(name="department", description="Department within the business unit."),
        Column(name="job_title", description="What the person does there."),
        Column(name="street", personal=True, description="Street and house number."),
        Column(name="postal_code", personal=True, description="Postal code."),
        Column(name="city", description="Town or city."),
        Column(name="district", description="District within the region."),
        Column(name="region", description="Region within the country."),
        Column(name="country", description="Country as an ISO 3166 code."),
        Column(name="email", personal=True, description="E-mail address."),
        Column(name="phone", personal=True, description="Telephone number."),
        Column(name="fax", personal=True, description="Fax number."),
        Column(name="gender", personal=True, description="Gender as the person states it."),
        Column(name="birth_date", type=Type.DATE, personal=True, description="Day of birth."),
        Column(name="nationality", personal=True, description="Nationality."),
        Column(name="tax_id", personal=True, description="Tax number."),
        Column(name="language", description="Language to speak to them in, as a BCP 47 tag."),
        Column(name="sector", description="Economic sector of an organisation."),
        Column(name="payment_terms_days", type=Type.INT, unit="days", description="Days allowed to pay an invoice."),
        Column(name="credit_limit", type=Type.MONEY, unit="currency", description="Most that may stay unpaid."),
        Column(name="list_id", description="The contact list that brought the record, if one did."),
        Column(name="created_at", type=Type.INSTANT, required=True, description="When the system made the record."),
        Column(
            name="updated_at",
            type=Type.INSTANT,
            known_with="updated_at",
            description="When the system last changed the record.",
        ),
    ),
)

RELATION = Contract(
    name="relation",
    description="How two customer records belong together.",
    key=("from_ref", "to_ref", "kind"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="from_ref", required=True, person=True, description="The record that belongs to the other."),
        Column(name="to_ref", required=True, person=True, description="The employer, household or group."),
        Column(
            name="kind",
            required=True,
            choices=("works_at", "household", "belongs_to_group"),
            description="What the first is to the second.",
        ),
        Column(name="valid_from", type=Type.DATE, description="First day the relation held."),
        Column(name="valid_to", type=Type.DATE, known_with="valid_to", description="Last day the relation held."),
    ),
)

PREFERENCE = Contract(
    name="preference",
    description="What a customer likes, as they said or as was inferred.",
    key=("source", "record_id", "topic"),
    kind=Kind.FACT,
    event_time="at",
    columns=(
        Column(name="record_id", required=True, person=True, description="The system's own customer key."),
        Column(name="topic", required=True, description="What the preference is about."),
        Column(name="value", description="What is preferred."),
        Column(
            name="basis",
            choices=("stated", "inferred"),
            description="Whether the customer stated it; an inferred value never overrides a stated one.",
        ),
        Column(name="at", type=Type.INSTANT, required=True, description="When it was stated or inferred."),
    ),
)

CONSENT = Contract(
    name="consent",
    description="A permission given or withdrawn; the latest event of a record holds, the strictest of a customer.",
    key=("source", "record_id", "purpose", "channel", "at"),
    kind=Kind.FACT,
    event_time="at",
    columns=(
        Column(name="record_id", required=True, person=True, description="The system's own customer key."),
        Column(name="purpose", required=True, description="What the customer may be contacted for."),
        Column(name="channel", required=True, description="The channel the permission is about."),
        Column(name="at", type=Type.INSTANT, required=True, description="When it was given or withdrawn."),
        Column(name="decision", choices=("given", "withdrawn"), description="What the customer decided."),
        Column(name="proof", description="Where the proof of the decision is kept."),
    ),
)
