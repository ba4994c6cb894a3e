"""What the run does to find who is like the best: learn and choose at older dates, test at the newest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import NONE, brief, model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.alike import KNOWN_OF_ALL, TRAITS
from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.discrimination import discrimination
from clientela.estimators.investing.likeness import (
    Lift,
    Likeness,
    Traits,
    fit_likeness,
    found_in_top,
    lift,
    lift_beyond,
    lift_of,
)

FEWEST = 15
"""So many of the best there must be, both where it is learned and where it is tested."""
TOP = 0.1
"""The share of those asked about that is proposed, and tested."""
MOST_KINDS = 30_000
"""It is learned from so many kinds of customers at most, drawn by chance: more would cost time and tell nothing new."""
ALL, SIMPLE = "traits", "simple"
"""The candidates: likeness by all that is known, and by what the plain order goes by alone."""
PLAIN_TRAITS = MappingProxyType({"customer": ("recent", "purchases"), "prospect": ("came_by",)})
DATES, FOLDS = "dates", "folds"
"""How the likeness that serves is chosen: at older dates, each by what was learned before it, or within one date."""
_PARTS = 5  # the customers of one date are divided into, to judge each part by what the others teach
_OLDER = 2  # horizons: so long ago it is learned of people, whom newcomers since then test
Row = Mapping[str, object]
_RESULT = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Kinds of customers at some dates: their traits, how many were observed, how many of these are the best."""

    traits: Traits
    customers: Floats
    observed: Floats
    best: Floats

    def __len__(self) -> int:
        return self.customers.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Of whom it is learned for the test, on whom it is tested, of whom it is learned for today, who is asked about.

    ``by_date``: those learned of, at each of the ``origins``, the newest first.
    """

    task: str
    origins: tuple[date, ...]
    tested_at: date
    by_date: tuple[Kinds, ...]
    older: Kinds
    newest: Kinds
    all_of_them: Kinds
    asked: Kinds


def fit_look_alike(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The chance of each kind of customer and of people as ``alike_cell``, the ``model`` and its ``backtest``.

    Parameters
    ----------
    tables :
        ``alike_count``.
    """
    counts = tables["alike_count"]
    told: dict[str, dict[str, Any]] = {}
    cells: list[tuple[str, Kinds, Likeness]] = []
    results: list[Row] = []
    for parts in (_customers(counts, context), _people(counts, context)):
        if isinstance(parts, Parts):
            reason, learned, rows = _one(parts, context.rng)
            told[parts.task] = reason
            results += rows
            if learned is not None:
                cells.append((parts.task, parts.asked, learned))
        else:
            told |= parts
    version = f"{context.version}/traits"
    return {
        "alike_cell": _cells(cells, version, context),
        "model": model_row(
            version, "traits" if cells else NONE, {**told, "top": TOP, "horizon_days": context.horizon_days}, context
        ),
        "backtest": _results(results),
    }


def _customers(counts: Arrays, context: FitContext) -> Parts | dict[str, dict[str, Any]]:
    """Customers who were not the best at a date, and whether they were in the horizon after it."""
    if len(context.origins) < 2:
        return {"customer": _too_short(context, 3)}
    newest, older = context.origins[0], context.origins[1:]
    return Parts(
        task="customer", origins=older, tested_at=newest,
        by_date=tuple(_kinds(counts, "customer", (each,)) for each in older), older=_kinds(counts, "customer", older),
        newest=_kinds(counts, "customer", (newest,)), all_of_them=_kinds(counts, "customer", context.origins),
        asked=_kinds(counts, "customer", (context.as_of,)),
    )  # fmt: skip


def _people(counts: Arrays, context: FitContext) -> Parts | dict[str, dict[str, Any]]:
    """What customers were before they bought, and whether they are the best; tested on those who came since."""
    if len(context.origins) < _OLDER:
        return {"prospect": _too_short(context, _OLDER)}
    origin = context.origins[_OLDER - 1]
    known = _kinds(counts, "prospect", (origin,))
    return Parts(
        task="prospect", origins=(origin,), tested_at=origin, by_date=(known,), older=known,
        newest=_kinds(counts, "newcomer", (context.as_of,)), all_of_them=_kinds(counts, "prospect", (context.as_of,)),
        asked=_kinds(counts, "not yet", (context.as_of,)),
    )  # fmt: skip


