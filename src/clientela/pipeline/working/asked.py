"""Asking for work: a job is entered once for each time somebody presses the button, however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clientela.appdb import jobs
from clientela.appdb.database import Database
from clientela.appdb.jobs import Job

OPEN = ("queued", "running")
_LOOKED_AT = 200  # the newest jobs


def ask(
    database: Database, kind: str, arguments: Mapping[str, Any], *, by: str, now: datetime, key: str | None = None
) -> int:
    """The number of a job that now waits; that of the first where this key was sent before.

    Parameters
    ----------
    by : who asks, as the audit log names them
    key : of the form that was sent
    """
    with database.change(by=by, now=now) as change:
        before = {each.job_id for each in jobs.listed(change.connection, limit=1)}
        number = jobs.enqueue(change.connection, kind, arguments, by=by, now=now, key=key)
        if not before or number > max(before):
            change.audit("job.asked", f"job:{number}", f"kind:{kind}")
    return number


def ask_run(database: Database, *, by: str, now: datetime, key: str | None = None) -> int:
    """The number of the job of a run: that of one which has not begun yet, else a new one."""
    with database.reading() as connection:
        waits = [each for each in jobs.listed(connection, state="queued") if each.kind == "run" and each.attempt == 0]
    return waits[0].job_id if waits else ask(database, "run", {}, by=by, now=now, key=key)


def newest(database: Database, *, limit: int = _LOOKED_AT) -> tuple[Job, ...]:
    """The newest jobs, newest first."""
    with database.reading() as connection:
        return jobs.listed(connection, limit=limit)


def open_jobs(database: Database, *kinds: str) -> tuple[Job, ...]:
    """The jobs of some kinds that wait or are at work, newest first."""
    return tuple(each for each in newest(database) if each.state in OPEN and (not kinds or each.kind in kinds))


def one(database: Database, number: int) -> Job:
    """A job by its number.

    Raises
    ------
    UsageError
        There is none.
    """
    with database.reading() as connection:
        return jobs.of_id(connection, number)
