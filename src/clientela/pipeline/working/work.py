"""One job done: claimed, kept alive while its handler works, finished or failed with a sentence.

A worker that is killed lets its lease pass; the next one claims the job anew and its handler finds out what of it was
done already. See `clientela.appdb.jobs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from types import MappingProxyType
from typing import TYPE_CHECKING

from clientela.appdb import jobs
from clientela.appdb.database import Database
from clientela.appdb.jobs import Job
from clientela.errors import BusyError, ClientelaError, LeaseError, LockedError, MachineError
from clientela.pipeline.working.failed import kept

if TYPE_CHECKING:
    from clientela.pipeline.working.handlers import Handler

LEASE = timedelta(seconds=60)
BEATS_IN_A_LEASE = 4
PUT_OFF = timedelta(seconds=5)  # so long a job waits before it looks again whether the other run has ended
_UNKNOWN = "this version of clientela does not know how to do this; it was asked for by another one."


def work_once(
    folder: Path,
    database: Database,
    now: Callable[[], datetime],
    worker: str,
    *,
    handlers: Mapping[str, Handler] | None = None,
    more: Mapping[str, Handler] = MappingProxyType({}),
    lease: timedelta = LEASE,
    kinds: Collection[str] | None = None,
) -> bool:
    """Whether there was a job to do; if so it was done, has failed, or waits for its next attempt.

    Parameters
    ----------
    now : the moment, with its zone
    worker : a name of this process, no other's: a host and a process id will do
    handlers : what does the jobs of each kind; None: those of `clientela.pipeline.working.handlers`
    more : what does jobs of further kinds
    lease : for so long the job is this worker's without a sign of life
    kinds : only jobs of these
    """
    try:
        job = jobs.claim(database, now=now(), worker=worker, lease=lease, kinds=kinds)
    except BusyError:
        return False
    if job is None:
        return False
    if handlers is None:
        from clientela.pipeline.working.handlers import HANDLERS  # with all that a run needs: only who has a job pays

        handlers = HANDLERS
    with suppress(LeaseError):  # another worker has it now, and finishes it
        _done(folder, database, now, job, {**handlers, **more}, lease)
    return True


def _done(
    folder: Path,
    database: Database,
    now: Callable[[], datetime],
    job: Job,
    handlers: Mapping[str, Handler],
    lease: timedelta,
) -> None:
    handler = handlers.get(job.kind)
    if handler is None:
        jobs.fail(database, job, now=now(), error=_UNKNOWN, again=False)
        return
    told = {**job.arguments, "job": job.job_id, "by": job.made_by, "asked_at": job.made_at, "now": now()}
    try:
        with _kept_alive(database, job, now, lease) as progress:
            result = handler(folder, told, progress)
    except LeaseError:
        raise
    except LockedError:
        said = "Another run is at work; this one begins when it has ended"
        jobs.put_off(database, job, now=now(), until=now() + PUT_OFF, said=said)
    except MachineError as error:
        jobs.fail(database, job, now=now(), error=str(error))
    except ClientelaError as error:
        jobs.fail(database, job, now=now(), error=str(error), again=False, result=kept(error))
    except Exception as error:  # noqa: BLE001 - one job that breaks does not end the worker
        said = f"internal error ({type(error).__name__}); please report it."
        jobs.fail(database, job, now=now(), error=said, again=False)
    else:
        jobs.finish(database, job, now=now(), result=result)


@dataclass(slots=True)
class _Line:
    """The last line of progress, and whether the job is still this worker's."""

    said: str | None = None
    lost: LeaseError | None = None
    guard: Lock = field(default_factory=Lock)


@contextmanager
def _kept_alive(
    database: Database, job: Job, now: Callable[[], datetime], lease: timedelta
) -> Iterator[Callable[[str], None]]:
    """While the block lasts the lease is prolonged; what it yields keeps a line of progress."""
    line, ended = _Line(), Event()

    def beat() -> None:
        with line.guard:
            try:
                jobs.beat(database, job, now=now(), lease=lease, progress=line.said)
            except LeaseError as error:
                line.lost = error
            except ClientelaError:  # the database was busy: the next beat will do
                return

    def beats() -> None:
        while not ended.wait(lease.total_seconds() / BEATS_IN_A_LEASE):
            beat()

    def progress(said: str) -> None:
        line.said = said
        beat()
        if line.lost is not None:
            raise line.lost

    thread = Thread(target=beats, name=f"job-{job.job_id}", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()
    if line.lost is not None:
        raise line.lost
