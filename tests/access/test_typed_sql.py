"""SQL that a person types: what runs is written anew, and nothing but selects over published tables ever runs."""

# ruff: noqa: S608, E501 -- the statements are hostile on purpose, and stand one a line
from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.cube.typed_sql import written
from clientela.cube.view import View
from clientela.errors import ClientelaError, NotPermittedError
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import MIDNIGHT, publish
from tests.access.naive import Person
from tests.some import some
from tests.unit.cube.published import Published, line, reference

FILES = ("/etc/passwd", "facts-1.duckdb", "x.csv", "https://example.com/x.parquet", "*.parquet")
READERS = (
    "read_csv", "read_csv_auto", "read_parquet", "parquet_scan", "read_json", "read_json_auto", "read_json_objects",
    "read_ndjson", "read_text", "read_blob", "glob", "sniff_csv", "parquet_metadata", "parquet_schema",
    "parquet_file_metadata", "parquet_kv_metadata", "sqlite_scan", "postgres_scan", "mysql_scan", "iceberg_scan",
    "delta_scan", "st_read", "read_xlsx", "arrow_scan", "pandas_scan", "python_map_function", "csv_scan",
)  # fmt: skip
FUNCTIONS = (
    "query('select 1')", "query_table('order_line')", "duckdb_settings()", "duckdb_secrets()", "duckdb_tables()",
    "duckdb_functions()", "duckdb_databases()", "pragma_table_info('order_line')", "pragma_version()",
    "pragma_show('order_line')", "pragma_database_size()", "pragma_storage_info('order_line')",
    "generate_series(1, 1000000000)", "range(1000000000)", "repeat_row(1, 2, num_rows=1000000000)",
    "repeat(1, 1000000000)", "summary(order_line)", "checkpoint()", "force_checkpoint()", "test_all_types()",
    "unnest([1, 2])", "which_secret('x', 's3')", "sql_auto_complete('sel')", "duckdb_logs()", "enable_logging()",
)  # fmt: skip
SCALARS = (
    "getenv('HOME')", "current_setting('secret_directory')", "current_database()", "current_user", "current_schema()",
    "repeat('a', 1000000000)", "lpad('a', 1000000000, 'b')", "nextval('s')", "currval('s')", "write_log('x')",
    "txid_current()", "version()", "random()", "gen_random_uuid()", "setseed(0.5)", "hash(1)", "error('x')",
    "list_transform([1], x -> x)", "array_agg(net_revenue)", "struct_pack(a := 1)", "map([1], [2])",
    "regexp_matches('a', 'a')",
    "from_base64('x')", "add_parquet_key('k', 'v')", "pg_sleep(10)", "load_aws_credentials()", "$1", "?", ":x", "@x",
)  # fmt: skip
STATEMENTS = (
    "copy order_line to '{file}'", "copy (select 1) to '{file}'", "copy order_line from '{file}'",
    "attach '{file}' as y",
    "export database '{file}'", "import database '{file}'", "load '{file}'", "install '{file}'",
    "create table t as select * from '{file}'",
    "insert into order_line select * from '{file}'", "create view v as select * from '{file}'",
    "select * from '{file}'",
    'select * from "{file}"', "from '{file}'", "select * from (values (1)) t, '{file}'",
    "select (select count(*) from '{file}')", "with t as (select * from '{file}') select * from t",
    "select 1 where exists (select 1 from '{file}')", "describe '{file}'", "summarize '{file}'",
)  # fmt: skip
PLAIN = (
    "", ";", "select", "select 1; select 2", "select 1; copy order_line to 'x'", "set threads = 1", "reset threads",
    "pragma database_list", "pragma enable_external_access", "set enable_external_access = true", "use people",
    "checkpoint",
    "vacuum", "analyze", "begin", "commit", "drop table order_line", "delete from order_line", "truncate order_line",
    "update order_line set kind = 'x'", "insert into order_line select * from order_line",
    "alter table order_line drop kind",
    "create macro f() as 1", "create secret (type s3)", "create sequence s",
    "create or replace table order_line as select 1",
    "call pragma_version()", "explain analyze select 1", "prepare p as select 1", "execute p", "deallocate p",
    "show tables",
    "describe order_line", "summarize order_line", "detach facts", "attach ':memory:' as y", "load httpfs",
    "install httpfs",
    "select * from information_schema.tables", "select * from pg_catalog.pg_tables", "select * from sqlite_master",
    "select * from duckdb_tables", "select * from main.order_line", "select * from facts.main.order_line",
    "select * from temp.order_line", "select * from memory.main.x", "select * from system.information_schema.tables",
    "with order_line as (select 1 as net_revenue) select * from order_line",
    "with Order_Line as (select 1) select 1",
    "with recursive t as (select 1 union all select * from t) select * from t",
    "select * from nothing", "select * from people.customer", "select * from people.nothing", "table order_line",
    "select * from order_line tablesample 10%", "select * from order_line using sample 3",
    "pivot order_line on kind using count(*)", "unpivot order_line on quantity", "select columns('.*') from order_line",
    "select * exclude (kind) from order_line", "select * replace (1 as kind) from order_line",
    "select * from order_line at (version => 1)",
    "select * from order_line asof join product using (product_id)", "select * from order_line positional join product",
    "select net_revenue into x from order_line", "select * from order_line for update", "values (1)",
    "select 1 as a, lateral_view explode(b)", "select [x for x in [1, 2]]", "select {'a': 1}",
    "select interval '1' day",
    "(((((select 1", "select '", "select \"", "select /*", "select \x00", "select 1 -- \x00",
)  # fmt: skip


