"""What a company declares of its costs, as tables: the rules by which pools are shared out, and their amounts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.config import CostPool
from clientela.config.costs import MONTHS
from clientela.warehouse.build import Build

STEP = "cost pools"
ALWAYS = date(1900, 1, 1)
_CENTS = Decimal("0.0001")
_FIRST_YEAR = 1970


def write_costs(build: Build, pools: Sequence[CostPool], as_of: date) -> None:
    """Write ``cost_rule``, ``cost_figure`` and ``cost_month``: what `allocated_cost` is made of beside the facts.

    Parameters
    ----------
    as_of : the months that begin on it or later are not charged yet
    """
    build.append("cost_rule", rules(pools), step=STEP)
    build.append("cost_figure", figures(pools, as_of), step=STEP)
    build.append("cost_month", months(as_of), step=STEP)


def rules(pools: Sequence[CostPool]) -> Mapping[str, NDArray[Any]]:
    """The rows of ``cost_rule``: each rule holds until the next of its pool."""
    since = {id(pool): _month(pool.since) if pool.since else ALWAYS for pool in pools}
    ordered = sorted(pools, key=lambda pool: (pool.name, since[id(pool)]))
    until: list[date | None] = [
        since[id(later)] if later is not None and later.name == pool.name else None
        for pool, later in zip(ordered, [*ordered[1:], None][: len(ordered)], strict=True)
    ]
    return {
        "pool": _texts([pool.name for pool in ordered]),
        "since": _days([since[id(pool)] for pool in ordered]),
        "until": _days(until),
        "cost_line": _texts([pool.line for pool in ordered]),
        "driver": _texts([pool.driver for pool in ordered]),
        "channel": _texts([pool.channel for pool in ordered]),
        "months": np.array([MONTHS[pool.period] if pool.period else np.nan for pool in ordered], dtype=np.float64),
        "contains_budgets": np.array([pool.contains_budgets for pool in ordered], dtype=np.bool_),
        "version": _texts([version_of(pool) for pool in ordered]),
    }


def figures(pools: Sequence[CostPool], as_of: date) -> Mapping[str, NDArray[Any]]:
    """The rows of ``cost_figure``: the months begun before the date."""
    told = [
        (pool.name, month, amount)
        for pool in pools
        for period, whole in pool.figures.items()
        for month, amount in by_month(period, whole)
        if month < as_of
    ]
    told.sort(key=lambda row: (row[0], row[1]))
    return {
        "pool": _texts([row[0] for row in told]),
        "month": _days([row[1] for row in told]),
        "amount": np.array([float(row[2]) for row in told], dtype=np.float64),
    }


def months(as_of: date) -> Mapping[str, NDArray[Any]]:
    """The rows of ``cost_month``: those begun before the date."""
    first, last = 12 * _FIRST_YEAR, 12 * as_of.year + as_of.month - 1 - (as_of.day == 1)
    numbers = list(range(first, last + 1))
    return {
        "number": np.array(numbers, dtype=np.int64),
        "month": _days([date(number // 12, number % 12 + 1, 1) for number in numbers]),
    }


def by_month(period: str, amount: Decimal) -> list[tuple[date, Decimal]]:
    """A figure by month: that of a year is cut into twelve that sum to it.

    Examples
    --------
    >>> [str(each) for _, each in by_month("2024", Decimal("0.0007"))][:3]
    ['0.0001', '0.0000', '0.0001']
    >>> by_month("2024-03", Decimal(5))
    [(datetime.date(2024, 3, 1), Decimal('5'))]
    """
    if "-" in period:
        return [(_month(period), amount)]
    ends = [(amount * month / 12).quantize(_CENTS, ROUND_HALF_UP) for month in range(13)]
    return [(date(int(period), month, 1), ends[month] - ends[month - 1]) for month in range(1, 13)]


def version_of(pool: CostPool) -> str:
    """Eight hex digits of what a rule says: whoever changes driver, channel, period or figures changes them.

    What a rule does not say by itself is left out: so rules of before a key came keep their version.
    """
    said = {
        **pool.model_dump(include={"name", "line", "driver", "channel", "period", "since"}),
        "figures": {period: str(amount.normalize()) for period, amount in pool.figures.items()},
        **({"contains_budgets": True} if pool.contains_budgets else {}),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]


def _month(said: str) -> date:
    year, month = said.split("-")
    return date(int(year), int(month), 1)


def _texts(values: Sequence[str | None]) -> NDArray[Any]:
    return np.array(values, dtype=object)


def _days(values: Sequence[date | None]) -> NDArray[Any]:
    return np.array([np.datetime64("NaT") if each is None else each for each in values], dtype="datetime64[D]")
