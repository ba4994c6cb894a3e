"""What the run does to know which contracts end: learn at older dates, test at the newest, serve today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.contacting import Earned, chosen, costs
from clientela.analyse.customer.learned import brief
from clientela.analyse.customer.subscriptions.ahead import no_outlook, outlook, period_of, told_of
from clientela.analyse.customer.subscriptions.hazards import (
    BASELINE,
    UNKNOWN_AMOUNT,
    Kinds,
    Learned,
    Seen,
    chance,
    learn,
    slopes,
    staying,
)
from clientela.analyse.customer.subscriptions.worth import (
    Period,
    a_year,
    months_between,
    months_paid,
    no_worth,
    others_known_by,
    worth,
)
from clientela.contracts.analysis import Arrays, FitContext
from clientela.errors import ConfigurationError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.calibration import Bins, brier, calibration_bins, calibration_line, log_loss
from clientela.estimators.discrimination import discrimination
from clientela.estimators.profit import Profit, expected_maximum_profit
from clientela.estimators.total import Total, drift, total

FEWEST = 10
"""So many contracts must have ended, and so many run on, both where a method learns and where it is tested."""
LEAST_MOVE = 0.005
DISCOUNT_RATE = 0.1
_KEY = ("is_yearly", "tenure_days", "amount_step")
_CELL = (
    "as_of", *_KEY, "probability", "low", "high", "unpaid", "months", "months_ahead", "months_low", "months_high",
    "reason", "move", "model_version",
)  # fmt: skip
_MODEL = ("version", "candidate", "as_of", "parameters", "winner", "log_likelihood")
_RESULT = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")
_TYPES: Mapping[str, np.dtype[np.generic]] = MappingProxyType(
    {
        **dict.fromkeys(("as_of", "origin"), np.dtype("datetime64[D]")),
        **dict.fromkeys(("tenure_days", "amount_step", "n"), np.dtype(np.int64)),
        **dict.fromkeys(
            (
                *("probability", "low", "high", "unpaid", "months", "months_ahead", "months_low", "months_high"),
                *("move", "value", "log_likelihood"),
            ),
            np.dtype(np.float64),
        ),
        **dict.fromkeys(("is_yearly", "winner"), np.dtype(np.bool_)),
    }
)
_UNKNOWN = float("nan")
Measured = tuple[float, float, float]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A candidate at the newest date with an outcome: what it said, and what came. Metrics are (value, low, high)."""

    learned: Learned
    metrics: Mapping[str, Measured]
    bins: Bins
    expected: Total
    earned: Profit


