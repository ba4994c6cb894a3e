"""What the run does to know what customers will bring: learn at older dates, test at the newest, serve today."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import brief
from clientela.analyse.customer.lifetime.boosted import bears_trees, challenged, learn_trees, parameters
from clientela.analyse.customer.lifetime.candidates import (
    BOOSTED,
    CHALLENGERS,
    NAIVE,
    WITH_TRAITS,
    WITHOUT,
    Bought,
    Moment,
    Trial,
    coming,
    forecast,
    learn,
    moment,
    possible,
    season_at,
    share_ahead,
    trial,
    way_of,
    weights,
)
from clientela.analyse.customer.lifetime.each import NOBODY, Each, by_groups, by_trees, known_now, shares, stretch
from clientela.analyse.customer.lifetime.payback import paid_back
from clientela.analyse.customer.lifetime.traits import effects, learn_groups, traits_of, with_traits
from clientela.contracts.analysis import Arrays, FitContext
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.accuracy import Measured, gini, mean_error, mean_of, tenths
from clientela.estimators.lifetime.gamma_gamma import correlation, own_weight
from clientela.estimators.lifetime.season import FLAT
from clientela.estimators.lifetime.ways import WAYS, YEAR_DAYS, Ahead, slopes, spread
from clientela.estimators.lifetime.worth import Range, range_of, sum_of
from clientela.estimators.total import Total, drift

FEWEST = 20
"""So many customers must be known both where a method learns and where it is tested."""
_CELL = (
    "as_of", "repeat_purchases", "recency_days", "age_days", "purchases", "own_weight", "usual_part", "recent_weight",
    "low_share", "high_share", "alive", "model_version",
)  # fmt: skip
_MODEL = ("version", "candidate", "as_of", "parameters", "winner", "log_likelihood")
_RESULT = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")
_TYPES: Mapping[str, np.dtype[np.generic]] = MappingProxyType(
    {
        **dict.fromkeys(("as_of", "origin"), np.dtype("datetime64[D]")),
        **dict.fromkeys(("n", "repeat_purchases", "recency_days", "age_days"), np.dtype(np.int64)),
        **dict.fromkeys(("model_version", "version", "candidate", "parameters", "metric"), np.dtype(np.object_)),
        "fitted_at_origins": np.dtype(np.object_),
        "winner": np.dtype(np.bool_),
    }
)
_NUMBER = np.dtype(np.float64)
_UNKNOWN = float("nan")
_WIDEST = 1e5
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a method says of all customers of a date in a period, by kind or by customer, and its range."""

    ahead: Ahead
    between: Range
    total: Total


