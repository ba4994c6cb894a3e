"""Tests may write to memory: what is run there ends as it ended, and leaves nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises.source import ROOT

TOLD = """
import pathlib, sys, tempfile
here = pathlib.Path(tempfile.mkdtemp())
(here / "file").write_text("kept")
print(here)
sys.exit(7)
"""


def test_what_is_run_with_scratch_ends_as_it_ended_and_leaves_nothing_in_memory() -> None:
    usual = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    done = subprocess.run(
        [ROOT / ".ci" / "scratch", sys.executable, "-c", TOLD],
        env=usual,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (7, "")
    here = Path(done.stdout.strip())
    if not here.is_relative_to("/dev/shm"):  # noqa: S108 - the memory of the machine, not a name that others may guess
        shutil.rmtree(here)
        pytest.skip("here is too little memory to write to")
    assert not here.parent.exists()
