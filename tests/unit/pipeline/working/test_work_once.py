"""A worker does each job once: finished, failed with a sentence, or waiting for its next attempt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from clientela.appdb import jobs
from clientela.appdb.database import Database, open_database
from clientela.appdb.jobs import Job
from clientela.errors import LockedError, MachineError, UsageError
from clientela.pipeline.working.handlers import Handler, Progress
from clientela.pipeline.working.work import work_once

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path, now=NOW) as opened:
        yield opened


def asked(database: Database, kind: str = "greet", **arguments: object) -> int:
    with database.writing() as connection:
        return jobs.enqueue(connection, kind, arguments, by="user:ana", now=NOW)


def job(database: Database, number: int) -> Job:
    with database.reading() as connection:
        return jobs.of_id(connection, number)


def once(database: Database, handler: Handler, *, at: datetime = NOW, lease: float = 60.0) -> bool:
    waits = timedelta(seconds=lease)
    return work_once(database.folder, database, lambda: at, "w1", handlers={"greet": handler}, lease=waits)


def refuses(error: Exception) -> Handler:
    def handler(folder: Path, told: Mapping[str, Any], progress: Progress) -> None:
        raise error

    return handler


def test_a_job_is_done_with_its_arguments_and_who_asked(database: Database) -> None:
    number = asked(database, name="Eva")

    def greet(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, object]:
        progress("Greeting")
        return {"said": f"hello {told['name']}", "by": told["by"], "job": told["job"]}

    assert once(database, greet)
    found = job(database, number)
    assert (found.state, found.result) == ("done", {"said": "hello Eva", "by": "user:ana", "job": number})
    assert found.progress == "Greeting"


def test_without_a_job_nothing_is_done(database: Database) -> None:
    assert not once(database, refuses(AssertionError()))


def test_a_user_s_mistake_fails_at_once_with_its_sentence(database: Database) -> None:
    number = asked(database)
    assert once(database, refuses(UsageError("there is no such thing.")))
    assert (job(database, number).state, job(database, number).error) == ("failed", "there is no such thing.")


def test_trouble_of_the_machine_is_tried_again_later(database: Database) -> None:
    number = asked(database)
    assert once(database, refuses(MachineError("no room is left.")))
    assert (job(database, number).state, job(database, number).run_after) == ("queued", NOW + timedelta(seconds=30))


def test_a_run_that_is_at_work_costs_no_attempt(database: Database) -> None:
    number = asked(database)
    for minute in range(10):
        assert once(database, refuses(LockedError("process 7")), at=NOW + timedelta(minutes=minute))
    found = job(database, number)
    assert found.state == "queued"
    assert found.progress == "Another run is at work; this one begins when it has ended"
    assert found.attempts - found.attempt == 3
    assert once(database, lambda folder, told, progress: "done", at=NOW + timedelta(hours=1))
    assert job(database, number).state == "done"


def test_a_bug_is_said_without_its_values(database: Database) -> None:
    number = asked(database)
    assert once(database, refuses(KeyError("ana@example.com")))
    assert job(database, number).error == "internal error (KeyError); please report it."


def test_a_kind_of_another_version_fails_with_a_sentence(database: Database) -> None:
    number = asked(database, kind="sing")
    assert once(database, refuses(AssertionError()))
    assert "does not know how" in str(job(database, number).error)


def test_a_long_job_keeps_its_lease(database: Database) -> None:
    number, moments = asked(database), iter(range(10_000))

    def long(folder: Path, told: Mapping[str, Any], progress: Progress) -> str:
        Event().wait(0.5)
        return "done"

    def clock() -> datetime:
        return NOW + timedelta(milliseconds=next(moments))

    waits = timedelta(seconds=0.2)
    assert work_once(database.folder, database, clock, "w1", handlers={"greet": long}, lease=waits)
    found = job(database, number)
    assert found.state == "done"
    assert found.beat_at is not None and found.beat_at > NOW + timedelta(milliseconds=2)


def test_who_lost_the_job_is_stopped_and_finishes_nothing(database: Database) -> None:
    number, stopped = asked(database), []

    def slow(folder: Path, told: Mapping[str, Any], progress: Progress) -> str:
        later = NOW + timedelta(minutes=5)
        claimed = jobs.claim(database, now=later, worker="w2", lease=timedelta(minutes=1))
        assert claimed is not None
        try:
            progress("On and on")
        except Exception as error:
            stopped.append(type(error).__name__)
            raise
        return "done by the first"

    assert once(database, slow)
    assert stopped == ["LeaseError"]
    assert (job(database, number).state, job(database, number).worker) == ("running", "w2")
