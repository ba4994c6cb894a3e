"""Contracts about the company itself: its units, who works in them, what each answers for."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind

UNIT = Contract(
    name="unit",
    description="A part of the company: a team, a branch, a division.",
    key=("unit_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="unit_id", required=True, description="The company's number of the unit."),
        Column(name="name", description="What people call it."),
        Column(name="parent_id", description="The unit it is part of."),
    ),
)

STAFF = Contract(
    name="staff",
    description="Who works for the company, under the name by which its systems know them.",
    key=("staff_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(
            name="staff_id",
            required=True,
            description="The name or number that stands in owner_id and agent_id of other tables.",
        ),
        Column(name="unit_id", description="The unit they work in."),
    ),
)

RESPONSIBILITY = Contract(
    name="responsibility",
    description="What somebody who works for the company answers for.",
    key=("staff_id", "kind", "object_id"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="staff_id", required=True, description="Who answers for it."),
        Column(
            name="kind",
            required=True,
            choices=("territory", "account", "product_line"),
            description="What kind of thing it is.",
        ),
        Column(name="object_id", required=True, description="Its key: a territory, a customer's number, a line."),
    ),
)
