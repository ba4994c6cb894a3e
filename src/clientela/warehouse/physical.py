"""How a contract lies in the two files, and whether rows keep it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from clientela.contracts.schema import Column, Contract, Kind, Type
from clientela.errors import did_you_mean

FACTS, PEOPLE = "facts", "people"
NULL = '"NULL"'  # the engine's type of a column that is null in all rows
ENGINE_TYPES: Mapping[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.INT: "BIGINT",
    Type.BOOL: "BOOLEAN",
    Type.DATE: "DATE",
    Type.INSTANT: "TIMESTAMP",
    Type.MONEY: "DECIMAL(18,4)",
    Type.NUMBER: "DECIMAL(18,6)",
    Type.SHARE: "DECIMAL(18,6)",
}
DOUBLED = "_doubled"  # of `row_counts`: whether two keys may be the same
_SOURCE = Column(name="source", required=True, description="The system that delivered it.")
_HAPPENED = (
    Column(name="happened_at", type=Type.INSTANT, required=True, description="When it happened."),
    Column(name="happened_on", type=Type.DATE, required=True, description="The day, in the company's zone."),
)
_KNOWN_FROM = Column(name="known_from", type=Type.INSTANT, required=True, description="When this version was learned.")
_KNOWN = (
    _KNOWN_FROM,
    Column(name="known_until", type=Type.INSTANT, description="When the next version was learned; null: current."),
    Column(name="known_assumed", type=Type.BOOL, required=True, description="Known when it happened, by assumption."),
)
COST_ASSUMED = "cost_assumed"
WORKED_OUT: Mapping[str, tuple[Column, ...]] = {
    "order_line": (
        Column(
            name=COST_ASSUMED,
            type=Type.BOOL,
            required=True,
            description="Whether the line has no cost of goods of its own: then it is the product's, by the pieces.",
        ),
    ),
}
"""By table: the columns that the run adds to what is delivered."""
_CUSTOMER = Column(name="customer_id", type=Type.INT, description="The customer it is about; null is anonymous.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a contract lies in one of the files. ``key`` is empty where rows of one key may be many."""

    database: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def day_of(instant: str) -> str:
    """The name of the day beside an instant.

    Examples
    --------
    >>> day_of("closed_at"), day_of("at")
    ('closed_on', 'on')
    """
    return instant.removesuffix("at") + "on"


def customer_column(person: str) -> str:
    """The column that names the customer in place of a source's own key.

    Examples
    --------
    >>> customer_column("customer_ref"), customer_column("record_id"), customer_column("from_ref")
    ('customer_id', 'customer_id', 'from_customer_id')
    """
    if person in ("customer_ref", "record_id"):
        return "customer_id"
    return person.removesuffix("_ref") + "_customer_id"


@lru_cache(maxsize=1024)
def parts(contract: Contract) -> tuple[Part, ...]:
    """The parts of a contract: facts, people, or one in each, joined by the key.

    Examples
    --------
    >>> from clientela.contracts.derived import IDENTITY
    >>> [(part.database, part.names) for part in parts(IDENTITY)]  # doctest: +NORMALIZE_WHITESPACE
    [('facts', ('customer_ref', 'source', 'customer_id', 'match_probability', 'first_run')),
     ('people', ('customer_ref', 'record_id'))]
    """
    found = _derived_parts(contract) if contract.kind is Kind.DERIVED else _versioned_parts(contract)
    return tuple(part for part in found if part.columns)


def facts_part(contract: Contract) -> Part | None:
    """What of a contract lies in the facts file, if anything."""
    return next((part for part in parts(contract) if part.database == FACTS), None)


def _derived_parts(contract: Contract) -> tuple[Part, ...]:
    personal = tuple(c for c in contract.columns if c.personal or c.name in contract.key)
    public = tuple(c for c in contract.columns if not c.personal)
    if not any(c.personal for c in contract.columns):
        personal = ()
    elif all(c.personal for c in contract.columns):
        public = ()
    return (
        Part(database=FACTS, columns=public, key=contract.key),
        Part(database=PEOPLE, columns=personal, key=contract.key),
    )


