"""What the run does to know what the best served spend: learned on one window, tested on the next, served from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import backtest_rows, brief, model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.wallet import PERIODS, WHOLE
from clientela.errors import ConfigurationError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.comparing.frontier import Frontier, frontier, pinball, pooled_shares

FEWEST = 50
"""So many customers must have spent in each of the two windows."""
SMALLEST = 10
"""A group of fewer peers is not told apart from the larger one."""
OFF = 0.1
"""A frontier that so much more, or less, than the right share stay under, beyond chance, does not hold over time."""
MOST_GROUPS = 500
WEIGHTS = (10.0, 40.0, 160.0)
DEPTHS = (1, 2)
EVERYBODY, AVERAGE = "everybody", "average"
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many of each group spent how much of each category in a window.

    ``counts`` is (groups, categories, amounts); the first category is all of them together, the first amount is 0, and
    the first group is everybody. ``depth``, ``parent`` (a place among the groups) and ``name`` are those of each group.
    """

    counts: Floats
    depth: NDArray[np.int64]
    parent: NDArray[np.int64]
    name: Words

    @property
    def members(self) -> Floats:
        """How many customers each group has."""
        return floats(self.counts[:, 0].sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to find frontiers: how many traits peers share at most, and the weight of the larger group."""

    depth: int
    weight: float = 0.0

    @property
    def name(self) -> str:
        """As it stands in the back-test."""
        return EVERYBODY if not self.depth else f"peers-{self.depth}-{self.weight:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """How frontiers of one window did in the next: mean loss, its error, and the share that stayed under them."""

    loss: float
    error: float
    covered: float


def fit_share_of_wallet(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """What the best served of each group of peers spend; the model; and how it did in the test.

    Parameters
    ----------
    tables :
        ``wallet_window`` and ``wallet_count``.

    Raises
    ------
    ConfigurationError
        ``best_served`` is not a share between 0.5 and 0.95.
    """
    quantile = float(context.parameters["best_served"])
    if not 0.5 <= quantile <= 0.95:
        raise ConfigurationError(
            f"[analysis.share-of-wallet]: best_served is {quantile:g}; it is the share of peers that spend less than "
            "the best served, from 0.5 to 0.95."
        )
    window = tables["wallet_window"]["window_days"]
    if not len(window):
        days = (context.as_of - context.first_day).days if context.first_day else 0
        return _none({"reason": "too_short", "days": days, "needed": 3 * context.horizon_days}, [], context)
    days = int(window[0])
    now, before, amounts, categories = counted(tables["wallet_count"])
    fewest = round(min(float(each.members[0]) if len(each.name) else 0.0 for each in (now, before)))
    if fewest < FEWEST:
        return _none({"reason": "few", "customers": fewest, "needed": FEWEST}, [], context)
    tried = ways(before)
    in_all = replace(before, counts=before.counts[:, :1])  # the test is of all categories together
    results = {
        way.name: tested(frontiers(in_all, amounts, way, quantile).value[:, 0], way, before, now, amounts, quantile)
        for way in tried
    }
    chosen = min(tried, key=lambda way: (results[way.name].loss, way.depth, -way.weight))
    results[AVERAGE] = tested(_means(before, amounts), Way(depth=0), before, now, amounts, quantile)
    origin, people = context.as_of - timedelta(days=days), round(float(now.members[0]))
    rows = _rows(results, origin, people)
    ours = results[chosen.name]
    chance = 1.96 * (quantile * (1 - quantile) * sum(1 / float(each.members[0]) for each in (now, before))) ** 0.5
    if abs(ours.covered - quantile) > OFF + chance:
        reason = {"reason": "drifts", "covered": brief(ours.covered), "quantile": quantile}
        return _none(reason, rows, context)
    rival = results[AVERAGE].loss  # everybody together was tried: what serves is never worse
    if not ours.loss < rival:
        return _none({"reason": "no_better", "loss": brief(ours.loss), "baseline": brief(rival)}, rows, context)
    served = np.flatnonzero(now.depth <= chosen.depth)
    said: dict[str, Any] = {
        "window_days": days,
        "quantile": quantile,
        "depth": chosen.depth,
        "weight": chosen.weight,
        "groups": len(served),
        "customers": people,
        "tested_at": origin.isoformat(),
        "test": {
            name: {"loss": brief(each.loss), "error": brief(each.error), "covered": brief(each.covered)}
            for name, each in results.items()
        },
    }
    version = f"{context.version}/{chosen.name}"
    return {
        "wallet_frontier": _table(now, served, frontiers(now, amounts, chosen, quantile), categories, version),
        "model": model_row(version, chosen.name, said, context),
        "backtest": backtest_rows(rows),
    }


def counted(table: Arrays) -> tuple[Counted, Counted, Floats, Sequence[str]]:
    """The counts of the two windows, the later first; the amounts they are counted by, and the categories."""
    customers = floats(table["customers"])
    depth = np.asarray(table["depth"], dtype=np.int64)
    group, category, period = (np.asarray(table[name], dtype=str) for name in ("peer_group", "category", "period"))
    bucket = np.asarray(table["bucket"], dtype=np.int64)
    categories = np.unique(np.concatenate([[WHOLE], category]))  # the empty one is the first
    steps = np.unique(bucket)
    amounts = np.concatenate([[0.0], np.exp((steps + 0.5) / 50)])
    column, place = np.searchsorted(categories, category), 1 + np.searchsorted(steps, bucket)
    found = []
    for name in PERIODS:
        rows = np.flatnonzero(period == name)
        shape = (depth[rows], group[rows], column[rows], place[rows], customers[rows])
        found.append(_counted(*shape, len(categories), len(amounts)))
    return found[0], found[1], floats(amounts), [str(each) for each in categories]


def _counted(
    depth: NDArray[np.int64], group: Words, column: NDArray[np.int64], place: NDArray[np.int64], customers: Floats,
    categories: int, amounts: int,
) -> Counted:  # fmt: skip
    keys: list[tuple[int, str]] = [(0, WHOLE)]
    sizes: dict[tuple[int, str], float] = {}
    for at in np.flatnonzero(column == 0):
        key = (int(depth[at]), str(group[at]))
        sizes[key] = sizes.get(key, 0.0) + float(customers[at])
    for level in DEPTHS:
        large = sorted(
            (key for key in sizes if key[0] == level and sizes[key] >= SMALLEST), key=lambda key: (-sizes[key], key)
        )
        keys += sorted(large[:MOST_GROUPS])
    of = {key: at for at, key in enumerate(keys)}
    places = np.array([of.get((int(a), str(b)), -1) for a, b in zip(depth, group, strict=True)], dtype=np.int64)
    rows = np.flatnonzero(places >= 0)
    counts = np.zeros((len(keys), categories, amounts))
    np.add.at(counts, (places[rows], column[rows], place[rows]), customers[rows])
    counts[:, 1:, 0] = counts[:, 0].sum(axis=1)[:, None] - counts[:, 1:, 1:].sum(axis=2)  # who spent nothing of it
    parents = [0 if level < 2 else of.get((1, name.rsplit(", ", 1)[0]), 0) for level, name in keys]
    return Counted(
        counts=floats(counts),
        depth=np.array([level for level, _ in keys], dtype=np.int64),
        parent=np.array(parents, dtype=np.int64),
        name=np.array([name for _, name in keys], dtype=str),
    )


def ways(seen: Counted) -> list[Way]:
    """All ways to be tried: everybody together, and peers by one and two kinds of traits where there are such."""
    there = [depth for depth in DEPTHS if (seen.depth == depth).sum() > 1]
    return [Way(depth=0), *(Way(depth=depth, weight=weight) for depth in there for weight in WEIGHTS)]


def frontiers(seen: Counted, amounts: Floats, way: Way, quantile: float) -> Frontier:
    """The frontier of each group and category, (groups, categories); of groups that are too deep that of nobody: 0."""
    groups, categories, width = seen.counts.shape
    shares, mass = np.zeros_like(seen.counts), np.zeros(groups)
    for depth in range(way.depth + 1):
        rows = np.flatnonzero(seen.depth == depth)
        weight = way.weight if depth else 0.0
        mass[rows] = seen.members[rows] + weight
        for category in range(categories):
            parent = shares[seen.parent[rows], category] if depth else np.zeros((len(rows), width))
            shares[rows, category] = pooled_shares(seen.counts[rows, category], floats(parent), weight=weight)
    known = np.flatnonzero(mass > 0)
    value, low, high = (np.zeros((groups, categories)) for _ in range(3))
    for category in range(categories):
        told = frontier(floats(shares[known, category]), floats(mass[known]), amounts, quantile=quantile)
        value[known, category], low[known, category], high[known, category] = told.value, told.low, told.high
    return Frontier(value=floats(value), low=floats(low), high=floats(high))


def tested(learned: Floats, way: Way, before: Counted, now: Counted, amounts: Floats, quantile: float) -> Tested:
    """How frontiers of all categories together, learned in the window before, did in the one now.

    Each customer is compared with the frontier of the deepest group that was told apart then; who is of none, with that
    of everybody.
    """
    known = {
        (int(depth), str(name)): at for at, (depth, name) in enumerate(zip(before.depth, before.name, strict=True))
    }
    counts = now.counts[:, 0].copy()
    told = np.full(len(now.name), learned[0])
    for at in range(len(now.name)):
        key = (int(now.depth[at]), str(now.name[at]))
        if 0 < key[0] <= way.depth:
            parent = told[now.parent[at]]  # parents stand before their children
            told[at] = learned[known[key]] if key in known else parent
    for child in np.flatnonzero((now.depth > 0) & (now.depth <= way.depth)):
        _apart(counts, int(child), int(now.parent[child]))
    counts[now.depth > way.depth] = 0
    loss, error = pinball(floats(told), floats(counts), amounts, quantile=quantile)
    under = (amounts[None, :] <= told[:, None] + 1e-9) * counts
    return Tested(loss=loss, error=error, covered=float(under.sum() / counts.sum()))


def _apart(counts: NDArray[Any], child: int, parent: int) -> None:
    """Whoever is counted in a group is not counted in the larger one any more."""
    counts[parent] = np.maximum(counts[parent] - counts[child], 0.0)


def _means(seen: Counted, amounts: Floats) -> Floats:
    """What a member of each group spends on average."""
    whole = seen.counts[:, 0]
    return floats((whole * amounts).sum(axis=1) / np.maximum(whole.sum(axis=1), 1.0))


def _table(
    seen: Counted, served: NDArray[np.intp], found: Frontier, categories: Sequence[str], version: str
) -> dict[str, Any]:
    """Rows of ``wallet_frontier``: every category of every group that is served."""
    wide = len(categories)
    return {
        "depth": np.repeat(seen.depth[served], wide),
        "peer_group": np.repeat(seen.name[served], wide).astype(object),
        "category": np.array(list(categories) * len(served), dtype=object),
        **{
            name: values[served].ravel().round(4)
            for name, values in (("frontier", found.value), ("low", found.low), ("high", found.high))
        },
        "customers": np.repeat(seen.members[served].astype(np.int64), wide),
        "model_version": np.array([version] * (wide * len(served)), dtype=object),
    }


def _rows(results: Mapping[str, Tested], origin: Any, people: int) -> list[dict[str, Any]]:
    """Rows of ``backtest``."""
    found = []
    for name, each in results.items():
        plain = {"candidate": name, "origin": origin, "fitted_at_origins": origin.isoformat(), "n": people}
        half = 1.96 * each.error
        found += [
            {**plain, "metric": "pinball_loss", "value": each.loss, "low": each.loss - half, "high": each.loss + half},
            {**plain, "metric": "covered", "value": each.covered, "low": np.nan, "high": np.nan},
        ]
    return found


def _none(reason: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], context: FitContext) -> dict[str, Arrays]:
    """Nothing is assumed, and why."""
    whole = {name: np.zeros(0, dtype=np.int64) for name in ("depth", "customers")}
    words = {name: np.zeros(0, dtype=object) for name in ("peer_group", "category", "model_version")}
    version = f"{context.version}/none"
    return {
        "wallet_frontier": {**whole, **words, **{name: np.zeros(0) for name in ("frontier", "low", "high")}},
        "model": model_row(version, "none", reason, context),
        "backtest": backtest_rows(rows),
    }
