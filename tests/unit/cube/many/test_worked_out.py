"""Whoever knows all that is shown works out nothing that is hidden, be it of any figures or of numbers of rows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from clientela.cube.many.cells import Cell, Path
from clientela.cube.many.hidden import hidden_cells

ALL: Path = ()
Counts = Mapping[Cell, int]


def company(seed: int) -> tuple[Counts, Counts, set[Path]]:
    """The customers and the rows of each cell of a small company, and its months of lone rows."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    months, regions = rng.choice((4, 6, 9)), rng.choice((2, 3, 4))
    people, lines = rng.choice((6, 12, 25)), rng.choice((10, 15, 25, 40))
    rows: list[tuple[Cell, int | None]] = []
    for _ in range(lines):
        month = min(rng.randrange(months), rng.randrange(months))
        region = rng.choices(range(regions), [1 / (1 + number) ** 2 for number in range(regions)])[0]
        cell = ((f"q{month // 3}", f"m{month}"), (f"n{region % 2}",), (f"r{region}",))
        rows.append((cell, rng.choice((None, *range(people)))))
    return counted(rows)


def counted(rows: Collection[tuple[Cell, int | None]]) -> tuple[Counts, Counts, set[Path]]:
    who, count = defaultdict[Cell, set[int | None]](set), defaultdict[Cell, int](int)
    for leaf, customer in rows:
        for cell in product(*([path[:depth] for depth in range(len(path) + 1)] for path in leaf)):
            who[cell].add(customer)
            count[cell] += 1
    customers = {cell: len(each - {None}) for cell, each in who.items()}
    most = defaultdict[Path, int](int)
    for cell in finest(count):
        most[cell[0]] = max(most[cell[0]], count[cell] if customers[cell] else 0)
    return customers, dict(count), {month for month, rows_of in most.items() if rows_of == 1}


def finest(cells: Collection[Cell]) -> list[Cell]:
    return [cell for cell in cells if all(cell) and len(cell[0]) == 2]


def sums(cells: Collection[Cell], leaves: Collection[Cell]) -> np.ndarray:
    """(cells, leaves), 1 where a cell holds a finest one."""
    parts = [[all(p[: len(q)] == q for p, q in zip(leaf, cell, strict=True)) for leaf in leaves] for cell in cells]
    return np.array(parts, dtype=np.float64).reshape(len(cells), len(leaves))


def combined(rows: Counts, hidden: Collection[Cell]) -> list[Cell]:
    """The hidden cells that are sums and differences of shown ones, by least squares."""
    shown, leaves, gone = [cell for cell in rows if cell not in hidden], finest(rows), [*hidden]
    if not shown or not gone:
        return []
    known, wanted = sums(shown, leaves).T, sums(gone, leaves).T
    weights = np.linalg.lstsq(known, wanted, rcond=None)[0]
    far = np.abs(known @ weights - wanted).max(axis=0)
    return [cell for cell, distance in zip(gone, far, strict=True) if distance < 1e-8]


def pinned(rows: Counts, hidden: Collection[Cell]) -> list[Cell]:
    """The hidden cells whose number of rows is at least what it is at most, if each finest cell has one or more."""
    shown, leaves = [cell for cell in rows if cell not in hidden], finest(rows)
    if not shown:
        return []
    equal, figures = sums(shown, leaves), np.array([rows[cell] for cell in shown])

    def least(goal: np.ndarray) -> float:
        solved = linprog(goal, A_eq=equal, b_eq=figures, bounds=(1, None), method="highs")
        assert solved.status in {0, 3}, solved.message  # solved, or without bound
        return float(solved.fun) if solved.status == 0 else -np.inf

    return [cell for cell in hidden if -least(-sums([cell], leaves)[0]) - least(sums([cell], leaves)[0]) < 1e-6]


@pytest.mark.parametrize("least", [2, 3])
def test_no_hidden_cell_of_five_hundred_small_companies_is_a_sum_of_shown_ones(least: int) -> None:
    gone = 0
    for seed in range(250):
        customers, rows, lone = company(seed)
        hidden = hidden_cells(customers, least, rows, lone)
        assert combined(rows, hidden) == [], seed
        gone += len(rows) > len(hidden) > 0
    assert gone > 100


@pytest.mark.parametrize("seed", [26, 122, 141])
def test_no_hidden_number_of_rows_could_be_no_other(seed: int) -> None:
    customers, rows, lone = company(seed)
    assert pinned(rows, hidden_cells(customers, 3))
    assert pinned(rows, hidden_cells(customers, 3, rows, lone)) == []


def test_what_follows_from_shown_months_is_shown_itself() -> None:
    """In the first quarter all tools are of January and March, which are shown: hiding their sum is of no use."""
    bought = {"m1": ("tools",) * 5, "m2": ("food", "toys"), "m3": ("tools",) * 2, "m4": ("food",) * 3 + ("tools",) * 6}
    lines = [((f"q{month > 'm3'}", month), (kind,)) for month, kinds in bought.items() for kind in kinds]
    customers, rows, _ = counted([(cell, number) for number, cell in enumerate(lines)])
    hidden = hidden_cells(customers, 2, rows)
    assert {(("qFalse",), (kind,)) for kind in ("food", "toys")} <= hidden
    assert (("qFalse",), ("tools",)) not in hidden
    assert combined(rows, hidden) == []


def test_a_shown_month_of_nobody_is_shown_in_all_its_parts() -> None:
    """Its two cells have a row each, as its own two rows tell: what is hidden around them does not hide the rest."""
    many = [(("q0", "m1"), ("r1",), number) for number in range(8)] * 2
    few = [(("q0", "m1"), ("r0",), number) for number in (1, 1, 2)]
    later = [(("q1", "m4"), (region,), number) for region in ("r0", "r1") for number in range(8)] * 2
    nobody = [(("q0", "m0"), (region,), None) for region in ("r0", "r1")]
    customers, rows, lone = counted([((time, region), who) for time, region, who in (*many, *few, *later, *nobody)])
    hidden = hidden_cells(customers, 3, rows, lone)
    assert {(("q0",), (region,)) for region in ("r0", "r1")} <= hidden
    assert not {cell for cell in hidden if cell[0] == ("q0", "m0")}
    assert not {cell for cell in hidden if len(cell[0]) > 0 and not cell[1]}
    assert pinned(rows, hidden) == []


def test_a_month_of_lone_rows_is_not_shown_as_its_cells_would_be_known_to_be_as_many() -> None:
    lines = [(("q0", "m0"), (f"r{number}",)) for number in range(4)]
    lines += [(("q0", month), (f"r{number % 4}",)) for month in ("m1", "m2") for number in range(12)]
    customers, rows, lone = counted([(cell, number) for number, cell in enumerate(lines)])
    assert lone == {("q0", "m0")}
    assert (("q0", "m0"), ALL) in hidden_cells(customers, 3, rows, lone)
    assert (("q0", "m0"), ALL) not in hidden_cells(customers, 3, rows)
    assert pinned(rows, hidden_cells(customers, 3, rows, lone)) == []
