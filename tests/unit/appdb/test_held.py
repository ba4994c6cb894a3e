"""A database that a server holds open: what is remembered, until when, and entries that are written together."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clientela.appdb import duties, grants, tokens, users
from clientela.appdb.audit.chain import Entry
from clientela.appdb.audit.verify import verify
from clientela.appdb.database import Change, Database, open_database
from tests.unit.appdb.test_grants import ROLES

Chance = Callable[[int], bytes]
HOUR = timedelta(hours=1)


def counted(database: Database, now: datetime) -> int:
    """How often it was asked for something that is remembered: the number grows when it is found out anew."""

    def once() -> int:
        counted.times += 1  # type: ignore[attr-defined]
        return counted.times  # type: ignore[attr-defined, no-any-return]

    return database.remembered("how many", now, once)


counted.times = 0  # type: ignore[attr-defined]


def test_who_opens_it_in_this_process_gets_the_one_that_is_open(database: Database, now: datetime) -> None:
    with database.held():
        lent = open_database(database.folder, now=now)
        assert lent.engine is database.engine
        lent.close()
        with database.reading() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
    other = open_database(database.folder, now=now)
    assert other.engine is not database.engine
    other.close()


def test_nothing_is_remembered_of_one_that_is_not_held(database: Database, now: datetime) -> None:
    assert counted(database, now) != counted(database, now)


RIGHTS: dict[str, Callable[[Change, Chance], object]] = {
    "a user is added": lambda change, chance: users.add(change, "Leo", chance=chance),
    "a user changes": lambda change, _: users.alter(change, "ana", language="es"),
    "a user ends": lambda change, _: users.end(change, "ana"),
    "a role is granted": lambda change, chance: grants.give(change, "ana", "finance", roles=ROLES, chance=chance),
    "a role is revoked": lambda change, _: grants.revoke(change, "ana", role="sales"),
    "a duty is given": lambda change, _: duties.answer_for(change, "ana", "territory", ["n"]),
    "a session ends": lambda change, _: tokens.end_all(change),
}


@pytest.mark.parametrize("what", RIGHTS)
def test_it_is_asked_anew_when_a_right_changes(database: Database, now: datetime, chance: Chance, what: str) -> None:
    with database.change(by="test:one", now=now) as change:
        users.add(change, "ana", chance=chance)
        grants.give(change, "ana", "sales", roles=ROLES, chance=chance)
        made = tokens.make(change, "ana", kind="session", chance=chance, lasting=HOUR)
    with database.held():
        before = counted(database, now)
        assert counted(database, now) == before
        tokens.used(database, made.text, now=now)  # that a token was used is no right
        database.enter([Entry(actor="test:one", action="rows.read")], now=now)  # nor is what was looked at
        assert counted(database, now) == before
        with database.change(by="test:one", now=now) as change:
            RIGHTS[what](change, chance)
        assert counted(database, now) != before


def test_a_right_that_begins_or_ends_by_itself_is_noticed(database: Database, now: datetime, chance: Chance) -> None:
    with database.change(by="test:one", now=now) as change:
        users.add(change, "ana", chance=chance)
        grants.give(change, "ana", "sales", roles=ROLES, chance=chance, valid_from=now + HOUR, valid_to=now + 2 * HOUR)
    with database.held():
        seen = [counted(database, now + minutes * HOUR / 60) for minutes in (0, 59, 60, 119, 120, 600)]
        assert seen[0] == seen[1] != seen[2] == seen[3] != seen[4] == seen[5]


def test_what_another_process_changes_is_noticed(database: Database, now: datetime) -> None:
    code = (
        "import sys, pathlib, datetime as d; from clientela.appdb.database import open_database; "
        "from clientela.appdb import users; from secrets import token_bytes; now = d.datetime.now(d.UTC)\n"
        "with open_database(pathlib.Path(sys.argv[1]), now=now) as b, b.change(by='test:other', now=now) as c: "
        "users.add(c, 'Eve', chance=token_bytes)"
    )
    with database.held():
        before = counted(database, now)
        subprocess.run([sys.executable, "-c", code, str(database.folder)], check=True)
        assert counted(database, now) != before


def test_entries_of_many_threads_stand_in_the_log_once_each(database: Database, now: datetime) -> None:
    entry = Entry(actor="test:one", action="rows.read")
    ends: list[int] = []
    begin = threading.Barrier(12)

    def enter() -> None:
        begin.wait()
        for _ in range(10):
            ends.append(database.enter([entry], now=now).seq)

    with database.held():
        threads = [threading.Thread(target=enter) for _ in range(12)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    with database.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from audit").scalar() == 120
    assert max(ends) == 120
    assert verify(database).broken is None


def test_whoever_entered_with_others_is_told_that_it_failed(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(batches: object) -> None:
        raise OSError("no room")

    entry = Entry(actor="test:one", action="rows.read")
    monkeypatch.setattr(Database, "_enter", lambda self, batches: broken(batches))
    with database.held(), pytest.raises(OSError, match="no room"):
        database.enter([entry], now=now)
