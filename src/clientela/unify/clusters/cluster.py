"""Which records are one customer: the strongest pairs first, within what persons decided and a limit of size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.unify.clusters.constrained import BY_SIZE, MODEL, NONE, PERSON, RULE, Joined, Pairs, join
from clientela.unify.clusters.forest import Bools, Floats, Forest, Ints, bridges, components, rooted, spanning, weakest


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Pairs of records that something speaks for, each (m,); records are positions in ``order``.

    ``weight`` in bits and ``probability`` are the model's (weight NaN where it gave none); ``rule``: a rule joins
    them. A pair stands once.
    """

    left: Ints
    right: Ints
    weight: Floats
    probability: Floats
    rule: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What persons decided: pairs of records ``joined`` (k, 2) and ``parted`` (l, 2); no pair in both."""

    joined: Ints
    parted: Ints


NOTHING = Decided(joined=np.empty((0, 2), dtype=np.int64), parted=np.empty((0, 2), dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """The customers found.

    ``oldest`` (n,): of each record its customer's oldest record, itself where it stands alone. ``probability``
    (n,): how sure that is; of the pairs on the way from the record to the oldest the weakest, of the oldest itself
    the surest that joined it; 1 for rules, persons and who stands alone. ``towards`` (n,): the next record on
    that way, -1 at its end, and ``by`` (n,) PERSON, RULE or MODEL: who or what joined it to that one.
    ``apart`` (k, 2): pairs that would have been joined and were kept apart, with the ``reason`` (k,) BY_PERSON,
    BY_SIZE or BY_THIRD. ``bridges`` (l, 2): pairs that alone hold two groups of two or more together, none a
    person's own. ``full``: the oldest records of the customers that would have grown too large. In all pairs the
    older is first.
    """

    oldest: Ints
    probability: Floats
    towards: Ints
    by: NDArray[np.int8]
    apart: Ints
    reason: NDArray[np.int8]
    bridges: Ints
    full: Ints


def cluster(
    edges: Edges, decided: Decided, order: Ints, *, join_above: float, largest: int, two: Ints = NONE
) -> Clusters:
    """The customers that pairs of records make: constrained Kruskal, the same whatever the order of the pairs.

    Parameters
    ----------
    order : (n,)
        The age of each record: its place among all by (first run, source, key). No two have the same.
    join_above : probability from which a pair is joined.
    largest : records that a customer may have.
    two : (k, 2)
        Pairs of records that are surely of two customers, whatever a third record has in common with both.

    Examples
    --------
    Three records; the second is almost certainly the first, the third is so by a rule:

    >>> edges = Edges(left=np.array([0, 1]), right=np.array([1, 2]), weight=np.array([9.5, 3.0]),
    ...               probability=np.array([0.998, 0.9]), rule=np.array([False, True]))
    >>> found = cluster(edges, NOTHING, np.array([0, 1, 2]), join_above=0.95, largest=50)
    >>> found.oldest, found.probability
    (array([0, 0, 0]), array([0.998, 0.998, 0.998]))
    """
    nodes, pairs, probability, parted, two = _pairs(edges, decided, order, join_above, two)
    joined = accepted(len(nodes), pairs, parted, largest=largest, two=two)
    forest = rooted(len(nodes), pairs.left[joined.taken], pairs.right[joined.taken])
    sure = np.where(joined.by == MODEL, probability[joined.taken], 1.0)
    n = len(order)
    oldest, probabilities = np.arange(n, dtype=np.int64), np.ones(n)
    towards, by = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int8)
    oldest[nodes] = nodes[forest.root]
    probabilities[nodes] = _sureness(forest, joined, pairs, sure)
    below = np.flatnonzero(forest.via >= 0)
    towards[nodes[below]] = nodes[forest.parent[below]]
    by[nodes[below]] = joined.by[forest.via[below]]
    refused = np.column_stack([pairs.left[joined.refused], pairs.right[joined.refused]])
    too_large = refused[joined.reason == BY_SIZE]
    return Clusters(
        oldest=oldest,
        probability=probabilities,
        towards=towards,
        by=by,
        apart=nodes[refused],
        reason=joined.reason,
        bridges=nodes[_bridges(forest, joined, pairs)],
        full=nodes[np.unique(forest.root[too_large])],
    )


def accepted(
    count: int, pairs: Pairs, parted: Ints, *, largest: int, two: Ints = NONE, everywhere: bool = False
) -> Joined:
    """The pairs that hold the customers together: a spanning tree where nothing can be forbidden, `join` elsewhere.

    Parameters
    ----------
    everywhere : take the slow way for all; the answer is the same.
    """
    component = components(count, pairs.left, pairs.right)
    tight = np.bincount(component, minlength=1) > largest
    for apart in (parted, two):
        tight[component[apart[:, 0]][component[apart[:, 0]] == component[apart[:, 1]]]] = True
    if everywhere:
        tight[:] = True
    tree = spanning(count, pairs.left, pairs.right)
    tree = tree[~tight[component[pairs.left[tree]]]]
    held = np.flatnonzero(tight[component[pairs.left]]) if len(pairs) else np.empty(0, dtype=np.int64)
    if not len(held):
        nothing = np.empty(0, dtype=np.int64)
        return Joined(taken=tree, by=pairs.by[tree], refused=nothing, reason=nothing.astype(np.int8))
    some, of_some = np.unique(np.concatenate([pairs.left[held], pairs.right[held]]), return_inverse=True)
    number = np.full(count, -1, dtype=np.int64)
    number[some] = np.arange(len(some))
    part = Pairs(
        left=of_some[: len(held)],
        right=of_some[len(held) :],
        by=pairs.by[held],
        weight=pairs.weight[held],
        likely=pairs.likely[held],
    )
    foes, unlike = (each[(each >= 0).all(axis=1)] for each in (number[parted], number[two]))
    done = join(len(some), part, foes, largest=largest, two=unlike)
    taken = np.concatenate([tree, held[done.taken]])
    by = np.concatenate([pairs.by[tree], done.by])
    return Joined(taken=taken, by=by, refused=held[done.refused], reason=done.reason)


def _pairs(
    edges: Edges, decided: Decided, order: Ints, join_above: float, two: Ints
) -> tuple[Ints, Pairs, Floats, Ints, Ints]:
    """The records that occur, by age; the pairs of them that may be joined, the strongest first, with the model's
    probability; the pairs kept apart, and those that are two. From here on a record is its place by age, so no
    position matters."""
    likely = edges.probability >= join_above
    chosen = np.flatnonzero(likely | edges.rule)
    left = np.concatenate([decided.joined[:, 0], edges.left[chosen]])
    right = np.concatenate([decided.joined[:, 1], edges.right[chosen]])
    nodes = np.unique(np.concatenate([left, right, decided.parted.ravel()]))
    nodes = nodes[np.argsort(order[nodes])]
    age = np.full(len(order), -1, dtype=np.int64)
    age[nodes] = np.arange(len(nodes))
    low, high = np.minimum(age[left], age[right]), np.maximum(age[left], age[right])
    own = np.zeros(len(decided.joined))
    by = np.concatenate([own + PERSON, np.where(edges.rule[chosen], RULE, MODEL)]).astype(np.int8)
    weight = np.concatenate([own, np.nan_to_num(edges.weight[chosen], nan=-np.inf)])
    ranked = np.lexsort((high, low, -weight, by))
    ranked = ranked[low[ranked] != high[ranked]]
    first = np.sort(np.unique(low[ranked] * len(nodes) + high[ranked], return_index=True)[1])
    kept = ranked[first]  # of a pair that a person joined too, the person's
    pairs = Pairs(
        left=low[kept],
        right=high[kept],
        by=by[kept],
        weight=weight[kept],
        likely=np.concatenate([own.astype(np.bool_), likely[chosen]])[kept],
    )
    probability = np.concatenate([own + 1, edges.probability[chosen]])[kept]
    unlike = age[two]
    return nodes, pairs, probability, age[decided.parted], unlike[(unlike >= 0).all(axis=1)]


def _sureness(forest: Forest, joined: Joined, pairs: Pairs, sure: Floats) -> Floats:
    """How sure it is of each record that it is its customer; the oldest is the older of every pair that holds it."""
    found = weakest(forest, sure)
    best = np.zeros(len(found))
    np.maximum.at(best, pairs.left[joined.taken], sure)
    roots = np.flatnonzero((forest.via < 0) & (best > 0))
    found[roots] = best[roots]
    return found


def _bridges(forest: Forest, joined: Joined, pairs: Pairs) -> Ints:
    """The pairs on which all hangs, but for those that a person joined."""
    other = np.ones(len(pairs), dtype=np.bool_)
    other[joined.taken] = False
    other &= forest.root[pairs.left] == forest.root[pairs.right]
    below = bridges(forest, pairs.left[other], pairs.right[other])
    found = joined.taken[forest.via[below]]
    found = np.sort(found[pairs.by[found] != PERSON])
    return np.column_stack([pairs.left[found], pairs.right[found]])
