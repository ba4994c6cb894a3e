"""The ways to tell who is about to leave: what each looks at, and how it learns.

Customers with the same purchase history are one row throughout, with how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from clientela.errors import NotConvergedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.beta_geometric import BetaGeometric, fit_beta_geometric, log_probability_silent
from clientela.estimators.logistic import Logistic, fit_logistic, gradient, influence, levelled, probability
from clientela.estimators.trees.boosted import Boosted, can_be_learned, fit_boosted, log_odds

BASELINE = "silence"
BETA_GEOMETRIC = "bg-nbd"
METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "silence": ("silence",),
        "gap": ("silence", "gap"),
        "visits": ("silence", "visits"),
        BETA_GEOMETRIC: ("log_silent", "log_active"),
        "both": ("silence", "log_silent", "log_active"),
    }
)
"""Each method and what it looks at; ``silence`` alone is what a careful person would do without us."""
COMBINED: Mapping[str, tuple[str, ...]] = MappingProxyType({"combined": ("visits", BETA_GEOMETRIC, "both")})
"""The plain mean of the chances that several methods give."""
BOOSTED = "boosted"
INPUTS: Mapping[str, int] = MappingProxyType(
    {"silence": 1, "visits": -1, "late": 1, "gap": 0, "purchases": -1, "age": 0, "log_silent": 1}
)
"""What the trees look at, and whether more of it may only raise the chance (1), only lower it (-1), or either (0)."""
FEWEST_CUSTOMERS, FEWEST_LEFT, FEWEST_CALIBRATING = 1_000, 100, 30
"""Below these the trees are not tried: of customers observed at one date that they learn from; of those who left, and
of those who stayed, at all of them; and of either at the date at which they are calibrated."""
_FROM_BETA_GEOMETRIC = frozenset({"log_silent", "log_active"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was known at one date: purchase histories, and how many customers have each.

    ``observed`` of the ``customers`` could be followed for the horizon after the date, ``left`` of
    those bought nothing in it. ``at_stake`` is the customers' recent revenue, ``at_stake_squares``
    the sum of its squares. ``model`` is the BG/NBD of these histories; None where none settles.
    """

    on: date
    repeats: Floats
    recency: Floats
    age: Floats
    recent: Floats
    customers: Floats
    observed: Floats
    left: Floats
    at_stake: Floats
    at_stake_squares: Floats
    model: BetaGeometric | None

    @property
    def stayed(self) -> float:
        """How many of those observed bought again."""
        return float((self.observed - self.left).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A candidate after learning: the logistic regressions it is the mean of, with their joint covariance.

    ``origins`` are the dates it learned from, oldest first; ``trials`` the customers. Of trees, ``boosted`` are learned
    from all but the last of the dates, and the only regression calibrates their log-odds at the last.
    """

    name: str
    origins: tuple[date, ...]
    parts: tuple[tuple[tuple[str, ...], Logistic], ...]
    covariance: Floats
    trials: float
    boosted: Boosted | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """All that it looks at, each once."""
        if self.boosted is not None:
            return self.boosted.names
        return tuple(dict.fromkeys(name for names, _ in self.parts for name in names))


def moment(on: date, columns: Mapping[str, Floats]) -> Moment:
    """What ``churn_count`` holds of one date, with the BG/NBD of its purchase histories.

    The model is fitted anew at each date: it needs no outcome, only what was known then.
    """
    repeats, recency, age = (columns[name] for name in ("repeat_purchases", "recency_days", "age_days"))
    try:
        model = fit_beta_geometric(repeats, recency, age, columns["customers"])
    except NotConvergedError:
        model = None
    return Moment(
        on=on,
        repeats=repeats,
        recency=recency,
        age=age,
        recent=columns["recent_purchases"],
        customers=columns["customers"],
        observed=columns["observed"],
        left=columns["has_left"],
        at_stake=columns["at_stake"],
        at_stake_squares=columns["at_stake_norm"] ** 2,
        model=model,
    )


def possible(moments: Sequence[Moment]) -> tuple[str, ...]:
    """The candidates that can be used at every one of the moments."""
    without = any(each.model is None for each in moments)
    usable = {name for name, features in METHODS.items() if not (without and _FROM_BETA_GEOMETRIC & {*features})}
    combined = (name for name, members in COMBINED.items() if usable.issuperset(members))
    return (*(name for name in METHODS if name in usable), *combined)


def bears_trees(moments: Sequence[Moment]) -> bool:
    """Whether there is enough at these moments to learn trees from all but the last, and to calibrate them at the last.

    Source
    ------
    van der Ploeg, Austin & Steyerberg (2014), Modern modelling techniques are data hungry, BMC Medical Research
    Methodology 14:137: flexible methods need ten times the events of a logistic regression to be as stable.
    """
    if len(moments) < 2:
        return False
    latest, older = _latest(moments)
    many = max(float(each.observed.sum()) for each in older) >= FEWEST_CUSTOMERS
    left, stayed = sum(float(each.left.sum()) for each in older), sum(each.stayed for each in older)
    calibrated = min(latest.left.sum(), latest.stayed) >= FEWEST_CALIBRATING
    return many and min(left, stayed) >= FEWEST_LEFT and bool(calibrated) and can_be_learned()


def features(at: Moment, names: Sequence[str], horizon_days: int) -> Floats:
    """What a method looks at, one column each, (n, len(names)).

    ``silence``: logarithm of 1 + days since the last purchase. ``gap``: logarithm of the customer's
    own mean gap, drawn towards everybody's mean where there are few gaps. ``visits``: logarithm of
    1 + purchase days within the last horizon. ``log_silent``, ``log_active``: ln p and -ln(1 - p) of
    the BG/NBD's chance p of no purchase, which lets a regression calibrate its two ends apart. ``purchases``, ``age``:
    logarithms of 1 + repeat purchases and of 1 + days as a customer. ``late``: ``silence`` less ``gap``.

    Source
    ------
    For ln p and -ln(1 - p): Kull, Silva Filho & Flach (2017), Beta calibration, AISTATS.
    """
    return np.column_stack([floats(_feature(at, name, horizon_days)) for name in names])


def learn(names: Sequence[str], moments: Sequence[Moment], horizon_days: int, threads: int = 0) -> dict[str, Learned]:
    """The candidates ``names`` learned from the outcomes at ``moments``; each regression is fitted once.

    Raises
    ------
    UndefinedError
        Nobody left at any of the moments, or everybody.
    """
    trials = np.concatenate([each.observed for each in moments])
    left = np.concatenate([each.left for each in moments])
    linear = [name for name in names if name != BOOSTED]
    fits: dict[str, tuple[Logistic, Floats, Floats]] = {}
    for method in dict.fromkeys(member for name in linear for member in COMBINED.get(name, (name,))):
        seen = np.vstack([features(each, METHODS[method], horizon_days) for each in moments])
        fit = fit_logistic(seen, trials, left)
        fits[method] = fit, influence(fit, seen, 1.0), influence(fit, seen, 0.0)
    learned = {}
    for name in linear:
        members = COMBINED.get(name, (name,))
        leaving = np.hstack([fits[member][1] for member in members])
        staying = np.hstack([fits[member][2] for member in members])
        learned[name] = Learned(
            name=name,
            origins=tuple(sorted(each.on for each in moments)),
            parts=tuple((METHODS[member], fits[member][0]) for member in members),
            covariance=_covariance(leaving, staying, trials, left),
            trials=float(trials.sum()),
        )
    if BOOSTED in names:
        learned[BOOSTED] = _learn_trees(moments, horizon_days, threads)
    return learned


def _learn_trees(moments: Sequence[Moment], horizon_days: int, threads: int) -> Learned:
    """Trees learned from all moments but the last, at which their log-odds are calibrated.

    How steep the line is follows from the last moment, which the trees have not seen; how high it lies from all, as
    one moment alone is one season.

    Source
    ------
    Platt (1999), Probabilistic Outputs for Support Vector Machines, Advances in Large Margin Classifiers: a straight
    line through the log-odds.
    """
    latest, older = _latest(moments)
    without = any(each.model is None for each in moments)
    names = tuple(name for name in INPUTS if not (without and name in _FROM_BETA_GEOMETRIC))
    boosted = fit_boosted(
        names,
        np.vstack([features(each, names, horizon_days) for each in older]),
        np.concatenate([each.observed for each in older]),
        np.concatenate([each.left for each in older]),
        monotone=[INPUTS[name] for name in names],
        threads=threads,
    )
    said = log_odds(boosted, features(latest, names, horizon_days))[:, None]
    fit = fit_logistic(said, latest.observed, latest.left)
    seen = np.concatenate([said, *(log_odds(boosted, features(each, names, horizon_days))[:, None] for each in older)])
    fit = levelled(
        fit,
        seen,
        np.concatenate([latest.observed, *(each.observed for each in older)]),
        np.concatenate([latest.left, *(each.left for each in older)]),
    )
    leaving, staying = influence(fit, said, 1.0), influence(fit, said, 0.0)
    return Learned(
        name=BOOSTED,
        origins=tuple(sorted(each.on for each in moments)),
        parts=(((BOOSTED,), fit),),
        covariance=_covariance(leaving, staying, latest.observed, latest.left),
        trials=float(latest.observed.sum()),
        boosted=boosted,
    )


def _latest(moments: Sequence[Moment]) -> tuple[Moment, tuple[Moment, ...]]:
    latest, *older = sorted(moments, key=lambda each: each.on, reverse=True)
    return latest, tuple(older)


def _covariance(leaving: Floats, staying: Floats, trials: Floats, left: Floats) -> Floats:
    return floats(leaving.T @ (leaving * left[:, None]) + staying.T @ (staying * (trials - left)[:, None]))


def chances(learned: Learned, at: Moment, horizon_days: int) -> tuple[Floats, Floats]:
    """The chance of leaving for each history, (n,), and how it changes with the coefficients, (n, k).

    Laplace's rule of succession keeps every chance off 0 and 1: among ``trials`` customers none can
    be said to be rarer than one more than nobody.
    """
    return chances_of(learned, inputs(learned, at, horizon_days))


def inputs(learned: Learned, at: Moment, horizon_days: int) -> dict[str, Floats]:
    """Each thing that a candidate looks at, by name, (n,)."""
    return dict(zip(learned.inputs, features(at, learned.inputs, horizon_days).T, strict=True))


def chances_of(learned: Learned, seen: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """As `chances`, of what was seen, which need not be what anybody did."""
    share = learned.trials / (learned.trials + 2) / len(learned.parts)
    total: Floats | float = 1 / (learned.trials + 2)
    slopes = []
    for names, fit in learned.parts:
        if learned.boosted is None:
            columns = np.column_stack([seen[name] for name in names])
        else:
            columns = log_odds(learned.boosted, np.column_stack([seen[name] for name in learned.inputs]))[:, None]
        total = total + share * probability(fit, columns)
        slopes.append(share * gradient(fit, columns))
    return floats(total), np.hstack(slopes)


def interval(chance: Floats, slopes: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of each chance, from the uncertainty of the coefficients, taken on the logit."""
    deviation = np.sqrt(np.maximum(np.einsum("nk,kl,nl->n", slopes, covariance, slopes, optimize=True), 0.0))
    half = np.minimum(1.959964 * deviation / (chance * (1 - chance)), 50.0)
    odds = chance / (1 - chance)
    low, high = odds * np.exp(-half), odds * np.exp(half)
    return low / (1 + low), high / (1 + high)


def _feature(at: Moment, name: str, horizon_days: int) -> Floats:
    counted = {"silence": at.age - at.recency, "visits": at.recent, "purchases": at.repeats, "age": at.age}
    if name in counted:
        return floats(np.log1p(counted[name]))
    if name == "late":
        return floats(_feature(at, "silence", horizon_days) - _feature(at, "gap", horizon_days))
    if name == "gap":
        gaps = float((at.repeats * at.customers).sum())
        usual = float((at.recency * at.customers).sum()) / gaps if gaps else 1.0
        return floats(np.log((at.recency + max(usual, 1.0)) / (at.repeats + 1)))
    if at.model is None:
        raise NotConvergedError
    silent = log_probability_silent(at.model, at.repeats, at.recency, at.age, float(horizon_days))
    return silent if name == "log_silent" else floats(-np.log(-np.expm1(np.minimum(silent, -1e-12))))
