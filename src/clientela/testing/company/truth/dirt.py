"""The truth of what is wrong in the files."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

DIRT = Contract(
    name="dirt",
    description="Every spoiled cell, row and file, a part for each week in which it was sent.",
    key=("week", "file", "line", "column"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="week", type=Type.INT, unit="week", required=True, description="After which the file was sent."),
        Column(name="source", required=True, description="The system that sent it."),
        Column(name="table_name", required=True, description="The table it delivers."),
        Column(name="file", required=True, description="The file's name."),
        Column(name="line", type=Type.INT, required=True, description="First line of the record; 0 for a whole file."),
        Column(name="column", required=True, description="As the file calls it; empty for the whole row or file."),
        Column(name="kind", required=True, description="What was done: the field of `World` that says how often."),
        Column(name="key", required=True, description="The key of the record, as it should be."),
        Column(name="stood", description="What stood there; empty for nothing."),
        Column(name="written", description="What was written instead; empty for nothing."),
        Column(
            name="expected",
            required=True,
            choices=("quarantine", "missing", "weak", "doubled", "refused", "read", "unseen"),
            description="What the product is to make of it: leave the row out, read it as unknown, count it as not "
            "correct, count it once, refuse the file, read it as it was meant; or nothing shows it.",
        ),
        Column(name="rule", required=True, description="The rule that a weak row breaks; else empty."),
    ),
)

TABLES = (DIRT,)
