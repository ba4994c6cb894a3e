"""The rows and cells of each table that a person may read, as they lie in the files: what a replica is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from clientela.access.area import EVERYTHING
from clientela.access.rights import Cells, Names, Right, Scope
from clientela.access.rows import condition, of_cells
from clientela.contracts.schema import Contract
from clientela.cube.fields import cast, personal_in_people, public_fields, quoted
from clientela.cube.filters import Bound
from clientela.cube.replica.needed import WHOLE, stays
from clientela.cube.scoped import asked
from clientela.cube.view import ALL, View
from clientela.errors import NotPermittedError
from clientela.warehouse.asof import logical_columns
from clientela.warehouse.physical import FACTS, PEOPLE, Part, day_of, parts

_AS_STORED = frozenset({"known_until", "known_from"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What is copied of one table: a query over the stored table, with values for its names."""

    table: str
    database: str
    query: exp.Select
    parameters: Mapping[str, object]


def to_keep(scope: Scope) -> Scope:
    """The rights that hold within a replica: those to rows, less what would be read from a column that is not there.

    Raises
    ------
    NotPermittedError
        They show figures of many customers only, or hide a column by which it is told whose a row is.
    """
    if scope.of_many is not None:
        raise NotPermittedError(
            "figures of many customers only cannot be replicated: a file that figures are counted from holds the rows "
            "of single customers. Give out the figures themselves: clientela query … --as NAME --csv FILE"
        )
    rights = tuple(_without_dependent(right) for right in scope.rights if not right.least)
    for right in rights:
        _refuse_hidden_limits(right)
    return Scope(rights, stored=True)


def copies(view: View) -> Iterator[Copied]:
    """What of each table a replica holds, for the scope of a view over the whole company; empty tables left out."""
    scope = view.scope
    if scope is None:
        raise ValueError("a replica is made for somebody")
    for name, contract in ALL.items():
        for part in parts(contract):
            there = view.tables if part.database == FACTS else view.people or ()
            if name in there and part.columns:
                made = _copied(view, scope, contract, part)
                if made is not None:
                    yield made


def _copied(view: View, scope: Scope, contract: Contract, part: Part) -> Copied | None:
    """The rows of a part in which anything may be read, every other cell of them null."""
    people = part.database == PEOPLE
    cells = {name: _cells(scope, contract, (name,), people=people) for name in part.names}
    rows = _cells(scope, contract, part.names, people=people)
    if contract.name in WHOLE:
        told_apart, kinds = scope.of_kinds(contract.name)
        rows = Cells(reach=EVERYTHING, column=told_apart, kinds=tuple(kinds.items()))
    if not rows.reach:
        return None
    bound, table = Bound("copied"), asked(contract.name, view.tables, people=people)
    shown: list[exp.Expr] = []
    for column in part.columns:
        seen = cells[column.name]
        cell: exp.Expr = quoted(column.name)
        if seen == rows or stays(contract, column.name) or (people and column.name in _AS_STORED):
            shown.append(cell)
            continue
        told, nothing = of_cells(table, seen, bound.bind), cast(exp.Null(), column.type)
        if not seen.reach:
            cell = nothing
        elif told is not None:
            cell = exp.Case(ifs=[exp.If(this=told, true=cell)], default=nothing)
        shown.append(exp.alias_(cell, column.name, quoted=True))
    query = exp.select(*shown).from_(exp.table_(contract.name, db=PEOPLE if people else None))
    kept = of_cells(table, rows, bound.bind)
    if kept is not None:
        query = query.where(kept)
    if {"customer_id", "happened_at"} <= {*part.names}:
        query = query.order_by(quoted("customer_id"), quoted("happened_at"))
    return Copied(table=contract.name, database=part.database, query=query, parameters=bound.values)


def _cells(scope: Scope, contract: Contract, stored: Collection[str], *, people: bool) -> Cells:
    """Where one of some stored columns may be read, by any of the names that authors know it by."""
    if people:
        return scope.of_cells(contract.name, stored, personal=personal_in_people(contract))
    names = [name for name in stored if name in public_fields(contract)]
    if contract.event_time is not None:
        event = contract.event_time
        others = {"happened_at": event, "happened_on": day_of(event)}
        names += [others[name] for name in stored if name in others]
    return scope.of_cells(contract.name, names)


def _without_dependent(right: Right) -> Right:
    """The same right, less the columns that are read by a moment which it hides."""
    gone = []
    for contract in ALL.values():
        for name, told in logical_columns(contract).items():
            others = {each.name for each in told.find_all(exp.Column)} - {name}
            hidden = [
                each
                for each in others
                if not stays(contract, each) and not right.columns.allow(f"{contract.name}.{each}")
            ]
            if hidden and right.columns.allow(f"{contract.name}.{name}"):
                gone.append(f"!{contract.name}.{name}")
    return replace(right, columns=Names((*right.columns.patterns, *gone))) if gone else right


def _refuse_hidden_limits(right: Right) -> None:
    """Refuse where a role hides a column that says whose a row is: then no file could say it and hide it."""
    for name, contract in ALL.items():
        fields = public_fields(contract)
        if not any(right.columns.allow(f"{name}.{each}") for each in fields):
            continue
        told = condition(asked(name, ALL), right.reach, lambda _: exp.Null())
        for column in () if told is None else told.find_all(exp.Column):
            select = column.find_ancestor(exp.Select)
            table = name if select is None else select.args["from_"].this.name
            if not table or column.name in _AS_STORED or stays(ALL[table], column.name):
                continue
            if not right.columns.allow(f"{table}.{column.name}"):
                raise NotPermittedError(
                    f"no replica can be made: '{table}.{column.name}' says which rows are theirs, and the role hides "
                    "it; let the role show it, or grant it without that limit."
                )
