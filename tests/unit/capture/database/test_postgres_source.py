"""A table of a real PostgreSQL server as a source: its types, its cursor, its names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientela.capture.arrive import State
from clientela.capture.database import query
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.database.servers import ORDERS, Server, server, workspace
from tests.unit.capture.workspaces import Workspace, rows, states

CURSOR = 'table = "orders", cursor = "changed_at"'


@pytest.fixture
def erp(postgres: str) -> Iterator[Server]:
    with server(postgres) as made:
        yield made


def landed(shop: Workspace) -> pa.Table:
    """The newest batch as it lies in the landing."""
    landing = Landing(shop.folder)
    return pq.read_table(landing.path_of(landing.arrivals()[-1]))


def add(erp: Server, number: int, changed_at: str | None = "2024-03-01 10:00+00", total: str = "9.90") -> None:
    changed = f"'{changed_at}'" if changed_at else "null"
    values = f"{number}, '2024-02-01 09:00+01', {total}, {changed}, 'n'"
    erp.run(f"insert into orders values ({values})")  # noqa: S608 - of a test


def test_every_type_arrives_as_what_it_says(erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    erp.run(
        """create table orders (id bigint, at timestamptz, total numeric, local timestamp, day date, paid boolean,
           small smallint, share float8, about jsonb, raw json, who uuid, tags text[], amounts numeric[], code char(4),
           lasting interval)""",
        """insert into orders values (9007199254740993, '2024-01-01 10:00:00.123456+05:30',
           12345678901234567890.123456789,
           '2024-02-29 23:59:59.5', '2024-02-29', true, 7, 0.1, '{"b": 1.10, "a": 12345678901234567890}', '{"z" :1}',
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{a,"b c",null}', '{1.10,2}', 'ab', '1 day')""",
        "insert into orders (id, total) values (2, 1001.00), (3, 'NaN')",
    )
    shop = workspace(tmp_path, monkeypatch, erp.url)
    assert [each.state for each in shop.run()] == [State.LANDED]
    found = landed(shop)
    assert {each.name: str(each.type) for each in found.schema} == {
        "id": "int64",
        "at": "timestamp[us, tz=UTC]",
        "total": "string",
        "local": "timestamp[us]",
        "day": "date32[day]",
        "paid": "bool",
        "small": "int64",
        "share": "double",
        **dict.fromkeys(("about", "raw", "who", "tags", "amounts", "code", "lasting"), "string"),
    }
    first, second, third = found.to_pylist()
    assert first == {
        "id": 9007199254740993,
        "at": datetime(2024, 1, 1, 4, 30, 0, 123456, tzinfo=UTC),
        "total": "12345678901234567890.123456789",
        "local": datetime(2024, 2, 29, 23, 59, 59, 500000),
        "day": date(2024, 2, 29),
        "paid": True,
        "small": 7,
        "share": 0.1,
        "about": '{"a": 12345678901234567890, "b": 1.10}',
        "raw": '{"z" :1}',
        "who": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "tags": '["a", "b c", null]',
        "amounts": '["1.10", "2"]',
        "code": "ab  ",
        "lasting": "1 day, 0:00:00",
    }
    assert (second["total"], third["total"]) == ("1001", "NaN")
    assert second["day"] is None


def test_what_no_time_can_hold_counts_as_unknown_and_is_said(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS, "insert into orders (id, at) values (1, 'infinity'), (2, '0044-03-15 10:00+00 BC')")
    shop = workspace(tmp_path, monkeypatch, erp.url)
    (found,) = shop.run()
    assert landed(shop)["at"].to_pylist() == [None, None]
    assert found.note == ("database:orders: values of its column 'at' that cannot be read and count as unknown: 2.")


