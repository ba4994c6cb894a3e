"""The columns a published table can be asked for: their types, and which of them are personal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from clientela.contracts.schema import Contract, Kind, Type
from clientela.warehouse.asof import logical_columns
from clientela.warehouse.physical import ENGINE_TYPES, PEOPLE, customer_column, day_of, facts_part, parts

_TYPES = {kind: exp.DataType.build(said, dialect="duckdb") for kind, said in ENGINE_TYPES.items()}
_DOUBLE = exp.DataType.build("double", dialect="duckdb")


def cast(expression: exp.Expr, kind: Type) -> exp.Cast:
    """``expression`` as the contract type ``kind``."""
    return exp.Cast(this=expression, to=_TYPES[kind].copy())


def as_double(expression: exp.Expr) -> exp.Cast:
    """``expression`` as a double, which is what is divided."""
    return exp.Cast(this=expression, to=_DOUBLE.copy())


def quoted(name: str, table: str | None = None) -> exp.Column:
    """A column whose name may be a word of SQL, such as ``at`` or ``period``."""
    return exp.column(name, table, quoted=True)


def public_fields(contract: Contract) -> Mapping[str, Type]:
    """The columns in the facts file by the names an author uses; none when all are personal."""
    part = facts_part(contract)
    if part is None:
        return {}
    types = {each.name: each.type for each in part.columns}
    if contract.event_time is not None:
        event = contract.column(contract.event_time)
        types |= {event.name: event.type, day_of(event.name): Type.DATE}
    return {name: types[name] for name in logical_columns(contract)}


def personal_fields(contract: Contract) -> Mapping[str, Type]:
    """The columns that are personal, by name."""
    return {each.name: each.type for each in contract.columns if each.personal}


def people_fields(contract: Contract) -> Mapping[str, Type]:
    """The columns in the people file by name: the personal ones, and those that say whose they are."""
    found = (part for part in parts(contract) if part.database == PEOPLE)
    return {each.name: each.type for part in found for each in part.columns}


def personal_in_people(contract: Contract) -> frozenset[str]:
    """The columns of the people file that tell of a person: the personal ones, and the keys systems know them by."""
    return frozenset(each.name for each in contract.columns if each.personal or each.person)


def key_fields(contract: Contract) -> tuple[str, ...]:
    """The grain of a table as of a date, by the names its columns bear there."""
    persons = {each.name for each in contract.columns if each.person and contract.kind is not Kind.DERIVED}
    return tuple(customer_column(name) if name in persons else name for name in contract.key)