def _versioned_parts(contract: Contract) -> tuple[Part, ...]:
    event = contract.event_time
    seen: dict[str, Column] = {} if "source" in contract.names else {"source": _SOURCE}
    for column in contract.columns:
        if column.name == event or column.personal:
            continue
        if column.person:
            name = customer_column(column.name)
            seen[name] = replace(_CUSTOMER, name=name, required=column.required)
        else:
            seen[column.name] = column
            if column.type is Type.INSTANT:
                day = day_of(column.name)
                seen[day] = Column(name=day, type=Type.DATE, known_with=column.known_with)
    happened = _HAPPENED if contract.kind is Kind.FACT else ()
    persons = {column.name for column in contract.columns if column.person}
    key = tuple("happened_at" if name == event else name for name in contract.key)
    # several keys of one source may be one customer: then the key is no longer unique once it is mapped
    grain = () if persons & set(key) else (*key, "known_from")
    return (
        Part(
            database=FACTS,
            columns=(*seen.values(), *WORKED_OUT.get(contract.name, ()), *happened, *_KNOWN),
            key=grain,
        ),
        _people_part(contract),
    )


def _people_part(contract: Contract) -> Part:
    personal = tuple(column for column in contract.columns if column.personal)
    if not personal:
        return Part(database=PEOPLE, columns=(), key=())
    key = tuple(contract.column(name) if name in contract.names else _SOURCE for name in contract.key)
    person = any(column.person for column in contract.columns)
    columns = (*key, *personal, *((_CUSTOMER,) if person else ()), _KNOWN_FROM)
    return Part(database=PEOPLE, columns=columns, key=(*contract.key, "known_from"))


def all_columns(contract: Contract) -> dict[str, Column]:
    """Every column of a contract's parts by name: what a query for it gives."""
    return {column.name: column for part in parts(contract) for column in part.columns}


