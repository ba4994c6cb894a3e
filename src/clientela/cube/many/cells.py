"""How many customers each cell of the lattice tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.text import Value
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.lattice import COLUMN, TIME_PATH
from clientela.cube.figures.query import from_fact
from clientela.cube.scoped import within
from clientela.cube.view import View

Path = tuple[Value, ...]
Cell = tuple[Path, Path]  # where it lies in time, and in the other hierarchy; () is all of it


def customers_of_cells(view: View, fact: Fact, reach: Reach, path: Sequence[str]) -> Mapping[Cell, int]:
    """The different customers of every cell with a row, at every level of time and of ``path``.

    Rows that name no customer make a cell, and tell of nobody: a cell of such rows alone has 0.
    """
    time = TIME_PATH if "month" in fact.dimensions else ()
    names = [*time, *path]
    rows = from_fact(fact, names, [COLUMN]).distinct(copy=False)
    flags = [exp.alias_(exp.Grouping(expressions=[exp.column(name)]), f"over_{name}") for name in names]
    counted = exp.Count(this=exp.Distinct(expressions=[exp.column(COLUMN)]))
    cells = exp.select(*flags, *map(exp.column, names), exp.alias_(counted, "customers"), copy=False)
    cells = cells.from_(rows.subquery("counted_row", copy=False), copy=False)
    if names:
        sets = [
            exp.Tuple(expressions=[exp.column(name) for name in (*time[:upper], *path[:lower])])
            for upper in range(len(time) + 1)
            for lower in range(len(path) + 1)
        ]
        cells = cells.group_by(exp.GroupingSets(expressions=sets), copy=False)
    found: dict[Cell, int] = {}
    for row in view.rows(within(cells, reach), {}):
        grouped = [not over for over in row[: len(names)]]
        values = row[len(names) : -1]
        upper, lower = sum(grouped[: len(time)]), sum(grouped[len(time) :])
        found[values[:upper], values[len(time) : len(time) + lower]] = row[-1]
    return found
