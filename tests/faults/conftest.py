"""What the tests of faults need: a process that runs can be killed in, small disks, strace, another user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.commands import ROOT
from tests.faults.company import Killed

Must = Callable[[str, bool, str], None]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a fork shall leave none behind


@pytest.fixture(scope="module")
def killer() -> Iterator[Callable[..., Killed]]:
    """``killer(folder, delivery, …)`` runs a workspace in a process of its own and kills it when told."""
    command = [sys.executable, "-m", "tests.faults.child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **ONE_THREAD}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(folder: Path, delivery: int, **when: Any) -> Killed:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"folder": str(folder), "delivery": delivery, **when}) + "\n")
            process.stdin.flush()
            return Killed(**json.loads(process.stdout.readline()))

        yield run
        process.stdin.close()


@pytest.fixture
def small_disk(tmp_path: Path, must: Must) -> Iterator[Callable[[str], Path]]:
    """``small_disk("12m")`` is an empty file system of that size; called again, the size changes."""
    there = os.geteuid() == 0 and shutil.which("mount") is not None
    must("tmpfs", there, "needs root and mount, for a file system that can be full")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = False

    def mount(size: str) -> Path:
        nonlocal mounted
        options = f"remount,size={size}" if mounted else f"size={size}"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True, check=False
        )
        must("tmpfs", done.returncode == 0, f"tmpfs cannot be mounted: {done.stderr.strip()}")
        mounted = True
        return place

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture(scope="session")
def strace(must: Must) -> str:
    """The strace command; it must be able to trace here."""
    path = shutil.which("strace")
    must("strace", path is not None, "needs strace (apt-get install strace)")
    how = ("-f", "--seccomp-bpf", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO")
    tried = subprocess.run([str(path), *how, "true"], capture_output=True, check=False)
    must("strace", tried.returncode == 0, "strace may not trace here, or is older than 5.3")
    return str(path)


@pytest.fixture
def nobody(must: Must) -> tuple[str, ...]:
    """What starts a command as a user who owns nothing."""
    there = os.geteuid() == 0 and shutil.which("setpriv") is not None
    must("setpriv", there, "needs root and setpriv, to be a user who may not write")
    return ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
