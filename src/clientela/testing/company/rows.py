"""Rows kept as frozen dataclasses of arrays, one entry a row in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from clientela.estimators.arrays import Indices


def taken(rows: Any, which: Indices) -> Any:
    """Some of the rows, in the order asked for; what is no array stays."""
    return replace(rows, **{name: getattr(rows, name)[which] for name in _arrays(rows)})


def put_together(parts: Sequence[Any]) -> Any:
    """The rows of all parts, one part after the other."""
    first = parts[0]
    return replace(first, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _arrays(first)})


def _arrays(rows: Any) -> list[str]:
    return [each.name for each in fields(rows) if isinstance(getattr(rows, each.name), np.ndarray)]
