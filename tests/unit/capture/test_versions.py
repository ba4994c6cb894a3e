"""Versions of facts against a plain reading of contracts.md, "How facts are kept"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from clientela.capture.deliveries import Deliveries, Rows, Whole
from clientela.capture.overlap import overlap
from clientela.capture.versions import base_table, current_rows
from clientela.contracts.tables import contract
from clientela.warehouse.engine import Engine

FIRST = date(2024, 1, 1)
ORDER_LINE = contract("order_line")


@dataclass(frozen=True)
class Line:
    """One delivered line: order, number within it, day it happened on, revenue."""

    order: int
    number: int
    day: int
    revenue: int

    @property
    def happened(self) -> datetime:
        return datetime.combine(FIRST, datetime.min.time()) + timedelta(days=self.day, hours=10)


def arrived(run: int) -> datetime:
    return datetime(2024, 1, 15, 6) + timedelta(days=7 * run)


def batch(folder: Path, sequence: int, run: int, lines: Sequence[Line], *, numbered: bool) -> Rows:
    columns: dict[str, Any] = {
        "source": pa.array(["shop"] * len(lines), pa.string()),
        "order_id": pa.array([f"o{line.order}" for line in lines], pa.string()),
        "customer_ref": pa.array([7] * len(lines), pa.int64()),
        "ordered_at": pa.array([line.happened for line in lines], pa.timestamp("us")),
        "ordered_on": pa.array([line.happened.date() for line in lines], pa.date32()),
        "kind": pa.array(["sale"] * len(lines), pa.string()),
        "net_revenue": pa.array([Decimal(line.revenue) for line in lines], pa.decimal128(18, 4)),
        "_line": pa.array(range(2, len(lines) + 2), pa.int64()),
        "_known": pa.array([None] * len(lines), pa.timestamp("us")),
    }
    if numbered:
        columns["line_no"] = pa.array([str(line.number) for line in lines], pa.string())
    file = folder / f"{sequence}.parquet"
    pq.write_table(pa.table(columns), file)
    return Rows(file=file, columns=frozenset(columns), sequence=sequence, run=run, arrived_at=arrived(run))


def visible(source: Deliveries, known_at: datetime) -> list[tuple[str, int]]:
    """(order, revenue) of the lines known at a moment, as the versions say."""
    versions = base_table(ORDER_LINE, [source])
    query = parse_one(
        """select order_id, cast(net_revenue as bigint) as revenue from version
        where known_from < cast($known_at as timestamp)
        and (known_until is null or known_until >= cast($known_at as timestamp)) order by all""",
        read="duckdb",
    )
    query.find(exp.Table).replace(versions.subquery("version"))  # type: ignore[union-attr]
    with Engine.in_memory() as engine:
        keys = engine.fetch(
            exp.select("count(*) as n", "count(distinct (order_id, line_no, known_from)) as keys").from_(
                versions.subquery("version")
            )
        ).to_pylist()[0]
        assert keys["n"] == keys["keys"], "the grain is key + known_from"
        rows = engine.fetch(query, {"known_at": known_at}).to_pylist()
    return sorted((row["order_id"], row["revenue"]) for row in rows)


Delivered = Sequence[Sequence[Line]]  # one file a run


def known_from(line: Line, run: int) -> datetime:
    return min(line.happened, arrived(run)) if run == 1 else arrived(run)


def told(lines: Iterable[Line]) -> list[tuple[str, int]]:
    return sorted((f"o{line.order}", line.revenue) for line in lines)


def by_key(deliveries: Delivered, at: datetime) -> list[tuple[str, int]]:
    newest: dict[tuple[int, int], tuple[tuple[datetime, int, int], Line]] = {}
    for run, lines in enumerate(deliveries, start=1):
        for place, line in enumerate(lines):
            rank = (known_from(line, run), run, place)
            key = (line.order, line.number)
            if rank[0] < at and (key not in newest or newest[key][0] < rank):
                newest[key] = (rank, line)
    return told(line for _, line in newest.values())


def whole_orders(deliveries: Delivered, at: datetime) -> list[tuple[str, int]]:
    held: dict[int, list[Line]] = {}
    for run, lines in enumerate(deliveries, start=1):
        for order in {line.order for line in lines}:
            mine = [line for line in lines if line.order == order]
            if known_from(mine[0], run) < at:
                held[order] = mine
    return told(line for lines in held.values() for line in lines)


def last_delivery(deliveries: Delivered, at: datetime) -> list[tuple[str, int]]:
    state: dict[tuple[int, int], Line] = {}
    for run, lines in enumerate(deliveries, start=1):
        if run == 1:
            state = {(line.order, line.number): line for line in lines}
            state = {key: line for key, line in state.items() if known_from(line, 1) < at}
        elif arrived(run) < at:
            state = {(line.order, line.number): line for line in lines}
    return told(state.values())


def every_line(deliveries: Delivered, at: datetime) -> list[tuple[str, int]]:
    return told(line for run, lines in enumerate(deliveries, start=1) for line in lines if known_from(line, run) < at)


LINES = st.builds(Line, st.integers(1, 3), st.integers(1, 2), st.just(0), st.integers(1, 3)).map(
    lambda line: Line(line.order, line.number, 3 * line.order, line.revenue)  # an order has one day
)
FILES = st.lists(  # a conformed file holds each key once
    st.lists(LINES, max_size=5, unique_by=lambda line: (line.order, line.number)), min_size=1, max_size=4
)
MOMENTS = st.integers(-14, 40).map(lambda day: datetime(2024, 1, 15, 6) + timedelta(days=day, microseconds=1))


def check(deliveries: Delivered, at: datetime, delivery: Any, numbered: bool, expected: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        rows = tuple(
            batch(Path(folder), run, run, lines, numbered=numbered) for run, lines in enumerate(deliveries, start=1)
        )
        wholes = tuple(Whole(arrived_at=each.arrived_at, run=each.run, sequences=(each.sequence,)) for each in rows)
        source = Deliveries(delivery=delivery, known=None, first_run=1, numbered=numbered, rows=rows, wholes=wholes)
        assert visible(source, at) == expected
        query = overlap(ORDER_LINE, source)
        if query is not None:
            with Engine.in_memory() as engine:
                disjoint = engine.fetch(query).num_rows == 0
            if disjoint:  # then the quick way must say the same
                assert visible(replace(source, disjoint=True), at) == expected


@given(FILES, MOMENTS)
@settings(max_examples=20, deadline=None)
def test_upsert_holds_of_each_key_what_was_known_newest_then_arrived_latest(files: Delivered, at: datetime) -> None:
    check(files, at, "upsert", True, by_key(files, at))


@given(FILES, MOMENTS)
@settings(max_examples=20, deadline=None)
def test_upsert_without_line_numbers_replaces_whole_orders(files: Delivered, at: datetime) -> None:
    check(files, at, "upsert", False, whole_orders(files, at))


@given(FILES, MOMENTS)
@settings(max_examples=20, deadline=None)
def test_full_holds_the_last_delivery(files: Delivered, at: datetime) -> None:
    check(files, at, "full", True, last_delivery(files, at))


@given(FILES, MOMENTS)
@settings(max_examples=15, deadline=None)
def test_append_without_line_numbers_holds_every_line(files: Delivered, at: datetime) -> None:
    check(files, at, "append", False, every_line(files, at))


def test_lines_without_a_number_are_ranked_by_content_whatever_their_order(tmp_path: Path) -> None:
    lines = [Line(1, 0, 3, revenue) for revenue in (5, 2, 9, 2)]
    found = []
    for name, given_lines in (("a", lines), ("b", lines[::-1])):
        (tmp_path / name).mkdir()
        rows = (batch(tmp_path / name, 1, 1, given_lines, numbered=False),)
        source = Deliveries(delivery="upsert", known=None, first_run=1, numbered=False, rows=rows)
        with Engine.in_memory() as engine:
            table = engine.fetch(base_table(ORDER_LINE, [source])).to_pylist()
        found.append(sorted((row["line_no"], int(row["net_revenue"])) for row in table))
    assert found[0] == found[1] == [("1", 2), ("2", 2), ("3", 5), ("4", 9)]


def test_no_delivery_is_an_empty_table_with_all_columns() -> None:
    with Engine.in_memory() as engine:
        table = engine.fetch(base_table(ORDER_LINE, []))
    assert table.num_rows == 0
    assert {"happened_at", "known_from", "known_until", "known_assumed", "customer_ref"} <= set(table.column_names)


def deliveries(folder: Path, files: Sequence[tuple[int, Sequence[Line]]], **said: Any) -> Deliveries:
    """One batch for each (run, lines), numbered lines, ``upsert``."""
    rows = tuple(batch(folder, number, run, lines, numbered=True) for number, (run, lines) in enumerate(files, start=1))
    return Deliveries(delivery="upsert", known=said.get("known"), first_run=1, numbered=True, rows=rows)


def test_of_two_files_of_the_first_run_the_later_name_holds_even_if_it_happened_earlier(tmp_path: Path) -> None:
    moved = deliveries(tmp_path, [(1, [Line(1, 1, 9, 5)]), (1, [Line(1, 1, 7, 6)])])
    assert visible(moved, arrived(1)) == [("o1", 6)]
    assert visible(moved, arrived(1) - timedelta(days=30)) == []


def test_a_source_that_knows_as_it_happens_rewrites_the_past(tmp_path: Path) -> None:
    moved = deliveries(tmp_path, [(1, [Line(1, 1, 9, 5)]), (2, [Line(1, 1, 3, 6)])], known="happened")
    for day in range(4, 20):
        assert visible(moved, datetime(2024, 1, 1) + timedelta(days=day)) == [("o1", 6)]


def test_a_source_that_says_when_it_knew_is_believed_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    source = deliveries(tmp_path, [(1, [Line(1, 1, 1, 5)]), (2, [Line(1, 1, 1, 6)])], known="updated_at")
    for rows, day in zip(source.rows, (12, 10), strict=True):  # what arrived first was said last
        table = pq.read_table(rows.file)
        said = pa.array([datetime(2024, 1, day)], pa.timestamp("us"))
        pq.write_table(table.set_column(table.column_names.index("_known"), "_known", said), rows.file)
    assert visible(source, datetime(2024, 1, 11)) == [("o1", 6)]
    assert visible(source, datetime(2024, 2, 20)) == [("o1", 5)]


def product(folder: Path, source: str, sequence: int, run: int, name: str) -> Deliveries:
    file = folder / f"{source}.parquet"
    columns = {
        "source": pa.array([source]),
        "product_id": pa.array(["p1"]),
        "name": pa.array([name]),
        "_line": pa.array([2], pa.int64()),
    }
    pq.write_table(pa.table(columns), file)
    rows = Rows(file=file, columns=frozenset(columns), sequence=sequence, run=run, arrived_at=arrived(run))
    return Deliveries(delivery="upsert", known=None, first_run=run, numbered=True, rows=(rows,))


def test_of_two_systems_that_describe_one_product_the_later_name_holds(tmp_path: Path) -> None:
    both = [product(tmp_path, "shop", 1, 1, "Milk"), product(tmp_path, "erp", 2, 1, "MILK 1L")]
    with Engine.in_memory() as engine:
        rows = engine.fetch(base_table(contract("product"), both)).to_pylist()
    assert [(row["source"], row["name"], row["known_until"]) for row in rows] == [("shop", "Milk", None)]


@pytest.mark.parametrize(("second", "rows"), [(Line(1, 2, 1, 6), 0), (Line(1, 1, 1, 6), 1)])
def test_batches_overlap_when_one_key_stands_in_two(tmp_path: Path, second: Line, rows: int) -> None:
    query = overlap(ORDER_LINE, deliveries(tmp_path, [(1, [Line(1, 1, 1, 5)]), (2, [second])]))
    assert query is not None
    with Engine.in_memory() as engine:
        assert engine.fetch(query).num_rows == rows


PRODUCT = contract("product")


def one_product(folder: Path, sequence: int, run: int, source: str, name: str | None) -> Rows:
    """A delivery of one product, or of none."""
    said = [name] if name is not None else []
    columns: dict[str, Any] = {
        "source": pa.array([source] * len(said), pa.string()),
        "product_id": pa.array(["p1"] * len(said), pa.string()),
        "name": pa.array(said, pa.string()),
        "_line": pa.array([2] * len(said), pa.int64()),
    }
    file = folder / f"{sequence}.parquet"
    pq.write_table(pa.table(columns), file)
    return Rows(file=file, columns=frozenset(columns), sequence=sequence, run=run, arrived_at=arrived(run))


def of_system(rows: Sequence[Rows], delivery: str) -> Deliveries:
    wholes = tuple(Whole(arrived_at=each.arrived_at, run=each.run, sequences=(each.sequence,)) for each in rows)
    whole = delivery == "full"
    return Deliveries(
        delivery="full" if whole else "upsert",
        known=None,
        first_run=1,
        numbered=True,
        rows=tuple(rows),
        wholes=wholes if whole else (),
    )


@pytest.mark.parametrize(
    ("erp", "shop", "expected"),
    [
        pytest.param(
            {1: "bolt", 3: "screw"},
            {2: "nut"},
            [("bolt", None, 2), ("nut", 2, 3), ("screw", 3, None)],
            id="what-either-said-last-holds",
        ),
        pytest.param(
            {1: "bolt", 2: None}, {3: "nut"}, [("bolt", None, 2), ("nut", 3, None)], id="deleted-before-the-other-spoke"
        ),
        pytest.param(
            {1: "bolt", 3: None}, {2: "nut"}, [("bolt", None, 2), ("nut", 2, None)], id="deleted-after-the-other-spoke"
        ),
    ],
)
def test_two_systems_that_describe_one_product_take_turns(tmp_path, erp, shop, expected):
    mine = [one_product(tmp_path, 10 + run, run, "erp", name) for run, name in erp.items()]
    theirs = [one_product(tmp_path, 20 + run, run, "shop", name) for run, name in shop.items()]
    versions = base_table(PRODUCT, [of_system(mine, "full"), of_system(theirs, "upsert")])
    listed = exp.select("name", "known_from", "known_until").from_(versions.subquery("version")).order_by("known_from")
    with Engine.in_memory() as engine:
        rows = engine.fetch(listed).to_pylist()
    always = datetime(1900, 1, 1)
    assert [(row["name"], row["known_from"], row["known_until"]) for row in rows] == [
        (name, arrived(since) if since else always, arrived(until) if until else None)
        for name, since, until in expected
    ]


def records(folder: Path, sequence: int, run: int, said: dict[int, str]) -> Rows:
    """One file of customer records: what each key says."""
    moments = [datetime(2024, 1, 1, 10)] * len(said)
    columns: dict[str, Any] = {
        "source": pa.array(["crm"] * len(said), pa.string()),
        "record_id": pa.array(said, pa.int64()),
        "full_name": pa.array(said.values(), pa.string()),
        "created_at": pa.array(moments, pa.timestamp("us")),
        "created_on": pa.array([each.date() for each in moments], pa.date32()),
        "_line": pa.array(range(2, len(said) + 2), pa.int64()),
        "_known": pa.array([arrived(run) - timedelta(days=sequence % 3)] * len(said), pa.timestamp("us")),
    }
    file = folder / f"records-{sequence}.parquet"
    pq.write_table(pa.table(columns), file)
    return Rows(file=file, columns=frozenset(columns), sequence=sequence, run=run, arrived_at=arrived(run))


SAID = st.dictionaries(st.integers(1, 6), st.sampled_from(["Ana", "Eva", "Tom"]), max_size=6)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    files=st.lists(SAID, min_size=1, max_size=3),
    delivery=st.sampled_from(["append", "upsert", "full"]),
    known=st.sampled_from([None, "happened", "arrival"]),
    data=st.data(),
)
def test_what_holds_now_is_what_no_later_version_replaced(
    files: list[dict[int, str]], delivery: Any, known: str | None, data: st.DataObject
) -> None:
    record = contract("customer_record")
    with TemporaryDirectory() as folder, Engine.in_memory() as engine:
        rows = tuple(records(Path(folder), n, n, said) for n, said in enumerate(files, start=1))
        source = Deliveries(delivery=delivery, known=known, first_run=1, numbered=False, rows=rows)
        if delivery == "full":
            numbers = st.lists(st.integers(1, len(files)), min_size=0, max_size=len(files), unique=True)
            held = data.draw(st.lists(numbers, min_size=1, max_size=3))
            wholes = (
                Whole(arrived_at=arrived(run), run=run, sequences=tuple(each)) for run, each in enumerate(held, 1)
            )
            source = replace(source, wholes=tuple(wholes))
        names = ["source", "record_id", "full_name", "happened_at", "happened_on"]
        now = exp.select(*names).from_(current_rows(record, [source]).subquery("now")).order_by(*names)
        versions = base_table(record, [source]).subquery("version")
        kept = exp.select(*names).from_(versions).where("known_until is null").order_by(*names)
        assert engine.fetch(now).to_pylist() == engine.fetch(kept).to_pylist()
