"""Which questions of a customer's page the run answers beforehand, about every customer at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Type
from clientela.cube.customer.asked import Question, cells_of
from clientela.cube.customer.told import Part
from clientela.pipeline.pages import happened, questions

FEW_ORDERS = 64  # whoever has more of them is asked about; most have a dozen
NEWEST = 13  # things that happened: one more than a page of the timeline shows, to know that there are others
_HAPPENED = (
    Type.DATE, Type.INSTANT, Type.TEXT, Type.TEXT, Type.TEXT, Type.TEXT, Type.TEXT, None, Type.MONEY,
)  # fmt: skip


def _merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Orders whose lines lie in several territories, as one."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        other = found.get(row["mark"])
        found[row["mark"]] = row if other is None else _together(other, row)
    return [*found.values()]


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "moment": max(one["moment"], other["moment"]),
        "what": "sale" if "sale" in (one["what"], other["what"]) else "return",
        "n": one["n"] + other["n"],
        "money": one["money"] + other["money"],
    }


def _cells(name: str, table: str, names: tuple[str, ...]) -> Part:
    contract = DERIVED[table]
    types = tuple(contract.column(each).type for each in ("customer_id", *names))
    return Part(name=name, question=cells_of(table, names), types=types, of_cells=True)


def _as_stored(name: str, table: str, question: Question, *order: str) -> Part:
    """What a question gives of a table, each column under its own name."""
    types = {column.name: column.type for column in DERIVED[table].columns}
    return Part(name=name, question=question, types=tuple(types[each] for each in question.gives), order=order)


def _happened(name: str, newest: int | None = None) -> Part:
    question = happened.EVERY_INTERACTION if name == "interaction" else happened.ASKED[name]
    return Part(name=name, question=question, types=_HAPPENED, newest=newest)


# Not the records: they tell the run a record first came in, and what is published follows from the deliveries alone.
PARTS: tuple[Part, ...] = (
    _cells("page", "customer_page", questions.PAGE),
    _cells("about", "customer", questions.ABOUT),
    Part(
        name="permissions",
        question=questions.PERMISSIONS,
        types=(Type.TEXT, Type.TEXT, Type.TEXT, Type.INSTANT, Type.INT),
        order=("channel", "purpose"),
    ),
    _as_stored("reasons", "churn_reason", questions.REASONS),
    _as_stored("habit", "customer_feature", questions.HABIT),
    _as_stored("groups", "group_member", questions.GROUPS, "family"),
    Part(
        name="order_line",
        question=happened.ORDERS,
        types=_HAPPENED,
        beside=("territory_id",),
        most=FEW_ORDERS,
        merged=_merged,
    ),
    _happened("interaction", NEWEST),
    *map(_happened, ("survey_answer", "contact", "consent")),  # of a case it depends on the day whether it is closed
)
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "page": "customer_page",
        "about": "customer",
        "permissions": "customer_consent",
        "reasons": "churn_reason",
        "habit": "customer_feature",
        "groups": "group_member",
    }
)
"""What a part is read from, where it does not bear the table's name."""
