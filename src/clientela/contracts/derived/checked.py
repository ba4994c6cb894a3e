"""What was checked: quality, what stays out, the runs."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

QUALITY = Contract(
    name="quality",
    description="What was measured of the data a source delivered, in this run and in those before.",
    key=("source", "table_name", "column_name", "property", "rule", "run"),
    columns=(
        Column(name="source", required=True, description="The source."),
        Column(name="table_name", required=True, description="The table it delivers."),
        Column(name="column_name", required=True, description="The column; empty for the whole table."),
        Column(name="property", required=True, description="Which property of good data was measured."),
        Column(name="rule", required=True, description="What was asked; empty where it goes without saying."),
        Column(name="run", type=Type.INT, required=True, description="The run."),
        Column(name="measured", type=Type.NUMBER, description="The share of weak rows, or the age in days."),
        Column(name="found", type=Type.INT, description="How many were found weak."),
        Column(name="checked", type=Type.INT, description="How many were looked at."),
        Column(
            name="verdict",
            required=True,
            choices=("good", "look", "unfit", "shown"),
            description="What it is worth; shown is not judged.",
        ),
    ),
)

QUARANTINE = Contract(
    name="quarantine",
    description="Every delivered row that broke a rule, with the place, the value and the rule; people file only.",
    key=("source", "table_name", "path", "line", "column_name", "rule", "batch"),
    columns=(
        Column(name="source", required=True, personal=True, description="The source."),
        Column(name="table_name", required=True, personal=True, description="The table it delivers."),
        Column(name="path", required=True, personal=True, description="The file."),
        Column(name="line", type=Type.INT, required=True, personal=True, description="First line of the record."),
        Column(name="lines", type=Type.INT, personal=True, description="How many lines the record covers."),
        Column(name="column_name", required=True, personal=True, description="The column; empty for the row."),
        Column(name="value", personal=True, description="What stood there; forgotten once the row is mended."),
        Column(name="rule", required=True, personal=True, description="The rule it broke."),
        Column(name="batch", required=True, personal=True, description="The batch it came in."),
        Column(name="run", type=Type.INT, personal=True, description="The run that first met it."),
        Column(
            name="status",
            required=True,
            personal=True,
            choices=("open", "held", "mended"),
            description="Open (it stays out), held (its whole batch does), or mended (what it should say came in).",
        ),
        Column(name="mended_in", type=Type.INT, personal=True, description="The run in which it was mended."),
    ),
)

RUN = Contract(
    name="run",
    description="Every run up to this one, from the journal, failed ones too.",
    key=("run",),
    columns=(
        Column(name="run", type=Type.INT, required=True, description="Its number."),
        Column(name="started_at", type=Type.INSTANT, required=True, description="When it began."),
        Column(name="ended_at", type=Type.INSTANT, description="When it ended; null if it never said so."),
        Column(name="as_of", type=Type.DATE, description="The date it was for."),
        Column(name="outcome", description="How it ended, in one word."),
        Column(name="message", description="The sentence it ended with."),
        Column(name="version", description="The version of clientela that ran."),
    ),
)

_COUNTED_WEAK = (
    Column(name="source", required=True, description="The source."),
    Column(name="checked", type=Type.INT, required=True, description="How many were looked at."),
    Column(name="weak", type=Type.INT, required=True, description="How many were found weak."),
)

PRICE_QUALITY = Contract(
    name="price_quality",
    description="How many sales of each source were made at a price far from the usual price of their product.",
    key=("source",),
    columns=_COUNTED_WEAK,
)

INVOICE_QUALITY = Contract(
    name="invoice_quality",
    description="How many invoices of each source ask for another amount than the lines of their order come to.",
    key=("source",),
    columns=_COUNTED_WEAK,
)
