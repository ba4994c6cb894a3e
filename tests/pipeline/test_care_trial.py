"""Going back, looking ahead, trying without publishing, tidying up."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import clientela
from clientela.errors import ConfigurationError, QualityGateError, SnapshotError, UnknownNameError, UsageError
from clientela.pipeline.answer import OF_RUNS
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.orphans import TRIAL, in_use, orphans, remove
from clientela.workspace import Workspace, examine
from tests.pipeline.company import NOW, Shop, buying, shop


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    company = shop(tmp_path_factory.mktemp("ran") / "w")
    company.deliver("orders-1.csv", buying(30))
    company.workspace.run(now=NOW)
    return company


@pytest.fixture
def made(ran: Shop, tmp_path: Path) -> Shop:
    """A copy of a company that was run once."""
    return Shop(clientela.open(Path(shutil.copytree(ran.workspace.folder, tmp_path / "w"))))


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file and folder of a workspace with its mode and content."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def serving(workspace: Workspace) -> str:
    found = workspace.status().snapshot
    assert found is not None
    return found.split("-")[0]


def test_one_goes_back_and_the_next_run_goes_on(made: Shop) -> None:
    for hours in (1, 2):
        made.deliver("orders-1.csv", buying(30 + hours))
        made.workspace.run(now=NOW + timedelta(hours=hours))
    assert [(each.number, each.serves) for each in made.workspace.snapshots()] == [(3, True), (2, False), (1, False)]

    done = made.workspace.rollback()
    assert (done.snapshot.split("-")[0], done.before and done.before.split("-")[0]) == ("2", "3")
    found = made.workspace.status()
    assert serving(made.workspace) == "2"
    assert "not the newest, 3-" in found.warnings[0]
    assert found.damage == ""
    last = JsonLines(made.workspace.folder / "runs.jsonl").read()[-1]
    assert (last["run"], last["outcome"], last["message"]) == (4, "rolled back", done.snapshot)

    made.workspace.rollback("1")
    assert serving(made.workspace) == "1"
    made.workspace.report()
    assert "someone went back to it" in (made.workspace.folder / "report.html").read_text()
    assert made.workspace.run(now=NOW + timedelta(hours=3)).snapshot.startswith("6-")
    assert not any("went back" in each for each in made.workspace.status().warnings)


def test_one_does_not_go_back_to_what_is_not_there_or_damaged(made: Shop) -> None:
    with pytest.raises(UsageError, match="no earlier snapshot"):
        made.workspace.rollback()
    with pytest.raises(UnknownNameError, match="unknown snapshot '7'"):
        made.workspace.rollback("7")
    made.workspace.run(now=NOW + timedelta(hours=1))
    with pytest.raises(UsageError, match="serves already"):
        made.workspace.rollback("2")
    facts = next((made.workspace.folder / "snapshots").glob("facts-1-*.duckdb"))
    facts.write_bytes(facts.read_bytes()[:-1] + b"\1")
    with pytest.raises(SnapshotError, match=facts.name):
        made.workspace.rollback()
    assert serving(made.workspace) == "2"


def test_a_damaged_snapshot_is_left_by_going_back(made: Shop) -> None:
    made.workspace.run(now=NOW + timedelta(hours=1))
    (made.workspace.folder / "snapshots" / "CURRENT").write_text("?")
    made.workspace.rollback("1")
    assert serving(made.workspace) == "1"


def test_a_plan_says_what_a_run_would_do_and_changes_nothing(made: Shop) -> None:
    made.deliver("orders-2.csv", buying(5, seed=2))
    made.deliver("orders-3.csv", buying(5, seed=3))
    (made.exports / "orders-4.csv").write_bytes(b"\xff\xfe\x00")
    before = tree(made.workspace.folder)
    plan = made.workspace.plan(now=NOW)
    assert tree(made.workspace.folder) == before
    states = {each.path: each.state for each in plan.arriving}
    assert states["exports/orders-1.csv"] == "unchanged"
    assert states["exports/orders-2.csv"] == states["exports/orders-3.csv"] == "new"
    assert states["exports/orders-4.csv"] == "refused"
    sizes = {each.path: each.size for each in plan.arriving}
    assert sizes["exports/orders-2.csv"] == (made.exports / "orders-2.csv").stat().st_size
    assert {"order_line", "customer", "churn_cell"} <= set(plan.tables)
    assert "churn-risk" in plan.analyses
    assert plan.needed < plan.free
    assert plan.typed_again == ()
    assert any("orders-4.csv" in each for each in plan.warnings)


def test_a_plan_tells_what_is_read_again_and_which_snapshot_makes_room(made: Shop) -> None:
    for hours in (1, 2):
        made.workspace.run(now=NOW + timedelta(hours=hours))
    made.deliver("orders-1.csv", buying(31))
    toml = made.workspace.folder / "clientela.toml"
    toml.write_text(toml.read_text() + 'constants = { channel = "web" }\n')
    plan = made.workspace.plan(now=NOW)
    assert plan.typed_again == ("exports/orders-1.csv",)
    assert [name.split("-")[0] for name in plan.dropped] == ["1"]
    assert [each.state for each in plan.arriving] == ["changed"]
    (made.exports / "orders-1.csv").unlink()
    assert [each.state for each in made.workspace.plan(now=NOW).arriving] == ["missing"]


def test_a_dry_run_says_what_would_be_published_and_leaves_every_byte(made: Shop) -> None:
    lines = buying(33)
    lines[2] = [*lines[2][:6], "1,5O", ""]
    made.deliver("orders-1.csv", lines)
    before = tree(made.workspace.folder)
    trial = made.workspace.dry_run(now=NOW + timedelta(hours=1))
    assert tree(made.workspace.folder) == before
    assert trial.done.run == 2
    assert trial.done.sources[0].quarantined == 1
    figures = {each.name: each for each in trial.figures}
    assert figures["customers"].would_be == 33
    assert figures["customers"].published == 30
    tables = {each.name: (each.published, each.would_be) for each in trial.tables}

    done = made.workspace.run(now=NOW + timedelta(hours=1))
    counted = {name: rows for name, rows in done.tables.items() if name not in OF_RUNS}
    assert counted == {name: after for name, (_, after) in tables.items() if after is not None}
    assert figures["revenue"].would_be == made.workspace.dry_run(now=NOW + timedelta(hours=1)).figures[0].published


def test_a_dry_run_of_a_new_workspace_leaves_nothing(tmp_path: Path) -> None:
    company = shop(tmp_path / "w")
    company.deliver("orders-1.csv", buying(20))
    before = tree(tmp_path / "w")
    trial = company.workspace.dry_run(now=NOW)
    assert trial.published is None
    assert trial.figures[2].would_be == 20
    assert tree(tmp_path / "w") == before


def test_a_dry_run_that_fails_leaves_every_byte_too(made: Shop) -> None:
    made.deliver("orders-2.csv", [["x", "1", "c", "not a day", "p", "1", "1", ""] for _ in range(9)])
    before = tree(made.workspace.folder)
    with pytest.raises(QualityGateError, match=r"orders-2\.csv"):
        made.workspace.dry_run(now=NOW, strict=True)
    made.deliver("orders-2.csv", [["x"]], header=("nonsense",))
    broken = tree(made.workspace.folder)
    with pytest.raises(ConfigurationError, match="do not fit"):
        made.workspace.dry_run(now=NOW)
    assert tree(made.workspace.folder) == broken
    assert before.keys() == broken.keys()


KILLED = """
import sys, datetime, pathlib
import clientela
from clientela.warehouse import moments
def stop(point):
    if point == "table written":
        print("there", flush=True); sys.stdin.read()
