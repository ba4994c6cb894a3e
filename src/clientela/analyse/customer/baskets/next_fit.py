"""What the run does to know what customers buy next: choose on two older orders, test on the last, serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.baskets.next_lists import (
    PLACES,
    Bought,
    Links,
    Listed,
    again,
    first_time,
    held_out,
    links,
    named,
    new,
    popular,
    speaking,
)
from clientela.analyse.customer.learned import model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.calibration import share_interval

Ints = NDArray[np.int64]
FEWEST = 30
"""So many customers must have two orders to choose on, one to test on, and one before."""
_NEVER = 1e9  # a half-life so long that age does not matter
HALF_LIVES = {"often": _NEVER, "often-60": 60.0, "often-120": 120.0}
ALIKE: Mapping[str, tuple[float, float]] = {  # the penalty for each 1000 customers, and what selling now counts
    "alike": (400.0, 0.0),
    "alike-now": (400.0, 0.5),
    "alike-close-now": (100.0, 0.5),
}
BASELINES = {"again": "often", "new": "popular"}
_RESULT = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a way of making lists did on held-out orders. ``shares``: of each customer; ``chance``: by place."""

    shares: Floats
    came: Ints
    lists: Ints

    @property
    def recall(self) -> float:
        """The share of an order that a list named, on average."""
        return float(np.nanmean(self.shares)) if np.isfinite(self.shares).any() else float("nan")

    @property
    def n(self) -> int:
        """Customers it rests on."""
        return int(np.isfinite(self.shares).sum())

    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the recall."""
        reach = 1.96 * float(np.nanstd(self.shares, ddof=1)) / np.sqrt(self.n) if self.n > 1 else float("nan")
        return max(self.recall - reach, 0.0), min(self.recall + reach, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What the chances of the places, learned on the two orders before, said of the last: how many proposals it would
    hold, how many it held of how many, and the mean squared error (Brier), beside that of one chance for all places.
    """

    expected: float
    came: float
    proposals: float
    brier: float
    brier_of_one: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The way chosen for a kind, and its test against the simplest one; ``chances``: how those of the places held."""

    kind: str
    name: str
    trials: Mapping[str, Trial]
    chances: Foretold

    @property
    def is_better(self) -> bool:
        """Whether the way chosen beat the simplest on orders that had no say in the choice, by more than chance may.

        By more than the standard error of the difference, customer by customer: of lists that are no better one in six
        passes, and not one in two.
        """
        apart = self.trials[self.name].shares - self.trials[BASELINES[self.kind]].shares
        apart = apart[np.isfinite(apart)]
        if apart.size < 2:
            return False
        return float(apart.mean()) > float(apart.std(ddof=1)) / float(np.sqrt(apart.size))


def fit_next(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """What speaks for which product, the chance of each place on a list, and how the lists did in the test.

    Parameters
    ----------
    tables :
        ``next_item``, ``next_sample``.

    Returns
    -------
    Mapping
        ``next_affinity`` and ``next_chance``, empty where nothing can be said; ``model`` and ``backtest``.
    """
    sample = _today(tables["next_sample"], context)
    items = len(_today(tables["next_item"], context)["item_no"])
    customer = sample["customer_no"].astype(np.int64) - 1
    rows = (customer, sample["back"].astype(np.int64), floats(sample["days_ago"]), sample["item_no"].astype(np.int64))
    enough = np.unique(customer[rows[1] == 4]).size
    if enough < FEWEST:
        return _nothing({"reason": "few", "found": enough, "needed": FEWEST}, {}, context)
    older, testing = [_trials(rows, held, items) for held in (3, 2)], _trials(rows, 1, items)
    chosen = [_choose(kind, [each[kind] for each in older], testing[kind]) for kind in ("again", "new")]
    served = [each for each in chosen if each.is_better]
    tested = {each.kind: each for each in chosen}
    if not served:
        return _nothing({"reason": "no_better"}, tested, context)
    names = {each.kind: each.name for each in served}
    made = _serving(rows, names, items) if "new" in names else None
    return {
        "next_affinity": _affinity(made, context),
        "next_chance": _chances(served, context),
        "model": model_row(f"{context.version}/lists", "lists", {"served": names, **_said(tested)}, context),
        "backtest": _results(tested, context),
    }


def _today(table: Arrays, context: FitContext) -> dict[str, NDArray[np.generic]]:
    rows = np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(context.as_of, "D")
    return {name: np.asarray(values)[rows] for name, values in table.items()}


def _trials(rows: tuple[Ints, Ints, Floats, Ints], held: int, items: int) -> dict[str, dict[str, Trial]]:
    """Every way of making lists, compared with the order held out."""
    bought, customer, item = held_out(*rows, held, items)
    fresh = first_time(bought, customer, item)

    has_order = np.zeros(bought.customers, dtype=np.bool_)
    has_order[customer] = True

    def tried(listed: Listed, which: NDArray[np.bool_]) -> Trial:
        shares, came = named(listed, customer[which], item[which], bought.customers, items + 1)
        known = has_order[listed.customer]
        places = np.arange(1, PLACES + 1)
        return Trial(
            shares=shares,
            came=np.array([came[known & (listed.place == place)].sum() for place in places]),
            lists=np.array([(known & (listed.place == place)).sum() for place in places]),
        )

    everything = np.ones(customer.size, dtype=np.bool_)
    weights = {each: speaking(bought, _penalty(each, bought)) for each in {penalty for penalty, _ in ALIKE.values()}}
    fresh_ones = {"popular": tried(popular(bought), fresh)} | {
        name: tried(new(bought, links(bought, weights[penalty], share)), fresh)
        for name, (penalty, share) in ALIKE.items()
    }
    return {
        "again": {
            name: tried(listed, everything)
            for name, listed in zip(HALF_LIVES, again(bought, list(HALF_LIVES.values())), strict=True)
        },
        "new": fresh_ones,
    }


def _penalty(penalty: float, bought: Bought) -> float:
    """The same for each customer, whether they are few or many."""
    return max(penalty * bought.customers / 1000, 1.0)


def _choose(kind: str, older: Sequence[Mapping[str, Trial]], testing: Mapping[str, Trial]) -> Chosen:
    """The way that named most of the two orders before the last; of equal ones the first."""
    rivals = [name for name in testing if name != BASELINES[kind]]
    named_of = {name: sum(float(np.nan_to_num(each[name].recall)) for each in older) for name in rivals}
    best = max(rivals, key=lambda name: (named_of[name], -rivals.index(name)))
    chances = foretold([each[best] for each in older], testing[best])
    return Chosen(kind=kind, name=best, trials=testing, chances=chances)


def foretold(older: Sequence[Trial], test: Trial) -> Foretold:
    """How far the chances of the places held from the orders before to the last.

    Examples
    --------
    >>> def trial(came: list[int], lists: list[int]) -> Trial:
    ...     return Trial(shares=floats([]), came=np.array(came), lists=np.array(lists))
    >>> told = foretold([trial([4, 1], [10, 10]), trial([4, 1], [10, 10])], trial([5, 1], [10, 10]))
    >>> told.expected, told.came, told.proposals, round(told.brier, 3), round(told.brier_of_one, 4)
    (5.0, 6.0, 20.0, 0.175, 0.2125)
    """
    came: Ints = np.sum([each.came for each in older], axis=0)
    lists: Ints = np.sum([each.lists for each in older], axis=0)
    chance = np.array([hits / max(seen, 1) for hits, seen in _falling(came, lists)])
    one = np.full(len(chance), came.sum() / max(lists.sum(), 1))
    proposals = float(test.lists.sum())

    def error(said: NDArray[np.float64]) -> float:
        whole = test.came * (1 - said) ** 2 + (test.lists - test.came) * said**2
        return float(whole.sum()) / max(proposals, 1.0)

    return Foretold(
        expected=float(test.lists @ chance),
        came=float(test.came.sum()),
        proposals=proposals,
        brier=error(chance),
        brier_of_one=error(one),
    )


def _serving(
    rows: tuple[Ints, Ints, Floats, Ints],
    names: Mapping[str, str],
    items: int,
) -> Links:
    """What speaks for what, learned from all orders."""
    bought, _, _ = held_out(*rows, 0, items)
    penalty, share = ALIKE[names["new"]]
    return links(bought, speaking(bought, _penalty(penalty, bought)), share)


def _affinity(made: Links | None, context: FitContext) -> Arrays:
    if made is None:
        columns = [np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)]
    else:
        dense = np.asarray(made.weights.toarray())
        source, target = np.nonzero(dense >= 5e-7)  # what is less is stored as 0
        size = made.in_demand.size
        columns = [
            np.concatenate([np.zeros(size, dtype=np.int64), source + 1]),
            np.concatenate([np.arange(size), target]) + 1,
            np.concatenate([made.in_demand, dense[source, target]]),
        ]
    dates = np.full(columns[0].size, np.datetime64(context.as_of, "D"))
    return {"as_of": dates, **dict(zip(("from_item", "to_item", "weight"), columns, strict=True))}


def _chances(served: list[Chosen], context: FitContext) -> Arrays:
    """How often each place of the lists came true, the later ones never more than the earlier."""
    columns: dict[str, list[object]] = {
        name: [] for name in ("kind", "place", "chance", "low", "high", "half_life_days")
    }
    for each in served:
        trial = each.trials[each.name]
        half = HALF_LIVES.get(each.name, float("nan"))
        for place, (came, lists) in enumerate(_falling(trial.came, trial.lists), 1):
            low, high = share_interval(floats(came), floats(max(lists, 1)))
            told = (each.kind, place, came / max(lists, 1), float(low), float(high), half)
            for name, value in zip(columns, told, strict=True):
                columns[name].append(value)
    total = len(columns["kind"])
    return {
        "kind": np.array(columns["kind"], dtype=object),
        "place": np.array(columns["place"], dtype=np.int64),
        **{name: np.array(columns[name], dtype=np.float64) for name in ("chance", "low", "high", "half_life_days")},
        "as_of": np.full(total, np.datetime64(context.as_of, "D")),
        "model_version": np.full(total, f"{context.version}/lists", dtype=object),
    }


def _falling(came: Ints, lists: Ints) -> list[tuple[float, float]]:
    """Hits and lists of each place, pooled with the next ones where those did better (isotonic regression).

    Examples
    --------
    >>> _falling(np.array([5, 1, 3]), np.array([10, 10, 10]))
    [(5.0, 10.0), (4.0, 20.0), (4.0, 20.0)]
    """
    blocks: list[tuple[float, float, int]] = []
    for hits, size in zip(came.tolist(), lists.tolist(), strict=True):
        blocks.append((float(hits), float(size), 1))
        while len(blocks) > 1 and blocks[-1][0] * blocks[-2][1] > blocks[-2][0] * blocks[-1][1]:
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return [(hits, size) for hits, size, places in blocks for _ in range(places)]


def _said(tested: Mapping[str, Chosen]) -> dict[str, object]:
    return {"chosen": {kind: each.name for kind, each in tested.items()}, "places": PLACES}


def _nothing(reason: Mapping[str, object], tested: Mapping[str, Chosen], context: FitContext) -> Mapping[str, Arrays]:
    return {
        "next_affinity": _affinity(None, context),
        "next_chance": _chances([], context),
        "model": model_row(f"{context.version}/none", "none", {**reason, **_said(tested)}, context),
        "backtest": _results(tested, context),
    }


def _results(tested: Mapping[str, Chosen], context: FitContext) -> Arrays:
    """Rows of ``backtest``: what each way named of the last order."""
    found: list[tuple[object, ...]] = []
    for kind, each in tested.items():
        for name, trial in each.trials.items():
            if trial.n:
                low, high = trial.interval()
                row = (f"recall_{kind}", round(trial.recall, 10), low, high, trial.n, "the orders before")
                found.append((name, context.as_of, *row))
        told = {name: getattr(each.chances, name) for name in ("expected", "came", "brier", "brier_of_one")}
        if each.chances.proposals:
            found += [
                (each.name, context.as_of, f"{name}_{kind}", round(value, 10), np.nan, np.nan,
                 round(each.chances.proposals), "the orders before")
                for name, value in told.items()
            ]  # fmt: skip
    columns = list(zip(*found, strict=True)) if found else [()] * len(_RESULT)
    text, numbers = np.dtype(np.object_), np.dtype(np.float64)
    types = (text, np.dtype("datetime64[D]"), text, numbers, numbers, numbers, np.dtype(np.int64), text)
    return {
        name: np.array(list(values), dtype=kind) for name, values, kind in zip(_RESULT, columns, types, strict=True)
    }
