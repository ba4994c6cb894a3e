"""What the machine may refuse the app database: room, rights, a file that is held. One sentence, nothing harmed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clientela.appdb.audit.verify import verify
from clientela.appdb.database import open_database
from clientela.appdb.keeping import judged
from clientela.cli.app import run as command
from clientela.workspace import create
from tests.faults.commands import clientela

Disk = Callable[[str], Path]
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """A command's code, and the one sentence it complains with."""

    def called(*arguments: str | Path) -> tuple[int, str]:
        code = command([*map(str, arguments)])
        err = capsys.readouterr().err
        assert len(err.splitlines()) == (code != 0), err
        return code, err.removeprefix("clientela: ").rstrip()

    return called


def workspace(folder: Path) -> Path:
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    return folder


def fill(disk: Path, left: int) -> Path:
    """A file that leaves so many bytes of a small disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    with filler.open("rb+") as file:
        file.truncate(max(0, filler.stat().st_size - left))
    return filler


def test_a_full_disk_is_said_and_what_was_entered_stays(small_disk: Disk, said: Said) -> None:
    disk = small_disk("4m")
    folder = workspace(disk / "w")
    assert said("user", "add", "ana", "-w", folder) == (0, "")
    added = 1
    for number, left in enumerate((0, 4096, 8192, 16384, 40_000, 80_000)):
        filler = fill(disk, left)
        code, sentence = said("user", "add", f"bob-{number}", "-w", folder)
        if code:
            assert code == 1
            assert sentence.startswith("no room is left on the disk of "), sentence
        added += code == 0
        filler.unlink()
        with open_database(folder, now=datetime.now(UTC)) as database:
            found = verify(database)
        assert (found.entries, found.broken) == (added, None)
    assert added < 7, "the disk was never full: the test shows nothing"
    assert said("user", "add", "cid", "-w", folder) == (0, "")


def test_a_disk_too_full_for_a_new_file_is_said_and_the_next_try_makes_it(small_disk: Disk, said: Said) -> None:
    disk = small_disk("2m")
    folder = workspace(disk / "w")
    filler = fill(disk, 20_000)
    code, sentence = said("user", "add", "ana", "-w", folder)
    assert code == 1
    assert sentence.startswith("no room is left on the disk of ")
    filler.unlink()
    assert said("user", "add", "ana", "-w", folder) == (0, "")


def test_a_read_only_disk_is_said(small_disk: Disk, said: Said) -> None:
    disk = small_disk("8m")
    folder, empty = workspace(disk / "w"), workspace(disk / "empty")
    assert said("user", "add", "ana", "-w", folder) == (0, "")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for verb in (["user", "add", "bob"], ["user", "list"], ["audit", "verify"]):
        code, sentence = said(*verb, "-w", folder)
        assert code == 1
        assert sentence.endswith("is on a read-only disk; make it writable, then try again."), sentence
    assert said("user", "add", "ana", "-w", empty)[1].endswith("make it writable, then try again.")
    assert said("user", "list", "-w", empty) == (0, "")
    assert judged(folder).says == "undamaged; users: 1, entries in the audit log: 1"
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


def test_another_user_may_neither_read_nor_write_it(tmp_path: Path, nobody: tuple[str, ...]) -> None:
    folder = workspace(tmp_path / "w")
    assert command(["user", "add", "ana", "-w", str(folder)]) == 0
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "app.sqlite").chmod(0o600)
    for each in [each for each in folder.parents if each.name.startswith(("pytest", "popen", "test"))]:
        each.chmod(0o755)
    if subprocess.run([*nobody, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("this Python cannot be started by another user")
    ended = clientela("user", "list", "-w", folder, before=nobody)
    assert ended.code == 1
    assert "cannot be written to or read by this user" in ended.sentence


def test_a_file_that_is_held_ends_with_5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = workspace(tmp_path / "w")
    assert command(["user", "add", "ana", "-w", str(folder)]) == 0
    monkeypatch.setattr(open_database, "__kwdefaults__", {"patience_seconds": 0.2})
    with closing(sqlite3.connect(folder / "app.sqlite", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert command(["user", "add", "bob", "-w", str(folder)]) == 5
        assert command(["user", "list", "-w", str(folder)]) == 0
