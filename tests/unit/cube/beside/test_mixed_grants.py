"""What stands beside figures is of the rows that the figures themselves are of, also where grants give different ones.

One grant shows food by everything; another shows tools too, but not by channel. So figures by channel are of food
alone, and so must be whatever they are a part of.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.cube.explore import Explored, Wanted, explore
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from tests.unit.cube.published import AS_OF, Published, line

EVERY = Names(("*",))
BY_ALL = Right(reach=(Area(products=frozenset({"food"})),), columns=EVERY, measures=EVERY)
NOT_BY_CHANNEL = Right(
    reach=(Area(products=frozenset({"food", "tools"})),), columns=Names(("*", "!order_line.channel")), measures=EVERY
)


@pytest.fixture
def mixed(published: Published) -> SnapshotKnowledge:
    published.add(
        order_line=[
            line("1", 1, "2024-01-05", "30", product_id="food", channel="web"),
            line("2", 2, "2024-01-06", "10", product_id="food", channel="shop"),
            line("3", 3, "2024-01-07", "60", product_id="tools", channel="web"),
        ]
    )
    view = published.view()
    return knowledge(
        published.engine, snapshot="1", tables=view.tables, people=None, currency="EUR", timezone="UTC",
        lapse_days=None, run_as_of=AS_OF, run_known_at=view.known_at, scope=Scope((BY_ALL, NOT_BY_CHANNEL)),
    )  # fmt: skip


def told(mixed: SnapshotKnowledge, by: list[str], wanted: Wanted) -> Explored:
    return explore(mixed, ["revenue"], by, wanted=wanted)


def test_alone_the_month_is_told_of_all_that_is_seen_by_it(mixed: SnapshotKnowledge) -> None:
    assert mixed.query(["revenue"], ["month"]).totals == (None, 100)


def test_shares_of_a_month_by_channel_come_to_one(mixed: SnapshotKnowledge) -> None:
    found = told(mixed, ["month", "channel"], Wanted(share=True)).result
    assert sorted(row[3] for row in found.rows) == [Decimal("0.25"), Decimal("0.75")]


def test_a_subtotal_is_that_of_its_rows(mixed: SnapshotKnowledge) -> None:
    found = told(mixed, ["month", "channel"], Wanted(subtotals=True))
    subtotals = [row[2] for row, level in zip(found.result.rows, found.levels or (), strict=True) if level == 1]
    assert subtotals == [40]


def test_the_whole_of_a_row_is_that_of_what_stands_across(mixed: SnapshotKnowledge) -> None:
    (row,) = told(mixed, ["month"], Wanted(pivot="channel")).result.rows
    assert sorted(row[1:]) == [10, 30, 40]


def test_shares_across_come_to_one(mixed: SnapshotKnowledge) -> None:
    (row,) = told(mixed, ["month"], Wanted(pivot="channel", share=True)).result.rows
    assert {Decimal("0.25"), Decimal("0.75")} <= {each for each in row if isinstance(each, Decimal)}
