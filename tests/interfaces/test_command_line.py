"""The command line as a person and a script use it: what it says, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clientela.cli.app import run as command
from clientela.warehouse.store import lock
from tests.interfaces.marked import marked
from tests.pipeline.company import buying, shop


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shop(tmp_path_factory.mktemp("cli") / "w")
    made.deliver("orders-1.csv", buying(40))
    made.workspace.run()
    return made.workspace.folder


def test_init_makes_a_workspace_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "shop"
    assert command(["init", str(folder), "--name", 'O"Neil & Söhne', "--currency", "GBP"]) == 0
    assert "clientela run" in capsys.readouterr().out
    assert (folder / "secrets" / "pseudonym.key").stat().st_mode & 0o777 == 0o600
    before = (folder / "clientela.toml").read_text()
    assert command(["init", str(folder)]) == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert (folder / "clientela.toml").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--currency", "euro"], "three letters"),
        (["--timezone", "Madrid"], "Europe/Madrid"),
        (["--name", " "], "a name needs at least one letter"),
    ],
)
def test_init_refuses_what_cannot_be_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert command(["init", str(tmp_path / "shop"), *arguments]) == 3
    assert said in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["asks"], 2, "Did you mean 'ask'?"),
        (["run", "--foo"], 2, "--foo"),
        (["ask", "churn"], 2, "Did you mean 'churn-risk'?"),
        (["ask", "customer-value", "--set", "dayz=3"], 2, "Did you mean 'days'?"),
        (["ask", "customer-value", "--set", "days=x"], 2, "must be a whole number"),
        (["ask", "customer-value", "--set", "days"], 2, "--set name=value"),
        (["ask", "customer-value", "--set", "days=0"], 2, "from 1 to 36500"),
        (["ask", "sales-trend", "--set", "period=decade"], 2, "unknown period 'decade'"),
        (["ask", "sales-trend", "--as-of", "yesterday"], 2, "YYYY-MM-DD"),
        (["ask", "sales-trend", "--as-of", "2099-01-01"], 2, "nothing is known yet"),
        (["ask", "sales-trend", "--lang", "fr"], 2, "known: 'en', 'es'"),
        (["ask", "sales-trend", "--chart", "chart.jpg"], 2, ".svg or .png"),
        (["run", "--as-of", "2099-01-01"], 2, "lies in the future"),
        (["report", "--out", "/nowhere/at/all.html"], 2, "cannot write"),
    ],
)
def test_a_mistake_gets_one_sentence_and_its_code(
    published: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    place = [] if arguments[0] == "asks" else ["-w", str(published)]
    assert command([*arguments, *place]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert len(shown.err.strip().splitlines()) == 1


@pytest.mark.parametrize("verb", [["run"], ["status"], ["ask", "sales-trend"], ["report"]])
def test_a_folder_that_is_no_workspace_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    assert command([*verb, "-w", str(tmp_path)]) == 3
    assert "clientela init" in capsys.readouterr().err


def test_before_the_first_run_asking_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(["init", str(tmp_path / "w")])
    assert command(["ask", "sales-trend", "-w", str(tmp_path / "w")]) == 3
    assert "clientela run" in capsys.readouterr().err
    assert command(["status", "-w", str(tmp_path / "w")]) == 0
    assert "Nothing is published yet" in capsys.readouterr().out


def test_a_run_without_a_source_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(["init", str(tmp_path / "w")])
    assert command(["run", "-w", str(tmp_path / "w")]) == 3
    assert "names no [[source]]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["run"], {"run", "snapshot", "as_of", "last_day", "sources", "tables", "warnings"}),
        (["status"], {"company", "snapshot", "as_of", "today", "sources", "quality", "last_failure"}),
        (
            ["ask", "sales-trend"],
            {"analysis", "headline", "table", "chart", "evidence", "caveats", "next", "abstained"},
        ),
        (["ask", "churn-risk"], {"analysis", "area", "level", "question", "as_of", "snapshot", "abstained"}),
        (["report"], {"report", "lang"}),
        (["records"], {"tables"}),
        (["doctor"], {"findings"}),
    ],
)
def test_every_verb_answers_in_json_on_stdout(
    published: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], keys: set[str]
) -> None:
    assert command([*arguments, "--json", "-w", str(published)]) == 0
    assert keys <= json.loads(capsys.readouterr().out).keys()


def test_ask_without_a_name_lists_the_questions_in_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(["ask"]) == 0
    assert "Who carries the revenue?" in capsys.readouterr().out
    assert command(["ask", "--lang", "es", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"sales-trend", "customer-value", "churn-risk"} <= {each["name"] for each in listed}
    assert not any("revenue" in each["question"] for each in listed)
    assert command(["ask", "--lang", "it"]) == 2, (
        "a list in a language that no answer is given in would be half English"
    )
    assert "known: 'en', 'es'" in capsys.readouterr().err
    marked(monkeypatch)
    assert command(["ask", "--lang", "es"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("«Ask one: clientela ask NAME")


def test_a_table_that_was_never_delivered_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", [])
    assert command(["run", "-w", str(tmp_path / "w")]) == 0
    assert command(["ask", "churn-risk", "-w", str(tmp_path / "w")]) == 0  # abstaining is an answer
    assert "order_line" in capsys.readouterr().out


def test_bad_rows_are_kept_apart_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w")
    lines = buying(60)
    lines[3] = [*lines[3][:6], "12,5O", ""]  # a letter O for a zero
    made.deliver("orders-1.csv", lines)
    assert command(["run", "-w", str(tmp_path / "w"), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["sources"][0]["quarantined"] == 1
    assert done["sources"][0]["rows"] == len(lines) - 1


def test_a_file_over_its_budget_stays_out_and_strict_publishes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(20))
    assert command(["run", "-w", str(tmp_path / "w")]) == 0
    made.deliver("orders-2.csv", [["x", "1", "c", "not a day", "p", "1", "1", ""] for _ in range(9)])
    capsys.readouterr()
    assert command(["run", "--strict", "-w", str(tmp_path / "w")]) == 4
    assert "orders-2.csv" in capsys.readouterr().err
    assert command(["status", "--json", "-w", str(tmp_path / "w")]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["run"] == 1
    assert "--strict" in status["last_failure"]
    assert command(["run", "-w", str(tmp_path / "w")]) == 1
    assert "orders-2.csv stays out" in capsys.readouterr().out
    command(["report", "-w", str(tmp_path / "w")])
    assert "orders-2.csv" in (tmp_path / "w" / "report.html").read_text()


def test_a_second_builder_is_told_who_is_at_work(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hold = (
        "import sys, datetime, pathlib; from clientela.warehouse.store import lock\n"
        "with lock.builder(pathlib.Path(sys.argv[1]), now=datetime.datetime.now(datetime.UTC)):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(published)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert command(["run", "-w", str(published)]) == 5
        assert str(holder.pid) in capsys.readouterr().err
        holder.communicate("")
    assert lock.holder(published) is None


def test_doctor_finds_what_was_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(20))
    made.workspace.run(now=datetime(2024, 7, 1, tzinfo=UTC))
    assert command(["doctor", "-w", str(tmp_path / "w")]) == 0
    facts = next((tmp_path / "w" / "snapshots").glob("facts-*.duckdb"))
    content = bytearray(facts.read_bytes())
    content[len(content) // 2] ^= 1
    facts.write_bytes(content)
    (tmp_path / "w" / "secrets" / "pseudonym.key").chmod(0o644)
    capsys.readouterr()
    assert command(["doctor", "-w", str(tmp_path / "w")]) == 1
    out = capsys.readouterr().out
    assert "damaged" in out
    assert "chmod 600" in out


def test_the_environment_names_the_workspace(published: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "clientela", "status", "--json"],
        env={**os.environ, "CLIENTELA_WORKSPACE": str(published)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout)["workspace"] == str(published)


def test_output_goes_to_stdout_and_progress_to_stderr(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(20))
    said = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "--json", "-w", str(tmp_path / "w")],
        capture_output=True,
        text=True,
        check=True,
    )
    json.loads(said.stdout)
    assert "Computing" in said.stderr  # it takes more than a second
