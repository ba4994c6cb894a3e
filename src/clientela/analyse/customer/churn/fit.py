"""What the run does to know who is about to leave: learn at older dates, test at the newest, serve today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.churn.candidates import (
    BASELINE,
    BETA_GEOMETRIC,
    BOOSTED,
    Learned,
    Moment,
    bears_trees,
    chances,
    interval,
    learn,
    moment,
    possible,
)
from clientela.analyse.customer.churn.reasons import no_reasons, reasons
from clientela.analyse.customer.contacting import Earned, chosen, costs
from clientela.analyse.customer.learned import brief
from clientela.contracts.analysis import Arrays, FitContext
from clientela.estimators.arrays import floats
from clientela.estimators.beta_geometric import NAMES
from clientela.estimators.calibration import Bins, brier, calibration_bins, calibration_line, log_loss
from clientela.estimators.discrimination import discrimination
from clientela.estimators.profit import Profit, expected_maximum_profit
from clientela.estimators.total import Total, drift, total

FEWEST = 10
"""So many must have left, and so many stayed, both where a method learns and where it is tested."""
_HISTORY = ("repeat_purchases", "recency_days", "age_days", "recent_purchases")
_COUNTS = ("customers", "observed", "has_left", "at_stake", "at_stake_norm")
_PLACES = ("first", "second", "third")
_REASONS = tuple(f"{place}_{part}" for place in _PLACES for part in ("reason", "move"))
_CELL = ("as_of", *_HISTORY, "probability", "low", "high", "model_version", *_REASONS)
_MODEL = ("version", "candidate", "as_of", "parameters", "winner", "log_likelihood")
_RESULT = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")
_TYPES: Mapping[str, np.dtype[np.generic]] = MappingProxyType(
    {
        **dict.fromkeys(("as_of", "origin"), np.dtype("datetime64[D]")),
        **dict.fromkeys(("n", *_HISTORY), np.dtype(np.int64)),
        **dict.fromkeys(
            ("probability", "low", "high", "value", "log_likelihood", *(f"{place}_move" for place in _PLACES)),
            np.dtype(np.float64),
        ),
        "winner": np.dtype(np.bool_),
    }
)
_TEXT = np.dtype(np.object_)
_UNKNOWN = float("nan")
Measured = tuple[float, float, float]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A candidate at the newest origin: learned before it, compared with what came. Metrics are (value, low, high)."""

    learned: Learned
    metrics: Mapping[str, Measured]
    bins: Bins
    expected: Total
    earned: Profit

    def of(self, metric: str) -> float:
        """The figure itself, without its interval."""
        return self.metrics[metric][0]


