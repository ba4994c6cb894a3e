"""`clientela demo --data company`: what it says is so, what it refuses leaves nothing, and it can begin anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from clientela.cli.app import run as command
from clientela.cli.demo.company import UNFINISHED, Size

COMPANY = ["demo", "--data", "company"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--data", "company", "--customers", "0"], "--customers is 0; it is a whole number from 10 to 100,000."),
        (["--data", "company", "--customers", "-5"], "--customers is -5; it is a whole number from 10 to 100,000."),
        (["--data", "company", "--customers", "2000000"], "from 10 to 100,000."),
        (["--data", "company", "--customers", "many"], "valid integer"),
        (["--data", "company", "--weeks", "0"], "--weeks is 0; it is a whole number from 1 to 156."),
        (["--data", "company", "--weeks", "-1"], "--weeks is -1; it is a whole number from 1 to 156."),
        (["--data", "company", "--weeks", "157"], "from 1 to 156."),
        (["--data", "bakery"], "there is no demo data 'bakery'; known: 'grocer', 'company'."),
        (["--customers", "60"], "say --data company with them"),
        (["--weeks", "6"], "say --data company with them"),
        (["--data", "company", "--lang", "fr"], "known: 'en', 'es'"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str], said: str
) -> None:
    assert command(["demo", str(tmp_path / "d"), *asked]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["d", "d-truth"])
def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    mine = tmp_path / place / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious")
    assert command([*COMPANY, str(tmp_path / "d")]) == 2
    assert f"{tmp_path / place} is not empty" in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text() == "precious"


def test_the_truth_may_not_lie_in_another_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    assert command([*COMPANY, str(tmp_path / "d")]) == 2
    assert "the truth would lie in the workspace" in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_the_last_weeks_are_run_one_by_one() -> None:
    assert Size(500, 26).runs == (24, 25, 26)
    assert Size(500, 1).runs == (1,)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """A demo of 60 customers and a week that took the place of one that was killed: folder, document, progress."""
    folder = tmp_path_factory.mktemp("demo") / "d"
    asked = [sys.executable, "-m", "clientela", *COMPANY, "--customers", "60", "--weeks", "1", "--json", str(folder)]
    killed = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not any(folder.glob("exports/*")) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert (folder / UNFINISHED).exists()
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout), done.stderr


def test_a_killed_demo_begins_anew(lived: tuple[Path, dict[str, Any], str]) -> None:
    folder, said, progress = lived
    assert "holds a demo that was interrupted; it begins anew" in progress
    assert not (folder / UNFINISHED).exists()
    assert len((folder / "runs.jsonl").read_text().splitlines()) == 2 * len(said["runs"]) == 2


def test_the_truth_lies_outside_the_workspace(lived: tuple[Path, dict[str, Any], str]) -> None:
    folder, said, _ = lived
    assert said["truth"] == str(folder) + "-truth"
    assert (Path(said["truth"]) / "who_is_who.parquet").exists()
    assert list(folder.rglob("who_is_who*")) == []
    assert Path(said["report"]).parent == folder


def test_revenue_is_accounted_for_to_the_cent(lived: tuple[Path, dict[str, Any], str]) -> None:
    _, said, _ = lived
    assert [each["unexplained"] for each in said["revenue"]] == ["0.00"]
    assert float(said["revenue"][0]["found"]) > 500


def test_customers_and_quarantine_are_laid_beside_the_truth(lived: tuple[Path, dict[str, Any], str]) -> None:
    _, said, _ = lived
    who, kept_out = said["customers"], said["quarantine"]
    assert who["records"] > who["true"] > 30
    assert who["precision"] is None or who["precision"] >= 0.9
    assert kept_out["found"] == kept_out["planted"]
    assert kept_out["elsewhere"] == 0
    assert {each["what"] for each in said["volumes"]} == {"orders", "lines", "visits", "contacts", "cases"}


def test_a_finished_demo_is_not_overwritten(
    lived: tuple[Path, dict[str, Any], str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, _ = lived
    assert command([*COMPANY, str(folder)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (folder / "report.html").exists()


@pytest.mark.slow
def test_a_longer_demo_says_what_became_known_when(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command([*COMPANY, "--customers", "150", "--weeks", "8", "--json", str(tmp_path / "d")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["runs"] == [6, 7, 8]
    assert [each["unexplained"] for each in said["revenue"]] == ["0.00"] * 3
    assert any(each["found"] != each["found_now"] for each in said["revenue"])  # what came late, or was put right
    assert any(each["truth"]["late"] != "0.0000" for each in said["revenue"])
    assert said["customers"]["precision"] >= 0.9
