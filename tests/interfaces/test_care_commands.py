"""The commands that look after a workspace, as a person and a script use them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clientela.cli.app import run as command
from tests.pipeline.company import buying, shop


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shop(tmp_path_factory.mktemp("care") / "w", settings='\n[schedule]\nrun = "0 5 * * *"\n')
    made.deliver("orders-1.csv", buying(25))
    made.workspace.run()
    return made.workspace.folder


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["plan"], {"arriving", "typed_again", "as_of", "tables", "analyses", "dropped", "needed", "free", "next"}),
        (["rollback", "--list"], {"snapshots"}),
        (["run", "--dry-run"], {"dry_run", "would_publish", "published", "tables", "figures"}),
        (["doctor"], {"findings"}),
    ],
)
def test_every_verb_answers_in_json_on_stdout(
    published: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], keys: set[str]
) -> None:
    assert command([*arguments, "--json", "-w", str(published)]) == 0
    assert keys <= json.loads(capsys.readouterr().out).keys()


def test_backup_and_restore_by_hand(published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["backup", str(tmp_path / "b"), "-w", str(published)]) == 0
    assert "Only you can read it" in capsys.readouterr().out
    assert command(["backup", str(tmp_path / "b"), "-w", str(published)]) == 1
    assert "nothing was overwritten" in capsys.readouterr().err
    assert command(["restore", str(tmp_path / "b"), str(tmp_path / "w"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["company"] == "Corner Shop"
    answers = []
    for folder in (published, tmp_path / "w"):
        assert command(["ask", "sales-trend", "--json", "-w", str(folder)]) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1]
    (tmp_path / "b").write_bytes((tmp_path / "b").read_bytes()[:-50])
    assert command(["restore", str(tmp_path / "b"), str(tmp_path / "v")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rollback"], 2, "no earlier snapshot"),
        (["rollback", "--to", "99"], 2, "unknown snapshot '99'"),
        (["backup", "/nowhere/at/all"], 2, "is no folder"),
    ],
)
def test_a_mistake_gets_one_sentence_and_its_code(
    published: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert command([*arguments, "-w", str(published)]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


def test_a_bad_cron_line_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w", settings='\n[schedule]\nrun = "at five"\n')
    for verb in ("schedule", "plan", "run"):
        assert command([verb, "-w", str(made.workspace.folder)]) == 3
        assert "'at five' is no cron line" in capsys.readouterr().err


def test_a_schedule_of_nothing_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w")
    assert command(["schedule", "-w", str(made.workspace.folder)]) == 3
    assert "nothing is scheduled" in capsys.readouterr().err


def test_once_runs_what_is_due(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w", settings='\n[schedule]\nrun = "0 5 * * *"\nbackup = "0 6 * * *"\n')
    made.deliver("orders-1.csv", buying(20))
    assert command(["schedule", "--once", "-w", str(made.workspace.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert any("run: published snapshot 1-" in line for line in lines)
    assert any("backup: wrote backup-" in line for line in lines)
    assert command(["schedule", "--once", "-w", str(made.workspace.folder)]) == 0
    assert capsys.readouterr().out == ""


HEARS = """
import signal, sys
from clientela.cli import main

plain = signal.signal

def said(number, handler):
    before = plain(number, handler)
    if number == signal.SIGTERM and handler is not signal.default_int_handler:
        print("hears", flush=True)
    return before

signal.signal = said
main(sys.argv[1:])
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_schedule_cleanly(published: Path, sign: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HEARS, "schedule", "-w", str(published)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as schedule:
        assert schedule.stdout is not None
        assert schedule.stdout.readline() == "hears\n"
        schedule.send_signal(sign)
        _, err = schedule.communicate(timeout=20)
    assert schedule.returncode == 0
    assert "stopping when what is at work has ended" in err
