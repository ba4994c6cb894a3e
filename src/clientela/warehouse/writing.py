"""The statements that write tables by their contracts; what is the same in every run is written out once a process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlglot import exp

from clientela.contracts.schema import Contract, Kind
from clientela.warehouse.asof import as_known, the_date
from clientela.warehouse.engine import MAIN, Engine, Written, written
from clientela.warehouse.model import ALL, Model
from clientela.warehouse.physical import (
    ENGINE_TYPES,
    FACTS,
    NULL,
    Part,
    column,
    engine_type,
    parts,
    row_counts,
)


@dataclass(frozen=True, slots=True)
class Fill:
    """How the rows of a query come into the tables of a contract: the statements, of which the first says how many."""

    types: Mapping[str, str]
    statements: tuple[Written, ...]

    def fill_in(self, engine: Engine, parameters: Mapping[str, object]) -> int:
        """Carry them out; the number of rows."""
        rows, *_ = [engine.run(each, parameters) for each in self.statements]
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One line of the write log, which is the lineage: which step wrote which table from which tables."""

    table: str
    step: str
    reads: tuple[str, ...]
    rows: int
    seconds: float
    as_of: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A model's query as the warehouse asks it, and how it was filled in so far, by the kinds of its parameters."""

    query: exp.Query
    names: tuple[str, ...]
    fills: dict[tuple[object, ...], Fill] = field(default_factory=dict)

    def fill(self, parameters: Mapping[str, object]) -> Fill | None:
        """How its rows were written with parameters of these kinds before, if they were."""
        return self.fills.get(self._kinds(parameters))

    def keep(self, parameters: Mapping[str, object], fill: Fill) -> None:
        """Remember how its rows are written with parameters of these kinds."""
        self.fills[self._kinds(parameters)] = fill

    def _kinds(self, parameters: Mapping[str, object]) -> tuple[object, ...]:
        """What of its parameters decides the types that the engine reads them as."""
        values = [parameters.get(name) for name in self.names]
        return tuple((type(each), isinstance(each, int) and each.bit_length() > 31) for each in values)


def seen(model: Model, contract: Contract, contracts: Mapping[str, Contract], *, sample: bool) -> Seen:
    """A model's query with what had happened and was known put in, and the columns that the warehouse adds.

    Of the tables that every run has it is made once, as their columns are always the same.
    """
    if contracts is ALL and all(name.split(".")[-1] in ALL for name in model.reads):
        return _seen_always(model, contract, sample=sample)
    return _seen(model, contract, contracts, sample=sample)


@lru_cache(maxsize=1024)
def _seen_always(model: Model, contract: Contract, *, sample: bool) -> Seen:
    return _seen(model, contract, ALL, sample=sample)


def _seen(model: Model, contract: Contract, contracts: Mapping[str, Contract], *, sample: bool) -> Seen:
    dated = (
        frozenset(each.name for each in contracts.values() if each.kind is Kind.DERIVED and "as_of" in each.key)
        if model.kind == "as-of"
        else ()  # a state compares the dates with each other
    )
    tree = as_known(model.tree, contracts, as_of_tables=dated, sample=sample)
    added: dict[str, exp.Expr] = {}
    if model.kind == "as-of":
        added["as_of"] = the_date()
    if model.part is not None:
        added[contract.key[0]] = exp.Literal.string(model.part)
    query = with_columns(tree, added)
    return Seen(query, tuple(sorted({each.name for each in query.find_all(exp.Placeholder)})))


def filling(contract: Contract, query: exp.Query, types: Mapping[str, str]) -> tuple[Written, ...]:
    """The statements that put the rows of a query into the tables of a contract."""
    split = parts(contract)
    if len(split) == 1:
        return (written(insert(place(split[0].database, contract.name), query.copy(), tuple(types)), once=True),)
    both = exp.table_(contract.name, db="main", catalog=MAIN, quoted=True)
    given = {name for name, kind in types.items() if kind != NULL or name in contract.key}
    if len(given) < len(types) and not query.args.get("order"):  # what is null in all rows needs no copy
        query = exp.select(*(column(name) for name in types if name in given)).from_(query.subquery("told"))
    else:
        given = set(types)
    statements: list[exp.Expr] = [exp.Create(this=both, kind="TABLE", expression=query.copy())]
    for part in split:
        names = tuple(name for name in part.names if name in given)
        listed = exp.select(*map(column, names)).from_(both.copy())
        statements.append(insert(place(part.database, contract.name), listed, names))
    statements.append(exp.Drop(tables=[both.copy()], kind="TABLE"))
    return tuple(written(each, once=True) for each in statements)


