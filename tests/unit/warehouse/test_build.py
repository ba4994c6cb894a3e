"""A build writes tables by their contracts and publishes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from clientela.errors import ContractError, SnapshotError, UnknownNameError
from clientela.warehouse.build import Build
from clientela.warehouse.model import ALL, Model, parse_file
from clientela.warehouse.store.snapshot import Reader, Snapshot, current
from tests.unit.warehouse.small import CONTRACTS

NOON = datetime.fromisoformat("2017-10-01T12:00")
LINES = """
    select * from (values
        ('a1', '1', 7,    date '2017-09-01', 'sale',   10.00, timestamp '2017-09-01 10:00:00'),
        ('a2', '1', 7,    date '2017-09-20', 'sale',    5.50, timestamp '2017-09-20 10:00:00'),
        ('a3', '1', 3,    date '2017-09-21', 'return', -2.25, timestamp '2017-09-21 10:00:00'),
        ('a4', '1', null, date '2017-09-30', 'sale',   99.99, timestamp '2017-09-30 10:00:00')
    ) as t(order_id, line_no, customer_id, happened_on, kind, net_revenue, happened_at)
"""


def query(sql: str) -> exp.Query:
    tree = parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


def order_lines(rows: str = LINES) -> exp.Query:
    return query(f"""
        select
            'shop' as source, order_id, line_no, customer_id, kind, happened_on, happened_at,
            cast(net_revenue as decimal(18, 4)) as net_revenue,
            happened_at as known_from, cast(null as timestamp) as known_until, true as known_assumed,
            null as returns_order_id, null as product_id, null as quantity, null as tax, null as discount,
            null as cost_of_goods, false as cost_assumed, null as currency, null as channel, null as territory_id,
            null as campaign_id, null as payment_method
        from ({rows}) as delivered
        order by customer_id, happened_at
    """)  # noqa: S608 -- a test's own text


def revenue_model(kind: str = "as-of", grain: str = "customer_id") -> Model:
    text = f"""-- customer_feature
-- What each customer brought.
-- Grain: {grain}
-- Kind: {kind}
select customer_id, min(happened_on) as first_bought_on, max(happened_on) as last_bought_on,
    count(*) - 1 as repeat_purchases, 0 as recency_days, 0 as age_days, 1 as recent_purchases,
    cast(sum(net_revenue) as decimal(18, 4)) as revenue, 0 as recent_revenue, 0 as year_revenue,
    null as margin, null as revenue_with_cost