def test_a_column_of_bytes_is_left_out_and_refused_when_it_is_needed(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run("create table orders (id int, at date, total int, photo bytea)")
    erp.run("insert into orders values (1, 'today', 1, 'x')")
    shop = workspace(tmp_path, monkeypatch, erp.url)
    shop.run()
    assert landed(shop).column_names == ["id", "at", "total"]
    settings = (tmp_path / "clientela.toml").read_text()
    (tmp_path / "clientela.toml").write_text(settings + 'channel = "photo"\n')
    (found,) = shop.run()
    assert found.note == (
        "source 'erp': its column 'photo' holds bytes, which say nothing; turn it into text in a query."
    )


def test_dates_are_read_right_whatever_style_the_server_writes(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS, f"alter database {erp.owner.database} set datestyle to 'SQL, DMY'")
    erp.run(f"alter database {erp.owner.database} set timezone to 'Asia/Kolkata'")
    erp.run("insert into orders (id, at) values (1, timestamptz '2024-02-03T10:00:00Z')")
    shop = workspace(tmp_path, monkeypatch, erp.url)
    shop.run()
    assert landed(shop)["at"].to_pylist() == [datetime(2024, 2, 3, 10, tzinfo=UTC)]


def test_each_run_brings_what_is_new_and_rows_of_the_last_moment_once(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=CURSOR, delivery="append")
    add(erp, 1)
    add(erp, 2, "2024-03-02 10:00:00.000001+00")
    assert [(each.state, each.batch.rows) for each in shop.run() if each.batch] == [(State.LANDED, 2)]
    assert states(shop.run()) == [("database:orders", "unchanged")]
    add(erp, 3, "2024-03-02 10:00:00.000001+00")  # at the same moment as the second
    shop.run()
    assert landed(shop)["id"].to_pylist() == [3]
    assert states(shop.run()) == [("database:orders", "unchanged")]
    add(erp, 4, "2024-03-03 10:00+00")
    shop.run()
    assert landed(shop)["id"].to_pylist() == [4]
    assert [rows(each.facts, "order_id") for each in shop.conform()] == [[("1",), ("2",)], [("3",)], [("4",)]]


def test_a_row_that_changed_comes_again_and_replaces_itself(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=CURSOR)
    add(erp, 1)
    add(erp, 2)
    shop.run()
    erp.run("update orders set total = 5 where id = 1")  # the moment stays: the row is another all the same
    shop.run()
    assert landed(shop).select(["id", "total"]).to_pylist() == [{"id": 1, "total": "5"}]
    erp.run("update orders set total = 6, changed_at = '2024-05-01' where id = 2")
    shop.run()
    assert landed(shop).select(["id", "total"]).to_pylist() == [{"id": 2, "total": "6"}]


def test_a_crash_before_the_arrival_is_journalled_neither_loses_nor_doubles_a_row(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=CURSOR, delivery="append")
    add(erp, 1)
    shop.run()
    journal = tmp_path / "landing" / "arrivals.jsonl"
    before = journal.read_bytes()
    add(erp, 2, "2024-04-01 00:00+00")
    shop.run()
    journal.write_bytes(before)  # as if the power had failed when the batch lay there and its line did not
    add(erp, 3, "2024-04-02 00:00+00")
    shop.run()
    assert [rows(each.facts, "order_id") for each in shop.conform()] == [[("1",)], [("2",), ("3",)]]


def test_rows_without_a_cursor_come_once_and_are_reported(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=CURSOR)
    add(erp, 1)
    add(erp, 2, None)
    (found,) = shop.run()
    assert sorted(landed(shop)["id"].to_pylist()) == [1, 2]
    assert found.note == (
        "database:orders: rows without changed_at: 1; they were read this once, and what becomes of them later is not "
        "seen."
    )
    assert states(shop.run()) == [("database:orders", "unchanged")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", ["2147483648", "9007199254740993", "9007199254740994"]),
        ("numeric", ["1.5", "2", "12345678901234567890.1"]),
        ("date", ["2024-01-01", "2024-01-02", "2024-02-01"]),
        ("timestamp", ["2024-01-01 10:00:00.000001", "2024-01-01 10:00:00.000002", "2024-01-02"]),
        ("text", ["00010", "0009x", "b"]),
        ("varchar(9)", ["a", "b", "c"]),
    ],
)
def test_a_cursor_may_be_a_number_a_day_a_time_or_a_text(
    kind: str, values: list[str], erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(f"create table orders (id int, at date default '2024-01-01', total int default 1, step {kind})")
    shop = workspace(tmp_path, monkeypatch, erp.url, asked='table = "orders", cursor = "step"')
    for number, value in enumerate(values):
        erp.run(f"insert into orders (id, step) values ({number}, '{value}')")  # noqa: S608 - of a test
        shop.run()
        assert landed(shop)["id"].to_pylist() == [number]
        assert states(shop.run()) == [("database:orders", "unchanged")]


def test_a_cursor_of_floating_point_is_refused(erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    erp.run("create table orders (id float8, at date, total int)", "insert into orders values (1, '2024-01-01', 1)")
    shop = workspace(tmp_path, monkeypatch, erp.url, asked='table = "orders", cursor = "id"')
    assert shop.run()[0].note == (
        "source 'erp': the cursor 'id' must hold whole numbers, times, dates or texts, not values of type float."
    )


def test_without_a_cursor_everything_is_read_and_equal_rows_are_no_delivery(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    shop = workspace(tmp_path, monkeypatch, erp.url, delivery="full")
    add(erp, 1)
    add(erp, 2)
    assert states(shop.run()) == [("database:orders", "landed")]
    erp.run("update orders set note = note where id = 1")  # to another place on the disk, so in another order
    assert states(shop.run()) == [("database:orders", "unchanged")]
    erp.run("delete from orders where id = 1")
    assert states(shop.run()) == [("database:orders", "landed")]
    assert landed(shop)["id"].to_pylist() == [2]


@pytest.mark.parametrize(
    "asked",
    [
        "select id, at, total, ':x' || '{\"a\":1}' as said from orders where note like 'n%' and id % 2 = 1;",
        "with odd as (select * from orders where id::int % 2 = 1) select *, ':x{\"a\":1}' as said from odd -- odd ones",
    ],
)
def test_a_query_is_asked_as_it_is_written(
    asked: str, erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS)
    for number in (1, 2, 3):
        add(erp, number)
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=f"query = '''{asked}''', cursor = 'id'")
    shop.run()
    assert [(each["id"], each["said"]) for each in landed(shop).to_pylist()] == [(1, ':x{"a":1}'), (3, ':x{"a":1}')]


def test_odd_names_are_taken_as_the_database_gives_them(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = 'odd "; drop table orders; --'
    quoted = name.replace('"', '""')
    erp.run('create schema "Sa les"', 'grant usage on schema "Sa les" to public')
    erp.run(f'create table "Sa les"."{quoted}" ("No %d" int, "select" date, "a""b" int)')
    erp.run(f"""insert into "Sa les"."{quoted}" values (1, '2024-01-01', 5)""")  # noqa: S608 - of a test
    erp.run('grant select on all tables in schema "Sa les" to public')
    settings = f"""
[[source]]
name = "erp"
table = "order_line"
delivery = "upsert"
database = {{ url_from = "ERP_URL", table = '''Sa les.{name}''', cursor = "No %d" }}
columns = {{ order_id = "No %d", ordered_at = "select", net_revenue = 'a"b' }}
"""
    monkeypatch.setenv("ERP_URL", erp.url)
    shop = Workspace(tmp_path, settings)
    shop.run()
    assert landed(shop).to_pylist() == [{"No %d": 1, "select": date(2024, 1, 1), 'a"b': 5}]


def test_the_transaction_only_reads_and_sees_one_state(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = """query = '''select 1 as id, date '2024-01-01' as at, 1 as total,
        current_setting('transaction_read_only') as only, current_setting('transaction_isolation') as level'''"""
    shop = workspace(tmp_path, monkeypatch, erp.url, asked=asked)
    shop.run()
    found = landed(shop).to_pylist()[0]
    assert (found["only"], found["level"]) == ("on", "repeatable read")


def test_the_same_rows_in_chunks_of_any_size_are_the_same_delivery(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp.run(ORDERS, "insert into orders select n, now(), n * 1.1, null, 'n' from generate_series(1, 1000) n")
    shop = workspace(tmp_path, monkeypatch, erp.url)
    shop.run()
    monkeypatch.setattr(query, "ROWS_AT_ONCE", 7)
    assert states(shop.run()) == [("database:orders", "unchanged")]
    assert Decimal(landed(shop)["total"][99].as_py()) == Decimal("110")
