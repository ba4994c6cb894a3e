"""Trees of records, each rooted in its oldest: the way there, the weakest pair on it, the pairs all hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # to load it takes longer than most commands have to do; those that name no customer do not need it
    from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Trees over the records 0…n-1, numbered by age, so that the oldest of a tree has its lowest number.

    ``root``, ``parent`` (itself at a root), ``via`` (the edge that leads to the parent, -1 at a root) and
    ``depth`` are of each record; ``levels`` holds the records by depth, the roots first.
    """

    root: Ints
    parent: Ints
    via: Ints
    depth: Ints
    levels: tuple[Ints, ...]


def components(count: int, left: Ints, right: Ints) -> Ints:
    """The component of each of ``count`` records, as a number from 0."""
    from scipy.sparse import csgraph

    return np.asarray(csgraph.connected_components(_graph(count, left, right), directed=False)[1], dtype=np.int64)


def spanning(count: int, left: Ints, right: Ints) -> Ints:
    """The edges that first bring two components together, when edges are taken in their order; ascending."""
    if not len(left):
        return np.empty(0, dtype=np.int64)
    from scipy import sparse
    from scipy.sparse import csgraph

    place = np.arange(1.0, len(left) + 1)  # all differ, so there is but one such tree
    graph = sparse.csr_array((place, (left, right)), shape=(count, count))
    return np.sort(csgraph.minimum_spanning_tree(graph).data.astype(np.int64) - 1)


def rooted(count: int, left: Ints, right: Ints) -> Forest:
    """The trees that these edges, which close no circle, make of ``count`` records."""
    from scipy.sparse import csgraph

    component = components(count, left, right)
    oldest = np.unique(component, return_index=True)[1]
    above = np.full(len(oldest), count)  # one more record, above all roots: then one search meets every tree
    graph = _graph(count + 1, np.concatenate([left, above]), np.concatenate([right, oldest]))
    order, before = csgraph.breadth_first_order(graph, count, directed=False, return_predecessors=True)
    levels = _levels(order.astype(np.int64), before.astype(np.int64))
    parent = before[:count].astype(np.int64)
    depth = np.empty(count, dtype=np.int64)
    for number, level in enumerate(levels):
        depth[level] = number
    roots = levels[0] if levels else np.empty(0, dtype=np.int64)
    parent[roots] = roots
    return Forest(
        root=oldest[component],
        parent=parent,
        via=_via(count, parent, left, right),
        depth=depth,
        levels=tuple(levels),
    )


def weakest(forest: Forest, of_edge: Floats) -> Floats:
    """The least of an edge's values on the way from each record to its root; 1 at a root."""
    found = np.ones(len(forest.parent))
    for level in forest.levels[1:]:
        found[level] = np.minimum(found[forest.parent[level]], of_edge[forest.via[level]])
    return found


def bridges(forest: Forest, left: Ints, right: Ints) -> Bools:
    """Whether the edge from each record to its parent alone holds two groups of two or more together.

    Parameters
    ----------
    left, right : (m,)
        The other edges within trees.

    Notes
    -----
    An edge of a tree is a bridge when no other edge leads out of the branch below it. Each other edge counts one at
    both its ends and takes two away where their ways to the root meet, so what a branch counts in all is how many
    other edges leave it. This finds the bridges that Tarjan's search in depth finds, level by level instead.
    """
    leaving = np.bincount(left, minlength=len(forest.parent)) + np.bincount(right, minlength=len(forest.parent))
    leaving -= 2 * np.bincount(_meeting(forest, left, right), minlength=len(forest.parent))
    size = np.ones(len(forest.parent), dtype=np.int64)
    for level in reversed(forest.levels[1:]):
        np.add.at(leaving, forest.parent[level], leaving[level])
        np.add.at(size, forest.parent[level], size[level])
    others = size[forest.root] - size
    found: Bools = (forest.via >= 0) & (leaving == 0) & (size >= 2) & (others >= 2)
    return found


def _meeting(forest: Forest, left: Ints, right: Ints) -> Ints:
    """Where the ways of both ends of each edge to their root meet."""
    a, b = left.copy(), right.copy()
    apart = np.flatnonzero(a != b)
    while len(apart):
        at_a, at_b = a[apart], b[apart]
        by = forest.depth[at_a] - forest.depth[at_b]
        a[apart] = np.where(by >= 0, forest.parent[at_a], at_a)
        b[apart] = np.where(by <= 0, forest.parent[at_b], at_b)
        apart = apart[a[apart] != b[apart]]
    return a


def _levels(order: Ints, before: Ints) -> list[Ints]:
    """The records by their distance from the first in ``order``, which has them so; without the first."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    parents = place[before[order[1:]]]
    levels, start = [], 1
    while start < len(order):
        end = 1 + int(np.searchsorted(parents, start))
        levels.append(order[start:end])
        start = end
    return levels


def _via(count: int, parent: Ints, left: Ints, right: Ints) -> Ints:
    """The edge between each record and its parent."""
    found = np.full(count, -1, dtype=np.int64)
    below = np.where(parent[left] == right, left, right)
    found[below] = np.arange(len(left))
    return found


def _graph(count: int, left: Ints, right: Ints) -> sparse.csr_array:
    from scipy import sparse

    return sparse.csr_array((np.ones(len(left)), (left, right)), shape=(count, count))
