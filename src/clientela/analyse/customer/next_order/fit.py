"""What the run does to know when customers order next: learn at an older date, test at a newer, serve today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from clientela.analyse.customer.learned import backtest_rows, brief, model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.grouping.waiting import Waits, fit_waits, usual_wait

FEWEST = 30
"""So many next orders must have come, both where it is learned and where it is tested."""
WEIGHTS = (0.5, 1.0, 2.0, 4.0, 8.0)
_UNDER_WAY = 5.0  # customers: of fewer who have been silent for so short a time nothing is learned
_AS_MANY = 0.9  # of the customers for whom another weight names a day, a weight must name one
_LONGEST = 60  # tenths of the usual gap: who has been silent for longer is not expected
_EARLY, _LATE = 0.1, 0.9
_STEP = ("likely", "earliest", "latest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was known at a date, by kind of customer, and what came: ``gap`` is 0 where nothing came in ``window``."""

    on: date
    repeats: Floats
    recency: Floats
    silent: Floats
    gap: Floats
    customers: Floats
    window: float

    @property
    def came(self) -> Floats:
        """1 where the next order came."""
        return floats(self.gap > 0)

    @property
    def everybodys(self) -> float:
        """The mean of all gaps that had ended by the date."""
        return float((self.recency * self.customers).sum() / (self.repeats * self.customers).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """How gaps end, in usual gaps; the usual one is drawn to ``everybodys`` by ``weight`` gaps.

    ``waits`` are those that ended, ``whole`` those that did not as well: who more likely than not comes is expected.
    """

    waits: Waits
    whole: Waits
    weight: float
    everybodys: float

    def usual(self, seen: Seen) -> Floats:
        """The usual gap of each kind of customer."""
        return usual_wait(seen.repeats, seen.recency, weight=self.weight, everybodys=self.everybodys)

    def steps(self) -> Floats:
        """For each tenth of a usual gap that went by, when the order is likely, at the earliest, at the latest."""
        begun = floats(np.arange(_LONGEST + 1) / 10 + 0.05)
        told = np.column_stack([self.waits.quantile(begun, each) for each in (0.5, _EARLY, _LATE)])
        told[~np.isfinite(self.whole.quantile(begun, 0.5))] = np.inf
        return floats(told)

    def expected(self, seen: Seen) -> Floats:
        """The gap of each kind, likely, at the earliest, at the latest, (n, 3); inf where none is expected."""
        usual = self.usual(seen)
        steps = self.steps()
        at = np.floor(10 * seen.silent / usual).astype(np.int64)
        told = steps[np.minimum(at, _LONGEST)] * usual[:, None]
        told[(at > _LONGEST) | ~np.isfinite(told[:, 0])] = np.inf
        return floats(np.maximum(told, seen.silent[:, None]))


def fit_next_order(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """When the next order is expected, by tenths of the usual gap; the model; and how it did in the test.

    Parameters
    ----------
    tables :
        ``next_gap``.
    """
    dates = [context.origins[at] for at in (3, 1)] if len(context.origins) > 3 else []
    found = [_seen(tables["next_gap"], on, 2 * context.horizon_days) for on in dates]
    if len(found) < 2 or not all(len(each.gap) for each in found):
        days = (context.as_of - context.first_day).days if context.first_day else 0
        return _none({"reason": "too_short", "days": days, "needed": 5 * context.horizon_days}, [], context)
    older, newer = found
    fewest = min(float((each.came * each.customers).sum()) for each in found)
    if fewest < FEWEST:
        return _none({"reason": "few", "customers": round(fewest), "needed": FEWEST}, [], context)
    trial = learn(older)
    results = judged(trial, newer)
    rows = _rows(results, newer, older)
    own, best = results["pooled"]["mae"], min(results[name]["mae"] for name in ("own", "median"))
    if not own < best:
        return _none({"reason": "no_better", "mae": brief(own), "baseline": brief(best)}, rows, context)
    if results["pooled"]["coverage"] < 0.6:
        return _none({"reason": "not_sure", "coverage": brief(results["pooled"]["coverage"])}, rows, context)
    serving = learn(newer)
    said = {
        "weight": serving.weight,
        "everybodys_gap_days": brief(serving.everybodys),
        "learned_at": newer.on.isoformat(),
        "test": {name: {key: brief(value) for key, value in each.items()} for name, each in results.items()},
        "tested_at": newer.on.isoformat(),
        "window_days": 2 * context.horizon_days,
    }
    version = f"{context.version}/pooled"
    return {
        "next_step": _steps(serving, version),
        "model": model_row(version, "pooled", said, context),
        "backtest": backtest_rows(rows),
    }


def learn(seen: Seen) -> Learned:
    """How gaps end, with the weight of everybody's mean under which the likely day was least far off.

    Of the weights that name a day for as many: who names hardly any is easily right.
    """
    tried = [_learned(seen, weight) for weight in WEIGHTS]
    days = [each.expected(seen)[:, 0] for each in tried]
    named = [float(seen.customers[np.isfinite(each) & (seen.gap > 0)].sum()) for each in days]
    fair = [at for at, many in enumerate(named) if many >= _AS_MANY * max(named)]
    return tried[min(fair, key=lambda at: _error(days[at], seen))]


def _learned(seen: Seen, weight: float) -> Learned:
    usual = usual_wait(seen.repeats, seen.recency, weight=weight, everybodys=seen.everybodys)
    ended = np.where(seen.gap > 0, seen.gap, seen.silent + seen.window)
    # who bought the day before has waited for a day when first seen, and an order on the date itself ends it then
    begun, ended, over = floats((seen.silent - 0.5) / usual), floats(ended / usual), seen.came > 0
    return Learned(
        waits=fit_waits(begun[over], ended[over], seen.came[over], seen.customers[over], fewest=_UNDER_WAY),
        whole=fit_waits(begun, ended, seen.came, seen.customers, fewest=_UNDER_WAY),
        weight=weight,
        everybodys=seen.everybodys,
    )


def _error(expected: Floats, seen: Seen) -> float:
    told = np.isfinite(expected) & (seen.gap > 0)
    weights = seen.customers[told]
    if not weights.sum() > 0:
        return float("inf")
    return float((np.abs(expected - seen.gap)[told] * weights).sum() / weights.sum())


def judged(trial: Learned, newer: Seen) -> dict[str, dict[str, float]]:
    """How far each method was off, in days, of those who were expected and came; and of ours, how sure it was.

    All methods are compared on the same customers. No method may expect an order before the date itself.
    """
    said = trial.expected(newer)
    told = np.isfinite(said[:, 0])
    own = np.maximum(newer.recency / newer.repeats, newer.silent)
    gaps = np.repeat(newer.recency / newer.repeats, newer.customers.astype(np.int64))
    median = np.maximum(np.full_like(own, np.median(gaps)), newer.silent)
    came = told & (newer.gap > 0)
    weights = newer.customers[came]
    off = {"pooled": said[:, 0], "own": own, "median": median}
    results = {}
    for name, expected in off.items():
        apart = np.abs(expected - newer.gap)[came]
        mae = float((apart * weights).sum() / weights.sum()) if weights.sum() > 0 else float("inf")
        spread = float((weights * (apart - mae) ** 2).sum() / max(weights.sum(), 1)) ** 0.5
        half = 1.96 * spread / max(weights.sum(), 1) ** 0.5
        results[name] = {"mae": mae, "low": mae - half, "high": mae + half, "n": float(weights.sum())}
    inside = (newer.gap >= said[:, 1] - 0.5) & (newer.gap <= said[:, 2] + 0.5)
    results["pooled"] |= {
        "coverage": float(newer.customers[came & inside].sum() / max(weights.sum(), 1)),
        "expected": float(newer.customers[told].sum()),
        "came": float(weights.sum()),
    }
    return results


def _seen(table: Arrays, on: date, window: int) -> Seen:
    rows = np.flatnonzero(np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(on, "D"))
    columns = [
        floats(np.asarray(table[name])[rows])
        for name in ("repeat_purchases", "recency_days", "silent_days", "gap_days", "customers")
    ]
    repeats, recency, silent, gap, customers = columns
    return Seen(
        on=on, repeats=repeats, recency=recency, silent=silent, gap=gap, customers=customers, window=float(window)
    )


def _steps(learned: Learned, version: str) -> dict[str, Any]:
    steps = learned.steps()
    known = np.flatnonzero(np.isfinite(steps[:, 0]))
    told = np.where(np.isfinite(steps), steps, learned.waits.after[-1])[known]
    return {
        "step": known.astype(np.int64),
        **{name: told[:, place] for place, name in enumerate(_STEP)},
        "weight": np.full(len(known), learned.weight),
        "everybodys_gap_days": np.full(len(known), round(learned.everybodys, 6)),
        "model_version": np.array([version] * len(known), dtype=object),
    }


def _rows(results: Mapping[str, Mapping[str, float]], newer: Seen, older: Seen) -> list[dict[str, Any]]:
    """Rows of ``backtest``."""
    found = []
    for name, told in results.items():
        plain = {
            "candidate": name,
            "origin": newer.on,
            "fitted_at_origins": older.on.isoformat(),
            "n": round(told["n"]),
        }
        found.append({**plain, "metric": "mae_days", "value": told["mae"], "low": told["low"], "high": told["high"]})
        found += [
            {**plain, "metric": metric, "value": told[metric], "low": np.nan, "high": np.nan}
            for metric in ("coverage", "expected", "came")
            if metric in told
        ]
    return found


def _none(reason: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], context: FitContext) -> dict[str, Arrays]:
    """Nothing is expected, and why."""
    empty = {"step": np.zeros(0, dtype=np.int64), "model_version": np.zeros(0, dtype=object)}
    numbers = {name: np.zeros(0) for name in (*_STEP, "weight", "everybodys_gap_days")}
    version = f"{context.version}/none"
    return {
        "next_step": {**empty, **numbers},
        "model": model_row(version, "none", reason, context),
        "backtest": backtest_rows(rows),
    }
