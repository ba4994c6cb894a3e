"""Lists of proposals for customers of whom the next order is known, and how much of it they named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.association.alike import affinity, bought_together, first_places

Ints = NDArray[np.int64]
PLACES = 10
MOST_ITEMS = 2000  # products that new ones are proposed from: those with most customers
_NEIGHBOURS = 50
FEWEST_CUSTOMERS = 5
RECENT_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Who bought what, before the order to foretell. ``customer`` from 0; ``days``: before their latest purchase.

    ``popularity``, ``recent``: purchases of each item, by its number less 1, in all and lately. ``customers``: how many
    customers there are; ``items``: of how many items each list of new ones is made. ``owner``, ``owned``: who bought
    which of those, each once; from 0.
    """

    customer: Ints
    item: Ints
    days: Floats
    customers: int
    popularity: Floats
    recent: Floats
    items: int
    owner: Ints
    owned: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list for each customer, row by row."""

    customer: Ints
    item: Ints
    place: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What speaks for new items: (items, items) weights and what selling now adds to each."""

    weights: csr_matrix
    in_demand: Floats


def held_out(
    customer: Ints, back: Ints, days_ago: Floats, item: Ints, held: int, items: int
) -> tuple[Bought, Ints, Ints]:
    """What was bought before the ``held``-th latest day; and of those who bought before, what they bought on it."""
    known = back > held
    who = np.flatnonzero(np.bincount(customer[known]))
    numbered = np.full(int(customer.max(initial=0)) + 1, -1, dtype=np.int64)
    numbered[who] = np.arange(who.size)
    number = numbered[customer[known]]
    latest = np.full(who.size, np.inf)
    np.minimum.at(latest, number, days_ago[known])
    end = float(np.min(days_ago[known], initial=np.inf))
    recently = known & (days_ago < end + RECENT_DAYS)
    popularity = floats(np.bincount(item[known] - 1, minlength=items))
    recent = floats(np.bincount(item[recently] - 1, minlength=items))
    asked = (back == held) & (numbered[customer] >= 0)
    pairs = distinct(number * np.int64(items) + item[known] - 1)
    size = min(MOST_ITEMS, int((np.bincount(pairs % max(items, 1), minlength=items) >= FEWEST_CUSTOMERS).sum()))
    offered = pairs[pairs % max(items, 1) < size]
    bought = Bought(
        customer=number,
        item=item[known],
        days=days_ago[known] - latest[number],
        customers=who.size,
        popularity=popularity,
        recent=recent,
        items=size,
        owner=offered // max(items, 1),
        owned=offered % max(items, 1),
    )
    return bought, numbered[customer[asked]], item[asked]


def distinct(values: Ints) -> Ints:
    """The values, each once and in order; by sorting, which takes a fifth of the time of numpy's table of hashes.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if ordered.size else ordered


def again(bought: Bought, half_lives: Sequence[float]) -> list[Listed]:
    """What each customer bought most often, a purchase of a half-life ago counting half; ties by what sells most."""
    base = np.int64(bought.popularity.size)
    asked = bought.customer * base + bought.item - 1
    pairs = distinct(asked)
    number = np.searchsorted(pairs, asked)
    customer, item = pairs // base, pairs % base + 1
    ties = floats(bought.popularity[item - 1])
    lists = []
    for half in half_lives:
        weight = floats(np.bincount(number, np.exp(-np.log(2) * bought.days / half)).round(9))
        kept, place = first_places(customer, weight, ties, item, PLACES)
        lists.append(Listed(customer=customer[kept], item=item[kept], place=place))
    return lists


def speaking(bought: Bought, penalty: float) -> csr_matrix:
    """How much each item bought speaks for each other one; (items, items)."""
    together = bought_together(bought.owner, bought.owned, bought.customers, bought.items)
    return csr_matrix(affinity(together, penalty, most=_NEIGHBOURS))


def links(bought: Bought, weights: csr_matrix, share: float) -> Links:
    """What speaks for new items; ``share``: how much selling now counts beside what the same customers bought."""
    size = bought.items
    rows = np.bincount(bought.owned, minlength=size)
    spoken = np.asarray(weights.sum(axis=1)).ravel()
    mean = float(rows @ spoken) / max(bought.customers * size, 1)  # of a score, over customers and items
    recent = bought.recent[:size]
    usual = float(recent.mean()) if size else 1.0
    return Links(weights=weights, in_demand=share * mean * recent / max(usual, 1e-12))


def new(bought: Bought, made: Links) -> Listed:
    """What nobody on the list has bought yet, by what speaks for it."""
    ones = np.ones(bought.owned.size)
    owned = csr_matrix((ones, (bought.owner, bought.owned)), shape=(bought.customers, bought.items))
    score = np.asarray((owned @ made.weights).toarray())
    score += np.where(score > 0, made.in_demand, 0.0)
    score[bought.owner, bought.owned] = 0.0
    return _best(score, bought.items)


def popular(bought: Bought) -> Listed:
    """The items that sell most, of those a customer has not bought: what the lists of new ones are compared with."""
    score = np.tile(bought.popularity[: bought.items], (bought.customers, 1))
    score[bought.owner, bought.owned] = 0.0
    return _best(score, bought.items)


def named(listed: Listed, customer: Ints, item: Ints, customers: int, items: int) -> tuple[Floats, Ints]:
    """Of each customer's order, the share that their list named (NaN without one), and which rows came true."""
    truth = distinct(customer * np.int64(items) + item)
    came = np.isin(listed.customer * np.int64(items) + listed.item, truth)
    asked = np.bincount(truth // items, minlength=customers)
    found = np.bincount(listed.customer[came], minlength=customers)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(asked > 0, found / asked, np.nan), came.astype(np.int64)


def first_time(bought: Bought, customer: Ints, item: Ints) -> NDArray[np.bool_]:
    """Which rows of an order are of items its customer had never bought."""
    base = np.int64(bought.popularity.size + 1)
    return ~np.isin(customer * base + item, bought.customer * base + bought.item)


def _best(score: Floats, size: int) -> Listed:
    places = min(PLACES, size)
    if not places:
        nothing = np.zeros(0, dtype=np.int64)
        return Listed(customer=nothing, item=nothing, place=nothing)
    some = np.argpartition(-score, places - 1, axis=1)[:, :places]
    order = np.argsort(-np.take_along_axis(score, some, axis=1), axis=1, kind="stable")
    first = np.take_along_axis(some, order, axis=1)
    customer = np.repeat(np.arange(len(score)), places)
    item, place = first.ravel(), np.tile(np.arange(1, places + 1), len(score))
    kept = score[customer, item] > 0
    return Listed(customer=customer[kept], item=item[kept] + 1, place=place[kept])
