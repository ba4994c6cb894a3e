"""Which periods are whole."""

from __future__ import annotations

from datetime import date

import pytest

from clientela.analyse.sales.period import a_year_before, before, calendar, period_of
from clientela.contracts.text import Period


def test_a_year_end_belongs_to_one_quarter_and_one_iso_week() -> None:
    assert period_of(date(2024, 12, 31), "quarter") == Period(date(2024, 10, 1), date(2024, 12, 31))
    assert period_of(date(2024, 12, 31), "week") == Period(date(2024, 12, 30), date(2025, 1, 5))
    assert period_of(date(2024, 2, 10), "month") == Period(date(2024, 2, 1), date(2024, 2, 29))


def test_the_period_before_and_a_year_before() -> None:
    january = period_of(date(2024, 1, 5), "month")
    assert before(january, "month") == Period(date(2023, 12, 1), date(2023, 12, 31))
    assert a_year_before(january, "month") == Period(date(2023, 1, 1), date(2023, 1, 31))
    week = period_of(date(2024, 1, 3), "week")
    assert a_year_before(week, "week") == Period(date(2023, 1, 2), date(2023, 1, 8))


@pytest.mark.parametrize(
    ("first_day", "whole"),
    [
        (date(2024, 1, 1), 2),
        (date(2024, 1, 3), 2),  # closed on the holiday and the day after
        (date(2024, 1, 20), 1),  # the first quarter began without us
    ],
)
def test_a_period_that_began_before_the_first_sale_is_not_whole(first_day: date, whole: int) -> None:
    assert len(calendar(first_day, date(2024, 7, 1), "quarter").whole) == whole


def test_the_running_period_is_known_as_such() -> None:
    found = calendar(date(2024, 1, 1), date(2024, 7, 9), "quarter")
    assert found.running == Period(date(2024, 7, 1), date(2024, 9, 30))
    assert calendar(date(2024, 1, 1), date(2024, 7, 1), "quarter").running is None
