"""What contracts leave: the margin that goes with those that end, and what is expected of a year, with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.subscriptions.hazards import (
    YEAR_DAYS,
    Kinds,
    Learned,
    Seen,
    chance,
    differences,
    slopes,
    staying,
    staying_with,
)
from clientela.contracts.analysis import Arrays
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.total import total

_Z = 1.959964
_COLUMNS = (
    "contracts", "amount_a_month", "margin_a_month", "own_cost_share", "lost", "lost_low", "lost_high", "year_margin",
    "year_low", "year_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """How far ahead contracts are looked at, in days, and by what share a year later money counts less."""

    days: float = YEAR_DAYS
    rate: float

    def parts(self, learned: Learned) -> int:
        """How many parts of about a month make it."""
        return max(round(self.days / learned.part_days), 1)

    def counts(self, learned: Learned) -> Floats:
        """The months that each part counts for, discounted, (parts,)."""
        whole, years = self.parts(learned), self.days / YEAR_DAYS
        return floats((1 + self.rate) ** (-np.arange(whole) * years / whole) * 12 * years / whole)


def a_year(learned: Learned) -> int:
    """How many parts make about a year."""
    return Period(rate=0.0).parts(learned)


def months_paid(learned: Learned, kinds: Kinds, period: Period) -> Floats:
    """Months of the period that a contract is expected to be paid for, those ahead discounted, (n,).

    Source
    ------
    Fader & Hardie (2010), Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1): the discounted
    expected residual lifetime, here of a limited time and from any hazard.
    """
    return floats(_there(staying(learned, kinds, period.parts(learned))[0]) @ period.counts(learned))


def months_between(learned: Learned, kinds: Kinds, period: Period) -> tuple[Floats, Floats]:
    """Within how many months of the period, discounted, eight of ten such contracts are paid for, (n,) each."""
    there = _there(staying(learned, kinds, period.parts(learned))[0])
    upto = np.cumsum(period.counts(learned))
    begun = [np.where(there > share, 1, 0).sum(1) for share in (0.9, 0.1)]  # who is there at k pays for k parts
    low, high = (upto[each - 1] for each in begun)
    mean = months_paid(learned, kinds, period)
    return floats(np.minimum(low, mean)), floats(np.maximum(high, mean))


def ahead_of(
    learned: Learned, kinds: Kinds, margin: Floats, squares: Floats, period: Period, drift: float, *, z: float = _Z
) -> Floats:
    """What contracts are expected to leave in a period, and the ends of its interval, (3,).

    It is uncertain as each contract may end in any part, as what was learned is (by the delta method), and as one time
    is not like another: ``drift``, as it is of how many end, is taken of what is expected to be missing.

    Parameters
    ----------
    margin, squares : (n,)
        The sum of what the contracts of each kind leave in a month, and the sum of its squares.
    z : how many standard deviations the interval reaches to each side; 1.96: 95 %
    """
    counts, whole = period.counts(learned), period.parts(learned)
    there = _there(staying(learned, kinds, whole)[0])
    months = there @ counts
    upto = np.cumsum(counts)  # E[M²] = Σ S(k)·d(k)·(2·Σ(j ≤ k) d(j) − d(k)), as who is there at k was there before
    variance = float((squares * (there @ (counts * (2 * upto - counts)) - months**2)).sum())
    gradient = differences(learned, lambda theta: _there(staying_with(learned, theta, kinds, whole)) @ counts)
    slope = (gradient * margin[:, None]).sum(0)
    missing = drift * float((margin * (counts.sum() - months)).sum())
    half = z * float(np.sqrt(max(variance, 0.0) + slope @ learned.covariance @ slope + missing**2))
    middle = float(margin @ months)
    return floats([middle, middle - half, middle + half])


def worth(
    learned: Learned, today: Seen, rate: float, drift: float, parts: int, others_by: str
) -> dict[str, NDArray[np.generic]]:
    """The table ``subscription_value``: one row, or none where what contracts cost is not known.

    Parameters
    ----------
    others_by : whose cost contracts are counted at whose product's own is not known
    """
    first = today.first
    margin = today.margin[first]
    counted = np.isfinite(margin)
    if not counted.any():
        return _table(today.on, {}, others_by)
    rows = first[counted]
    kinds, n, margin, amount = today.kinds.of(rows), today.contracts[rows], margin[counted], today.money[rows]
    squares = margin**2 / n
    lost = total(
        chance(learned, kinds, parts), margin, squares, slopes(learned, kinds, parts), learned.covariance, drift=drift
    )
    year = ahead_of(learned, kinds, margin, squares, Period(rate=rate), drift)
    paid = float(amount.sum())
    figures = (
        float(n.sum()), paid, float(margin.sum()), float(today.own_cost[rows].sum()) / paid if paid > 0 else 0.0,
        lost.expected, lost.low, lost.high, *(float(each) for each in year),
    )  # fmt: skip
    return _table(today.on, dict(zip(_COLUMNS, figures, strict=True)), others_by)


def others_known_by(basis: Arrays | None) -> str:
    """Whose cost counts where a product's own is not known: the company's if its revenue is counted at margin."""
    known = basis is not None and any(str(each) == "margin" for each in basis["basis"])
    return "company" if known else "contracts"


def no_worth(on: date) -> dict[str, NDArray[np.generic]]:
    """The table without a row."""
    return _table(on, {}, "")


def _there(stays: Floats) -> Floats:
    """The share still there at the beginning of each part."""
    return floats(np.column_stack([np.ones(len(stays)), stays[:, :-1]]))


def _table(on: date, figures: Mapping[str, float], others_by: str) -> dict[str, NDArray[np.generic]]:
    n = 1 if figures else 0
    columns: dict[str, Floats] = {name: floats([figures[name]] if figures else []) for name in _COLUMNS}
    contracts: NDArray[np.int64] = np.round(columns["contracts"]).astype(np.int64)
    return {
        **columns,
        "as_of": np.full(n, np.datetime64(on, "D")),
        "contracts": contracts,
        "others_known_by": np.full(n, others_by, dtype=object),
    }
