"""A job is done once, whoever dies; who lost it is told so, and what they wrote is undone."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import text

from clientela.appdb import jobs
from clientela.appdb.database import Database, open_database
from clientela.errors import LeaseError, UsageError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


def enqueue(database: Database, *kinds: str, **more: Any) -> list[int]:
    with database.writing() as connection:
        return [jobs.enqueue(connection, kind, {"n": 1}, by="os:ana", now=NOW, **more) for kind in kinds]


def state(database: Database, job_id: int) -> str:
    with database.reading() as connection:
        return jobs.of_id(connection, job_id).state


def test_jobs_are_claimed_in_their_turn_and_each_by_one(database: Database) -> None:
    first, second = enqueue(database, "mail", "mail")
    [later] = enqueue(database, "mail", run_after=NOW + SECOND)
    claimed = [jobs.claim(database, now=NOW, worker=f"w{n}", lease=LEASE) for n in range(3)]
    assert [each and (each.job_id, each.attempt, each.worker) for each in claimed] == [
        (first, 1, "w0"),
        (second, 1, "w1"),
        None,
    ]
    assert [each and dict(each.arguments) for each in claimed[:2]] == [{"n": 1}, {"n": 1}]
    due = jobs.claim(database, now=NOW + SECOND, worker="w2", lease=LEASE)
    assert due is not None
    assert due.job_id == later


def test_a_worker_takes_only_the_kinds_it_knows(database: Database) -> None:
    [_, report] = enqueue(database, "mail", "report")
    claimed = jobs.claim(database, now=NOW, worker="w", lease=LEASE, kinds=["report"])
    assert claimed is not None
    assert claimed.job_id == report
    assert jobs.claim(database, now=NOW, worker="w", lease=LEASE, kinds=["report"]) is None


def test_a_key_is_enqueued_once_also_when_its_job_is_done(database: Database) -> None:
    [first] = enqueue(database, "mail", key="mail-7")
    assert enqueue(database, "mail", key="mail-7") == [first]
    claimed = jobs.claim(database, now=NOW, worker="w", lease=LEASE)
    assert claimed is not None
    jobs.finish(database, claimed, now=NOW, result={"sent": 1})
    assert enqueue(database, "mail", key="mail-7") == [first]
    with database.reading() as connection:
        done = jobs.of_id(connection, first)
    assert (done.state, done.result, done.ended_at) == ("done", {"sent": 1}, NOW)


def test_a_job_whose_transaction_is_undone_was_never_there(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as connection:
        jobs.enqueue(connection, "mail", {}, by="os:ana", now=NOW)
        raise RuntimeError
    assert jobs.claim(database, now=NOW, worker="w", lease=LEASE) is None


def test_who_shows_that_they_live_keeps_the_job(database: Database) -> None:
    enqueue(database, "mail")
    mine = jobs.claim(database, now=NOW, worker="w1", lease=LEASE)
    assert mine is not None
    for minute in range(1, 5):
        at = NOW + timedelta(seconds=59 * minute)
        mine = jobs.beat(database, mine, now=at, lease=LEASE, progress=f"{minute} of 4")
        assert jobs.claim(database, now=at + SECOND, worker="w2", lease=LEASE) is None
    assert (mine.progress, mine.beat_at) == ("4 of 4", NOW + timedelta(seconds=236))


def test_who_comes_back_after_another_claimed_the_job_is_refused_and_undone(database: Database) -> None:
    [number] = enqueue(database, "mail")
    late = jobs.claim(database, now=NOW, worker="w", lease=LEASE)
    again = jobs.claim(database, now=NOW + LEASE, worker="w", lease=LEASE)  # the same worker, started anew
    assert late is not None
    assert again is not None
    assert (again.job_id, again.attempt) == (number, 2)
    for act in (
        lambda: jobs.finish(database, late, now=NOW + LEASE),
        lambda: jobs.beat(database, late, now=NOW + LEASE, lease=LEASE),
        lambda: jobs.fail(database, late, now=NOW + LEASE, error="x"),
    ):
        with pytest.raises(LeaseError, match=f"job {number} is no longer this worker's"):
            act()
    with pytest.raises(LeaseError), jobs.finishing(database, late, now=NOW + LEASE) as connection:
        enqueue_in = jobs.enqueue(connection, "never", {}, by="os:ana", now=NOW)
        assert enqueue_in
    jobs.finish(database, again, now=NOW + LEASE)
    with pytest.raises(LeaseError):
        jobs.finish(database, again, now=NOW + LEASE)
    with database.reading() as connection:
        assert [each.kind for each in jobs.listed(connection)] == ["mail"]


def test_who_is_late_but_still_alone_may_finish(database: Database) -> None:
    [number] = enqueue(database, "mail")
    mine = jobs.claim(database, now=NOW, worker="w", lease=LEASE)
    assert mine is not None
    assert jobs.claim(database, now=NOW + 2 * LEASE, worker="w2", lease=LEASE, kinds=["report"]) is None
    assert state(database, number) == "queued"  # for the next worker who knows how
    jobs.beat(database, mine, now=NOW + 3 * LEASE, lease=LEASE)
    assert state(database, number) == "running"
    jobs.finish(database, mine, now=NOW + 5 * LEASE)
    assert state(database, number) == "done"


def test_a_failure_is_tried_again_later_and_later_until_no_attempt_is_left(database: Database) -> None:
    [number] = enqueue(database, "mail", attempts=3)
    at, pauses = NOW, []
    for _ in range(3):
        claimed = jobs.claim(database, now=at, worker="w", lease=LEASE)
        assert claimed is not None
        after = jobs.fail(database, claimed, now=at, error="the server did not answer")
        pauses.append((after.run_after - at).total_seconds() if after.state == "queued" else None)
        at = after.run_after
    assert pauses == [30, 60, None]
    assert state(database, number) == "failed"
    assert jobs.claim(database, now=at + timedelta(days=9), worker="w", lease=LEASE) is None


def test_a_failure_that_would_come_again_is_not_tried_again(database: Database) -> None:
    [number] = enqueue(database, "mail")
    claimed = jobs.claim(database, now=NOW, worker="w", lease=LEASE)
    assert claimed is not None
    assert jobs.fail(database, claimed, now=NOW, error="no such address", again=False).state == "failed"
    assert state(database, number) == "failed"


def test_a_job_that_kills_its_workers_fails_in_the_end(database: Database) -> None:
    [number] = enqueue(database, "mail", attempts=2)
    for attempt in range(2):
        assert jobs.claim(database, now=NOW + attempt * LEASE, worker="w", lease=LEASE) is not None
    assert jobs.claim(database, now=NOW + 2 * LEASE, worker="w", lease=LEASE) is None
    with database.reading() as connection:
        ended = jobs.of_id(connection, number)
    assert (ended.state, ended.error) == ("failed", "its worker ended without a word in the last attempt")


def test_an_unknown_job_and_no_attempts_are_refused(database: Database) -> None:
    with database.reading() as connection, pytest.raises(UsageError, match="there is no job 7"):
        jobs.of_id(connection, 7)
    with pytest.raises(UsageError, match="at least one attempt"):
        enqueue(database, "mail", attempts=0)


def test_threads_that_claim_at_once_never_claim_the_same(database: Database) -> None:
    numbers = enqueue(database, *["mail"] * 40)
    taken: list[int] = []

    def work(worker: int) -> None:
        while (job := jobs.claim(database, now=NOW, worker=f"w{worker}", lease=LEASE)) is not None:
            taken.append(job.job_id)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == numbers


def killed_at_work(folder: Path, *, count: int, kills: int) -> None:
    with open_database(folder, now=NOW) as database:
        with database.writing() as connection:
            connection.execute(text("create table effect (job_id integer not null, worker text not null)"))
            for number in range(count):
                told = {"seconds": 0.01 * (number % 5)}
                jobs.enqueue(connection, "work", told, by="os:ana", now=NOW, key=f"k{number}", attempts=1000)
        done = subprocess.run(
            [sys.executable, "-m", "tests.unit.appdb.nursery", str(folder), "3", str(kills), "6"],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert (done.returncode, done.stderr) == (0, "")
        with database.reading() as connection:
            effects = connection.execute(text("select job_id, worker from effect order by job_id")).all()
            ended = {each.job_id: each for each in jobs.listed(connection)}
    assert [row.job_id for row in effects] == sorted(ended)  # each once, none missing
    assert len(effects) == count
    assert {each.state for each in ended.values()} == {"done"}
    assert all(ended[row.job_id].worker == row.worker for row in effects)
    assert int(done.stdout) > 0, "none was killed at work: the test shows nothing"
    assert max(each.attempt for each in ended.values()) > 1


def test_workers_that_are_killed_lose_no_job_and_do_none_twice(tmp_path: Path) -> None:
    killed_at_work(tmp_path, count=80, kills=12)


@pytest.mark.slow
def test_three_hundred_killed_workers_lose_no_job_and_do_none_twice(tmp_path: Path) -> None:
    killed_at_work(tmp_path, count=1500, kills=300)


@dataclass
class Kept:
    """A job as the model knows it."""

    state: str
    attempt: int
    attempts: int
    run_after: datetime
    lease_until: datetime | None = None
    worker: str | None = None


class Queue(RuleBasedStateMachine):
    """The table against a dictionary, with workers that die and clocks that jump back."""

    claims = Bundle("claims")
    database: Database

    @initialize()
    def empty(self) -> None:
        with self.database.writing() as connection:
            connection.execute(text("delete from job"))
        self.now, self.model, self.effects = NOW, dict[int, Kept](), dict[int, int]()

    @rule(seconds=st.integers(-30, 100))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(attempts=st.integers(1, 3), wait=st.integers(0, 30))
    def enqueued(self, attempts: int, wait: int) -> None:
        due = self.now + wait * SECOND
        with self.database.writing() as connection:
            number = jobs.enqueue(connection, "k", {}, by="os:a", now=self.now, run_after=due, attempts=attempts)
        assert number not in self.model
        self.model[number] = Kept("queued", 0, attempts, due)

    @rule(target=claims, worker=st.sampled_from(["w1", "w2"]))
    def claimed(self, worker: str) -> jobs.Job | None:
        for kept in self.model.values():
            if kept.lease_until is not None and kept.lease_until <= self.now:
                kept.state = "queued" if kept.attempt < kept.attempts else "failed"
                kept.lease_until = None
        due = [
            (kept.run_after, number)
            for number, kept in self.model.items()
            if kept.state == "queued" and kept.run_after <= self.now
        ]
        job = jobs.claim(self.database, now=self.now, worker=worker, lease=LEASE)
        assert (job and job.job_id) == (min(due)[1] if due else None)
        if job is not None:
            kept = self.model[job.job_id]
            kept.state, kept.attempt, kept.lease_until = "running", kept.attempt + 1, self.now + LEASE
            kept.worker = worker
            assert job.attempt == kept.attempt
        return job

    def _mine(self, job: jobs.Job) -> bool:
        kept = self.model[job.job_id]
        return kept.state in {"running", "queued"} and (kept.attempt, kept.worker) == (job.attempt, job.worker)

    @rule(job=claims)
    def beaten(self, job: jobs.Job | None) -> None:
        if job is None:
            return
        if self._mine(job):
            jobs.beat(self.database, job, now=self.now, lease=LEASE)
            self.model[job.job_id].lease_until = self.now + LEASE
            self.model[job.job_id].state = "running"
        else:
            with pytest.raises(LeaseError):
                jobs.beat(self.database, job, now=self.now, lease=LEASE)

    @rule(job=claims)
    def finished(self, job: jobs.Job | None) -> None:
        if job is None:
            return
        mine = self._mine(job)
        try:
            jobs.finish(self.database, job, now=self.now)
            self.effects[job.job_id] = self.effects.get(job.job_id, 0) + 1
            self.model[job.job_id].state, self.model[job.job_id].lease_until = "done", None
            assert mine
        except LeaseError:
            assert not mine

    @rule(job=claims, again=st.booleans())
    def failed(self, job: jobs.Job | None, again: bool) -> None:
        if job is None:
            return
        if not self._mine(job):
            with pytest.raises(LeaseError):
                jobs.fail(self.database, job, now=self.now, error="x", again=again)
            return
        after = jobs.fail(self.database, job, now=self.now, error="x", again=again)
        kept = self.model[job.job_id]
        kept.state = "queued" if again and kept.attempt < kept.attempts else "failed"
        kept.run_after, kept.lease_until, kept.worker = after.run_after, None, None

    @rule(job=consumes(claims))
    def dies(self, job: jobs.Job | None) -> None:
        """A worker is gone: nothing is told to anyone."""

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        with self.database.reading() as connection:
            rows = {each.job_id: (each.state, each.attempt) for each in jobs.listed(connection)}
        assert rows == {number: (kept.state, kept.attempt) for number, kept in self.model.items()}
        assert all(count == 1 for count in self.effects.values())


def _run_queue(examples: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    with open_database(Path(mkdtemp()), now=NOW) as database:
        Queue.database = database
        run_state_machine_as_test(Queue, settings=settings(max_examples=examples, stateful_step_count=25))


def test_the_table_of_jobs_behaves_as_a_dictionary_would() -> None:
    _run_queue(15)


@pytest.mark.slow
def test_the_table_of_jobs_behaves_as_a_dictionary_would_for_long() -> None:
    _run_queue(400)
