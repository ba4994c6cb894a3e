"""The command that serves: what it says, when it refuses, how it ends, and its worker with it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clientela.cli.app import run
from clientela.workspace import create


@pytest.fixture
def company(tmp_path: Path) -> Path:
    create(tmp_path / "company", name="Corner Shop", currency="EUR", timezone="UTC")
    return tmp_path / "company"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clientela", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@contextmanager
def serving(company: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    told = [sys.executable, "-m", "clientela", "serve", "-w", str(company), "--port", str(port), "--log-requests"]
    with subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(600):
                assert process.poll() is None, process.stderr.read() if process.stderr else ""
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
                        break
                except OSError:
                    time.sleep(0.1)
            yield process
        finally:
            process.kill()


def workers(company: Path) -> list[int]:
    """The processes that work for a company."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            said = (each / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"clientela.serve.worker" in said and str(company).encode() in said:
            found.append(int(each.name))
    return found


def eventually(holds: object, *, seconds: float = 90.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():  # type: ignore[operator] # a function without arguments
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_it_serves_begins_its_worker_anew_and_ends_tidily(company: Path) -> None:
    port = free_port()
    with serving(company, port) as process:
        assert eventually(lambda: len(workers(company)) == 1)
        [worker] = workers(company)
        os.kill(worker, signal.SIGKILL)
        assert eventually(lambda: workers(company) not in ([], [worker]))
        process.send_signal(signal.SIGTERM)
        said, log = process.communicate(timeout=60)
        assert process.returncode == 0
        assert workers(company) == []
    assert f"Serving at http://127.0.0.1:{port}" in said
    assert re.search(rf"http://127\.0\.0\.1:{port}/enter/link/cll_[\w-]{{43}}", said)
    assert '"route": "/health/live", "status": 200' in log
    assert "cll_" not in log


@pytest.mark.slow
def test_a_server_that_is_killed_takes_its_worker_with_it(company: Path) -> None:
    with serving(company, free_port()) as process:
        assert eventually(lambda: len(workers(company)) == 1)
        process.kill()
        assert eventually(lambda: workers(company) == [])


def test_a_port_that_is_taken_is_said_before_anything_begins(company: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = command("serve", "-w", str(company), "--port", str(listening.getsockname()[1]))
    assert done.returncode == 3
    assert "cannot listen at 127.0.0.1" in done.stderr
    assert workers(company) == []


def test_an_open_network_needs_an_address_that_people_write(company: Path) -> None:
    done = command("serve", "-w", str(company), "--host", "0.0.0.0")  # noqa: S104 - it is refused
    assert done.returncode == 3
    assert "address" in done.stderr


def test_a_link_for_a_user_is_one_line_with_the_address_of_the_settings(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = company / "clientela.toml"
    settings.write_text(settings.read_text() + '\n[serve]\naddress = "https://crm.example.com/"\n')
    assert run(["user", "add", "Ana", "-w", str(company)]) == 0
    capsys.readouterr()
    assert run(["user", "link", "ana", "-w", str(company)]) == 0
    told = capsys.readouterr()
    assert re.fullmatch(r"https://crm\.example\.com/enter/link/cll_[\w-]{43}\n", told.out)
    assert "Good once" in told.err
    assert run(["user", "link", "nobody", "-w", str(company)]) == 2
