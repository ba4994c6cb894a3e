"""Work that waits to be done, as rows: a worker claims a job for a time, shows that it lives, and finishes it.

A worker that dies stops showing that it lives; when its lease is over, another claims the job. `attempt` tells the
claims apart: who comes back to a job that was claimed anew is refused. So each job is finished by one worker, once;
what a worker writes here in the transaction that finishes (`finishing`) is therefore written exactly once. What it does
elsewhere may be done again after a crash: it must bear the job's number, so that the other side knows it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from clientela.appdb.database import Database
from clientela.appdb.tables import JOB
from clientela.errors import LeaseError, UsageError

_LONGEST_ERROR = 500
_FIRST_PAUSE = timedelta(seconds=30)  # before the second attempt; twice as long before each further one
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as its row is."""

    job_id: int
    kind: str
    arguments: Mapping[str, Any]
    key: str | None
    state: str  # queued, running, done, failed
    attempt: int  # 0 before the first claim
    attempts: int  # so many are made
    run_after: datetime
    worker: str | None
    lease_until: datetime | None
    beat_at: datetime | None
    progress: str | None
    error: str | None
    result: Any
    made_at: datetime
    made_by: str
    ended_at: datetime | None


def enqueue(
    connection: Connection,
    kind: str,
    arguments: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    key: str | None = None,
    run_after: datetime | None = None,
    attempts: int = 3,
) -> int:
    """The number of a job that now waits, from the moment the running transaction is committed.

    Parameters
    ----------
    key : a job of this key is enqueued once, whatever became of it; the number is then that of the first.
    """
    if attempts < 1:
        raise UsageError("a job needs at least one attempt.")
    if key is not None:
        there = connection.execute(select(JOB.c.job_id).where(JOB.c.key == key)).scalar()
        if there is not None:
            return int(there)
    made = connection.execute(
        insert(JOB)
        .values(
            kind=kind,
            arguments=dict(arguments),
            key=key,
            state="queued",
            attempt=0,
            attempts=attempts,
            run_after=run_after or now,
            made_at=now,
            made_by=by,
        )
        .returning(JOB.c.job_id)
    )
    return int(made.scalar_one())


def claim(
    database: Database, *, now: datetime, worker: str, lease: timedelta, kinds: Collection[str] | None = None
) -> Job | None:
    """The job that has waited longest, this worker's until ``now + lease``; None when none is due.

    A job whose worker let the lease pass is due again; after its last attempt it has failed instead.
    """
    with database.writing() as connection:
        _give_back(connection, now)
        due = and_(JOB.c.state == "queued", JOB.c.run_after <= now)
        if kinds is not None:
            due &= JOB.c.kind.in_(kinds)
        first = select(JOB.c.job_id).where(due).order_by(JOB.c.run_after, JOB.c.job_id).limit(1).scalar_subquery()
        claimed = connection.execute(
            update(JOB)
            .where(JOB.c.job_id == first)
            .values(
                state="running",
                attempt=JOB.c.attempt + 1,
                worker=worker,
                lease_until=now + lease,
                beat_at=now,
                progress=None,
            )
            .returning(JOB)
        ).first()
    return None if claimed is None else _job(claimed)


def _give_back(connection: Connection, now: datetime) -> None:
    """What a worker let go is due again, or has failed when that was its last attempt.

    The worker stays noted: should it only have been slow, it may still finish, as long as no other has the job.
    """
    let_go = (JOB.c.state == "running") & (JOB.c.lease_until <= now)
    said = "its worker ended without a word in the last attempt"
    spent = update(JOB).where(let_go & (JOB.c.attempt >= JOB.c.attempts))
    connection.execute(spent.values(state="failed", error=said, ended_at=now, lease_until=None))
    connection.execute(update(JOB).where(let_go).values(state="queued", lease_until=None))


