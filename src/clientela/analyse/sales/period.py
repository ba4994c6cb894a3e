"""Which periods are whole, and which is still running: pure calendar arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from clientela.contracts.text import Period

Grain = Literal["quarter", "month", "week"]
GRAINS: tuple[Grain, ...] = ("quarter", "month", "week")


def period_of(day: date, grain: Grain) -> Period:
    """The quarter, month or ISO week that ``day`` lies in.

    Examples
    --------
    >>> period_of(date(2017, 11, 5), "quarter")
    Period(first=datetime.date(2017, 10, 1), last=datetime.date(2017, 12, 31))
    """
    if grain == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    months = 3 if grain == "quarter" else 1
    month = (day.month - 1) // months * months + 1
    first = date(day.year, month, 1)
    after = date(day.year + (month + months > 12), (month + months - 1) % 12 + 1, 1)
    return Period(first, after - timedelta(days=1))


def before(period: Period, grain: Grain) -> Period:
    """The period that ends the day before ``period`` begins."""
    return period_of(period.first - timedelta(days=1), grain)


def a_year_before(period: Period, grain: Grain) -> Period:
    """The same quarter or month of the year before; for a week, the one 52 weeks earlier."""
    if grain == "week":
        return Period(period.first - timedelta(weeks=52), period.last - timedelta(weeks=52))
    return period_of(date(period.first.year - 1, period.first.month, 1), grain)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What can be compared: ``whole`` periods, oldest first, and the ``running`` one, None when none is."""

    grain: Grain
    whole: tuple[Period, ...]
    running: Period | None


def calendar(first_day: date, as_of: date, grain: Grain) -> Calendar:
    """The periods between the first day with sales and ``as_of``.

    A period is whole when it ended before ``as_of`` and sales began by its first 3 % (at least
    one day is allowed): a shop that opened on 2 January after the holiday has a whole January.
    """
    period = period_of(first_day, grain)
    days = (period.last - period.first).days + 1
    if (first_day - period.first).days > max(1, days * 3 // 100):
        period = period_of(period.last + timedelta(days=1), grain)
    whole = []
    while period.last < as_of:
        whole.append(period)
        period = period_of(period.last + timedelta(days=1), grain)
    running = period if period.first < as_of else None
    return Calendar(grain, tuple(whole), running)
