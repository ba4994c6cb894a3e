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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clientela.cli.app import run
from clientela.cli.doors import place
from clientela.pipeline.care.backup import left
from clientela.serve import running
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
        assert eventually(lambda: place.found(company) == f"http://127.0.0.1:{port}")
        assert eventually(lambda: len(workers(company)) == 1)
        [worker] = workers(company)
        os.kill(worker, signal.SIGKILL)
        assert eventually(lambda: workers(company) not in ([], [worker]))
        process.send_signal(signal.SIGTERM)
        said, log = process.communicate(timeout=60)
        assert process.returncode == 0
        assert workers(company) == []
    assert not (company / place.NAME).exists()
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
        assert (company / place.NAME).exists()
        assert place.found(company) is None


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


def linked(company: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Where a link for a user leads."""
    capsys.readouterr()
    assert run(["user", "link", "ana", "-w", str(company)]) == 0
    return capsys.readouterr().out.partition("/enter/link/")[0]


def test_a_link_leads_to_the_server_at_work_and_else_where_the_settings_say(
    company: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def served(folder: Path, *, port: int, say: Callable[[running.Started], None], **_: object) -> None:
        say(running.Started(place=f"http://127.0.0.1:{port}", link=None, nobody_can_enter=False, open_to_all=False))
        found.append(linked(folder, capsys))

    monkeypatch.setattr(running, "run", served)
    assert run(["user", "add", "Ana", "-w", str(company)]) == 0
    assert run(["serve", "--port", "8866", "-w", str(company)]) == 0
    assert found == ["http://127.0.0.1:8866"]
    assert linked(company, capsys) == "http://127.0.0.1:8080"


def test_what_a_server_left_that_is_no_more_is_not_believed(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "add", "Ana", "-w", str(company)]) == 0
    (company / place.NAME).write_text('{"place": "http://127.0.0.1:8866"}')
    assert linked(company, capsys) == "http://127.0.0.1:8080"
    with place.kept(company, "http://127.0.0.1:8867"), place.kept(company, "http://127.0.0.1:8868"):
        assert linked(company, capsys) == "http://127.0.0.1:8867", "the first one stays, and is found"
        assert left(place.NAME), "no backup takes it along"
    assert not (company / place.NAME).exists()


def test_the_address_that_people_write_is_in_a_link_whatever_listens(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = company / "clientela.toml"
    settings.write_text(settings.read_text() + '\n[serve]\naddress = "https://crm.example.com"\n')
    assert run(["user", "add", "Ana", "-w", str(company)]) == 0
    with place.kept(company, "http://127.0.0.1:8866"):
        assert linked(company, capsys) == "https://crm.example.com"
