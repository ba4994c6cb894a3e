"""The rows that a question is about, and a row of what is counted over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from clientela.contracts.filter import Filter
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import Fact
from clientela.cube.fields import cast
from clientela.cube.figures.question import Question
from clientela.cube.figures.source import Counted
from clientela.cube.filters import SEGMENT, Bound, condition
from clientela.cube.rollup.rows import from_fact

TOTAL = "is_total"
CUSTOMER = "customer_id"
_ROW = exp.alias_(exp.Literal.number(1), "is_row")  # where no column of a row is needed


def filtered(fact: Fact, question: Question, aggregates: Mapping[str, exp.Expr], bound: Bound) -> exp.Select:
    """The rows of a fact that the question is about, with the columns it needs."""
    names = [each.name for each in question.by]
    columns = sorted({column.name for tree in aggregates.values() for column in tree.find_all(exp.Column)})
    beside = question.filtered - set(names)
    if SEGMENT in beside:
        columns, beside = [*dict.fromkeys((*columns, CUSTOMER))], beside - {SEGMENT}
    own = sorted(set(columns) - {*fact.rows.named_selects, *names, *question.filtered})  # dimensions, not columns of it
    rows = from_fact(fact, [*names, *sorted(beside), *own], columns)
    return kept(rows, question, aggregates, bound)


def kept(rows: exp.Select, question: Question, aggregates: Mapping[str, exp.Expr], bound: Bound) -> exp.Select:
    """The rows that the filter lets through, with what is counted and what it is seen by."""
    if question.where is None:
        return rows
    columns = sorted({column.name for tree in aggregates.values() for column in tree.find_all(exp.Column)})
    shown = [exp.column(name) for name in dict.fromkeys((*(each.name for each in question.by), *columns))]
    kept_rows = exp.Select(expressions=shown or [_ROW.copy()])
    kept_rows = kept_rows.from_(rows.subquery("fact_row", copy=False), copy=False)
    by_segment = any(each.name == SEGMENT for each in question.by)
    return kept_rows.where(held_to(question.where, question.filtered, bound, by_segment=by_segment), copy=False)


def held_to(where: Filter, filtered: Iterable[str], bound: Bound, *, by_segment: bool = False) -> exp.Expr:
    """The filter as a condition; a segment as one on the customer where figures are not seen by it."""
    customer = None if by_segment else exp.column(CUSTOMER)
    types = {name: DIMENSIONS[name].type for name in filtered}
    return condition(where, types, exp.column, bound, customer=customer)


def counted_row(
    total: exp.Expr, members: Iterable[exp.Expr], counted: Sequence[Counted], figures: Mapping[str, exp.Expr]
) -> exp.Select:
    """A row of a branch: whether it is the total, its members, and the figures, null for what others count."""
    told = (
        exp.Alias(
            this=cast(figures.get(each.name, exp.Null()), each.measure.unit.type), alias=exp.to_identifier(each.name)
        )
        for each in counted
    )
    return exp.Select(expressions=[exp.alias_(total, TOTAL, copy=False), *members, *told])
