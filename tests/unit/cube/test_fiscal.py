"""The company's own year: compared, day by day, with a calendar that is walked through in plain Python."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.contracts.filter import Condition, Operator
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.schema import Type
from clientela.cube.beside.compare import shift_of, unfinished
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.measure import MEASURES
from clientela.cube.explore import Wanted, explore
from clientela.cube.figures.query import query
from clientela.cube.fiscal import FISCAL, days_of, first_day, name_of
from clientela.cube.rollup.choose import needs
from clientela.cube.rollup.shape import Shape
from clientela.cube.typed import read
from clientela.errors import QueryError
from clientela.present.formats import week_of_year
from tests.unit.cube.published import Published, line

TYPES = {name: each.type for name, each in DIMENSIONS.items()}
FIRST, DAYS = date(2019, 12, 20), 3_000
STARTS = [
    FiscalYear(),
    FiscalYear(4, 1),
    FiscalYear(7, 1, named_by_end=False),
    FiscalYear(10, 1),
    FiscalYear(4, 6),
    FiscalYear(2, 27),
    FiscalYear(12, 15, named_by_end=False),
]


def walked(fiscal: FiscalYear) -> list[tuple[date, date, date, str, str, str]]:
    """For each day its month, quarter and year by first day and name: months are counted from a start long ago."""
    day = date(2010, fiscal.month, fiscal.day)
    told, months = [], -1
    starts: list[date] = []
    while day < FIRST + timedelta(days=DAYS):
        if day.day == fiscal.day:
            months += 1
            starts.append(day)
        quarter, year = starts[months - months % 3], starts[months - months % 12]
        last = year.replace(year=year.year + 1) - timedelta(days=1)
        called = f"FY{last.year if fiscal.named_by_end else year.year}"
        names = (f"{called}-P{months % 12 + 1:02}", f"{called}-Q{months % 12 // 3 + 1}", called)
        if day >= FIRST:
            told.append((starts[months], quarter, year, *names))
        day += timedelta(days=1)
    return told


@pytest.mark.parametrize("fiscal", STARTS, ids=str)
def test_3000_days_lie_where_a_walk_through_the_calendar_finds_them(fiscal: FiscalYear, published: Published):
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    lines = [line(str(number), 1, day.isoformat(), "1") for number, day in enumerate(days)]
    view = published.add(order_line=lines).view(
        as_of=date(2040, 1, 1), known_at=datetime(2040, 1, 1), catalogue=Catalogue(fiscal=fiscal)
    )
    rows = query(view, ["order_lines"], ["day", *FISCAL]).rows
    oracle = walked(fiscal)
    assert [row[:4] for row in rows] == [(day, *told[:3]) for day, told in zip(days, oracle, strict=True)]
    for row, told in zip(rows, oracle, strict=True):
        named = tuple(name_of(first, part, fiscal) for first, part in zip(row[1:4], FISCAL, strict=True))
        assert named == told[3:]
        for name, first, part in zip(named, row[1:4], FISCAL, strict=True):
            start, last = days_of(name, fiscal) or (None, None)
            assert start == first == first_day(row[0], part, fiscal)
            assert last is not None and start <= row[0] <= last and first_day(last, part, fiscal) == first
    assert {row[3] for row in rows} == {told[2] for told in oracle}


def test_without_a_setting_the_fiscal_year_is_that_of_the_calendar(published: Published):
    view = published.add(order_line=[line("1", 1, "2023-12-31", "1"), line("2", 1, "2024-01-01", "2")]).view()
    rows = query(view, ["revenue"], ["year", "fiscal_year", "month", "fiscal_month"]).rows
    assert [row[:2] for row in rows] == [(date(2023, 1, 1),) * 2, (date(2024, 1, 1),) * 2]
    assert [row[2] == row[3] for row in rows] == [True, True]
    assert name_of(date(2024, 1, 1), "fiscal_year", CALENDAR) == "FY2024"


def test_the_weeks_at_the_edges_of_3000_days_are_those_of_iso(published: Published):
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    lines = [line(str(number), 1, day.isoformat(), "1") for number, day in enumerate(days)]
    rows = query(
        published.add(order_line=lines).view(as_of=date(2040, 1, 1), known_at=datetime(2040, 1, 1)),
        ["order_lines"],
        ["day", "week"],
    ).rows
    for day, monday, _ in rows:
        year, week, _ = day.isocalendar()
        assert (monday, week_of_year(monday, "en")) == (date.fromisocalendar(year, week, 1), f"{year}-W{week:02}")


APRIL = FiscalYear(4)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("fiscal_year = 'FY2025'", date(2024, 4, 1), date(2025, 3, 31)),
        ("fiscal_year = '2025'", date(2024, 4, 1), date(2025, 3, 31)),
        ("fiscal_quarter = 'fy2025-q4'", date(2025, 1, 1), date(2025, 3, 31)),
        ("fiscal_month = 'FY2025-P01'", date(2024, 4, 1), date(2024, 4, 30)),
        ("day = 'FY2025-Q1'", date(2024, 4, 1), date(2024, 6, 30)),
        ("day between 'FY2025-Q1' and 'FY2025-Q2'", date(2024, 4, 1), date(2024, 9, 30)),
        ("month = '2025'", date(2025, 1, 1), date(2025, 12, 31)),
        ("fiscal_month = '2024-04'", date(2024, 4, 1), date(2024, 4, 30)),
    ],
)
def test_a_fiscal_name_in_a_filter_means_its_days(said, first, last):
    field = said.split()[0]
    assert read(said, TYPES, APRIL) == Condition(field, Operator.BETWEEN, (first, last))


def test_before_and_after_a_fiscal_year_are_told_from_its_ends():
    assert read("fiscal_year > 'FY2024'", TYPES, APRIL) == Condition("fiscal_year", Operator.GT, date(2024, 3, 31))
    assert read("'FY2025' <= day", TYPES, APRIL) == Condition("day", Operator.GE, date(2024, 4, 1))


@pytest.mark.parametrize("said", ["FY25", "FY2025-Q5", "FY2025-P13", "FY2025-04", "FYtwenty"])
def test_a_name_that_is_no_fiscal_period_is_refused(said):
    with pytest.raises(QueryError, match=f"'{said}' is no fiscal period"):
        read(f"fiscal_year = '{said}'", TYPES, APRIL)


def test_a_text_that_looks_like_a_fiscal_year_stays_a_text():
    assert read("channel = 'FY2025'", TYPES, APRIL) == Condition("channel", Operator.EQ, "FY2025")
    assert TYPES["channel"] is Type.TEXT


class Kb:
    def __init__(self, view, last_day=None):
        self.view, self.last_day = view, last_day

    def query(self, *said, **more):
        return query(self.view, *said, **more)


@pytest.mark.parametrize("fiscal", [APRIL, FiscalYear(4, 6)])
@pytest.mark.parametrize("part", FISCAL)
def test_each_fiscal_period_is_compared_with_the_same_one_a_year_before(part, fiscal, published: Published):
    days = [date(2021, 1, 1) + timedelta(days=number) for number in range(1_200)]
    lines = [line(str(number), 1, day.isoformat(), str(number % 97)) for number, day in enumerate(days)]
    view = published.add(order_line=lines).view(catalogue=Catalogue(fiscal=fiscal))
    told = explore(
        Kb(view), ["revenue"], [part], wanted=Wanted(compare="last-year"), catalogue=view.catalogue
    ).result.rows
    sums: dict[date, Decimal] = {}
    for number, day in enumerate(days):
        if day < view.as_of:
            first = first_day(day, part, fiscal)
            sums[first] = sums.get(first, Decimal(0)) + number % 97
    assert [row[:3] for row in told] == [
        (first, figure, sums.get(first.replace(year=first.year - 1), Decimal(0))) for first, figure in sums.items()
    ]


@pytest.mark.parametrize("fiscal", [APRIL, FiscalYear(4, 6)])
def test_a_filter_for_a_fiscal_year_is_compared_with_the_one_before(fiscal, published: Published):
    lines = [line(str(year), 1, f"{year}-04-10", str(year)) for year in (2021, 2022, 2023)]
    view = published.add(order_line=lines).view(catalogue=Catalogue(fiscal=fiscal))
    where = read("fiscal_year = 'FY2024'", TYPES, fiscal)
    assert shift_of("previous", (), where).months == 12
    for compare in ("previous", "last-year"):
        told = explore(Kb(view), ["revenue"], (), where, wanted=Wanted(compare=compare), catalogue=view.catalogue)
        assert told.result.totals[:2] == (Decimal(2023), Decimal(2022))


@pytest.mark.parametrize(
    ("part", "last", "ended"),
    [
        ("fiscal_year", date(2024, 4, 5), True),
        ("fiscal_year", date(2024, 3, 31), False),
        ("fiscal_quarter", date(2024, 7, 5), True),
        ("fiscal_month", date(2024, 4, 30), False),
        ("month", date(2024, 4, 30), True),
        ("quarter", date(2024, 4, 30), False),
    ],
)
def test_what_is_not_over_yet_is_said(part, last, ended):
    assert (unfinished(Kb(None, last), [part], FiscalYear(4, 6)) == ()) is ended


def test_no_roll_up_holds_a_fiscal_year_as_a_setting_moves_it():
    asked = {
        Shape(measures=("revenue",), by=("fiscal_quarter", "channel")): 5.0,
        Shape(measures=("customers",), by=("fiscal_year",)): 5.0,
    }
    told = needs(asked, MEASURES)
    assert {(each.names, each.measures) for each in told} == {
        (frozenset({"day", "channel"}), frozenset({"revenue"})),
    }
