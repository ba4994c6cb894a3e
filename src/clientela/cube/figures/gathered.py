"""Lines put together by what a dimension is worked out from, before it is worked out: of a day, not of every line.

Revenue by category is revenue by product first, whose few thousand rows are looked up and added up; that by month is
that by day first. The total is added up from the same few rows. Only what adds up to the last digit is counted so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlglot import exp

from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, TIME, parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.rollup.rows import FACT, expression, looked_up
from clientela.cube.rollup.shape import is_plain
from clientela.cube.rollup.steps import first_steps, second_step

_DAY = "day"
_FEW = frozenset({"of_territory", "of_campaign", "of_owner", "of_agent"})  # reference tables of few rows
_DOUBLES = {exp.DType.DOUBLE, exp.DType.FLOAT}  # a sum of these hangs on its order, as does one of what was divided


def keys_of(fact: Fact, names: Sequence[str], aggregates: Iterable[str]) -> tuple[str, ...] | None:
    """What lines are put together by first; None where that spares nothing, or would not be exact.

    Parameters
    ----------
    names : the dimensions that the figures are seen by
    aggregates : how they are counted, as declared
    """
    keys = tuple(_key(name, alone=len(names) == 1) for name in names)
    if keys == (*names,) or not {*keys} <= fact.dimensions:
        return None
    return keys if is_plain(fact.name) and all(map(_adds_up, aggregates)) else None


def _key(name: str, *, alone: bool) -> str:
    """The column in the place of a dimension; beside another one only where it has few members: else most rows stay."""
    if alone or DIMENSIONS[name].lookup in _FEW:
        return key_below(name) or name
    return name


@cache
def key_below(name: str) -> str | None:
    """The one column of a fact that a dimension is worked out from; None where there may be several members of one.

    Examples
    --------
    >>> key_below("month"), key_below("category"), key_below("channel"), key_below("segment")
    ('day', 'product_id', 'channel', None)
    """
    if name in TIME:
        return _DAY
    lookup = DIMENSIONS[name].lookup
    if lookup is None:
        return name
    return None if LOOKUPS[lookup].many or LOOKUPS[lookup].key not in DIMENSIONS else LOOKUPS[lookup].key


def gathered(
    rows: exp.Select, keys: Sequence[str], names: Sequence[str], aggregates: Mapping[str, exp.Expr]
) -> tuple[exp.Select, dict[str, exp.Expr]]:
    """One row for each combination of ``keys`` with the dimensions ``names``, and the aggregates over these.

    Parameters
    ----------
    rows : of the fact, with the columns ``keys`` and those that the aggregates read
    """
    steps = {sql: tree for each in aggregates.values() for sql, tree in (first_steps(each) or {}).items()}
    columns = {sql: f"part_{number}" for number, sql in enumerate(steps)}
    parts = [exp.alias_(steps[sql].copy(), column, copy=False) for sql, column in columns.items()]
    few = exp.Select(expressions=[*map(exp.column, dict.fromkeys(keys)), *parts])
    few = few.from_(rows.subquery("line", copy=False), copy=False)
    few = few.group_by(*map(exp.column, dict.fromkeys(keys)), copy=False)
    told = {name: exp.column(name, FACT) if name in keys else expression(DIMENSIONS[name]) for name in names}
    lookups = {each for name in names if name not in keys and (each := DIMENSIONS[name].lookup) is not None}
    shown = looked_up(few, told, lookups, [*columns.values()])
    return shown, {each: second_step(tree, columns) for each, tree in aggregates.items()}


@cache
def _adds_up(aggregate: str) -> bool:
    """Whether an aggregate can be had in two steps, each of them exact."""
    tree = parsed(aggregate)
    types = {node.this for node in tree.find_all(exp.DataType)}
    return first_steps(tree) is not None and tree.find(exp.Div) is None and not types & _DOUBLES
