"""Whatever is done to the audit log behind its back is found, and the first entry it was done to is named."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.appdb.audit import anchor
from clientela.appdb.audit.chain import BEGINNING, Entry, Head, link, os_actor
from clientela.appdb.audit.listing import listed
from clientela.appdb.audit.verify import Verified, verify
from clientela.appdb.database import Database, open_database
from clientela.errors import UsageError
from tests.some import examples

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COLUMNS = ("at", "actor", "action", "purpose", "objects", "counts", "snapshot", "hash")
TRIGGERS = ("audit_keeps", "audit_stays", "audit_follows")

APPENDS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from clientela.appdb.database import open_database
database = open_database(Path(sys.argv[1]), now=datetime.now(UTC))
number = 0
while number < int(sys.argv[3]):
    number += 1
    with database.change(by=f"job:{sys.argv[2]}", now=datetime.now(UTC)) as change:
        change.audit("test.appended", f"step:{number}")
    print(number, flush=True)
"""


def log(folder: Path, entries: int) -> Database:
    """A database whose log has so many entries, each of its own transaction."""
    database = open_database(folder, now=NOW)
    for number in range(entries):
        with database.change(by="os:ana", now=NOW + timedelta(seconds=number)) as change:
            change.audit("customer.seen", f"customer:{number}", counts={"rows": number}, purpose="service")
    return database


