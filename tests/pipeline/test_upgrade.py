"""A workspace of version 0.1.0, made with its code, is rebuilt from its landing and says the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.errors import NewerError, OutdatedError
from clientela.warehouse.journal import JsonLines
from clientela.workspace import Workspace

KEPT = Path(__file__).parent / "fixtures" / "workspace-0.1.0"
KEY = "00112233445566778899aabbccddeeff" * 2  # of made-up customers
NOW = datetime(2024, 1, 11, 5, tzinfo=UTC)


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    folder = tmp_path / "w"
    shutil.copytree(KEPT, folder)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "pseudonym.key").write_text(KEY + "\n")
    (folder / "secrets" / "pseudonym.key").chmod(0o600)
    return clientela.open(folder)


def expected() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((KEPT / "expected.json").read_text(encoding="utf-8"))
    return told


def test_a_snapshot_of_an_older_version_says_to_run(old: Workspace) -> None:
    with pytest.raises(OutdatedError, match=r"another version of clientela \(0\.1\.0\); run `clientela run`"):
        old.ask("sales-trend")
    found = old.status()
    assert found.snapshot is None
    assert "run `clientela run`" in found.warnings[0]


def test_a_run_rebuilds_it_from_the_landing_with_the_same_figures(old: Workspace) -> None:
    done = old.run(now=NOW)
    assert done.run == 3  # numbers go on
    told = expected()
    assert {name: done.tables[name] for name in told["rows"]} == told["rows"]
    for name in ("sales-trend", "customer-value", "churn-risk"):
        said = old.ask(name).to_dict()
        for column in said["table"]["columns"] if said["table"] else ():
            del column["label"]  # came later; the figures and their names are as they were
        assert {key: said[key] for key in told[name]} == told[name], name
    assert old.status().damage == ""


def test_the_old_files_delivered_again_are_known(old: Workspace) -> None:
    old.run(now=NOW)
    before = len(JsonLines(old.folder / "landing" / "arrivals.jsonl").read())
    assert before == len((KEPT / "landing" / "arrivals.jsonl").read_text().splitlines())


def test_a_workspace_of_a_newer_version_is_refused(old: Workspace) -> None:
    runs = JsonLines(old.folder / "runs.jsonl")
    runs.append({**runs.read()[-1], "run": 9, "version": "7.0.0", "format": 99})
    with pytest.raises(NewerError, match=r"clientela 7\.0\.0.*pip install --upgrade"):
        old.run(now=NOW)
    assert runs.read()[-1]["run"] == 9
