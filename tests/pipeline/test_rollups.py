"""Roll-ups of a whole workspace: counted in the run, used by themselves, and never told from the rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import clientela
from clientela.errors import ConfigurationError
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.rolling.asked import JOURNAL
from clientela.warehouse.store.snapshot import Reader, current
from tests.pipeline.company import FEWER, NOW, Shop, buying, shop


@pytest.fixture
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of however few rows are worth counting beforehand."""
    few_are_enough(monkeypatch)


def few_are_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clientela.pipeline.rolling.written.AT_LEAST", 1)
    patch.setattr("clientela.cube.rollup.choose._FEW", 1)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small shop with figures counted beforehand all the same; nobody asks it anything."""
    found = shop(tmp_path_factory.mktemp("rolled") / "w", settings=FEWER)
    found.deliver("orders-1.csv", buying(60))
    with pytest.MonkeyPatch.context() as patch:
        few_are_enough(patch)
        found.workspace.run(now=NOW)
    return found.workspace.folder


@pytest.fixture
def made(ran: Path, tmp_path: Path, worth_it: None) -> Shop:
    """A copy of one's own of that shop."""
    return Shop(clientela.open(Path(shutil.copytree(ran, tmp_path / "w"))))


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


def test_a_table_asked_for_in_the_settings_is_counted_however_small(tmp_path: Path) -> None:
    said = '\n[cube]\nrollups = [{ measures = ["revenue", "customers"], by = ["week"], within = [] }]\n'
    found = shop(tmp_path / "w", settings=said + FEWER)
    found.deliver("orders-1.csv", buying(10))
    found.workspace.run(now=NOW)
    told = found.workspace.query("revenue", "customers", by=["week"])
    assert {each.table for each in told.answered_by} == {"figures_of_order_line_1", "figures_of_order_line_2"}
    assert {each.table for each in found.workspace.query("revenue", by=["channel"]).answered_by} == {None}


def test_different_ones_are_counted_within_territories_where_settings_ask_for_it(tmp_path: Path) -> None:
    asked = (("customers", "orders"), ("new_customers", "lost_customers", "customers_won_back"))
    tables = (f'{{ measures = {json.dumps(each)}, by = ["month"], within = ["territory"] }}' for each in asked)
    found = shop(tmp_path / "w", settings=f"\n[cube]\nrollups = [{', '.join(tables)}]\n{FEWER}")
    found.deliver("orders-1.csv", buying(10))
    found.workspace.run(now=NOW)
    for names, of in zip(asked, ({"order_line"}, {"customer_start", "customer_loss", "customer_return"}), strict=True):
        told = found.workspace.query(*names, by=["month"])
        assert {(each.table or "").removeprefix("figures_of_").rpartition("_")[0] for each in told.answered_by} == of
        rows = found.workspace.query(*names, by=["month"], where="day >= '1900-01-01'")
        assert {each.table for each in rows.answered_by} == {None}
        assert (told.table.rows, told.table.total) == (rows.table.rows, rows.table.total)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('measures = ["revenu"]', "Did you mean 'revenue'?"),
        ('measures = ["revenue"], by = ["mnth"]', "Did you mean 'month'?"),
        ('measures = ["revenue"], by = ["agent_id"]', "agent_id"),
        ('measures = ["revenue"], by = ["segment"]', "leave it out"),
        ('measures = ["customers"], within = ["territory", "campaign"]', "not counted beforehand within a campaign"),
        ('measures = ["customers"], within = ["product"]', "'customers' counts different ones"),
        ('measures = ["customers"], by = ["fiscal_year"]', "name parts of the calendar year"),
        ('measures = ["invoiced"], within = ["campaign"]', "do not say which campaign they are of"),
        ('measures = []', "rollups"),
        ('measures = ["revenue"], within = ["region"]', "within = 'region' is not allowed; known: 'campaign', "),
        ('measures = ["revenue"], buy = ["month"]', "unknown key 'buy'"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_counted_is_refused_in_one_sentence(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        shop(tmp_path / "w", settings=f"\n[cube]\nrollups = [{{ {said} }}]\n").workspace.run(now=NOW)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_small_company_has_none(tmp_path: Path) -> None:
    found = shop(tmp_path / "w")
    found.deliver("orders-1.csv", buying(10))
    found.workspace.run(now=NOW)
    snapshot = current(found.workspace.folder)
    assert snapshot is not None
    assert snapshot.manifest["rollups"] == []
