"""Revenue day by day, and what any days of it add up to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from clientela.analyse.sales.period import Grain, period_of
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.text import Period

Revenue = Mapping[date, Decimal]


def revenue_by_day(kb: KnowledgeBase) -> Revenue:
    """The revenue of each day with a line, oldest first: one question in the place of one for each period."""
    result = kb.query(("revenue",), by=("day",), order=("day",))
    return {day: Decimal(str(revenue or 0)) for day, revenue in result.rows if isinstance(day, date)}


def between(revenue: Revenue, first: date, last: date) -> Decimal:
    """What the days from ``first`` to ``last`` brought, both among them.

    Examples
    --------
    >>> between({date(2024, 5, 9): Decimal(3), date(2024, 5, 10): Decimal(4)}, date(2024, 5, 10), date(2024, 6, 1))
    Decimal('4')
    """
    return sum((each for day, each in revenue.items() if first <= day <= last), Decimal(0))


def by_period(revenue: Revenue, grain: Grain) -> dict[Period, Decimal]:
    """What each period with a line brought.

    Examples
    --------
    >>> found = by_period({date(2024, 5, 9): Decimal(3), date(2024, 5, 10): Decimal(4)}, "month")
    >>> [(str(period.first), brought) for period, brought in found.items()]
    [('2024-05-01', Decimal('7'))]
    """
    found: dict[Period, Decimal] = {}
    for day, each in revenue.items():
        period = period_of(day, grain)
        found[period] = found.get(period, Decimal(0)) + each
    return found