def beat(database: Database, job: Job, *, now: datetime, lease: timedelta, progress: str | None = None) -> Job:
    """The job, its lease prolonged.

    Raises
    ------
    LeaseError
        It is no longer this worker's: stop, and undo what can be undone.
    """
    with database.writing() as connection:
        told = {} if progress is None else {"progress": progress}
        return _theirs(connection, job, {"state": "running", "beat_at": now, "lease_until": now + lease, **told})


@contextmanager
def finishing(database: Database, job: Job, *, now: datetime, result: Any = None) -> Iterator[Connection]:
    """A transaction in which the job is finished: what the block writes is kept with that, or not at all.

    Raises
    ------
    LeaseError
        The job is no longer this worker's; nothing is kept.
    """
    with database.writing() as connection:
        ended = {"state": "done", "ended_at": now, "result": result, "error": None, "lease_until": None}
        _theirs(connection, job, ended)
        yield connection


def finish(database: Database, job: Job, *, now: datetime, result: Any = None) -> None:
    """Say that a job is done.

    Raises
    ------
    LeaseError
        It is no longer this worker's.
    """
    with finishing(database, job, now=now, result=result):
        pass


def fail(database: Database, job: Job, *, now: datetime, error: str, again: bool = True, result: Any = None) -> Job:
    """The job after an attempt that failed: it waits for the next, or has failed.

    Parameters
    ----------
    error : one sentence, without a value of a person.
    again : False when another attempt would not help.
    result : what is kept of it besides, when it has failed.

    Raises
    ------
    LeaseError
        It is no longer this worker's.
    """
    said: dict[str, Any] = {"error": error[:_LONGEST_ERROR], "lease_until": None, "worker": None}
    if again and job.attempt < job.attempts:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (job.attempt - 1))
        said |= {"state": "queued", "run_after": now + pause}
    else:
        said |= {"state": "failed", "ended_at": now, "result": result}
    with database.writing() as connection:
        return _theirs(connection, job, said)


def put_off(database: Database, job: Job, *, now: datetime, until: datetime, said: str) -> Job:
    """The job, waiting again for something that is no fault of it, such as a run that is at work; no attempt is lost.

    Raises
    ------
    LeaseError
        It is no longer this worker's.
    """
    waits: dict[str, Any] = {"state": "queued", "run_after": until, "lease_until": None, "progress": said}
    with database.writing() as connection:
        return _theirs(connection, job, {**waits, "attempts": job.attempts + 1, "beat_at": now})


def of_id(connection: Connection, job_id: int) -> Job:
    """A job by its number.

    Raises
    ------
    UsageError
        There is none.
    """
    row = connection.execute(select(JOB).where(JOB.c.job_id == job_id)).first()
    if row is None:
        raise UsageError(f"there is no job {job_id}.")
    return _job(row)


def listed(connection: Connection, *, state: str | None = None, limit: int | None = None) -> tuple[Job, ...]:
    """The jobs, newest first."""
    asked = select(JOB).order_by(JOB.c.job_id.desc()).limit(limit)
    return tuple(map(_job, connection.execute(asked if state is None else asked.where(JOB.c.state == state))))


def counted(connection: Connection) -> dict[str, int]:
    """How many jobs there are in each state that has any."""
    asked = select(JOB.c.state, func.count()).group_by(JOB.c.state)
    return {row[0]: row[1] for row in connection.execute(asked)}


def _theirs(connection: Connection, job: Job, values: Mapping[str, Any]) -> Job:
    """The job changed, if the claim that ``job`` came from is its newest and it has not ended."""
    at_work = JOB.c.state.in_(("running", "queued"))
    claim_of = (JOB.c.job_id == job.job_id) & at_work & (JOB.c.attempt == job.attempt)
    row = connection.execute(
        update(JOB).where(claim_of & (JOB.c.worker == job.worker)).values(**values).returning(JOB)
    ).first()
    if row is None:
        raise LeaseError(
            f"job {job.job_id} is no longer this worker's: its lease passed, and it was claimed anew or has ended."
        )
    return _job(row)


def _job(row: Any) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__slots__})