def hostile() -> list[str]:
    told = [f"select * from {name}('{file}')" for name, file in product(READERS, FILES)]
    told += [f"select {name}('{FILES[0]}')" for name in READERS]
    told += [f"select * from {each}" for each in FUNCTIONS]
    told += [f"with t as (select * from {each}) select 1" for each in FUNCTIONS]
    told += [f"select {each} from order_line" for each in SCALARS]
    told += [f"select 1 from order_line where {each} is not null" for each in SCALARS]
    told += [each.format(file=file) for each, file in product(STATEMENTS, FILES[:3])]
    told += PLAIN
    told += [
        "select " + "(" * 5_000 + "1" + ")" * 5_000,
        "select 1 " + "union all select 1 " * 6_000,
        "select " + "x" * 30_000,
    ]
    return told


# What is harmless to run: each is written anew, over the published tables alone, as the person sees them.
HARMLESS = {
    "select @x from order_line", "select 1 from order_line where @x is not null", "table order_line",
    "select * exclude (kind) from order_line", "select * replace (1 as kind) from order_line",
    "select * from order_line asof join product using (product_id)",
    "select * from order_line positional join product", "select interval '1' day",
}  # fmt: skip


@pytest.fixture(scope="module")
def view() -> View:
    engine = Engine.in_memory()
    published = Published(engine).add(order_line=[line("o", 1, "2024-01-02", "5")], product=[reference(product_id="p")])
    return published.view(people=None)


def test_there_are_three_hundred_of_them() -> None:
    assert len(set(hostile())) >= 300


@pytest.mark.parametrize("said", hostile(), ids=range(len(hostile())))
def test_a_hostile_statement_is_refused_before_anything_runs(view: View, said: str) -> None:
    try:
        told = written(said, view, most=10)
    except ClientelaError as error:
        assert str(error)
        assert "\n" not in str(error)
        return
    assert said in HARMLESS, told.sql


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("select kind, sum(net_revenue) as r from order_line group by kind order by r desc", [("sale", 12), ("return", -2)]),
        ("select count(*) from order_line", [(3,)]),
        ("with t as (select net_revenue as r from order_line) select max(r), avg(r) from t", [(7, Decimal("3.3333333333333335"))]),
        ("select a.order_id from order_line a join order_line b on a.order_id = b.order_id where b.kind = 'return'", [("o3",)]),
        ("select order_id, row_number() over (order by order_id) from order_line order by 1 limit 2 offset 1", [("o2", 2), ("o3", 3)]),
        ("select case when kind ilike 'SA%' then 1 else 0 end as s, count(*) from order_line group by 1 order by 1", [(0, 1), (1, 2)]),
        ("select order_id from order_line where order_id in (select order_id from order_line where kind = 'sale') union select 'x' order by 1",
         [("o1",), ("o2",), ("x",)]),
    ],
)  # fmt: skip
def test_what_an_analyst_writes_runs_as_written(said: str, expected: list[tuple[object, ...]]) -> None:
    with Engine.in_memory() as engine:
        published = Published(engine).add(
            order_line=[
                line("o1", 1, "2024-01-02", "5"),
                line("o2", 1, "2024-01-03", "7"),
                line("o3", 2, "2024-01-04", "-2", kind="return"),
                line("o4", 2, "2024-08-04", "99"),  # after the date that is looked from
            ]
        )
        got = run(published.view(), said)
    assert [tuple(float(v) if isinstance(v, (Decimal, float)) else v for v in row) for row in got] == [
        tuple(float(v) if isinstance(v, (Decimal, float)) else v for v in row) for row in expected
    ]


