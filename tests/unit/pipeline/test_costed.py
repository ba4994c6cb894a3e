"""What goods cost where the line does not say it: by the piece, as it was known then; and never instead of the line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture.deliveries import Deliveries, Rows
from clientela.capture.versions import columns
from clientela.contracts.delivered.sales import ORDER_LINE
from clientela.pipeline.costed import costed
from clientela.warehouse.engine import Engine

TYPES = {
    "varchar": pa.string(), "bigint": pa.int64(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(), "decimal(18,4)": pa.decimal128(18, 4), "decimal(18,6)": pa.decimal128(18, 6),
}  # fmt: skip


def sold(order: str, product: str | None, quantity: str | None, cost: str | None = None, **more: Any) -> dict[str, Any]:
    """An order line of March."""
    at = datetime(2024, 3, 5, 10)
    row = {"order_id": order, "product_id": product, "kind": "sale", "happened_at": at, "happened_on": at.date()}
    row |= {"quantity": None if quantity is None else Decimal(quantity)}
    return {**row, "cost_of_goods": None if cost is None else Decimal(cost), "net_revenue": Decimal(9), **more}


def products(folder: Path, *deliveries: dict[str, str | None], source: str = "erp", costs: bool = True) -> Deliveries:
    """What a source said a piece of each product costs: at first, and in a run each on the first of April, May, …

    Without ``costs`` its files have no such column.
    """
    rows = []
    for number, said in enumerate(deliveries, start=1):
        table = pa.table({
            "source": pa.array([source] * len(said)), "product_id": pa.array(list(said)),
            "unit_cost": pa.array([None if each is None else Decimal(each) for each in said.values()],
                                  pa.decimal128(18, 4)),
            "_line": pa.array(range(2, len(said) + 2)),
        })  # fmt: skip
        table = table if costs else table.drop_columns(["unit_cost"])
        pq.write_table(table, folder / f"{source}-{number}.parquet")
        rows.append(
            Rows(
                file=folder / f"{source}-{number}.parquet", columns=frozenset(table.column_names), sequence=number,
                run=number, arrived_at=datetime(2024, 2 + number, 1, 6),
            )
        )  # fmt: skip
    return Deliveries(delivery="upsert", known=None, first_run=1, numbered=True, rows=tuple(rows))


def told(lines: list[dict[str, Any]], *said: Deliveries) -> dict[str, tuple[Decimal | None, bool]]:
    """Of each order, what the goods cost and whether that is assumed."""
    wanted = columns(ORDER_LINE).items()
    given = {name: pa.array([line.get(name) for line in lines], TYPES[kind.lower()]) for name, kind in wanted}
    with Engine.in_memory() as engine:
        engine.register("given", pa.table(given))
        rows = engine.fetch(costed(exp.select("*").from_("given"), said)).to_pylist()
    assert len(rows) == len(lines)
    return {row["order_id"]: (row["cost_of_goods"], row["cost_assumed"]) for row in rows}


def test_a_line_without_a_cost_takes_that_of_its_product_by_the_pieces(tmp_path: Path):
    found = told(
        [
            sold("without", "p1", "3"),
            sold("own", "p1", "3", "5"),
            sold("own, of nothing", "p1", "3", "0"),
            sold("no pieces", "p1", None),
            sold("unknown product", "p9", "3"),
            sold("no product", None, "3"),
            sold("product without a cost", "p2", "3"),
            sold("half a piece", "p1", "0.5"),
        ],
        products(tmp_path, {"p1": "2.3333", "p2": None}),
    )
    assert found == {
        "without": (Decimal("6.9999"), True),
        "own": (Decimal(5), False),
        "own, of nothing": (Decimal(0), False),
        "no pieces": (None, False),
        "unknown product": (None, False),
        "no product": (None, False),
        "product without a cost": (None, False),
        "half a piece": (Decimal("1.1667"), True),
    }


def test_what_came_back_costs_below_zero_whatever_the_sign_of_its_pieces_and_charges_cost_nothing(tmp_path: Path):
    found = told(
        [
            sold("returned", "p1", "-2", kind="return"),
            sold("returned, counted", "p1", "2", kind="return"),
            sold("cancelled", "p1", "1", kind="cancellation"),
            sold("shipping", "p1", "1", kind="shipping"),
        ],
        products(tmp_path, {"p1": "4"}),
    )
    assert [found[each][0] for each in ("returned", "returned, counted", "cancelled", "shipping")] == [-8, -8, -4, None]


def test_it_is_the_cost_of_the_time_and_of_before_the_first_that_is_known_the_first(tmp_path: Path):
    days = [date(2024, 1, 5), date(2024, 4, 20), date(2024, 5, 20), date(2024, 9, 9)]
    lines = [
        sold(f"{product} {day}", product, "1", happened_at=datetime(day.year, day.month, day.day, 9))
        for product in ("p1", "p2")
        for day in days
    ]
    said = products(tmp_path, {"p1": "1", "p2": None}, {"p1": "2", "p2": "5"}, {"p1": "3", "p2": None})
    found = told(lines, said)
    assert [found[f"p1 {day}"][0] for day in days] == [1, 2, 3, 3]
    assert [found[f"p2 {day}"][0] for day in days] == [5, 5, 5, 5], "a delivery without a cost takes none away"


def test_large_amounts_fit_and_without_products_nothing_is_assumed(tmp_path: Path):
    assert told([sold("large", "p1", "900000")], products(tmp_path, {"p1": "90000000"}))["large"] == (
        Decimal(81_000_000_000_000), True,
    )  # fmt: skip
    assert told([sold("beyond", "p1", "1000000")], products(tmp_path, {"p1": "100000000"})) == {"beyond": (None, False)}
    assert told([sold("plain", "p1", "3"), sold("own", "p1", "3", "5")]) == {
        "plain": (None, False), "own": (Decimal(5), False),
    }  # fmt: skip


def test_a_source_that_says_no_cost_of_a_product_takes_none_away_that_another_says(tmp_path: Path):
    said = products(tmp_path, {"p1": "4"})
    for source in ("a before", "z after"):
        without = products(tmp_path, {"p1": None, "p2": None}, source=source, costs=False)
        for both in ((said, without), (without, said)):
            assert told([sold("o1", "p1", "2"), sold("o2", "p2", "2")], *both) == {
                "o1": (Decimal(8), True), "o2": (None, False),
            }, source  # fmt: skip
