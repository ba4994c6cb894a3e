"""An app database of the first version is brought forward: nothing is lost, a copy stays, a kill changes nothing."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import clientela.appdb.migrations
from clientela.appdb import duties, grants, jobs, organisation, policies, tokens, users
from clientela.appdb.audit.verify import verify
from clientela.appdb.database import Database, open_database
from clientela.appdb.file import REVISIONS
from clientela.appdb.migrations import forward
from clientela.appdb.tables import APPLICATION, METADATA
from clientela.errors import AppDatabaseError, MachineError

HERE = Path(__file__).parent
KILLED_AFTER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from clientela.appdb.database import open_database
from clientela.appdb.migrations import forward
done = getattr(forward, sys.argv[2])
def killed(*arguments):
    done(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(forward, sys.argv[2], killed)
open_database(Path(sys.argv[1]), now=datetime.now(UTC))
"""


def first_version(folder: Path) -> None:
    """The app database as the first version left it."""
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection:
        connection.execute(f"pragma application_id = {APPLICATION}")
        connection.execute("pragma journal_mode = wal")
        connection.executescript((HERE / "first_version.sql").read_text("utf-8"))
    shutil.copy(HERE / "first_version.anchor", folder / "audit.anchor")


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_first_version_is_read_as_it_was_written(tmp_path: Path, now: datetime) -> None:
    first_version(tmp_path)
    with open_database(tmp_path, now=now) as database:
        with database.reading() as connection:
            ana, bob = users.named(connection, "ANA"), users.named(connection, "bob b")
            assert (ana.email, ana.language, ana.active, bob.active) == ("ana@example.com", "es", True, False)
            held = grants.in_force(connection, ana.user_id, now)
            assert [(each.role, each.scope) for each in held] == [("analyst", {"territories": ("t-7",)})]
            assert organisation.below(connection, "co") == {"co", "north", "team-1"}
            assert [each.object_id for each in duties.responsibilities(connection, ana.user_id, now)] == ["t-7"]
            assert [each.name for each in duties.objectives(connection, ana.user_id, now)] == ["Win them back"]
            assert [each.state for each in jobs.listed(connection)] == ["running", "queued"]
            newest = policies.newest(connection)
            assert newest is not None
            assert newest.text == "[role]\n"
        assert tokens.used(database, "cla_first-version", now=now, permission="query").idle is None
        found = verify(database)
        assert (found.entries, found.anchored, found.broken) == (4, 4, None)
        with database.change(by="os:root", now=now) as change:
            users.end(change, "ana")
        assert verify(database).entries == 5


def test_a_copy_of_before_stays_for_its_owner_alone(tmp_path: Path, now: datetime) -> None:
    first_version(tmp_path)
    before = dump(tmp_path / "app.sqlite")
    open_database(tmp_path, now=now).close()
    [copy] = tmp_path.glob("app-before-*")
    assert copy.name == f"app-before-{REVISIONS[-1]}-20261122T120000Z.sqlite"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert dump(copy) == before
    open_database(tmp_path, now=now + timedelta(days=1)).close()
    assert len(list(tmp_path.glob("app-before-*"))) == 1


def test_what_the_migrations_make_is_what_the_code_says(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [each for each in compare_metadata(context, METADATA) if "alembic_version" not in str(each)] == []


def test_a_database_that_was_brought_forward_is_as_one_made_anew(tmp_path: Path, now: datetime) -> None:
    def tables(folder: Path) -> list[tuple[str, str]]:
        open_database(folder, now=now).close()
        with closing(sqlite3.connect(folder / "app.sqlite")) as connection:
            asked = "select name, sql from sqlite_master where sql is not null order by name"
            return [(name, "".join(sql.replace('"', "").split())) for name, sql in connection.execute(asked)]

    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    first_version(tmp_path / "old")
    assert tables(tmp_path / "old") == tables(tmp_path / "new")


def test_the_code_knows_every_version_that_is_shipped() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(clientela.appdb.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    shipped = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(shipped)) == REVISIONS


def test_a_migration_that_fails_halfway_leaves_everything_as_it_was(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(tmp_path)
    before = dump(tmp_path / "app.sqlite")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(forward, "_note", fails)  # its last step
    with pytest.raises(MachineError, match="no room is left"):
        open_database(tmp_path, now=now)
    assert dump(tmp_path / "app.sqlite") == before
    monkeypatch.undo()
    open_database(tmp_path, now=now).close()


@pytest.mark.parametrize("step", ["_keep", "_upgrade", "_note"])
def test_a_kill_during_a_migration_leaves_everything_as_it_was(tmp_path: Path, now: datetime, step: str) -> None:
    first_version(tmp_path)
    before = dump(tmp_path / "app.sqlite")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER, str(tmp_path), step], capture_output=True, text=True, check=False
    )
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    assert dump(tmp_path / "app.sqlite") == before
    with open_database(tmp_path, now=now) as database:
        assert verify(database).entries == 4


def test_rows_that_refer_to_nothing_stop_a_migration(tmp_path: Path, now: datetime) -> None:
    first_version(tmp_path)
    with closing(sqlite3.connect(tmp_path / "app.sqlite")) as connection, connection:
        connection.execute("update membership set unit_id = 'nowhere'")
    with pytest.raises(AppDatabaseError, match="rows of membership refer to rows that are not there"):
        open_database(tmp_path, now=now)


def test_the_last_three_copies_stay(tmp_path: Path, now: datetime) -> None:
    for number in range(5):
        (tmp_path / "app.sqlite").unlink(missing_ok=True)
        first_version(tmp_path)
        open_database(tmp_path, now=now + timedelta(days=number)).close()
    assert len(list(tmp_path.glob("app-before-*"))) == 3
