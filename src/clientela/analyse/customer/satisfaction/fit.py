"""What the run does to know how satisfaction goes with buying afterwards, beyond what buying before explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import brief, model_row
from clientela.analyse.customer.satisfaction.prices import moved_by_prices
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.satisfaction import ABOUT, FEELINGS
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.association.chance import false_share
from clientela.estimators.comparing.pooling import pool
from clientela.estimators.comparing.regression import Contrast, LinearFit, fit_linear

FEWEST = 30
"""So many satisfied and so many others who bought before must have answered."""
SMALLEST = 15
"""A feeling, or what was asked about, with fewer answers is not told apart."""
OUTCOMES = ("frequency", "basket", "discount")
OTHERS = FEELINGS[1:]
_YEAR = 365.25
_LEAST = 30.0  # days: who came a few days ago has no pace yet
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing compared: of the rows ``at``, what it was ``before`` (n,) and ``after`` (n,)."""

    at: Rows
    before: Floats
    after: Floats


def fit_satisfaction_effect(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The differences, as parameters of a row of ``model``; and whether knowing the answer foretold better.

    Parameters
    ----------
    tables :
        ``satisfaction_case``, ``satisfaction_price`` and ``satisfaction_reply``.
    """
    cases = tables["satisfaction_case"]
    feeling = np.asarray(cases["feeling"], dtype=str)
    bought = _of(cases, "before_days") + _of(cases, "older_days") > 0
    counts = {name: int(((feeling == name) & bought).sum()) for name in FEELINGS}
    others = {name: n for name, n in counts.items() if name != "satisfied"}
    if counts["satisfied"] < FEWEST or max(others.values()) < FEWEST:
        answers = sum(n for name, n in counts.items() if name != "complained")
        return _none({"reason": "few", "answers": answers, "counts": counts, "needed": FEWEST}, context)
    told = {name: n for name, n in counts.items() if n >= SMALLEST}
    kept = bought & np.isin(feeling, list(told))
    found, tests = [], {}
    for name in OUTCOMES:
        outcome = _outcome(cases, name, np.flatnonzero(kept))
        effects = _effects(name, cases, outcome, feeling[outcome.at], context.as_of)
        if effects:
            found += effects
            tests[name] = _tested(name, cases, outcome, feeling[outcome.at], context.as_of)
    if not found:
        return _none({"reason": "few", "answers": sum(counts.values()), "counts": counts, "needed": FEWEST}, context)
    prices = moved_by_prices(tables["satisfaction_price"], counts)
    found += [prices.pop("effect")] if "effect" in prices else []
    shares = false_share(np.array([each["chance"] for each in found]), len(found))
    for each, share in zip(found, shares, strict=True):
        each["false_share"] = brief(float(share))
    said: dict[str, Any] = {
        "horizon_days": context.horizon_days,
        "counts": counts,
        "effects": found,
        "tested": len(found),
        "test": {name: each for name, each in tests.items() if each is not None},
        "reply": _reply(tables["satisfaction_reply"]),
        "prices": prices,
    }
    version = f"{context.version}/regression"
    return {"model": model_row(version, "regression", said, context), "backtest": _backtest(said["test"])}


def _of(cases: Arrays, name: str) -> Floats:
    return floats(cases[name])


def _outcome(cases: Arrays, name: str, rows: Rows) -> Outcome:
    """What is compared, over the rows where it is known before and after."""
    if name == "frequency":
        return Outcome(at=rows, before=_of(cases, "before_days")[rows], after=_of(cases, "after_days")[rows])
    if name == "basket":  # of a day with a purchase, as a logarithm: a tenth more counts alike for small and large
        parts = [
            (_of(cases, f"{when}_revenue")[rows], _of(cases, f"{when}_days")[rows]) for when in ("before", "after")
        ]
        known = np.all([(money > 0) & (days > 0) for money, days in parts], axis=0)
        logs = [np.log(money[known] / days[known]) for money, days in parts]
    else:
        parts = [
            (_of(cases, f"{when}_discounted")[rows], _of(cases, f"{when}_known")[rows]) for when in ("before", "after")
        ]
        known = np.all([whole > 0 for _, whole in parts], axis=0)
        logs = [np.clip(part[known] / whole[known], 0, 1) for part, whole in parts]
    return Outcome(at=rows[known], before=floats(logs[0]), after=floats(logs[1]))


def _known(cases: Arrays, outcome: Outcome, as_of: date, *, trend: bool = True) -> Floats:
    """What is known of each before they said how content they are, and when that was; (n, k), the first is 1."""
    at = outcome.at
    known = _of(cases, "known_days")[at]  # the pace of all time: who is content by nature has long bought otherwise
    pace = _of(cases, "ever_days")[at] / np.maximum(known, _LEAST)
    revenue = np.log1p(np.maximum(_of(cases, "before_revenue")[at], 0))
    ago = (np.datetime64(as_of, "D") - np.asarray(cases["told_on"], dtype="datetime64[D]")[at]).astype(float) / _YEAR
    columns = [
        np.ones(len(at)),
        outcome.before,
        _of(cases, "before_days")[at],
        _of(cases, "older_days")[at],
        pace,
        np.log1p(known),
        (_of(cases, "before_days")[at] == 0).astype(float),
        revenue,
        np.sin(2 * np.pi * ago),
        np.cos(2 * np.pi * ago),
    ]
    return floats(np.column_stack([*columns, ago] if trend else columns))


def _groups(feeling: NDArray[np.str_]) -> tuple[list[str], Floats]:
    """The feelings that are compared with satisfied, and who has which."""
    names = [name for name in OTHERS if (feeling == name).sum() >= SMALLEST]
    return names, floats(np.column_stack([feeling == name for name in names]) if names else np.zeros((len(feeling), 0)))


def _effects(
    name: str, cases: Arrays, outcome: Outcome, feeling: NDArray[np.str_], as_of: date
) -> list[dict[str, Any]]:
    """The difference of each feeling from satisfied; of dissatisfied also by what was asked about."""
    names, groups = _groups(feeling)
    if not names or (feeling == "satisfied").sum() < SMALLEST:
        return []
    known = _known(cases, outcome, as_of)
    fit = _fitted(np.hstack([known, groups]), outcome.after)
    if fit is None:
        return []
    found = []
    for place, group in enumerate(names):
        contrast = fit.contrast(_unit(known.shape[1] + place, known.shape[1] + len(names)))
        rows = groups[:, place] > 0
        as_satisfied = float((known[rows] @ fit.coefficients[: known.shape[1]]).mean())
        found.append(_said(name, group, None, contrast, as_satisfied, int(rows.sum())))
    return found + _by_about(name, cases, outcome, feeling, known)


def _by_about(
    name: str, cases: Arrays, outcome: Outcome, feeling: NDArray[np.str_], known: Floats
) -> list[dict[str, Any]]:
    """The difference of the dissatisfied, by what was asked about; those with few answers drawn towards all."""
    about = np.array([str(each) for each in cases["about"]], dtype=str)[outcome.at]
    found: list[tuple[str, Contrast, float, int]] = []
    for asked in ABOUT:
        rows = np.flatnonzero((about == asked) & np.isin(feeling, ["satisfied", "dissatisfied"]))
        unhappy = feeling[rows] == "dissatisfied"
        if min(int(unhappy.sum()), int((~unhappy).sum())) < SMALLEST:
            continue
        fit = _fitted(np.hstack([known[rows], floats(unhappy)[:, None]]), outcome.after[rows])
        if fit is not None:
            contrast = fit.contrast(_unit(known.shape[1], known.shape[1] + 1))
            if contrast.error > 0:
                as_satisfied = float((known[rows[unhappy]] @ fit.coefficients[:-1]).mean())
                found.append((asked, contrast, as_satisfied, int(unhappy.sum())))
    if len(found) < 2:  # of one subject alone the whole says as much
        return []
    drawn = pool(floats([each.value for _, each, _, _ in found]), floats([each.error for _, each, _, _ in found]))
    return [
        _said(
            name,
            "dissatisfied",
            asked,
            Contrast(
                value=float(drawn.values[at]),
                low=float(drawn.low[at]),
                high=float(drawn.high[at]),
                error=contrast.error,
                chance=contrast.chance,
            ),
            as_satisfied,
            n,
        )
        for at, (asked, contrast, as_satisfied, n) in enumerate(found)
    ]


def _said(name: str, group: str, about: str | None, contrast: Contrast, as_satisfied: float, n: int) -> dict[str, Any]:
    """One difference: what they did, what they would have done as satisfied ones, and the difference with its range.

    Of the basket both are money of a purchase day, and the difference is a part of it.
    """
    ends = {"effect": contrast.value, "low": contrast.low, "high": contrast.high}
    if name == "basket":
        ends = {key: float(np.expm1(value)) for key, value in ends.items()}
        as_satisfied = float(np.exp(as_satisfied))
        own = as_satisfied * (1 + ends["effect"])
    else:
        own = as_satisfied + ends["effect"]
    told = {**ends, "own": own, "as_satisfied": as_satisfied, "chance": contrast.chance}
    return {
        "outcome": name,
        "group": group,
        "about": about,
        "n": n,
        **{key: brief(value) for key, value in told.items()},
    }


def _fitted(known: Floats, outcome: Floats) -> LinearFit | None:
    """The regression; None where there are hardly more rows than effects."""
    if len(outcome) < 2 * known.shape[1]:
        return None
    try:
        return fit_linear(known, outcome)
    except UndefinedError:
        return None


def _unit(at: int, size: int) -> Floats:
    return floats(np.arange(size) == at)


def _tested(
    name: str, cases: Arrays, outcome: Outcome, feeling: NDArray[np.str_], as_of: date
) -> dict[str, Any] | None:
    """How far the newer half was foretold from the older half with the feeling, and without it."""
    days = np.asarray(cases["told_on"], dtype="datetime64[D]")[outcome.at]
    border = np.sort(days)[len(days) // 2]
    older, newer = days < border, days >= border
    _, groups = _groups(feeling)
    plain = _known(cases, outcome, as_of, trend=False)
    errors = []
    for known in (np.hstack([plain, groups]), plain):
        fit = _fitted(floats(known[older]), outcome.after[older])
        if fit is None or not newer.any():
            return None
        errors.append((outcome.after[newer] - known[newer] @ fit.coefficients) ** 2)
    apart, n = errors[1] - errors[0], int(newer.sum())
    half = 1.96 * float(apart.std()) / n**0.5
    gained = [float(apart.mean() + end) / max(float(errors[1].mean()), 1e-12) for end in (0, -half, half)]
    off, spread = float(errors[0].mean()), 1.96 * float(errors[0].std()) / n**0.5
    return {
        "origin": str(border),
        "n": n,
        "rmse": brief(off**0.5),
        "rmse_low": brief(max(off - spread, 0.0) ** 0.5),
        "rmse_high": brief((off + spread) ** 0.5),
        "without": brief(float(errors[1].mean()) ** 0.5),
        **{key: brief(value) for key, value in zip(("gained", "low", "high"), gained, strict=True)},
    }


def _reply(table: Arrays) -> dict[str, Any]:
    """How many who buy answered and how many did not, and what each spent."""
    found: dict[str, Any] = {}
    for name, wanted in (("answered", 1), ("silent", 0)):
        rows = np.flatnonzero(np.asarray(table["has_answered"]) == wanted)
        customers = float(floats(table["customers"])[rows].sum())
        money = float(floats(table["revenue"])[rows].sum())
        found[name] = round(customers)
        found[f"{name}_revenue"] = brief(money / customers) if customers else 0.0
    return found


def _backtest(tests: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Rows of ``backtest``: the errors with and without the feeling, by outcome."""
    rows = [
        (candidate, np.datetime64(each["origin"], "D"), f"rmse_{name}", each[key], each["n"], each["origin"])
        for name, each in tests.items()
        for candidate, key in (("regression", "rmse"), ("behaviour", "without"))
    ]
    names = ("candidate", "origin", "metric", "value", "n", "fitted_at_origins")
    kinds = {"origin": "datetime64[D]", "n": "int64", "value": "float64"}
    told = {name: np.array([row[at] for row in rows], dtype=kinds.get(name, "object")) for at, name in enumerate(names)}
    nothing = np.full(len(rows), np.nan)
    return {**told, "low": nothing, "high": nothing}


def _none(reason: Mapping[str, Any], context: FitContext) -> dict[str, Arrays]:
    """Nothing is told, and why."""
    version = f"{context.version}/none"
    return {"model": model_row(version, "none", reason, context), "backtest": _backtest({})}
