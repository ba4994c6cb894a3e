"""Counting in two steps: lines into bundles of one order, customer and day, then bundles into figures.

Counting different orders keeps every pair of source and order number that it has met, for each
level; an order's lines put together first, there are as many fewer to keep. The figures are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from clientela.cube.declared.dimension import DIMENSIONS

_WITHIN_ORDER = frozenset({"product", "brand", "kind"})  # by these the lines of one order differ
_FLAG = exp.Literal.number(1)


def is_worthwhile(names: Iterable[str], aggregates: Mapping[str, exp.Expr]) -> bool:
    """Whether pairs are counted, seen by what an order has one of, and every aggregate can be had in two steps."""
    if any(DIMENSIONS[name].hierarchy in _WITHIN_ORDER for name in names):
        return False
    pairs = any(tree.find(exp.Tuple) for tree in aggregates.values())
    found = [node for tree in aggregates.values() for node in tree.find_all(exp.AggFunc)]
    return pairs and all(
        isinstance(node, (exp.Sum, exp.Count, exp.Max)) and isinstance(node.parent, exp.Filter) for node in found
    )


def bundled(
    rows: exp.Select, names: Sequence[str], aggregates: Mapping[str, exp.Expr], *, alone: bool = False
) -> tuple[exp.Select, dict[str, exp.Expr]]:
    """One row for each bundle of ``rows``, and the aggregates over these.

    Parameters
    ----------
    names
        The columns of ``rows`` that the figures are seen by.
    alone
        Nothing is counted in total: then what is met in one bundle of a member only need not be told apart again.
    """
    keys: set[str] = set()
    parts: dict[str, exp.Expr] = {}

    def second(node: exp.Expr) -> exp.Expr:
        return _second(node, keys, parts) if isinstance(node, exp.Filter) else node

    over = {name: tree.transform(second) for name, tree in aggregates.items()}
    grain = [exp.column(name) for name in dict.fromkeys((*names, *sorted(keys)))]
    if alone:
        over = {name: tree.transform(_as_many_as_bundles, {*names}, keys) for name, tree in over.items()}
    bundles = exp.select(*grain, *parts.values(), copy=False).from_(rows.subquery("line", copy=False), copy=False)
    return bundles.group_by(*(column.copy() for column in grain), copy=False), over


def _as_many_as_bundles(node: exp.Expr, names: set[str], keys: set[str]) -> exp.Expr:
    """A count of different ones as one of bundles, where each of them has one bundle of a member."""
    if not isinstance(node, exp.Filter) or not isinstance(node.this.this, exp.Distinct):
        return node
    apart = {column.name for column in node.this.find_all(exp.Column)}
    if not keys <= apart | names:
        return node
    met = node.expression.this.copy()
    if len(apart) == 1:  # an unknown one counts as none; an order of which a part is unknown is one
        met = exp.and_(met, exp.not_(exp.Is(this=exp.column(*apart), expression=exp.Null())), copy=False)
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=met))


def _second(node: exp.Filter, keys: set[str], parts: dict[str, exp.Expr]) -> exp.Expr:
    """The second step of ``agg(…) filter (where …)``; its first step is put into ``parts``."""
    aggregate = node.this
    distinct = isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Distinct)
    first: exp.Expr = node.copy()
    if distinct:
        keys.update(column.name for column in aggregate.find_all(exp.Column))
        met = exp.If(this=node.expression.this.copy(), true=_FLAG.copy())
        first = exp.Max(this=exp.Case(ifs=[met]))
    part = parts.setdefault(first.sql(), exp.alias_(first, f"part_{len(parts)}"))
    column = exp.column(part.alias)
    if distinct:
        return exp.Filter(
            this=aggregate.copy(), expression=exp.Where(this=exp.EQ(this=column, expression=_FLAG.copy()))
        )
    return exp.Max(this=column) if isinstance(aggregate, exp.Max) else exp.Sum(this=column)
