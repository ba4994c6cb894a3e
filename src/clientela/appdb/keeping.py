"""The app database in backups and before the doctor."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Literal

from clientela.appdb.audit import anchor
from clientela.appdb.database import exists, open_database
from clientela.appdb.file import FILE, NEWEST, copy, opened_to_read, revision
from clientela.appdb.tokens import end_all
from clientela.appdb.trouble import trouble
from clientela.errors import machine_trouble

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Judged:
    """How the app database is, what there is to say of it, and how to mend it."""

    state: Literal["ok", "warn", "fail"]
    says: str
    fix: str = ""


def copied(folder: Path, scratch: Path, stack: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of the files a backup holds of the app database, as of one moment, also while others write.

    The anchor is read first: the log of the copy may then go on beyond it, and never ends before it. The copies lie in
    ``scratch`` without a name, and are gone with ``stack``.
    """
    if not exists(folder):
        return
    with machine_trouble(scratch), trouble(folder / FILE):
        yield anchor.ANCHOR, _anchor(folder / anchor.ANCHOR, scratch, stack)
        with tempfile.TemporaryDirectory(prefix=".app-", suffix=".part", dir=scratch) as place:
            target = Path(place) / FILE
            copy(folder / FILE, target)
            content = stack.enter_context(target.open("rb"))
        yield FILE, content


def _anchor(path: Path, scratch: Path, stack: ExitStack) -> IO[bytes]:
    kept = stack.enter_context(tempfile.TemporaryFile(dir=scratch))  # noqa: SIM115 - the stack closes it
    left = anchor.whole_size(path) or 0
    if left:
        with path.open("rb") as file:
            while left and (block := file.read(min(left, _CHUNK))):
                kept.write(block)
                left -= len(block)
    kept.seek(0)
    return kept


def restored(folder: Path, *, now: datetime) -> tuple[str, ...]:
    """Make an app database that comes from a backup safe to use; what its keeper must know.

    A session or token may have been ended since the backup, so all of them end.
    """
    if not exists(folder):
        return ()
    with open_database(folder, now=now) as database, database.change(by="system:restore", now=now) as change:
        change.audit("backup.restored")
        ended = end_all(change)
    said = "grants and users are those of the backup; look at `clientela user list`, and revoke again what was revoked."
    if not ended:
        return (said,)
    counted = "one session or token was" if ended == 1 else f"{ended} sessions and tokens were"
    return (f"{counted} ended, as they may have been since the backup; make new ones.", said)


def judged(folder: Path) -> Judged:
    """Whether the file is undamaged, of this version, for its owner alone, and its log as long as it was.

    Raises
    ------
    ClientelaError
        It cannot be used; one sentence.
    """
    path = folder / FILE
    if not exists(folder):
        return Judged("ok", "there is none yet; the first `clientela user add` makes it")
    with machine_trouble(folder), trouble(path), opened_to_read(path) as connection:
        version = revision(lambda statement: _value(connection, statement), path)
        found = _value(connection, "pragma quick_check(1)")
        if found != "ok":
            return Judged("fail", f"{FILE} is damaged", "move it away, then restore it from a backup")
        if version is None:
            return Judged("warn", f"{FILE} is empty: making it was interrupted", "clientela user list")
        wrong = _log(connection, folder / anchor.ANCHOR)
        users, entries = (_value(connection, f"select count(*) from {table}") for table in ('"user"', "audit"))  # noqa: S608 - the two names stand here
    if wrong:
        return Judged("fail", wrong, "clientela audit verify; restore app.sqlite and audit.anchor from one backup")
    if path.stat().st_mode & 0o077:
        return Judged("warn", f"{FILE} can be read by others", f"chmod 600 {path}")
    older = "" if version == NEWEST else ", of an earlier version: the next command brings it forward"
    return Judged("ok", f"undamaged; users: {users:,}, entries in the audit log: {entries:,}{older}")


def _log(connection: sqlite3.Connection, path: Path) -> str:
    """What is wrong with the end of the audit log; '' when nothing is."""
    last = _value(connection, "select max(seq) from audit") or 0
    if not path.exists():
        return "audit.anchor is missing, so entries could be missing at the end of the audit log" if last else ""
    vouched = anchor.newest(path)
    if vouched is None:
        return ""
    hashed = connection.execute("select hash from audit where seq = ?", (vouched.seq,)).fetchone()
    if hashed is None:
        return f"the audit log ends at entry {last:,}, and once went on to {vouched.seq:,}"
    return "" if hashed[0] == vouched.hash else f"entry {vouched.seq:,} of the audit log is not what was written"


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    return None if row is None else row[0]
