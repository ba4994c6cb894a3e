"""Figures: measures by dimensions, right at every level.

Each fact is counted by itself, at the finest level asked for and at the level of the total; the
counted rows are put under each other, and one row is made of those of the same members. So two
facts never multiply each other, and a total counts anew instead of adding up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Union

from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.analysis import Result, ResultColumn
from clientela.contracts.filter import Filter
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension, Lookup, parsed
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import Measure, Ratio, Unit
from clientela.cube.fields import as_double, cast
from clientela.cube.figures.bundle import bundled, is_worthwhile
from clientela.cube.figures.question import Question, parts_of, picked, understood
from clientela.cube.filters import Bound, condition
from clientela.cube.scoped import within
from clientela.cube.view import View
from clientela.warehouse.portable import parse_model

_TOTAL = "is_total"
_ROW = exp.alias_(exp.Literal.number(1), "is_row")  # where no column of a row is needed


def query(
    view: View,
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Filter | None = None,
    *,
    order: Sequence[str] = (),
    limit: int | None = None,
) -> Result:
    """The figures of ``measures`` for each combination of ``by``, and their total.

    Parameters
    ----------
    order
        Names of columns to sort by, each with a ``-`` before it to put the largest first. Unknown
        comes last; ties are broken by ``by``.
    limit
        How many rows to give at most; the total is of all rows.

    Raises
    ------
    UnknownNameError, UnreachableError, QueryError
        A name is not known, a measure's fact has no such dimension, or a value has the wrong type.
    """
    question = understood(measures, by, where, order, limit)
    bound = Bound()
    rows = view.rows(plan(question, bound, view), bound.values)
    width = len(question.by)
    total = next((row[1:] for row in rows if row[0]), None)
    return Result(
        columns=(
            *(_dimension_column(each) for each in question.by),
            *(_measure_column(m, view) for m in question.asked),
        ),
        rows=tuple(row[1:] for row in rows if not row[0] or not width),
        totals=total,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure counted over the rows of one reach, under a name of its own; no reach: over all rows."""

    name: str
    measure: Measure
    reach: Reach | None


def plan(question: Question, bound: Bound, view: View) -> exp.Select:
    """The one query that answers the question: ``is_total``, the dimensions, the measures; the total first."""
    shown, counted = _to_count(question, view)
    levels = [_TOTAL, *(each.name for each in question.by)]
    passes = dict.fromkeys((each.measure.fact, each.reach) for each in counted)
    branches = [_branch(FACTS[fact], reach, counted, question, bound) for fact, reach in passes]
    every = branches[0] if len(branches) == 1 else exp.union(*branches, distinct=False, copy=False)
    figures = exp.select(*map(exp.column, levels), *map(_figure, counted), copy=False)
    figures = figures.from_(every.subquery("counted", copy=False), copy=False)
    figures = figures.group_by(*map(exp.column, levels), copy=False)
    rows = exp.select(*map(exp.column, levels), *shown, copy=False)
    rows = rows.from_(figures.subquery("figure", copy=False), copy=False)
    sorted_by = ((_TOTAL, True), *question.order)
    ordered = (exp.Ordered(this=exp.column(name), desc=down, nulls_first=False) for name, down in sorted_by)
    rows = rows.order_by(*ordered, copy=False)
    return rows if question.limit is None else rows.limit(question.limit + 1, copy=False)


def _to_count(question: Question, view: View) -> tuple[list[exp.Expr], list[Counted]]:
    """What is shown, and what is counted for it: a measure once for each reach in which some figure needs it."""
    counted: dict[tuple[str, Reach | None], Counted] = {}
    shown = []
    for asked in question.asked:
        parts = parts_of(asked)
        reach = view.reach_of_figure(asked.name, [FACTS[part.fact] for part in parts], question.dimensions)
        for part in parts:
            if (part.name, reach) not in counted:
                again = sum(name == part.name for name, _ in counted)
                name = f"{part.name}_{again}" if again else part.name
                counted[part.name, reach] = Counted(name, part, reach)
        shown.append(_shown(asked, {part.name: counted[part.name, reach].name for part in parts}))
    return shown, [*counted.values()]


def members(view: View, dimension: str, *, where: Filter | None = None, limit: int = 1000) -> tuple[Value, ...]:
    """The values a dimension takes, in order; of the first fact that has it, without the unknown.

    Raises
    ------
    UnknownNameError, UnreachableError, QueryError
        The dimension or a field of the filter is not known there, or a value has the wrong type.
    """
    fact, filtered = picked(dimension, where, limit)
    bound = Bound()
    rows = from_fact(fact, dict.fromkeys((dimension, *sorted(filtered))), ())
    values = exp.select(dimension).distinct().from_(rows.subquery("line"))
    values = values.where(exp.not_(exp.Is(this=exp.column(dimension), expression=exp.Null())))
    if where is not None:
        values = values.where(_filter(where, filtered, bound))
    reach = view.reach_of_members(fact, [DIMENSIONS[name] for name in sorted({dimension, *filtered})])
    if reach is not None:
        within(values, reach)
    return tuple(row[0] for row in view.rows(values.order_by(dimension).limit(limit), bound.values))


