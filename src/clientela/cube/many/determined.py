"""Which hidden cells can be worked out from the shown ones: the linear algebra of whoever would try."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from clientela.cube.many.cells import Cell

MOST_UNKNOWN = 1_500  # of independent numbers in one system
_CLOSE = 1e-6
_NOTHING = 1e-9

Matrix = NDArray[np.float64]


class TooLargeError(ValueError):
    """The system is larger than is worked out."""


def determined(holds: Mapping[Cell, Collection[int]], hidden: Collection[Cell]) -> list[Cell]:
    """The hidden cells whose figure follows from those of the shown cells, whatever the figures are.

    Parameters
    ----------
    holds : the finest cells that each cell is the sum of, by number

    Raises
    ------
    TooLargeError
        There are too many unknown figures that hang together.
    """
    secret = set(hidden)
    known = {next(iter(parts)) for cell, parts in holds.items() if cell not in secret and len(parts) == 1}
    equations = {frozenset(parts) - known for cell, parts in holds.items() if cell not in secret}
    told = [cell for cell in holds if cell in secret]
    found = {cell for cell in told if not set(holds[cell]) - known}
    for system in _systems(equations - {frozenset()}):
        inside = frozenset().union(*system)
        asked = [cell for cell in told if cell not in found and (set(holds[cell]) - known) & inside]
        whole = [cell for cell in asked if set(holds[cell]) - known <= inside]
        found.update(_in_span(system, {cell: frozenset(holds[cell]) - known for cell in whole}))
    return [cell for cell in told if cell in found]


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


def _in_span(system: list[frozenset[int]], asked: Mapping[Cell, frozenset[int]]) -> list[Cell]:
    """Which sums of unknowns are sums and differences of the equations."""
    if not asked:
        return []
    standing: dict[int, list[int]] = defaultdict(list)
    for number, equation in enumerate(system):
        for unknown in equation:
            standing[unknown].append(number)
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)  # unknowns of the same equations stand as one
    for unknown, numbers in sorted(standing.items()):
        groups[tuple(numbers)].append(unknown)
    sums = {
        cell: wanted
        for cell, parts in asked.items()
        if all(parts.issuperset(group) or parts.isdisjoint(group) for group in groups.values())
        for wanted in [np.array([parts.issuperset(group) for group in groups.values()], dtype=np.float64)]
    }
    if not sums:
        return []
    matrix = np.zeros((len(system), len(groups)))
    for column, numbers in enumerate(groups):
        matrix[list(numbers), column] = 1.0
    basis = _row_space(matrix)
    wanted = np.stack([*sums.values()])
    left = wanted - (wanted @ basis.T) @ basis
    return [cell for cell, rest in zip(sums, left, strict=True) if float(np.abs(rest).max()) < _CLOSE]


def _row_space(matrix: Matrix) -> Matrix:
    """An orthonormal basis of the rows."""
    if min(matrix.shape) > MOST_UNKNOWN:
        raise TooLargeError(f"{matrix.shape[0]} equations in {matrix.shape[1]} unknowns")
    _, lengths, basis = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(basis[lengths > _NOTHING * max(matrix.shape) * lengths[0]], dtype=np.float64)
