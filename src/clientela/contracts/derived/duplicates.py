"""What was counted of duplicates: what the records know, which record each order named, what merging changed."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

RECORD_FIELD = Contract(
    name="record_field",
    description="How many records of each source know a field, and how many of them something that can be used.",
    key=("source", "field"),
    columns=(
        Column(name="source", required=True, description="The system whose records they are."),
        Column(name="field", required=True, description="The field."),
        Column(name="records", type=Type.INT, unit="records", required=True, description="All records it has now."),
        Column(
            name="filled", type=Type.INT, unit="records", required=True, description="Those where something stands."
        ),
        Column(
            name="usable",
            type=Type.INT,
            unit="records",
            description="Those of them where it can be used: an address that may exist, no placeholder; null: not "
            "looked at.",
        ),
        Column(
            name="copies",
            type=Type.INT,
            unit="records",
            description="Those that say the same as an older record of the same customer: a letter or a mail too many; "
            "null: not looked at.",
        ),
    ),
)

ORDER_RECORD = Contract(
    name="order_record",
    description="Which record an order named, where its customer has several; by it figures are had before merging.",
    key=("source", "order_id", "customer_id"),
    columns=(
        Column(name="source", required=True, description="The system that delivered the order."),
        Column(name="order_id", required=True, description="The system's number of the order."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="customer_ref", required=True, description="The pseudonym of the record that was named."),
    ),
)

DUPLICATE_EFFECT = Contract(
    name="duplicate_effect",
    description="Each customer who bought under several records in the 365 days before the date, and what each record "
    "alone would have shown.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="records", type=Type.INT, unit="records", required=True, description="Records that bought."),
        Column(
            name="repeat_records",
            type=Type.INT,
            unit="records",
            required=True,
            description="Those of them that bought on two days or more.",
        ),
        Column(
            name="purchase_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Different days on which the customer bought.",
        ),
        Column(
            name="revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Sales to the customer, less returns and cancellations.",
        ),
        Column(
            name="best_record_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What the record with the most brought.",
        ),
        Column(
            name="is_hidden_best",
            type=Type.BOOL,
            required=True,
            description="Whether the customer is of the tenth that brings the most, and no record alone would be.",
        ),
    ),
)
