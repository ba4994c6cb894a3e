"""What a fit gives of what it learned, as the tables ``model`` and ``backtest`` take it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clientela.contracts.analysis import Arrays, FitContext

NONE = "none"
"""The candidate of a row that says why no method serves."""
_OF_A_TEST = ("candidate", "origin", "metric", "value", "low", "high", "n", "fitted_at_origins")
_KINDS = {"origin": "datetime64[D]", "n": "int64", "value": "float64", "low": "float64", "high": "float64"}


def model_row(version: str, candidate: str, said: Mapping[str, Any], context: FitContext) -> Arrays:
    """The row of ``model`` of the one candidate that serves, or of `NONE`; each array has one value.

    Parameters
    ----------
    said : what is to be known of it when it is asked, as JSON
    """
    return {
        "version": np.array([version], dtype=object),
        "candidate": np.array([candidate], dtype=object),
        "as_of": np.array([context.as_of], dtype="datetime64[D]"),
        "parameters": np.array([json.dumps(said, sort_keys=True)], dtype=object),
        "winner": np.array([candidate != NONE]),
        "log_likelihood": np.array([np.nan]),
    }


def backtest_rows(rows: Sequence[Mapping[str, Any]]) -> Arrays:
    """The rows of ``backtest``, (n,) each."""
    return {name: np.array([row[name] for row in rows], dtype=_KINDS.get(name, "object")) for name in _OF_A_TEST}


def brief(value: float) -> float:
    """Ten significant digits: more would tell two machines apart."""
    return float(f"{float(value):.10g}")
