"""What the run does with the counted sets: the rules that reach the thresholds and that chance does not explain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.baskets.next_lists import distinct
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.baskets import LEVELS, MOST_ITEMS
from clientela.estimators.arrays import floats
from clientela.estimators.association.chance import false_share
from clientela.estimators.association.counting import Bounds, Held, Ints, counted
from clientela.estimators.association.rules import Rules, possible_rules, rules
from clientela.estimators.calibration import share_interval

_ITEMS = tuple(f"item_{place}" for place in range(1, MOST_ITEMS + 1))
_LEFT = tuple(f"left_{place}" for place in range(1, MOST_ITEMS))
_COUNTED = ("baskets", "customers", "support", "confidence", "low", "high", "lift", "leverage", "false_share")
_NAMES = ("level", *_LEFT, "right", *_COUNTED)
_TEXT = np.dtype(np.object_)
_LARGEST = 60  # different items of an order that is looked at
_FEWEST, _ONE_IN = 5, 1000  # orders, and of so many orders one, that hold a set
Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The counted sets of products, or of groups. ``name``: of each item, by its number, of which ``first`` is 1."""

    level: str
    held: Mapping[int, Held]
    name: NDArray[np.object_]
    first: int
    baskets: int
    customers: int
    too_large: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rules of a level that are kept, as columns of ``basket_rule``, and how they were found."""

    columns: Columns
    told: Mapping[str, object]


def fit_basket(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The sets and rules of today, and how many rules were looked for.

    Parameters
    ----------
    tables :
        ``basket_item``, ``basket_line``.

    Returns
    -------
    Mapping
        ``basket_set``; ``basket_rule``, the most telling of each level first; ``model``: what was looked through, or
        why nothing was found.
    """
    given = _levels(_today(tables["basket_item"], context), _today(tables["basket_line"], context))
    found = [_found(each, context) for each in given]
    columns: Columns = {
        name: np.concatenate([each.columns[name] for each in found]) if found else np.zeros(0, _type(name))
        for name in _NAMES
    }
    total = len(columns["right"])
    columns["rule_no"] = np.arange(1, total + 1)
    columns["as_of"] = np.full(total, np.datetime64(context.as_of, "D"))
    columns["model_version"] = np.full(total, f"{context.version}/rules", dtype=object)
    return {
        "basket_set": _sets(given, context),
        "basket_rule": columns,
        "model": _model([each.told for each in found], context),
    }


def _today(table: Arrays, context: FitContext) -> Arrays:
    today = np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(context.as_of, "D")
    return table if today.all() else {name: np.asarray(column)[today] for name, column in table.items()}