def _too_short(context: FitContext, horizons: int) -> dict[str, Any]:
    days = (context.as_of - context.first_day).days if context.first_day else 0
    return {"reason": "too_short", "days": days, "needed": horizons * context.horizon_days}


def _kinds(counts: Arrays, task: str, dates: tuple[date, ...]) -> Kinds:
    """The rows of a task at some dates, kinds alike at several dates together."""
    days = np.array(dates, dtype="datetime64[D]")
    there = (counts["task"].astype(str) == task) & np.isin(counts["as_of"].astype("datetime64[D]"), days)
    names = tuple(KNOWN_OF_ALL) if task != "customer" else TRAITS
    return Kinds(
        traits={name: np.asarray(counts[name])[there] for name in names},
        **{name: floats(np.asarray(counts[name])[there]) for name in ("customers", "observed", "best")},
    )


def some_of(kinds: Kinds, rng: np.random.Generator, most: int = MOST_KINDS) -> Kinds:
    """So many kinds at most, in the order they came in."""
    if len(kinds) <= most:
        return kinds
    kept = np.sort(rng.choice(len(kinds), most, replace=False))
    return Kinds(
        traits={name: values[kept] for name, values in kinds.traits.items()},
        customers=kinds.customers[kept],
        observed=kinds.observed[kept],
        best=kinds.best[kept],
    )


def _one(parts: Parts, rng: np.random.Generator) -> tuple[dict[str, Any], Likeness | None, list[Row]]:
    """What is told of one of the two questions, what was learned where it may be used, and its test."""
    asked = round(float(parts.asked.customers.sum()))
    if not asked:
        return {"reason": "nobody_asked"}, None, []
    fewest = min(float(parts.older.best.sum()), float(parts.newest.best.sum()))
    if fewest < FEWEST:
        return {"reason": "few_best", "best": round(fewest), "needed": FEWEST}, None, []
    found: dict[str, tuple[dict[str, Any], Likeness]] = {}
    rows: list[Row] = []
    for name, traits in _candidates(parts).items():
        try:
            learned, serving = (_learned(kinds, traits, rng) for kinds in (parts.older, parts.all_of_them))
        except (UndefinedError, NotConvergedError):
            continue
        figures, tested = _tested(parts, learned, name)
        found[name] = (figures, serving)
        rows += tested
    if not found:
        return {"reason": "no_traits"}, None, []
    choice = _chosen(parts, found.keys(), rng)
    figures, serving = found[choice.served]
    figures |= choice.told()
    for other in found.keys() - {choice.served}:  # one at most
        figures["other_lift"] = found[other][0]["lift"]
    rows += choice.rows(parts)
    if figures["low"] <= 1 or figures["beyond_high"] < 0:
        return {**figures, "reason": "no_better"}, None, rows
    chance = serving.chance(parts.asked.traits)
    figures |= {"asked": asked, "mean_chance": brief(float(chance @ parts.asked.customers) / asked)}
    return figures, serving, rows


def _candidates(parts: Parts) -> Mapping[str, tuple[str, ...]]:
    """By which traits each candidate goes."""
    return {ALL: tuple(parts.older.traits), SIMPLE: PLAIN_TRAITS[parts.task]}


