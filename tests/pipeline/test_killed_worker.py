"""A worker that is killed (kill -9) in the middle of a job: the next one ends it, nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clientela.appdb import jobs
from clientela.appdb.database import open_database
from clientela.pipeline.run import RUNS
from clientela.pipeline.working import asked
from clientela.pipeline.working.work import work_once
from clientela.warehouse.journal import JsonLines
from tests.pipeline.company import buying, shop

LEASE = timedelta(seconds=60)
WORKER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from clientela.appdb.database import open_database
from clientela.pipeline.working.work import work_once
from clientela.warehouse import moments

def die(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
now = lambda: datetime.now(UTC)
with open_database(folder, now=now()) as database, moments.watched(die):
    work_once(folder, database, now, "killed")
"""


def killed_at(folder: Path, moment: str) -> None:
    """Run a worker in a process of its own that is killed when the run reaches a moment."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(folder), moment],
        env={**os.environ},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["run begun", "current replaced", "run ended"])
def test_a_killed_worker_s_run_is_ended_once_by_the_next(tmp_path: Path, moment: str) -> None:
    made = shop(tmp_path / "company")
    made.deliver("orders-1.csv", buying(40))
    folder, now = made.workspace.folder, datetime.now(UTC)
    with open_database(folder, now=now) as database:
        number = asked.ask_run(database, by="user:ana", now=now)
        killed_at(folder, moment)
        with database.reading() as connection:
            assert jobs.of_id(connection, number).state == "running"
        assert not work_once(folder, database, lambda: now, "second")  # its lease is not over
        later = datetime.now(UTC) + 2 * LEASE
        assert work_once(folder, database, lambda: later, "second")
        with database.reading() as connection:
            ended = jobs.of_id(connection, number)
    assert (ended.state, ended.attempt) == ("done", 2)
    latest = {each["run"]: each for each in JsonLines(folder / RUNS).read()}
    published = [each for each in latest.values() if each["outcome"] == "published" and each.get("job") == number]
    assert len(published) == 1
    assert ended.result["snapshot"] == published[0]["message"]
    serves = next(each for each in made.workspace.snapshots() if each.serves)
    assert serves.name == ended.result["snapshot"]


@pytest.mark.slow
def test_a_run_that_is_asked_for_while_another_is_at_work_waits(tmp_path: Path) -> None:
    made = shop(tmp_path / "company")
    made.deliver("orders-1.csv", buying(40))
    folder, now = made.workspace.folder, datetime.now(UTC)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
            "from clientela.warehouse.store import lock\n"
            "with lock.builder(Path(sys.argv[1]), now=datetime.now(UTC)):\n    print('held', flush=True)\n"
            "    time.sleep(120)",
            str(folder),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with open_database(folder, now=now) as database:
            number = asked.ask_run(database, by="user:ana", now=now)
            assert work_once(folder, database, lambda: now, "w")
            waits = asked.one(database, number)
            assert (waits.state, waits.progress) == (
                "queued",
                "Another run is at work; this one begins when it has ended",
            )
            holder.kill()
            holder.wait()
            time.sleep(0.1)
            assert work_once(folder, database, lambda: now + timedelta(seconds=10), "w")
            assert asked.one(database, number).state == "done"
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
