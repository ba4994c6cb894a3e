"""Who is who: each record's customer, what joined them, each customer once with where each field comes from."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

PAIR = (
    Column(name="customer_ref_l", required=True, description="The pseudonym of one record; the smaller of the two."),
    Column(name="customer_ref_r", required=True, description="The pseudonym of the other."),
)

IDENTITY = Contract(
    name="identity",
    description="Which customer each key of each source is.",
    key=("customer_ref",),
    columns=(
        Column(name="customer_ref", required=True, description="The pseudonym of the source's own key."),
        Column(name="source", required=True, description="The system whose key it is."),
        Column(name="record_id", personal=True, description="The source's own key."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer it is."),
        Column(
            name="match_probability",
            type=Type.SHARE,
            required=True,
            description="How sure it is that the record is this customer: that of the pair that joined it; 1 when it "
            "stands alone, or a rule or a person said so.",
        ),
        Column(name="first_run", type=Type.INT, required=True, description="The run that first met the key."),
    ),
)

IDENTITY_EVENT = Contract(
    name="identity_event",
    description="Every time a record came to be another customer than before; a record begins as one of its own.",
    key=("run", "customer_ref"),
    columns=(
        Column(name="run", type=Type.INT, required=True, description="The run in which it changed."),
        Column(name="at", type=Type.INSTANT, required=True, description="The moment of that run."),
        Column(name="kind", required=True, choices=("merged", "split"), description="What happened to the record."),
        Column(name="customer_ref", required=True, description="The pseudonym of the record."),
        Column(name="from_customer_id", type=Type.INT, required=True, description="The customer it was."),
        Column(name="to_customer_id", type=Type.INT, required=True, description="The customer it became."),
        Column(name="by", required=True, choices=("rule", "model", "person"), description="Who or what decided."),
        Column(name="decision", description="The decision of a person that it rests on."),
    ),
)

IDENTITY_PAIR = Contract(
    name="identity_pair",
    description="Two records that are, or may be, the same customer; pairs that are surely different are not kept.",
    key=("customer_ref_l", "customer_ref_r"),
    columns=(
        *PAIR,
        Column(name="customer_id_l", type=Type.INT, required=True, description="The customer of the one record."),
        Column(name="customer_id_r", type=Type.INT, required=True, description="The customer of the other."),
        Column(
            name="match_weight",
            type=Type.NUMBER,
            unit="bits",
            description="How much the evidence speaks for one customer; null where only a person said so.",
        ),
        Column(
            name="match_probability",
            type=Type.SHARE,
            required=True,
            description="The probability that both are one customer; of a rule that is followed or a decision 1.",
        ),
        Column(name="rule", description="The rule that joined them, if one did."),
        Column(
            name="status",
            required=True,
            choices=("joined", "uncertain", "kept apart"),
            description="Joined; uncertain, so a person is asked; or kept apart, by a person or by the limit of size.",
        ),
        Column(
            name="is_bridge",
            type=Type.BOOL,
            required=True,
            description="Whether it alone holds together two groups of records that would else be two customers.",
        ),
        Column(name="decision", description="The decision of a person about this pair."),
    ),
)

IDENTITY_EVIDENCE = Contract(
    name="identity_evidence",
    description="What each field says about a pair of records: how alike it is and how much that weighs.",
    key=("customer_ref_l", "customer_ref_r", "field"),
    columns=(
        *PAIR,
        Column(name="field", required=True, description="The field that was compared."),
        Column(name="likeness", required=True, description="How alike the two are, in the model's words."),
        Column(name="match_weight", type=Type.NUMBER, unit="bits", required=True, description="What it weighs."),
    ),
)

IDENTITY_FIGURE = Contract(
    name="identity_figure",
    description="What the search for one customer in several records did in this run, in figures.",
    key=("figure", "about"),
    columns=(
        Column(name="figure", required=True, description="What was counted."),
        Column(name="about", required=True, description="Of which rule or field; empty for the whole."),
        Column(name="value", type=Type.NUMBER, required=True, description="The count."),
    ),
)

IDENTIFIER = Contract(
    name="identifier",
    description="Everything a customer may be looked up by, in the form it is compared in; people file only.",
    key=("kind", "value", "customer_ref"),
    columns=(
        Column(
            name="kind",
            required=True,
            personal=True,
            choices=("record", "e-mail", "phone", "tax number", "name"),
            description="What the value is.",
        ),
        Column(name="value", required=True, personal=True, description="The standardised value."),
        Column(name="customer_ref", required=True, personal=True, description="The record that has it."),
        Column(name="customer_id", type=Type.INT, required=True, personal=True, description="The customer it is."),
    ),
)

CUSTOMER = Contract(
    name="customer",
    description="Each customer once, with the best that any of their records knows: the golden record.",
    key=("customer_id",),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="records", type=Type.INT, unit="records", required=True, description="Keys known of them."),
        Column(name="sources", type=Type.INT, unit="systems", required=True, description="Systems that know them."),
        Column(name="kind", choices=("person", "organisation"), description="What the customer is."),
        Column(name="full_name", personal=True, description="The whole name as people write it."),
        Column(name="first_name", personal=True, description="Given name."),
        Column(name="last_name", personal=True, description="Family name."),
        Column(name="company", description="Company the customer is or belongs to."),
        Column(name="job_title", description="What the person does there."),
        Column(name="street", personal=True, description="Street and house number."),
        Column(name="postal_code", personal=True, description="Postal code."),
        Column(name="city", description="Town or city."),
        Column(name="district", description="District within the region."),
        Column(name="region", description="Region within the country."),
        Column(name="country", description="Country as an ISO 3166 code."),
        Column(name="email", personal=True, description="E-mail address."),
        Column(name="phone", personal=True, description="Telephone number."),
        Column(name="gender", personal=True, description="Gender as the person states it."),
        Column(name="birth_date", type=Type.DATE, personal=True, description="Day of birth."),
        Column(name="nationality", personal=True, description="Nationality."),
        Column(name="tax_id", personal=True, description="Tax number."),
        Column(name="language", description="Language to speak to them in, as a BCP 47 tag."),
        Column(name="sector", description="Economic sector of an organisation."),
        Column(name="payment_terms_days", type=Type.INT, unit="days", description="Days allowed to pay an invoice."),
        Column(name="credit_limit", type=Type.MONEY, unit="currency", description="Most that may stay unpaid."),
        Column(name="first_created_on", type=Type.DATE, description="The day the oldest record of them was made."),
    ),
)

CUSTOMER_LINEAGE = Contract(
    name="customer_lineage",
    description="Where each field of a customer who has several records comes from, and why from there.",
    key=("customer_id", "field"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="field", required=True, description="The column of customer."),
        Column(name="customer_ref", required=True, description="The record whose value it is."),
        Column(name="source", required=True, description="The system whose record it is."),
        Column(
            name="rule",
            required=True,
            choices=("only value", "agreed", "verified", "source priority", "freshest", "most complete", "tie"),
            description="Why this value stands: the first rule that set it apart from the next best; of a tie the "
            "first by system and key.",
        ),
        Column(name="candidates", type=Type.INT, unit="values", required=True, description="Values to choose from."),
    ),
)

CUSTOMER_CONSENT = Contract(
    name="customer_consent",
    description="What each customer may be contacted for: of their records' latest decisions the strictest.",
    key=("customer_id", "purpose", "channel"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="purpose", required=True, description="What the customer may be contacted for."),
        Column(name="channel", required=True, description="The channel the permission is about."),
        Column(name="decision", required=True, choices=("given", "withdrawn"), description="What holds."),
        Column(name="at", type=Type.INSTANT, required=True, description="When what holds was decided."),
        Column(name="records", type=Type.INT, unit="records", required=True, description="Records that decided."),
    ),
)

CUSTOMER_RELATION = Contract(
    name="customer_relation",
    description="How two customers belong together; never a reason to take them for one.",
    key=("from_customer_id", "to_customer_id", "kind"),
    columns=(
        Column(name="from_customer_id", type=Type.INT, required=True, description="Who belongs to the other."),
        Column(name="to_customer_id", type=Type.INT, required=True, description="The employer, household or group."),
        Column(
            name="kind",
            required=True,
            choices=("works_at", "household", "belongs_to_group"),
            description="What the first is to the second; a household bears the number of its oldest member.",
        ),
        Column(
            name="basis",
            required=True,
            choices=("delivered", "derived"),
            description="A source said so, or it follows from the records: a shared address and family name.",
        ),
        Column(name="valid_from", type=Type.DATE, description="First day the relation held."),
        Column(name="valid_to", type=Type.DATE, description="Last day the relation held."),
    ),
)
