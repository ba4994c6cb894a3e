"""Figures counted by keys first, and by bits, are those that are counted line by line."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from clientela.cube.explore import Wanted, explore
from clientela.cube.figures import counting, masks
from clientela.cube.figures.query import plan, query
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from clientela.errors import ClientelaError
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import FACTS, MEASURES, REACHED, publish
from tests.some import some
from tests.unit.cube.published import Published, line, reference

DAYS = 150  # more than sixty, and more than a hundred and twenty


def sql_of(published: Published, measures: list[str], by: list[str]) -> str:
    return plan(understood(measures, by, None, (), None), Bound(), published.view()).sql("duckdb")


def line_by_line(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(counting, "met", lambda *_: None)


def answered(view: object, measures: list[str], by: list[str], where: object) -> object:
    try:
        return query(view, measures, by, where)  # type: ignore[arg-type]
    except ClientelaError as error:
        return str(error)


@pytest.mark.parametrize("part", some(range(3), one_in=3))
def test_random_figures_are_those_counted_line_by_line(monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    compared = 0
    for seed in range(part, 6, 3):
        rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
        with Engine.in_memory(threads=1) as engine:
            published, tables = Published(engine), cases.company(rng)
            publish(published, tables)
            for number in range(50):
                measures, by, where = cases.question(rng, MEASURES, REACHED, FACTS)
                if number % 2:
                    measures = rng.sample(["customers", "orders", "revenue", "basket", "margin"], 2)
                    by = rng.sample(["month", "week", "category", "territory", "channel", "year"], rng.choice((1, 2)))
                scope = cases.scope(cases.grants(rng, tables), tables) if number % 3 else None
                view = published.view(scope=scope, lapse_days=20)
                mine = answered(view, measures, by, where)
                with monkeypatch.context() as patch:
                    line_by_line(patch)
                    assert mine == answered(view, measures, by, where), (seed, number, measures, by, where)
                compared += not isinstance(mine, str)
    assert compared > 50


@pytest.fixture
def long_time(published: Published) -> Published:
    """A customer who buys on every day, one every other day, one who gives back, and lines of nobody."""
    first = date(2024, 1, 1)
    lines = []
    for number in range(DAYS):
        day = (first + timedelta(days=number)).isoformat()
        lines.append(line(f"a{number}", 1, day, "1", product_id=f"p{number}"))
        if number % 2:
            lines.append(line(f"b{number // 4}", 2, day, "1", product_id=f"p{number}", line_no=str(number)))
        if number % 3 == 0:
            lines.append(line(f"c{number}", 3, day, "-1", product_id=f"p{number}", kind="return"))
        lines.append(line(f"d{number}", None, day, "1", product_id=None))
    lines.append(line("e", 3, "2023-11-05", "-1", kind="return"))
    products = [reference(product_id=f"p{number}", name=f"P{number:03}") for number in range(0, DAYS, 2)]
    return published.add(order_line=lines, product=products, territory=[])


def test_members_beyond_sixty_are_counted_each_and_customers_once_in_total(long_time: Published) -> None:
    assert "bit_or" in sql_of(long_time, ["customers"], ["day"]).lower()
    told = query(long_time.view(), ["customers", "orders"], ["day"])
    by_day = {row[0]: row[1:] for row in told.rows}
    assert by_day[date(2024, 1, 1)] == (1, 2)
    assert by_day[date(2024, 1, 2)] == (2, 3)
    assert by_day[date(2023, 11, 5)] == (0, 0), "a day on which something was only given back has its row"
    orders_of_two = len({number // 4 for number in range(DAYS) if number % 2})
    assert told.totals == (None, 2, DAYS + orders_of_two + DAYS)


def test_an_unknown_product_and_none_are_one_member(long_time: Published) -> None:
    told = {row[0]: row[1] for row in query(long_time.view(), ["customers"], ["product_name"]).rows}
    assert told["P000"] == 1
    assert told[None] == 2
    assert len(told) == DAYS // 2 + 1


def test_weeks_and_quarters_begin_where_the_calendar_says(long_time: Published) -> None:
    for part, first in (("week", date(2024, 1, 1)), ("quarter", date(2024, 1, 1)), ("year", date(2023, 1, 1))):
        members = [row[0] for row in query(long_time.view(), ["customers"], [part]).rows]
        assert first in members, part
    weeks = [row[0] for row in query(long_time.view(), ["orders"], ["week"]).rows]
    assert {each.weekday() for each in weeks} == {0}
    assert weeks[0] == date(2023, 10, 30)


def no_row_without_a_figure(patch: pytest.MonkeyPatch) -> None:
    """Members in which nobody is counted go missing."""
    built = masks._by_member
    patch.setattr(
        masks, "_by_member", lambda *given: masks.parsed(built(*given).sql("duckdb").replace("here >>", "met_0 >>"))
    )


def the_unknown_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(masks, "_is_there", lambda _: "true")


def blocks_added_up(patch: pytest.MonkeyPatch) -> None:
    """A customer with several rows counts once for each in the total."""
    patch.setattr(masks, "_ALONE", "(select true)")


@pytest.mark.parametrize("bug", [no_row_without_a_figure, the_unknown_counted, blocks_added_up])
def test_a_bug_put_in_on_purpose_is_found(
    bug: Callable[[pytest.MonkeyPatch], None], long_time: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> object:
        return query(long_time.view(), ["customers"], ["day"])

    right = told()
    bug(monkeypatch)
    assert told() != right


def test_revenue_of_a_month_is_put_together_by_day_first(long_time: Published) -> None:
    sql = sql_of(long_time, ["revenue"], ["month"])
    assert "GROUP BY day" in sql
    assert "GROUP BY product_id" in sql_of(long_time, ["revenue", "returns"], ["product_name"])
    assert "GROUP BY day" not in sql_of(long_time, ["revenue"], ["channel", "month"])


def test_the_rest_of_the_largest_is_what_the_total_leaves(long_time: Published) -> None:
    asked: list[object] = []

    class Counting:
        def query(self, *given: object, **more: object) -> object:
            asked.append(given)
            return query(long_time.view(), *given, **more)  # type: ignore[arg-type]

    def rest(*measures: str) -> object:
        asked.clear()
        return explore(Counting(), measures, ("product_name",), wanted=Wanted(top=2)).rest  # type: ignore[arg-type]

    whole = query(long_time.view(), ["revenue"]).totals
    largest = query(long_time.view(), ["revenue"], ["product_name"], order=["-revenue"], limit=2).rows
    assert whole is not None
    assert rest("revenue") == (None, whole[0] - sum(row[1] for row in largest))  # type: ignore[misc, operator]
    assert len(asked) == 1
    assert rest("customers") == (None, 1)  # who is in the largest too: of the total of two, nobody would be left
    assert len(asked) == 2
