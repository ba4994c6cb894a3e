"""A backup holds the app database as of one moment, and the doctor looks at it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest

import clientela
from clientela.appdb import tokens, users
from clientela.appdb.audit.verify import verify
from clientela.appdb.database import open_database
from clientela.appdb.file import NEWEST
from clientela.errors import TokenError
from clientela.pipeline.care.backup import held, left
from clientela.workspace import examine, restore_backup
from tests.pipeline.company import NOW, shop
from tests.unit.appdb.test_migrations import first_version


def finding(folder: Path) -> tuple[str, str]:
    [found] = [each for each in examine(folder) if each.check == "app database"]
    return found.state, found.says


def test_a_restored_workspace_has_its_users_and_its_log_but_no_open_session(tmp_path: Path) -> None:
    company = shop(tmp_path / "w")
    folder = company.workspace.folder
    assert finding(folder) == ("ok", "there is none yet; the first `clientela user add` makes it")
    with open_database(folder, now=NOW) as database, database.change(by="os:root", now=NOW) as change:
        users.add(change, "ana", chance=token_bytes)
        session = tokens.make(change, "ana", kind="session", chance=token_bytes, lasting=timedelta(days=900))
    done = company.workspace.backup(tmp_path / "b.tar.zst")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.zst", "w"]

    told = restore_backup(done.path, tmp_path / "back")
    assert "one session or token was ended" in told.notes[0]
    assert (tmp_path / "back" / "app.sqlite").stat().st_mode & 0o777 == 0o600
    assert finding(tmp_path / "back") == (
        "ok",
        "undamaged; users: 1, entries in the audit log: 5",
    )  # both of the backup, too
    with open_database(tmp_path / "back", now=NOW) as back:
        assert verify(back).broken is None
        with back.reading() as connection:
            assert users.named(connection, "ana").active
        with pytest.raises(TokenError):
            tokens.used(back, session.text, now=NOW)


def test_every_file_of_the_app_database_is_kept_or_left_out_by_name(tmp_path: Path) -> None:
    company = shop(tmp_path / "w")
    folder = company.workspace.folder
    first_version(folder)
    with open_database(folder, now=NOW) as database, database.reading():
        names = {path.name for path in folder.glob("a*")}
        assert {name for name in names if held(name)} == {"app.sqlite", "audit.anchor"}
        assert {name for name in names if left(name)} == {
            "app.sqlite-wal",
            "app.sqlite-shm",
            f"app-before-{NEWEST}-20240701T080000Z.sqlite",
        }
        assert names == {name for name in names if held(name) != left(name)}


def test_a_damaged_app_database_stops_the_backup_and_the_doctor_names_it(tmp_path: Path) -> None:
    company = shop(tmp_path / "w")
    (company.workspace.folder / "app.sqlite").write_bytes(b"no database")
    assert finding(company.workspace.folder)[0] == "fail"
    with pytest.raises(clientela.errors.AppDatabaseError, match="move it away"):
        company.workspace.backup(tmp_path / "b.tar.zst")
    assert not (tmp_path / "b.tar.zst").exists()