def _levels(items: Arrays, lines: Arrays) -> list[Level]:
    """The products, and the groups where any product has one; groups are numbered first."""
    basket, item = (np.asarray(lines[name]).astype(np.int64, copy=False) for name in ("basket_no", "item_no"))
    if not basket.size:
        return []
    order = np.asarray(items["item_no"]).astype(np.int64).argsort()
    products, belongs = (np.asarray(items[name], dtype=object)[order] for name in ("product_id", "item_group"))
    buyer = np.zeros(int(basket.max()) + 1, dtype=np.int64)
    buyer[basket] = np.asarray(lines["buyer_no"]).astype(np.int64, copy=False)
    known = np.array([each is not None for each in belongs], dtype=bool)
    groups, place = np.unique(belongs[known].astype(str), return_inverse=True)
    group = np.zeros(len(products) + 1, dtype=np.int64)
    group[1:][known] = place + 1
    keys = basket * (len(products) + 1) + item
    if (keys[1:] <= keys[:-1]).any():
        keys = distinct(keys)
        basket, item = keys // (len(products) + 1), keys % (len(products) + 1)
    found = [_level("product", basket, item, buyer, products.astype(object), 1 + len(groups))]
    if len(groups):
        grouped = group[item]
        both = distinct(basket[grouped > 0] * (len(groups) + 1) + grouped[grouped > 0])
        found.append(
            _level("group", both // (len(groups) + 1), both % (len(groups) + 1), buyer, groups.astype(object), 1)
        )
    return sorted(found, key=lambda each: LEVELS.index(each.level))


def _level(level: str, basket: Ints, item: Ints, buyer: Ints, name: NDArray[np.object_], first: int) -> Level:
    sizes = np.bincount(basket, minlength=len(buyer))
    there = np.flatnonzero((sizes > 0) & (sizes <= _LARGEST))
    number = np.full(len(sizes), -1, dtype=np.int64)
    number[there] = np.arange(len(there))
    numbered = number[basket]
    if len(there) < len(np.flatnonzero(sizes)):
        kept = numbered >= 0
        numbered, item = numbered[kept], item[kept]
    bounds = Bounds(baskets=max(_FEWEST, len(there) / _ONE_IN), deepest=MOST_ITEMS)
    return Level(
        level=level,
        held=counted(numbered, item, buyer[there], bounds),
        name=name,
        first=first,
        baskets=len(there),
        customers=len(distinct(buyer[there])),
        too_large=int((sizes > _LARGEST).sum()),
    )


def _sets(levels: list[Level], context: FitContext) -> Columns:
    """The counted sets as a table, the empty one of each level first."""
    parts: list[Columns] = []
    for given in sorted(levels, key=lambda each: each.level):
        one = np.zeros(1, dtype=np.int64)
        parts.append(_rows_of(given, np.zeros((1, 0), dtype=np.int64), one + given.baskets, one + given.customers))
        for size in sorted(given.held):
            held = given.held[size]
            order = np.lexsort(held.sets.items.T[::-1])
            parts.append(_rows_of(given, held.sets.items[order], held.sets.count[order], held.buyers[order]))
    names = ("level", "size", *_ITEMS, "name", "baskets", "customers", "too_large")
    text = ("level", "name")
    columns: Columns = {
        name: np.concatenate([each[name] for each in parts])
        if parts
        else np.zeros(0, dtype=object if name in text else np.int64)
        for name in names
    }
    total = len(columns["size"])
    return {
        "set_no": np.arange(1, total + 1),
        "as_of": np.full(total, np.datetime64(context.as_of, "D")),
        **columns,
    }


def _rows_of(given: Level, items: Ints, baskets: Ints, customers: Ints) -> Columns:
    total, size = items.shape
    padded = np.zeros((total, MOST_ITEMS), dtype=np.int64)
    padded[:, :size] = items + given.first - 1
    named = given.name[items[:, 0] - 1] if size == 1 else np.full(total, None, dtype=object)
    return {
        "level": np.full(total, given.level, dtype=object),
        "size": np.full(total, size, dtype=np.int64),
        **{name: padded[:, place] for place, name in enumerate(_ITEMS)},
        "name": named,
        "baskets": baskets,
        "customers": customers,
        "too_large": np.full(total, 0 if size else given.too_large, dtype=np.int64),
    }


def _found(given: Level, context: FitContext) -> Found:
    parameters = context.parameters
    counts = {size: each.sets for size, each in given.held.items()}
    sizes = rules(
        counts,
        given.baskets,
        support=float(parameters["support"]),
        confidence=float(parameters["confidence"]),
    )
    candidates = sum(each.both.size for each in sizes)
    looked_for = max(possible_rules(counts), candidates)
    columns = [_columns(each, given) for each in sizes]
    joined = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]} if columns else {}
    told: dict[str, object] = {
        "level": given.level,
        "baskets": given.baskets,
        "too_large": given.too_large,
        "items": len(counts[1].count) if 1 in counts else 0,
        "tested": looked_for,
        "candidates": candidates,
        "found": 0,
    }
    if not candidates:
        empty = {name: np.zeros(0, _type(name)) for name in _NAMES}
        return Found(columns=empty, told=told)
    joined["false_share"] = false_share(joined["chance"].astype(np.float64), looked_for)
    kept = np.flatnonzero(joined["false_share"].astype(np.float64) <= float(parameters["false_share"]))
    order = np.lexsort((kept, -joined["confidence"][kept], -joined["leverage"][kept].round(12)))
    first = order[: int(parameters["most"])]
    told["found"] = int(kept.size)
    return Found(columns={name: values[kept[first]] for name, values in joined.items()}, told=told)


def _columns(found: Rules, given: Level) -> Columns:
    size = found.left.shape[1]
    low, high = share_interval(floats(found.both), floats(found.left_count))
    named = {
        name: given.name[found.left[:, place] - 1] if place < size else np.full(found.both.size, None, dtype=object)
        for place, name in enumerate(_LEFT)
    }
    expected = found.left_count * (found.right_count / given.baskets)
    return {
        "level": np.full(found.both.size, given.level, dtype=object),
        **named,
        "right": given.name[found.right - 1],
        "baskets": found.both,
        "customers": given.held[size + 1].buyers[found.place],
        "support": found.both / given.baskets,
        "confidence": found.confidence,
        "low": low,
        "high": high,
        "lift": found.both / expected,
        "leverage": (found.both - expected) / given.baskets,
        "chance": found.chance,
    }


def _type(name: str) -> np.dtype[np.generic]:
    if name in ("level", "right", *_LEFT):
        return _TEXT
    return np.dtype(np.int64) if name in ("baskets", "customers") else np.dtype(np.float64)


def _model(levels: list[Mapping[str, object]], context: FitContext) -> Arrays:
    """One row: what was looked through."""
    any_found = any(each["found"] for each in levels)
    candidate = "rules" if any_found else "none"
    said = json.dumps({"levels": levels, "false_share": context.parameters["false_share"]}, sort_keys=True)
    return {
        "version": np.array([f"{context.version}/{candidate}"], dtype=object),
        "candidate": np.array([candidate], dtype=object),
        "as_of": np.array([np.datetime64(context.as_of, "D")]),
        "parameters": np.array([said], dtype=object),
        "winner": np.array([any_found]),
        "log_likelihood": np.array([np.nan]),
    }