@lru_cache(maxsize=1024)
def laid(name: str, part: Part) -> Written:
    """The statement that makes the empty table of a part of a contract."""
    columns = [exp.ColumnDef(this=column(each.name).this, kind=engine_type(each.type)) for each in part.columns]
    return written(exp.Create(this=exp.Schema(this=place(part.database, name), expressions=columns), kind="TABLE"))


@lru_cache(maxsize=1024)
def taken_out(name: str, part: Part, which: tuple[str, ...]) -> Written:
    """The statement that deletes the rows in which the columns ``which`` have the values of their parameters."""
    return written(exp.delete(place(part.database, name)).where(*_equal(which)))


@lru_cache(maxsize=1024)
def counted(
    name: str, part: Part, which: tuple[str, ...], present: frozenset[str], *, rules: bool, keys: bool
) -> Written:
    """The query that counts, of rows that were written, those that break a promise (`physical.row_counts`)."""
    return written(row_counts(part, written_rows(part, name, which), present, rules=rules, keys=keys))


@lru_cache(maxsize=1024)
def read_all(contract: Contract, order_by: tuple[str, ...]) -> Written:
    """The query for the columns of a facts table, decimals as doubles, ordered by ``order_by`` or by its key."""
    part = next(each for each in parts(contract) if each.database == FACTS)
    listed = [
        exp.alias_(exp.cast(column(each.name), "double"), each.name, quoted=True)
        if ENGINE_TYPES[each.type].startswith("DECIMAL")
        else column(each.name)
        for each in part.columns
    ]
    rows = exp.select(*listed).from_(place(FACTS, contract.name))
    return written(rows.order_by(*map(column, order_by or contract.key)))


def written_rows(part: Part, name: str, which: Collection[str]) -> exp.Select:
    """The rows of a part of a contract, all or those in which the columns ``which`` are as their parameters say."""
    rows = exp.select(*map(column, part.names)).from_(place(part.database, name))
    return rows.where(*_equal(which)) if which else rows


def place(database: str, name: str) -> exp.Table:
    """A table of one of the files."""
    return exp.table_(name, db="main", catalog=database, quoted=True)


def insert(target: exp.Table, query: exp.Query, columns: tuple[str, ...]) -> exp.Insert:
    """The statement that adds the rows of a query to a table."""
    names = exp.Schema(this=target, expressions=[column(name).this for name in columns])
    return exp.Insert(this=names, expression=query)


def with_columns(tree: exp.Query, added: Mapping[str, exp.Expr]) -> exp.Query:
    """A query with constant columns beside those it names itself; a union is asked as a whole."""
    missing = {name: each for name, each in added.items() if name not in tree.named_selects}
    if not missing:
        return tree
    constants = [exp.alias_(each, name, quoted=True) for name, each in missing.items()]
    if isinstance(tree, exp.Select):
        return tree.select(*constants)
    return exp.select(*map(column, tree.named_selects), *constants).from_(tree.subquery("rows"))


def _equal(names: Collection[str]) -> list[exp.Expr]:
    return [column(name).eq(exp.Placeholder(this=name)) for name in names]


def to_arrow(arrays: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Arrays as columns: NaN, NaT and None become null."""
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in arrays.items()})


def to_numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as an array: null is NaN in numbers, NaT in times, None in objects.

    Examples
    --------
    >>> to_numpy(pa.chunked_array([[1, None]])), to_numpy(pa.chunked_array([["a", None]]))
    (array([ 1., nan]), array(['a', None], dtype=object))
    """
    if pa.types.is_integer(column.type) and column.null_count:
        column = column.cast(pa.float64(), safe=False)
    numbers = pa.types.is_primitive(column.type) and not (pa.types.is_boolean(column.type) and column.null_count)
    return column.to_numpy() if numbers else np.array(column.to_pylist(), dtype=object)
