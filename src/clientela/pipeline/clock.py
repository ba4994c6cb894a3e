"""The dates of a run: the day it is built for, what was known then, the back-test origins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clientela.cube.knowledge import start_of_day
from clientela.errors import UsageError

ORIGINS = 4
MOMENT = timedelta(microseconds=1)  # so that what a run landed at its "now" is known before its own end


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The dates of one run, in the company's zone; moments are naive UTC.

    ``origins`` are newest first, ``horizon_days`` apart, and none is before the second day on record.
    """

    as_of: date
    known_at: datetime
    today: date
    origins: tuple[date, ...]
    first_day: date | None
    last_day: date | None
    timezone: str

    def start_of(self, day: date) -> datetime:
        """The moment a day begins, as naive UTC."""
        return start_of_day(day, self.timezone)


def clock(
    *,
    now: datetime,
    asked: date | None,
    first_day: date | None,
    last_day: date | None,
    horizon_days: int,
    timezone: str,
) -> Clock:
    """The dates of a run.

    Parameters
    ----------
    now :
        The moment of the run.
    asked :
        ``--as-of``; None: the day after the last thing that happened, not after today.
    first_day, last_day :
        Of what happened up to today; None when nothing did.

    Raises
    ------
    UsageError
        ``asked`` is after today.

    Examples
    --------
    >>> made = clock(now=datetime(2018, 3, 1, tzinfo=UTC), asked=None, first_day=date(2017, 1, 1),
    ...     last_day=date(2017, 12, 31), horizon_days=92, timezone="UTC")
    >>> made.as_of.isoformat(), [each.isoformat() for each in made.origins]
    ('2018-01-01', ['2017-10-01', '2017-07-01', '2017-03-31'])
    """
    refuse_future(asked, now=now, timezone=timezone)
    today = now.astimezone(ZoneInfo(timezone)).date()
    own = last_day + timedelta(days=1) if last_day is not None else today
    as_of = asked or own
    present = as_of == own or as_of >= today
    known_at = now.astimezone(UTC).replace(tzinfo=None) + MOMENT if present else start_of_day(as_of, timezone)
    dates = [as_of - timedelta(days=k * horizon_days) for k in range(1, ORIGINS + 1)]
    origins = tuple(each for each in dates if first_day is not None and each > first_day)
    seen = last_day if last_day is None or last_day < as_of else as_of - timedelta(days=1)
    return Clock(
        as_of=as_of,
        known_at=known_at,
        today=today,
        origins=origins,
        first_day=first_day,
        last_day=seen,
        timezone=timezone,
    )


def refuse_future(asked: date | None, *, now: datetime, timezone: str) -> None:
    """Refuse to build for a day that has not begun.

    Raises
    ------
    UsageError
        ``asked`` is after today.
    """
    today = now.astimezone(ZoneInfo(timezone)).date()
    if asked is not None and asked > today:
        raise UsageError(f"--as-of {asked} lies in the future; today is {today}. Choose today or an earlier day.")
