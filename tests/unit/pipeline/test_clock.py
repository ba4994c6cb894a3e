"""The dates of a run."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from clientela.errors import UsageError
from clientela.pipeline.clock import Clock, clock


def made(
    now: datetime, last_day: date | None, asked: date | None = None, first_day: date | None = date(2022, 1, 1)
) -> Clock:
    return clock(
        now=now,
        asked=asked,
        first_day=first_day if last_day else None,
        last_day=last_day,
        horizon_days=92,
        timezone="Europe/Madrid",
    )


def test_a_run_is_for_the_day_after_the_last_thing_that_happened() -> None:
    dates = made(datetime(2024, 3, 10, 8, tzinfo=UTC), date(2024, 2, 29))
    assert dates.as_of == date(2024, 3, 1)
    assert dates.last_day == date(2024, 2, 29)


def test_what_happened_this_morning_counts() -> None:
    dates = made(datetime(2024, 3, 10, 12, tzinfo=UTC), date(2024, 3, 10))
    assert dates.as_of == date(2024, 3, 11)


def test_today_is_the_company_s_today() -> None:
    assert made(datetime(2024, 3, 9, 23, 30, tzinfo=UTC), None).as_of == date(
        2024, 3, 10
    )  # half past midnight in Madrid


def test_for_the_run_s_own_date_all_that_landed_is_known() -> None:
    now = datetime(2024, 3, 10, 8, tzinfo=UTC)
    assert made(now, date(2024, 2, 29)).known_at == datetime(2024, 3, 10, 8, 0, 0, 1)


def test_for_an_earlier_date_only_what_was_known_when_that_day_began() -> None:
    dates = made(datetime(2024, 3, 10, 8, tzinfo=UTC), date(2024, 2, 29), asked=date(2023, 7, 1))
    assert dates.known_at == datetime(2023, 6, 30, 22)  # midnight of summer in Madrid
    assert dates.last_day == date(2023, 6, 30)


def test_origins_are_a_horizon_apart_and_none_is_before_the_second_day() -> None:
    dates = made(datetime(2024, 3, 10, 8, tzinfo=UTC), date(2024, 2, 29), first_day=date(2023, 6, 1))
    assert dates.origins == (date(2023, 11, 30), date(2023, 8, 30))


def test_a_future_date_is_refused_with_today() -> None:
    with pytest.raises(UsageError, match="today is 2024-03-10"):
        made(datetime(2024, 3, 10, 8, tzinfo=UTC), date(2024, 2, 29), asked=date(2024, 3, 11))