def from_fact(fact: Fact, names: Iterable[str], columns: Iterable[str]) -> exp.Select:
    """The rows of a fact with the dimensions ``names`` and its own ``columns``; as many as the fact has."""
    dimensions = {name: DIMENSIONS[name] for name in names}
    shown = [exp.alias_(_expression(dimension), name) for name, dimension in dimensions.items()]
    shown += [exp.alias_(exp.column(name, "fact"), name) for name in columns if name not in dimensions]
    rows = exp.select(*(shown or [_ROW.copy()]), copy=False)
    rows = rows.from_(fact.rows.subquery("fact", copy=False), copy=False)
    for name in sorted({each.lookup for each in dimensions.values() if each.lookup is not None}):
        lookup = LOOKUPS[name]
        same = exp.EQ(this=exp.column(lookup.key, name), expression=exp.column(lookup.key, "fact"))
        rows = rows.join(_ready(lookup).copy().subquery(name, copy=False), on=same, join_type="left", copy=False)
    return rows


def _branch(
    fact: Fact, reach: Reach | None, counted: Sequence[Counted], question: Question, bound: Bound
) -> exp.Select:
    """One fact counted within one reach, at the level asked for and in total; null for what others count."""
    names = [each.name for each in question.by]
    aggregates: dict[str, exp.Expr] = {
        each.name: parsed(each.measure.aggregate)
        for each in counted
        if each.measure.fact == fact.name and each.reach == reach
    }
    rows = _filtered(fact, question, aggregates, bound)
    if is_worthwhile(names, aggregates):
        rows, aggregates = bundled(rows, names, aggregates)
    total = exp.Grouping(expressions=[exp.column(names[0])]) if names else exp.Literal.number(1)
    figures = (
        exp.alias_(cast(aggregates.get(each.name, exp.Null()), each.measure.unit.type), each.name) for each in counted
    )
    branch = exp.select(exp.alias_(total, _TOTAL), *map(exp.column, names), *figures, copy=False)
    branch = branch.from_(rows.subquery("counted_row", copy=False), copy=False)
    if names:
        levels = [exp.Tuple(expressions=[exp.column(name) for name in names]), exp.Tuple(expressions=[])]
        branch = branch.group_by(exp.GroupingSets(expressions=levels), copy=False)
    return branch if reach is None else within(branch, reach)


def _filtered(fact: Fact, question: Question, aggregates: Mapping[str, exp.Expr], bound: Bound) -> exp.Select:
    """The rows of a fact that the question is about, with the columns it needs."""
    names = [each.name for each in question.by]
    columns = sorted({column.name for tree in aggregates.values() for column in tree.find_all(exp.Column)})
    rows = from_fact(fact, [*names, *sorted(question.filtered - set(names))], columns)
    if question.where is None:
        return rows
    kept = map(exp.column, dict.fromkeys((*names, *columns)))
    kept_rows = exp.select(*(tuple(kept) or (_ROW.copy(),)), copy=False).from_(
        rows.subquery("fact_row", copy=False), copy=False
    )
    return kept_rows.where(_filter(question.where, question.filtered, bound), copy=False)


def _filter(where: Filter, filtered: Iterable[str], bound: Bound) -> exp.Expr:
    return condition(where, {name: DIMENSIONS[name].type for name in filtered}, exp.column, bound)


def _figure(counted: Counted) -> exp.Expr:
    """The one figure among the rows of a member; what is empty where its fact has none."""
    measure = counted.measure
    figure: exp.Expr = exp.Max(this=exp.column(counted.name))
    if measure.empty is not None:
        figure = cast(exp.Coalesce(this=figure, expressions=[exp.Literal.number(measure.empty)]), measure.unit.type)
    return exp.alias_(figure, counted.name)


def _shown(asked: Union[Measure, Ratio], names: Mapping[str, str]) -> exp.Expr:
    """The figure asked for, of the counted ones that bear ``names``."""
    if isinstance(asked, Measure):
        return exp.alias_(exp.column(names[asked.name]), asked.name)
    above, below = (as_double(exp.column(names[name])) for name in (asked.numerator, asked.denominator))
    divided = exp.Div(this=above, expression=exp.Nullif(this=below, expression=exp.Literal.number(0)))
    digits = exp.Literal.number(4 if asked.unit is Unit.MONEY else 6)
    return exp.alias_(cast(exp.Round(this=divided, decimals=digits), asked.unit.type), asked.name)


def _expression(dimension: Dimension) -> exp.Expr:
    tree = parsed(dimension.expression)
    for column in list(tree.find_all(exp.Column)):
        column.set("table", exp.to_identifier(dimension.lookup or "fact"))
    return tree


@cache
def _ready(lookup: Lookup) -> exp.Query:
    return parse_model(lookup.sql, lookup.name)


def _dimension_column(dimension: Dimension) -> ResultColumn:
    return ResultColumn(name=dimension.name, type=dimension.type, label=dimension.label)


def _measure_column(asked: Union[Measure, Ratio], view: View) -> ResultColumn:
    units = {Unit.MONEY: view.currency, Unit.DAYS: "days"}
    return ResultColumn(
        name=asked.name, type=asked.unit.type, unit=units.get(asked.unit), measure=True, label=asked.label
    )
