"""The schedule does what is due, once, by the clocks of the company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from clientela.config import Company, Schedule, Settings
from clientela.errors import ConfigurationError, LockedError, WarehouseError
from clientela.pipeline.care.schedule import Event, Jobs, due_after, keep

MADRID = ZoneInfo("Europe/Madrid")


@cache
def settings(run: str | None = "30 2 * * *", backup: str | None = None, zone: str = "Europe/Madrid") -> Settings:
    company = Company(name="Corner Shop", currency="EUR", timezone=zone)
    return Settings.model_construct(company=company, schedule=Schedule(run=run, backup=backup))


@dataclass
class World:
    """A clock that the schedule's own sleep moves, and what happened at which moment."""

    now: datetime
    until: datetime
    said: list[Event] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)
    jumps: dict[datetime, timedelta] = field(default_factory=dict)
    takes: timedelta = timedelta(minutes=3)
    fails: BaseException | None = None

    def run(self) -> str:
        self.begun.append(self.now)
        self.now += self.takes
        if self.fails is not None:
            raise self.fails
        return "published."

    def sleep(self, seconds: float) -> bool:
        self.now += timedelta(seconds=max(seconds, 1))
        for moment in [each for each in self.jumps if self.now >= each]:
            self.now += self.jumps.pop(moment)
        return self.now >= self.until

    def keep(
        self, load: Callable[[], Settings] = settings, last: datetime | None = None, *, once: bool = False
    ) -> list[str]:
        jobs = Jobs(work={"run": self.run, "backup": self.run}, last={"run": last, "backup": last})
        keep(load, jobs, now=lambda: self.now, sleep=self.sleep, say=self.said.append, once=once, nap=3 * 3600)
        return [f"{each.astimezone(MADRID):%Y-%m-%d %H:%M}" for each in self.begun]


def at(*moment: int, fold: int = 0) -> datetime:
    year, month, day, *clock = moment
    return datetime(year, month, day, *clock, tzinfo=MADRID, fold=fold).astimezone(UTC)


def test_every_day_of_a_year_once_through_both_changes_of_the_clock() -> None:
    world = World(at(2026, 1, 1), at(2027, 1, 1))
    days = [moment[:10] for moment in world.keep()]
    assert days == [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(365)]
    clock = {f"{each.astimezone(MADRID):%m-%d}": f"{each.astimezone(MADRID):%H:%M}" for each in world.begun}
    assert clock.pop("03-29") == "03:00"  # the clocks go from 2 to 3: right after
    assert set(clock.values()) == {"02:30"}
    assert at(2026, 10, 25, 2, 30) in world.begun  # the first of the two
    assert all(each.ok for each in world.said)


@pytest.mark.parametrize("line", ["30 2 * * *", "*/30 2 * * *", "0,30 1-3 * * *", "15 */2 * * *"])
def test_no_time_of_the_doubled_hour_is_due_twice(line: str) -> None:
    moment, seen = at(2026, 10, 24, 12), []
    while (moment := due_after(line, moment, MADRID)) < at(2026, 10, 26):
        seen.append(f"{moment.astimezone(MADRID):%d %H:%M}")
    assert len(seen) == len(set(seen)) > 0
    again = at(2026, 10, 25, 2, 10, fold=1)  # a process that starts between the two
    assert due_after("30 2 * * *", again, MADRID) == at(2026, 10, 26, 2, 30)


def test_a_job_of_every_hour_is_due_in_every_hour_that_passes() -> None:
    moment, seen = at(2026, 10, 25), 0
    while (moment := due_after("0 * * * *", moment, MADRID)) <= at(2026, 10, 26):
        seen += 1
    assert seen == 25


def test_the_29th_of_february_comes_in_leap_years() -> None:
    world = World(at(2027, 12, 1), at(2028, 12, 31))
    assert world.keep(lambda: settings("0 5 29 2 *")) == ["2028-02-29 05:00"]


