"""Who costs more than they bring, and what sets them apart from customers of like revenue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import sqrt

import numpy as np

from clientela.analyse.customer.profit.accounts import LINES, Account, Ints, Ledger, money
from clientela.estimators.arrays import Floats, floats

_GROUPS, _AT_LEAST = 20, 10
_COMPARED = tuple(name for name in LINES if name not in ("full_price", "other_revenue"))
_PLACES = [LINES.index(name) for name in _COMPARED]


@dataclass(frozen=True, slots=True)
class Loss:
    """A customer who costs more than they bring. ``reason``: the line in which they differ most from others of like
    revenue, ``excess`` by how much, above 0; ``tenth`` of the customers by revenue, 1 brings the most.
    """

    account: Account
    reason: str
    excess: Decimal
    tenth: int


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Those who cost more than they bring, the largest loss first.

    ``reason``: (n,) places in ``LINES``; ``tenth``: (n,); ``alike``: (n, lines) what the others of like revenue have
    together, in ten-thousandths.
    """

    ledger: Ledger
    reason: Ints
    tenth: Ints
    alike: Ints

    def __len__(self) -> int:
        return len(self.ledger)

    def __iter__(self) -> Iterator[Loss]:
        return map(self.loss, range(len(self)))

    def loss(self, row: int) -> Loss:
        """One of them."""
        place = int(self.reason[row])
        units, others = self.ledger.units[row].tolist(), self.alike[row].tolist()
        paid, paid_by_others = sum(units[:3]), sum(others[:3])
        usual = Fraction(others[place] * max(paid, 0), paid_by_others) if paid_by_others > 0 else Fraction(0)
        return Loss(
            account=self.ledger.account(row),
            reason=LINES[place],
            excess=money(round(usual - units[place])),
            tenth=int(self.tenth[row]),
        )


def losses(buyers: Ledger) -> Losses:
    """Those who bought and cost more than they brought, the largest loss first."""
    ranked = buyers.of(by_amount(buyers, buyers.revenue))
    profit, units, total = ranked.profit, ranked.units, len(ranked)
    ends = _ends(total)
    place = np.flatnonzero(profit < 0)
    group = np.searchsorted(ends, place, side="right") - 1
    together = np.array([units[begin:end].sum(axis=0) for begin, end in pairwise(ends)])
    lost = ranked.of(place)
    found = Losses(
        ledger=lost,
        reason=_reasons(lost, together[group] - lost.units),
        tenth=1 + place * 10 // max(total, 1),
        alike=together[group] - lost.units,
    )
    order = by_amount(lost, -lost.profit)
    return Losses(lost.of(order), found.reason[order], found.tenth[order], found.alike[order])


def _ends(total: int) -> Ints:
    """Where the groups of customers of like revenue begin and end, in the order of revenue."""
    groups = max(1, min(_GROUPS, total // _AT_LEAST))
    return np.array([number * total // groups for number in range(groups + 1)])


def like(buyers: Ledger, row: int) -> Mapping[str, Decimal]:
    """What the others of like revenue have of each line for as much revenue as one customer; empty without revenue.

    Parameters
    ----------
    row : the customer's place among them
    """
    order = by_amount(buyers, buyers.revenue)
    ends = _ends(len(buyers))
    group = int(np.searchsorted(ends, int(np.flatnonzero(order == row)[0]), side="right")) - 1
    others = order[ends[group] : ends[group + 1]]
    units = buyers.units[others[others != row]].sum(axis=0).tolist()
    paid, paid_by_others = int(buyers.revenue[row]), sum(units[:3])
    if paid_by_others <= 0 or paid <= 0:
        return {}
    return {name: money(round(Fraction(each * paid, paid_by_others))) for name, each in zip(LINES, units, strict=True)}


def by_amount(ledger: Ledger, amount: Ints) -> Ints:
    """The places of its customers, the largest amount first; ties by the customer's number."""
    return np.lexsort((ledger.customer_id, -amount))


def _reasons(lost: Ledger, alike: Ints) -> Ints:
    """The line of each that is furthest below what the others of like revenue have for each unit of it."""
    others = floats(alike[:, :3].sum(axis=1))
    own = floats(np.maximum(lost.revenue, 0))
    share = np.divide(own, others, out=np.zeros_like(own), where=others > 0)
    gaps = lost.units[:, _PLACES] - alike[:, _PLACES] * share[:, None]
    places: Ints = np.array(_PLACES, dtype=np.int64)[gaps.argmin(axis=1)]
    return places


def rank_correlation(buyers: Ledger) -> float | None:
    """Spearman's rank correlation of revenue and profit; None where all have the same of one of them.

    Examples
    --------
    >>> number = np.arange(1, 6)
    >>> rank_correlation(Ledger(number, np.column_stack([number, *[0 * number] * 10, -2 * number])))
    -1.0
    """
    if not len(buyers):
        return None
    one, other = (_ranks(each) for each in (buyers.revenue, buyers.profit))
    one, other = one - one.mean(), other - other.mean()
    spread = float(one @ one) * float(other @ other)
    return None if spread == 0 else round(float(one @ other) / sqrt(spread), 6)


def _ranks(values: Ints) -> Floats:
    """Ranks from 1; equal values share the mean of theirs.

    Examples
    --------
    >>> _ranks(np.array([5, 1, 5])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return floats((last - (times - 1) / 2)[place])
