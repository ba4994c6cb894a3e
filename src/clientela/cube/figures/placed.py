"""Different customers or orders of somebody who sees some territories, from a roll-up by sets of territories.

Counted are those whose set holds a territory that is seen, and beside them those of single accounts who were met in
none of these territories: their few rows are read from the fact itself.

What is worked out of purchases comes from a roll-up of the customers of one territory each, and from the days of those
of several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.contracts.schema import AS_STORED, Type
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import FACTS
from clientela.cube.fields import cast
from clientela.cube.figures.counting import from_rows
from clientela.cube.figures.lines import CUSTOMER, TOTAL, counted_row, held_to
from clientela.cube.figures.question import Question
from clientela.cube.figures.source import Counted, Source
from clientela.cube.filters import Bound
from clientela.cube.rollup.cover import already_told, at_level, is_everything, limited_to, named_in, parted, stored
from clientela.cube.rollup.moved import over_days
from clientela.cube.rollup.rows import FACT, columns_of, from_fact, read_with
from clientela.cube.rollup.shape import LEVEL, MET_IN, MET_WITH, OF_SETS, SEEN_IN, Rollup
from clientela.cube.rollup.steps import Different, different
from clientela.cube.scoped import within
from clientela.cube.view import View

_NAMED, _TOLD, _LAST = "of_named", "is_told", "counted_cell"


def placed(
    rollup: Rollup, source: Source, counted: Sequence[Counted], question: Question, bound: Bound, view: View
) -> exp.Query:
    """What a roll-up by sets of territories gives, at the level asked for and in total; null for what others count."""
    names, pinned = [each.name for each in question.by], sorted(question.filtered)
    every, reach = list(dict.fromkeys((*names, *pinned))), source.reach or ()
    held = {part.sql: part.column for part in rollup.parts}
    columns = {each.name: held[each.aggregate.sql("duckdb")] for each in source.counted}
    own, rest = ((), ()) if is_everything(source.reach) else parted(rollup, reach)
    counts = {columns[each.name]: told for each in source.counted if (told := different(each.aggregate)) is not None}
    levels = [(1, pinned, [])] if not names else [(0, every, names), (1, pinned, [])]
    branches = []
    for is_total, at, shown in levels:
        cells: exp.Query = _of_sets(rollup, at, sorted(counts), own, bound)
        if rest:
            cells = exp.union(cells, *_of_named(at, counts), distinct=False, copy=False)
        branches.append(_added(cells, is_total, shown, question, counted, columns, bound))
    rows: exp.Query = branches[0] if len(branches) == 1 else exp.union(*branches, distinct=False, copy=False)
    if not rest:
        return rows
    named = _named(rollup, every, counts, own, rest, view, bound)
    rows = rows.with_(_NAMED, as_=named, materialized=True, copy=False)  # of a select of its own, to stand in a union
    return exp.Select(expressions=[exp.Star()]).from_(rows.subquery("of_those", copy=False), copy=False)


def with_several(
    rollup: Rollup, source: Source, counted: Sequence[Counted], question: Question, bound: Bound, view: View
) -> exp.Query:
    """What a roll-up of the customers of one territory gives and those of several add: nobody is among both."""
    names, pinned = [each.name for each in question.by], sorted(question.filtered)
    held = {part.sql: part.column for part in rollup.parts}
    figures = {each.name: exp.column(held[each.aggregate.sql("duckdb")]) for each in source.counted}
    levels = [(0, names, [*names, *pinned])] if names else []
    branches: list[exp.Query] = [counted_row(exp.Literal.number(1), _nobody(question), counted, {})]  # of nothing
    for is_total, shown, at in (*levels, (1, [], pinned)):
        members = [exp.column(name) for name in shown] or _nobody(question)
        row = counted_row(exp.Literal.number(is_total), members, counted, figures)
        rows = at_level(rollup, (*at, SEEN_IN), row.expressions)
        limited = limited_to(rollup, source.reach, bound)
        rows = rows if limited is None else rows.where(limited, copy=False)
        if question.where is not None:
            rows = rows.where(held_to(question.where, question.filtered, bound), copy=False)
        branches.append(rows)
    others = over_days(from_rows(source, counted, question, bound), rollup, source.reach, view.tables, bound)
    if others is not None:
        branches.append(others)
    every = exp.union(*branches, distinct=False, copy=False)
    levels_shown = [exp.column(name) for name in (TOTAL, *names)]
    added = [
        exp.alias_(cast(exp.Sum(this=exp.column(each.name)), each.measure.unit.type), each.name) for each in counted
    ]
    told = exp.Select(expressions=[*levels_shown, *added]).from_(every.subquery("both", copy=False), copy=False)
    return told.group_by(*(each.copy() for each in levels_shown), copy=False)


def _nobody(question: Question) -> list[exp.Expr]:
    """What stands in the place of the members in the row of the total."""
    return [exp.alias_(cast(exp.Null(), DIMENSIONS[each.name].type), each.name) for each in question.by]


def _of_sets(rollup: Rollup, names: Sequence[str], columns: Sequence[str], own: Reach, bound: Bound) -> exp.Select:
    """The cells of a level, each once for every set of territories of which one is seen."""
    rows = at_level(rollup, names, [exp.column(name) for name in (*names, *columns)])
    if not own:
        return rows
    seen = sorted({place for area in own for place in area.territories or ()})
    among = exp.In(
        this=exp.column(SEEN_IN), query=exp.Subquery(this=exp.Select(expressions=[exp.Explode(this=bound.bind(seen))]))
    )
    of_sets = exp.EQ(this=exp.column(LEVEL), expression=exp.Literal.number(OF_SETS))
    sets = exp.select(MET_IN).from_(stored(rollup)).where(of_sets, among, copy=False)
    return rows.where(exp.In(this=exp.column(MET_IN), query=exp.Subquery(this=sets)), copy=False)


def _named(
    rollup: Rollup,
    names: Sequence[str],
    counts: Mapping[str, Different],
    own: Reach,
    rest: Reach,
    view: View,
    bound: Bound,
) -> exp.Query:
    """The rows of the customers who are named, and whether each lies in a territory that is seen as well.

    With them those of others who share an order with them, if they lie in such a territory: then the order is told.
    """
    read = columns_of(told.counts for told in counts.values()) | {CUSTOMER}
    read |= {key for told in counts.values() for key in told.keys}
    lines = from_fact(FACTS[rollup.fact], *read_with(FACTS[rollup.fact], names, read))
    those, columns = named_in(rest, bound), {part.sql: part.column for part in rollup.parts}
    met = sorted({table for sql, table in rollup.shared if columns[sql] in counts})
    among = those
    if met:  # these customers, and who shares an order with them
        among = exp.Subquery(this=exp.union(those.this, *(_met_with(each, those) for each in met), distinct=False))
        lines = lines.where(exp.In(this=exp.column(CUSTOMER, FACT), query=among), copy=False)
    told = already_told(rollup.fact, own, among, view.tables, bound) or exp.true()
    lines = lines.select(exp.alias_(told, _TOLD), copy=False)
    if not met:
        return within(lines, rest)
    theirs = exp.or_(exp.column(_TOLD), exp.In(this=exp.column(CUSTOMER), query=those.copy()))
    seen = exp.select(exp.Star()).from_(lines.subquery("of_any", copy=False), copy=False).where(theirs, copy=False)
    return within(seen, EVERYTHING)  # the condition says which: those in a territory seen, and those of the accounts


def _met_with(table: str, those: exp.Subquery) -> exp.Select:
    """Who else has lines of the orders of some customers."""
    stored_as = exp.Table(this=exp.to_identifier(table))
    stored_as.meta[AS_STORED] = True
    found = exp.select(MET_WITH).from_(stored_as, copy=False)
    return found.where(exp.In(this=exp.column(CUSTOMER), query=those.copy()), copy=False)


def _of_named(names: Sequence[str], counts: Mapping[str, Different]) -> Iterator[exp.Select]:
    """The cells of the customers who are named: which there are, and how many in them are met in no territory seen."""
    members = [exp.column(name) for name in names]

    def cells(rows: exp.Select | str, counted: Mapping[str, exp.Expr]) -> exp.Select:
        figures = [exp.alias_(counted.get(column, exp.Literal.number(0)), column) for column in sorted(counts)]
        return exp.select(*(each.copy() for each in members), *figures).from_(rows)

    yield cells(_NAMED, {}).distinct()
    for column, told in counts.items():
        grain = [exp.column(name) for name in dict.fromkeys((*names, *told.keys))]
        is_told = exp.alias_(exp.LogicalOr(this=exp.column(_TOLD)), _TOLD)
        met = exp.select(*grain, is_told).from_(_NAMED).where(told.counts.copy())
        met = met.group_by(*(each.copy() for each in grain), copy=False)
        new = exp.CountIf(this=exp.Not(this=exp.column(_TOLD)))
        many = cells(met.subquery("met", copy=False), {column: new})  # type: ignore[arg-type] # a subquery is read too
        yield many.group_by(*(each.copy() for each in members), copy=False) if members else many


def _added(
    cells: exp.Query,
    is_total: int,
    shown: Sequence[str],
    question: Question,
    counted: Sequence[Counted],
    columns: Mapping[str, str],
    bound: Bound,
) -> exp.Select:
    """The cells that the filter lets through, added up to one row of each member."""
    figures: dict[str, exp.Expr] = {}
    for name, column in columns.items():
        many = cast(exp.Sum(this=exp.column(column)), Type.INT)
        figures[name] = exp.Coalesce(this=many, expressions=[exp.Literal.number(0)])
    members: list[exp.Expr] = [exp.column(name) for name in shown]
    if is_total:
        members = _nobody(question)
    row = counted_row(exp.Literal.number(is_total), members, counted, figures)
    row = row.from_(cells.subquery(_LAST, copy=False), copy=False)
    if question.where is not None:
        row = row.where(held_to(question.where, question.filtered, bound), copy=False)
    return row.group_by(*map(exp.column, shown), copy=False) if shown else row
