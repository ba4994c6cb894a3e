"""A filter written as a person types it is read back as the same filter."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.typed import read
from clientela.cube.written import written

TYPES = {"brand": Type.TEXT, "day": Type.DATE, "severity": Type.INT, "net": Type.MONEY, "good": Type.BOOL}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
DAYS = st.dates(date(1000, 1, 1), date(9000, 1, 1))
PAIRS = st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair))).filter(lambda pair: pair[0] < pair[1])
NUMBERS = st.decimals(-(10**9), 10**9, places=3, allow_nan=False).map(lambda n: Decimal(0) if n == 0 else n)
COMPARING = st.sampled_from([Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE])
CONDITIONS = st.one_of(
    st.builds(Condition, st.just("brand"), COMPARING, TEXTS),
    st.builds(Condition, st.just("brand"), st.sampled_from([Operator.CONTAINS, Operator.STARTS_WITH]), TEXTS),
    st.builds(Condition, st.just("brand"), st.just(Operator.IN), st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Condition, st.sampled_from([*TYPES]), st.just(Operator.IS_NULL)),
    st.builds(Condition, st.just("day"), COMPARING.filter(lambda each: each is not Operator.NE), DAYS),
    st.builds(Condition, st.just("day"), st.just(Operator.BETWEEN), PAIRS),
    st.builds(Condition, st.just("severity"), COMPARING, st.integers(-(10**12), 10**12)),
    st.builds(Condition, st.just("net"), COMPARING, NUMBERS),
    st.builds(Condition, st.just("good"), st.just(Operator.EQ), st.booleans()),
)
FILTERS: st.SearchStrategy[Filter] = st.recursive(
    CONDITIONS,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda each: And(tuple(each))),
        st.lists(parts, min_size=2, max_size=3).map(lambda each: Or(tuple(each))),
        parts.map(Not),
    ),
    max_leaves=6,
)


@given(FILTERS)
def test_what_is_written_is_read_as_the_same_filter(where: Filter) -> None:
    assert read(written(where), TYPES) == where


@pytest.mark.parametrize("name", [*DIMENSIONS])
def test_every_dimension_can_be_written_and_read(name: str) -> None:
    types = {each.name: each.type for each in DIMENSIONS.values()}
    where = Condition(name, Operator.IS_NULL)
    assert read(written(where), types) == where


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2024, 1, 1), date(2024, 12, 31), "day = '2024'"),
        (date(2024, 4, 1), date(2024, 6, 30), "day = '2024-Q2'"),
        (date(2024, 2, 1), date(2024, 2, 29), "day = '2024-02'"),
        (date(2024, 1, 1), date(2024, 1, 7), "day = '2024-W01'"),
        (date(2024, 1, 2), date(2024, 1, 9), "day between '2024-01-02' and '2024-01-09'"),
    ],
)
def test_days_are_said_by_their_shortest_name(first: date, last: date, said: str) -> None:
    assert written(Condition("day", Operator.BETWEEN, (first, last))) == said


def test_a_list_of_periods_is_written_as_a_list() -> None:
    where = read("day in ('2024-01', '2024-03-05')", TYPES)
    assert written(where) == "day in ('2024-01', '2024-03-05')"


def test_a_moment_is_written_so_that_it_can_be_read() -> None:
    where = Condition("at", Operator.GE, datetime(2024, 3, 1, 9, 30))
    assert read(written(where), {"at": Type.INSTANT}) == where
