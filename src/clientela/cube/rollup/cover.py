"""Which roll-up answers a question, and the rows that it gives in the place of the fact's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache

from sqlglot import exp

from clientela.access.area import Area, Reach
from clientela.access.rows import OPEN, Asked, condition, look_up_only
from clientela.contracts.schema import AS_STORED
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, TIME, Dimension
from clientela.cube.declared.facts import FACTS
from clientela.cube.filters import Bound
from clientela.cube.rollup.rows import FACT, columns_of, expression, from_fact, looked_up, read_with, ready
from clientela.cube.rollup.shape import LEVEL, SEEN_IN, Rollup, finer, is_plain, level_of, tells_home
from clientela.cube.rollup.steps import as_said, first_steps, held_for, second_step
from clientela.cube.scoped import asked, within
from clientela.warehouse.portable import base_tables

MOST_CUSTOMERS = 1_000  # whose rows are counted beside a roll-up
# The column that says whether a row is in a limit.
_LIMITED_BY = {"territories": SEEN_IN, "products": "product_id", "campaigns": "campaign_id"}


def adds_up_to(rollup: Rollup, names: Collection[str], aggregate: str, reach: Reach | None) -> bool:
    """Whether the rows of a roll-up add up to an aggregate.

    Parameters
    ----------
    names : the dimensions that the question is seen and filtered by
    reach : the rows that whoever asks may see; None: all
    """
    steps = held_for(aggregate)
    if steps is None or not steps <= rollup.holds or not can_limit(rollup, reach):
        return False
    if not is_everything(reach) and not all(map(_is_open, names)):
        return False
    return all(finer(name, rollup.by) is not None for name in names)


def was_counted_at(
    rollup: Rollup, by: Sequence[str], pinned: Collection[str], aggregate: str, reach: Reach | None
) -> bool:
    """Whether a roll-up holds an aggregate at the very levels of a question whose filter only holds ``pinned`` fast."""
    said = as_said(aggregate)
    if said not in rollup.holds or not {frozenset({*by, *pinned}), frozenset(pinned)} <= rollup.at:
        return False
    if is_everything(reach):
        return True
    if rollup.days is None:
        return _tells_sets(rollup, by, pinned, said, reach or ())
    return can_limit(rollup, reach) and all(map(_is_open, {*by, *pinned}))


def _tells_sets(rollup: Rollup, by: Sequence[str], pinned: Collection[str], said: str, reach: Reach) -> bool:
    """Whether a roll-up by sets of territories counts within a reach, but for those of a few customers."""
    if not rollup.by_sets or not all(map(_is_open, {*by, *pinned})):
        return False
    own, rest = parted(rollup, reach)
    whole = all(area.limits == ("customers",) and _is_small(area) for area in rest)  # all of theirs is read
    return bool(own) and whole and not (rest and (said, "") in rollup.shared)


def is_everything(reach: Reach | None) -> bool:
    """Whether no row lies outside a reach."""
    return reach is None or any(not area.limits for area in reach)


def can_limit(rollup: Rollup, reach: Reach | None) -> bool:
    """Whether a roll-up's own columns say which of its rows lie within a reach, but for those of a few customers."""
    if is_everything(reach):
        return True
    own, rest = parted(rollup, reach or ())
    of_one = rollup.days is not None
    beside = bool(own) and (of_one or tells_home(rollup.fact))
    return (of_one or is_plain(rollup.fact)) and (not rest or beside) and all(map(_is_small, rest))


@cache
def _is_open(name: str) -> bool:
    """Whether a dimension is the same for whoever asks: those it is looked up in tell of nobody."""
    lookup = DIMENSIONS[name].lookup
    return lookup is None or {table.name for table in base_tables(ready(LOOKUPS[lookup]))} <= OPEN


def parted(rollup: Rollup, reach: Reach) -> tuple[Reach, Reach]:
    """The areas that a roll-up's own columns tell, and the others."""
    told = (SEEN_IN,) if rollup.by_sets else rollup.by
    own = tuple(area for area in reach if all(_LIMITED_BY.get(limit) in told for limit in area.limits))
    return own, tuple(area for area in reach if area not in own)


def _is_small(area: Area) -> bool:
    """Whether few rows lie in an area: those of customers who are named."""
    return area.customers is not None and len(area.customers) <= MOST_CUSTOMERS


