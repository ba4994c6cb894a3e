"""`clientela export` and `clientela erase` on the command line."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime

import pytest

from clientela.cli.app import run
from clientela.warehouse.store import lock
from tests.pipeline.company import FEWER, HEADER, NOW, Shop, buying, shop


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Shop:
    made = shop(tmp_path_factory.mktemp("shop") / "w", settings=FEWER)
    made.deliver("orders-1.csv", [*buying(40), ["o9999", 1, "<b>c77</b>", "2024-06-01", "p1", 1, 5, 2]], HEADER)
    made.workspace.run(now=NOW)
    return made


@pytest.fixture
def folder(published, tmp_path):
    copied = tmp_path / "w"
    shutil.copytree(published.workspace.folder, copied)
    return copied


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(folder, capsys):
    before = files(folder)
    assert run(["erase", "c7", "-w", str(folder), "--dry-run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Nothing was changed. An erasure would do this:"
    assert any(line.startswith("  order_line: ") and line.endswith("rows kept without the person") for line in said)
    assert files(folder) == before


def test_without_a_terminal_an_erasure_needs_yes(folder, capsys):
    before = files(folder)
    assert run(["erase", "c7", "-w", str(folder)]) == 2
    assert "say --yes" in capsys.readouterr().err
    assert files(folder) == before


def test_an_erasure_ends_with_a_receipt_that_names_nobody(folder, capsys):
    assert run(["erase", "c7", "-w", str(folder), "--yes", "--reason", "letter of 3 May", "--json"]) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert receipt["reason"] == "letter of 3 May"
    assert receipt["still_held"]["files"][0]["path"] == "exports/orders-1.csv"
    assert receipt["tables"]["order_line"]["anonymised"] == receipt["still_held"]["files"][0]["rows"]
    assert '"c7"' not in json.dumps(receipt)
    assert run(["erase", "c7", "-w", str(folder), "--yes"]) == 2
    assert "nobody here is known by this identifier" in capsys.readouterr().err


def test_nobody_and_a_locked_workspace_end_with_their_codes(folder, capsys):
    assert run(["erase", "nobody", "-w", str(folder), "--yes"]) == 2
    with lock.builder(folder, now=datetime(2024, 7, 1, tzinfo=UTC)):
        assert run(["erase", "c7", "-w", str(folder), "--yes"]) == 5
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (folder / "erasures.jsonl").exists()


def test_a_folder_that_is_no_workspace_is_said(tmp_path, capsys):
    assert run(["export", "c7", "-w", str(tmp_path)]) == 3
    assert "clientela.toml" in capsys.readouterr().err


def test_an_export_is_json_on_stdout(folder, capsys):
    assert run(["export", "shop:c7", "-w", str(folder)]) == 0
    held = json.loads(capsys.readouterr().out)["held"]
    assert held[0]["rows"][0]["record_id"] == "c7"
    assert {each["name"] for each in held} >= {"delivered.shop.order_line", "facts.order_line", "people.identity"}


def test_a_page_is_for_its_owner_alone_and_shows_values_as_text(folder, tmp_path, capsys):
    out = tmp_path / "person.html"
    assert run(["export", "<b>c77</b>", "-w", str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    html = out.read_text(encoding="utf-8")
    assert "&lt;b&gt;c77&lt;/b&gt;" in html
    assert "<b>c77" not in html
    assert "exports/orders-1.csv" in html


def test_a_page_needs_a_file_and_a_file_a_folder(folder, capsys):
    assert run(["export", "c7", "-w", str(folder), "--html"]) == 2
    assert run(["export", "c7", "-w", str(folder), "--out", str(folder / "no" / "where.json")]) == 2
    assert "cannot write" in capsys.readouterr().err
