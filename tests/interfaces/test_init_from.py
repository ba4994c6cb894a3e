"""``clientela init --from``: what it says on a terminal, what it writes, what it refuses."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from clientela import config
from clientela.cli.app import run as command
from tests.proposals.folders import FOLDERS
from tests.unit.capture.propose.test_proposing import AMBIGUOUS


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_folder_is_proposed_and_runs_without_an_edit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FOLDERS["spanish_shop"](tmp_path / "exports")
    workspace = tmp_path / "shop"
    asked = ["init", str(workspace), "--from", str(tmp_path / "exports"), "--timezone", "Europe/Madrid", "--no-input"]
    assert command(asked) == 0
    shown = capsys.readouterr().out
    assert "líneas_pedido.csv" in shown
    assert "Not sure:" in shown
    assert f"clientela run -w {workspace}" in shown
    assert config.load(workspace, {}).company.timezone == "Europe/Madrid"
    assert command(["run", "-w", str(workspace)]) == 0
    assert (workspace / "secrets" / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_the_proposal_is_one_json_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FOLDERS["american_store"](tmp_path / "exports")
    assert command(["init", str(tmp_path / "w"), "--from", str(tmp_path / "exports"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["company"]["currency"] == "USD"
    orders = next(each for each in said["sources"] if each["table"] == "order_line")
    assert orders["format"] == {"date": "%m/%d/%Y"}
    assert orders["columns"]["customer_ref"]["column"] == "customer_id"


def test_it_asks_on_a_terminal_and_only_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "orders.csv").write_text(AMBIGUOUS)
    monkeypatch.setattr("sys.stdin", io.StringIO("2\n"))
    assert command(["init", str(tmp_path / "piped"), "--from", str(exports)]) == 0
    assert config.load(tmp_path / "piped", {}).sources == ()
    assert "Commented out until you decide: orders.csv" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", Terminal("2\n"))
    assert command(["init", str(tmp_path / "told"), "--from", str(exports), "--no-input"]) == 0
    assert config.load(tmp_path / "told", {}).sources == ()
    assert command(["init", str(tmp_path / "asked"), "--from", str(exports)]) == 0
    assert "could be read in 2 ways" in capsys.readouterr().err
    assert config.load(tmp_path / "asked", {}).sources[0].format.date == "%m/%d/%Y"
    monkeypatch.setattr("sys.stdin", Terminal("no idea\n"))
    assert command(["init", str(tmp_path / "open"), "--from", str(exports)]) == 0
    assert config.load(tmp_path / "open", {}).sources == ()


@pytest.mark.parametrize(
    ("made", "said"),
    [("missing", "there is no folder"), ("file", "is a file, not a folder"), ("empty", "holds no file"),
     ("binary", "no file in"), ("text", "no file in")],
)  # fmt: skip
def test_a_folder_of_nothing_is_refused_in_one_sentence_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: str, said: str
) -> None:
    exports = tmp_path / "exports"
    if made == "file":
        exports.write_text("a,b\n")
    elif made != "missing":
        exports.mkdir()
    if made == "binary":
        (exports / "a.csv").write_bytes(os.urandom(20_000))
    if made == "text":
        (exports / "a.txt").write_text("Dear all,\nplease find attached nothing.\n")
    assert command(["init", str(tmp_path / "w"), "--from", str(exports)]) == 3
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert not (tmp_path / "w").exists()


def test_nothing_is_overwritten_and_a_wrong_currency_is_said_before_the_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FOLDERS["american_store"](tmp_path / "exports")
    asked = ["init", str(tmp_path / "w"), "--from", str(tmp_path / "exports")]
    assert command([*asked, "--currency", "euro"]) == 3
    assert "three letters" in capsys.readouterr().err
    assert command(asked) == 0
    before = (tmp_path / "w" / "clientela.toml").read_bytes()
    capsys.readouterr()
    assert command(asked) == 3
    assert "nothing was changed" in capsys.readouterr().err
    assert (tmp_path / "w" / "clientela.toml").read_bytes() == before


def test_the_folder_of_exports_may_itself_become_the_workspace(tmp_path: Path) -> None:
    FOLDERS["american_store"](tmp_path)
    assert command(["init", str(tmp_path), "--from", str(tmp_path)]) == 0
    assert "orders.csv" in [each.path for each in config.load(tmp_path, {}).sources]
    assert command(["run", "-w", str(tmp_path)]) == 0


def test_what_does_not_fit_is_left_empty_and_refuses_no_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    days = [f"2024-0{n % 6 + 1}-{n % 28 + 1:02d}" for n in range(60)]
    lines = [f"{n},{day},c{n % 7},{n}.50,billboard\n" for n, day in enumerate(days)]
    (exports / "orders.csv").write_text("order_id,ordered_at,customer_ref,net_revenue,kind\n" + "".join(lines))
    assert command(["init", str(tmp_path / "w"), "--from", str(exports)]) == 0
    assert "left empty" in capsys.readouterr().out
    assert command(["run", "-w", str(tmp_path / "w")]) == 0
    assert "60 rows" in capsys.readouterr().out