from order_line
where customer_id is not null
group by customer_id
"""  # noqa: S608 -- a test's own text
    return parse_file(text, "customer_feature")


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    with Build(tmp_path, 1, contracts={**ALL, **CONTRACTS}) as build:
        yield build


def test_rows_lie_in_the_order_the_query_asks_for(build: Build) -> None:
    assert build.create("order_line", order_lines()) == 4
    assert build.rows()["order_line"] == 4
    rows = build.engine.fetch(query("select customer_id, net_revenue from order_line order by rowid")).to_pydict()
    assert rows["customer_id"] == [3, 7, 7, None]
    assert rows["net_revenue"] == [Decimal("-2.2500"), Decimal("10.0000"), Decimal("5.5000"), Decimal("99.9900")]


def test_an_as_of_model_sees_what_had_happened_and_names_its_date(build: Build) -> None:
    build.create("order_line", order_lines())
    for day in (date(2017, 9, 21), date(2017, 10, 1)):
        build.run_model(revenue_model(), as_of=day, known_at=NOON)
    found = build.engine.fetch(
        query("select as_of, customer_id, revenue from customer_feature order by as_of, customer_id")
    )
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (date(2017, 9, 21), 7, Decimal("15.5000")),
        (date(2017, 10, 1), 3, Decimal("-2.2500")),
        (date(2017, 10, 1), 7, Decimal("15.5000")),
    ]


def test_running_an_as_of_model_again_replaces_that_date_only(build: Build) -> None:
    build.create("order_line", order_lines())
    for day in (date(2017, 9, 21), date(2017, 10, 1), date(2017, 10, 1)):
        build.run_model(revenue_model(), as_of=day, known_at=NOON)
    assert build.engine.fetch(query("select count(*) as n from customer_feature"))["n"][0].as_py() == 3


def test_a_sample_keeps_the_same_customers_whatever_the_table(build: Build) -> None:
    build.create("order_line", order_lines())
    rows = build.run_model(revenue_model(), as_of=date(2017, 10, 1), known_at=NOON, sample_permille=5)
    assert rows == 1  # customer 3; customer 7 is not below 5
    assert build.arrays("customer_feature")["customer_id"].tolist() == [3]


def test_all_breaches_of_shape_and_rows_are_told_at_once(build: Build) -> None:
    wrong = query("select 'x' as analysis, null as customer_id, 1.5 as value, cast(1 as double) as low, 2 as uni")
    with pytest.raises(ContractError) as caught:
        build.create("score", wrong)
    assert caught.value.breaches == (
        "column 'as_of' is missing",
        "column 'high' is missing",
        "column 'unit' is missing",
        "column 'model_version' is missing",
        "column 'uni' is unknown; known: 'analysis', 'as_of', 'customer_id', 'high', 'low', 'model_version', 'unit', "
        "'value'. Did you mean 'unit'?",
        "column 'low' is DOUBLE, not number (DECIMAL(18,6)): cast it",
        "column 'customer_id' is null in 1 of 1 rows",
    )
    assert "score" not in build.tables()


def test_null_and_doubled_keys_are_counted_and_nothing_is_written(build: Build) -> None:
    twice = "select * from (values (1, 2), (1, 3), (2, 2), (null, 1)) as t(customer_id, records)"
    with pytest.raises(ContractError) as caught:
        build.create("customer", query(twice))
    assert caught.value.breaches == (
        "column 'customer_id' is null in 1 of 4 rows",
        "1 keys (customer_id) are there more than once",
    )
    assert "customer" not in build.tables()


def test_a_table_is_written_as_a_whole_once(build: Build) -> None:
    once = query("select 1 as customer_id, 1 as records")
    build.create("customer", once)
    with pytest.raises(ContractError, match="it is there already, and 'again' would write it again"):
        build.create("customer", once, step="again")
    with pytest.raises(UnknownNameError, match="Did you mean 'customer'"):
        build.create("custumer", once)


def test_personal_columns_go_to_the_people_file_and_nowhere_else(build: Build) -> None:
    build.create(
        "identity",
        query("select 'ab' as customer_ref, 'shop' as source, 'eve@example.org' as record_id, 171 as customer_id"),
    )
    facts = build.engine.fetch(query("select * from facts.identity")).to_pylist()
    people = build.engine.fetch(query("select * from people.identity")).to_pylist()
    assert facts == [{"customer_ref": "ab", "source": "shop", "customer_id": 171}]
    assert people == [{"customer_ref": "ab", "record_id": "eve@example.org"}]


def test_a_column_that_is_null_in_all_rows_is_null_in_both_files(build: Build) -> None:
    build.create("identity", query("select 'ab' as customer_ref, 'x' as source, null as record_id, 7 as customer_id"))
    facts = build.engine.fetch(query("select * from facts.identity")).to_pylist()
    people = build.engine.fetch(query("select * from people.identity")).to_pylist()
    assert facts == [{"customer_ref": "ab", "source": "x", "customer_id": 7}]
    assert people == [{"customer_ref": "ab", "record_id": None}]


def test_a_key_of_both_files_that_is_doubled_or_null_is_told_once(build: Build) -> None:
    rows = (
        "select {} as customer_ref, 'x' as source, n as record_id, 1 as customer_id from (values ('1'), ('2')) as t(n)"
    )
    breaches = {
        "'ab'": "1 keys (customer_ref) are there more than once",
        "null": "column 'customer_ref' is null in 2 of 2 rows",
    }
    for ref, said in breaches.items():
        with pytest.raises(ContractError) as refused:
            build.create("identity", query(rows.format(ref)))
        assert said in refused.value.breaches
        assert len(refused.value.breaches) == len(set(refused.value.breaches))


def test_a_fit_replaces_its_own_part_of_a_shared_table_and_no_other(build: Build) -> None:
    def scores(values: list[float]) -> dict[str, np.ndarray]:
        return {"customer_id": np.arange(len(values)), "value": np.array(values), "low": np.full(len(values), np.nan)}

    fixed = {"as_of": date(2017, 10, 1), "unit": "share", "model_version": "1"}
    nothing = {"high": np.array([np.nan, np.nan])}
    build.append("score", {**scores([0.1234565, 0.5]), **nothing}, {"analysis": "churn-risk", **fixed})
    build.append("score", {**scores([1.0, 2.0]), **nothing}, {"analysis": "customer-value", **fixed})
    build.append("score", {**scores([0.25, 0.75]), **nothing}, {"analysis": "churn-risk", **fixed})
    arrays = build.arrays("score")
    assert arrays["analysis"].tolist() == ["churn-risk", "churn-risk", "customer-value", "customer-value"]
    assert arrays["value"].tolist() == [0.25, 0.75, 1.0, 2.0]
    assert np.isnan(arrays["low"]).all()
    assert arrays["as_of"].dtype == np.dtype("datetime64[D]")


def test_what_a_fit_writes_is_rounded_to_the_scale_of_the_contract(build: Build) -> None:
    build.append(
        "score",
        {
            "customer_id": np.array([1]),
            "value": np.array([2 / 3]),
            "low": np.array([-1e-9]),
            "high": np.array([np.nan]),
        },
        {"analysis": "a", "as_of": date(2017, 10, 1), "unit": "share", "model_version": "1"},
    )
    row = build.engine.fetch(query("select value, low, high from score")).to_pylist()[0]
    assert row == {"value": Decimal("0.666667"), "low": Decimal("0.000000"), "high": None}


def test_numbers_without_a_place_in_the_table_are_refused(build: Build) -> None:
    arrays = {"customer_id": np.array([1.5, np.nan]), "value": np.array([np.inf, 1e13])}
    with pytest.raises(ContractError) as caught:
        build.append("score", arrays)
    assert caught.value.breaches == (
        "column 'customer_id' is no whole number in 1 rows",
        "column 'value' is infinite in 1 rows",
    )
    with pytest.raises(ContractError, match="differ in length"):
        build.append("score", {"customer_id": np.array([1, 2]), "value": np.array([1.0])})
    with pytest.raises(ContractError, match="beyond 1,000,000,000,000"):
        build.append("score", {"value": np.array([1e13])})


def test_part_of_a_shared_table_from_a_model(build: Build) -> None:
    build.create("order_line", order_lines())
    build.run_model(revenue_model(), as_of=date(2017, 10, 1), known_at=NOON)
    model = parse_file(
        """-- rank
