"""Segments: what each means, and since when each customer is in it."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

CAUSES = ("happened", "changed", "withdrawn", "time", "known", "definition")
_TOLD = "The condition that {what} as it is written; null where none did: {else_}."


def _turned(when: str, what: str, else_: str) -> tuple[Column, ...]:
    """The columns of what turned a membership."""
    return (
        Column(
            name=f"{when}_because",
            choices=CAUSES,
            required=when == "entered",
            description="What turned it: something happened, a fact was changed or withdrawn, time passed, the "
            "customer came to be known, or the definition began or ended.",
        ),
        Column(name=f"{when}_by", description=_TOLD.format(what=what, else_=else_)),
        Column(name=f"{when}_was", description="What that condition compares, before; null where it was unknown."),
        Column(name=f"{when}_is", description="The same after."),
        Column(name=f"{when}_table", description="The table of the fact that turned it."),
        Column(name=f"{when}_key", description="The key of that fact in its table, its parts joined by ' / '."),
        Column(name=f"{when}_on", type=Type.DATE, description="The day of that fact."),
    )


SEGMENT = Contract(
    name="segment",
    description="Every version of every segment's definition, and when it held.",
    key=("segment", "version"),
    columns=(
        Column(name="segment", required=True, description="The segment's name."),
        Column(name="version", type=Type.INT, required=True, description="1 for its first definition."),
        Column(name="mark", required=True, description="Sixteen hex digits of what the definition says."),
        Column(name="definition", required=True, description="The condition as it was written."),
        Column(name="owner", description="Who answers for it."),
        Column(
            name="valid_from",
            type=Type.DATE,
            description="The first date on which this version decides; null: it decides of all dates before, too.",
        ),
        Column(name="valid_to", type=Type.DATE, description="The first date on which it no longer does; null: still."),
        Column(
            name="members",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Who is in it on the run's date.",
        ),
    ),
)

SEGMENT_MEMBER = Contract(
    name="segment_member",
    description="Each time that a customer was in a segment, from a date until another, and the fact that turned it.",
    key=("customer_id", "segment", "version", "valid_from"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="segment", required=True, description="The segment's name."),
        Column(name="version", type=Type.INT, required=True, description="The version of its definition."),
        Column(name="valid_from", type=Type.DATE, required=True, description="The first date in it."),
        Column(name="valid_to", type=Type.DATE, description="The first date no longer in it; null: still in it."),
        *_turned("entered", "came to hold,", "the customer came to be known, or the definition began"),
        *_turned("left", "no longer held, or came to,", "the definition ended, or they are still in it"),
    ),
)
