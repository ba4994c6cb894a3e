"""Wallets, classes of payers and what satisfaction goes with, in a whole run: what was planted is told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from clientela.contracts.insight import Insight
from tests.pipeline.company import NOW, Shop
from tests.pipeline.dealt_with import CATEGORIES, Made, company

NAMES = ("share-of-wallet", "customer-class", "satisfaction-effect")
CUSTOMERS = 120
RULES = """
[analysis.customer-class]
weak_late_days = 20
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Made]]:
    kept, told = company(tmp_path_factory.mktemp("dealt") / "w", CUSTOMERS, settings=RULES)
    kept.workspace.run(now=NOW)
    yield kept, told


def said(made: tuple[Shop, Made], name: str) -> Insight:
    """The answer as it was told, before it is said in a language."""
    insight = made[0].workspace.ask(name)
    assert insight.abstained is None, insight.abstained
    return insight.said


def test_each_says_its_limits_in_english_and_spanish(made: tuple[Shop, Made]):
    for name in NAMES:
        insight = made[0].workspace.ask(name)
        assert insight.abstained is None, name
        assert insight.said.caveats, name
        assert insight.said.computed, name
        assert insight.to_text("es"), name
    lead = made[0].workspace.ask("share-of-wallet").to_text("en")
    assert "not observed" in lead


def test_who_pays_late_is_weak_and_became_so(made: tuple[Shop, Made]):
    table = said(made, "customer-class").table
    assert table is not None
    told = made[1]
    late = sum(told.late)
    rows = {row[0].id: row for row in table.rows}  # type: ignore[union-attr] # texts
    assert (rows["Sound"][1], rows["Weak"][1]) == (CUSTOMERS - late, late)
    workspace = made[0].workspace
    assert table.total is not None
    assert table.total[4] == workspace.query("overdue").table.rows[0][0]
    assert (
        sum(row[2] for row in table.rows) == workspace.query("invoiced", where="day >= '2023-07-02'").table.rows[0][0]
    )  # type: ignore[misc] # its cells may hold text too
    moved = workspace.query("known_customers", by=["class_before", "customer_class"]).table.rows
    assert sum(row[2] for row in moved if (row[0], row[1]) == ("sound", "weak")) > 0.8 * late


def test_classes_filter_and_divide_other_figures(made: tuple[Shop, Made]):
    workspace = made[0].workspace
    rows = workspace.query("buyers", by=["customer_class"]).table.rows
    weak = workspace.query("buyers", where="customer_class = 'weak'").table.rows[0][0]
    assert dict(rows)["weak"] == weak == sum(made[1].late)
    assert {row[0] for row in workspace.query("invoiced", by=["sector"]).table.rows} == {"hotels", "offices"}
    assert {row[0] for row in workspace.query("invoiced", by=["payment_terms"]).table.rows} == {30, 60}


def test_the_room_adds_up_and_no_wallet_is_smaller_than_what_is_spent(made: tuple[Shop, Made]):
    workspace = made[0].workspace
    room_and_range = ("room_to_grow_low", "room_to_grow", "room_to_grow_high")
    measures = ("wallet_customers", "wallet_spent", *room_and_range, "wallet", "share_of_wallet")
    customers, spent, low, room, high, wallet, share = workspace.query(*measures).table.rows[0]
    assert customers == CUSTOMERS
    assert 0 < low <= room <= high
    assert wallet == spent + room
    assert float(share) == pytest.approx(float(spent / wallet), abs=1e-5)
    by = workspace.query("wallet_spent", "room_to_grow", by=["wallet_category"]).table.rows
    assert {row[0] for row in by} == set(CATEGORIES)
    assert (sum(row[1] for row in by), sum(row[2] for row in by)) == (spent, room)
    days = "day >= '2023-06-29'"  # the window is four horizons
    assert spent == pytest.approx(workspace.query("revenue", where=days).table.rows[0][0], rel=Decimal("0.001"))


def test_hotels_are_compared_with_hotels(made: tuple[Shop, Made]):
    evidence = said(made, "share-of-wallet").evidence
    assert evidence is not None
    assert evidence.value < evidence.baseline_value
    each = {
        row[0]: row[1] / row[2]
        for row in made[0].workspace.query("wallet", "wallet_customers", by=["sector"]).table.rows
    }
    assert each["hotels"] > Decimal("1.5") * each["offices"]


def test_a_stated_wallet_replaces_the_assumption(made: tuple[Shop, Made]):
    table = made[0].workspace.ask("share-of-wallet", parameters={"list": 400}).said.table
    assert table is not None
    stated = [row for row in table.rows if row[0] == "c2"]
    assert stated
    assert {row[6].id for row in stated} == {"What was stated"}  # type: ignore[union-attr] # texts
    assert sum(row[2] + row[3] for row in stated) == pytest.approx(Decimal(9000 * 368) / 365, rel=Decimal("0.0001"))  # type: ignore[operator]


def test_the_unhappy_who_buy_less_are_found_and_chance_is_called_so(made: tuple[Shop, Made]):
    insight = said(made, "satisfaction-effect")
    assert insight.table is not None
    rows = {row[1].id: row for row in insight.table.rows}  # type: ignore[union-attr] # texts
    assert rows["Purchase days"][-1].id == "clear"  # type: ignore[union-attr]
    assert rows["Bought on a discount"][-1].id == "may be chance"  # type: ignore[union-attr]
    assert insight.figure is not None
    assert insight.figure.high is not None
    assert float(insight.figure.high.value) < 0
    assert insight.evidence is not None
    assert insight.evidence.value < insight.evidence.baseline_value
