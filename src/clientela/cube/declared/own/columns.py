"""The columns that an expression may read: those of its fact, and of the dimensions that the fact reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sqlglot import exp

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Column, Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.counted.shape import Unit
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension, parsed
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.own.sorts import BOOL, DATE, KEY, TEXT, Sort, number
from clientela.cube.fields import personal_fields, public_fields
from clientela.cube.filters import SEGMENT

# What names a row or a customer: it can be counted, and asked whether it is there; no measure is of one of them.
KEYS = frozenset(
    {
        *("customer_id", "customer_ref", "customer_ref_l", "customer_ref_r", "order_id", "line_no", "invoice_id"),
        *("subscription_id", "interaction_id", "case_id", "cost_id", "answer_id", "opportunity_id", "contact_id"),
        *("response_id",),
    }
)
# What a fact computes: no contract says its sort.
_COMPUTED: Mapping[tuple[str, str], Sort] = MappingProxyType(
    {
        ("order_line", "cost_assumed"): BOOL,
        ("invoice", "days_late"): number(Unit.DAYS),
        ("invoice", "days_to_pay"): number(Unit.DAYS),
        ("subscription", "amount_a_month"): number(Unit.MONEY),
        ("subscription_end", "reason"): TEXT,
        ("interaction", "contact_kind"): TEXT,
        ("service_case", "case_kind"): TEXT,
        ("service_case", "days_to_reply"): number(Unit.DAYS),
        ("service_case", "days_to_close"): number(Unit.DAYS),
        ("service_cost", "serving"): TEXT,
        ("opportunity", "days_to_close"): number(Unit.DAYS),
        ("known_customer", "customer_kind"): TEXT,
        ("known_customer", "systems"): TEXT,
        ("known_customer", "last_bought_on"): DATE,
        ("customer_month", "first_month"): DATE,
        ("customer_month", "months_since_first"): number(Unit.COUNT),
        ("customer_year", "purchase_days"): number(Unit.COUNT),
        ("duplicate_record", "system_pair"): TEXT,
        ("duplicate_record", "found_by"): TEXT,
        ("record_pair", "system_pair"): TEXT,
    }
)
_UNITS = {"currency": Unit.MONEY, "days": Unit.DAYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A column that an expression may read.

    ``name`` is what it is called in the rows that are counted: a column of the fact, or a dimension. ``is_there``: no
    row is without it. ``reads``: what a person must be allowed to see, as ``table.column``.
    """

    name: str
    sort: Sort
    choices: tuple[str, ...] = ()
    is_there: bool = False
    reads: tuple[str, ...] = ()


@cache
def columns_of(fact: str) -> Mapping[str, Known]:
    """Every column by each name it may be written with: ``category`` is ``product.category`` too."""
    known: dict[str, Known] = {}
    for name in sorted(FACTS[fact].dimensions - {SEGMENT}):  # a customer is in several: each row would count so often
        dimension = DIMENSIONS[name]
        known[name] = _of_dimension(FACTS[fact], dimension)
        column = parsed(dimension.expression)
        if dimension.lookup is not None and isinstance(column, exp.Column):
            known.setdefault(f"{LOOKUPS[dimension.lookup].table}.{column.name}", known[name])
    for name in FACTS[fact].rows.named_selects:
        known[name] = known[f"{fact}.{name}"] = _of_fact(FACTS[fact], name)
    return MappingProxyType(known)


@cache
def personal() -> frozenset[str]:
    """Every personal column, as ``column`` and as ``table.column``."""
    every = (*CONTRACTS.values(), *DERIVED.values())
    return frozenset(said for each in every for name in personal_fields(each) for said in (name, f"{each.name}.{name}"))


def _of_fact(fact: Fact, name: str) -> Known:
    reads = () if name == "day" else _named(fact.tables, _made_of(fact, name))
    if name in fact.dimensions:  # what seeing figures by it asks for, counting it does too
        reads = tuple(sorted({*reads, *(DIMENSIONS[name].reads or ())}))
    told = [contract.column(name) for contract in map(_contract, sorted(fact.tables)) if name in contract.names]
    column = told[0] if told else None
    sort = _COMPUTED.get((fact.name, name)) or _sort(name, column)
    choices = column.choices if column is not None and (fact.name, name) not in _COMPUTED else ()
    only = _contract(next(iter(fact.tables))) if len(fact.tables) == 1 else None
    sure = column is not None and only is not None and (column.required or name in only.key)
    return Known(name=name, sort=sort, choices=choices, is_there=sure, reads=reads)


def _sort(name: str, column: Column | None) -> Sort:
    if name in KEYS:
        return KEY
    if name.startswith("is_"):
        return BOOL
    if name == "day":
        return DATE
    if column is None:
        return TEXT
    if column.type is Type.INT:
        return number(_UNITS.get(column.unit, Unit.COUNT) if column.unit else Unit.NUMBER)
    return _BY_TYPE[column.type]


_BY_TYPE: Mapping[Type, Sort] = MappingProxyType(
    {
        Type.TEXT: TEXT,
        Type.BOOL: BOOL,
        Type.DATE: DATE,
        Type.INSTANT: DATE,
        Type.INT: number(Unit.COUNT),
        Type.MONEY: number(Unit.MONEY),
        Type.NUMBER: number(Unit.NUMBER),
        Type.SHARE: number(Unit.SHARE),
    }
)


def _of_dimension(fact: Fact, dimension: Dimension) -> Known:
    if dimension.name == "customer":
        return Known(name="customer_id", sort=KEY, reads=_named(fact.tables, {"customer_id"}))
    reads = dimension.reads
    if reads is None:
        names = {column.name for column in parsed(dimension.expression).find_all(exp.Column)}
        if dimension.lookup is not None:
            lookup = LOOKUPS[dimension.lookup]
            reads = _named({lookup.table}, names)
        else:
            reads = _named(fact.tables, {made for name in names for made in _made_of(fact, name)})
    return Known(name=dimension.name, sort=_BY_TYPE[dimension.type], reads=reads)


def _named(tables: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    known = {table: public_fields(_contract(table)) for table in tables}
    return tuple(sorted(f"{table}.{name}" for table, fields in known.items() for name in names if name in fields))


def _made_of(fact: Fact, name: str) -> frozenset[str]:
    """Every name that what the fact calls ``name`` could be made of, at any depth: rather one too many than too few."""
    made, waiting = {name}, [name]
    selects = list(fact.rows.find_all(exp.Select))
    while waiting:
        wanted = waiting.pop()
        for select in selects:
            for shown in select.selects:
                if shown.alias_or_name == wanted:
                    fresh = {column.name for column in shown.find_all(exp.Column)} - made
                    made |= fresh
                    waiting += fresh
    return frozenset(made)


def _contract(table: str) -> Contract:
    return CONTRACTS.get(table) or DERIVED[table]
