"""The rows that figures are counted over: a fact's, with the dimensions they are seen by looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from sqlglot import exp

from clientela.access.rows import HOME
from clientela.contracts.schema import AS_STORED
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension, Lookup, parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.rollup.shape import SEEN_IN
from clientela.warehouse.portable import parse_model

FACT = "fact"
_ROW = exp.alias_(exp.Literal.number(1), "is_row")  # where no column of a row is needed


def from_fact(fact: Fact, names: Iterable[str], columns: Iterable[str]) -> exp.Select:
    """The rows of a fact with the dimensions ``names`` and its own ``columns``; as many as the fact has."""
    dimensions = {name: DIMENSIONS[name] for name in names}
    shown = {name: expression(dimension) for name, dimension in dimensions.items()}
    lookups = {each.lookup for each in dimensions.values() if each.lookup is not None}
    return looked_up(fact.rows, shown, lookups, [name for name in columns if name not in dimensions])


def columns_of(trees: Iterable[exp.Expr]) -> set[str]:
    """What aggregates read of a row."""
    return {column.name for tree in trees for column in tree.find_all(exp.Column)}


def read_with(fact: Fact, names: Iterable[str], read: Iterable[str]) -> tuple[list[str], list[str]]:
    """The dimensions and the own columns that rows of a fact are read with, to be seen by ``names``.

    Parameters
    ----------
    read : what is counted of them; a company's own measure may read dimensions too
    """
    own, seen = fact.rows.named_selects, [*names]
    others = sorted({*read} - {*seen})
    return [*seen, *(name for name in others if name not in own)], [name for name in others if name in own]


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


def seen_in(rows: exp.Select, *, at_home: bool) -> exp.Select:
    """The rows with the territory that they are seen in: their own, else that where their customer is at home today."""
    own: exp.Expr = exp.column("territory_id", FACT)
    if at_home:
        home = exp.to_table(HOME)
        home.meta[AS_STORED] = True
        same = exp.EQ(this=exp.column("customer_id", "home"), expression=exp.column("customer_id", FACT))
        rows = rows.join(exp.alias_(home, "home", table=True), on=same, join_type="left", copy=False)
        own = exp.Coalesce(this=own, expressions=[exp.column("territory_id", "home")])
    return rows.select(exp.alias_(own, SEEN_IN), copy=False)
