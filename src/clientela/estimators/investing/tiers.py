"""In whom to invest: what an action may earn with each customer, the tier that gives, what would change the tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats

NOT, MAINTAIN, INVEST = 0, 1, 2
"""The tiers, the lowest first."""
_DIGITS = 6  # as many as are stored: what is read again must give the same tier
_STEPS = (0.01, 0.001)  # of an input that a change is said in: a cent, a tenth of a percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeability:
    """What an action changes, as shares: of the margin at risk it ``keeps``, of the margin that stays it ``grows``.

    Raises
    ------
    UndefinedError
        A share is not from 0 to 1, or both are 0: then no action ever pays.
    """

    keeps: float
    grows: float

    def __post_init__(self) -> None:
        if not (0 <= self.keeps <= 1 and 0 <= self.grows <= 1 and self.keeps + self.grows > 0):
            raise UndefinedError(f"keeps is {self.keeps:g}, grows {self.grows:g}; both are from 0 to 1, one above 0.")

    def of(self, chance: Floats) -> Floats:
        """The share of the margin to come that an action changes, (n,), by the chance of leaving.

        Examples
        --------
        >>> Changeability(keeps=0.1, grows=0.02).of(floats([0, 0.5, 1]))
        array([0.02, 0.06, 0.1 ])
        """
        return floats(self.keeps * floats(chance) + self.grows * (1 - floats(chance)))

    def gain(self, worth: Floats, chance: Floats) -> Floats:
        """What an action may earn with each customer, (n,), in the unit of ``worth``: worth times changeability."""
        return floats(np.round(floats(worth) * self.of(chance), _DIGITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From which gain on a customer is maintained, and from which on it pays to invest."""

    maintain: float
    invest: float

    def tier(self, gain: Floats) -> Indices:
        """`NOT`, `MAINTAIN` or `INVEST` of each gain, (n,).

        Examples
        --------
        >>> Limits(maintain=1, invest=20).tier(floats([0.5, 1, 25]))
        array([0, 1, 2])
        """
        found = floats(gain)
        return np.where(found >= self.invest, INVEST, np.where(found >= self.maintain, MAINTAIN, NOT)).astype(np.intp)


def limits(gain: Floats, *, maintain_cost: float, invest_cost: float, budget: float = 0.0) -> Limits:
    """The lines between the tiers: an action must earn what it costs; a budget raises the upper line.

    Parameters
    ----------
    gain : (n,), what an action may earn with each customer
    maintain_cost, invest_cost : of the usual attention and of an extra action for one customer, the former no dearer
    budget : what all extra actions may cost together; 0: as much as pays

    Raises
    ------
    UndefinedError
        A cost is not above 0, the usual attention is the dearer one, or the budget is below 0.

    Notes
    -----
    Every extra action costs the same, so the budget goes to the highest gains. Customers of equal gain are in one
    tier: where not all of them can be paid for, none is.

    Examples
    --------
    >>> limits(floats([50, 40, 40, 30]), maintain_cost=1, invest_cost=20, budget=50)
    Limits(maintain=1.0, invest=50.0)
    """
    if not (0 < maintain_cost <= invest_cost and budget >= 0):
        raise UndefinedError(
            f"maintain_cost is {maintain_cost:g}, invest_cost {invest_cost:g}, budget {budget:g}; costs are above 0, "
            "that of maintaining is at most that of investing, and the budget is 0 or more."
        )
    found = Limits(maintain=float(maintain_cost), invest=float(invest_cost))
    paid_for = int(budget / invest_cost + 1e-9)
    falling = -np.sort(-floats(gain))
    if not budget or int((falling >= invest_cost).sum()) <= paid_for:
        return found
    first_left_out = falling[paid_for]
    better = falling[falling > first_left_out]
    line = float(better[-1]) if better.size else round(float(first_left_out) + 10**-_DIGITS, _DIGITS)
    return Limits(maintain=found.maintain, invest=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The lowest and highest that is reached while each input moves within its own range, (n,) each."""

    low: Floats
    high: Floats


def band(worth: tuple[Floats, Floats], chance: tuple[Floats, Floats], what: Changeability | None = None) -> Band:
    """The range of the gain of an action; without ``what``, that of the value at stake, worth times chance.

    Both are linear in each input, so that the ends lie at ends of the inputs.

    Parameters
    ----------
    worth, chance : the lower and the upper end of each, (n,)

    Examples
    --------
    >>> band((floats([10]), floats([100])), (floats([0.2]), floats([0.4])))
    Band(low=array([2.]), high=array([40.]))
    """
    found = [one * other if what is None else what.gain(one, other) for one in worth for other in chance]
    return Band(low=floats(np.min(found, axis=0)), high=floats(np.max(found, axis=0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The smallest change of one input that puts each customer into another tier, (n,) each.

    ``by``: 0 the worth, 1 the chance of leaving, -1 where no change of one of them does. ``at``: the value it must
    have; NaN where there is none. ``to``: the tier it then gives.
    """

    by: Indices
    at: Floats
    to: Indices


def flips(worth: Floats, chance: Floats, *, what: Changeability, lines: Limits) -> Flips:
    """What would change the tier of each customer: which input, to what value, everything else as it is.

    Parameters
    ----------
    worth, chance : (n,)

    Notes
    -----
    A change is measured as a share of the value that the input has. The gain m·(k·p + g·(1 - p)) meets a line G at
    m = G / (k·p + g·(1 - p)) and at p = (G/m - g) / (k - g). Values are rounded away from the line to cents and to
    tenths of a percent, and each one is tried before it is given: the tier it gives is another one.

    Examples
    --------
    >>> flips(floats([300]), floats([0.5]), what=Changeability(keeps=0.1, grows=0.02), lines=Limits(maintain=1, invest=20))
    Flips(by=array([0]), at=array([333.34]), to=array([2]))
    """  # noqa: E501 -- an example stays on one line
    m, p = floats(worth), floats(chance)
    now = lines.tier(what.gain(m, p))
    by, at = np.full(m.size, -1, dtype=np.intp), np.full(m.size, np.nan)
    to, least = now.copy(), np.full(m.size, np.inf)
    for number, value, tried in _tried(m, p, what, lines):
        changed = lines.tier(what.gain(value, p) if number == 0 else what.gain(m, value))
        size = np.abs(value - tried) / np.maximum(np.abs(tried), 1e-9)
        nearer = np.isfinite(value) & (changed != now) & (size < least)
        by[nearer], at[nearer], to[nearer], least[nearer] = number, value[nearer], changed[nearer], size[nearer]
    return Flips(by=by, at=floats(at), to=to)


def _tried(m: Floats, p: Floats, what: Changeability, lines: Limits) -> Iterator[tuple[int, Floats, Floats]]:
    """Values of an input near each line, on both sides: which input, the values, what it is now; NaN: not possible."""
    changed, slope = what.of(p), what.keeps - what.grows
    for line in (lines.maintain, lines.invest):
        with np.errstate(divide="ignore", invalid="ignore"):
            of_worth = np.where(changed > 0, line / changed, np.nan)
            of_chance = np.where((m != 0) & (slope != 0), (line / m - what.grows) / (slope or 1.0), np.nan)
        for number, (middle, is_now) in enumerate(((of_worth, m), (of_chance, p))):
            for places in (-1, 0, 1, 2):
                value = np.round((np.floor(middle / _STEPS[number]) + places) * _STEPS[number], _DIGITS)
                possible = np.isfinite(value) & (number == 0 or ((value >= 0) & (value <= 1)))
                yield number, floats(np.where(possible, value, np.nan)), is_now
