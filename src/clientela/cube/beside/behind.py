"""What the rows behind figures can be filtered by: the dimensions their fact is seen by, said over its own table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sqlglot import exp

from clientela.contracts.derived.customer.profit import ALLOCATED_COST
from clientela.contracts.schema import Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension, parsed
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.seen_by.shape import Lookup
from clientela.cube.fields import public_fields, quoted
from clientela.cube.rollup.rows import ready
from clientela.cube.scoped import columns_read

MANY = "segment"
# The tables whose rows stand behind figures: what was delivered, and what the run made of it row by row.
BEHIND: Mapping[str, Contract] = MappingProxyType({**CONTRACTS, ALLOCATED_COST.name: ALLOCATED_COST})
RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfRows:
    """A dimension as the rows of a table say it.

    Parameters
    ----------
    needs : the columns of the table that it is made of
    reads : the columns, as ``table.column``, that a person must be allowed to see
    """

    dimension: Dimension
    tree: exp.Expr
    needs: tuple[str, ...]
    reads: tuple[str, ...]

    @property
    def type(self) -> Type:
        """What it is compared with."""
        return self.dimension.type

    def column(self) -> exp.Expr:
        """Its SQL over the columns of a row; the caller's to change."""
        return self.tree.copy()


@cache
def of_rows(table: str) -> Mapping[str, OfRows]:
    """The dimensions that rows of a table can be filtered by beside its own columns; none of what is no fact.

    Examples
    --------
    >>> of_rows("order_line")["category"].needs
    ('product_id',)
    """
    fact, contract = FACTS.get(table), BEHIND.get(table)
    if fact is None or contract is None or fact.tables != {table} or not isinstance(fact.rows, exp.Select):
        return MappingProxyType({})
    projected = {each.alias_or_name: each.unalias() for each in fact.rows.selects}
    told = (_told(DIMENSIONS[name], fact, contract, projected) for name in sorted(fact.dimensions - {MANY}))
    return MappingProxyType({each.dimension.name: each for each in told if each is not None})


@cache
def misread(table: str) -> frozenset[str]:
    """The dimensions whose name a column of the table bears that says something else.

    Examples
    --------
    >>> misread("order_line"), misread("opportunity")
    (frozenset(), frozenset({'status'}))
    """
    fact = FACTS[table]
    if not isinstance(fact.rows, exp.Select):
        return frozenset()
    own = public_fields(BEHIND[table]) if table in BEHIND else {}
    projected = {each.alias_or_name: each.unalias() for each in fact.rows.selects}
    return frozenset(
        name
        for name in fact.dimensions & own.keys()
        if DIMENSIONS[name].lookup is not None
        or not isinstance(tree := projected.get(DIMENSIONS[name].expression), exp.Column)
        or tree.name != name
    )


def _told(dimension: Dimension, fact: Fact, contract: Contract, projected: Mapping[str, exp.Expr]) -> OfRows | None:
    """A dimension over the table's own columns; None where its rows do not say it, or a column is called so."""
    own = public_fields(contract)
    if dimension.name in own:
        return None
    lookup = None if dimension.lookup is None else LOOKUPS[dimension.lookup]
    over = _over_table(parsed(dimension.expression) if lookup is None else exp.column(lookup.key), projected)
    if over is None:
        return None
    needs = {each.name for each in over.find_all(exp.Column)}
    if not needs or needs - own.keys():
        return None
    tree = over if lookup is None else _looked_up(dimension, lookup, over)
    return OfRows(dimension=dimension, tree=tree, needs=tuple(sorted(needs)), reads=columns_read(fact, dimension))


def _looked_up(dimension: Dimension, lookup: Lookup, key: exp.Expr) -> exp.Expr:
    """The one value that a reference table has for a row's key; unknown where it has none."""
    shown = parsed(dimension.expression)
    for column in list(shown.find_all(exp.Column)):
        column.set("table", exp.to_identifier(lookup.name))
    found = exp.select(shown).from_(ready(lookup).copy().subquery(lookup.name))
    same = exp.EQ(this=exp.column(lookup.own_key or lookup.key, lookup.name), expression=key)
    return exp.Subquery(this=found.where(same))


def _over_table(tree: exp.Expr, projected: Mapping[str, exp.Expr]) -> exp.Expr | None:
    """A piece of SQL over a fact's columns as one over those of its table, which is called ``record``."""
    for column in list(tree.find_all(exp.Column)):
        source = projected.get(column.name)
        if source is None:
            return None
        stored = source.copy()
        for inner in list(stored.find_all(exp.Column)):
            named = quoted(inner.name, RECORD)
            if inner is stored:
                stored = named
            else:
                inner.replace(named)
        if column is tree:
            return stored
        column.replace(stored)
    return tree
