"""What the run does to put each customer into a tier of investment, from the forecasts of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import NONE, model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.derived.customer.tiers import TIERS
from clientela.errors import ConfigurationError, UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.investing.tiers import Changeability, Flips, Limits, band, flips, limits

_NAMES = np.array(TIERS[::-1], dtype=object)  # the lowest first, as the estimator counts
_INPUTS = np.array(["worth", "chance", None], dtype=object)  # the last for -1: no input


def fit_tiers(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The tier of each customer as ``customer_tier``, and the ``model`` that names what was assumed.

    Parameters
    ----------
    tables :
        ``tier_input``.

    Raises
    ------
    ConfigurationError
        A cost, a share or the budget in clientela.toml is not possible.
    """
    given = {name: floats(values) for name, values in tables["tier_input"].items() if name not in _KEYS}
    said = {name: float(value) for name, value in context.parameters.items()}
    try:
        what = Changeability(keeps=said["keeps"], grows=said["grows"])
        gain = what.gain(given["worth"], given["chance"])
        lines = limits(
            gain, maintain_cost=said["maintain_cost"], invest_cost=said["invest_cost"], budget=said["budget"]
        )
    except UndefinedError as wrong:
        raise ConfigurationError(f"[analysis.investment-tier]: {wrong}") from wrong
    found = flips(given["worth"], given["chance"], what=what, lines=lines)
    version = f"{context.version}/{'assumed' if gain.size else 'none'}"
    return {
        "customer_tier": {
            "customer_id": np.asarray(tables["tier_input"]["customer_id"]),
            "as_of": np.full(gain.size, np.datetime64(context.as_of, "D")),
            **_tiers(given, gain, what, lines),
            **_what_flips(found),
            "model_version": np.full(gain.size, version, dtype=object),
        },
        "model": _model(version, said, context, known=bool(gain.size)),
    }


_KEYS = ("customer_id", "as_of")


def _tiers(given: Mapping[str, Floats], gain: Floats, what: Changeability, lines: Limits) -> dict[str, NDArray[Any]]:
    worth, chance = ((given[f"{name}_low"], given[f"{name}_high"]) for name in ("worth", "chance"))
    positive = (np.maximum(worth[0], 0.0), np.maximum(worth[1], 0.0))  # who brings a loss puts nothing at stake
    at_stake, earned = band(positive, chance), band(worth, chance, what)
    return {
        "tier": _NAMES[lines.tier(gain)],
        "worth": given["worth"],
        "chance": given["chance"],
        "at_stake": np.round(np.maximum(given["worth"], 0.0) * given["chance"], 6),
        "at_stake_low": np.round(at_stake.low, 6),
        "at_stake_high": np.round(at_stake.high, 6),
        "gain": gain,
        "gain_low": earned.low,
        "gain_high": earned.high,
        "is_sure": lines.tier(earned.low) == lines.tier(earned.high),
    }


def _what_flips(found: Flips) -> dict[str, NDArray[Any]]:
    to = _NAMES[found.to]
    to[found.by < 0] = None
    return {"flip_by": _INPUTS[found.by], "flip_at": found.at, "flip_to": to}


def _model(version: str, said: Mapping[str, float], context: FitContext, *, known: bool) -> Arrays:
    """What was assumed; no money of customers, so that whoever may see models may see it."""
    parameters = {**said, "reason": "" if known else "no_forecast"}
    return model_row(version, "assumed" if known else NONE, parameters, context)
