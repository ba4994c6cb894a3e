"""Which hidden cells can be worked out from the shown ones: the linear algebra of whoever would try."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from clientela.cube.many.cells import Cell

MOST_UNKNOWN = 2_000  # of independent figures in one system
_CLOSE = 1e-6
_NOTHING = 1e-12

Matrix = NDArray[np.float64]


class TooLargeError(ValueError):
    """The system is larger than is worked out."""


def determined(
    holds: Mapping[Cell, Collection[int]], hidden: Collection[Cell], alone: Collection[int] = ()
) -> list[Cell]:
    """The hidden cells whose figure follows from those of the shown cells.

    Those follow, whatever the figures are, that are sums and differences of shown ones. A number of rows follows also
    where it could be no other, as each finest cell is known to have a row at least.

    Parameters
    ----------
    holds : the finest cells that each cell is the sum of, by number
    alone : the finest cells that have one row and no more

    Raises
    ------
    TooLargeError
        There are too many unknown figures that hang together.
    """
    secret = set(hidden)
    known = {next(iter(parts)) for cell, parts in holds.items() if cell not in secret and len(parts) == 1}
    equations = {frozenset(parts) - known for cell, parts in holds.items() if cell not in secret}
    unknown = {cell: frozenset(parts) - known for cell, parts in holds.items() if cell in secret}
    found = {cell for cell, parts in unknown.items() if not parts}
    systems = _systems(equations - {frozenset()})
    system_of = {each: number for number, system in enumerate(systems) for equation in system for each in equation}
    asked: dict[int, dict[Cell, frozenset[int]]] = defaultdict(dict)
    for cell, parts in unknown.items():
        numbers = {system_of.get(each, -1) for each in parts}
        for number in numbers if len(numbers) == 1 and -1 not in numbers else ():
            asked[number][cell] = parts
    for number, wanted in asked.items():
        found.update(_in_span(systems[number], wanted, frozenset(alone)))
    return [cell for cell in unknown if cell in found]


def _systems(equations: Iterable[frozenset[int]]) -> list[list[frozenset[int]]]:
    """Equations that share unknowns, put together."""
    root: dict[int, int] = {}

    def find(number: int) -> int:
        root.setdefault(number, number)
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    every = sorted(equations, key=sorted)
    for equation in every:
        first, *others = map(find, sorted(equation))
        for other in others:
            root[find(other)] = find(first)
    systems: dict[int, list[frozenset[int]]] = defaultdict(list)
    for equation in every:
        systems[find(next(iter(equation)))].append(equation)
    return list(systems.values())


def _in_span(system: list[frozenset[int]], asked: Mapping[Cell, frozenset[int]], alone: frozenset[int]) -> list[Cell]:
    """Which sums of unknowns are sums and differences of the equations, and of unknowns that could be no other."""
    standing: dict[int, list[int]] = defaultdict(list)
    for number, equation in enumerate(system):
        for unknown in equation:
            standing[unknown].append(number)
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)  # unknowns of the same equations stand as one
    for unknown, numbers in sorted(standing.items()):
        groups[tuple(numbers)].append(unknown)
    if min(len(system), len(groups)) > MOST_UNKNOWN:
        raise TooLargeError(f"{len(system)} equations in {len(groups)} unknowns")
    group_of = {unknown: number for number, group in enumerate(groups.values()) for unknown in group}
    sizes = [len(group) for group in groups.values()]
    matrix = np.zeros((len(system), len(groups)))
    for column, rows in enumerate(groups):
        matrix[list(rows), column] = 1.0
    stuck = _stuck(matrix, np.array([alone.issuperset(group) for group in groups.values()]))
    matrix[:, stuck] = 0.0
    basis = _row_space(matrix)
    found = []
    for cell, parts in asked.items():
        touched = Counter(group_of[unknown] for unknown in parts if not stuck[group_of[unknown]])
        if all(sizes[number] == count for number, count in touched.items()):
            within = basis[:, list(touched)].sum(axis=1)  # a sum of the equations keeps its length on their span
            if abs(float(within @ within) - len(touched)) < _CLOSE:
                found.append(cell)
    return found


def _row_space(matrix: Matrix) -> Matrix:
    """An orthonormal basis of the rows."""
    wide = matrix.shape[0] <= matrix.shape[1]
    squares, basis = np.linalg.eigh(matrix @ matrix.T if wide else matrix.T @ matrix)
    kept = squares > _NOTHING * max(matrix.shape) * squares[-1]
    rows = (basis[:, kept].T @ matrix) / np.sqrt(squares[kept])[:, None] if wide else basis[:, kept].T
    return np.asarray(rows, dtype=np.float64)


def _stuck(matrix: Matrix, least: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the unknowns that are as small as they can be are so in every solution.

    Of the ways to move from the figures there are to others that give the same sums, the one that raises the most
    unknowns at once is a linear programme: each that can rise is raised by 1 at least, as ways can be added and drawn
    out. What it does not raise cannot rise, and none can fall.

    Parameters
    ----------
    matrix : (equations, unknowns)
    least : (unknowns,), which are as small as they can be

    Raises
    ------
    TooLargeError
        The programme could not be solved.
    """
    stuck = np.zeros(len(least), dtype=np.bool_)
    rising = int(least.sum())
    if not rising:
        return stuck
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    equal = csr_array(matrix)
    both = hstack([equal, equal[:, least]], format="csr")  # how far each moves; those that rise, by up to 1 and beyond
    bounds = [(0.0, None) if small else (None, None) for small in least] + [(0.0, 1.0)] * rising
    gain = np.concatenate([np.zeros(len(least)), -np.ones(rising)])
    solved = linprog(  # type: ignore[call-overload] # its stubs know no sparse matrix, which it takes
        gain, A_eq=both, b_eq=np.zeros(len(matrix)), bounds=bounds, method="highs"
    )
    if solved.status != 0:
        raise TooLargeError(f"{matrix.shape[0]} equations in {matrix.shape[1]} unknowns: {solved.message}")
    stuck[least] = solved.x[len(least) :] < 1 / 2
    return stuck
