"""The file is made once, is its owner's alone, and says in one sentence why it cannot be used."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from clientela.appdb import users
from clientela.appdb.database import Database, exists, open_database
from clientela.appdb.file import REVISIONS
from clientela.errors import AppDatabaseError, BusyError, MachineError, NewerError

OPEN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from clientela.appdb.database import open_database
with open_database(Path(sys.argv[1]), now=datetime.now(UTC)) as database, database.change(
    by="os:test", now=datetime.now(UTC)
) as change:
    change.audit("test.opened")
"""


def test_the_files_are_their_owners_alone(database: Database, now: datetime) -> None:
    with database.change(by="os:ana", now=now) as change:
        change.audit("test.made")
    found = {path.name: path.stat().st_mode & 0o777 for path in database.folder.iterdir()}
    assert found == dict.fromkeys(("app.sqlite", "app.sqlite-wal", "app.sqlite-shm", "audit.anchor"), 0o600)


def test_what_is_committed_is_on_the_disk_and_references_hold(database: Database) -> None:
    with database.reading() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers", "trusted_schema")
        found = {name: connection.exec_driver_sql(f"pragma {name}").scalar() for name in asked}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "recursive_triggers": 1,
        "trusted_schema": 0,
    }


def test_what_raises_is_undone_and_leaves_no_entry(database: Database, now: datetime, chance: users.Chance) -> None:
    with pytest.raises(RuntimeError), database.change(by="os:ana", now=now) as change:
        users.add(change, "Ana", chance=chance)
        raise RuntimeError
    with database.reading() as connection:
        assert users.listed(connection) == ()
        assert connection.exec_driver_sql("select count(*) from audit").scalar() == 0
    assert database.anchor.read_bytes() == b""


def test_four_processes_make_one_database(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ended = [(each.communicate(timeout=120)[1], each.returncode) for each in started]
    assert ended == [("", 0)] * 4
    with closing(sqlite3.connect(tmp_path / "app.sqlite")) as connection:
        assert connection.execute("select count(*) from audit").fetchone() == (4,)
        assert connection.execute("select count(*) from migration").fetchone() == (len(REVISIONS),)


def test_a_file_left_empty_by_a_kill_is_made_anew(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "app.sqlite").touch(mode=0o600)
    with open_database(tmp_path, now=now) as database, database.reading() as connection:
        assert users.listed(connection) == ()


@pytest.mark.parametrize("content", [b"a text, and no database at all", b"SQLite format 3\0" + bytes(4000)])
def test_what_is_no_database_is_said_and_left_as_it_is(tmp_path: Path, now: datetime, content: bytes) -> None:
    (tmp_path / "app.sqlite").write_bytes(content)
    with pytest.raises(AppDatabaseError, match="is damaged, or no app database of clientela; move it away") as raised:
        open_database(tmp_path, now=now)
    assert raised.value.exit_code == 1
    assert (tmp_path / "app.sqlite").read_bytes() == content


def test_another_programs_database_is_not_touched(tmp_path: Path, now: datetime) -> None:
    with closing(sqlite3.connect(tmp_path / "app.sqlite")) as connection:
        connection.execute("create table user (name text)")
    before = (tmp_path / "app.sqlite").read_bytes()
    with pytest.raises(AppDatabaseError, match="no app database of clientela"):
        open_database(tmp_path, now=now)
    assert (tmp_path / "app.sqlite").read_bytes() == before


def test_a_newer_file_is_refused_with_the_version_that_knows_it(tmp_path: Path, now: datetime) -> None:
    open_database(tmp_path, now=now).close()
    with closing(sqlite3.connect(tmp_path / "app.sqlite")) as connection, connection:
        connection.execute("update alembic_version set version_num = '0099'")
        connection.execute("insert into migration values ('0099', '2027-01-01T00:00:00.000000Z', '9.1')")
    with pytest.raises(NewerError, match=r"last used by clientela 9\.1") as raised:
        open_database(tmp_path, now=now)
    assert raised.value.exit_code == 3


def test_a_file_held_by_another_is_waited_for_and_then_said(tmp_path: Path, now: datetime) -> None:
    with (
        open_database(tmp_path, now=now, patience_seconds=0.2) as database,
        closing(sqlite3.connect(database.path, isolation_level=None)) as other,
    ):
        other.execute("begin immediate")
        said = r"app\.sqlite was held by another process for 0\.2 seconds"
        with pytest.raises(BusyError, match=said) as raised, database.change(by="os:ana", now=now):
            pass
        assert raised.value.exit_code == 5
        with database.reading() as connection:  # who reads waits for nobody
            assert users.listed(connection) == ()
        other.execute("rollback")
        with database.change(by="os:ana", now=now) as change:
            change.audit("test.made")


def test_a_page_that_was_damaged_is_said(tmp_path: Path, now: datetime) -> None:
    open_database(tmp_path, now=now).close()
    content = bytearray((tmp_path / "app.sqlite").read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / "app.sqlite").write_bytes(content)
    with pytest.raises(AppDatabaseError, match="restore it from a backup"):
        open_database(tmp_path, now=now)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, now: datetime) -> None:
    assert not exists(tmp_path / "none")
    with pytest.raises(MachineError, match="none"):
        open_database(tmp_path / "none", now=now)


def test_threads_that_read_and_write_at_once_lose_nothing(database: Database, now: datetime) -> None:
    troubles: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(10):
                with database.change(by=f"job:{worker}", now=now) as change:
                    change.audit("test.worked", f"step:{number}")
                with database.reading() as connection:
                    seen = connection.exec_driver_sql("select count(*), max(seq) from audit").one()
                    assert seen[0] == seen[1]
        except BaseException as error:  # noqa: BLE001 - said by the test's own thread
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    with database.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from audit").scalar() == 80
