"""The rows that figures are counted over: a fact's, with the dimensions they are seen by looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from sqlglot import exp

from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension, Lookup, parsed
from clientela.cube.declared.facts import Fact
from clientela.warehouse.portable import parse_model

FACT = "fact"
_ROW = exp.alias_(exp.Literal.number(1), "is_row")  # where no column of a row is needed


def from_fact(fact: Fact, names: Iterable[str], columns: Iterable[str]) -> exp.Select:
    """The rows of a fact with the dimensions ``names`` and its own ``columns``; as many as the fact has."""
    dimensions = {name: DIMENSIONS[name] for name in names}
    shown = {name: expression(dimension) for name, dimension in dimensions.items()}
    lookups = {each.lookup for each in dimensions.values() if each.lookup is not None}
    return looked_up(fact.rows, shown, lookups, [name for name in columns if name not in dimensions])


def looked_up(
    rows: exp.Query, shown: Mapping[str, exp.Expr], lookups: Iterable[str], columns: Iterable[str]
) -> exp.Select:
    """As many rows as ``rows``, which is called ``fact``: what is ``shown`` by name, then its own ``columns``.

    Parameters
    ----------
    lookups : the reference tables that what is shown reads
    """
    listed: list[exp.Expr] = [exp.Alias(this=tree, alias=exp.to_identifier(name)) for name, tree in shown.items()]
    listed += [exp.column(name, FACT) for name in columns]
    found = exp.Select(expressions=listed or [_ROW.copy()]).from_(rows.subquery(FACT, copy=False), copy=False)
    for name in sorted({*lookups}):
        lookup = LOOKUPS[name]
        same = exp.EQ(this=exp.column(lookup.own_key or lookup.key, name), expression=exp.column(lookup.key, FACT))
        table = ready(lookup).copy().subquery(name, copy=False)
        found.append("joins", exp.Join(this=table, side="LEFT", on=same))
    return found


def expression(dimension: Dimension) -> exp.Expr:
    """A dimension over the columns of a fact, or of the table it is looked up in."""
    tree = parsed(dimension.expression)
    for column in list(tree.find_all(exp.Column)):
        column.set("table", exp.to_identifier(dimension.lookup or FACT))
    return tree


@cache
def ready(lookup: Lookup) -> exp.Query:
    """The query of a reference table; to be copied before it is used."""
    return parse_model(lookup.sql, lookup.name)
