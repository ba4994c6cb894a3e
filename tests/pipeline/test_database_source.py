"""A table that grows, read bit by bit through whole runs, says what it says when it is read at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import clientela
from clientela.workspace import Workspace, create
from tests.pipeline.company import HEADER, NONE, Line, buying

SOURCE = """
[[source]]
name = "erp"
table = "order_line"
delivery = "{delivery}"
known = "happened"
database = {{ url_from = "ERP_URL", {asked} }}
"""


def company(folder: Path, *, delivery: str, asked: str) -> Workspace:
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + NONE + SOURCE.format(delivery=delivery, asked=asked))
    return clientela.open(folder)


def write(database: Path, lines: Sequence[Line], changed: date) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        columns = ", ".join(f"{name} text" for name in HEADER)
        connection.execute(
            f"create table if not exists sales ({columns}, changed text, primary key (order_id, line_no))"
        )
        places = ", ".join("?" * (len(HEADER) + 1))
        rows = [(*map(str, line), changed.isoformat()) for line in lines]
        connection.executemany(f"insert or replace into sales values ({places})", rows)  # noqa: S608 - of a test


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_three_runs_by_a_cursor_are_one_read_of_the_whole_table(
    delivery: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "erp.db"
    monkeypatch.setenv("ERP_URL", f"sqlite:///{database}")
    by_cursor = company(tmp_path / "cursor", delivery=delivery, asked="table = 'sales', cursor = 'changed'")
    at_once = company(tmp_path / "once", delivery=delivery, asked="table = 'sales'")
    lines = buying(20, days=200)
    today = date(2024, 7, 1)
    brought = []
    for number in range(3):
        # The second part comes on the day the first did: rows of one moment must not be lost.
        write(database, lines[number::3], today + timedelta(days=number // 2))
        if delivery == "upsert" and number == 2:
            write(database, [[*line[:6], 1, line[7]] for line in lines[:9:3]], today + timedelta(days=5))
        done = by_cursor.run(now=datetime(2024, 7, 1 + number, 8, tzinfo=UTC), as_of=today)
        brought.append((done.sources[0].new_files, done.warnings))
    assert brought == [(1, ())] * 3
    nothing = by_cursor.run(now=datetime(2024, 7, 4, 8, tzinfo=UTC), as_of=today)
    assert (nothing.sources[0].new_files, nothing.sources[0].rows > 0) == (0, True)
    at_once.run(now=datetime(2024, 7, 4, 8, tzinfo=UTC), as_of=today)
    for name in ("sales-trend", "customer-value"):
        answers = [each.ask(name).to_dict() for each in (by_cursor, at_once)]
        assert len({each.pop("snapshot") for each in answers}) == 2
        assert answers[0] == answers[1]
    sizes = [{name: rows for name, (rows, _) in each.fingerprints().items()} for each in (by_cursor, at_once)]
    assert sizes[0]["order_line"] == sizes[1]["order_line"] == len(lines)


def test_a_database_that_fails_leaves_the_other_sources_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_URL", "sqlite:///erp.db")
    made = company(tmp_path / "w", delivery="upsert", asked="table = 'sales'")
    write(made.folder / "erp.db", buying(10), date(2024, 7, 1))
    first = made.run(now=datetime(2024, 7, 1, 8, tzinfo=UTC))
    (made.folder / "erp.db").write_bytes(b"no database at all" * 100)
    done = made.run(now=datetime(2024, 7, 2, 8, tzinfo=UTC))
    assert done.warnings == ("source 'erp': the database does not understand what is asked: file is not a database.",)
    assert done.tables["order_line"] == first.tables["order_line"]