with moments.watched(stop):
    clientela.open(sys.argv[1]).dry_run()
"""


def test_what_a_killed_dry_run_leaves_goes_with_the_next_run(made: Shop) -> None:
    made.deliver("orders-1.csv", buying(31))
    before = tree(made.workspace.folder)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(made.workspace.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as trial:
        assert trial.stdout is not None
        assert trial.stdout.readline() == b"there\n"
        assert orphans(made.workspace.folder, now=NOW) == ()  # it lives
        trial.send_signal(signal.SIGKILL)
        trial.wait()
    after = tree(made.workspace.folder)
    assert {name: each for name, each in after.items() if not name.startswith(TRIAL)} == before
    (left,) = orphans(made.workspace.folder, now=NOW)
    assert left.name.startswith(TRIAL)
    found = {each.check: each for each in examine(made.workspace.folder)}
    assert left.name in found["orphans"].says
    made.workspace.run(now=NOW + timedelta(hours=1))
    assert not left.exists()
    assert made.workspace.ask("sales-trend").headline


def test_every_kind_of_orphan_is_found_and_removed_and_nothing_else(made: Shop) -> None:
    folder = made.workspace.folder
    kept = tree(folder)
    batches = folder / "landing" / "batches" / "shop" / "order_line"
    names = [
        "snapshots/facts-9.build",
        "snapshots/facts-9.build.wal",
        "snapshots/CURRENT.part",
        "snapshots/spill-9/block",
        "landing/arrivals.jsonl.part",
        f"{batches.relative_to(folder)}/cafe.parquet.part",
        f"{batches.relative_to(folder)}/cafe.parquet",  # never journalled: a crash between its name and its line
        "landing/unpacked/lines.csv",
        "landing/conformed/cafe.part/rows.parquet",
        ".dry-run-old/landing/x",
        "report.html.unfinished",
        "backups/backup-20260101T000000Z.tar.zst.part",
    ]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("left behind")
    hour_ago = time.time() - 4000
    os.utime(folder / "report.html.unfinished", (hour_ago, hour_ago))
    (folder / "report-es.html.unfinished").write_text("being written")
    (folder / ".dry-run-new").mkdir()
    now = datetime.now(UTC)
    with in_use(folder / ".dry-run-new"):
        removed = remove(folder, now=now)
    assert all(any(name == each or name.startswith(each + "/") for each in removed) for name in names)
    left = set(tree(folder)) - set(kept)
    assert left == {"backups", "report-es.html.unfinished", ".dry-run-new", ".dry-run-new/open.lock"}
    assert {name: each for name, each in tree(folder).items() if name in kept} == kept


def test_a_batch_that_was_never_journalled_lands_again(made: Shop) -> None:
    made.deliver("orders-2.csv", buying(5, seed=2))
    arrivals = made.workspace.folder / "landing" / "arrivals.jsonl"
    before = arrivals.read_bytes()
    made.workspace.run(now=NOW + timedelta(hours=1))
    fresh = made.workspace.fingerprints()
    for path in (made.workspace.folder / "snapshots").glob("*2-*"):
        path.unlink()
    arrivals.write_bytes(before)  # killed before the line was written
    first = next((made.workspace.folder / "snapshots").glob("snapshot-1-*.json"))
    (made.workspace.folder / "snapshots" / "CURRENT").write_text(first.name + "\n")
    made.workspace.run(now=NOW + timedelta(hours=1))
    assert made.workspace.fingerprints()["order_line"][0] == fresh["order_line"][0]
    assert {each.state for each in examine(made.workspace.folder)} <= {"ok", "warn"}
