"""One builder at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clientela.errors import LOCKED, LockedError
from clientela.warehouse.store.lock import builder, holder

NOW = datetime(2017, 10, 1, 6, 30, tzinfo=UTC)
HOLDS = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from clientela.warehouse.store.lock import builder
with builder(Path(sys.argv[1]), now=datetime(2017, 10, 1, 6, 30, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_holder_is_named_while_it_holds(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with builder(tmp_path, now=NOW):
        assert holder(tmp_path) == f"process {os.getpid()} on {os.uname().nodename} since 2017-10-01T06:30:00+00:00"
        with pytest.raises(LockedError, match=f"process {os.getpid()} on") as caught, builder(tmp_path, now=NOW):
            pytest.fail("two builders")
        assert caught.value.exit_code == LOCKED == 5
    assert holder(tmp_path) is None
    with builder(tmp_path, now=NOW):
        pass


def test_a_failed_run_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), builder(tmp_path, now=NOW):
        raise ZeroDivisionError
    assert holder(tmp_path) is None


def test_a_dead_holders_lock_is_taken(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {other.pid} on"), builder(tmp_path, now=NOW):
            pytest.fail("two builders")
        other.send_signal(signal.SIGKILL)
        other.wait()
    with builder(tmp_path, now=NOW):
        assert f"process {os.getpid()}" in str(holder(tmp_path))
