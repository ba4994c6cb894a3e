"""The largest, and one row for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from sqlglot import exp

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.derived import DERIVED
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.schema import Type
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Figure, Measure
from clientela.cube.fields import public_fields
from clientela.cube.rollup.shape import is_plain

_ALIKE = (exp.Column, exp.Identifier, exp.Add, exp.Sub, exp.Neg, exp.Paren)  # a sum of these keeps their digits


def largest(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    top: int,
    seen_with: Sequence[str] = (),
) -> tuple[Result, bool]:
    """The largest of the first measure first, and whether there are others."""
    order = [f"-{measures[0]}"] if measures else ()
    told = kb.query(measures, by, where, order=order, limit=top + 1, seen_with=seen_with)
    hidden = frozenset(place for place in told.hidden if place[0] < top)
    return replace(told, rows=told.rows[:top], hidden=hidden), len(told.rows) > top


def rest(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    shown: Result,
    known: Mapping[str, Figure],
) -> tuple[Value, ...] | None:
    """The figures of all others: what the total leaves where that is exact, else counted anew.

    Counted anew, who was counted in two members is not counted twice here.
    """
    is_whole = not shown.least and not shown.hidden and shown.totals is not None
    if is_whole and all(_adds_up(known[name]) for name in measures):
        return (None, *_left(shown, len(by)))
    totals = kb.query(measures, (), others_than(by[0], where, shown)).totals
    return None if totals is None else (None, *totals)


def _left(shown: Result, width: int) -> list[Value]:
    told = []
    for place in range(width, len(shown.columns)):
        left = (shown.totals or ())[place]
        for row in shown.rows:
            figure = row[place]
            if isinstance(left, (int, Decimal)) and isinstance(figure, (int, Decimal)):
                left -= figure
        told.append(left)
    return told


def others_than(name: str, where: Filter | None, shown: Result) -> Filter:
    """The filter of all that is not among the members shown."""
    members = [row[0] for row in shown.rows]
    known = tuple(member for member in members if member is not None)
    unknown, among = Condition(name, Operator.IS_NULL), Condition(name, Operator.IN, known)  # type: ignore[arg-type] # scalars
    others: Filter = Or((unknown, Not(among)))
    if None in members:
        others = And((Not(unknown), Not(among))) if known else Not(unknown)
    return others if where is None else And((where, others))


def _adds_up(measure: Figure) -> bool:
    """Whether a figure of two groups of rows together is the sum of both, to the last digit."""
    if not isinstance(measure, Measure) or measure.empty != 0:
        return False
    return _is_summed(measure.aggregate, measure.fact, measure.unit.type)


@cache
def _is_summed(aggregate: str, fact: str, kind: Type) -> bool:
    tree = parsed(aggregate)
    if isinstance(tree, exp.Coalesce):
        tree = tree.this
    if isinstance(tree, exp.Neg):
        tree = tree.this
    if isinstance(tree, exp.Filter):
        tree = tree.this
    if isinstance(tree, (exp.Count, exp.CountIf)):
        return tree.find(exp.Distinct) is None
    if not isinstance(tree, exp.Sum) or any(not isinstance(node, _ALIKE) for node in tree.this.walk()):
        return False
    types = _types(fact)
    return {types.get(column.name) for column in tree.this.find_all(exp.Column)} == {kind}


@cache
def _types(fact: str) -> Mapping[str, Type]:
    """The types of the columns that a fact has as its one table has them."""
    if not is_plain(fact):
        return {}
    (table,) = FACTS[fact].tables
    there = public_fields(CONTRACTS.get(table) or DERIVED[table])
    shown = FACTS[fact].rows.selects
    return {each.name: there[each.name] for each in shown if isinstance(each, exp.Column) and each.name in there}
