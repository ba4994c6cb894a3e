"""Workers that are killed: ``python -m tests.unit.appdb.nursery FOLDER WORKERS KILLS SEED``.

It loads everything once, forks the workers, kills one after the other at random moments and forks another in its
place; when so many were killed, it lets the rest finish every job.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from clientela.appdb import jobs
from clientela.appdb.database import Database, open_database
from clientela.errors import LeaseError

LEASE = timedelta(seconds=0.5)
_DONE = text("insert into effect (job_id, worker) values (:job_id, :worker)")


def work(folder: Path, name: str) -> None:
    """Do jobs until none is left that is not done."""
    with open_database(folder, now=datetime.now(UTC)) as database:
        while not _all_done(database):
            job = jobs.claim(database, now=datetime.now(UTC), worker=name, lease=LEASE)
            if job is None:
                time.sleep(0.02)
                continue
            try:
                time.sleep(float(job.arguments["seconds"]))
                job = jobs.beat(database, job, now=datetime.now(UTC), lease=LEASE)
                with jobs.finishing(database, job, now=datetime.now(UTC)) as connection:
                    connection.execute(_DONE, {"job_id": job.job_id, "worker": name})
            except LeaseError:
                continue  # it was too slow, and another has the job: what it did is undone


def _all_done(database: Database) -> bool:
    with database.reading() as connection:
        return not connection.execute(text("select count(*) from job where state <> 'done'")).scalar()


def forked(folder: Path, number: int) -> int:
    """The process of a new worker."""
    pid = os.fork()
    if pid == 0:
        try:
            work(folder, f"w{number}")
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - it is told, whatever it is
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return pid


def main(folder: Path, workers: int, kills: int, seed: int) -> int:
    """How many workers were killed while they were at work."""
    chance = random.Random(seed)  # noqa: S311 - it shall be the same each time
    running = [forked(folder, number) for number in range(workers)]
    codes = []
    for kill in range(kills):
        time.sleep(chance.uniform(0.01, 0.2))
        place = chance.randrange(workers)
        os.kill(running[place], signal.SIGKILL)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(running[place], 0)[1]))
        running[place] = forked(folder, workers + kill)
    for pid in running:
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    assert set(codes) <= {0, -signal.SIGKILL}, codes
    return sum(code != 0 for code in codes)


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), *map(int, sys.argv[2:]))}\n")
