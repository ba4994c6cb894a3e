"""Roll-ups of a whole workspace: counted in the run, used by themselves, and never told from the rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.rolling.asked import JOURNAL
from clientela.warehouse.store.snapshot import Reader, current
from tests.pipeline.company import NOW, Shop, buying, shop


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A small shop whose figures are worth counting beforehand all the same."""
    monkeypatch.setattr("clientela.pipeline.rolling.written.AT_LEAST", 1)
    monkeypatch.setattr("clientela.cube.rollup.choose._FEW", 1)
    found = shop(tmp_path / "w")
    found.deliver("orders-1.csv", buying(60))
    found.workspace.run(now=NOW)
    return found


def answers(made: Shop, **asked: object) -> tuple[object, ...]:
    told = made.workspace.query("revenue", "margin", "customers", by=["month"], **asked)  # type: ignore[arg-type]
    return told.table.rows, told.table.total, told.answered_by


def test_a_question_is_answered_from_tables_counted_beforehand(made: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, total, answered = answers(made)
    assert {each.table is not None for each in answered} == {True}
    monkeypatch.setattr("clientela.pipeline.asking.seen.of_documents", lambda told, tables: ())
    again, total_again, by_rows = answers(made)
    assert {each.table for each in by_rows} == {None}
    assert (rows, total) == (again, total_again)


def test_as_of_an_earlier_date_the_rows_answer(made: Shop) -> None:
    from datetime import date

    assert {each.table for each in answers(made, as_of=date(2024, 5, 1))[2]} == {None}


def test_they_stand_in_the_manifest_and_in_the_lineage(made: Shop) -> None:
    snapshot = current(made.workspace.folder)
    assert snapshot is not None
    told = {each["table"]: each["rows"] for each in snapshot.manifest["rollups"]}
    written = {each["table"]: each for each in snapshot.manifest["lineage"]}
    assert told
    assert {name: snapshot.manifest["tables"][name] for name in told} == told
    assert all(written[name]["reads"] == ["order_line"] for name in told)


def test_one_that_was_counted_under_another_meaning_answers_nothing(made: Shop) -> None:
    snapshot = current(made.workspace.folder)
    assert snapshot is not None
    for each in snapshot.manifest["rollups"]:
        each["meant"] = "another"
    with Reader(snapshot, looked=True) as reader:
        assert knowledge_in(reader, snapshot, None).view.rollups == ()


def test_what_was_asked_is_counted_by_the_next_run(made: Shop) -> None:
    def by_product() -> set[str | None]:
        told = made.workspace.query("revenue", by=["product_name", "week"])
        return {each.table for each in told.answered_by}

    assert by_product() == {None}
    kept = [json.loads(line) for line in (made.workspace.folder / JOURNAL).read_text().splitlines()]
    assert [each["by"] for each in kept] == [["product_name", "week"]]
    made.workspace.run(now=NOW)
    assert by_product() != {None}


def test_a_small_company_has_none(tmp_path: Path) -> None:
    found = shop(tmp_path / "w")
    found.deliver("orders-1.csv", buying(10))
    found.workspace.run(now=NOW)
    snapshot = current(found.workspace.folder)
    assert snapshot is not None
    assert snapshot.manifest["rollups"] == []
