"""Figures: measures by dimensions, right at every level.

Each fact is counted by itself, at the finest level asked for and at the level of the total; the
counted rows are put under each other, and one row is made of those of the same members. So two
facts never multiply each other, and a total counts anew instead of adding up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.analysis import Result, ResultColumn
from clientela.contracts.filter import Filter
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, Dimension
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Figure, Measure, Ratio, Unit, named_in, parts_of, rests_on
from clientela.cube.fields import as_double, cast
from clientela.cube.figures.counting import from_rows, total_and_members
from clientela.cube.figures.lines import CUSTOMER, TOTAL, counted_row, held_to, kept
from clientela.cube.figures.placed import placed, with_several
from clientela.cube.figures.question import Question, picked, understood
from clientela.cube.figures.source import Counted, Source, sources
from clientela.cube.filters import SEGMENT, Bound
from clientela.cube.rollup.cover import added_up, at_level, beside, is_everything
from clientela.cube.rollup.moved import of_several
from clientela.cube.rollup.rows import from_fact
from clientela.cube.rollup.shape import Rollup
from clientela.cube.scoped import Kinds, within
from clientela.cube.view import View


def query(
    view: View,
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Filter | None = None,
    *,
    order: Sequence[str] = (),
    limit: int | None = None,
    seen_with: Sequence[str] = (),
) -> Result:
    """The figures of ``measures`` for each combination of ``by``, and their total.

    Parameters
    ----------
    order
        Names of columns to sort by, each with a ``-`` before it to put the largest first. Unknown
        comes last; ties are broken by ``by``.
    limit
        How many rows to give at most; the total is of all rows.
    seen_with
        Dimensions of figures that these stand beside, such as their parts: somebody who may see some rows by one
        dimension only is told these figures of the rows that they see by all of them.

    Raises
    ------
    UnknownNameError, UnreachableError, QueryError
        A name is not known, a measure's fact has no such dimension, or a value has the wrong type.
    """
    question = understood(measures, by, where, order, limit, view.catalogue.measures, seen_with)
    bound = Bound()
    rows = view.rows(plan(question, bound, view), bound.values, own=True)
    width = len(question.by)
    total = next((row[1:] for row in rows if row[0]), None)
    if any(each.lookup is not None and LOOKUPS[each.lookup].many for each in question.by):
        beside = [*dict.fromkeys((*by, *seen_with))]  # of the rows that the figures by member are of
        whole = query(view, measures, (), where, seen_with=beside).totals or ()  # who is in two of them counts once
        total = (*(None for _ in question.by), *whole)
    return Result(
        columns=(
            *(_dimension_column(each) for each in question.by),
            *(_measure_column(m, view) for m in question.asked),
        ),
        rows=tuple(row[1:] for row in rows if not row[0] or not width),
        totals=total,
    )


def plan(question: Question, bound: Bound, view: View) -> exp.Select:
    """The one query that answers the question: ``is_total``, the dimensions, the measures; the total first."""
    shown, counted = to_count(question, view)
    levels = [TOTAL, *(each.name for each in question.by)]
    found = sources(question, counted, view.rollups, FACTS)
    branches = [_branch(source, counted, question, bound, view) for source in found]
    every = branches[0] if len(branches) == 1 else exp.union(*branches, distinct=False, copy=False)
    figures = exp.select(*map(exp.column, levels), *map(_figure, counted), copy=False)
    figures = figures.from_(every.subquery("counted", copy=False), copy=False)
    figures = figures.group_by(*map(exp.column, levels), copy=False)
    rows = exp.select(*map(exp.column, levels), *shown, copy=False)
    rows = rows.from_(figures.subquery("figure", copy=False), copy=False)
    sorted_by = ((TOTAL, True), *question.order)
    ordered = (exp.Ordered(this=exp.column(name), desc=down, nulls_first=False) for name, down in sorted_by)
    rows = rows.order_by(*ordered, copy=False)
    return rows if question.limit is None else rows.limit(question.limit + 1, copy=False)


def to_count(question: Question, view: View) -> tuple[list[exp.Expr], list[Counted]]:
    """What is shown, and what is counted for it: a measure once for each reach in which some figure needs it."""
    counted: dict[tuple[str, Reach | None, Kinds], Counted] = {}
    shown, known = [], view.catalogue.measures
    for asked in question.asked:
        parts = parts_of(asked, known)
        asks = (rests_on(asked, known), [FACTS[part.fact] for part in parts], question.dimensions)
        reach, kinds = view.reach_of_figure(*asks), view.kinds_of_figure(*asks)
        for part in parts:
            if (part.name, reach, kinds) not in counted:
                again = sum(name == part.name for name, *_ in counted)
                name = f"{part.name}_{again}" if again else part.name
                counted[part.name, reach, kinds] = Counted(name, part, reach, kinds)
        shown.append(_shown(asked, {part.name: counted[part.name, reach, kinds].name for part in parts}, known))
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
    by_segment = dimension == SEGMENT
    beside = [name for name in sorted(filtered) if by_segment or name != SEGMENT]
    owner = () if len(beside) == len(filtered) else (CUSTOMER,)
    rows = from_fact(fact, dict.fromkeys((dimension, *beside)), owner)
    values = exp.select(dimension).distinct().from_(rows.subquery("line"))
    values = values.where(exp.not_(exp.Is(this=exp.column(dimension), expression=exp.Null())))
    if where is not None:
        values = values.where(held_to(where, filtered, bound, by_segment=by_segment))
    named = [DIMENSIONS[name] for name in sorted({dimension, *filtered})]
    reach = view.reach_of_members(fact, named)
    if reach is not None:
        within(values, reach, view.kinds_of_members(fact, named))
    return tuple(row[0] for row in view.rows(values.order_by(dimension).limit(limit), bound.values))


def _branch(source: Source, counted: Sequence[Counted], question: Question, bound: Bound, view: View) -> exp.Query:
    """What one source gives, at the level asked for and in total; null for what others count."""
    rollup, names = source.rollup, [each.name for each in question.by]
    aggregates = {each.name: each.aggregate for each in source.counted}
    if rollup is not None and rollup.by_sets:
        return placed(rollup, source, counted, question, bound, view)
    if rollup is not None and rollup.levels and rollup.days is not None:
        branch = with_several(rollup, source, counted, question, bound, view)
        return branch if source.reach is None else within(branch, source.reach, source.kinds)
    if rollup is not None and rollup.levels:
        return _as_counted(rollup, aggregates, counted, question, bound)
    if rollup is None:
        branch = from_rows(source, counted, question, bound)
    else:
        asked = [*names, *sorted(question.filtered - set(names))]
        rows, over = _added_up(rollup, asked, aggregates, source.reach, view, bound)
        branch = total_and_members(kept(rows, question, over, bound), names, counted, over)
    return branch if source.reach is None else within(branch, source.reach, source.kinds)


def _added_up(
    rollup: Rollup,
    names: Sequence[str],
    aggregates: Mapping[str, exp.Expr],
    reach: Reach | None,
    view: View,
    bound: Bound,
) -> tuple[exp.Select, dict[str, exp.Expr]]:
    """The rows of a roll-up, those beside it that only the fact itself tells, and what is taken over both."""
    rows, over = added_up(rollup, names, aggregates, reach, bound)
    if rollup.days is not None:
        others = of_several(rollup, names, aggregates, reach, view.tables, bound)
    else:
        others = None if is_everything(reach) else beside(rollup, names, aggregates, reach or (), view.tables, bound)
    if others is None:
        return rows, over
    columns = [*names, *others.named_selects[len(names) :]]
    both = exp.union(
        exp.Select(expressions=[*map(exp.column, columns)]).from_(rows.subquery("rolled", copy=False), copy=False),
        others,
        distinct=False,
        copy=False,
    )
    every = exp.Select(expressions=[*map(exp.column, columns)])
    return every.from_(both.subquery("both", copy=False), copy=False), over


def _as_counted(
    rollup: Rollup, aggregates: Mapping[str, exp.Expr], counted: Sequence[Counted], question: Question, bound: Bound
) -> exp.Query:
    """The figures of a roll-up that was counted at the very levels asked for."""
    held = {part.sql: part.column for part in rollup.parts}
    names = [each.name for each in question.by]
    nobody = [exp.alias_(cast(exp.Null(), each.type), each.name) for each in question.by]
    pinned = [*question.filtered]

    def level(is_total: int, members: Iterable[exp.Expr], by: Sequence[str]) -> exp.Select:
        figures = {name: exp.column(held[tree.sql("duckdb")]) for name, tree in aggregates.items()}
        row = counted_row(exp.Literal.number(is_total), members, counted, figures)
        rows = at_level(rollup, by, row.expressions)
        if question.where is not None:
            rows = rows.where(held_to(question.where, question.filtered, bound), copy=False)
        return rows

    levels = [level(1, nobody, pinned)]
    if pinned:  # there may be no such member: its total is of nothing
        levels.append(counted_row(exp.Literal.number(1), [each.copy() for each in nobody], counted, {}))
    if names:
        levels.append(level(0, map(exp.column, names), [*names, *pinned]))
    return levels[0] if len(levels) == 1 else exp.union(*levels, distinct=False, copy=False)


def _figure(counted: Counted) -> exp.Expr:
    """The one figure among the rows of a member; what is empty where its fact has none."""
    measure = counted.measure
    figure: exp.Expr = exp.Max(this=exp.column(counted.name))
    if measure.empty is not None:
        figure = cast(exp.Coalesce(this=figure, expressions=[exp.Literal.number(measure.empty)]), measure.unit.type)
    return exp.alias_(figure, counted.name)


def _shown(asked: Figure, names: Mapping[str, str], known: Mapping[str, Figure]) -> exp.Expr:
    """The figure asked for, of the counted ones that bear ``names``."""
    return exp.alias_(_made(asked, names, known), asked.name)


def _made(asked: Figure, names: Mapping[str, str], known: Mapping[str, Figure]) -> exp.Expr:
    if isinstance(asked, Measure):
        return exp.column(names[asked.name])
    parts = [_made(known[name], names, known) for name in named_in(asked)]
    if isinstance(asked, Ratio):
        above, below = map(as_double, parts)
        divided = exp.Div(this=above, expression=exp.Nullif(this=below, expression=exp.Literal.number(0)))
        digits = exp.Literal.number(4 if asked.unit is Unit.MONEY else 6)
        return cast(exp.Round(this=divided, decimals=digits), asked.unit.type)
    first, *others = (
        part if sign > 0 else exp.Neg(this=exp.paren(part)) for (sign, _), part in zip(asked.terms, parts, strict=True)
    )
    added = first
    for each in others:
        added = exp.Add(this=added, expression=exp.paren(each))
    return cast(added, asked.unit.type)


def _dimension_column(dimension: Dimension) -> ResultColumn:
    return ResultColumn(name=dimension.name, type=dimension.type, label=dimension.label)


def _measure_column(asked: Figure, view: View) -> ResultColumn:
    units = {Unit.MONEY: view.currency, Unit.DAYS: "days"}
    return ResultColumn(
        name=asked.name, type=asked.unit.type, unit=units.get(asked.unit), measure=True, label=asked.label
    )
