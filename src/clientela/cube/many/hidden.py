"""Which cells of the lattice are hidden, so that none that tells of few customers is shown or can be worked out.

First the cells along time alone are decided, then those of each other hierarchy under them. What is hidden
along time is hidden whatever else it is divided by, so that two hierarchies tell together no more than each tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import product

from clientela.cube.many.cells import Cell
from clientela.cube.many.determined import TooLargeError, determined

MOST_ROUNDS = 40


def hidden_cells(customers: Mapping[Cell, int], least: int) -> frozenset[Cell]:
    """The cells to hide, of those in ``customers``.

    Parameters
    ----------
    customers : how many different customers each cell with a row tells of, at every level
    least : the fewest that a shown cell tells of; a cell of nobody is shown

    Examples
    --------
    >>> few = {((), ()): 30, ((), ("A",)): 12, ((), ("B",)): 3, ((), ("C",)): 20, ((), ("D",)): 11}
    >>> sorted(cell[1] for cell in hidden_cells(few, 10))
    [('B',), ('D',)]
    """
    if 0 < next((n for cell, n in customers.items() if not any(cell)), 0) < least:
        return frozenset(customers)
    in_time = {cell: n for cell, n in customers.items() if not any(cell[1:])}
    first = _Lattice(in_time, least, frozenset(), frozenset())
    first.settle()
    second = _Lattice(customers, least, frozenset(in_time), frozenset(first.hidden))
    second.settle()
    return frozenset(second.hidden)


@dataclass
class _Lattice:
    """Cells with those below them, and what is hidden of them so far.

    ``fixed`` are decided already, and ``given`` are those of them that are hidden. ``bound``: the fixed and those that
    hold the very rows of a fixed one that is shown, and so are shown too.
    """

    customers: Mapping[Cell, int]
    least: int
    fixed: frozenset[Cell]
    given: frozenset[Cell]
    hidden: set[Cell] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.order = sorted(self.customers, key=_place)
        self.axes = range(len(self.order[0]) if self.order else 0)
        deepest = [max(len(cell[axis]) for cell in self.order) for axis in self.axes]
        self.leaves = [cell for cell in self.order if [*map(len, cell)] == deepest]
        self.holds: dict[Cell, set[int]] = {cell: set() for cell in self.order}
        for number, leaf in enumerate(self.leaves):
            for cell in product(*([path[:depth] for depth in range(len(path) + 1)] for path in leaf)):
                self.holds[cell].add(number)
        self.below: dict[Cell, list[list[Cell]]] = {cell: [[] for _ in self.axes] for cell in self.order}
        for cell in self.order:
            for axis, above in enumerate(_above(cell)):
                if above is not None:
                    self.below[above][axis].append(cell)
        shown = {frozenset(self.holds[cell]) for cell in self.fixed - self.given}
        self.bound = self.fixed | {cell for cell in self.order if frozenset(self.holds[cell]) in shown}
        for cell in self.order:
            if cell in self.given or 0 < self.customers[cell] < self.least:
                self.hide(cell)

    def hide(self, cell: Cell) -> None:
        """Hide a cell, those below it, and those above that hold the same rows."""
        waiting = [cell]
        while waiting:
            here = waiting.pop()
            if here in self.hidden or (here in self.bound and here not in self.given):
                continue
            self.hidden.add(here)
            waiting.extend(each for axis in self.below[here] for each in axis)
            same = len(self.holds[here])
            waiting.extend(each for each in _above(here) if each is not None and len(self.holds[each]) == same)

    def settle(self) -> None:
        """Hide more, until nothing hidden can be worked out from what is shown."""
        for _ in range(MOST_ROUNDS):
            self._settle_lines()
            try:
                told = determined(self.holds, self.hidden)
            except TooLargeError:
                if not self._hide_finest():
                    break
                continue
            told = [cell for cell in told if cell not in self.bound]
            if not told:
                return
            for cell in told:
                if not self._hide_beside(cell):
                    self._hide_all()
        self._hide_all()

    def _settle_lines(self) -> None:
        """In each line under a shown cell hide none, or two and more that tell of enough customers together."""
        changed = True
        while changed:
            changed = False
            for above in self.order:
                for axis in self.axes:
                    changed |= self._settle_line(above, axis)

    def _settle_line(self, above: Cell, axis: int) -> bool:
        line = self.below[above][axis]
        gone = [cell for cell in line if cell in self.hidden]
        if above in self.hidden or not gone or len(line) == 1 or self._is_enough(gone, line):
            return False
        if not self._hide_one(line, axis):
            if above in self.bound:
                return self._hide_all()
            self.hide(above)
        return True

    def _is_enough(self, gone: Collection[Cell], line: Collection[Cell]) -> bool:
        """Whether the hidden of a line tell of enough customers together: one alone does, or they are all there is."""
        return len(gone) > 1 and (len(gone) == len(line) or max(map(self.customers.__getitem__, gone)) >= self.least)

    def _hide_one(self, line: Collection[Cell], along: int) -> bool:
        """Hide one more cell of a line: one with enough customers, where others are hidden across it, and few."""
        free = [cell for cell in line if cell not in self.hidden and cell not in self.bound]
        if not free:
            return False

        def cost(cell: Cell) -> tuple[bool, bool, int, str]:
            crossed = all(
                above is None or axis == along or any(each in self.hidden for each in self.below[above][axis])
                for axis, above in enumerate(_above(cell))
            )
            return (self.customers[cell] < self.least, not crossed, self.customers[cell], str(_place(cell)))

        self.hide(min(free, key=cost))
        return True

    def _hide_beside(self, cell: Cell) -> bool:
        """Hide one more cell in a line with one that can be worked out, or else what lies above it."""
        for axis, above in enumerate(_above(cell)):
            if above is not None and above not in self.hidden and self._hide_one(self.below[above][axis], axis):
                return True
        for above in _above(cell):
            if above is not None and above not in self.hidden and above not in self.bound:
                self.hide(above)
                return True
        return False

    def _hide_finest(self) -> bool:
        """Hide the finest level of time that anything but time itself is still shown by."""
        shown = [cell for cell in self.order if any(cell[1:]) and cell not in self.hidden and cell not in self.bound]
        finest = max((len(cell[0]) for cell in shown), default=None)
        for cell in shown:
            if len(cell[0]) == finest:
                self.hide(cell)
        return finest is not None

    def _hide_all(self) -> bool:
        before = len(self.hidden)
        for cell in self.order:
            if cell not in self.bound:
                self.hidden.add(cell)
        return len(self.hidden) > before


def _above(cell: Cell) -> list[Cell | None]:
    """The cell above, along each hierarchy."""
    return [(*cell[:axis], path[:-1], *cell[axis + 1 :]) if path else None for axis, path in enumerate(cell)]


def _place(cell: Cell) -> tuple[int, list[tuple[bool, str]]]:
    """The coarsest first, then by name, the unknown last."""
    return sum(map(len, cell)), [(each is None, str(each)) for axis in cell for each in axis]