def fit_lifetime(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """What customers will bring (see `fit_worth`), and when they pay back what winning them cost (``payback``)."""
    return fit_worth(tables, context) | paid_back(tables["payback_month"], context) | _period(context)


def _period(context: FitContext) -> dict[str, Arrays]:
    """How far ahead value is counted, told so that contracts are looked at as far: ``lifetime_period``."""
    return {
        "lifetime_period": {
            "as_of": np.full(1, np.datetime64(context.as_of, "D")),
            "value_days": np.full(1, int(context.parameters["value_days"]), dtype=np.int64),
            "discount_rate": np.full(1, float(context.parameters["discount_rate"])),
        }
    }


def fit_worth(tables: Mapping[str, Arrays], context: FitContext) -> dict[str, Arrays]:
    """What to expect of each purchase history, the models behind it, and how they did in the test.

    Parameters
    ----------
    tables :
        ``lifetime_basis``, ``lifetime_day``, ``lifetime_count``, ``lifetime_amount``, ``lifetime_trial``,
        ``lifetime_trait``.

    Returns
    -------
    Mapping
        ``lifetime_cell``: at ``as_of``, by the winner; empty when nothing can be said. ``model``: the
        winner, learned from all dates, and the others as they were tested; or why there is none.
        ``backtest``: each candidate at the newest origin.
    """
    trials = _trials(tables, context)
    tested = bool(trials) and trials[0].season.weight > 0  # a season that the test has not seen does not serve
    today = moment(
        tables["lifetime_count"],
        context.as_of,
        season_at(tables["lifetime_day"], context.as_of) if tested else FLAT,
    )
    reason = _why_not(today, trials, context)
    if today is None or reason is not None:
        return _abstained(reason or {"reason": "no_customers"}, [], context)
    names, older = possible(trials), trials[1:]
    best = min((name for name in names if name not in NAIVE), key=lambda name: (_missed(name, older), name))
    trials = _with_challengers(trials, names, best, tables, context)
    challengers = tuple(name for name in CHALLENGERS if name in trials[0].said)
    names = (*names, *challengers)
    winner = _nearer(best, challengers, trials[1:])
    found = _by_winner(winner, best, names, today, trials, tables, context)
    return found or _by_winner(best, best, names, today, trials, tables, context)


def _by_winner(
    winner: str, best: str, names: Sequence[str], today: Moment, trials: Sequence[Trial], tables: Mapping[str, Arrays],
    context: FitContext,
) -> dict[str, Arrays]:  # fmt: skip
    """The tables of a fit that this method won; none where it cannot say what each of today's customers brings."""
    newest, older = trials[0], trials[1:]
    way = way_of(winner, best)
    naive = min(NAIVE, key=lambda name: mean_error(newest.said[name], newest.came).value)
    plain = _without_season(way, newest, tables, context)
    results = [row for name in names for row in _tested(name, newest, older)]
    results += [] if plain is None else _tested(WITHOUT[way], plain, older)
    results += _against(winner, naive, newest, older)
    said, came = forecast(winner, newest, older), newest.came
    if came.sum() <= 0:
        return _abstained({"reason": "nothing_came"}, results, context)
    if mean_error(said, came).value >= mean_error(newest.said[naive], came).value:
        error = mean_error(newest.said[naive], came).value
        return _abstained({"reason": "no_better", "naive": naive, "error": brief(error)}, results, context)
    serving = learn(today, tables["lifetime_amount"], context.rng, (way,))
    if serving is None:
        return _abstained({"reason": "no_amounts", "customers": round(today.customers.sum())}, results, context)
    each, learned = _each(winner, best, serving, today, trials, tables, context)
    if winner in CHALLENGERS and not each.worth.size:
        return {}
    strays, inside = _strays(winner, way, newest, older, context)
    results.append(_result(winner, newest, "inside", Measured(value=inside, low=_UNKNOWN, high=_UNKNOWN), older))
    cells, foretold = _served(serving, winner, best, trials, today, each, strays, tables, context)
    models = [_model(name, best, newest.bought, older, {}, context) for name in names if name not in (winner, *NAIVE)]
    return {
        "lifetime_cell": _arrays_of(cells),
        **each.rows(context),
        "model": _arrays([_model(winner, best, serving, trials, foretold | learned, context), *models], _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def _trials(tables: Mapping[str, Arrays], context: FitContext) -> list[Trial]:
    """The older dates whose next horizon is known and where a purchase model could be fitted, newest first."""
    found = []
    for origin in context.origins:
        known = season_at(tables["lifetime_day"], origin)
        at = moment(tables["lifetime_count"], origin, known)
        bought = learn(at, tables["lifetime_amount"], context.rng) if at is not None else None
        seen = (
            trial(tables["lifetime_trial"], origin, bought, context.horizon_days, known) if bought is not None else None
        )
        if seen is not None and seen.came.size >= FEWEST:
            found.append(seen)
    return found


def _with_challengers(
    trials: list[Trial], names: Sequence[str], best: str, tables: Mapping[str, Arrays], context: FitContext
) -> list[Trial]:  # fmt: skip
    """The dates with what each method says that looks at more than the purchase history, where enough is known."""
    plain = _to_group(names, trials[1:])
    grouped = with_traits(trials, plain, tables["lifetime_trait"], context.horizon_days) if plain else None
    trials = grouped or trials
    boosted = challenged(trials, best) if bears_trees(trials[0], trials[1:]) else None
    return boosted or trials


def _nearer(best: str, challengers: Sequence[str], older: Sequence[Trial]) -> str:
    """The one of those that learn from outcomes that came nearer than all others by more than its error; else the best.

    Source
    ------
    Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, section 3.4.3: of methods within one
    standard error the simplest.
    """

    missed = _misses(best, older)
    gains = {name: mean_of(missed - _misses(name, older)) for name in challengers}
    found = max(gains, key=lambda name: (gains[name].value, name), default=best)
    return found if found in gains and gains[found].error < gains[found].value else best


def _to_group(names: Sequence[str], older: Sequence[Trial]) -> str:
    """Of the purchase models that know groups the one that comes nearest without them."""
    return min(
        (way for way in WITH_TRAITS.values() if way in names), key=lambda way: (_missed(way, older), way), default=""
    )


def _without_season(
    way: str, newest: Trial, tables: Mapping[str, Arrays], context: FitContext
) -> Trial | None:  # fmt: skip
    """The newest date with what the winner's model says where all weeks count alike; None where no season is known."""
    if not newest.season.weight:
        return None
    at = moment(tables["lifetime_count"], newest.on)
    bought = learn(at, tables["lifetime_amount"], context.rng, (way,)) if at is not None else None
    if bought is None:
        return None
    seen = trial(tables["lifetime_trial"], newest.on, bought, context.horizon_days)
    if seen is None or way not in seen.said:
        return None
    return replace(seen, said={WITHOUT[way]: seen.said[way]})


def _why_not(today: Moment | None, trials: Sequence[Trial], context: FitContext) -> Row | None:
    """Why nothing can be said of these customers, in a word and its figures; None when something can."""
    if today is None:
        return {"reason": "no_customers"}
    customers = round(today.customers.sum())
    if not today.repeats.any():
        return {"reason": "no_repeat", "customers": customers}
    if not (today.amount > 0).any():
        return {"reason": "no_amounts", "customers": customers}
    if len(trials) < 2 or trials[0].on != max(context.origins):
        days = (context.as_of - context.first_day).days if context.first_day else 0
        if days >= 3 * context.horizon_days:
            return {"reason": "few_customers", "customers": customers, "needed": FEWEST}
        return {"reason": "too_short", "days": days, "needed": 3 * context.horizon_days}
    return None if len(possible(trials)) > len(NAIVE) else {"reason": "no_model"}


def _missed(name: str, trials: Sequence[Trial]) -> float:
    """The mean square error of a method at older dates, each learned from the others (from itself where it is alone).

    What is said is a mean, and is added up: the square is least at the mean. The absolute error is least at the median,
    and prefers, where most bring nothing, who says too little.

    Source
    ------
    Gneiting (2011), Making and Evaluating Point Forecasts, Journal of the American Statistical Association 106.
    """
    return float(_misses(name, trials).mean())


def _misses(name: str, trials: Sequence[Trial]) -> Floats:
    """The square error of each customer at older dates, (n,)."""
    errors = []
    for at in trials:
        others = [each for each in trials if each is not at] or [at]
        errors.append((forecast(name, at, others) - at.came) ** 2)
    return floats(np.concatenate(errors))


def _tested(name: str, newest: Trial, older: Sequence[Trial]) -> list[Row]:
    """The rows of ``backtest`` of one method at the newest date."""
    said, came = forecast(name, newest, older), newest.came
    total = float(came.sum())
    figures = {
        "mae": mean_error(said, came),
        "rmse": _plain(float(np.sqrt(((said - came) ** 2).mean()))),
        "gini": _plain(gini(said, came)),
        "said": _plain(float(said.sum())),
        "came": _plain(total),
        "bias": _plain(float(said.sum()) / total - 1 if total > 0 else _UNKNOWN),
    }
    return [_result(name, newest, metric, figure, older) for metric, figure in figures.items()]


def _against(winner: str, naive: str, newest: Trial, older: Sequence[Trial]) -> list[Row]:
    """How much nearer the winner comes than the best naive one, and both sides of each tenth."""
    said, came = forecast(winner, newest, older), newest.came
    nearer = mean_of(np.abs(newest.said[naive] - came) - np.abs(said - came))
    rows = [_result(winner, newest, f"nearer_than_{naive}", nearer, older)]
    for number, places in enumerate(tenths(said), start=1):
        rows.append(_result(winner, newest, f"said_{number:02}", _plain(float(said[places].mean())), older))
        rows.append(_result(winner, newest, f"came_{number:02}", mean_of(came[places]), older))
    return rows


def _strays(
    winner: str, way: str, newest: Trial, older: Sequence[Trial], context: FitContext
) -> tuple[float, float]:  # fmt: skip
    """How far the total strays beyond chance in the test, and which part of the customers ended in their range."""
    bought = newest.bought
    said = forecast(winner, newest, older)
    plain = newest.said[way]
    near = coming(bought, way, newest, context.horizon_days)
    between = range_of(near, bought.amounts, newest.repeats + 1)
    by = np.divide(said, near.expected, out=np.zeros_like(said), where=near.expected > 1e-12)
    low, high = newest.ranges.get(
        winner, (np.minimum(by * between.low, said), np.maximum(by * between.high, said))
    )  # fmt: skip
    usual = np.divide(plain, near.expected, out=np.zeros_like(said), where=near.expected > 1e-12)
    scale = float(said.sum()) / float(plain.sum()) if plain.sum() > 0 else 1.0
    ones = np.ones(said.shape)
    history, days = newest.history, float(newest.season.after(context.horizon_days))
    total = sum_of(
        said, (scale * usual) ** 2 * between.variance,
        scale * usual[:, None] * slopes(WAYS[way], bought.fits[way], *history, days),
        spread(WAYS[way], bought.fits[way], *history, ones),
    )  # fmt: skip
    return drift(total, float(newest.came.sum())), float(((newest.came >= low) & (newest.came <= high)).mean())


def _each(
    winner: str, best: str, serving: Bought, today: Moment, trials: Sequence[Trial], tables: Mapping[str, Arrays],
    context: FitContext,
) -> tuple[Each, dict[str, object]]:  # fmt: skip
    """What each of today's customers brings where the winner looks at more than their kind, and what it has learned.

    Nobody where it learns nothing of today's customers, or has no number for one of them.
    """
    if winner not in CHALLENGERS:
        return NOBODY, {}
    now = known_now(tables["lifetime_trial"], today, serving, context)
    if winner in WITH_TRAITS:
        known = traits_of(tables["lifetime_trait"]).of(now.customers)
        groups = learn_groups(WITH_TRAITS[winner], now, known)
        if groups is None:
            return NOBODY, {}
        each = by_groups(groups, now, known, context)
        return (each, {"traits": effects(groups)}) if np.isfinite(each.worth).all() else (NOBODY, {})
    trees = learn_trees(trials, best) or learn_trees(trials[1:], best)
    if trees is None or way_of(best, best) not in now.said:
        return NOBODY, {}
    return by_trees(trees, best, now, trials, context), {"trees": parameters(trees, best)}


def _served(
    bought: Bought, winner: str, best: str, trials: Sequence[Trial], today: Moment, each: Each, strays: float,
    tables: Mapping[str, Arrays], context: FitContext,
) -> tuple[dict[str, object], dict[str, object]]:  # fmt: skip
    """The cells of today's customers, and what is said of all of them together."""
    way = way_of(winner, best)
    days, discount = float(context.parameters["value_days"]), float(context.parameters["discount_rate"])
    far, near = coming(bought, way, today, days, discount), coming(bought, way, today, context.horizon_days)
    between = range_of(far, bought.amounts, today.repeats + 1)
    model, recent = weights(best if winner == BOOSTED else winner, trials)
    ratio = share_ahead(today.season, context.horizon_days, context.horizon_days) * stretch(far, near, today, context)
    own = own_weight(bought.amounts, today.repeats + 1)
    usual = (1 - own) * (bought.amounts.usual if np.isfinite(bought.amounts.usual) else 0.0)
    low, high = shares(far, between)
    cells: dict[str, object] = {
        "as_of": np.full(own.size, np.datetime64(context.as_of, "D")),
        "repeat_purchases": today.repeats, "recency_days": today.recency, "age_days": today.age,
        "purchases": model * far.expected, "own_weight": own, "usual_part": usual, "recent_weight": recent * ratio,
        "low_share": low, "high_share": high, "alive": far.alive,
        "model_version": np.full(own.size, _version(winner, context), dtype=object),
    }  # fmt: skip
    amount = own * today.amount + usual * today.customers  # the sum over customers of what a purchase brings
    squares = own**2 * today.squares + 2 * own * usual * today.amount + usual**2 * today.customers
    plain = far.expected * amount
    said = each.worth if each.worth.size else model * plain + recent * ratio * today.recent
    scale = float(said.sum()) / float(plain.sum()) if plain.sum() > 0 else 1.0
    found = sum_of(
        said, scale**2 * squares * between.variance,
        scale * amount[:, None]
        * slopes(WAYS[way], bought.fits[way], *today.history, float(today.season.after(days)), discount=discount),
        spread(WAYS[way], bought.fits[way], *today.history, today.customers),
        drift=strays,
    )  # fmt: skip
    return cells, _foretold(found, far, today, strays, tables["lifetime_basis"], context)


def _foretold(
    found: Total, far: Ahead, today: Moment, strays: float, basis: Arrays, context: FitContext
) -> dict[str, object]:  # fmt: skip
    return {
        "customers": round(today.customers.sum()),
        "still_customers": brief(float(far.alive @ today.customers)),
        "worth": [brief(each) for each in (found.expected, found.low, found.high)],
        "drift": brief(strays),
        "basis": str(basis["basis"][0]),
        "share_known": brief(float(basis["share_known"][0])),
        "value_days": int(context.parameters["value_days"]),
        "discount_rate": float(context.parameters["discount_rate"]),
        "horizon_days": context.horizon_days,
        "recent": brief(float(today.recent.sum())),
        "season": {
            "weight": brief(today.season.weight),
            "ahead": brief(share_ahead(today.season, float(context.parameters["value_days"]), YEAR_DAYS)),
        },
        "independence": _independence(today),
    }


def _independence(today: Moment) -> Row:
    """How far who comes back more often spends more or less each time, which the Gamma-Gamma takes for unrelated."""
    again = today.repeats > 0
    found = correlation(
        today.repeats[again], today.customers[again], today.amount[again], float(today.squares[again].sum())
    )
    repeaters = round(today.customers[again].sum())
    return {"correlation": brief(found) if np.isfinite(found) else None, "repeaters": repeaters}


def _model(
    name: str, best: str, bought: Bought, trials: Sequence[Trial], foretold: Row, context: FitContext
) -> Row:  # fmt: skip
    way = way_of(name, best)
    fit, amounts = bought.fits[way], bought.amounts
    model, recent = weights(best if name == BOOSTED else name, trials)
    parameters = {
        "purchases": {each: brief(getattr(fit, each)) for each in WAYS[way].names},
        "amounts": {each: brief(getattr(amounts, each)) for each in ("p", "q", "gamma")},
        "at_bound": [*fit.at_bound, *amounts.at_bound],
        "weights": {"purchase_model": brief(model), "recent": brief(recent)},
        "unit": "days",
        "fitted_at_origins": [each.on.isoformat() for each in trials],
        **foretold,
    }
    return _model_row(name, parameters, context, winner=bool(foretold), log_likelihood=fit.log_likelihood)


def _model_row(
    candidate: str, parameters: Row, context: FitContext, *, winner: bool = False, log_likelihood: float = _UNKNOWN
) -> Row:
    said = json.dumps(parameters, sort_keys=True, ensure_ascii=False)
    version = _version(candidate, context)
    return dict(zip(_MODEL, (version, candidate, context.as_of, said, winner, log_likelihood), strict=True))


def _version(candidate: str, context: FitContext) -> str:
    return f"{context.version}/{candidate}"


def _result(name: str, at: Trial, metric: str, found: Measured, learned_from: Sequence[Trial]) -> Row:
    fitted_at = ", ".join(sorted(each.on.isoformat() for each in learned_from))
    figures = (found.value, found.low, found.high)
    return dict(zip(_RESULT, (name, at.on, metric, *figures, at.came.size, fitted_at), strict=True))


def _plain(value: float) -> Measured:
    return Measured(value=value, low=_UNKNOWN, high=_UNKNOWN)


def _abstained(reason: Row, results: Sequence[Row], context: FitContext) -> dict[str, Arrays]:
    """The tables of a fit that can say nothing: why, and what was tried all the same."""
    return {
        "lifetime_cell": _arrays([], _CELL),
        **NOBODY.rows(context),
        "model": _arrays([_model_row("none", reason, context)], _MODEL),
        "backtest": _arrays(results, _RESULT),
    }


def _arrays(rows: Sequence[Row], names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    return {name: _typed(name, [row[name] for row in rows]) for name in names}


def _arrays_of(columns: Mapping[str, object]) -> dict[str, NDArray[np.generic]]:
    return {name: _typed(name, columns[name]) for name in _CELL}


def _typed(name: str, values: object) -> NDArray[np.generic]:
    return np.array(values, dtype=_TYPES.get(name, _NUMBER))
