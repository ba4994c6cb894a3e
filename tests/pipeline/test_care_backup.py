"""A backup holds all that cannot be made again, also while a run is at work, and brings it back equal."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import clientela
from clientela.errors import BackupError, UsageError
from clientela.pipeline.care.backup import held, left
from clientela.workspace import Workspace, restore_backup
from tests.pipeline.company import FEWER, NOW, Shop, buying, shop

BACKUPS = '\n[backup]\nfolder = "kept/backups"\nkeep = 2\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    company = shop(tmp_path_factory.mktemp("backup") / "w", settings=BACKUPS)
    lines = buying(40)
    lines[3] = [*lines[3][:6], "12,5O", ""]
    company.deliver("orders-1.csv", lines)
    company.workspace.run(now=NOW)
    company.deliver("orders-2.csv", buying(20, seed=2))
    company.workspace.run(now=NOW + timedelta(hours=1))
    return company


def answers(workspace: Workspace) -> list[str]:
    names = ("sales-trend", "customer-value", "churn-risk")
    return [json.dumps(workspace.ask(name).to_dict(), sort_keys=True) for name in names]


def test_a_restored_workspace_answers_the_same_at_once_and_after_a_run(made: Shop, tmp_path: Path) -> None:
    done = made.workspace.backup(tmp_path / "b.tar.zst")
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert done.batches == 2
    told = restore_backup(done.path, tmp_path / "new" / "w")
    restored = clientela.open(tmp_path / "new" / "w")
    assert told.snapshot == made.workspace.status().snapshot
    assert answers(restored) == answers(made.workspace)
    assert restored.fingerprints() == made.workspace.fingerprints()
    assert (restored.folder / "secrets" / "pseudonym.key").stat().st_mode & 0o777 == 0o600
    assert restored.folder.stat().st_mode & 0o777 == 0o700

    before = restored.fingerprints()
    after = restored.run(now=NOW + timedelta(hours=2))  # without the sources' files
    assert after.run == 3
    tables = {name: digest for name, digest in restored.fingerprints().items() if name not in ("model",)}
    assert tables == {name: digest for name, digest in before.items() if name in tables}


def test_every_file_of_a_workspace_is_kept_or_left_out_by_name(made: Shop, tmp_path: Path) -> None:
    made.workspace.report()
    made.workspace.backup()
    (made.workspace.folder / "snapshots" / "facts-9.build").touch()
    files = [p.relative_to(made.workspace.folder).as_posix() for p in made.workspace.folder.rglob("*") if p.is_file()]
    strange = [name for name in files if not held(name) and not left(name) and not name.startswith("exports/")]
    assert strange == [], "say in pipeline/care/backup.py whether a backup holds it"
    assert not any(held(name) and left(name) for name in files)
    (made.workspace.folder / "snapshots" / "facts-9.build").unlink()
    shutil.rmtree(made.workspace.folder / "kept")

    restore_backup(made.workspace.backup(tmp_path / "b").path, tmp_path / "w")
    back = {p.relative_to(tmp_path / "w").as_posix() for p in (tmp_path / "w").rglob("*") if p.is_file()}
    serving = made.workspace.status().snapshot
    assert serving is not None
    number = serving.split("-")[0]
    assert back == {n for n in files if held(n) and (not n.startswith("snapshots/") or f"-{number}-" in n or "C" in n)}


def test_backups_while_runs_are_at_work_are_whole(tmp_path: Path) -> None:
    company = shop(tmp_path / "w", settings=f"{FEWER}keep_snapshots = 1\n")
    company.deliver("orders-0.csv", buying(20))
    company.workspace.run(now=NOW)
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(1, 3):
                company.deliver(f"orders-{number}.csv", buying(10, seed=number))
                company.workspace.run(now=NOW + timedelta(minutes=number))
        except BaseException as error:  # noqa: BLE001 - said by the test's own thread
            troubles.append(error)

    runs = threading.Thread(target=work)
    runs.start()
    count = 0
    while runs.is_alive() or count < 1:
        restored = restore_backup(company.workspace.backup(tmp_path / f"b{count}").path, tmp_path / f"w{count}")
        opened = clientela.open(restored.folder)
        assert opened.status().damage == ""
        assert opened.ask("sales-trend").headline
        assert "fail" not in {each.state for each in clientela.workspace.examine(restored.folder)}
        count += 1
    runs.join()
    assert troubles == []


def test_nothing_is_overwritten_and_a_failed_one_leaves_nothing(made: Shop, tmp_path: Path) -> None:
    target = tmp_path / "b"
    target.write_text("mine")
    with pytest.raises(BackupError, match="nothing was overwritten"):
        made.workspace.backup(target)
    assert target.read_text() == "mine"
    with pytest.raises(UsageError, match="is no folder"):
        made.workspace.backup(tmp_path / "no" / "b")
    damaged = tmp_path / "w"
    shutil.copytree(made.workspace.folder, damaged)
    batch = next((damaged / "landing" / "batches").rglob("*.parquet"))
    batch.write_bytes(batch.read_bytes()[:-1] + b"x")
    with pytest.raises(BackupError, match=batch.name):
        clientela.open(damaged).backup(tmp_path / "c")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b", "w"]


def test_a_restore_never_touches_what_is_there(made: Shop, tmp_path: Path) -> None:
    path = made.workspace.backup(tmp_path / "b").path
    with pytest.raises(UsageError, match="is not empty"):
        restore_backup(path, made.workspace.folder)
    (tmp_path / "empty").mkdir()
    restore_backup(path, tmp_path / "empty")
    with pytest.raises(UsageError, match="is no file"):
        restore_backup(tmp_path / "none", tmp_path / "x")


def test_a_damaged_backup_leaves_nothing_behind(made: Shop, tmp_path: Path) -> None:
    path = made.workspace.backup(tmp_path / "b").path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (tmp_path / "w.part").mkdir()  # of a restore that was killed
    (tmp_path / "w.part" / "half").touch()
    with pytest.raises(BackupError):
        restore_backup(path, tmp_path / "w")
    assert [p.name for p in tmp_path.iterdir()] == ["b"]


def test_scheduled_backups_rotate(made: Shop) -> None:
    moments = [datetime(2026, 1, day, 4, tzinfo=UTC) for day in (1, 2, 3)]
    done = [made.workspace.backup(now=moment) for moment in moments]
    assert done[2].dropped == ("backup-20260101T040000Z.tar.zst",)
    folder = made.workspace.folder / "kept" / "backups"
    assert sorted(p.name for p in folder.iterdir()) == [
        "backup-20260102T040000Z.tar.zst",
        "backup-20260103T040000Z.tar.zst",
    ]
    found = {each.check: each for each in clientela.workspace.examine(made.workspace.folder)}
    assert "backup-20260103T040000Z.tar.zst is" in found["backup"].says
    shutil.rmtree(made.workspace.folder / "kept")
