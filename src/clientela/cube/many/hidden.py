"""Which cells of the lattice are hidden, so that none that tells of few customers is shown or can be worked out.

First the cells along time alone are decided, then those of each other hierarchy under them. What is hidden
along time is hidden whatever else it is divided by, so that two hierarchies tell together no more than each tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from clientela.cube.many.cells import Cell, Path
from clientela.cube.many.determined import TooLargeError, determined

MOST_ROUNDS = 40


def hidden_cells(
    customers: Mapping[Cell, int], least: int, rows: Mapping[Cell, int] | None = None, lone: Collection[Path] = ()
) -> frozenset[Cell]:
    """The cells to hide, of those in ``customers``.

    Parameters
    ----------
    customers : how many different customers each cell with a row tells of, at every level
    least : the fewest that a shown cell tells of; a cell of nobody is shown
    rows : how many rows each cell has; None: more than one, so that no number of rows can be worked out from its least
    lone : the finest times whose cells of customers have one row each, however they are divided: as `lone_times`

    Examples
    --------
    >>> few = {((), ()): 30, ((), ("A",)): 12, ((), ("B",)): 3, ((), ("C",)): 20, ((), ("D",)): 11}
    >>> sorted(cell[1] for cell in hidden_cells(few, 10))
    [('B',), ('D',)]
    """
    if 0 < next((n for cell, n in customers.items() if not any(cell)), 0) < least:
        return frozenset(customers)
    in_time = {cell: n for cell, n in customers.items() if not any(cell[1:])}
    single = frozenset(cell for cell, count in (rows or {}).items() if count == 1)
    first = _Lattice(in_time, least, frozenset(), frozenset(), lone=frozenset(lone))
    first.settle()
    second = _Lattice(customers, least, frozenset(in_time), frozenset(first.hidden), single=single)
    second.settle()
    return frozenset(second.hidden)


@dataclass
class _Lattice:
    """Cells with those below them, and what is hidden of them so far.

    ``fixed`` are decided already, and ``given`` are those of them that are hidden. They lie along time, as a tree; so
    those shown divide the finest cells into ``blocks``, each what a shown one holds beyond the shown ones below it, and
    what follows from them is every sum of whole blocks and nothing else. A shown time of nobody is shown in all its
    parts: each is a block. ``bound`` are the fixed, and the cells that
    are such a sum: hiding them would be of no use. If all others are hidden, nothing hidden can be worked out.

    ``single`` are the cells of one row. In ``lone`` times all cells of customers are such: their sum tells each.
    """

    customers: Mapping[Cell, int]
    least: int
    fixed: frozenset[Cell]
    given: frozenset[Cell]
    single: frozenset[Cell] = frozenset()
    lone: frozenset[Path] = frozenset()
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
        self.block_of: dict[int, Cell] = {}
        for cell in self.order:  # the coarsest first: the last to claim a finest cell is the finest shown that holds it
            if cell in self.fixed and cell not in self.given:
                self.block_of |= dict.fromkeys(self.holds[cell], cell)
        for number, block in self.block_of.items():
            if not self.customers[block]:
                self.block_of[number] = self.leaves[number]
        self.blocks = Counter(self.block_of.values())
        self.bound = self.fixed | {cell for cell in self.order if not self._beyond_blocks(self.holds[cell])}
        for cell in self.order:
            if cell in self.given or 0 < self.customers[cell] < self.least or self._is_lone(self.holds[cell]):
                self.hide(cell)

    def _beyond_blocks(self, finest: Collection[int]) -> frozenset[int]:
        """What is left of finest cells without the blocks that lie among them whole: their sum is known to all."""
        here = Counter(self.block_of[number] for number in finest if number in self.block_of)
        whole = {block for block, count in here.items() if count == self.blocks[block]}
        return frozenset(number for number in finest if self.block_of.get(number) not in whole)

    def _is_lone(self, finest: Collection[int]) -> bool:
        """Whether times, or those of them that tell of a customer, are lone: their rows are not shown, not even summed.

        Divided, their cells would be known by being as many as the rows.
        """
        told = [leaf for leaf in map(self.leaves.__getitem__, finest) if self.customers[leaf]] if self.lone else []
        return bool(told) and all(leaf[0] in self.lone for leaf in told)

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
        alone = frozenset(number for number, leaf in enumerate(self.leaves) if leaf in self.single)
        for _ in range(MOST_ROUNDS):
            self._settle_lines()
            try:
                told = determined(self.holds, self.hidden, alone)
            except TooLargeError:
                if not self._hide_finest():
                    break
                continue
            if not told:
                return
            self._hide_against(told)
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
        """Whether the hidden of a line tell of enough customers together: one alone does, or they are all there is.

        Where they hold whole blocks, what is left of them without is known as well, and must do so too.
        """
        together = frozenset[int]().union(*map(self.holds.__getitem__, gone))
        left = self._beyond_blocks(together)
        if len(left) < len(together):
            return not left or any(
                self.holds[cell] <= left for cell in self.order if self.customers[cell] >= self.least
            )
        if len(gone) < 2 or self._is_lone(together):
            return False
        return len(gone) == len(line) or max(map(self.customers.__getitem__, gone)) >= self.least

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

    def _hide_against(self, told: Iterable[Cell]) -> None:
        """Hide one more cell against each that can be worked out, but for those in whose midst one was hidden now."""
        changed = set[int]()
        for cell in told:
            if changed.isdisjoint(self.holds[cell]):
                before = set(self.hidden)
                if not self._hide_beside(cell) and not self._hide_near(cell):
                    self._hide_all()
                around = (above for each in self.hidden - before for above in _above(each) if above is not None)
                changed.update(*(self.holds[above] for above in around if above not in self.hidden), self.holds[cell])

    def _hide_near(self, cell: Cell) -> bool:
        """Hide the smallest of the shown cells that hold some of what the shown cells around a hidden one hold."""
        here = self.holds[cell]
        shown = [each for each in self.order if each not in self.hidden and not here.isdisjoint(self.holds[each])]
        around = set[int]().union(*(self.holds[each] for each in shown), here)
        free = [each for each in self.order if each not in self.hidden and each not in self.bound]
        near = [each for each in free if not around.isdisjoint(self.holds[each])]
        if near:
            self.hide(min(near, key=lambda each: (len(self.holds[each]), self.customers[each], str(_place(each)))))
        return bool(near)

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
