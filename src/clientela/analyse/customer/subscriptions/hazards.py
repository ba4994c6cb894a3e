"""The ways to tell which contracts end: in each part of a horizon, of about a month, a share of those still there.

A contract of some age, price and kind of renewal comes through the horizon if it comes through each part of it. Ending
for want of payment is another thing than leaving: it has a share of its own, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from clientela.analyse.customer.learned import brief
from clientela.errors import NotConvergedError
from clientela.estimators.arrays import Floats, Indices, floats
from clientela.estimators.lifetime.renewals import fit_renewals_seen
from clientela.estimators.logistic import fit_logistic
from clientela.estimators.trees.boosted import can_be_learned, fit_boosted, log_odds

BASELINE, RENEWALS, LOGISTIC, BOOSTED = "rate", "sbg", "hazard", "boosted"
YEAR_DAYS = 365.25
UNKNOWN_AMOUNT = -100
COLUMNS = ("log_age", "log_later_age", "yearly", "renewal", "amount")
FEWEST_CONTRACTS, FEWEST_ENDED, FEWEST_CALIBRATING = 1_000, 100, 30
"""As with churn-risk, below these no trees are learned: of contracts at one date, of those that ended at all dates to
learn from, and of those that ended at the date to calibrate at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Kinds of contracts at a date: by the year or the month, days old, and what they bring, in steps; each (n,)."""

    yearly: Floats
    tenure: Floats
    amount: Floats

    def of(self, rows: Indices) -> Kinds:
        """Those of some rows."""
        return Kinds(yearly=self.yearly[rows], tenure=self.tenure[rows], amount=self.amount[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen after a date, one row for each kind of contract and part of the horizon, from 1.

    ``contracts`` had not ended before the part; ``ended`` and ``unpaid`` did in it. ``money``: what they bring in a
    month; ``margin``: what they leave of it, NaN where costs are not known; ``own_cost``: the part of ``money`` whose
    product's own cost is known.
    """

    on: date
    kinds: Kinds
    step: Floats
    contracts: Floats
    ended: Floats
    unpaid: Floats
    money: Floats
    margin: Floats
    own_cost: Floats
    observed: bool

    @property
    def first(self) -> Indices:
        """The rows of the first part: each kind of contract once, all of its contracts at risk."""
        return np.flatnonzero(self.step == 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """What half of the contracts do not exceed."""

    tenure: float
    amount: float


Hazard = Callable[[Floats, Floats], Floats]
"""From what a candidate learned and the columns of contracts, the share that leaves in a part of the horizon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A candidate after learning. ``theta`` and its covariance are what it learned; ``unpaid`` the share a part that is
    ended for want of payment."""

    name: str
    origins: tuple[date, ...]
    theta: Floats
    covariance: Floats
    hazard: Hazard
    unpaid: float
    middle: Middle
    part_days: float
    said: Mapping[str, object]


def columns(kinds: Kinds, ahead: int, middle: Middle, part_days: float, *, renewed: bool = True) -> Floats:
    """What a candidate looks at, in the part after ``ahead`` whole parts, (n, k): see `COLUMNS`.

    ``log_age``, ``log_later_age``: logarithms of 1 and of 12 + parts of age. ``renewal``: whether a year of a contract
    by the year ends in the part. An amount that is not known counts as the one in the middle.

    Parameters
    ----------
    renewed :
        False: as if no year ended.
    """
    begins = kinds.tenure + ahead * part_days
    age = np.floor(begins / part_days)
    ends_a_year = np.floor((begins + part_days) / YEAR_DAYS) > np.floor(begins / YEAR_DAYS)
    amount = np.where(kinds.amount == UNKNOWN_AMOUNT, middle.amount, kinds.amount)
    renewal = kinds.yearly * ends_a_year * renewed
    return np.column_stack([np.log1p(age), np.log(12 + age), kinds.yearly, renewal, amount])


def learn(moments: Sequence[Seen], part_days: float, threads: int = 0) -> dict[str, Learned]:
    """Every candidate that can be learned from what was seen, by its name.

    Raises
    ------
    UndefinedError
        Nothing ended, or everything.
    """
    middle = _middle(moments)
    rows = np.vstack([_rows(each, middle, part_days) for each in moments])
    n, y, unpaid = (
        np.concatenate([getattr(each, name) for each in moments]) for name in ("contracts", "ended", "unpaid")
    )
    stay = n - unpaid  # who is lost for want of payment was not lost by choice, and is no longer asked
    origins = tuple(sorted(each.on for each in moments))
    share = float(unpaid.sum() / n.sum())

    def told(name: str, theta: Floats, covariance: Floats, hazard: Hazard, **said: object) -> Learned:
        return Learned(
            name=name, origins=origins, theta=theta, covariance=covariance, hazard=hazard, unpaid=share, middle=middle,
            part_days=part_days, said=MappingProxyType(said),
        )  # fmt: skip

    found = {BASELINE: _rate(stay, y, told)}
    logistic = fit_logistic(rows, stay, y)
    found[LOGISTIC] = told(
        LOGISTIC, logistic.coefficients, logistic.bread,
        lambda theta, x: floats(1 / (1 + np.exp(-(logistic.design(x) @ theta)))),
        intercept=brief(logistic.intercept),
        slopes={name: brief(each) for name, each in zip(COLUMNS, logistic.slopes, strict=True)},
    )  # fmt: skip
    with suppress(NotConvergedError):  # then it is not among those that are tried
        found[RENEWALS] = _renewals(rows, stay, y, part_days, told)
    if _bears_trees(moments):
        found[BOOSTED] = _trees(moments, middle, part_days, threads, told)
    return found


Told = Callable[..., Learned]


def _rate(n: Floats, y: Floats, told: Told) -> Learned:
    share = (y.sum() + 1) / (n.sum() + 2)
    variance = share * (1 - share) / n.sum()
    return told(
        BASELINE, np.array([share]), np.array([[variance]]), lambda theta, x: np.full(len(x), theta[0]),
        share=brief(float(share)),
    )  # fmt: skip


def _months(rows: Floats) -> Floats:
    """Which renewal by the month comes next, from 1."""
    return floats(np.round(np.exp(rows[:, 0])))


def _years(rows: Floats, part_days: float) -> Floats:
    """Which renewal by the year is the nearest, from 1."""
    return floats(np.maximum(np.round(np.exp(rows[:, 0]) * part_days / YEAR_DAYS), 1))


def _renewals(rows: Floats, n: Floats, y: Floats, part_days: float, told: Told) -> Learned:
    """An sBG by months for contracts by the month, one by years for those by the year; what ends between: a share."""
    yearly, renewal = rows[:, 2] > 0, rows[:, 3] > 0
    monthly_fit = _fitted(_months(rows), ~yearly, n, y)
    yearly_fit = _fitted(_years(rows, part_days), yearly & renewal, n, y)
    between = yearly & ~renewal
    loose = float((y[between].sum() + 1) / (n[between].sum() + 2)) if between.any() else 0.0
    fits = [monthly_fit, yearly_fit]
    theta = np.log(np.concatenate([each[0] for each in fits]))
    covariance = np.zeros((4, 4))
    covariance[:2, :2], covariance[2:, 2:] = monthly_fit[1], yearly_fit[1]

    def hazard(at: Floats, x: Floats) -> Floats:
        months, years = _months(x), _years(x, part_days)
        a, b, c, d = np.exp(at)
        by_year = np.where(x[:, 3] > 0, c / (c + d + years - 1), loose)
        return floats(np.where(x[:, 2] > 0, by_year, a / (a + b + months - 1)))

    return told(
        RENEWALS, theta, covariance, hazard,
        monthly=[brief(each) for each in monthly_fit[0]], yearly=[brief(each) for each in yearly_fit[0]],
    )  # fmt: skip


def _fitted(renewal: Floats, rows: np.ndarray, n: Floats, y: Floats) -> tuple[Floats, Floats]:
    """α and β of those rows, and the covariance of their logarithms; a plain share where there are no two ages."""
    there = rows & (n > 0)
    if not there.any():
        return np.array([1.0, 99.0]), np.zeros((2, 2))
    fit = fit_renewals_seen(renewal[there], n[there], y[there])
    covariance = np.zeros((2, 2)) if fit.covariance is None else fit.covariance
    return np.array([fit.alpha, fit.beta]), covariance


def _trees(moments: Sequence[Seen], middle: Middle, part_days: float, threads: int, told: Told) -> Learned:
    """Trees learned from all dates but the last, at which their log-odds are calibrated: a line, after Platt."""
    latest, older = _latest(moments)
    boosted = fit_boosted(
        COLUMNS,
        np.vstack([_rows(each, middle, part_days) for each in older]),
        np.concatenate([each.contracts - each.unpaid for each in older]),
        np.concatenate([each.ended for each in older]),
        threads=threads,
    )
    said = log_odds(boosted, _rows(latest, middle, part_days))[:, None]
    line = fit_logistic(said, latest.contracts - latest.unpaid, latest.ended)
    return told(
        BOOSTED, line.coefficients, line.bread,
        lambda theta, x: floats(1 / (1 + np.exp(-(line.design(log_odds(boosted, x)[:, None]) @ theta)))),
        trees=boosted.text, intercept=brief(line.intercept), slope=brief(float(line.slopes[0])),
    )  # fmt: skip


def _bears_trees(moments: Sequence[Seen]) -> bool:
    if len(moments) < 2:
        return False
    latest, older = _latest(moments)
    many = max(float(each.contracts[each.first].sum()) for each in older) >= FEWEST_CONTRACTS
    ended = sum(float(each.ended.sum()) for each in older)
    calibrated = float(latest.ended.sum()) >= FEWEST_CALIBRATING
    return many and ended >= FEWEST_ENDED and calibrated and can_be_learned()


def staying(learned: Learned, kinds: Kinds, parts: int, *, renewed: bool = True) -> tuple[Floats, Floats]:
    """The share of each kind that is still there after each of so many parts, (n, parts), and of those lost before, how
    many for want of payment, (n, parts).
    """
    return _staying(learned, learned.theta, kinds, parts, renewed=renewed)


def chance(learned: Learned, kinds: Kinds, parts: int, *, renewed: bool = True) -> Floats:
    """The chance to end within so many parts, (n,)."""
    return floats(1 - staying(learned, kinds, parts, renewed=renewed)[0][:, -1])


def slopes(learned: Learned, kinds: Kinds, parts: int) -> Floats:
    """How the chance changes with what was learned, (n, k): by differences."""
    return differences(learned, lambda theta: floats(1 - staying_with(learned, theta, kinds, parts)[:, -1]))


def differences(learned: Learned, figure: Callable[[Floats], Floats]) -> Floats:
    """How a figure of each kind, worked out from what was learned, changes with it, (n, k)."""
    found = []
    for at, deviation in enumerate(np.sqrt(np.maximum(np.diag(learned.covariance), 1e-12))):
        step = np.zeros(len(learned.theta))
        step[at] = 0.01 * deviation
        up, down = (figure(floats(learned.theta + sign * step)) for sign in (1.0, -1.0))
        found.append((up - down) / (2 * step[at]))
    return floats(np.column_stack(found))


def staying_with(learned: Learned, theta: Floats, kinds: Kinds, parts: int) -> Floats:
    """The share of each kind that is still there after each part, had it learned ``theta``, (n, parts)."""
    return _staying(learned, theta, kinds, parts)[0]


def _staying(
    learned: Learned, theta: Floats, kinds: Kinds, parts: int, *, renewed: bool = True
) -> tuple[Floats, Floats]:
    there, unpaid = np.ones(len(kinds.tenure)), np.zeros(len(kinds.tenure))
    stays, lost = [], []
    for ahead in range(parts):
        x = columns(kinds, ahead, learned.middle, learned.part_days, renewed=renewed)
        hazard = np.clip(learned.hazard(theta, x), 1e-9, 1 - 1e-9) * (1 - learned.unpaid)
        unpaid = unpaid + there * learned.unpaid
        there = there * (1 - learned.unpaid - hazard)
        stays.append(there)
        lost.append(unpaid)
    return floats(np.column_stack(stays)), floats(np.column_stack(lost))


def _rows(seen: Seen, middle: Middle, part_days: float) -> Floats:
    """The columns of each row of what was seen, in its part."""
    found = np.zeros((len(seen.step), len(COLUMNS)))
    for step in np.unique(seen.step):
        rows = np.flatnonzero(seen.step == step)
        found[rows] = columns(seen.kinds.of(rows), int(step) - 1, middle, part_days)
    return found


def _middle(moments: Sequence[Seen]) -> Middle:
    rows = [each.first for each in moments]
    weights = np.concatenate([each.contracts[at] for each, at in zip(moments, rows, strict=True)])
    tenure = np.concatenate([each.kinds.tenure[at] for each, at in zip(moments, rows, strict=True)])
    amount = np.concatenate([each.kinds.amount[at] for each, at in zip(moments, rows, strict=True)])
    known = amount != UNKNOWN_AMOUNT
    return Middle(
        tenure=_median(tenure, weights), amount=_median(amount[known], weights[known]) if known.any() else 0.0
    )


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(upto, upto[-1] / 2)])


def _latest(moments: Sequence[Seen]) -> tuple[Seen, tuple[Seen, ...]]:
    latest, *older = sorted(moments, key=lambda each: each.on, reverse=True)
    return latest, tuple(older)
