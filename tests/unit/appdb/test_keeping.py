"""A copy for a backup is whole while others write; what comes from a backup is safe; the doctor sees damage."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clientela.appdb import tokens, users
from clientela.appdb.audit import anchor
from clientela.appdb.audit.verify import verify
from clientela.appdb.database import Database, open_database
from clientela.appdb.keeping import copied, judged, restored
from clientela.errors import AppDatabaseError, TokenError


def taken(folder: Path, into: Path) -> list[str]:
    into.mkdir(exist_ok=True)
    with ExitStack() as stack:
        found = [(name, content.read()) for name, content in copied(folder, into, stack)]
        assert list(into.iterdir()) == []  # the copies bear no name, so none is left behind
    for name, content in found:
        (into / name).write_bytes(content)
    return [name for name, _ in found]


def test_without_an_app_database_there_is_nothing_to_keep(tmp_path: Path, now: datetime) -> None:
    assert taken(tmp_path, tmp_path / "b") == []
    assert restored(tmp_path, now=now) == ()
    assert judged(tmp_path).state == "ok"


def test_a_copy_taken_while_others_write_is_sound(database: Database, now: datetime, tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with database.change(by="job:1", now=now) as change:
                change.audit("test.worked")

    writing = threading.Thread(target=work)
    writing.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy-{number}"
            assert taken(database.folder, copy) == ["audit.anchor", "app.sqlite"]
            with open_database(copy, now=now) as kept:
                assert verify(kept).broken is None
            assert judged(copy).state in {"ok", "warn"}
    finally:
        stop.set()
        writing.join()


def test_sessions_and_tokens_of_a_backup_open_nothing(
    database: Database, now: datetime, chance: users.Chance, tmp_path: Path
) -> None:
    with database.change(by="os:root", now=now) as change:
        users.add(change, "Ana", chance=chance)
        made = tokens.make(change, "ana", kind="session", chance=chance, lasting=timedelta(hours=1))
    taken(database.folder, tmp_path / "back")
    notes = restored(tmp_path / "back", now=now)
    assert [note.split(",")[0] for note in notes] == [
        "one session or token was ended",
        "grants and users are those of the backup; look at `clientela user list`",
    ]
    with open_database(tmp_path / "back", now=now) as back:
        with pytest.raises(TokenError, match="was ended"):
            tokens.used(back, made.text, now=now)
        assert verify(back).broken is None
    tokens.used(database, made.text, now=now)


@pytest.fixture
def made(tmp_path: Path, now: datetime) -> Path:
    with open_database(tmp_path, now=now) as database:
        for _ in range(5):
            with database.change(by="os:root", now=now) as change:
                change.audit("test.made")
    return tmp_path


def test_a_sound_one_is_said_to_be_so(made: Path) -> None:
    found = judged(made)
    assert (found.state, found.says) == ("ok", "undamaged; users: 0, entries in the audit log: 5")


def test_one_that_others_may_read_is_said(made: Path) -> None:
    (made / "app.sqlite").chmod(0o644)
    assert judged(made).state == "warn"
    assert judged(made).fix == f"chmod 600 {made / 'app.sqlite'}"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("delete from audit where seq = 5", "the audit log ends at entry 4, and once went on to 5"),
        (
            "update audit set hash = substr(hash, 2) || 'x' where seq = 5",
            "entry 5 of the audit log is not what was written",
        ),
    ],
)
def test_a_log_that_was_changed_at_its_end_is_said(made: Path, harm: str, says: str) -> None:
    with closing(sqlite3.connect(made / "app.sqlite")) as connection, connection:
        connection.execute("drop trigger audit_stays")
        connection.execute("drop trigger audit_keeps")
        connection.execute(harm)
    assert (judged(made).state, judged(made).says) == ("fail", says)


def test_a_missing_or_empty_anchor_and_an_unfinished_file_are_said(made: Path, tmp_path: Path) -> None:
    content = (made / anchor.ANCHOR).read_bytes()
    (made / anchor.ANCHOR).unlink()
    assert judged(made).says.startswith("audit.anchor is missing")
    (made / anchor.ANCHOR).write_bytes(content[: anchor.WIDTH])
    assert judged(made).state == "ok"  # what is not anchored yet is no fault
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "app.sqlite").touch(mode=0o600)
    assert judged(empty).says == "app.sqlite is empty: making it was interrupted"


def test_a_damaged_page_is_found(made: Path) -> None:
    with closing(sqlite3.connect(made / "app.sqlite")) as connection:
        root = connection.execute("select rootpage from sqlite_master where name = 'ix_audit_at'").fetchone()[0]
    content = bytearray((made / "app.sqlite").read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    (made / "app.sqlite").write_bytes(content)
    try:
        assert judged(made).state == "fail"
    except AppDatabaseError as error:
        assert "restore it from a backup" in str(error)
