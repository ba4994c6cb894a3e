"""What customers bring, by two sums of trees: whether they bring anything, and how much if so.

Both begin at what another model says and learn what it missed; where they learn nothing they say what it says. The
level of each date is left open: what befell everybody after it says nothing of who brings more than who.

Source
------
Mullahy (1986), Specification and Testing of Some Modified Count Data Models, Journal of Econometrics 33: the two parts
of a hurdle model. Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics
29(5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, gammaincinv, logit

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

MOST_ROWS = 20_000
"""Of more customers these teach: every so many-th in the order of what came, so that as much comes of them."""
TREES, LEAVES, RATE = 40, 6, 0.05
_FEWEST, _SURE = 50, 20.0  # rows in a leaf, and their curvature, at least: amounts stray much
_BINS = 63
_RAREST = 1e-4  # a chance nearer to 0 or 1 than this would let one customer outweigh thousands
_HALVINGS = 60
_STEADIEST = 1e-3  # variance of what comes by what was expected, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is known of customers at one date, and what another model says of them.

    ``features``: (n, k). ``worth``: (n,) what they bring, above 0. ``chance``: (n,) that they bring anything.
    """

    features: Floats
    worth: Floats
    chance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the trees say of customers, (n,) each: what they bring, and how likely anything."""

    worth: Floats
    chance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurdle:
    """A fitted pair of sums of trees, in LightGBM's text format; ``names`` are the features, in order.

    ``bring`` adds to the log-odds that a customer brings anything, ``much`` to the logarithm of how much.
    ``shape``: of the gamma distribution of what those bring who bring anything.
    """

    names: tuple[str, ...]
    bring: str
    much: str
    shape: float
    customers: int


def fit_hurdle(names: Sequence[str], told: Sequence[tuple[Said, Floats]]) -> Hurdle:
    """The trees that tell what customers bring from what another model says of them.

    The same customers give the same trees, whatever their order.

    Parameters
    ----------
    names :
        One for each feature.
    told :
        For each date what was known and said, and what came of each customer, (n,); 0 or less counts as nothing.

    Raises
    ------
    UndefinedError
        A feature is not finite, or a forecast is not above 0; or nobody brought anything at a date, or everybody did.
    """
    parts = [_levelled(names, said, floats(came)) for said, came in told]
    x, chance, amount, came = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.lexsort((amount, chance, *x.T, came))  # the same customers, the same sums, in whatever order they come
    some = order[np.linspace(0, order.size - 1, min(order.size, MOST_ROWS)).astype(np.intp)]
    x, chance, amount, came = x[some], chance[some], amount[some], came[some]
    brought = came > 0
    usual = float(came[brought].mean())
    bring = _trees(names, "binary", x, brought.astype(np.float64), logit(chance))
    much = _trees(names, "gamma", x[brought], came[brought] / usual, np.log(amount[brought] / usual))
    more = _booster(much).predict(x[brought], raw_score=True, num_threads=1)
    strays = came[brought] / (amount[brought] * np.exp(np.asarray(more)))
    return Hurdle(
        names=tuple(names), bring=bring, much=much, shape=1 / max(float(strays.var()), _STEADIEST), customers=some.size
    )


def expected(fit: Hurdle, said: Said) -> Told:
    """What each customer brings; together they bring what the other model says."""
    if not said.worth.size:
        return Told(worth=floats(said.worth), chance=floats(said.chance))
    chance = np.clip(said.chance, _RAREST, 1 - _RAREST)
    likelier, more = (
        np.asarray(_booster(text).predict(said.features, raw_score=True, num_threads=1))
        for text in (fit.bring, fit.much)
    )
    likely = expit(logit(chance) + likelier)
    found = likely * said.worth / chance * np.exp(more)
    return Told(worth=floats(found * (_sum(said.worth) / _sum(found))), chance=floats(likely))


def between(told: Told, shape: float, *, level: float = 0.8) -> tuple[Floats, Floats]:
    """The ends of what such customers bring in ``level`` of the cases, (n,) each.

    Nothing where nothing comes; else a gamma distribution. Where nothing comes in more than half of the cases left out,
    the range begins at 0 and leaves out the highest of the others.

    Examples
    --------
    >>> low, high = between(Told(worth=floats([100, 10]), chance=floats([1, 0.1])), 4.0)
    >>> low.round(1), high.round(1)
    (array([43.6,  0. ]), array([167.,  10.]))
    """
    quiet, tail = 1 - told.chance, (1 - level) / 2
    comes = np.maximum(told.chance, 1e-12)
    at_low = np.where(quiet < tail, np.clip((tail - quiet) / comes, 0.0, 1.0), 0.0)
    at_high = np.clip((np.where(quiet < tail, 1 - tail, level) - quiet) / comes, 0.0, 1 - 1e-9)
    step = told.worth / comes / shape
    low, high = (step * gammaincinv(shape, each) for each in (at_low, at_high))
    return floats(np.minimum(low, told.worth)), floats(np.maximum(high, told.worth))


def _levelled(names: Sequence[str], said: Said, came: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Features, chances and amounts of a date's customers at the level of what came, and what came."""
    x, brought = floats(said.features), came > 0
    if x.ndim != 2 or x.shape[1] != len(names) or not np.isfinite(x).all():
        raise UndefinedError(f"features must be a table of finite numbers with {len(names)} columns.")
    if not (np.isfinite(said.worth).all() and (said.worth > 0).all()):
        raise UndefinedError("what another model says of a customer must be above 0.")
    if not 0 < brought.sum() < brought.size:
        raise UndefinedError(f"{brought.sum()} of {brought.size} customers brought something: it needs some of both.")
    chance = np.clip(said.chance, _RAREST, 1 - _RAREST)
    amount = said.worth / chance
    amount = amount * (_sum(came[brought]) / _sum(amount[brought]))
    return x, _as_many(chance, float(brought.sum())), floats(amount), came


def _as_many(chance: Floats, brought: float) -> Floats:
    """The chances with the same shift of their log-odds, so that they add up to as many as there were."""
    odds, low, high = np.sort(logit(chance)), -20.0, 20.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(odds + middle).sum() < brought else (low, middle)
    return floats(np.clip(expit(logit(chance) + low), _RAREST, 1 - _RAREST))


def _sum(values: Floats) -> float:
    """The sum in the order of the values: the last digit does not depend on the order of the customers."""
    return float(np.sort(values).sum())


def _trees(names: Sequence[str], objective: str, x: Floats, label: Floats, start: Floats) -> str:
    import lightgbm  # slow to load, and most companies are too small for it

    settings: dict[str, Any] = {
        "objective": objective,
        "learning_rate": RATE,
        "num_leaves": LEAVES,
        "max_bin": _BINS,
        "min_data_in_leaf": _FEWEST,
        "min_sum_hessian_in_leaf": _SURE,
        "lambda_l2": 1.0,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "seed": 0,
        "num_threads": 1,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(x, label, init_score=start, feature_name=list(names), params=settings)
    return str(lightgbm.train(settings, data, num_boost_round=TREES).model_to_string())


def _booster(text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=text)
