"""How many customers each cell of the lattice tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.lattice import COLUMN, TIME_PATH
from clientela.cube.rollup.rows import from_fact
from clientela.cube.scoped import within
from clientela.cube.view import View

Path = tuple[Value, ...]
Cell = tuple[Path, ...]  # where it lies in time, and in each dimension beside it; () is all of it


def customers_of_cells(
    view: View, fact: Fact, reach: Reach, path: Sequence[str], rows_that_count: str | None = None
) -> Mapping[Cell, int]:
    """The different customers of every cell with a row, at every level of time and of ``path``.

    Rows that name no customer make a cell, and tell of nobody: a cell of such rows alone has 0.

    Parameters
    ----------
    rows_that_count : of a company's own measure, which rows its figure tells of; None: all
    """
    time = TIME_PATH if "month" in fact.dimensions else ()
    names = [*time, *path]
    rows = from_fact(fact, names, [COLUMN])
    if rows_that_count is not None:
        rows = _that_count(fact, names, parsed(rows_that_count))
    rows = rows.distinct(copy=False)
    flags = [exp.alias_(exp.Grouping(expressions=[exp.column(name)]), f"over_{name}") for name in names]
    counted = exp.Count(this=exp.Distinct(expressions=[exp.column(COLUMN)]))
    cells = exp.select(*flags, *map(exp.column, names), exp.alias_(counted, "customers"), copy=False)
    cells = cells.from_(rows.subquery("counted_row", copy=False), copy=False)
    if names:
        cells = cells.group_by(exp.GroupingSets(expressions=list(map(_level, _levels(time, path)))), copy=False)
    axes = [len(time), *(1 for _ in path)]
    return {
        _cell(row[: len(names)], row[len(names) : -1], axes): row[-1] for row in view.rows(within(cells, reach), {})
    }


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