-- The customers by revenue.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (customer-value)
select customer_id, cast(row_number() over (order by revenue desc, customer_id) as decimal(18, 6)) as value,
    null as low, null as high, 'rank' as unit, '1' as model_version
from customer_feature
""",
        "rank",
    )
    for _ in range(2):
        build.run_model(model, as_of=date(2017, 10, 1), known_at=NOON)
    arrays = build.arrays("score")
    assert arrays["customer_id"].tolist() == [3, 7]
    assert arrays["value"].tolist() == [2.0, 1.0]
    assert arrays["analysis"].tolist() == ["customer-value"] * 2


def test_the_write_log_says_who_wrote_what_from_what(build: Build) -> None:
    build.create("order_line", order_lines(), step="deliveries", reads=["shop"])
    build.run_model(revenue_model(), as_of=date(2017, 10, 1), known_at=NOON)
    told = [(w.table, w.step, w.reads, w.rows, w.as_of) for w in build.written]
    assert told == [
        ("order_line", "deliveries", ("shop",), 4, None),
        ("customer_feature", "customer_feature", ("order_line",), 2, date(2017, 10, 1)),
    ]
    assert all(written.seconds >= 0 for written in build.written)


def test_what_is_published_can_be_read_and_the_build_files_are_gone(tmp_path: Path) -> None:
    with Build(tmp_path, 4) as build:
        build.create("order_line", order_lines())
        snapshot = build.publish({"as_of": "2017-10-01"})
    with Reader(snapshot) as reader:
        total = reader.fetch(query("select sum(net_revenue) as total from order_line"))
        assert total.to_pylist() == [{"total": Decimal("113.2400")}]
        assert reader.tables == {"order_line"}
        assert reader.people == frozenset()
    assert snapshot.number == 4
    assert snapshot.manifest["as_of"] == "2017-10-01"
    assert sorted(path.suffix for path in (tmp_path / "snapshots").iterdir()) == ["", ".duckdb", ".duckdb", ".json"]


def test_a_build_left_without_publishing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Build(tmp_path, 1) as build:
        build.create("order_line", order_lines())
        raise ZeroDivisionError
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_registered_rows_can_become_a_table(build: Build) -> None:
    build.engine.register("refs", pa.table({"customer_ref": ["0123456789abcdef0"], "source": ["shop"], "key": ["k"]}))
    build.create(
        "identity", query("select customer_ref, source, key as record_id, id63(customer_ref) as customer_id from refs")
    )
    assert build.arrays("identity")["customer_id"].tolist() == [0x0123456789ABCDE]


def published(folder: Path, number: int) -> Snapshot:
    """A snapshot with the order lines."""
    with Build(folder, number) as made:
        made.create("order_line", order_lines())
        return made.publish({})


@pytest.mark.parametrize("beside", [False, True])
def test_a_build_that_begins_as_a_snapshot_has_its_rows_and_leaves_no_copy(tmp_path: Path, beside: bool) -> None:
    before = published(tmp_path, 1)
    with Build(tmp_path, 2) as made:
        if beside:
            made.copy(before)
        made.begin_as(before, {"order_line"})
        assert made.tables() == {"order_line"}
        made.publish({})
    with Reader(before) as one, Reader(current(tmp_path)) as other:
        assert one.fingerprint("order_line") == other.fingerprint("order_line")
    assert [path.name for path in (tmp_path / "snapshots").iterdir() if path.name.endswith(".build")] == []


def test_a_damaged_snapshot_that_was_copied_beside_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    before = published(tmp_path, 1)
    before.paths["facts"].write_bytes(before.paths["facts"].read_bytes()[:-1] + b"x")
    with Build(tmp_path, 2) as made:
        made.copy(before)
        with pytest.raises(SnapshotError, match="is damaged"):
            made.begin_as(before, {"order_line"})
    assert [path.name for path in (tmp_path / "snapshots").iterdir() if path.name.endswith(".build")] == []


def test_a_copy_that_nobody_asked_for_is_removed(tmp_path: Path) -> None:
    before = published(tmp_path, 1)
    with Build(tmp_path, 2) as made:
        made.copy(before)
        made.create("order_line", order_lines())
    assert [path.name for path in (tmp_path / "snapshots").iterdir() if path.name.endswith(".build")] == []
