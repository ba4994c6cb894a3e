"""Figures beside others: checked against plain sums over rows in sight."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.explore import Explored, Wanted, explore
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.typed import read
from clientela.errors import QueryError
from tests.unit.cube.published import Published, line, reference

LINES = [
    line("a", 1, "2023-02-28", "10", product_id="p1", channel="web"),
    line("b", 1, "2023-03-01", "20", product_id="p2", channel="web"),
    line("c", 2, "2024-01-31", "30", product_id="p1", channel="store"),
    line("d", 2, "2024-02-29", "40", product_id="p2", channel="web"),
    line("e", 3, "2024-02-10", "50", product_id="p3", channel=None),
    line("f", 3, "2024-03-05", "60", product_id="p1", channel="web"),
    line("f", 3, "2024-03-05", "5", product_id="p3", channel="web", line_no="2"),
]
PRODUCTS = [reference(product_id=f"p{n}", name=name) for n, name in ((1, "Ant"), (2, "Bee"), (3, "Cat"))]


@pytest.fixture
def kb(published: Published) -> SnapshotKnowledge:
    published.add(order_line=LINES, product=PRODUCTS)
    view = published.view(as_of=date(2024, 3, 10))
    return SnapshotKnowledge(
        view=view, run_as_of=date(2024, 3, 10), snapshot="1", currency="EUR",
        days=lambda: (date(2023, 2, 28), date(2024, 3, 9)),
    )  # fmt: skip


def asked(kb: SnapshotKnowledge, measures: list[str], by: list[str], where: str = "", **wanted: object) -> Explored:
    types = {name: each.type for name, each in DIMENSIONS.items()}
    return explore(kb, measures, by, read(where, types) if where else None, wanted=Wanted(**wanted))  # type: ignore[arg-type]


def rows(told: Explored) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in told.result.rows}


def test_a_month_stands_beside_the_month_before(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue"], ["month"], "year = '2024'", compare="previous")
    assert rows(told) == {
        date(2024, 1, 1): (30, 0, None),
        date(2024, 2, 1): (90, 30, 2),
        date(2024, 3, 1): (65, 90, Decimal("-0.277778")),
    }
    assert [column.name for column in told.result.columns] == ["month", "revenue", "revenue_before", "revenue_change"]
    assert told.notes[0].values["day"] == date(2024, 3, 9)


def test_without_a_time_in_the_filter_there_is_no_total_of_the_period_before(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue"], ["month"], compare="previous")
    assert told.result.totals == (None, 215, None, None)
    assert rows(told)[date(2024, 3, 1)] == (65, 90, Decimal("-0.277778"))


def test_a_month_stands_beside_the_same_one_a_year_ago_leap_day_included(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue", "orders"], ["month"], "day between '2024-02-01' and '2024-02-29'", compare="last-year")
    assert rows(told) == {date(2024, 2, 1): (90, 2, 10, 8, 1, 1)}
    assert told.result.totals == (None, 90, 2, 10, 8, 1, 1)


def test_a_filter_without_an_end_is_compared_with_as_long_a_time_before(kb: SnapshotKnowledge) -> None:
    more = Decimal("4.166667")
    by_channel = asked(kb, ["revenue"], ["channel"], "day >= '2024-02-01'", compare="last-year")
    assert rows(by_channel) == {"web": (105, 30, Decimal("2.5")), None: (50, 0, None)}
    assert by_channel.result.totals == (None, 155, 30, more)
    by_month = asked(kb, ["revenue"], ["month"], "month >= '2024-02'", compare="last-year")
    assert rows(by_month) == {date(2024, 2, 1): (90, 10, 8), date(2024, 3, 1): (65, 20, Decimal("2.25"))}
    assert by_month.result.totals == (None, 155, 30, more), "the total is that of the rows, not of all days since"
    quarter = asked(kb, ["revenue"], ["quarter"], "month >= '2024-02'", compare="previous")
    assert quarter.result.totals == (None, 155, 0, None)
    across = asked(kb, ["revenue"], ["channel", "month"], "month >= '2024-02'", compare="last-year", pivot="month")
    assert across.result.totals is not None
    assert across.result.totals[-2:] == (30, more)


def test_a_period_without_a_time_to_be_seen_by_stands_beside_the_one_before(kb: SnapshotKnowledge) -> None:
    february = asked(kb, ["revenue"], ["channel"], "day between '2024-02-01' and '2024-02-29'", compare="previous")
    assert february.result.totals == (None, 90, 30, 2)
    ten_days = asked(kb, ["revenue"], [], "day >= '2024-03-01' and day <= '2024-03-10'", compare="previous")
    assert ten_days.result.totals == (65, 40, Decimal("0.625"))


@pytest.mark.parametrize(
    ("by", "where", "compare", "said"),
    [
        ([], "", "previous", "needs a period"),
        ([], "day >= '2024-03-01'", "previous", "needs a period"),
        (["month", "year"], "", "previous", "takes one time"),
        (["channel"], "channel = 'web'", "last-year", "needs a time"),
        (["month"], "", "last-month", "compare takes 'previous' or 'last-year', not 'last-month'"),
    ],
)
def test_a_comparison_without_a_period_is_refused(
    kb: SnapshotKnowledge, by: list[str], where: str, compare: str, said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        asked(kb, ["revenue"], by, where, compare=compare)


def test_the_rest_is_counted_anew_so_that_nobody_is_counted_twice(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue", "customers"], ["product_name"], top=1)
    assert told.result.rows == (("Ant", 100, 3),)
    assert told.rest == (None, 115, 3)  # two customers bought each of the others, three in all
    assert told.result.totals == (None, 215, 3)


def test_an_unknown_member_is_in_the_rest_or_in_the_top_never_lost(kb: SnapshotKnowledge) -> None:
    assert asked(kb, ["revenue"], ["channel"], top=1).rest == (None, 80)
    two = asked(kb, ["revenue"], ["channel"], top=2)
    assert [row[0] for row in two.result.rows] == ["web", None]
    assert two.rest == (None, 30)
    assert asked(kb, ["revenue"], ["channel"], top=3).rest is None


def test_a_share_is_of_the_parent_one_dimension_up(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue"], ["month", "channel"], "year = '2024'", share=True)
    assert {row[:2]: row[3] for row in told.result.rows} == {
        (date(2024, 1, 1), "store"): 1,
        (date(2024, 2, 1), "web"): Decimal("0.444444"),
        (date(2024, 2, 1), None): Decimal("0.555556"),
        (date(2024, 3, 1), "web"): 1,
    }
    assert rows(asked(kb, ["revenue"], ["channel"], share=True))["store"] == (30, Decimal("0.139535"))


def test_a_running_total_runs_along_the_time_for_each_member(kb: SnapshotKnowledge) -> None:
    told = asked(kb, ["revenue"], ["month", "channel"], running=True)
    assert [row[-1] for row in told.result.rows if row[1] == "web"] == [10, 30, 70, 135]
    assert [row[-1] for row in told.result.rows if row[1] is None] == [50]


@pytest.mark.parametrize(
    ("measures", "by", "wanted", "said"),
    [
        (["customers"], ["month"], {"running": True}, "'customers' cannot be summed over time"),
        (["basket"], ["month"], {"running": True}, "'basket' cannot be summed over time"),
        (["revenue"], ["channel"], {"running": True}, "needs one of day, fiscal_month"),
        (["revenue"], [], {"share": True}, "say by what"),
        (["basket"], ["month"], {"share": True}, "none of the figures"),
        (["revenue"], ["month", "channel"], {"top": 3}, "seen by one thing"),
        (["revenue"], ["month"], {"top": 0}, "top takes 1 to 1000, not 0"),
        (["revenue"], ["month"], {"top": 3, "running": True}, "needs all rows"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    kb: SnapshotKnowledge, measures: list[str], by: list[str], wanted: dict[str, object], said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        asked(kb, measures, by, **wanted)


def test_a_day_stands_beside_the_same_day_of_the_year_before_around_a_leap_day(published: Published) -> None:
    published.add(
        order_line=[
            line(f"o{n}", 1, day, str(n)) for n, day in enumerate(("2024-02-28", "2024-02-29", "2025-02-28"), 1)
        ]
    )
    base = SnapshotKnowledge(
        view=published.view(date(2025, 3, 10), datetime.fromisoformat("2025-03-10")),
        run_as_of=date(2025, 3, 10),
        snapshot="1",
        currency="EUR",
        days=lambda: (date(2024, 2, 28), date(2025, 2, 28)),
    )
    told = asked(base, ["revenue"], ["day"], compare="last-year")
    assert rows(told)[date(2025, 2, 28)] == (3, 1, 2)


def test_the_rest_is_told_where_only_a_second_measure_has_any(published: Published) -> None:
    published.add(
        order_line=[line("a", 1, "2024-01-05", "10"), line("b", 1, "2024-01-06", "7")],
        invoice=[
            {
                "source": "erp", "invoice_id": "i", "amount": Decimal(5), "happened_on": date(2024, 1, 9),
                "happened_at": datetime.fromisoformat("2024-01-09"), "known_from": datetime.fromisoformat("2024-01-09"),
                "known_assumed": False,
            }
        ],
    )  # fmt: skip
    base = SnapshotKnowledge(
        view=published.view(as_of=date(2024, 3, 10)), run_as_of=date(2024, 3, 10), snapshot="1", currency="EUR",
        days=lambda: (date(2024, 1, 5), date(2024, 1, 6)),
    )  # fmt: skip
    assert asked(base, ["revenue", "invoiced"], ["day"], top=2).rest == (None, 0, 5)
