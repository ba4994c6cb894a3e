"""What a question needs of a fact, whatever its values are, and a table of figures counted for such questions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlglot import exp

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Column, Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, TIME
from clientela.cube.declared.facts import FACTS
from clientela.cube.fields import public_fields

SEEN_IN = "seen_in"  # the territory that a row is seen in: its own, else the one where its customer is at home
LEVEL = "level"
MET_IN = "met_in"  # the number of the set of territories that what is counted was met in
MET_WITH = "met_with"
OF_SETS = -1  # the level of the rows that say which territories a set is of
BEGINS = "figures_of_"
_ALL: Mapping[str, Contract] = {**CONTRACTS, **DERIVED}
_FINER = {"week": ("day",), "month": ("day",), "quarter": ("month", "day"), "year": ("quarter", "month", "day")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A question without its values: what it counts, by what, what it filters by.

    ``pinned``: what it filters by to one member alone. ``limits``: by what the rows of whoever asks are limited.
    """

    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    filtered: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A column of a roll-up: the aggregate that it holds, as SQL over the fact's rows."""

    sql: str
    column: str
    type: Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """A table of figures of one fact, counted in the run.

    Parameters
    ----------
    by : the dimensions that its rows are of, and ``seen_in`` where it has it
    parts : what is counted
    levels : none where its rows are added up to answer. Else the sets of dimensions that it was counted at, each of
        them by itself, and only such a question is answered: different customers cannot be added up.
    meant : a hash of what the fact and the dimensions meant when it was counted
    by_sets : its rows are of sets of territories too, so it answers whoever sees some territories only
    shared : the SQL of those that count what has lines of several customers, such as an order of two, each with the
        table of who is met with whom; with an empty name where there is no such table
    days : where its rows are of the customers of one territory each, the table of the purchase days of those of
        several; empty where there are none. None: its rows are of everybody
    """

    table: str
    fact: str
    by: tuple[str, ...]
    parts: tuple[Part, ...]
    levels: tuple[tuple[str, ...], ...] = ()
    rows: int = 0
    meant: str = ""
    by_sets: bool = False
    shared: tuple[tuple[str, str], ...] = ()
    days: str | None = None

    @property
    def holds(self) -> frozenset[str]:
        """The SQL of all that it holds."""
        return frozenset(part.sql for part in self.parts)

    @property
    def at(self) -> frozenset[frozenset[str]]:
        """The sets of dimensions that figures are answered at, whoever asks."""
        return frozenset(frozenset(level) - {SEEN_IN} for level in self.levels)

    def document(self) -> dict[str, object]:
        """What the manifest of the snapshot says of it."""
        return {
            "table": self.table,
            "fact": self.fact,
            "by": list(self.by),
            "parts": [[part.sql, part.column, part.type.value] for part in self.parts],
            "levels": [list(level) for level in self.levels],
            "rows": self.rows,
            "meant": self.meant,
            "by_sets": self.by_sets,
            "shared": [list(each) for each in self.shared],
            "days": self.days,
        }


def of_documents(told: Sequence[Mapping[str, Any]], tables: Collection[str]) -> tuple[Rollup, ...]:
    """The roll-ups that a manifest tells of, that are there and still mean the same, the smallest first."""
    found = (
        Rollup(
            table=each["table"],
            fact=each["fact"],
            by=tuple(each["by"]),
            parts=tuple(Part(sql, column, Type(kind)) for sql, column, kind in each["parts"]),
            levels=tuple(map(tuple, each["levels"])),
            rows=each["rows"],
            meant=each["meant"],
            by_sets=each.get("by_sets", False),  # a snapshot of an earlier version has none
            shared=tuple((sql, table if table in tables else "") for sql, table in each.get("shared", ())),
            days=each.get("days"),
        )
        for each in told
        if each["table"] in tables and (not each.get("days") or each["days"] in tables)
    )
    known = (each for each in found if each.fact in FACTS and {*each.by} <= {*DIMENSIONS, SEEN_IN})
    kept = (each for each in known if each.meant == meaning(each.fact, each.by))
    return tuple(sorted(kept, key=lambda each: (each.rows, each.table)))


