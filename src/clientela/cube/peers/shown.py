"""What may be said of peers: a few averages of several of them, rounded, and never one by itself.

The rules are those of magnitude tables (Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4): a
threshold of customers, a dominance rule within each peer, a p % rule within each average, and rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import TypeVar

LEAST_CUSTOMERS = 10  # of each peer
LEAST_PEERS = 5  # beside one's own
TOGETHER = 3  # peers in each average, at least
DOMINANCE = 0.85  # the largest share of a peer's figure that one customer may make
P = 0.10  # what is left of an average beside its two largest must be so much of the largest

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One part of the company. ``dominance``: the share of its figure that its largest customer makes."""

    value: float | None
    customers: int
    dominance: float

    @property
    def counts(self) -> bool:
        """Whether it may take part at all."""
        return self.value is not None and self.customers >= LEAST_CUSTOMERS and self.dominance <= DOMINANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What is said of a group: how many take part, and averages around its quarters; None where it is hidden."""

    peers: int
    low: Decimal | None
    middle: Decimal | None
    high: Decimal | None


def groups(parents: Mapping[Key, str | None]) -> Mapping[Key, str | None]:
    """The one group of each that takes part: by its parent where enough lie there, else all the others together.

    Each is in one group whoever asks, so no two answers overlap. A group of too few is nobody's: its members are
    left out.

    Examples
    --------
    >>> told = groups({n: "north" if n < 6 else "south" for n in range(9)})
    >>> told[0], 7 in told
    ('north', False)
    """
    named: dict[str | None, list[Key]] = {}
    for key, parent in parents.items():
        named.setdefault(parent, []).append(key)
    enough = {parent for parent, keys in named.items() if parent is not None and len(keys) > LEAST_PEERS}
    others = [key for parent, keys in named.items() if parent not in enough for key in keys]
    told: dict[Key, str | None] = {key: parent for parent in enough for key in named[parent]}
    return told | (dict.fromkeys(others, None) if len(others) > LEAST_PEERS else {})


def spread(values: Sequence[float]) -> Spread | None:
    """What may be said of a group's figures; None where it is too small.

    Examples
    --------
    >>> told = spread([100, 110, 120, 130, 140, 150, 160, 170, 180])
    >>> told.low, told.middle, told.high
    (Decimal('110'), Decimal('140'), Decimal('170'))
    """
    if len(values) <= LEAST_PEERS:
        return None
    ordered = sorted(values)
    half = TOGETHER // 2
    middle = range((len(ordered) - 1) // 2 - half, len(ordered) // 2 + half + 1)
    quarter = min(max(round((len(ordered) - 1) / 4), half), middle.start - half - 1)
    low = high = None
    if quarter >= half:  # the averages share nobody: else one could be told from two
        low = _average(ordered[quarter - half : quarter + half + 1])
        far = len(ordered) - 1 - quarter
        high = _average(ordered[far - half : far + half + 1])
    return Spread(peers=len(ordered) - 1, low=low, middle=_average(ordered[middle.start : middle.stop]), high=high)


def band(own: float, others: Sequence[float]) -> int:
    """Which quarter of the others' order a figure lies in, 1 the lowest to 4 the highest.

    Examples
    --------
    >>> band(5, [1, 2, 3, 4, 6]), band(0, [1, 2, 3, 4, 6]), band(9, [1, 2, 3, 4, 6])
    (4, 1, 4)
    """
    below = sum(each < own for each in others) + sum(each == own for each in others) / 2
    return min(4, 1 + floor(4 * below / len(others)))


def rounded(value: float) -> Decimal:
    """A figure on a scale whose steps are 4 to 10 % apart, so that no difference of two tells a third.

    Examples
    --------
    >>> [str(rounded(each)) for each in (1234, 4567, 0.0789, -17.2, 0)]
    ['1200', '4600', '0.080', '-17', '0']
    """
    if not value:
        return Decimal(0)
    power = floor(log10(abs(value)))
    first = abs(value) / 10**power
    step = Decimal(1 if first < 2 else 2 if first < 5 else 5).scaleb(power - 1)
    steps = (Decimal(repr(value)) / step).to_integral_value()
    return Decimal(f"{steps * step:f}")


def _average(values: Sequence[float]) -> Decimal | None:
    """The average of some peers, rounded; None where one of them makes nearly all of it."""
    largest = sorted(map(abs, values), reverse=True)
    if sum(largest[2:]) < P * largest[0]:
        return None
    return rounded(sum(values) / len(values))