def fit_churn(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The chance of leaving for each purchase history, the models behind it, and how they did in the test.

    Parameters
    ----------
    tables :
        ``churn_count``.

    Returns
    -------
    Mapping
        ``churn_cell``: at ``as_of`` by the winner, at the newest origin by the winner as it was before
        it; empty when nothing can be said. ``model``: the winner, learned from all origins, and the
        others as they were tested; or why there is none.
        ``backtest``: each candidate at the newest origin. The column ``analysis``, and when and from
        which contracts it was learned, are the pipeline's to add.
    """
    count, horizon_days = tables["churn_count"], context.horizon_days
    today = _moments(count, [context.as_of])
    origins = _usable(_moments(count, context.origins))
    reason = _why_not(today, origins, context)
    if reason is not None:
        return _abstained(reason, today, [], context)
    newest, older = origins[0], origins[1:]
    names = possible([*today, *origins])
    learned = learn((*names, BOOSTED) if bears_trees(older) else names, older, horizon_days, context.threads or 0)
    trials = {name: _trial(each, newest, context) for name, each in learned.items()}
    winner = _best(trials, newest)
    results = [row for each in trials.values() for row in _results(each, each is winner, newest)]
    reason = _no_better(winner, trials)
    if reason is not None:
        return _abstained(reason, today, results, context)
    name = winner.learned.name
    serving = learn([name], origins, horizon_days, context.threads or 0)[name]
    foretold = _foretold(serving, today[0], drift(winner.expected, float(newest.left.sum())), horizon_days)
    models = [_model(each, today[0], None, context) for each in learned.values() if each is not winner.learned]
    cells = [_cells(serving, today[0], context), _cells(winner.learned, newest, context)]
    return {
        "churn_cell": {name: np.concatenate([each[name] for each in cells]) for name in _CELL},
        "model": _arrays([_model(serving, today[0], foretold, context), *models], _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def _moments(count: Arrays, dates: Sequence[date]) -> list[Moment]:
    """The dates that have customers, in the order asked for."""
    days = np.asarray(count["as_of"], dtype="datetime64[D]")
    found = []
    for on in dates:
        rows = np.flatnonzero(days == np.datetime64(on, "D"))
        if rows.size:
            found.append(moment(on, {name: floats(np.asarray(count[name])[rows]) for name in (*_HISTORY, *_COUNTS)}))
    return found


def _usable(origins: Sequence[Moment]) -> list[Moment]:
    """The origins with an outcome; those too young for a purchase model are left out where others have one."""
    seen = [each for each in origins if each.observed.sum() > 0]
    settled = [each for each in seen if each.model is not None]
    return settled if len(settled) >= 2 and settled[0] is seen[0] else seen


def _why_not(today: Sequence[Moment], origins: Sequence[Moment], context: FitContext) -> Row | None:
    """Why nothing can be said of these customers, in a word and its figures; None when something can."""
    if not today:
        return {"reason": "no_customers"}
    if not today[0].repeats.any():
        return {"reason": "no_repeat", "customers": round(today[0].customers.sum())}
    if len(origins) < 2:
        days = (context.as_of - context.first_day).days if context.first_day else 0
        return {"reason": "too_short", "days": days, "needed": 3 * context.horizon_days}
    return _too_few(origins[0], origins[1:])


def _too_few(newest: Moment, older: Sequence[Moment]) -> Row | None:
    """Whether too few left, or too few stayed, to learn from or to test on."""
    left = [float(newest.left.sum()), sum(float(each.left.sum()) for each in older)]
    stayed = [newest.stayed, sum(each.stayed for each in older)]
    if not sum(left):
        return {"reason": "nobody_left", "customers": round(newest.observed.sum())}
    if min(left) < FEWEST:
        return {"reason": "few_left", "found": round(min(left)), "needed": FEWEST}
    if min(stayed) < FEWEST:
        return {"reason": "few_stayed", "found": round(min(stayed)), "needed": FEWEST}
    return None


def _no_better(winner: Trial, trials: Mapping[str, Trial]) -> Row | None:
    """Why the winner is not worth serving; None when it is.

    It is ``chance`` only where no method ranks better than that: one that does may have lost by its log loss.
    """
    auc, low, _ = winner.metrics["auc"]
    if all(each.metrics["auc"][1] <= 0.5 for each in trials.values()):
        return {"reason": "chance", "auc": brief(auc)}
    simplest = trials[BASELINE].of("auc")
    if low <= 0.5 or auc <= simplest:
        return {"reason": "no_better", "auc": brief(auc), "baseline_auc": brief(simplest)}
    return None


def _best(trials: Mapping[str, Trial], newest: Moment) -> Trial:
    """The one that serves: see `chosen`."""
    tried = {
        name: Earned(profit=each.earned, auc=each.of("auc"), log_loss=each.of("log_loss"))
        for name, each in trials.items()
    }
    return trials[chosen(tried, BASELINE, newest.observed, newest.left)]


def _trial(learned: Learned, newest: Moment, context: FitContext) -> Trial:
    chance, slopes = chances(learned, newest, context.horizon_days)
    seen = newest.observed, newest.left
    expected = total(chance, newest.observed, newest.observed, slopes, learned.covariance)
    ranked, line, bins = discrimination(chance, *seen), calibration_line(chance, *seen), calibration_bins(chance, *seen)
    earned = expected_maximum_profit(chance, newest.left, newest.observed, **costs(context.parameters, "churn-risk"))
    plain = {
        "profit": earned.expected,
        "contacted": earned.fraction,
        "log_loss": log_loss(chance, *seen),
        "brier": brier(chance, *seen),
        "ece": bins.error,
        "intercept": line.intercept,
        "left": float(newest.left.sum()),
    }
    metrics: dict[str, Measured] = {
        "auc": (ranked.auc, ranked.low, ranked.high),
        "slope": (line.slope, line.slope_low, line.slope_high),
        "expected": (expected.expected, expected.low, expected.high),
        **{name: (value, _UNKNOWN, _UNKNOWN) for name, value in plain.items()},
    }
    return Trial(learned=learned, bins=bins, expected=expected, earned=earned, metrics=metrics)


def _results(trial: Trial, won: bool, newest: Moment) -> list[Row]:
    """Rows of ``backtest``: the figures of a candidate, and of the winner the tenths."""
    customers = round(newest.observed.sum())
    measured = [(metric, figures, customers) for metric, figures in trial.metrics.items()]
    if won:
        bins = trial.bins
        for tenth, size in enumerate(bins.customers):
            came = (float(bins.observed[tenth]), float(bins.low[tenth]), float(bins.high[tenth]))
            said = (float(bins.expected[tenth]), _UNKNOWN, _UNKNOWN)
            measured.append((f"expected_share_{tenth + 1:02}", said, round(size)))
            measured.append((f"left_share_{tenth + 1:02}", came, round(size)))
    fitted_at = ", ".join(each.isoformat() for each in trial.learned.origins)
    return [
        dict(zip(_RESULT, (trial.learned.name, newest.on, metric, *figures, n, fitted_at), strict=True))
        for metric, figures, n in measured
    ]


def _cells(learned: Learned, at: Moment, context: FitContext) -> dict[str, NDArray[np.generic]]:
    """The chance of each history, for the customers who have it; of today's with its reasons."""
    chance, slopes = chances(learned, at, context.horizon_days)
    low, high = interval(chance, slopes, learned.covariance)
    why = reasons(learned, at, context.horizon_days) if at.on == context.as_of else no_reasons(chance.size)
    columns: dict[str, object] = {
        "as_of": np.full(chance.size, np.datetime64(at.on, "D")),
        **dict(zip(_HISTORY, (at.repeats, at.recency, at.age, at.recent), strict=True)),
        "probability": chance,
        "low": np.minimum(low, chance),
        "high": np.maximum(high, chance),
        "model_version": np.full(chance.size, _version(learned.name, context), dtype=object),
        **{f"{place}_reason": why.names[:, which] for which, place in enumerate(_PLACES)},
        **{f"{place}_move": why.moves[:, which] for which, place in enumerate(_PLACES)},
    }
    return {name: _typed(name, columns[name]) for name in _CELL}


def _foretold(learned: Learned, today: Moment, strays: float, horizon_days: int) -> Row:
    """How many of today's customers leave and what goes with them, for all of them together."""
    chance, slopes = chances(learned, today, horizon_days)
    number = total(chance, today.customers, today.customers, slopes, learned.covariance, drift=strays)
    loss = total(chance, today.at_stake, today.at_stake_squares, slopes, learned.covariance, drift=strays)
    return {
        "customers": round(today.customers.sum()),
        "drift": brief(strays),
        "expected_to_leave": [brief(each) for each in (number.expected, number.low, number.high)],
        "expected_loss": [brief(each) for each in (loss.expected, loss.low, loss.high)],
        "at_stake": brief(float(today.at_stake.sum())),
        "horizon_days": horizon_days,
    }


def _model(learned: Learned, today: Moment, foretold: Row | None, context: FitContext) -> Row:
    parts = [
        {
            "intercept": brief(fit.intercept),
            "slopes": {name: brief(slope) for name, slope in zip(names, fit.slopes, strict=True)},
        }
        for names, fit in learned.parts
    ]
    origins = [each.isoformat() for each in learned.origins]
    parameters: dict[str, object] = {"fitted_at_origins": origins, "regressions": parts, **(foretold or {})}
    if learned.boosted is not None and foretold is not None:
        parameters["trees"] = learned.boosted.text
    likelihood = learned.parts[0][1].log_likelihood if len(learned.parts) == 1 else _UNKNOWN
    if learned.name == BETA_GEOMETRIC:
        return _beta_geometric(today, parameters, context, winner=foretold is not None)
    return _model_row(learned.name, parameters, context, winner=foretold is not None, log_likelihood=likelihood)


def _model_row(
    candidate: str, parameters: Row, context: FitContext, *, winner: bool = False, log_likelihood: float = _UNKNOWN
) -> Row:
    said = json.dumps(parameters, sort_keys=True, ensure_ascii=False)
    version = _version(candidate, context)
    return dict(zip(_MODEL, (version, candidate, context.as_of, said, winner, log_likelihood), strict=True))


def _version(candidate: str, context: FitContext) -> str:
    return f"{context.version}/{candidate}"


def _beta_geometric(today: Moment, parameters: Row, context: FitContext, *, winner: bool = False) -> Row:
    """The row of ``model`` of the BG/NBD of today's purchase histories, in days."""
    model = today.model
    if model is None:
        return _model_row(BETA_GEOMETRIC, parameters, context)
    said = {
        **{name: brief(getattr(model, name)) for name in NAMES},
        "at_bound": list(model.at_bound),
        "customers": model.customers,
        "repeat_purchases": round((today.repeats * today.customers).sum()),
        "unit": "days",
    }
    likelihood = model.log_likelihood
    return _model_row(BETA_GEOMETRIC, {**parameters, **said}, context, winner=winner, log_likelihood=likelihood)


def _abstained(reason: Row, today: Sequence[Moment], results: Sequence[Row], context: FitContext) -> dict[str, Arrays]:
    """The tables of a fit that can say nothing: why, and the BG/NBD all the same where there is one."""
    models = [_model_row("none", reason, context)]
    models += [_beta_geometric(each, {}, context) for each in today if each.model is not None]
    return {
        "churn_cell": _arrays([], _CELL),
        "model": _arrays(models, _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def _arrays(rows: Sequence[Row], names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    return {name: _typed(name, [row[name] for row in rows]) for name in names}


def _typed(name: str, values: object) -> NDArray[np.generic]:
    return np.array(values, dtype=_TYPES.get(name, _TEXT))
