"""A condition of several areas, said as parts that no row meets two of."""

from __future__ import annotations

from itertools import product

import pytest
import sqlglot
from sqlglot import exp

from clientela.access.area import Area, Reach
from clientela.access.rows import HOME, Asked, apart, condition
from clientela.warehouse.engine import Engine

LINE = ("customer_id", "territory_id", "product_id", "campaign_id")
NORTH = Area(territories=frozenset({"N"}))
SEVEN = Area(customers=frozenset({7}))
TOOLS = Area(products=frozenset({"p1"}))
SPRING = Area(campaigns=frozenset({"c1"}))
NORTH_TOOLS = Area(territories=frozenset({"N"}), products=frozenset({"p1"}))


def told(reach: Reach) -> tuple[exp.Expr | None, dict[str, object]]:
    """The condition of a reach on lines, and its parameters."""
    bound: dict[str, object] = {}

    def bind(value: object) -> exp.Placeholder:
        bound[f"v{len(bound)}"] = value
        return exp.Placeholder(this=f"v{len(bound) - 1}")

    return condition(Asked("order_line", LINE, {HOME: ("customer_id", "territory_id")}), reach, bind), bound


@pytest.mark.parametrize(
    "reach",
    [
        (NORTH,), (SEVEN,), (SEVEN, NORTH), (NORTH, TOOLS), (SEVEN, NORTH, SPRING), (NORTH_TOOLS, SEVEN),
        (NORTH, SEVEN, TOOLS, SPRING), (NORTH_TOOLS, TOOLS),
    ],
    ids=str,
)  # fmt: skip
def test_each_row_of_a_reach_meets_one_part_and_no_other_row_meets_any(reach: Reach) -> None:
    whole, bound = told(reach)
    assert whole is not None
    parts = apart(whole)
    lines = [*product((7, 8, 9, None), ("N", "S", None), ("p1", "p2", None), ("c1", None))]
    with Engine.in_memory(threads=1) as engine:
        engine.run(sqlglot.parse_one("create table customer_territory as select 8 customer_id, 'N' territory_id"))
        rows = exp.values([tuple(each) for each in lines], alias="t", columns=LINE)
        engine.run(exp.Create(this=exp.to_table("line"), kind="TABLE", expression=exp.select("*").from_(rows)))

        def met(each: exp.Expr) -> list[bool]:
            seen = exp.Coalesce(this=exp.paren(each.copy()), expressions=[exp.false()])
            tree = exp.select(exp.alias_(seen, "seen"), *LINE).from_("line")
            given = {name: bound[name] for name in {node.name for node in each.find_all(exp.Placeholder)}}
            found = engine.fetch(tree, given).to_pylist()
            return [row["seen"] for row in sorted(found, key=lambda row: str([row[name] for name in LINE]))]

        counted = [sum(each) for each in zip(*map(met, parts), strict=True)]
        assert counted == [int(each) for each in met(whole)]
    assert 0 < sum(counted) < len(lines)


def test_a_territory_and_accounts_are_three_parts_the_few_accounts_last() -> None:
    whole, _ = told((SEVEN, NORTH))
    assert whole is not None
    assert [each.sql("duckdb") for each in apart(whole)] == [
        "territory_id IN (SELECT UNNEST($v2))",
        "territory_id IS NULL AND customer_id IN (SELECT customer_id FROM customer_territory "
        "WHERE territory_id IN (SELECT UNNEST($v1)))",
        "customer_id IN (SELECT UNNEST($v0)) AND NOT COALESCE((territory_id IN (SELECT UNNEST($v2)) OR "
        "(territory_id IS NULL AND customer_id IN (SELECT customer_id FROM customer_territory "
        "WHERE territory_id IN (SELECT UNNEST($v1)) AND customer_id IN (SELECT UNNEST($v0))))), FALSE)",
    ]


def test_many_areas_stay_one_condition() -> None:
    whole, _ = told((NORTH, SEVEN, TOOLS, SPRING))
    assert whole is not None
    assert apart(whole) == (whole,)