def added_up(
    rollup: Rollup,
    names: Collection[str],
    aggregates: Mapping[str, exp.Expr],
    reach: Reach | None,
    bound: Bound,
) -> tuple[exp.Select, dict[str, exp.Expr]]:
    """The rows of a roll-up that `adds_up_to` these aggregates, with dimensions, and what is taken of its columns."""
    held = {part.sql: part.column for part in rollup.parts}
    columns = sorted({held[sql] for each in aggregates.values() for sql in first_steps(each) or ()})
    dimensions = [DIMENSIONS[name] for name in names]
    shown = {each.name: _expression(rollup, each) for each in dimensions}
    lookups = {each.lookup for each in dimensions if each.lookup is not None and each.name not in rollup.by}
    read = dict.fromkeys((*(finer(name, rollup.by) or name for name in names), *columns))
    rows = exp.Select(expressions=[*map(exp.column, read)]).from_(stored(rollup), copy=False)
    limited = limited_to(rollup, reach, bound)
    if limited is not None:
        rows = rows.where(limited, copy=False)
    return looked_up(rows, shown, lookups, columns), {
        name: second_step(tree, held) for name, tree in aggregates.items()
    }


def beside(
    rollup: Rollup,
    names: Sequence[str],
    aggregates: Mapping[str, exp.Expr],
    reach: Reach,
    tables: Collection[str],
    bound: Bound,
) -> exp.Select | None:
    """What the areas hold that a roll-up cannot tell, less what it has told, as rows of its columns; None: nothing.

    Parameters
    ----------
    tables : those that the snapshot holds
    """
    own, rest = parted(rollup, reach)
    if not rest:
        return None
    fact = FACTS[rollup.fact]
    held = {part.sql: part.column for part in rollup.parts}
    steps = {held[sql]: tree for each in aggregates.values() for sql, tree in (first_steps(each) or {}).items()}
    rows = from_fact(fact, *read_with(fact, names, columns_of(steps.values())))
    told = already_told(rollup.fact, own, named_in(rest, bound), tables, bound)
    if told is not None:
        rows = rows.where(exp.Not(this=told), copy=False)
    members = [exp.column(name) for name in names]
    figures = [exp.alias_(steps[name].copy(), name, copy=False) for name in sorted(steps)]
    counted = exp.Select(expressions=[*members, *figures]).from_(rows.subquery("whose", copy=False), copy=False)
    return within(counted.group_by(*(each.copy() for each in members), copy=False) if members else counted, rest)


def named_in(rest: Reach, bound: Bound) -> exp.Subquery:
    """The query of the customers who are named one by one."""
    named = sorted({who for area in rest for who in area.customers or ()})
    return exp.Subquery(this=exp.select(exp.Explode(this=bound.bind(named))))


def already_told(fact: str, own: Reach, those: exp.Subquery, tables: Collection[str], bound: Bound) -> exp.Expr | None:
    """Whether a row of some customers lies in ``own``; None where all do.

    Parameters
    ----------
    those : the query of these customers: where they are at home is looked up for them alone
    """
    (table,) = FACTS[fact].tables
    told = condition(replace(asked(table, tables), columns=tuple(FACTS[fact].rows.named_selects)), own, bound.bind)
    if told is None:
        return None
    look_up_only(told, "customer_id", those)
    for column in list(told.find_all(exp.Column)):
        if column.find_ancestor(exp.Select) is None:
            column.set("table", exp.to_identifier(FACT))
    return exp.Coalesce(this=exp.Paren(this=told), expressions=[exp.false()])


def _expression(rollup: Rollup, dimension: Dimension) -> exp.Expr:
    """A dimension over the columns of a roll-up: its own column, or worked out from a finer one."""
    if dimension.name in rollup.by:
        return exp.column(dimension.name, FACT)
    tree = expression(dimension)
    if dimension.name in TIME:
        for column in list(tree.find_all(exp.Column)):
            column.set("this", exp.to_identifier(finer(dimension.name, rollup.by)))
    return tree


def limited_to(rollup: Rollup, reach: Reach | None, bound: Bound) -> exp.Expr | None:
    """The condition of the areas that a roll-up's own columns tell, on these; None where nothing is limited."""
    return None if is_everything(reach) else _within(rollup, parted(rollup, reach or ())[0], bound)


def _within(rollup: Rollup, reach: Reach, bound: Bound) -> exp.Expr | None:
    """The condition of a reach, over the territory that a row is seen in in the place of the one that it names."""
    limited = condition(Asked(rollup.table, ("territory_id", "product_id", "campaign_id"), {}), reach, bound.bind)
    for column in () if limited is None else list(limited.find_all(exp.Column)):
        if column.name == "territory_id":
            column.set("this", exp.to_identifier(SEEN_IN))
    return limited


def at_level(rollup: Rollup, names: Collection[str], columns: Sequence[exp.Expr]) -> exp.Select:
    """The rows of a roll-up that were counted by ``names`` alone; of one by sets of territories, those of each set."""
    level = exp.EQ(this=exp.column(LEVEL), expression=exp.Literal.number(level_of(rollup.by, names)))
    return exp.Select(expressions=[*columns]).from_(stored(rollup), copy=False).where(level, copy=False)


def stored(rollup: Rollup) -> exp.Table:
    """The table of a roll-up. It is read as it lies there: its date and its rows were decided when it was counted."""
    table = exp.Table(this=exp.to_identifier(rollup.table))
    table.meta[AS_STORED] = True
    return table
