"""How many customers each cell of the lattice tells of, and in how many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.lattice import COLUMN, PATHS, TIME_PATH
from clientela.cube.rollup.rows import from_fact
from clientela.cube.scoped import within
from clientela.cube.view import View

Path = tuple[Value, ...]
Cell = tuple[Path, ...]  # where it lies in time, and in each dimension beside it; () is all of it


class Told(NamedTuple):
    """Of how many different customers a cell tells, and in how many rows."""

    customers: int
    rows: int


def counted_cells(
    view: View, fact: Fact, reach: Reach, path: Sequence[str], rows_that_count: str | None = None
) -> Mapping[Cell, Told]:
    """What every cell with a row tells of, at every level of time and of ``path``.

    Rows that name no customer make a cell, and tell of nobody: a cell of such rows alone has 0 customers.

    Parameters
    ----------
    rows_that_count : of a company's own measure, which rows its figure tells of; None: all
    """
    time = _time(fact)
    names = [*time, *path]
    flags = [exp.alias_(exp.Grouping(expressions=[exp.column(name)]), f"over_{name}") for name in names]
    counted = exp.Count(this=exp.Distinct(expressions=[exp.column(COLUMN)]))
    all_rows = exp.Cast(this=exp.Sum(this=exp.column("of_rows")), to=exp.DataType.build("bigint"))
    figures = (exp.alias_(counted, "customers"), exp.alias_(all_rows, "of_rows"))
    cells = exp.select(*flags, *map(exp.column, names), *figures, copy=False)
    cells = cells.from_(
        _grouped(fact, names, [COLUMN], rows_that_count).subquery("counted_row", copy=False), copy=False
    )
    if names:
        cells = cells.group_by(exp.GroupingSets(expressions=list(map(_level, _levels(time, path)))), copy=False)
    axes = [len(time), *(1 for _ in path)]
    return {
        _cell(row[: len(names)], row[len(names) : -2], axes): Told(*row[-2:])
        for row in view.rows(within(cells, reach), {})
    }


def lone_times(view: View, fact: Fact, reach: Reach, rows_that_count: str | None = None) -> frozenset[Path]:
    """The months in which, seen by some dimension of the lattice, no cell of a customer has a second row.

    The cells of such a month would each be known to have one row: there are as many as the month has rows.
    """
    time = _time(fact)
    found: set[Path] = set()
    for path in PATHS:
        if not fact.dimensions.issuperset(path):
            continue
        finest = _grouped(fact, [*time, *path], [], rows_that_count)
        named = exp.Count(this=exp.column(COLUMN))
        cells = finest.select(exp.alias_(named, "of_customers"), copy=False).subquery("finest_cell", copy=False)
        of_customers = exp.GT(this=exp.column("of_customers"), expression=exp.Literal.number(0))
        months = exp.select(*map(exp.column, time), copy=False).from_(cells, copy=False).where(of_customers, copy=False)
        most = exp.Max(this=exp.column("of_rows"))
        lone = exp.EQ(this=most, expression=exp.Literal.number(1))
        months = months.select(exp.alias_(most.copy(), "most"), copy=False).having(lone, copy=False)
        if time:
            months = months.group_by(*map(exp.column, time), copy=False)
        found.update(tuple(row[:-1]) for row in view.rows(within(months, reach), {}))
    return frozenset(found)


def _time(fact: Fact) -> tuple[str, ...]:
    return TIME_PATH if "month" in fact.dimensions else ()


def _grouped(fact: Fact, names: Sequence[str], columns: Sequence[str], rows_that_count: str | None) -> exp.Select:
    """The rows that count, put together by dimensions and columns of the fact, with how many they are."""
    rows = from_fact(fact, names, [COLUMN])
    if rows_that_count is not None:
        rows = _that_count(fact, names, parsed(rows_that_count))
    keys = [*map(exp.column, (*names, *columns))]
    found = exp.select(*keys, exp.alias_(exp.Count(this=exp.Star()), "of_rows"), copy=False)
    found = found.from_(rows.subquery("kept_row", copy=False), copy=False)
    return found.group_by(*(key.copy() for key in keys), copy=False) if keys else found


def _that_count(fact: Fact, names: Sequence[str], condition: exp.Expr) -> exp.Select:
    """The rows of a fact under a condition on its columns, and on dimensions that it reaches."""
    read = sorted({column.name for column in condition.find_all(exp.Column)} - {*names, COLUMN})
    columns = [name for name in read if name in fact.rows.named_selects]
    every = from_fact(fact, [*names, *(name for name in read if name not in columns)], [COLUMN, *columns])
    kept = exp.select(*map(exp.column, (*names, COLUMN)), copy=False)
    return kept.from_(every.subquery("fact_row", copy=False), copy=False).where(condition, copy=False)


def _levels(time: Sequence[str], path: Sequence[str]) -> list[tuple[str, ...]]:
    upper = [tuple(time[:depth]) for depth in range(len(time) + 1)]
    lower = [
        tuple(name for name, said in zip(path, each, strict=True) if said) for each in product((0, 1), repeat=len(path))
    ]
    return [(*one, *other) for one in upper for other in lower]


def _level(names: Sequence[str]) -> exp.Tuple:
    return exp.Tuple(expressions=[exp.column(name) for name in names])


def _cell(over: Sequence[int], values: Sequence[Value], axes: Sequence[int]) -> Cell:
    """The cell of a row, from which dimensions it is counted over and the values of the others."""
    cell: list[Path] = []
    at = 0
    for width in axes:
        cell.append(
            tuple(value for gone, value in zip(over[at : at + width], values[at : at + width], strict=True) if not gone)
        )
        at += width
    return tuple(cell)
