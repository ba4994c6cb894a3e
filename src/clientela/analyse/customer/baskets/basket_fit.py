"""What the run does with the counted sets: the rules that reach the thresholds and that chance does not explain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.baskets import LEVELS, MOST_ITEMS
from clientela.estimators.arrays import floats
from clientela.estimators.association.chance import false_share
from clientela.estimators.association.rules import Rules, Sets, by_size, possible_rules, rules
from clientela.estimators.calibration import share_interval

_ITEMS = tuple(f"item_{place}" for place in range(1, MOST_ITEMS + 1))
_LEFT = tuple(f"left_{place}" for place in range(1, MOST_ITEMS))
_COUNTED = ("baskets", "customers", "support", "confidence", "low", "high", "lift", "leverage", "false_share")
_NAMES = ("level", *_LEFT, "right", *_COUNTED)
_TEXT = np.dtype(np.object_)
Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The counted sets of products, or of groups. ``name``: of each item, by its number; ``number``: of each set."""

    level: str
    sets: Mapping[int, Sets]
    name: Mapping[int, str]
    customers: Mapping[int, NDArray[np.int64]]
    baskets: int
    too_large: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rules of a level that are kept, as columns of ``basket_rule``, and how they were found."""

    columns: Columns
    told: Mapping[str, object]


def fit_basket(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The rules of today, and how many were looked for.

    Parameters
    ----------
    tables :
        ``basket_set``.

    Returns
    -------
    Mapping
        ``basket_rule``, the most telling of each level first; ``model``: what was looked through, or why nothing
        was found.
    """
    given = [each for level in LEVELS if (each := _level(tables["basket_set"], level, context)) is not None]
    found = [_found(each, context) for each in given]
    columns: Columns = {
        name: np.concatenate([each.columns[name] for each in found]) if found else np.zeros(0, _type(name))
        for name in _NAMES
    }
    total = len(columns["right"])
    columns["rule_no"] = np.arange(1, total + 1)
    columns["as_of"] = np.full(total, np.datetime64(context.as_of, "D"))
    columns["model_version"] = np.full(total, f"{context.version}/rules", dtype=object)
    return {"basket_rule": columns, "model": _model([each.told for each in found], context)}


def _level(table: Arrays, level: str, context: FitContext) -> Level | None:
    today = np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(context.as_of, "D")
    rows = np.flatnonzero(today & (table["level"] == level))
    size = np.asarray(table["size"])[rows].astype(np.int64)
    if not (size == 0).any():
        return None
    items = np.column_stack([np.asarray(table[name])[rows] for name in _ITEMS]).astype(np.int64)
    baskets, customers, names = (np.asarray(table[name])[rows] for name in ("baskets", "customers", "name"))
    whole = int(np.flatnonzero(size == 0)[0])
    return Level(
        level=level,
        sets=by_size(size, items, baskets.astype(np.int64)),
        name={int(items[row, 0]): str(names[row]) for row in np.flatnonzero(size == 1)},
        customers={int(each): customers[size == each].astype(np.int64) for each in np.unique(size)},
        baskets=int(baskets[whole]),
        too_large=int(np.asarray(table["too_large"])[rows][whole]),
    )


def _found(given: Level, context: FitContext) -> Found:
    parameters = context.parameters
    sizes = rules(
        given.sets,
        given.baskets,
        support=float(parameters["support"]),
        confidence=float(parameters["confidence"]),
    )
    candidates = sum(each.both.size for each in sizes)
    looked_for = max(possible_rules(given.sets), candidates)
    columns = [_columns(each, given) for each in sizes]
    joined = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]} if columns else {}
    told: dict[str, object] = {
        "level": given.level,
        "baskets": given.baskets,
        "too_large": given.too_large,
        "items": len(given.name),
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
        name: np.array([given.name[each] for each in found.left[:, place]], dtype=object)
        if place < size
        else np.full(found.both.size, None, dtype=object)
        for place, name in enumerate(_LEFT)
    }
    expected = found.left_count * (found.right_count / given.baskets)
    return {
        "level": np.full(found.both.size, given.level, dtype=object),
        **named,
        "right": np.array([given.name[each] for each in found.right], dtype=object),
        "baskets": found.both,
        "customers": given.customers[size + 1][found.place],
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