def behind_its_back(folder: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """What somebody could do who may write to the file: the triggers do not stop who drops them."""
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection, connection:
        connection.execute("pragma synchronous = off")
        for trigger in TRIGGERS:
            connection.execute(f"drop trigger if exists {trigger}")
        for statement, values in statements:
            connection.execute(statement, values)


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection:
        return connection.execute("select * from audit order by seq").fetchall()


def broken(found: Verified) -> tuple[int, str] | None:
    return None if found.broken is None else (found.broken.seq, found.broken.says)


@pytest.fixture
def ten(tmp_path: Path) -> Iterator[Database]:
    with log(tmp_path, 10) as database:
        yield database


def test_a_log_nobody_touched_is_sound(ten: Database) -> None:
    found = verify(ten)
    assert (found.entries, found.anchored, found.broken) == (10, 10, None)
    assert found.head == Head(10, rows(ten.folder)[-1][-1])
    assert verify(ten, expected=found.head).broken is None


def test_the_hash_is_sha256_over_the_hash_before_and_the_entry_as_json() -> None:
    row = (1, "2026-11-22T12:00:00.000000Z", "os:ana", "user.added", "", '["user:1"]', "{}", None)
    # as a shell computes it: printf '%064d%s' 0 '[1,"2026-11-22T12:00:00.000000Z",…,null]' | sha256sum
    assert link(BEGINNING, row) == "0cf612f3c0cd6d53bd4422d9aac6ede97ac6f37d017c62eda3f1309abefb217d"


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'os:eve' where seq = 3",
        "delete from audit where seq = 10",
        "delete from audit",
        "insert or replace into audit select 3, at, 'os:eve', action, purpose, objects, counts, snapshot, hash "
        "from audit where seq = 3",
        "insert into audit select 12, at, actor, action, purpose, objects, counts, snapshot, hash from audit limit 1",
        "insert into audit select 0, at, actor, action, purpose, objects, counts, snapshot, hash from audit limit 1",
    ],
)
def test_the_database_itself_only_ever_lets_entries_be_added(ten: Database, statement: str) -> None:
    with (
        closing(sqlite3.connect(ten.path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
    ):
        connection.execute("pragma recursive_triggers = off")
        connection.execute(statement)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_value_of_any_column_is_found(ten: Database, column: str) -> None:
    changed = f"update audit set {column} = ? where seq = 4"  # noqa: S608 - one of the names above
    behind_its_back(ten.folder, (changed, ("0" * 64,)))
    assert broken(verify(ten)) == (4, "was changed")
    assert verify(ten).entries == 3


@pytest.mark.parametrize("value", [b"os:ana", 7, 1.5, "os:ana ", "OS:ANA"])
def test_a_value_of_another_type_or_writing_is_found(ten: Database, value: object) -> None:
    behind_its_back(ten.folder, ("update audit set actor = ? where seq = 4", (value,)))
    assert broken(verify(ten)) == (4, "was changed")


def test_an_entry_taken_out_or_put_in_is_named(ten: Database) -> None:
    behind_its_back(ten.folder, ("update audit set seq = 0 where seq = 4", ()))
    assert broken(verify(ten)) == (0, "was put in")
    behind_its_back(ten.folder, ("delete from audit where seq = 0", ()))
    assert broken(verify(ten)) == (4, "is missing")


def test_a_cut_off_tail_is_found_by_the_anchor(ten: Database) -> None:
    behind_its_back(ten.folder, ("delete from audit where seq > 7", ()))
    assert broken(verify(ten)) == (8, "is missing: the log once went on to entry 10")


def test_a_log_that_was_emptied_is_found(ten: Database) -> None:
    behind_its_back(ten.folder, ("delete from audit", ()))
    assert broken(verify(ten)) == (1, "is missing: the log once went on to entry 10")


def test_a_tail_cut_off_and_grown_again_is_found(ten: Database) -> None:
    behind_its_back(ten.folder, ("delete from audit where seq > 7", ()))
    log(ten.folder, 5).close()
    assert broken(verify(ten)) == (8, "is another than the one that was anchored")


def test_a_chain_computed_anew_from_a_changed_entry_on_is_found(ten: Database) -> None:
    kept = rows(ten.folder)
    previous, new = kept[3][-1], []
    for row in kept[4:]:
        changed = (*row[:2], "os:eve", *row[3:-1]) if row[0] == 5 else row[:-1]
        previous = link(previous, changed)
        new.append(("update audit set actor = ?, hash = ? where seq = ?", (changed[2], previous, row[0])))
    behind_its_back(ten.folder, *new)
    assert broken(verify(ten)) == (5, "is another than the one that was anchored")


def test_who_replaces_the_anchor_too_is_found_by_a_head_noted_elsewhere(ten: Database) -> None:
    noted = verify(ten).head
    behind_its_back(ten.folder, ("delete from audit where seq > 7", ()))
    ten.anchor.write_bytes(ten.anchor.read_bytes()[: 7 * anchor.WIDTH])
    assert verify(ten).broken is None  # this is what cannot be seen from inside
    assert broken(verify(ten, expected=noted)) == (8, "is missing: a later end of the log was noted")
    log(ten.folder, 5).close()
    assert broken(verify(ten, expected=noted)) == (10, "is another than the one whose hash was noted")


def test_an_anchor_that_is_missing_or_changed_is_found(ten: Database) -> None:
    content = ten.anchor.read_bytes()
    ten.anchor.unlink()
    assert broken(verify(ten)) == (10, "may not be the last: the file audit.anchor, which says which is, is missing")
    log(ten.folder, 1).close()  # it is not made anew in silence
    assert not ten.anchor.exists()
    ten.anchor.write_bytes(b"x" * anchor.WIDTH + content[anchor.WIDTH :])
    assert broken(verify(ten)) == (11, "cannot be vouched for: a line of audit.anchor was changed")


def test_a_torn_line_of_the_anchor_counts_for_nothing_and_goes_with_the_next(ten: Database) -> None:
    with ten.anchor.open("ab") as file:
        file.write(b"000000000011 abc")
    assert (verify(ten).anchored, verify(ten).broken) == (10, None)
    log(ten.folder, 1).close()
    assert (verify(ten).anchored, verify(ten).broken) == (11, None)


def test_lines_of_the_anchor_may_stand_out_of_order(ten: Database) -> None:
    content = ten.anchor.read_bytes()
    lines = [content[start : start + anchor.WIDTH] for start in range(0, len(content), anchor.WIDTH)]
    ten.anchor.write_bytes(b"".join(reversed(lines)))
    assert (verify(ten).anchored, verify(ten).broken) == (10, None)


def test_an_anchor_that_could_not_be_written_is_said_and_made_up_for(ten: Database) -> None:
    content = ten.anchor.read_bytes()
    ten.anchor.write_bytes(content[: 8 * anchor.WIDTH])  # as after a kill between commit and anchor
    assert (verify(ten).entries, verify(ten).anchored, verify(ten).broken) == (10, 8, None)


tampering = st.one_of(
    st.tuples(st.just("edit"), st.integers(1, 12), st.sampled_from(COLUMNS), st.text(max_size=5)),
    st.tuples(st.just("delete"), st.integers(1, 12), st.integers(1, 3)),
    st.tuples(st.just("insert"), st.integers(1, 12)),
    st.tuples(st.just("swap"), st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.just("move"), st.integers(1, 12), st.integers(-3, 40)),
)


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twelve")
    log(folder, 12).close()
    return folder


def _done(told: tuple[Any, ...], kept: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows after somebody tampered with them."""
    kind, first, *more = told
    new = [list(row) for row in kept]
    if kind == "edit":
        new[first - 1][1 + COLUMNS.index(more[0])] = more[1]
    elif kind == "delete":
        del new[first - 1 : first - 1 + more[0]]
    elif kind == "insert":  # an entry like that one comes after it, and the rest moves on
        new.insert(first, list(new[first - 1]))
        for number, row in enumerate(new, start=1):
            row[0] = number
    elif kind == "swap" and more[0] <= len(new):
        one, other = new[first - 1], new[more[0] - 1]
        new[first - 1], new[more[0] - 1] = [one[0], *other[1:]], [other[0], *one[1:]]
    elif kind == "move" and more[0] not in {row[0] for row in new}:
        new[first - 1][0] = more[0]
    return sorted(map(tuple, new), key=lambda row: row[0])


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(tampering, min_size=1, max_size=3))
def test_random_tampering_is_found_where_it_begins(twelve: Path, steps: list[tuple[Any, ...]]) -> None:
    kept = new = rows(twelve)
    for step in steps:
        new = _done(step, new) if step[1] <= len(new) else new
    behind_its_back(twelve, ("delete from audit", ()), *_inserted(new))
    try:
        with open_database(twelve, now=NOW) as database:
            found = verify(database)
        differing = [k for k in range(max(len(kept), len(new))) if kept[k : k + 1] != new[k : k + 1]]
        if differing:
            first = differing[0] + 1  # the entry that should stand there; one put in before it is named itself
            there = new[differing[0]][0] if differing[0] < len(new) else first
            assert found.broken is not None
            assert found.broken.seq == min(first, there)
            assert found.entries == differing[0]
        else:
            assert found.broken is None
    finally:
        behind_its_back(twelve, ("delete from audit", ()), *_inserted(kept))


def _inserted(new: list[tuple[Any, ...]]) -> list[tuple[str, tuple[Any, ...]]]:
    return [("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row) for row in new]


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from(["commits", "raises", "reopens"])), max_size=12
    )
)
def test_the_chain_verifies_whatever_is_added_undone_and_reopened(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("chain")
    opened = [open_database(folder, now=NOW) for _ in range(3)]
    entered = 0
    try:
        for place, entries, then in steps:
            with suppress(RuntimeError), opened[place].change(by="os:ana", now=NOW) as change:
                for number in range(entries):
                    change.audit("test.entered", f"step:{number}")
                if then == "raises":
                    raise RuntimeError
            entered += 0 if then == "raises" else entries
            if then == "reopens":
                opened[place].close()
                opened[place] = open_database(folder, now=NOW)
            found = verify(opened[place])
            assert (found.entries, found.anchored, found.broken) == (entered, entered, None)
    finally:
        for each in opened:
            each.close()


def test_four_processes_append_to_one_chain(tmp_path: Path) -> None:
    log(tmp_path, 1).close()
    ran = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDS, str(tmp_path), str(worker), "10"], stdout=subprocess.PIPE, text=True
        )
        for worker in range(4)
    ]
    for each in ran:
        each.communicate(timeout=120)
    with open_database(tmp_path, now=NOW) as database:
        found = verify(database)
        assert (found.entries, found.anchored, found.broken) == (41, 41, None)
        with database.reading() as connection:
            for worker in range(4):
                theirs = [each.objects[0] for each in listed(connection, actors=(f"job:{worker}",))]
                assert theirs == [f"step:{number}" for number in range(10, 0, -1)]


def killed_while_appending(folder: Path, times: int) -> None:
    log(folder, 1).close()
    acknowledged = 0
    for worker in range(times):
        with subprocess.Popen(
            [sys.executable, "-c", APPENDS, str(folder), str(worker), "1000000"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(1 + worker % 7):
                process.stdout.readline()
            process.kill()
            rest = process.stdout.read()
        acknowledged += 1 + worker % 7 + rest.count("\n")
        with open_database(folder, now=NOW) as database:
            found = verify(database)
        assert found.broken is None
        assert found.entries - found.anchored in (0, 1)
        assert found.entries >= 1 + acknowledged


def test_a_kill_while_entries_are_added_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    killed_while_appending(tmp_path, 4)


@pytest.mark.slow
def test_a_hundred_kills_while_entries_are_added_lose_none_that_was_acknowledged(tmp_path: Path) -> None:
    killed_while_appending(tmp_path, 100)


@pytest.mark.parametrize(
    "given",
    [
        {"actor": "ana@example.com"},
        {"action": "user added"},
        {"objects": ("customer:ana@example.com",)},
        {"objects": ("Ana García",)},
        {"purpose": "Because Ana García asked"},
        {"counts": {"Ana García": 1}},
        {"snapshot": "Ana"},
    ],
)
def test_what_could_be_a_persons_value_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="never what could be a person's"):
        Entry(**{"actor": "os:ana", "action": "user.added", **given})


def test_a_login_becomes_a_code() -> None:
    assert [os_actor(each) for each in ("ana", "ana@example.com", "", "a b")] == [
        "os:ana",
        "os:ana-example.com",
        "os:unknown",
        "os:a-b",
    ]


def test_entries_are_found_by_who_what_whom_and_when(ten: Database) -> None:
    with ten.change(by="user:1", now=NOW + timedelta(days=1)) as change:
        change.audit("customer.exported", "customer:1", "customer:7")
        change.audit("customerx.seen", "customer:77")
    with ten.reading() as connection:
        assert [each.seq for each in listed(connection, limit=3)] == [12, 11, 10]
        assert [each.seq for each in listed(connection, actors=("user:1",))] == [12, 11]
        assert [each.seq for each in listed(connection, action="customer.exported")] == [11]
        assert len(listed(connection, action="customer")) == 11
        assert [each.seq for each in listed(connection, about="customer:7")] == [11, 8]
        assert [each.seq for each in listed(connection, since=NOW + timedelta(hours=1))] == [12, 11]
        assert listed(connection, about="customer:7%") == ()
        assert dict(listed(connection, about="customer:3")[0].counts) == {"rows": 3}
