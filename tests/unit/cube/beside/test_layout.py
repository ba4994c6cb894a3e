"""Members across, subtotals, one level down: against figures counted by hand over rows in sight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clientela.contracts.analysis import Result
from clientela.contracts.filter import Condition
from clientela.contracts.text import text
from clientela.cube.beside.members import drilled
from clientela.cube.explore import Wanted, explore
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import QueryError, UnknownNameError
from tests.unit.cube.published import Published, line

LINES = [
    line("a", 1, "2024-01-10", "10", channel="web"),
    line("b", 1, "2024-01-20", "20", channel="store"),
    line("c", 2, "2024-02-01", "30", channel="web"),
    line("d", 1, "2024-02-02", "60", channel="web"),
    line("e", 3, "2024-04-05", "5", channel=None),
]


@pytest.fixture
def kb(published: Published) -> SnapshotKnowledge:
    published.add(order_line=LINES)
    view = published.view(as_of=date(2024, 5, 1))
    return SnapshotKnowledge(
        view=view, run_as_of=date(2024, 5, 1), snapshot="1", currency="EUR",
        days=lambda: (date(2024, 1, 10), date(2024, 4, 5)),
    )  # fmt: skip


def test_a_pivot_counts_every_total_at_its_own_level(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["basket", "customers"], ["channel"], wanted=Wanted(pivot="quarter")).result
    assert [column.name for column in told.columns] == [
        *("channel", "basket[2024-Q1]", "customers[2024-Q1]", "basket[2024-Q2]", "customers[2024-Q2]"),
        *("basket[Total]", "customers[Total]"),
    ]
    assert told.rows == (
        ("store", Decimal(20), 1, None, None, Decimal(20), 1),
        ("web", Decimal("33.3333"), 2, None, None, Decimal("33.3333"), 2),
        (None, None, None, Decimal(5), 1, Decimal(5), 1),
    )
    assert told.totals == (None, Decimal(30), 2, Decimal(5), 1, Decimal(25), 3)


def test_the_rows_of_a_pivot_are_sorted_and_cut_by_the_figures_over_all_of_it(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["channel"], wanted=Wanted(pivot="month"), order=["-revenue"], limit=1).result
    assert [(row[0], row[-1]) for row in told.rows] == [("web", Decimal(100))]
    assert told.totals is not None
    assert told.totals[-1] == Decimal(125)


def test_a_pivot_without_rows_is_one_row_of_totals(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["quarter"], wanted=Wanted(pivot="quarter")).result
    assert told.totals == (Decimal(120), Decimal(5), Decimal(125))


def test_too_many_members_do_not_stand_across(kb: SnapshotKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientela.cube.beside.pivot.MOST_ACROSS", 2)
    with pytest.raises(QueryError, match="'month' has 3 members here, and at most 2 can stand across"):
        explore(kb, ["revenue"], ["channel"], wanted=Wanted(pivot="month"))


def names(told: Result) -> list[str]:
    return [column.name for column in told.columns]


def test_a_share_in_a_pivot_is_that_of_the_row_and_of_a_total_that_of_everything(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["channel"], wanted=Wanted(pivot="quarter", share=True)).result
    assert names(told) == [
        *("channel", "revenue[2024-Q1]", "revenue_share[2024-Q1]", "revenue[2024-Q2]", "revenue_share[2024-Q2]"),
        *("revenue[Total]", "revenue_share[Total]"),
    ]
    assert told.rows == (
        ("store", 20, 1, None, None, 20, Decimal("0.16")),
        ("web", 100, 1, None, None, 100, Decimal("0.8")),
        (None, None, None, 5, 1, 5, Decimal("0.04")),
    )
    assert told.totals == (None, 120, Decimal("0.96"), 5, Decimal("0.04"), 125, 1)


def test_periods_across_stand_beside_the_one_before_and_their_total_beside_none(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["channel"], wanted=Wanted(pivot="quarter", compare="previous")).result
    assert names(told)[4:7] == ["revenue[2024-Q2]", "revenue_before[2024-Q2]", "revenue_change[2024-Q2]"]
    assert told.rows[2] == (None, None, None, None, 5, 0, None, 5, None, None)
    assert told.totals is not None
    assert told.totals[4:] == (5, 120, Decimal("-0.958333"), 125, None, None)


def test_periods_down_are_compared_in_each_member_and_over_all_of_them(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["month"], wanted=Wanted(pivot="channel", compare="previous")).result
    assert told.rows[1] == (
        *(date(2024, 2, 1), None, None, None, 90, 10, Decimal(8), None, None, None),
        *(90, 30, Decimal(2)),
    )


def test_a_running_total_runs_down_each_member_and_over_all_of_them(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["month"], wanted=Wanted(pivot="channel", running=True)).result
    assert names(told)[1:5] == ["revenue[store]", "revenue_running[store]", "revenue[web]", "revenue_running[web]"]
    assert [row[1:5] for row in told.rows] == [(20, 20, 10, 10), (None, None, 90, 100), (None, None, None, None)]
    assert [row[-2:] for row in told.rows] == [(30, 30), (90, 120), (5, 125)]
    assert told.totals == (None, 20, None, 100, None, 5, None, 125, None)


def test_a_running_total_runs_across(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue"], ["kind"], wanted=Wanted(pivot="month", running=True)).result
    assert told.rows == (("sale", 30, 30, 90, 120, 5, 125, 125, None),)


def test_the_largest_rows_of_a_pivot_and_all_others(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["revenue", "customers"], ["channel"], wanted=Wanted(pivot="quarter", top=1, share=True))
    assert [row[0] for row in told.result.rows] == ["web"]
    assert told.rest is not None
    assert told.rest == (
        *(None, 20, 1, None, None),
        *(5, 1, None, None),
        *(25, 2, None, None),
    )
    assert len(told.rest) == len(told.result.columns)
    assert told.result.totals is not None
    assert told.result.totals[-4] == 125


def test_a_subtotal_follows_its_group_and_is_counted_anew(kb: SnapshotKnowledge) -> None:
    told = explore(kb, ["customers"], ["quarter", "channel"], wanted=Wanted(subtotals=True))
    first, second = date(2024, 1, 1), date(2024, 4, 1)
    assert told.result.rows == (
        (first, "store", 1),
        (first, "web", 2),
        (first, text("Total"), 2),
        (second, None, 1),
        (second, text("Total"), 1),
    )
    assert told.levels == (2, 2, 1, 2, 1)
    assert told.result.totals == (None, None, 3)


@pytest.mark.parametrize(
    ("by", "wanted", "said"),
    [
        (["month"], Wanted(subtotals=True), "two things or more"),
        (["month", "channel"], Wanted(pivot="month", subtotals=True), "ask for one of them"),
        (["month", "channel"], Wanted(subtotals=True, share=True), "subtotals and share cannot be had in one table"),
        (["month", "channel", "kind"], Wanted(pivot="month", top=2), "top takes a question seen by one thing"),
        (["channel", "kind"], Wanted(pivot="kind", running=True), "a running total needs one of"),
    ],
)
def test_what_makes_no_sense_together_is_refused(
    kb: SnapshotKnowledge, by: list[str], wanted: Wanted, said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        explore(kb, ["revenue"], by, wanted=wanted)


def test_a_member_is_taken_apart_one_level_finer() -> None:
    kept, by = drilled("quarter=2024-Q1", ["channel", "quarter"])
    assert by == ["channel", "month"]
    assert isinstance(kept, Condition)
    assert kept.value == (date(2024, 1, 1), date(2024, 3, 31))
    assert drilled("channel=web", ["month"])[1] == ["month"]
    with pytest.raises(UnknownNameError, match="unknown dimension 'chanel'"):
        drilled("chanel=web", [])
    with pytest.raises(QueryError, match="nothing finer than 'channel'"):
        drilled("channel=web", ["channel"])
