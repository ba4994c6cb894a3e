"""Gradient-boosted trees on counts: log-odds as a sum of small trees, and what each feature adds to it, exactly.

The fit is LightGBM's own text, which can be read, kept and applied again; never a pickle.

Source
------
Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29(5); Ke et al.
(2017), LightGBM, NIPS. The shares of the features: Lundberg et al. (2020), From Local Explanations to Global
Understanding with Explainable AI for Trees, Nature Machine Intelligence 2, algorithm 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

TREES = 60
LEAVES = 8
RATE = 0.1
FEWEST = 20  # rows of equal customers in a leaf, at least
SURE = 5.0  # curvature (customers × p(1 − p)) in a leaf, at least: a leaf of fewer would learn their names
_MANY_ROWS = 100_000  # fewer are learned sooner by one thread than by several that wait for each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """A fitted sum of trees. ``text`` is the model in LightGBM's text format; ``names`` are its features, in order."""

    text: str
    names: tuple[str, ...]
    trials: float
    events: float


@cache
def can_be_learned() -> bool:
    """Whether this machine can load LightGBM: its package needs the system's libgomp, which a bare Linux may lack."""
    try:
        import lightgbm  # noqa: F401 - loading it is the question
    except (ImportError, OSError):
        return False
    return True


def fit_boosted(
    names: Sequence[str], features: Floats, trials: Floats, events: Floats, *, monotone: Sequence[int] | None = None,
    seed: int = 0, threads: int = 0, trees: int = TREES, leaves: int = LEAVES, rate: float = RATE,
) -> Boosted:  # fmt: skip
    """The sum of trees that makes the events likely, each tree learned from what those before it missed.

    The same counts give the same text, whatever the order of their rows and the number of threads.

    Parameters
    ----------
    names :
        One for each feature.
    features : (n, k)
        One row for each kind of customer; kinds may repeat.
    trials, events : (n,)
        How many customers are of that kind, and to how many the outcome happened.
    monotone : (k,), optional
        1 where more may only mean likelier, -1 where it may only mean less likely, 0 where either.
    seed, threads :
        Nothing is drawn, but LightGBM asks for a seed. 0 threads: one for few rows, else as many as there are.

    Raises
    ------
    UndefinedError
        There is no event, or nothing but events; or a feature is not finite.
    """
    import lightgbm

    x, n, y = floats(features), floats(trials), floats(events)
    if x.ndim != 2 or x.shape[1] != len(names) or not np.isfinite(x).all():
        raise UndefinedError(f"features must be a table of finite numbers with {len(names)} columns.")
    if not 0 < y.sum() < n.sum():
        raise UndefinedError(f"{y.sum():.0f} events in {n.sum():.0f} trials: a chance needs some of both.")
    kinds, at = np.unique(x, axis=0, return_inverse=True)
    came = np.bincount(at.ravel(), y, len(kinds))
    stayed = np.bincount(at.ravel(), n, len(kinds)) - came
    rows = np.concatenate([np.flatnonzero(came > 0), np.flatnonzero(stayed > 0)])
    label = np.repeat([1.0, 0.0], [(came > 0).sum(), (stayed > 0).sum()])
    weight = np.where(label > 0, came[rows], stayed[rows])
    settings: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": rate,
        "num_leaves": leaves,
        "min_data_in_leaf": FEWEST,
        "min_sum_hessian_in_leaf": SURE,
        "lambda_l2": 1.0,
        "monotone_constraints": list(monotone) if monotone is not None else [0] * len(names),
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "seed": seed,
        "num_threads": threads or (1 if len(rows) < _MANY_ROWS else 0),
        "verbosity": -1,
    }
    data = lightgbm.Dataset(kinds[rows], label, weight=weight, feature_name=list(names), params=settings)
    booster = lightgbm.train(settings, data, num_boost_round=trees)
    text = "\n".join(line for line in booster.model_to_string().splitlines() if not line.startswith("[num_threads:"))
    return Boosted(text=text, names=tuple(names), trials=float(n.sum()), events=float(y.sum()))


def log_odds(fit: Boosted, features: Floats) -> Floats:
    """What the trees add up to, (n,): the logarithm of the odds, before any calibration."""
    return floats(_booster(fit).predict(floats(features), raw_score=True, num_threads=_threads(features)))


def contributions(fit: Boosted, features: Floats) -> Floats:
    """What each feature adds to the log-odds, (n, k + 1); the last column is what all have in common.

    The rows add up to `log_odds` exactly: they are Shapley's values of the sum of trees, not an approximation.
    """
    told = _booster(fit).predict(floats(features), pred_contrib=True, num_threads=_threads(features))
    return floats(np.asarray(told))


def _booster(fit: Boosted) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=fit.text)


def _threads(features: Floats) -> int:
    return 1 if len(features) < _MANY_ROWS else 0