def run(view: View, said: str) -> list[tuple[object, ...]]:
    import sqlglot

    told = written(said, view, most=1_000)
    table = view.reader.fetch(sqlglot.parse_one(told.sql, dialect="duckdb"), told.parameters)
    return list(zip(*(each.to_pylist() for each in table.columns), strict=True))


@pytest.mark.parametrize("part", some(range(4), one_in=4))
def test_a_person_s_sql_reads_the_rows_and_columns_they_see(part: int) -> None:
    compared = 0
    for seed in range(part, 40, 4):
        rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
        tables = cases.company(rng)
        with Engine.in_memory(threads=1) as engine:
            published = Published(engine)
            publish(published, tables)
            for _ in range(8):
                given = cases.grants(rng, tables)
                person = Person(given, tables, cases.ON)
                view = published.view(cases.ON, MIDNIGHT, scope=cases.scope(given, tables))
                told = _rows(person, tables["order_line"], ("order_id", "line_no", "net_revenue", "channel"))
                try:
                    got = run(view, "select order_id, line_no, net_revenue, channel from order_line order by 1, 2")
                except NotPermittedError:
                    assert not told
                    continue
                assert got == told, (seed, given)
                compared += len(told)
                scores = ("analysis", "customer_id", "value", "unit")
                forecast = _rows(person, tables["score"], scores, "score")
                try:
                    got = run(view, "select analysis, customer_id, value, unit from score")
                except NotPermittedError:
                    assert not forecast
                    continue
                assert Counter(got) == Counter(forecast), (seed, given)
                compared += len(forecast)
    assert compared > 1_000


def _rows(
    person: Person, rows: list[dict[str, object]], columns: tuple[str, ...], table: str = "order_line"
) -> list[tuple[object, ...]]:
    from tests.access.naive import allowed

    every = {name for row in rows for name in row} | ({"source"} if table == "order_line" else set())
    tells = [each for each in person.grants if person.tells([each], [*every])]
    grants = {name: [g for g in tells if allowed(f"{table}.{name}", g.columns)] for name in every}
    shown = []
    for row in rows:
        if any(person.sees(given, table, row) for given in grants.values()):
            shown.append(tuple(row[n] if person.sees(grants[n], table, row) else None for n in columns))
    return sorted(shown, key=lambda row: (row[0] is None, str(row[0]), row[1] is None, str(row[1])))


def test_a_personal_table_is_read_by_who_may_alone() -> None:
    with Engine.in_memory() as engine:
        published = Published(engine).add(customer=[{"customer_id": 1, "kind": "person"}])
        published.add_people("customer", [{"customer_id": 1, "full_name": "Ana", "email": "a@b.es"}])
        one = Scope(
            (
                Right(
                    reach=(Area(customers=frozenset({1})),), columns=Names(("customer.full_name",)), measures=Names(())
                ),
            )
        )
        view = published.view(date(2024, 7, 1), scope=one)
        assert run(view, "select full_name, email from people.customer") == [("Ana", None)]
        assert written("select full_name, email from people.customer", view, most=1).hidden == ("customer.email",)
        other = Scope(
            (
                Right(
                    reach=(Area(customers=frozenset({2})),), columns=Names(("customer.full_name",)), measures=Names(())
                ),
            )
        )
        assert run(published.view(scope=other), "select full_name from people.customer") == []
        nobody = Scope((Right(reach=(Area(),), columns=Names(("order_line.*",)), measures=Names(())),))
        with pytest.raises(NotPermittedError, match="'customer' cannot be seen with your rights"):
            written("select full_name from people.customer", published.view(scope=nobody), most=1)
