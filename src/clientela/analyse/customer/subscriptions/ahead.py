"""What contracts are expected to bring as far ahead as a customer's value is counted, in the money of orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.subscriptions.hazards import Learned, Seen
from clientela.analyse.customer.subscriptions.worth import Period, ahead_of
from clientela.contracts.analysis import Arrays
from clientela.estimators.arrays import Floats, floats

VALUE_DAYS = 365
EIGHT_OF_TEN = 1.281552  # standard deviations: the interval of what orders will bring is of 80 % too


def period_of(table: Arrays | None, rate: float) -> Period:
    """The time in which a customer's value is counted; a year at this rate where lifetime-value was not computed."""
    if table is None or not table["value_days"].size:
        return Period(days=VALUE_DAYS, rate=rate)
    return Period(days=max(float(table["value_days"][0]), 1.0), rate=float(table["discount_rate"][0]))


def outlook(learned: Learned, today: Seen, period: Period, drift: float, basis: Arrays | None) -> Arrays:
    """The table ``contract_outlook``: one row, or none where no contract says what it brings.

    Money is the margin where that of orders is, or where there are no orders and what contracts cost is known; else the
    revenue, so that both can be added up.

    Parameters
    ----------
    basis : ``lifetime_basis``
    """
    first = today.first
    name = _basis(basis, today.margin[first])
    money = today.margin[first] if name == "margin" else today.money[first]
    counted = np.isfinite(money) & (today.money[first] > 0)
    if not counted.any():
        return no_outlook(today.on)
    rows, money = first[counted], money[counted]
    n = today.contracts[rows]
    found = ahead_of(learned, today.kinds.of(rows), floats(money), floats(money**2 / n), period, drift, z=EIGHT_OF_TEN)
    return _table(today.on, name, period, n.sum(), found)


def told_of(table: Arrays) -> Mapping[str, object] | None:
    """What of it anybody may be told: at what money is counted, and how far ahead; None where there is no row."""
    if not table["basis"].size:
        return None
    return {
        "basis": str(table["basis"][0]),
        "value_days": int(table["value_days"][0]),
        "discount_rate": float(table["discount_rate"][0]),
    }


def no_outlook(on: date) -> Arrays:
    """The table without a row."""
    return _table(on, "revenue", Period(rate=0.0), 0.0, None)


def _basis(basis: Arrays | None, margin: Floats) -> str:
    if basis is not None and basis["basis"].size:
        return str(basis["basis"][0])
    return "margin" if np.isfinite(margin).any() else "revenue"


def _table(on: date, basis: str, period: Period, contracts: float, worth: Floats | None) -> Arrays:
    rows = 0 if worth is None else 1
    ends = floats([0.0, 0.0, 0.0]) if worth is None else worth
    table: dict[str, NDArray[np.generic]] = {
        "as_of": np.full(rows, np.datetime64(on, "D")),
        "basis": np.full(rows, basis, dtype=object),
        "value_days": np.full(rows, round(period.days), dtype=np.int64),
        "discount_rate": np.full(rows, period.rate),
        "contracts": np.full(rows, round(contracts), dtype=np.int64),
        **{name: np.full(rows, ends[place]) for place, name in enumerate(("worth", "low", "high"))},
    }
    return table