@pytest.mark.parametrize(
    ("jump", "until", "expected"),
    [
        (timedelta(days=5), at(2026, 6, 9, 12), ["02 02:30", "07 05:33", "08 02:30", "09 02:30"]),  # missed: once
        (timedelta(hours=-3), at(2026, 6, 4, 12), ["02 02:30", "03 02:30", "04 02:30"]),  # nothing twice
        (timedelta(days=-30), at(2026, 5, 5, 12), ["02 02:30", "04 02:30", "05 02:30"]),  # it was wrong before
    ],
)
def test_a_clock_that_jumps_doubles_nothing_and_misses_nothing(
    jump: timedelta, until: datetime, expected: list[str]
) -> None:
    world = World(at(2026, 6, 2), at(2099, 1, 1), jumps={at(2026, 6, 2, 4): jump})

    def load() -> Settings:
        if not world.jumps:
            world.until = until
        return settings()

    assert [f"{each[8:13]}:{each[14:]}" for each in world.keep(load)] == expected


def test_what_was_missed_while_it_was_down_is_done_once() -> None:
    world = World(at(2026, 6, 20, 12), at(2026, 6, 21))
    assert world.keep(last=at(2026, 6, 1)) == ["2026-06-20 12:00"]


def test_once_does_what_is_due_and_ends() -> None:
    due = World(at(2026, 6, 20, 12), at(2099, 1, 1))
    assert due.keep(last=at(2026, 6, 19, 2, 30), once=True) == ["2026-06-20 12:00"]
    assert World(at(2026, 6, 20, 12), at(2099, 1, 1)).keep(last=at(2026, 6, 20, 2, 30), once=True) == []
    assert World(at(2026, 6, 20, 12), at(2099, 1, 1)).keep(once=True) == ["2026-06-20 12:00"]


def test_never_begun_it_waits_for_its_time() -> None:
    assert World(at(2026, 6, 20, 12), at(2026, 6, 22)).keep() == ["2026-06-21 02:30"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (WarehouseError("the disk is full."), "failed: the disk is full."),
        (LockedError("process 7"), "skipped: another run is at work"),
        (ZeroDivisionError(), "failed: internal error (ZeroDivisionError)"),
    ],
)
def test_a_bad_night_does_not_end_it(error: BaseException, says: str) -> None:
    world = World(at(2026, 6, 1), at(2026, 6, 4), fails=error)
    assert len(world.keep()) == 3
    assert [each.ok for each in world.said] == [False] * 3
    assert all(each.says.startswith(says) for each in world.said)


def test_changed_settings_count_from_then_on() -> None:
    def told() -> Iterator[Settings]:
        yield settings("0 2 * * *")
        while True:
            yield settings("0 2 * * *") if world.now < at(2026, 6, 3) else settings("0 5 * * *")

    world = World(at(2026, 6, 1), at(2026, 6, 5))
    given = told()
    assert world.keep(lambda: next(given)) == [
        "2026-06-01 02:00",
        "2026-06-02 02:00",
        "2026-06-03 05:00",
        "2026-06-04 05:00",
    ]


def test_settings_that_cannot_be_read_are_said_once_and_the_last_ones_count() -> None:
    def load() -> Settings:
        if world.now > at(2026, 6, 1, 12):
            raise ConfigurationError("clientela.toml is not valid TOML.")
        return settings()

    world = World(at(2026, 6, 1), at(2026, 6, 4))
    assert len(world.keep(load)) == 3
    assert [each.says for each in world.said if each.job == "settings"] == [
        "not read, the last ones count: clientela.toml is not valid TOML."
    ]


def test_a_schedule_of_nothing_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError, match=r'run = "0 5'):
        World(at(2026, 6, 1), at(2026, 6, 2)).keep(lambda: settings(None))


@pytest.mark.parametrize("line", ["x", "0 5 * *", "0 25 * * *", "0 0 5 * * *", "@daily", "0 0 31 2 *"])
def test_a_bad_cron_line_is_said_when_the_settings_are_read(line: str) -> None:
    with pytest.raises(ValueError, match="is no cron line"):
        Schedule(run=line)