def _learned(kinds: Kinds, traits: tuple[str, ...], rng: np.random.Generator) -> Likeness:
    some = some_of(kinds, rng)
    return fit_likeness({each: some.traits[each] for each in traits}, some.observed, some.best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which candidate serves, and how many of the best each found before the test; ``lifts`` is empty without a rival.

    ``how``: `DATES` or `FOLDS`; ``times``: at so many dates, or in so many parts.
    """

    served: str
    how: str
    times: int
    lifts: Mapping[str, Lift]
    n: int

    def told(self) -> dict[str, Any]:
        """What the model keeps of it."""
        said: dict[str, Any] = {"served": self.served}
        if self.lifts:
            said |= {"chosen_by": self.how, "chosen_times": self.times}
            said |= {f"chosen_{name}": brief(each.value) for name, each in self.lifts.items()}
        return said

    def rows(self, parts: Parts) -> list[Row]:
        """Its figures beside those of the test, at the newest date that it looked at."""
        fitted = ", ".join(sorted(each.isoformat() for each in parts.origins[1 if self.how == DATES else 0 :]))
        return [
            _result(f"{name}:{parts.task}", parts.origins[0], "lift_when_chosen", (each.value, each.low, each.high),
                    self.n, fitted)
            for name, each in self.lifts.items()
        ]  # fmt: skip


def _chosen(parts: Parts, names: Collection[str], rng: np.random.Generator) -> Choice:
    """The candidate that found more of the best before the test, which it has not seen; at a tie, by all traits.

    At each older date but the oldest it is judged by what was learned at the dates before it. Where there is one date,
    or too few of the best at the others, each part of the customers is judged by what was learned of the other parts.
    """
    trials = [(_together(parts.by_date[at + 1 :]), newer) for at, newer in enumerate(parts.by_date[:-1])]
    how = DATES
    if sum(float(newer.best.sum()) for _, newer in trials) < FEWEST:
        trials, how = divided(parts.older, rng), FOLDS
    lifts: dict[str, Lift] = {}
    if len(names) > 1:
        tried = {name: _found_before(trials, traits, rng) for name, traits in _candidates(parts).items()}
        lifts = {name: each for name, each in tried.items() if each is not None}
    served = max(names, key=lambda name: (lifts[name].value if name in lifts else 0.0, name == ALL))
    n = round(sum(float(judged.observed.sum()) for _, judged in trials))
    return Choice(served=served, how=how, times=len(trials), lifts=lifts, n=n)


def _found_before(
    trials: Sequence[tuple[Kinds, Kinds]], traits: tuple[str, ...], rng: np.random.Generator
) -> Lift | None:
    """The lift of a candidate over all trials together; None where it could not be learned in one of them."""
    found = best = 0.0
    for others, judged in trials:
        try:
            said = _learned(others, traits, rng).chance(judged.traits)
        except (UndefinedError, NotConvergedError):
            return None
        found += float((found_in_top(said, judged.observed, TOP) * judged.best).sum())
        best += float(judged.best.sum())
    return lift_of(found, best, share=TOP)


def divided(kinds: Kinds, rng: np.random.Generator, parts: int = _PARTS) -> list[tuple[Kinds, Kinds]]:
    """The customers in so many parts by chance: for each, the others and itself.

    Customers of a kind are the same but for being one of the best: so their numbers are drawn, and not they.
    """
    named = [kinds.traits[name].astype(str) for name in kinds.traits]
    order = np.lexsort((kinds.best, kinds.observed, *reversed(named)))  # not the order in which they came
    share = np.full(parts, 1 / parts)
    best = np.zeros((len(kinds), parts))
    rest = np.zeros((len(kinds), parts))
    best[order] = rng.multinomial(kinds.best[order].astype(np.int64), share)
    rest[order] = rng.multinomial((kinds.observed - kinds.best)[order].astype(np.int64), share)
    return [
        (
            replace(kinds, observed=kinds.observed - best[:, at] - rest[:, at], best=kinds.best - best[:, at]),
            replace(kinds, observed=best[:, at] + rest[:, at], best=best[:, at]),
        )
        for at in range(parts)
    ]


def _together(several: Sequence[Kinds]) -> Kinds:
    names = several[0].traits
    return Kinds(
        traits={name: np.concatenate([each.traits[name] for each in several]) for name in names},
        customers=np.concatenate([each.customers for each in several]),
        observed=np.concatenate([each.observed for each in several]),
        best=np.concatenate([each.best for each in several]),
    )


def _tested(parts: Parts, learned: Likeness, name: str) -> tuple[dict[str, Any], list[Row]]:
    """How many of the best the likeness found at the newest date, beside the plain order."""
    newest = parts.newest
    said, plain = learned.chance(newest.traits), _plain(parts)
    seen = (newest.observed, newest.best)
    ours, theirs = (lift(scores, *seen, share=TOP) for scores in (said, plain))
    beyond = lift_beyond(said, plain, *seen, share=TOP)
    auc = discrimination(said, *seen)
    top = found_in_top(said, newest.observed, TOP) * newest.observed
    n, best = round(float(newest.observed.sum())), round(float(newest.best.sum()))
    figures = {
        "tested_at": parts.tested_at.isoformat(), "n": n, "best": best,
        "lift": brief(ours.value), "low": brief(ours.low), "high": brief(ours.high), "plain": brief(theirs.value),
        "plain_low": brief(theirs.low), "plain_high": brief(theirs.high), "auc": brief(auc.auc),
        "beyond": brief(beyond.value), "beyond_low": brief(beyond.low), "beyond_high": brief(beyond.high),
        "top": round(float(top.sum())), "top_expected": brief(float(top @ said)),
        "top_found": brief(float((found_in_top(said, newest.observed, TOP) * newest.best).sum())),
    }  # fmt: skip
    fitted = ", ".join(sorted(each.isoformat() for each in parts.origins))
    measured = [(name, "lift", ours), (name, "lift_beyond_plain", beyond)]
    measured += [("plain", "lift", theirs)] if name == ALL else []  # one order, tested once
    rows = [
        _result(f"{which}:{parts.task}", parts.tested_at, metric, (each.value, each.low, each.high), n, fitted)
        for which, metric, each in measured
    ]
    rows.append(_result(f"{name}:{parts.task}", parts.tested_at, "auc", (auc.auc, auc.low, auc.high), n, fitted))
    return figures, rows


def _plain(parts: Parts) -> Floats:
    """The simplest order: who brought most lately; of people, whom the system brought that most of the best came by."""
    traits = parts.newest.traits
    if parts.task == "customer":
        return floats(traits["recent"].astype(float) + traits["purchases"].astype(float) / 100)
    names, place = np.unique(parts.older.traits["came_by"].astype(str), return_inverse=True)
    best = np.bincount(place, parts.older.best, len(names)) / np.bincount(place, parts.older.observed, len(names))
    share = dict(zip(names.tolist(), best.tolist(), strict=True))
    return floats([share.get(str(each), 0.0) for each in traits["came_by"]])


def _cells(found: list[tuple[str, Kinds, Likeness]], version: str, context: FitContext) -> dict[str, NDArray[Any]]:
    columns: dict[str, list[object]] = {name: [] for name in ("task", *TRAITS, "chance", *_REASONS)}
    for task, kinds, learned in found:
        size = len(kinds)
        columns["task"] += [task] * size
        for name in TRAITS:
            columns[name] += list(kinds.traits[name]) if name in kinds.traits else [""] * size
        columns["chance"] += [round(float(each), 6) for each in learned.chance(kinds.traits)]
        for reasons in learned.speaks_for(kinds.traits, len(_REASONS)):
            said = [f"{trait}={value}" for trait, value in reasons if value != "unknown"]
            for place, name in enumerate(_REASONS):
                columns[name].append(said[place] if place < len(said) else None)
    size = len(columns["task"])
    texts = {name: np.array(values, dtype=object) for name, values in columns.items() if name != "chance"}
    return {
        **texts,
        "chance": floats(columns["chance"]),
        "as_of": np.full(size, np.datetime64(context.as_of, "D")),
        "model_version": np.full(size, version, dtype=object),
    }


_REASONS = ("reason_1", "reason_2", "reason_3")


def _result(
    candidate: str, origin: date, metric: str, figures: tuple[float, float, float], n: int, fitted: str
) -> Row:  # fmt: skip
    return dict(zip(_RESULT, (candidate, origin, metric, *figures, n, fitted), strict=True))


def _results(rows: list[Row]) -> dict[str, NDArray[Any]]:
    types: dict[str, Any] = {"origin": "datetime64[D]", "n": np.int64}
    types |= dict.fromkeys(("value", "low", "high"), np.float64)
    return {name: np.array([row[name] for row in rows], dtype=types.get(name, object)) for name in _RESULT}
