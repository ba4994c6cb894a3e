"""Who is in a segment on a date, in plain Python: facts looked at one by one, day by day. It shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Madrid")


@dataclass(frozen=True)
class Line:
    """One version of an order line: when it happened, since when it was known, until when."""

    order: str
    customer: str
    at: datetime
    kind: str
    channel: str | None
    revenue: Decimal
    known_from: datetime
    known_until: datetime | None

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass(frozen=True)
class Seen:
    """What is visible of one customer on a date."""

    lines: Sequence[Line]
    day: date

    def within(self, days: int | None = None, months: int | None = None) -> list[Line]:
        first = date.min
        if days is not None:
            first = self.day - timedelta(days=days)
        if months is not None:
            first = months_before(self.day, months)
        return [each for each in self.lines if each.day >= first]

    def orders(self, lines: Iterable[Line] | None = None) -> int:
        return len({each.order for each in (self.lines if lines is None else lines) if each.kind == "sale"})

    def revenue(self, lines: Iterable[Line] | None = None) -> Decimal:
        kinds = ("sale", "return", "cancellation")
        return sum((x.revenue for x in (self.lines if lines is None else lines) if x.kind in kinds), Decimal(0))

    def bought(self) -> list[date]:
        return sorted({each.day for each in self.lines if each.kind == "sale"})


def months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def begins(day: date) -> datetime:
    """The moment a date begins in the company's zone."""
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def stays(
    lines: Sequence[Line], holds: Callable[[Seen], bool | None], *, first: date, as_of: date, now: datetime
) -> list[tuple[date, date | None]]:
    """The times of one customer in a segment: every date looked at by itself."""
    found: list[tuple[date, date | None]] = []
    inside = False
    for number in range((as_of - first).days + 1):
        day = first + timedelta(days=number)
        known_at = now if day == as_of else begins(day)
        visible = [
            each
            for each in lines
            if each.day < day
            and each.known_from < known_at
            and (each.known_until is None or each.known_until >= known_at)
        ]
        ever = any(each.day < day and each.known_from < known_at for each in lines)
        is_in = ever and holds(Seen(visible, day)) is True
        if is_in and not inside:
            found.append((day, None))
        elif inside and not is_in:
            found[-1] = (found[-1][0], day)
        inside = is_in
    return found