def shape_breaches(contract: Contract, types: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the names and types of a query's columns. A type that fits into the contract's is right.

    Examples
    --------
    >>> from clientela.contracts.derived import DERIVED
    >>> given = {"figure": "VARCHAR", "abut": "VARCHAR", "value": "DECIMAL(18,6)"}
    >>> shape_breaches(DERIVED["identity_figure"], given)  # doctest: +NORMALIZE_WHITESPACE
    ("column 'about' is missing",
     "column 'abut' is unknown; known: 'about', 'figure', 'value'. Did you mean 'about'?")
    """
    columns = all_columns(contract)
    missing = [f"column '{name}' is missing" for name in columns if name not in types]
    unknown = [f"column '{name}' is unknown; {did_you_mean(name, columns)}" for name in types if name not in columns]
    wrong = [
        f"column '{name}' is {types[name]}, not {column.type.value} ({ENGINE_TYPES[column.type]}): cast it"
        for name, column in columns.items()
        if name in types and not _fits(types[name], ENGINE_TYPES[column.type])
    ]
    return (*missing, *unknown, *wrong)


def engine_type(of: Type) -> exp.DataType:
    """The engine's type for a type of ours, in a tree."""
    return _built(ENGINE_TYPES[of]).copy()


@cache
def _built(said: str) -> exp.DataType:
    return exp.DataType.build(said, "duckdb")


def row_counts(part: Part, rows: exp.Query, present: Collection[str], *, rules: bool, keys: bool = False) -> exp.Select:
    """The query that counts, in one row, the rows that break each promise of a part; a column a promise.

    Parameters
    ----------
    present : the columns that the rows have.
    rules : whether to count broken choices and bounds too (capture counts them for what is delivered).
    keys : whether to tell (`DOUBLED`) that two keys share a hash: where none do, no key is doubled. Grouping eight
        bytes instead of the key itself takes a third of the time.
    """
    counts: dict[str, exp.Expr] = {
        name: exp.CountIf(this=condition) for name, condition in _broken(part, present, rules=rules)
    }
    counts["_rows"] = exp.Count(this=exp.Star())
    if keys:
        counts[DOUBLED] = exp.Not(this=exp.Is(this=_doubled_hashes(part, rows).subquery(), expression=exp.null()))
    return exp.select(*(exp.alias_(each, name, quoted=True) for name, each in counts.items())).from_(
        rows.subquery("checked")
    )


def doubled_keys(part: Part, rows: exp.Query) -> exp.Select:
    """The query that counts the keys of a part that stand there more than once."""
    keys = [column(name) for name in part.key]
    often = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    doubled = exp.select("1 as one").from_(rows.subquery("checked")).group_by(*keys).having(often)
    return exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(doubled.subquery("doubled"))


def _doubled_hashes(part: Part, rows: exp.Query) -> exp.Select:
    hashed = exp.Anonymous(this="hash", expressions=[column(name) for name in part.key])
    often = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    return exp.select("1 as one").from_(rows.subquery("checked")).group_by(hashed).having(often).limit(1)


def column(name: str) -> exp.Column:
    """A column in a tree, quoted, as some of ours bear words that SQL keeps for itself (``on``, ``at``)."""
    return exp.Column(this=exp.to_identifier(name, quoted=True))


def _broken(part: Part, present: Collection[str], *, rules: bool) -> Iterator[tuple[str, exp.Expr]]:
    for each in part.columns:
        if each.name not in present:
            continue
        if each.required or (each.name in part.key and each.name != "line_no"):
            yield f"column '{each.name}' is null in", column(each.name).is_(exp.null())
        if rules and each.choices:
            yield (
                f"column '{each.name}' is none of {', '.join(each.choices)} in",
                column(each.name).isin(*each.choices).not_(),
            )
        if rules and each.minimum is not None:
            yield f"column '{each.name}' is below {each.minimum} in", column(each.name) < each.minimum
        if rules and each.maximum is not None:
            yield f"column '{each.name}' is above {each.maximum} in", column(each.name) > each.maximum


def typed_rows(
    known: Mapping[str, Column], arrays: Collection[str], part: Collection[str]
) -> tuple[exp.Select, dict[str, str] | None]:
    """The query for the rows of ``fitted`` and of a part's own columns, each as the contract's type, and those types.

    They are None where a name is none of the contract's: then the engine has to be asked.
    """
    values: dict[str, exp.Expr] = {name: column(name) for name in arrays}
    values |= {name: exp.Placeholder(this=f"part_{name}") for name in part}
    types = {name: ENGINE_TYPES[known[name].type] for name in values if name in known}
    typed = {
        name: exp.Cast(this=value, to=engine_type(known[name].type)) if name in known else value
        for name, value in values.items()
    }
    listed = [exp.Alias(this=each, alias=exp.to_identifier(name, quoted=True)) for name, each in typed.items()]
    query = exp.select(*listed, copy=False).from_("fitted", copy=False)
    return query, types if len(types) == len(values) else None


def _fits(given: str, wanted: str) -> bool:
    if given in (wanted, NULL):
        return True
    whole = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10}
    if wanted == "BIGINT":
        return given in whole
    room = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", wanted)
    if room is None:
        return False
    digits, scale = int(room[1]) - int(room[2]), int(room[2])
    if given in whole:
        return whole[given] <= digits
    has = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", given)
    return has is not None and int(has[2]) <= scale and int(has[1]) - int(has[2]) <= digits


def array_breaches(known: Mapping[str, Column], arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    """What of arrays has no place in a table: other lengths, numbers without end, fractions of whole ones."""
    lengths = {len(values) for values in arrays.values()}
    found = ["its arrays differ in length"] if len(lengths) > 1 else []
    for name, values in arrays.items():
        if name not in known or not np.issubdtype(values.dtype, np.floating):
            continue
        there = values[~np.isnan(values)]
        if np.isinf(there).any():
            found.append(f"column '{name}' is infinite in {int(np.isinf(there).sum())} rows")
        elif known[name].type is Type.INT and (there != np.floor(there)).any():
            found.append(f"column '{name}' is no whole number in {int((there != np.floor(there)).sum())} rows")
        elif known[name].type in _MOST and (np.abs(there) >= _MOST[known[name].type]).any():
            found.append(f"column '{name}' is beyond {_MOST[known[name].type]:,.0f}")
    return found


_MOST = {Type.MONEY: 1e14, Type.NUMBER: 1e12, Type.SHARE: 1e12}