@cache
def meaning(fact: str, by: tuple[str, ...]) -> str:
    """A hash of what a fact and dimensions mean: what was counted under another meaning answers nothing."""
    said = [FACTS[fact].rows.sql("duckdb")]
    for name in by:
        if name != SEEN_IN:
            dimension = DIMENSIONS[name]
            lookup = "" if dimension.lookup is None else LOOKUPS[dimension.lookup].sql
            said.append(f"{name}={dimension.expression} of {lookup}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def finer(name: str, there: Sequence[str]) -> str | None:
    """The dimension among ``there`` that a dimension can be worked out from; itself first.

    Examples
    --------
    >>> finer("year", ("month", "region")), finer("category", ("product_id",)), finer("week", ("month",))
    ('month', 'product_id', None)
    """
    if name in there:
        return name
    if name in TIME:
        return next((each for each in _FINER.get(name, ("day",)) if each in there), None)
    lookup = DIMENSIONS[name].lookup
    key = None if lookup is None else LOOKUPS[lookup].key
    return key if key in there else None


@cache
def is_plain(fact: str) -> bool:
    """Whether each row of a fact is one row of one table: then whose the row is, is whose its figures are."""
    rows = FACTS[fact].rows
    several = (exp.Join, exp.Group, exp.AggFunc, exp.Window, exp.Subquery, exp.Distinct, exp.CTE)
    return isinstance(rows, exp.Select) and rows.find(*several) is None and len(FACTS[fact].tables) == 1


@cache
def tells_home(fact: str) -> bool:
    """Whether its rows name the territory they lie in, and the one customer of theirs."""
    if not is_plain(fact):
        return False
    own = {each.name for each in FACTS[fact].rows.expressions if isinstance(each, exp.Column)}
    (table,) = FACTS[fact].tables
    customers = {name for name in public_fields(_ALL[table]) if name.endswith("customer_id")}
    return {"territory_id", "customer_id"} <= own and customers == {"customer_id"}


def met_with(table: str) -> Contract:
    """What the table of customers who are met with each other, such as in one order, promises."""
    return Contract(
        name=table,
        description="Customers who have lines of the same order, or of whatever else is counted.",
        key=("customer_id", MET_WITH),
        columns=(
            Column(name="customer_id", type=Type.INT, required=True, description="A customer."),
            Column(name=MET_WITH, type=Type.INT, required=True, description="Another one."),
        ),
    )


def days_of(table: str) -> Contract:
    """What the table of the purchase days of customers who are met in several territories promises."""
    return Contract(
        name=table,
        description="Days on which customers bought who are met in several territories, or in one and in none.",
        key=(),  # a territory may be unknown
        columns=(
            Column(name="customer_id", type=Type.INT, required=True, description="A customer."),
            Column(name=SEEN_IN, type=Type.TEXT, description="The territory that they bought in."),
            Column(name="happened_on", type=Type.DATE, required=True, description="The day."),
        ),
    )


def level_of(by: Sequence[str], names: Collection[str]) -> int:
    """What the engine's GROUPING over ``by`` gives where it is counted by ``names`` alone.

    Examples
    --------
    >>> both = ("month", "channel")
    >>> level_of(both, ["month", "channel"]), level_of(both, ["channel"]), level_of(both, [])
    (0, 2, 3)
    """
    return sum(1 << place for place, name in enumerate(reversed(by)) if name not in names)


def contract_of(rollup: Rollup) -> Contract:
    """What the table of a roll-up promises."""
    types = {name: Type.TEXT if name == SEEN_IN else DIMENSIONS[name].type for name in rollup.by}
    level = [Column(name=LEVEL, type=Type.INT, required=True, description="What it is counted at.")] * bool(
        rollup.levels
    )
    sets = [
        Column(name=MET_IN, type=Type.INT, required=True, description="The set of territories it is met in."),
        Column(name=SEEN_IN, type=Type.TEXT, description="A territory of the set."),
    ] * rollup.by_sets
    said = f"{FACTS[rollup.fact].description} Counted beforehand by {', '.join(rollup.by) or 'nothing'}."
    return Contract(
        name=rollup.table,
        description=said,
        key=(),  # a member may be unknown
        columns=(
            *level,
            *(Column(name=name, type=kind, description="What it is seen by.") for name, kind in types.items()),
            *sets,
            *(Column(name=part.column, type=part.type, description=part.sql) for part in rollup.parts),
        ),
    )
