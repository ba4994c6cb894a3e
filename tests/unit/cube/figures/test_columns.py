"""Figures as columns are the figures as rows, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from clientela.contracts.analysis import Columns, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.schema import Type
from clientela.cube.figures.columns import columns, of_rows
from clientela.cube.figures.query import plan, query
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from clientela.errors import UnknownNameError
from tests.unit.cube.published import Published, line

D = Decimal
LINES = (
    line("1", 1, "2024-01-05", "99999999999.9999", cost_of_goods=D("4.0001"), quantity=D("1.5")),
    line("1", 1, "2024-01-05", "5", line_no="2"),
    line("2", 2, "2024-02-05", "7", cost_of_goods=D(30), discount=D("0.0001"), channel="web"),
    line("3", None, "2024-02-06", "3"),
    line("4", 1, "2024-03-05", "-2", kind="return"),
)
MEASURES = ("revenue", "margin", "discount", "orders", "quantity")


def as_rows(told: Columns, result: Result) -> list[tuple[object, ...]]:
    """The columns put back into rows, each value as its type says."""
    digits = {Type.MONEY: 4, Type.NUMBER: 6}
    made = []
    for column in result.columns:
        values, known = told.values[column.name].tolist(), told.known[column.name].tolist()
        if column.type in digits:
            values = [D(each).scaleb(-digits[column.type]) for each in values]
        made.append([each if is_known else None for each, is_known in zip(values, known, strict=True)])
    return list(zip(*made, strict=True))


@pytest.mark.parametrize("by", [("customer",), ("customer", "channel"), ("month",), ()])
def test_they_are_the_rows_of_the_same_question_without_its_total(published: Published, by: tuple[str, ...]):
    view = published.add(order_line=LINES).view()
    result = query(view, MEASURES, by)
    told = columns(view, MEASURES, by)
    assert as_rows(told, result) == [*result.rows]
    assert not told.hidden.any()
    assert {told.values[name].dtype for name in MEASURES} == {np.dtype(np.int64)}


@pytest.mark.parametrize("measures", [("orders",), ("customers",), ("orders", "customers", "purchase_days")])
@pytest.mark.parametrize("by", [("customer",), ("channel",), ("customer", "channel")])
def test_different_ones_are_told_apart_though_no_total_is_counted(
    published: Published, measures: tuple[str, ...], by: tuple[str, ...]
):
    shared = line("1", 2, "2024-01-05", "8", line_no="3", channel="web")  # an order of two customers and channels
    view = published.add(order_line=[*LINES, shared, line("5", None, "2024-03-06", "1", channel="web")]).view()
    assert as_rows(columns(view, measures, by), query(view, measures, by)) == [*query(view, measures, by).rows]


def test_orders_of_a_customer_are_not_told_apart_twice(published: Published):
    asked = understood(["orders"], ["customer"], None, [], None)
    assert "DISTINCT" in plan(asked, Bound(), published.view()).sql("duckdb")
    assert "DISTINCT" not in plan(replace(asked, totals=False), Bound(), published.view()).sql("duckdb")


def test_a_filter_that_leaves_nothing_leaves_empty_columns(published: Published):
    view = published.add(order_line=LINES).view()
    where = Condition("day", Operator.BETWEEN, (date(2023, 1, 1), date(2023, 1, 31)))
    told = columns(view, ["revenue"], ["customer", "channel"], where)
    assert {name: each.size for name, each in told.values.items()} == {"customer": 0, "channel": 0, "revenue": 0}


def test_names_that_are_not_known_are_refused(published: Published):
    view = published.add(order_line=LINES).view()
    with pytest.raises(UnknownNameError, match="unknown measure 'revenu'"):
        columns(view, ["revenu"], ["customer"])


def test_an_answer_that_came_as_rows_gives_the_same_columns_and_what_is_hidden(published: Published):
    view = published.add(order_line=LINES).view()
    result = query(view, MEASURES, ["customer", "channel"])
    told, again = columns(view, MEASURES, ["customer", "channel"]), of_rows(result)
    for name, values in told.values.items():
        known = told.known[name]
        assert again.known[name].tolist() == known.tolist()
        assert again.values[name][known].tolist() == values[known].tolist()
    covered = of_rows(Result(columns=result.columns, rows=result.rows, hidden=frozenset({(1, 2), (-1, 2)})))
    assert covered.hidden.tolist() == [False, True, *[False] * (len(result.rows) - 2)]
