"""Who came and who was lost, counted in a run for people with territories, though customers buy in several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clientela.cube.figures.explain import explained
from clientela.pipeline.asking.seen import knowledge_in
from clientela.warehouse.store.snapshot import Reader, Snapshot, current
from tests.benchmarks.jobs import cube_warehouse
from tests.benchmarks.jobs.cube_questions import scope

LINES, CUSTOMERS = 4_000, 400
MEASURES = ("new_customers", "lost_customers", "customers_won_back")
ASKED = (
    '\n[cube]\nrollups = [{ measures = ["new_customers", "lost_customers"], by = ["month"], within = ["territory"] }]\n'
)
DAYS = "figures_of_purchase_days"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures asked for by hand; half of the customers buy in three territories."""
    one, three = (
        "cast(who % 120 as varchar)",
        "cast((who + case when who % 2 = 0 then o % 3 else 0 end) % 120 as varchar)",
    )
    assert one in cube_warehouse.LINE
    monkeypatch.setitem(cube_warehouse.TABLES, "order_line", cube_warehouse.LINE.replace(one, three))
    monkeypatch.setattr(cube_warehouse, "SETTINGS", cube_warehouse.SETTINGS + ASKED)


def made(folder: Path) -> Snapshot:
    cube_warehouse.make(str(folder), LINES, CUSTOMERS)
    snapshot = current(folder)
    assert snapshot is not None
    return snapshot


@pytest.mark.usefixtures("settings")
def test_the_days_of_those_met_in_several_territories_are_written_and_read(tmp_path: Path) -> None:
    snapshot = made(tmp_path / "w")
    assert 0 < snapshot.manifest["tables"][DAYS] < LINES
    assert {each["days"] for each in snapshot.manifest["rollups"]} == {DAYS}
    with Reader(snapshot, people=False, looked=True) as reader:
        for grants in (0, 1, 10, 100):
            kb = knowledge_in(reader, snapshot, None, scope=scope(grants, step=2**62 // CUSTOMERS))
            rows = replace(kb, view=replace(kb.view, rollups=()))
            told = explained(kb.view, MEASURES, ["month"], None)
            assert [each.table is not None for each in told] == [True, True, False]
            assert kb.query(MEASURES, by=["month"]) == rows.query(MEASURES, by=["month"])


@pytest.mark.usefixtures("settings")
def test_where_these_are_too_many_the_rows_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientela.pipeline.rolling.written.MOST_DAYS", 10)
    snapshot = made(tmp_path / "w")
    assert snapshot.manifest["rollups"] == []
    assert DAYS not in snapshot.manifest["tables"]
