"""The ways to tell what customers will bring: two that anybody could use, and the purchase models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.analysis import Arrays
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats
from clientela.estimators.lifetime.accuracy import mixed
from clientela.estimators.lifetime.gamma_gamma import GammaGamma, expected_amount, fit_gamma_gamma
from clientela.estimators.lifetime.season import FEWEST_WEEKS, FLAT, Season, season
from clientela.estimators.lifetime.ways import WAYS, Ahead, ahead

LAST, RATE = "last-period", "same-rate"
NAIVE = (LAST, RATE)
WITH_RECENT: Mapping[str, str] = MappingProxyType({f"{name}+recent": name for name in WAYS})
"""Each purchase model mixed with the money of the last horizon, in the proportion that older dates teach."""
WITH_TRAITS: Mapping[str, str] = MappingProxyType({f"{name}+traits": name for name in ("bg-nbd", "mbg-nbd")})
"""Each purchase model whose customers may differ by what their first purchase was."""
BOOSTED = "boosted"
CHALLENGERS = (*WITH_TRAITS, BOOSTED)
"""Methods that look at more than the purchase history: they serve where they come nearer by more than chance."""
WITHOUT: Mapping[str, str] = MappingProxyType({name: f"{name}-flat" for name in WAYS})
"""Each purchase model that takes all weeks for alike, shown beside one that knows the season."""
_WEEK_DAYS = 7
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
    money of the last horizon. Times are in days of the calendar; the models live in those of ``season``.
    """

    on: date
    repeats: Floats
    recency: Floats
    age: Floats
    customers: Floats
    amount: Floats
    squares: Floats
    recent: Floats
    season: Season = FLAT

    @property
    def history(self) -> tuple[Floats, Floats, Floats]:
        """x, t_x and T in usual days."""
        return _lived(self.repeats, self.recency, self.age, self.season)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Customers known at an earlier date, one a row, and what ``came`` of each in the horizon after it.

    ``visits``: purchase days in the last horizon. ``said`` is what each method that learns nothing from other dates
    gives; ``quiet`` the chance that nothing comes, by purchase model; ``ranges`` the ends in which eight of ten end, of
    methods that have ends of their own. ``busier``: how busy the horizon after it is, against the horizon before it, as
    far as the ``season`` was known.
    """

    on: date
    customers: NDArray[np.int64]
    repeats: Floats
    recency: Floats
    age: Floats
    amount: Floats
    recent: Floats
    visits: Floats
    came: Floats
    bought: Bought
    said: Mapping[str, Floats]
    quiet: Mapping[str, Floats]
    season: Season = FLAT
    busier: float = 1.0
    ranges: Mapping[str, tuple[Floats, Floats]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def history(self) -> tuple[Floats, Floats, Floats]:
        """x, t_x and T in usual days."""
        return _lived(self.repeats, self.recency, self.age, self.season)


def season_at(days: Arrays, on: date) -> Season:
    """The season as it was known at a date, from the purchases of each day; none before two years are known."""
    ago = (np.datetime64(on, "D") - np.asarray(days["happened_on"], dtype="datetime64[D]")).astype(np.int64) - 1
    bought = np.asarray(days["purchases"], dtype=np.float64)[ago >= 0]
    weeks = ago[ago >= 0] // _WEEK_DAYS
    if not weeks.size or weeks.max() < FEWEST_WEEKS:
        return FLAT
    return season(floats(np.bincount(weeks, bought)[:-1]))  # the oldest week may have begun before the first day


def share_ahead(known: Season, days: float, since: float) -> float:
    """How busy the next ``days`` are, against the last ``since``, in usual days a day."""
    return float(known.after(days)) / days / (float(known.before(since)) / since)


def moment(table: Arrays, on: date, known: Season = FLAT) -> Moment | None:
    """What ``lifetime_count`` holds of one date; None where it holds nothing."""
    rows = _rows(table, on)
    if not rows.size:
        return None
    repeats, recency, age, customers, amount, norm, recent = _columns(
        table, rows, *_HISTORY, "customers", "amount", "amount_norm", "recent"
    )
    return Moment(
        on=on, repeats=repeats, recency=recency, age=age, customers=customers, amount=amount, squares=norm**2,
        recent=recent, season=known,
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


def trial(table: Arrays, on: date, bought: Bought, horizon_days: int, known: Season = FLAT) -> Trial | None:
    """What ``lifetime_trial`` holds of one date, with what each method said then; None where it holds nothing.

    A method that has no number for some customer is left out. ``known``: the season as it was known then.
    """
    rows = _rows(table, on)
    if not rows.size:
        return None
    repeats, recency, age, brought, amount, recent, visits, came = _columns(
        table, rows, *_HISTORY, "brought", "amount", "recent", "recent_purchases", "came"
    )
    usual = expected_amount(bought.amounts, repeats + 1, amount)
    said, quiet = {LAST: recent, RATE: brought * horizon_days / (age + 1)}, {}
    lived = _lived(repeats, recency, age, known)
    for name, fit in bought.fits.items():
        near = ahead(WAYS[name], fit, *lived, float(known.after(horizon_days)))
        found = floats(usual * near.expected)
        if np.isfinite(found).all():
            said[name], quiet[name] = found, near.silent
    return Trial(
        on=on, customers=np.asarray(table["customer_id"])[rows].astype(np.int64),
        repeats=repeats, recency=recency, age=age, amount=amount, recent=recent, visits=visits, came=came,
        bought=bought, said=said, quiet=quiet, season=known, busier=share_ahead(known, horizon_days, horizon_days),
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
    recent = mixed([(each.said[WITH_RECENT[name]], each.busier * each.recent, each.came) for each in learned_from])
    return 1 - recent, recent


def forecast(name: str, at: Trial, learned_from: Sequence[Trial]) -> Floats:
    """What a method says of each customer of a trial, (n,), having learned from other dates."""
    if name not in WITH_RECENT:
        return at.said[name]
    model, recent = weights(name, learned_from)
    return floats(model * at.said[WITH_RECENT[name]] + recent * at.busier * at.recent)


def way_of(name: str, best: str) -> str:
    """The purchase model behind a method; ``best``: the one that boosted trees begin at."""
    name = best if name == BOOSTED else WITH_TRAITS.get(name, name)
    return WITH_RECENT.get(name, name)


def coming(bought: Bought, way: str, at: Moment | Trial, days: float, discount: float = 0.0) -> Ahead:
    """What customers will buy in so many days of the calendar, by one of the purchase models."""
    return ahead(WAYS[way], bought.fits[way], *at.history, float(at.season.after(days)), discount=discount)


def _fitted(name: str, at: Moment, rng: np.random.Generator) -> Any:
    kinds = (*at.history, at.customers)
    if name == "pareto-nbd" and at.repeats.size > _MOST_AT_ONCE:
        some = np.sort(rng.choice(at.repeats.size, _MOST_AT_ONCE, replace=False))
        repeats, recency, age, customers = kinds
        kinds = (repeats[some], recency[some], age[some], customers[some])
    try:
        return WAYS[name].fit(*kinds)
    except UndefinedError:
        return None


def _lived(repeats: Floats, recency: Floats, age: Floats, known: Season) -> tuple[Floats, Floats, Floats]:
    """A purchase history in usual days; who bought once has a recency of 0 in these too."""
    whole = known.before(age)
    return repeats, floats(whole - known.before(age - recency)), whole


def _rows(table: Arrays, on: date) -> Indices:
    return np.flatnonzero(np.asarray(table["as_of"], dtype="datetime64[D]") == np.datetime64(on, "D"))


def _columns(table: Arrays, rows: Indices, *names: str) -> list[Floats]:
    return [floats(np.asarray(table[name])[rows]) for name in names]
