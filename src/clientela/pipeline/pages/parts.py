"""Which questions of a customer's page the run answers beforehand, about every customer at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Type
from clientela.cube.customer.asked import Question, cells_of
from clientela.cube.customer.told import Part
from clientela.pipeline.pages import happened, questions

MOST_RECORDS = 100  # as many as the page lists
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


_EVENTS = """
    with home as (
        select customer_id, cast(to_json(list_sort(list(territory_id))) as varchar) as places
        from customer_territory
        group by customer_id
    ), side as (
        select run, "at", kind, customer_ref, from_customer_id, to_customer_id, by, to_customer_id as customer_id
        from identity_event
        union all
        select run, "at", kind, customer_ref, from_customer_id, to_customer_id, by, from_customer_id
        from identity_event
        where from_customer_id <> to_customer_id
    )
    select
        cast(side."at" as date) as day, side."at" as moment, side.run || side.customer_ref as mark, side.kind as what,
        side.by as a, case when side.to_customer_id = side.customer_id then 'here' end as b, side.customer_id,
        was.places as from_homes, became.places as to_homes
    from side
    left join home as was on was.customer_id = side.from_customer_id
    left join home as became on became.customer_id = side.to_customer_id
"""
# What tells of runs is written down apart: all else that is published follows from the deliveries alone.
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
    replace(
        _as_stored("records", "identity", questions.RECORDS, "first_run", "source", "customer_ref"),
        most=MOST_RECORDS,
        of_runs=True,
    ),
    Part(
        name="identity_event",
        question=happened.ASKED["identity_event"],
        types=_HAPPENED,
        beside=("from_homes", "to_homes"),
        everybody=_EVENTS,
        of_runs=True,
    ),
)
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "page": "customer_page",
        "about": "customer",
        "permissions": "customer_consent",
        "reasons": "churn_reason",
        "habit": "customer_feature",
        "groups": "group_member",
        "records": "identity",
    }
)
"""What a part is read from, where it does not bear the table's name."""
