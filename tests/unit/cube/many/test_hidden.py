"""Which cells are hidden, seen on small tables of customers."""

from __future__ import annotations

import pytest

from clientela.cube.many import determined as algebra
from clientela.cube.many.cells import Cell
from clientela.cube.many.determined import determined
from clientela.cube.many.hidden import hidden_cells

ALL: tuple[str, ...] = ()


def table(
    rows: dict[str, dict[str, int]], years: dict[str, int], columns: dict[str, int], total: int
) -> dict[Cell, int]:
    cells: dict[Cell, int] = {(ALL, ALL): total}
    cells |= {((year,), ALL): n for year, n in years.items()}
    cells |= {(ALL, (name,)): n for name, n in columns.items()}
    return cells | {((year,), (name,)): n for year, row in rows.items() for name, n in row.items()}


def test_nothing_is_hidden_where_every_cell_tells_of_enough() -> None:
    cells = table({"1": {"a": 10, "b": 12}, "2": {"a": 11, "b": 10}}, {"1": 20, "2": 20}, {"a": 20, "b": 20}, 30)
    assert not hidden_cells(cells, 10)


def test_a_small_cell_takes_three_more_so_that_no_line_gives_it_away() -> None:
    cells = table(
        {"1": {"a": 3, "b": 12, "c": 50}, "2": {"a": 11, "b": 15, "c": 50}, "3": {"a": 40, "b": 40, "c": 40}},
        {"1": 60, "2": 60, "3": 60}, {"a": 50, "b": 60, "c": 90}, 99,
    )  # fmt: skip
    assert hidden_cells(cells, 10) == {((year,), (name,)) for year in "12" for name in "ab"}


def test_two_small_cells_that_tell_of_too_few_together_take_a_third() -> None:
    cells: dict[Cell, int] = {(ALL, ALL): 90, (ALL, ("a",)): 2, (ALL, ("b",)): 3, (ALL, ("c",)): 40, (ALL, ("d",)): 60}
    assert hidden_cells(cells, 10) == {(ALL, (name,)) for name in "abc"}


def test_a_cell_of_nobody_is_shown() -> None:
    cells: dict[Cell, int] = {(ALL, ALL): 30, (ALL, ("web",)): 30, (ALL, ("till",)): 0}
    assert not hidden_cells(cells, 10)


def test_a_company_of_few_is_hidden_whole() -> None:
    cells = table({"1": {"a": 4}}, {"1": 4}, {"a": 4}, 4)
    assert hidden_cells(cells, 10) == set(cells)


def test_a_small_month_is_hidden_whatever_it_is_divided_by() -> None:
    cells = table(
        {"1": {"a": 3, "b": 0}, "2": {"a": 40, "b": 40}, "3": {"a": 40, "b": 40}},
        {"1": 3, "2": 60, "3": 61}, {"a": 70, "b": 70}, 99,
    )  # fmt: skip
    hidden = hidden_cells(cells, 10)
    assert {((year,), each) for year in "12" for each in (ALL, ("a",), ("b",))} <= hidden


def test_a_bridge_between_two_blocks_is_worked_out_though_no_line_has_one_hidden_cell() -> None:
    """Rows 1, 2 and columns a, b make a block, rows 3, 4 and c, d another; 2c alone joins them."""
    hidden: set[Cell] = {((row,), (column,)) for row in "12" for column in "ab"}
    hidden |= {((row,), (column,)) for row in "34" for column in "cd"} | {(("2",), ("c",))}
    names = [((row,), (column,)) for row in "1234" for column in "abcd"]
    holds: dict[Cell, set[int]] = {cell: {number} for number, cell in enumerate(names)}
    holds |= {((row,), ALL): {n for n, cell in enumerate(names) if cell[0] == (row,)} for row in "1234"}
    holds |= {(ALL, (name,)): {n for n, cell in enumerate(names) if cell[1] == (name,)} for name in "abcd"}
    assert determined(holds, hidden) == [(("2",), ("c",))]


def test_a_lattice_too_large_to_be_worked_out_is_shown_more_coarsely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algebra, "MOST_UNKNOWN", 3)
    rows = {str(year): {name: 3 if name == "a" else 20 for name in "abc"} for year in range(6)}
    cells = table(rows, dict.fromkeys(rows, 40), {"a": 18, "b": 90, "c": 90}, 99)
    hidden = hidden_cells(cells, 10)
    assert {cell for cell in cells if cell[0] and cell[1]} <= hidden
    assert not {((year,), ALL) for year in rows} & hidden
