"""A SQLite file as a source: no server, no types to believe, the same promises."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clientela.capture.arrive import State
from clientela.capture.database.mark import Mark, asked, last_mark
from clientela.capture.mapping import understand
from clientela.config import load
from clientela.errors import ConfigurationError
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.database.servers import workspace
from tests.unit.capture.workspaces import Workspace, rows, states

URL = "sqlite:///shop.db"
CURSOR = "table = 'orders', cursor = 'changed'"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as made:
        made.execute("create table orders (id integer, at text, total numeric, changed text)")
        yield made


def landed(source: Workspace) -> list[dict[str, object]]:
    landing = Landing(source.folder)
    return pq.read_table(landing.path_of(landing.arrivals()[-1])).to_pylist()


def test_values_become_texts_that_say_them_exactly(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.execute("insert into orders values (1, '2024-01-01', 19.9, 'x'), (9007199254740993, 'é', 7.0, null)")
    shop.execute("insert into orders values (3, x'00ff', 'n/a', null)")
    source = workspace(tmp_path, monkeypatch, URL)
    (found,) = source.run()
    assert landed(source) == [
        {"id": "1", "at": "2024-01-01", "total": "19.9", "changed": "x"},
        {"id": "9007199254740993", "at": "é", "total": "7", "changed": None},
        {"id": "3", "at": None, "total": "n/a", "changed": None},
    ]
    assert found.note == "database:orders: values of its column 'at' that cannot be read and count as unknown: 1."


def test_the_typed_rows_are_those_of_the_table(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.execute("insert into orders values (1, '2024-01-01', 19.9, 'x'), (2, 'no day', 1, 'x')")
    source = workspace(tmp_path, monkeypatch, URL, extra="max_bad = 1.0")
    found = source.conformed()
    assert [(key, str(total)) for key, total in rows(found.facts, "order_id", "net_revenue")] == [("1", "19.9000")]
    assert rows(found.quarantine, "line", "column_name", "value") == [(2, "at", "no day")]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = workspace(tmp_path, monkeypatch, URL).run()
    assert (found.state, found.note) == (State.REFUSED, "source 'erp': the file that ERP_URL names does not exist.")
    assert not (tmp_path / "shop.db").exists()


def test_a_query_cannot_write(shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = workspace(tmp_path, monkeypatch, URL, asked="query = 'insert into orders values (1, 2, 3, 4) returning *'")
    assert source.run()[0].note == "source 'erp': the query must be a single select."
    assert shop.execute("select count(*) from orders").fetchone() == (0,)


def test_a_column_that_the_mapping_needs_is_named_before_anything_is_read(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.execute("alter table orders rename total to amount")
    with pytest.raises(ConfigurationError, match="database:orders has no column 'total'; known: 'amount', 'at', "):
        workspace(tmp_path, monkeypatch, URL).run()


def test_an_empty_table_is_no_delivery_unless_the_source_delivers_everything(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert states(workspace(tmp_path, monkeypatch, URL).run()) == [("database:orders", "unchanged")]
    source = workspace(tmp_path, monkeypatch, URL, delivery="full")
    shop.execute("insert into orders values (1, '2024-01-01', 1, 'x')")
    source.run()
    shop.execute("delete from orders")
    assert states(source.run()) == [("database:orders", "landed")]
    assert [each.accepted for each in source.conform()] == [1, 0]


def test_a_cursor_and_a_full_delivery_exclude_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="a full delivery reads everything each time"):
        workspace(tmp_path, monkeypatch, URL, asked=CURSOR, delivery="full").run()


def test_a_decimal_comma_is_refused(shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = workspace(tmp_path, monkeypatch, URL, extra='format = { decimal = "," }')
    assert source.run()[0].note == """source 'erp': numbers of a database have a point; leave decimal = "," out."""


def test_lines_without_a_number_are_not_doubled_when_their_moment_is_read_again(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = workspace(tmp_path, monkeypatch, URL, asked=CURSOR, delivery="append")
    shop.execute("insert into orders values (1, '2024-01-01', 5, '2024-01-01'), (1, '2024-01-01', 5, '2024-01-01')")
    source.run()
    shop.execute("insert into orders values (1, '2024-01-01', 5, '2024-01-01')")  # a third line that is the same
    source.run()
    source.run()
    assert [each.batch.rows for each in source.conform()] == [2, 1]


def test_another_query_is_read_from_the_start_by_upsert_and_goes_on_by_append(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.execute("insert into orders values (1, '2024-01-01', 5, '2024-01-01')")
    for delivery, wanted in (("upsert", [1, 1]), ("append", [1])):
        folder = tmp_path / delivery
        folder.mkdir()
        (folder / "shop.db").write_bytes((tmp_path / "shop.db").read_bytes())
        for query in ("select * from orders", "select *, 1 as one from orders"):
            said = f"query = '{query}', cursor = 'changed'"
            source = workspace(folder, monkeypatch, URL, asked=said, delivery=delivery)
            source.run()
        assert [each.rows for each in Landing(folder).arrivals()] == wanted


def test_the_mark_stands_in_the_batch_itself(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.execute("insert into orders values (1, '2024-01-01', 5, '2024-01-01'), (2, '2024-01-01', 5, '2024-02-01')")
    source = workspace(tmp_path, monkeypatch, URL, asked=CURSOR)
    source.run()
    (section,) = understand(load(tmp_path, {}))
    mark = last_mark(Landing(tmp_path), section)
    assert mark is not None
    assert section.source.database is not None
    assert (mark.asked, mark.cursor, mark.value) == (asked(section.source.database), "changed", "2024-02-01")
    assert len(mark.ties or ()) == 1


def test_rows_too_many_to_remember_at_one_moment_arrive_again_once(
    shop: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientela.capture.database.mark.TIES", 1)
    shop.execute("insert into orders values (1, '2024-01-01', 5, '2024-01-01'), (2, '2024-01-01', 5, '2024-01-01')")
    source = workspace(tmp_path, monkeypatch, URL, asked=CURSOR)
    found = [states(source.run())[0][1] for _ in range(3)]
    assert found == ["landed", "unchanged", "unchanged"]
    assert isinstance(last_mark(Landing(tmp_path), understand(load(tmp_path, {}))[0]), Mark)