def fit_subscriptions(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The chance to end of each kind of contract, the models behind it, and how they did in the test.

    Parameters
    ----------
    tables :
        ``subscription_period``, ``lifetime_basis``, ``lifetime_period``.

    Returns
    -------
    Mapping
        ``subscription_cell`` at ``as_of``, empty when nothing can be said; ``subscription_value``: what the contracts
        leave, where costs are known; ``contract_outlook``: what they bring as far ahead as a customer's value is
        counted; ``model``: the winner, learned from all dates, and the others as they were tested,
        or why there is none; ``backtest``: each candidate at the newest one.

    Raises
    ------
    ConfigurationError
        ``discount_rate`` is not from 0 to 1, or what contacting costs cannot be.
    """
    rate = float(context.parameters.get("discount_rate", DISCOUNT_RATE))
    if not 0 <= rate <= 1:
        raise ConfigurationError(
            f"[analysis.subscription-churn] says discount_rate = {rate:g}; it is a share a year, from 0 to 1."
        )
    table, parts = tables["subscription_period"], max(1, min(12, context.horizon_days // 30))
    today = seen_at(table, context.as_of)
    origins = [found for on in context.origins if (found := seen_at(table, on)) is not None and found.observed]
    reason = _why_not(today, origins, context)
    if reason is not None or today is None:
        return _abstained(reason or {}, [], context)
    newest, older = origins[0], origins[1:]
    part_days = context.horizon_days / parts
    learned = learn(older, part_days, context.threads or 0)
    trials = {name: _trial(each, newest, parts, context) for name, each in learned.items()}
    winner = _best(trials, newest)
    results = [row for each in trials.values() for row in _results(each, each is winner, newest)]
    if winner.learned.name == BASELINE or winner.metrics["auc"][1] <= 0.5:
        return _abstained(_no_better(trials), results, context)
    serving = learn(origins, part_days, context.threads or 0).get(winner.learned.name)
    if serving is None:
        return _abstained(_no_better(trials), results, context)
    came = float((newest.ended + newest.unpaid).sum())
    strays = drift(winner.expected, came)
    ahead = period_of(tables.get("lifetime_period"), rate)
    brings = outlook(serving, today, ahead, strays, tables.get("lifetime_basis"))
    foretold = {**_foretold(serving, today, strays, parts, context), "ahead": told_of(brings)}
    others = [_model(each, None, context) for each in learned.values() if each is not winner.learned]
    return {
        "subscription_cell": _cells(serving, today, parts, Period(rate=rate), ahead, context),
        "subscription_value": worth(serving, today, rate, strays, parts, others_known_by(tables.get("lifetime_basis"))),
        "contract_outlook": brings,
        "model": _arrays([_model(serving, foretold, context), *others], _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def seen_at(table: Arrays, on: date) -> Seen | None:
    """What stands in the table of a date; None where no contract ran."""
    rows = np.flatnonzero(np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(on, "D"))
    if not rows.size:
        return None
    yearly, tenure, amount, step, n, observed, ended, unpaid = (
        floats(np.asarray(table[name])[rows].astype(np.float64))
        for name in (*_KEY, "step", "contracts", "observed", "ended", "unpaid")
    )
    order = np.lexsort((step, amount, tenure, yearly))
    money, margin, own_cost = (
        floats(np.asarray(table[name])[rows].astype(np.float64)[order])
        for name in ("amount_a_month", "margin_a_month", "own_cost_a_month")
    )
    return Seen(
        on=on,
        kinds=Kinds(yearly=yearly[order], tenure=tenure[order], amount=amount[order]),
        step=step[order],
        contracts=n[order],
        ended=ended[order],
        unpaid=unpaid[order],
        observed=bool(observed.sum() > 0),
        money=money,
        margin=margin,
        own_cost=own_cost,
    )


def _why_not(today: Seen | None, origins: Sequence[Seen], context: FitContext) -> Row | None:
    """Why nothing can be said of these contracts, in a word and its figures; None when something can."""
    if today is None:
        return {"reason": "no_contracts"}
    if len(origins) < 2:
        days = (context.as_of - context.first_day).days if context.first_day else 0
        return {"reason": "too_short", "days": days, "needed": 3 * context.horizon_days}
    parts = [(origins[0],), tuple(origins[1:])]
    ended = [sum(float((each.ended + each.unpaid).sum()) for each in part) for part in parts]
    ran = [sum(float(each.contracts[each.first].sum()) for each in part) for part in parts]
    stayed = [whole - gone for whole, gone in zip(ran, ended, strict=True)]
    if min(ended) < FEWEST:
        return {"reason": "few_ended", "found": round(min(ended)), "needed": FEWEST}
    if min(stayed) < FEWEST:
        return {"reason": "few_stayed", "found": round(min(stayed)), "needed": FEWEST}
    if not min(sum(float(each.ended.sum()) for each in part) for part in parts):
        return {"reason": "only_unpaid", "found": round(sum(ended))}
    return None


def _no_better(trials: Mapping[str, Trial]) -> Row:
    best = min(each.metrics["log_loss"][0] for each in trials.values())
    found = trials[BASELINE]
    share = found.expected.expected / found.metrics["contracts"][0]
    return {
        "reason": "no_better",
        "log_loss": brief(best),
        "baseline_log_loss": brief(found.metrics["log_loss"][0]),
        "share": brief(share),
    }


def _best(trials: Mapping[str, Trial], newest: Seen) -> Trial:
    """The one that serves: see `chosen`."""
    tried = {
        name: Earned(profit=each.earned, auc=each.metrics["auc"][0], log_loss=each.metrics["log_loss"][0])
        for name, each in trials.items()
    }
    return trials[chosen(tried, BASELINE, newest.contracts[newest.first], _ended(newest))]


def _trial(learned: Learned, newest: Seen, parts: int, context: FitContext) -> Trial:
    first = newest.first
    kinds, n = newest.kinds.of(first), newest.contracts[first]
    y = _ended(newest)
    told = chance(learned, kinds, parts)
    expected = total(told, n, n, slopes(learned, kinds, parts), learned.covariance)
    bins, seen = calibration_bins(told, n, y), (told, n, y)
    earned = expected_maximum_profit(told, y, n, **costs(context.parameters, "subscription-churn"))
    metrics: dict[str, Measured] = {
        name: (value, _UNKNOWN, _UNKNOWN)
        for name, value in {
            "profit": earned.expected,
            "contacted": earned.fraction,
            "log_loss": log_loss(*seen),
            "brier": brier(*seen),
            "ece": bins.error,
            "ended": float(y.sum()),
            "unpaid": float(newest.unpaid.sum()),
            "contracts": float(n.sum()),
        }.items()
    }
    metrics["expected"] = (expected.expected, expected.low, expected.high)
    ranked = discrimination(*seen)
    metrics["auc"] = (ranked.auc, ranked.low, ranked.high)
    if np.ptp(told) > 1e-9:
        line = calibration_line(*seen)
        metrics["slope"] = (line.slope, line.slope_low, line.slope_high)
        metrics["intercept"] = (line.intercept, _UNKNOWN, _UNKNOWN)
    return Trial(learned=learned, bins=bins, expected=expected, earned=earned, metrics=metrics)


def _ended(seen: Seen) -> Floats:
    """How many of each kind ended in the whole horizon, in the order of `Seen.first`."""
    place = np.cumsum(seen.step == 1) - 1
    return floats(np.bincount(place, seen.ended + seen.unpaid))


def _results(trial: Trial, won: bool, newest: Seen) -> list[Row]:
    """Rows of ``backtest``: the figures of a candidate, and of the winner the tenths."""
    contracts = round(trial.metrics["contracts"][0])
    measured = [(metric, figures, contracts) for metric, figures in trial.metrics.items() if metric != "contracts"]
    if won:
        bins = trial.bins
        for tenth, size in enumerate(bins.customers):
            came = (float(bins.observed[tenth]), float(bins.low[tenth]), float(bins.high[tenth]))
            said = (float(bins.expected[tenth]), _UNKNOWN, _UNKNOWN)
            measured.append((f"expected_share_{tenth + 1:02}", said, round(size)))
            measured.append((f"ended_share_{tenth + 1:02}", came, round(size)))
    fitted_at = ", ".join(each.isoformat() for each in trial.learned.origins)
    return [
        dict(zip(_RESULT, (trial.learned.name, newest.on, metric, *figures, n, fitted_at), strict=True))
        for metric, figures, n in measured
    ]


def _cells(learned: Learned, today: Seen, parts: int, year: Period, ahead: Period, context: FitContext) -> Arrays:
    """The chance of each kind of contract, what raises it, and the months it is expected to be paid for in a year."""
    kinds = today.kinds.of(today.first)
    told = chance(learned, kinds, parts)
    low, high = _interval(told, slopes(learned, kinds, parts), learned.covariance)
    reason, move = _reasons(learned, kinds, told, parts)
    months_low, months_high = months_between(learned, kinds, ahead)
    columns: dict[str, object] = {
        "as_of": np.full(told.size, np.datetime64(today.on, "D")),
        "is_yearly": kinds.yearly > 0,
        "tenure_days": kinds.tenure,
        "amount_step": kinds.amount,
        "probability": told,
        "low": np.minimum(low, told),
        "high": np.maximum(high, told),
        "unpaid": staying(learned, kinds, parts)[1][:, -1],
        "months": months_paid(learned, kinds, year),
        "months_ahead": months_paid(learned, kinds, ahead),
        "months_low": months_low,
        "months_high": months_high,
        "reason": reason,
        "move": move,
        "model_version": np.full(told.size, _version(learned.name, context), dtype=object),
    }
    return {name: _typed(name, columns[name]) for name in _CELL}


def _reasons(learned: Learned, kinds: Kinds, told: Floats, parts: int) -> tuple[NDArray[np.object_], Floats]:
    """What raises the chance of each kind most, and by how much: tried, with only that at the middle, or no renewal."""
    middle = learned.middle
    unknown = kinds.amount == UNKNOWN_AMOUNT
    aged = Kinds(yearly=kinds.yearly, tenure=np.full_like(kinds.tenure, middle.tenure), amount=kinds.amount)
    priced = Kinds(
        yearly=kinds.yearly,
        tenure=kinds.tenure,
        amount=np.where(unknown, kinds.amount, middle.amount),
    )
    moves = np.column_stack(
        [
            np.where(kinds.yearly > 0, 0.0, told - chance(learned, aged, parts)),
            told - chance(learned, kinds, parts, renewed=False),
            told - chance(learned, priced, parts),
        ]
    )
    best = moves.argmax(1)
    move = moves[np.arange(len(best)), best]
    there = move >= LEAST_MOVE
    names = np.array(["tenure", "renewal", "amount"], dtype=object)[best]
    names[~there] = None
    return names, floats(np.where(there, move, np.nan))


def _interval(told: Floats, gradient: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of each chance, from the uncertainty of what was learned, taken on the logit."""
    deviation = np.sqrt(np.maximum(np.einsum("nk,kl,nl->n", gradient, covariance, gradient, optimize=True), 0.0))
    half = np.minimum(1.959964 * deviation / (told * (1 - told)), 50.0)
    odds = told / (1 - told)
    low, high = odds * np.exp(-half), odds * np.exp(half)
    return floats(low / (1 + low)), floats(high / (1 + high))


def _foretold(learned: Learned, today: Seen, strays: float, parts: int, context: FitContext) -> Row:
    """How many of today's contracts end, what they bring in a month, and how many that begin now stay for a year."""
    first = today.first
    kinds, n, money = today.kinds.of(first), today.contracts[first], today.money[first]
    told, gradient = chance(learned, kinds, parts), slopes(learned, kinds, parts)
    number = total(told, n, n, gradient, learned.covariance, drift=strays)
    loss = total(told, money, money**2 / n, gradient, learned.covariance, drift=strays)
    by_month = float(n[kinds.yearly == 0].sum()) >= float(n[kinds.yearly > 0].sum())
    new = Kinds(yearly=np.full(1, float(not by_month)), tenure=np.zeros(1), amount=np.full(1, learned.middle.amount))
    curve = staying(learned, new, 2 * a_year(learned))[0][0]
    return {
        "contracts": round(n.sum()),
        "drift": brief(strays),
        "expected_to_end": [brief(each) for each in (number.expected, number.low, number.high)],
        "expected_loss": [brief(each) for each in (loss.expected, loss.low, loss.high)],
        "expected_unpaid": brief(float(staying(learned, kinds, parts)[1][:, -1] @ n)),
        "money_a_month": brief(float(money.sum())),
        "new_by_month": by_month,
        "stays_a_year": brief(float(curve[a_year(learned) - 1])),
        "stays": [brief(float(each)) for each in curve],
        "part_days": brief(learned.part_days),
        "horizon_days": context.horizon_days,
    }


def _model(learned: Learned, foretold: Row | None, context: FitContext) -> Row:
    origins = [each.isoformat() for each in learned.origins]
    said = {name: value for name, value in learned.said.items() if name != "trees" or foretold is not None}
    parameters = {"fitted_at_origins": origins, "unpaid_a_part": brief(learned.unpaid), **said, **(foretold or {})}
    return _model_row(learned.name, parameters, context, winner=foretold is not None)


def _model_row(candidate: str, parameters: Row, context: FitContext, *, winner: bool = False) -> Row:
    said = json.dumps(parameters, sort_keys=True, ensure_ascii=False)
    version = _version(candidate, context)
    return dict(zip(_MODEL, (version, candidate, context.as_of, said, winner, _UNKNOWN), strict=True))


def _version(candidate: str, context: FitContext) -> str:
    return f"{context.version}/{candidate}"


def _abstained(reason: Row, results: Sequence[Row], context: FitContext) -> dict[str, Arrays]:
    """The tables of a fit that can say nothing, and why."""
    return {
        "subscription_cell": _arrays([], _CELL),
        "subscription_value": no_worth(context.as_of),
        "contract_outlook": no_outlook(context.as_of),
        "model": _arrays([_model_row("none", reason, context)], _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def _arrays(rows: Sequence[Row], names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    return {name: _typed(name, [row[name] for row in rows]) for name in names}


def _typed(name: str, values: object) -> NDArray[np.generic]:
    return np.array(values, dtype=_TYPES.get(name, np.dtype(np.object_)))
