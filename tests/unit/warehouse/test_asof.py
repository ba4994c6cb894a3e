"""As of a date a query sees what had happened before it and was known, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Column, Contract, Kind, Type
from clientela.contracts.tables import CONTRACTS
from clientela.errors import ContractError
from clientela.warehouse.asof import as_known, logical_columns
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import ENGINE_TYPES, facts_part
from clientela.warehouse.portable import parse_model
from tests.some import examples

ALL = {**CONTRACTS, **DERIVED}
DAY_1 = date(2020, 1, 1)
NOON_1 = datetime.fromisoformat("2020-01-01T12:00")  # naive: UTC, as in the files


def query(sql: str) -> exp.Query:
    return parse_model(sql, "question")


def day(n: int | None) -> date | None:
    return None if n is None else DAY_1 + timedelta(days=n)


def noon(n: int | None) -> datetime | None:
    return None if n is None else NOON_1 + timedelta(days=n)


def opportunity(
    id: str, opened: int, known: int, until: int | None = None, closed: int | None = None, status: str = "open"
) -> dict[str, Any]:
    return {
        "opportunity_id": id,
        "customer_id": len(id) * 500,
        "amount": Decimal(10 * len(id)),
        "product_id": id[0],
        "closed_at": noon(closed),
        "closed_on": day(closed),
        "status": status,
        "happened_at": noon(opened),
        "happened_on": day(opened),
        "known_from": noon(known),
        "known_until": noon(until),
        "known_assumed": False,
    }


PHYSICAL = pa.schema(
    [
        ("opportunity_id", pa.string()),
        ("customer_id", pa.int64()),
        ("amount", pa.decimal128(18, 4)),
        ("product_id", pa.string()),
        ("closed_at", pa.timestamp("us")),
        ("closed_on", pa.date32()),
        ("status", pa.string()),
        ("happened_at", pa.timestamp("us")),
        ("happened_on", pa.date32()),
        ("known_from", pa.timestamp("us")),
        ("known_until", pa.timestamp("us")),
        ("known_assumed", pa.bool_()),
    ]
)
PRODUCT = pa.schema(
    [
        ("product_id", pa.string()),
        ("name", pa.string()),
        ("known_from", pa.timestamp("us")),
        ("known_until", pa.timestamp("us")),
    ]
)


def asked(rows: list[dict[str, Any]], sql: str, as_of: int, known_at: int, **more: object) -> list[tuple[Any, ...]]:
    tree = as_known(query(sql), ALL, sample="sample_permille" in more)
    with Engine.in_memory(threads=1) as engine:
        engine.register("opportunity", pa.Table.from_pylist(rows, PHYSICAL))
        found = engine.fetch(tree, {"as_of": day(as_of), "known_at": noon(known_at), **more})
    return [tuple(row.values()) for row in found.to_pylist()]


def test_what_happens_on_the_day_itself_is_not_seen() -> None:
    rows = [opportunity("a", 4, 4), opportunity("b", 5, 5)]
    assert asked(rows, "select opportunity_id from opportunity", 5, 9) == [("a",)]


def test_a_version_counts_from_after_it_was_known_until_the_next_was() -> None:
    rows = [opportunity("a", 0, 2, until=6, status="open"), opportunity("a", 0, 6, status="won", closed=1)]
    sql = "select status from opportunity"
    assert asked(rows, sql, 9, 2) == []
    assert asked(rows, sql, 9, 3) == [(None,)]  # never closed: nothing is known of how it was decided
    assert asked(rows, sql, 9, 6) == [(None,)]
    assert asked(rows, sql, 9, 7) == [("won",)]


def test_a_column_of_a_later_moment_reads_null_until_that_moment_has_passed() -> None:
    rows = [opportunity("a", 0, 0, closed=5, status="won")]
    sql = "select status, closed_at, closed_on, amount from opportunity"
    assert asked(rows, sql, 5, 9) == [(None, None, None, Decimal(10))]
    assert asked(rows, sql, 6, 9) == [("won", noon(5), day(5), Decimal(10))]


def test_the_event_time_answers_to_its_own_name() -> None:
    rows = [opportunity("a", 3, 3)]
    sql = "select opened_at, opened_on, happened_at, happened_on from opportunity"
    assert asked(rows, sql, 5, 9) == [(noon(3), day(3), noon(3), day(3))]


def test_a_sample_is_taken_of_customers() -> None:
    rows = [opportunity("a", 0, 0), opportunity("bb", 0, 0)]  # customers 500 and 1000
    sql = "select customer_id from opportunity order by customer_id"
    assert asked(rows, sql, 9, 9, sample_permille=500) == [(1000,)]
    assert asked(rows, sql, 9, 9, sample_permille=501) == [(500,), (1000,)]


def test_counting_needs_no_column() -> None:
    assert asked([opportunity("a", 0, 0), opportunity("b", 9, 9)], "select count(*) as n from opportunity", 9, 99) == [
        (1,)
    ]


def test_when_the_next_version_came_cannot_be_named() -> None:
    assert all("known_until" not in logical_columns(contract) for contract in CONTRACTS.values())


def test_the_given_tree_is_left_as_it_was() -> None:
    tree = query("select opportunity_id from opportunity")
    before = tree.sql()
    as_known(tree, ALL)
    assert tree.sql() == before


def test_an_as_of_table_is_read_at_its_date_and_keeps_left_joins() -> None:
    tree = as_known(
        query("select c.customer_id, f.revenue from customer as c left join customer_feature as f using (customer_id)"),
        ALL,
        as_of_tables={"customer_feature"},
    )
    assert tree.sql("duckdb") == (
        "SELECT c.customer_id, f.revenue FROM customer AS c "
        "LEFT JOIN (SELECT customer_id, revenue FROM customer_feature WHERE as_of = CAST($as_of AS DATE)) AS f "
        "USING (customer_id)"
    )


def test_people_and_unknown_tables_are_left_alone() -> None:
    sql = "SELECT p.email FROM people.customer_record AS p, fitted AS t"
    assert as_known(query(sql), ALL).sql("duckdb") == sql.replace(", fitted", ", fitted")


def test_a_cte_that_bears_a_tables_name_is_not_the_table() -> None:
    tree = parse_one("with product as (select 1 as product_id) select product_id from product", read="duckdb")
    assert isinstance(tree, exp.Query)
    assert as_known(tree, ALL).sql() == tree.sql()


def test_a_moment_that_is_no_date_is_refused() -> None:
    broken = Contract(
        name="broken",
        description="",
        key=("id",),
        kind=Kind.FACT,
        event_time="at",
        columns=(
            Column(name="id"),
            Column(name="at", type=Type.INSTANT),
            Column(name="text"),
            Column(name="late", known_with="text"),
        ),
    )
    with pytest.raises(ContractError, match="'text', a moment other columns are known with, is no date"):
        logical_columns(broken)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_column_of_every_contract_can_be_asked(name: str) -> None:
    columns = logical_columns(CONTRACTS[name])
    listed = exp.select(*(exp.column(exp.to_identifier(each, quoted=True)) for each in columns)).from_(name)
    part = facts_part(CONTRACTS[name])
    assert part is not None
    with Engine.in_memory(threads=1) as engine:
        empty = exp.select(
            *(exp.alias_(exp.cast(exp.null(), ENGINE_TYPES[c.type]), c.name, quoted=True) for c in part.columns)
        )
        engine.register(name, engine.fetch(empty.limit(0)))
        found = engine.fetch(as_known(listed, CONTRACTS), {"as_of": DAY_1, "known_at": noon(0)})
    assert found.column_names == list(columns)


# The oracle: Python picks the rows that are known and blanks what is told later; then the author's own
# query, word for word, over those rows must answer what the rewritten query answers over all versions.

QUESTIONS = (
    "select opportunity_id, status from opportunity",
    "select status, count(*) as n, sum(amount) as amount from opportunity group by status",
    "with won as (select product_id, amount from opportunity where status = 'won') "
    "select product_id, count(*) as n from won group by product_id",
    "select o.opportunity_id, p.name from opportunity as o left join product as p on p.product_id = o.product_id",
    "select opportunity_id, name from opportunity join product using (product_id)",
    "select a.opportunity_id, b.opportunity_id as other from opportunity as a, opportunity as b "
    "where a.product_id = b.product_id and a.closed_on < b.opened_on",
    "select name from product where exists (select 1 as one from opportunity where product_id = product.product_id)",
    "select name from product where product_id in (select product_id from opportunity where closed_on is null)",
    "select opportunity_id as id from opportunity union all select name as id from product",
    "select amount, (select count(*) as n from product as p where p.product_id = o.product_id) as n "
    "from opportunity as o",
    "with a as (select product_id, max(closed_at) as last from opportunity group by product_id), "
    "b as (select product_id, name from product) select b.name, a.last from b join a on a.product_id = b.product_id",
    "select x.n from (select count(*) as n from (select distinct customer_id from opportunity) as y) as x",
)

small = st.integers(0, 6)
versions = st.lists(
    st.builds(
        opportunity,
        id=st.sampled_from(["a", "b", "aa", "bb"]),
        opened=small,
        known=small,
        until=st.none() | small,
        closed=st.none() | small,
        status=st.sampled_from(["won", "lost", "open"]),
    ),
    max_size=6,
)
products = st.lists(
    st.builds(
        lambda id, name, known, until: {
            "product_id": id,
            "name": name,
            "known_from": noon(known),
            "known_until": noon(until),
        },
        st.sampled_from(["a", "b"]),
        st.sampled_from(["x", "y"]),
        small,
        st.none() | small,
    ),
    max_size=3,
)


def is_known(row: dict[str, Any], known_at: datetime) -> bool:
    return row["known_from"] < known_at and (row["known_until"] is None or row["known_until"] >= known_at)


def visible(row: dict[str, Any], as_of: date) -> dict[str, Any]:
    told = row["closed_on"] is not None and row["closed_on"] < as_of
    late = {name: row[name] if told else None for name in ("closed_at", "closed_on", "status")}
    return {**row, **late, "opened_at": row["happened_at"], "opened_on": row["happened_on"]}


@settings(max_examples=examples(150), deadline=None)
@given(rows=versions, stock=products, as_of=small, known_at=small, sql=st.sampled_from(QUESTIONS))
def test_the_rewritten_query_answers_what_a_reader_of_known_rows_would(
    rows: list[dict[str, Any]], stock: list[dict[str, Any]], as_of: int, known_at: int, sql: str
) -> None:
    tree = query(sql)
    then, known = DAY_1 + timedelta(days=as_of), NOON_1 + timedelta(days=known_at)
    seen = [visible(row, then) for row in rows if row["happened_on"] < then and is_known(row, known)]
    logical = PHYSICAL.append(pa.field("opened_at", pa.timestamp("us"))).append(pa.field("opened_on", pa.date32()))
    with Engine.in_memory(threads=1) as engine:
        engine.register("opportunity", pa.Table.from_pylist(seen, logical))
        engine.register("product", pa.Table.from_pylist([each for each in stock if is_known(each, known)], PRODUCT))
        expected = engine.fetch(tree)
        engine.register("opportunity", pa.Table.from_pylist(rows, PHYSICAL))
        engine.register("product", pa.Table.from_pylist(stock, PRODUCT))
        found = engine.fetch(as_known(tree, ALL), {"as_of": then, "known_at": known})
    assert sorted(map(str, found.to_pylist())) == sorted(map(str, expected.to_pylist()))
