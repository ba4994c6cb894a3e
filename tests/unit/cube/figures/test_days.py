"""A filter by months says the same by days."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.figures.days import in_days
from clientela.cube.figures.query import query
from clientela.cube.figures.question import understood
from tests.unit.cube.published import Published, line

LINES = [line(str(n), 1, str(date(2022, 12, 20) + timedelta(days=9 * n)), "1") for n in range(62)]
FIELDS = ("week", "month", "quarter", "year")
COMPARED = (Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE)


def by_days(where: Filter) -> Filter | None:
    return in_days(understood(["revenue"], [], where, [], None)).where


def test_a_month_is_its_days() -> None:
    assert by_days(Condition("month", Operator.EQ, date(2024, 2, 1))) == And(
        (Condition("day", Operator.GE, date(2024, 2, 1)), Condition("day", Operator.LT, date(2024, 3, 1)))
    )
    assert by_days(Condition("quarter", Operator.LE, date(2024, 5, 2))) == Condition(
        "day", Operator.LT, date(2024, 7, 1)
    )
    assert by_days(Condition("year", Operator.GE, date(2024, 5, 2))) == Condition("day", Operator.GE, date(2025, 1, 1))


def test_the_end_of_time_is_left_as_it_is() -> None:
    last = Condition("year", Operator.LE, date(9999, 12, 31))
    assert by_days(last) == last


def test_a_long_filter_is_left_as_it_is() -> None:
    many = Or(tuple(Condition("month", Operator.EQ, date(2000 + n, 1, 1)) for n in range(60)))
    assert by_days(many) == many


def test_whatever_is_asked_the_figure_is_the_same(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    published.add(order_line=LINES)
    view, rng = published.view(), random.Random(3)  # noqa: S311 -- repeatable cases, no secret

    def condition() -> Filter:
        days = sorted(
            date(2022, 11, 1) + timedelta(days=rng.choice((0, 61, 426, 300, 7, rng.randrange(700)))) for _ in "ab"
        )
        field = rng.choice(FIELDS)
        if rng.random() < 0.2:
            return Condition(field, Operator.BETWEEN, (days[0], days[1]))
        return Condition(field, rng.choice(COMPARED), days[0])

    asked = [condition() for _ in range(60)]
    asked += [Not(And((condition(), condition()))) for _ in range(10)]
    got = [query(view, ["revenue"], ["month"], each) for each in asked]
    monkeypatch.setattr("clientela.cube.figures.counting.in_days", lambda question: question)
    assert got == [query(view, ["revenue"], ["month"], each) for each in asked]
    assert sum(bool(each.rows) for each in got) > 20
