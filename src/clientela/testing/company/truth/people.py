"""The truth of who the customers are."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

_SYSTEMS = ("till", "shop", "office", "addresses")
_PERSON = "Number of the person or company; customers have their own."

WHO_IS_WHO = Contract(
    name="who_is_who",
    description="Every record of a world, whose it is, and what sets it apart from the other records of its person. "
    "Who asks about a week leaves out those whose since_week is later.",
    key=("system", "record_id"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="system", required=True, choices=_SYSTEMS, description="The system that has it."),
        Column(name="record_id", required=True, description="What the system calls it."),
        Column(name="person", type=Type.INT, required=True, minimum=0, description=_PERSON),
        Column(name="kind", required=True, choices=("person", "organisation"), description="What it is about."),
        Column(name="since_week", type=Type.NUMBER, unit="weeks", required=True, description="When it is made."),
        Column(
            name="reach_run",
            type=Type.INT,
            required=True,
            description="Records of one person with the same number share an e-mail address or a telephone.",
        ),
        Column(
            name="home_run",
            type=Type.INT,
            required=True,
            description="Records of one person with the same number have the same surname and address.",
        ),
        Column(
            name="life", required=True, description="What it has learned since the world began, with commas between."
        ),
        Column(name="damage", required=True, description="What is wrong in it, with commas between."),
    ),
)
DUPLICATE_PAIR = Contract(
    name="duplicate_pair",
    description="Every two records of one person who has several.",
    key=("system_l", "record_l", "system_r", "record_r"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="person", type=Type.INT, required=True, minimum=0, description=_PERSON),
        Column(name="system_l", required=True, choices=_SYSTEMS, description="System of the older record."),
        Column(name="record_l", required=True, description="What its system calls the older record."),
        Column(name="system_r", required=True, choices=_SYSTEMS, description="System of the newer record."),
        Column(name="record_r", required=True, description="What its system calls the newer record."),
        Column(
            name="shares_contact",
            type=Type.BOOL,
            required=True,
            description="Whether both say the same e-mail address or the same telephone.",
        ),
        Column(
            name="changed",
            type=Type.BOOL,
            required=True,
            description="Whether surname or address are not the same in both.",
        ),
    ),
)
HOUSEHOLD = Contract(
    name="household",
    description="Who lives in which household when the world begins.",
    key=("person",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="household", type=Type.INT, required=True, minimum=0, description="Number of the household."),
        Column(name="person", type=Type.INT, required=True, minimum=0, description=_PERSON),
        Column(name="kind", required=True, description="What those who live there are to each other."),
        Column(name="until_week", type=Type.NUMBER, unit="weeks", description="When they move out, if they do."),
    ),
)
GROUP_MEMBER = Contract(
    name="group_member",
    description="Which companies belong to a group.",
    key=("company",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="group", type=Type.INT, required=True, minimum=0, description="Number of the company in the lead."),
        Column(name="company", type=Type.INT, required=True, minimum=0, description="Number of the company."),
        Column(name="one_name", type=Type.BOOL, required=True, description="Whether the group bears one name."),
    ),
)
SIMILAR_PAIR = Contract(
    name="similar_pair",
    description="Every two customers who live together when the world begins, and what they share.",
    key=("one", "two"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="one", type=Type.INT, required=True, minimum=0, description="Number of the first; of a parent."),
        Column(name="two", type=Type.INT, required=True, minimum=0, description="Number of the other; of a child."),
        Column(name="kind", required=True, description="What they are to each other."),
        Column(name="shares_phone", type=Type.BOOL, required=True, description="Whether they have one telephone."),
        Column(name="shares_email", type=Type.BOOL, required=True, description="Whether they have one e-mail address."),
    ),
)

TABLES = (WHO_IS_WHO, DUPLICATE_PAIR, HOUSEHOLD, GROUP_MEMBER, SIMILAR_PAIR)
