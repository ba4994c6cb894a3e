"""The ways to tell what customers will bring: two that anybody could use, and the purchase models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from clientela.contracts.analysis import Arrays
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats
from clientela.estimators.lifetime.accuracy import mixed
from clientela.estimators.lifetime.gamma_gamma import GammaGamma, expected_amount, fit_gamma_gamma
from clientela.estimators.lifetime.ways import WAYS, Ahead, ahead

LAST, RATE = "last-period", "same-rate"
NAIVE = (LAST, RATE)
WITH_RECENT: Mapping[str, str] = MappingProxyType({f"{name}+recent": name for name in WAYS})
"""Each purchase model mixed with the money of the last horizon, in the proportion that older dates teach."""
_HISTORY = ("repeat_purchases", "recency_days", "age_days")
_MOST_AT_ONCE = 10_000  # kinds of histories the Pareto/NBD is fitted on: its likelihood is an integral


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Purchase models of what was known at one date, by name, and the model of amounts."""

    fits: Mapping[str, Any]  # each model has a fit of its own
    amounts: GammaGamma


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was known at one date: purchase histories, how many customers have each, and what they brought.

    ``amount`` is the sum of the customers' mean amounts, ``squares`` that of their squares, ``recent`` the
    money of the last horizon.
    """

    on: date
    repeats: Floats
    recency: Floats
    age: Floats
    customers: Floats
    amount: Floats
    squares: Floats
    recent: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Customers known at an earlier date, one a row, and what ``came`` of each in the horizon after it.

    ``said`` is what each method that learns nothing from other dates gives.
    """

    on: date
    repeats: Floats
    recency: Floats
    age: Floats
    amount: Floats
    recent: Floats
    came: Floats
    bought: Bought
    said: Mapping[str, Floats]


def moment(table: Arrays, on: date) -> Moment | None:
    """What ``lifetime_count`` holds of one date; None where it holds nothing."""
    rows = _rows(table, on)
    if not rows.size:
        return None
    repeats, recency, age, customers, amount, norm, recent = _columns(
        table, rows, *_HISTORY, "customers", "amount", "amount_norm", "recent"
    )
    return Moment(
        on=on, repeats=repeats, recency=recency, age=age, customers=customers, amount=amount, squares=norm**2,
        recent=recent,
    )  # fmt: skip


def learn(at: Moment, amounts: Arrays, rng: np.random.Generator, ways: Sequence[str] = tuple(WAYS)) -> Bought | None:
    """The purchase models of one date; they need no outcome, only what was known then. None where none settles."""
    rows = _rows(amounts, at.on)
    purchases, customers, amount = _columns(amounts, rows, "purchases", "customers", "amount")
    try:
        money = fit_gamma_gamma(purchases, amount / np.maximum(customers, 1), customers)
    except UndefinedError:
        return None
    fits = {name: found for name in ways if (found := _fitted(name, at, rng)) is not None}
    return Bought(fits=fits, amounts=money) if fits else None


def trial(table: Arrays, on: date, bought: Bought, horizon_days: int) -> Trial | None:
    """What ``lifetime_trial`` holds of one date, with what each method said then; None where it holds nothing.

    A method that has no number for some customer is left out.
    """
    rows = _rows(table, on)
    if not rows.size:
        return None
    repeats, recency, age, brought, amount, recent, came = _columns(
        table, rows, *_HISTORY, "brought", "amount", "recent", "came"
    )
    usual = expected_amount(bought.amounts, repeats + 1, amount)
    said = {LAST: recent, RATE: brought * horizon_days / (age + 1)}
    for name, fit in bought.fits.items():
        found = floats(usual * ahead(WAYS[name], fit, repeats, recency, age, horizon_days).expected)
        if np.isfinite(found).all():
            said[name] = found
    return Trial(
        on=on, repeats=repeats, recency=recency, age=age, amount=amount, recent=recent, came=came, bought=bought,
        said=said,
    )  # fmt: skip


def possible(trials: Sequence[Trial]) -> tuple[str, ...]:
    """The methods that gave a forecast at every one of these dates, those that mix among them."""
    everywhere = [name for name in (*NAIVE, *WAYS) if all(name in each.said for each in trials)]
    return (*everywhere, *(name for name, way in WITH_RECENT.items() if way in everywhere))


def weights(name: str, learned_from: Sequence[Trial]) -> tuple[float, float]:
    """How much the purchase model and the money of the last horizon count in a method."""
    if name == LAST:
        return 0.0, 1.0
    if name not in WITH_RECENT:
        return 1.0, 0.0
    parts = [np.column_stack([each.said[WITH_RECENT[name]], each.recent]) for each in learned_from]
    found = mixed(np.vstack(parts), np.concatenate([each.came for each in learned_from]))
    return float(found[0]), float(found[1])


def forecast(name: str, at: Trial, learned_from: Sequence[Trial]) -> Floats:
    """What a method says of each customer of a trial, (n,), having learned from other dates."""
    if name not in WITH_RECENT:
        return at.said[name]
    model, recent = weights(name, learned_from)
    return floats(model * at.said[WITH_RECENT[name]] + recent * at.recent)


def coming(bought: Bought, way: str, at: Moment | Trial, days: float, discount: float = 0.0) -> Ahead:
    """What customers will buy in so many days, by one of the purchase models."""
    return ahead(WAYS[way], bought.fits[way], at.repeats, at.recency, at.age, days, discount=discount)


def _fitted(name: str, at: Moment, rng: np.random.Generator) -> Any:
    kinds = (at.repeats, at.recency, at.age, at.customers)
    if name == "pareto-nbd" and at.repeats.size > _MOST_AT_ONCE:
        some = np.sort(rng.choice(at.repeats.size, _MOST_AT_ONCE, replace=False))
        kinds = (at.repeats[some], at.recency[some], at.age[some], at.customers[some])
    try:
        return WAYS[name].fit(*kinds)
    except UndefinedError:
        return None


def _rows(table: Arrays, on: date) -> Indices:
    return np.flatnonzero(np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(on, "D"))


def _columns(table: Arrays, rows: Indices, *names: str) -> list[Floats]:
    return [floats(np.asarray(table[name])[rows]) for name in names]
