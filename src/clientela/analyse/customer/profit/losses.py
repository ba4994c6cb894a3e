"""Who costs more than they bring, and what sets them apart from customers of like revenue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import TYPE_CHECKING

from clientela.analyse.customer.profit.accounts import LINES, ZERO, Account, summed

if TYPE_CHECKING:
    from clientela.estimators.arrays import Floats

_GROUPS, _AT_LEAST = 20, 10
_COMPARED = tuple(name for name in LINES if name not in ("full_price", "other_revenue"))


@dataclass(frozen=True, slots=True)
class Loss:
    """A customer who costs more than they bring. ``reason``: the line in which they differ most from others of like
    revenue, ``excess`` by how much, above 0; ``tenth`` of the customers by revenue, 1 brings the most.
    """

    account: Account
    reason: str
    excess: Decimal
    tenth: int


def losses(buyers: Sequence[Account]) -> tuple[Loss, ...]:
    """Those who bought and cost more than they brought, the largest loss first."""
    ranked = sorted(buyers, key=lambda each: (-each.revenue, each.customer_id))
    groups = max(1, min(_GROUPS, len(ranked) // _AT_LEAST))
    found = []
    for number in range(groups):
        begin, end = number * len(ranked) // groups, (number + 1) * len(ranked) // groups
        alike = ranked[begin:end]
        if not any(each.profit < 0 for each in alike):
            continue
        total = dict(zip(LINES, summed(each.amounts for each in alike), strict=True))
        revenue = sum((each.revenue for each in alike), ZERO)
        for place, each in enumerate(alike, start=begin):
            if each.profit < 0:
                reason, excess = _reason(each, total, revenue)
                found.append(Loss(each, reason, excess, 1 + place * 10 // len(ranked)))
    return tuple(sorted(found, key=lambda loss: (loss.account.profit, loss.account.customer_id)))


def _reason(account: Account, total: Mapping[str, Decimal], revenue: Decimal) -> tuple[str, Decimal]:
    """The line that is furthest below what the others of like revenue have for each unit of it."""
    others = revenue - account.revenue
    own = max(account.revenue, ZERO)
    gaps = {
        name: account.line(name) - ((total[name] - account.line(name)) * own / others if others > 0 else ZERO)
        for name in _COMPARED
    }
    worst = min(_COMPARED, key=lambda name: gaps[name])
    return worst, (-gaps[worst]).quantize(Decimal("0.0001"))


def rank_correlation(buyers: Sequence[Account]) -> float | None:
    """Spearman's rank correlation of revenue and profit; None where all have the same of one of them.

    Examples
    --------
    >>> made = [Account(i, 1, (), Decimal(i), Decimal(-i)) for i in range(5)]
    >>> rank_correlation(made)
    -1.0
    """
    if not buyers:
        return None
    one, other = (_ranks([getattr(each, name) for each in buyers]) for name in ("revenue", "profit"))
    one, other = one - one.mean(), other - other.mean()
    spread = float(one @ one) * float(other @ other)
    return None if spread == 0 else round(float(one @ other) / sqrt(spread), 6)


def _ranks(values: Sequence[Decimal]) -> Floats:
    """Ranks from 1; equal values share the mean of theirs.

    Examples
    --------
    >>> _ranks([Decimal(5), Decimal(1), Decimal(5)]).tolist()
    [2.5, 1.0, 2.5]
    """
    import numpy as np

    _, place, times = np.unique(np.array(values, dtype=np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return np.asarray((last - (times - 1) / 2)[place], dtype=np.float64)
