"""Counting in two steps: what a roll-up holds of an aggregate, and how the aggregate is had from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import parsed
from clientela.cube.fields import cast

_ADDED = (exp.Sum, exp.Count, exp.CountIf, exp.Max, exp.Min)
# What the engine gives for a sum or a count, and the type that holds the very same value.
HELD: Mapping[str, Type] = {
    "DECIMAL(38,4)": Type.MONEY,
    "DECIMAL(38,6)": Type.NUMBER,
    "BIGINT": Type.INT,
    "INTEGER": Type.INT,
    "HUGEINT": Type.INT,
    "DATE": Type.DATE,
    "VARCHAR": Type.TEXT,
    "DECIMAL(18,4)": Type.MONEY,
    "DECIMAL(18,6)": Type.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Different:
    """What an aggregate counts different ones of: the columns that tell them apart, and the condition on a row."""

    keys: tuple[str, ...]
    where: exp.Expr

    @property
    def counts(self) -> exp.Expr:
        """Whether a row counts: a customer who is not known is none, an order of which a part is not known is one."""
        if len(self.keys) > 1:
            return self.where.copy()
        known = exp.not_(exp.Is(this=exp.column(self.keys[0]), expression=exp.Null()))
        return exp.and_(self.where, known)


def different(aggregate: exp.Expr) -> Different | None:
    """What different ones an aggregate counts; None where it is something else.

    Examples
    --------
    >>> from sqlglot import parse_one
    >>> told = different(parse_one("count(distinct (a, b)) filter (where c)", dialect="duckdb"))
    >>> told.keys, told.where.sql()
    (('a', 'b'), 'c')
    """
    if not isinstance(aggregate, exp.Filter) or not isinstance(aggregate.this, exp.Count):
        return None
    distinct = aggregate.this.this
    if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1:
        return None
    (one,) = distinct.expressions
    columns = one.expressions if isinstance(one, exp.Tuple) else [one]
    if not all(isinstance(each, exp.Column) for each in columns):
        return None
    return Different(tuple(each.name for each in columns), aggregate.expression.this)


@cache
def is_different(aggregate: str) -> bool:
    """Whether an aggregate counts different ones, each of which is met in a set of territories."""
    return different(parsed(aggregate)) is not None


@cache
def is_of_customers(aggregate: str) -> bool:
    """Whether an aggregate counts different customers, told apart by their number alone.

    Examples
    --------
    >>> is_of_customers("count(distinct customer_id)"), is_of_customers("count(distinct (source, order_id))")
    (True, False)
    """
    tree = parsed(aggregate)
    filtered = tree if isinstance(tree, exp.Filter) else exp.Filter(this=tree, expression=exp.Where(this=exp.true()))
    told = different(filtered)
    return told is not None and told.keys == ("customer_id",)


def first_steps(aggregate: exp.Expr) -> Mapping[str, exp.Expr] | None:
    """What a roll-up must hold of an aggregate, by the SQL that says it; None where it cannot be had in two steps.

    Examples
    --------
    >>> from sqlglot import parse_one
    >>> [*first_steps(parse_one("-sum(a) filter (where b)", dialect="duckdb"))]
    ['SUM(a) FILTER(WHERE b)']
    >>> first_steps(parse_one("count(distinct a)", dialect="duckdb")) is None
    True
    """
    found: dict[str, exp.Expr] = {}
    for node in aggregate.find_all(exp.AggFunc):
        if not isinstance(node, _ADDED) or node.find(exp.Distinct) or node.find_ancestor(exp.Window):
            return None
        whole = _whole(node)
        found[whole.sql("duckdb")] = whole
    beside = (column.find_ancestor(exp.AggFunc, exp.Filter) is None for column in aggregate.find_all(exp.Column))
    return found if found and not any(beside) else None


@cache
def held_for(aggregate: str) -> frozenset[str] | None:
    """The SQL of all that a roll-up must hold of an aggregate; None where it cannot be had in two steps."""
    steps = first_steps(parsed(aggregate))
    return None if steps is None else frozenset(steps)


@cache
def as_said(aggregate: str) -> str:
    """An aggregate as a roll-up that was counted at levels says it."""
    return parsed(aggregate).sql("duckdb")


def second_step(aggregate: exp.Expr, columns: Mapping[str, str]) -> exp.Expr:
    """The aggregate over the rows of a roll-up.

    Parameters
    ----------
    columns : the column that holds each first step, by its SQL
    """

    def second(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, (exp.Filter, *_ADDED)):
            return node
        column = exp.column(columns[node.sql("duckdb")])
        inner = node.this if isinstance(node, exp.Filter) else node
        if isinstance(inner, (exp.Max, exp.Min)):
            return type(inner)(this=column)
        added = exp.Sum(this=column)
        if isinstance(inner, exp.Sum):
            return added
        return exp.Coalesce(this=cast(added, Type.INT), expressions=[exp.Literal.number(0)])

    return aggregate.transform(second, copy=True)


def _whole(node: exp.AggFunc) -> exp.Expr:
    """The aggregate with its filter."""
    return node.parent if isinstance(node.parent, exp.Filter) else node
