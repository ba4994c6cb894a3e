"""The query that makes a roll-up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from clientela.access.rows import HOME
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Measure
from clientela.cube.fields import cast
from clientela.cube.rollup.bundle import bundled, is_worthwhile
from clientela.cube.rollup.moved import is_of_one, settled
from clientela.cube.rollup.rows import columns_of, from_fact, read_with, seen_in
from clientela.cube.rollup.sets import counted_by_sets
from clientela.cube.rollup.shape import LEVEL, MET_IN, SEEN_IN, Part, Rollup, meaning
from clientela.cube.rollup.steps import HELD, Different, different, first_steps, is_of_customers


def planned(
    table: str,
    fact: str,
    by: Iterable[str],
    measures: Iterable[Measure],
    levels: Iterable[Iterable[str]] = (),
    *,
    by_sets: bool = False,
) -> Rollup:
    """A roll-up that is not yet counted, without the measures that it cannot hold.

    Without levels these are those that cannot be added up; by sets of territories, those that count no different ones.
    What is worked out of purchases is counted by the one territory of each customer instead of by sets.
    """
    by, at = tuple(by), tuple(tuple(level) for level in levels)
    of_one = by_sets and FACTS[fact].of_purchases
    if of_one:
        by, at, by_sets = (*by, SEEN_IN), tuple((*level, SEEN_IN) for level in at), False
    parts: dict[str, Part] = {}
    for each in measures:
        tree = parsed(each.aggregate)
        found = {tree.sql("duckdb"): tree} if at else first_steps(tree) or {}
        if (by_sets and different(tree) is None) or (of_one and not is_of_customers(each.aggregate)):
            continue
        for sql in found:
            parts.setdefault(sql, Part(sql, f"part_{len(parts)}", each.unit.type))
    held_parts = tuple(parts.values())
    return Rollup(table=table, fact=fact, by=by, parts=held_parts, levels=at, meant=meaning(fact, by), by_sets=by_sets)


def counting(rollup: Rollup, tables: Collection[str]) -> exp.Select:
    """What gives the rows of a roll-up, over whole tables.

    Parameters
    ----------
    tables : those there are
    """
    fact = FACTS[rollup.fact]
    names = [name for name in rollup.by if name != SEEN_IN]
    trees = {part.column: parsed(part.sql) for part in rollup.parts}
    read = columns_of(trees.values()) | ({"customer_id"} if is_of_one(rollup) else set())
    rows = from_fact(fact, *read_with(fact, names, read))
    if is_of_one(rollup):
        rows = settled(rows, at_home=HOME in tables)
    elif SEEN_IN in rollup.by or rollup.by_sets:
        rows = seen_in(rows, at_home=HOME in tables)
    if rollup.by_sets:
        return counted_by_sets(rollup, rows)
    if rollup.levels and is_worthwhile(names, trees):
        rows, trees = bundled(rows, names, trees)
    figures = [
        exp.alias_(cast(trees[part.column], part.type) if rollup.levels else trees[part.column], part.column)
        for part in rollup.parts
    ]
    counted = exp.select(*map(exp.column, rollup.by), *figures, copy=False)
    counted = counted.from_(rows.subquery("counted_row", copy=False), copy=False)
    if rollup.levels:
        level = exp.Grouping(expressions=[exp.column(name) for name in rollup.by])
        counted = counted.select(exp.alias_(cast(level if rollup.by else exp.Literal.number(0), HELD["BIGINT"]), LEVEL))
        sets = [exp.Tuple(expressions=[exp.column(name) for name in each]) for each in rollup.levels]
        return counted.group_by(exp.GroupingSets(expressions=sets), copy=False) if rollup.by else counted
    if not rollup.by:
        return counted
    return counted.group_by(*map(exp.column, rollup.by), copy=False).order_by(*map(exp.column, rollup.by), copy=False)


def shareable(rollup: Rollup) -> dict[str, tuple[exp.Select, Different]]:
    """By the SQL of what a roll-up by sets counts, and several customers may share: the rows and what is counted.

    What is told apart by its customer, among others, is never shared.
    """
    found, fact = {}, FACTS[rollup.fact]
    for part in rollup.parts:
        told = different(parsed(part.sql)) if rollup.by_sets else None
        if told is not None and "customer_id" not in told.keys:
            read = {*columns_of([told.where]), *told.keys, "customer_id"}
            found[part.sql] = (from_fact(fact, *read_with(fact, (), read)), told)
    return found


def typed(rollup: Rollup, types: Mapping[str, str]) -> Rollup:
    """The roll-up with the type that holds each of its columns to the last digit; without those that none holds.

    Parameters
    ----------
    types : what the engine gives for each column
    """
    if rollup.levels:
        return rollup
    parts = tuple(replace(part, type=HELD[types[part.column]]) for part in rollup.parts if types[part.column] in HELD)
    return replace(rollup, parts=parts)


def held(rollup: Rollup, counted: exp.Select) -> exp.Select:
    """The rows of ``counted`` in the types that the roll-up's table has; an error where a value does not fit."""
    columns: list[exp.Expr] = [exp.column(name) for name in ((LEVEL,) if rollup.levels else ())]
    columns += [exp.column(name) for name in (*rollup.by, *((MET_IN, SEEN_IN) if rollup.by_sets else ()))]
    columns += [exp.alias_(cast(exp.column(part.column), part.type), part.column) for part in rollup.parts]
    order, counted = counted.args.get("order"), counted.copy()
    counted.set("order", None)
    rows = exp.select(*columns, copy=False).from_(counted.subquery("made", copy=False), copy=False)
    if order is not None:
        rows.set("order", order.copy())
    return rows
