"""The one process beside the server that works: it keeps the schedule and does the jobs that pages asked for.

It is a process of its own, so that a run never slows an answer, and so that what a run breaks is only itself. It ends
when the server does, however that ends: it holds the reading end of a pipe whose other end the server holds. What a job
needs is loaded with the first one: until then the worker holds a third of the memory.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from subprocess import DEVNULL, Popen, TimeoutExpired
from typing import Any

from clientela import config
from clientela.appdb.database import open_database
from clientela.errors import ClientelaError
from clientela.pipeline.care.schedule import Event, lines
from clientela.pipeline.working.work import work_once

_NAP_SECONDS = 1.0
_PATIENCE_SECONDS = 20.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


@dataclass(slots=True)
class Worker:
    """The worker as the server knows it: begun, looked after, and ended."""

    folder: Path
    note: Callable[[str], None]
    _process: Popen[bytes] | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Thread | None = None

    @contextmanager
    def beside(self) -> Iterator[Worker]:
        """While the block lasts there is a worker; one that dies is begun anew."""
        self._guard = threading.Thread(target=self._look_after, name="worker", daemon=True)
        self._guard.start()
        try:
            yield self
        finally:
            self.stop()

    def lives(self) -> bool:
        """Whether it is at work at this moment."""
        process = self._process
        return process is not None and process.poll() is None

    def stop(self) -> None:
        """Let it end what it is at, for a while; then end it."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_PATIENCE_SECONDS)
            except TimeoutExpired:
                process.kill()
        if self._guard is not None:
            self._guard.join(_PATIENCE_SECONDS)

    def _look_after(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = _now()
            reading, writing = os.pipe()
            try:
                with Popen(  # noqa: S603 - this interpreter and a module of ours
                    [sys.executable, "-m", "clientela.serve.worker", str(self.folder), str(reading)],
                    stdin=DEVNULL,
                    pass_fds=(reading,),
                    start_new_session=True,  # Ctrl+C is the server's, which then tells it
                ) as process:
                    os.close(reading)
                    reading = -1
                    self._process = process
                    code = process.wait()
            finally:
                for end in (reading, writing):
                    if end >= 0:
                        os.close(end)
            if self._stopping.is_set():
                return
            lasted = _now() - began
            pause = _FIRST_PAUSE_SECONDS if lasted > timedelta(minutes=5) else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self.note(f"the worker ended with {code}; another begins in {pause:.0f} seconds.")
            self._stopping.wait(pause)


def work(folder: Path, parent: int) -> None:
    """Keep the schedule and do jobs, until told to stop or until whoever began this has gone.

    Parameters
    ----------
    parent : the reading end of a pipe that the parent keeps open
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    timed = threading.Thread(target=_keep_schedule, args=(folder, stop), daemon=True)
    timed.start()
    _do_jobs(folder, stop)
    timed.join(_PATIENCE_SECONDS)


def _end_with(parent: int) -> None:
    """End at once when the pipe is closed: the server was killed, and what is half done is done anew."""
    os.read(parent, 1)
    os._exit(1)


def _keep_schedule(folder: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if lines(config.load(folder)):
                from clientela.pipeline.care.scheduled import keep_workspace  # with all that a run needs

                keep_workspace(folder, say=_say, sleep=stop.wait, now=_now)
            stop.wait(_LONGEST_PAUSE_SECONDS)
        except ClientelaError as error:
            _log(f"the schedule cannot be kept: {error}")
            stop.wait(_LONGEST_PAUSE_SECONDS)


def _do_jobs(folder: Path, stop: threading.Event) -> None:
    name = f"worker-{os.getpid()}-{token_hex(3)}"
    while not stop.is_set():
        try:
            with open_database(folder, now=_now()) as database:
                while not stop.is_set():
                    if not work_once(folder, database, _now, name, more={"company": _company}):
                        stop.wait(_NAP_SECONDS)
        except ClientelaError as error:
            _log(f"no job could be looked for: {error}")
            stop.wait(_LONGEST_PAUSE_SECONDS)


def _company(folder: Path, told: Mapping[str, Any], progress: Callable[[str], None]) -> Any:
    """Make the synthetic company."""
    from clientela.serve import company  # with all that a run needs, and what makes companies up

    return company.make(folder, told, progress)


def _now() -> datetime:
    return datetime.now(UTC)


def _say(event: Event) -> None:
    _log(f"{event.job}: {event.says}")


def _log(line: str) -> None:
    sys.stderr.write(f"clientela worker: {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    config.refuse_unopenable(Path(sys.argv[1]))
    work(Path(sys.argv[1]), int(sys.argv[2]))
