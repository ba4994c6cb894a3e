"""The table of the customers' pages: one row each, with the figures that the cube counts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.cube.customer.asked import rows, rows_written
from clientela.cube.customer.of_one import One
from clientela.pipeline import serving
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.pages import told
from clientela.pipeline.pages.happened import EVERY_INTERACTION
from clientela.pipeline.pages.parts import PARTS
from clientela.pipeline.pages.questions import GROUPS
from clientela.warehouse.store.snapshot import current
from clientela.workspace import Workspace
from clientela.workspace import open as open_workspace
from tests.pipeline.placed import CUSTOMERS, NOW, canaries, placed

COUNTED = {"revenue": "revenue", "orders": "orders", "purchase_days": "purchase_days", "margin": "margin"}
YEAR = {"year_revenue": "revenue", "year_orders": "orders", "year_margin": "margin"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return placed(tmp_path_factory.mktemp("pages") / "company")


@pytest.fixture(scope="module")
def pages(company: Workspace) -> Mapping[int, Mapping[str, Any]]:
    told = company.rows.page("customer_page", limit=1000).rows
    names = [each.name for each in told.columns]
    rows = [dict(zip(names, row, strict=True)) for row in told.rows]
    return {row["customer_id"]: row for row in rows}


def asked(company: Workspace, *measures: str, where: str | None = None) -> dict[int, dict[str, Any]]:
    """Figures by customer, as the cube counts them."""
    table = company.query(*measures, by=["customer"], where=where, limit=10_000).table
    names = [each.name for each in table.columns]
    rows = (dict(zip(names, row, strict=True)) for row in table.rows)
    return {int(row["customer"]): row for row in rows if row["customer"] is not None}


def test_there_is_one_row_for_each_customer_in_order(pages: Mapping[int, Any]):
    assert len(pages) == CUSTOMERS
    assert [*pages] == sorted(pages)


def test_what_is_told_of_them_is_the_same_however_many_are_written_at_once(
    company: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "AT_ONCE", CUSTOMERS // 4)
    again = open_workspace(Path(shutil.copytree(company.folder, tmp_path / "again")))
    again.run(now=NOW)
    written = told_of(company)
    assert len(written) == CUSTOMERS
    assert told_of(again) == written


def told_of(company: Workspace) -> list[tuple[Any, ...]]:
    """The rows of ``customer_told`` as they lie in the file, without what tells of runs."""
    published = current(company.folder)
    assert published is not None
    with duckdb.connect(str(published.paths["facts"]), read_only=True) as facts:
        return facts.sql("select number, told from customer_told").fetchall()


def test_figures_so_far_are_those_of_the_cube(company: Workspace, pages: Mapping[int, Mapping[str, Any]]):
    cube = asked(company, *COUNTED.values())
    assert cube, "the cube counts somebody"
    for number, row in pages.items():
        there = cube.get(number, {"revenue": Decimal(0), "orders": 0, "purchase_days": 0, "margin": None})
        assert {name: row[name] for name in COUNTED} == {name: there[of] for name, of in COUNTED.items()}, number


def test_figures_of_the_last_365_days_are_those_of_the_cube(company: Workspace, pages: Mapping[int, Mapping[str, Any]]):
    as_of = company.status().as_of
    first = date.fromisoformat(str(as_of)) - timedelta(days=365)
    cube = asked(company, *dict.fromkeys(YEAR.values()), where=f"day >= '{first}'")
    for number, row in pages.items():
        there = cube.get(number, {"revenue": Decimal(0), "orders": 0, "margin": None})
        assert {name: row[name] for name in YEAR} == {name: there[of] for name, of in YEAR.items()}, number


def test_open_cases_are_those_without_an_end(company: Workspace, pages: Mapping[int, Mapping[str, Any]]):
    told = company.rows.page("service_case", ["customer_id", "closed_at", "opened_on"], limit=1000).rows
    opened: dict[int, list[Any]] = {}
    for customer, closed, on in told.rows:
        opened.setdefault(int(str(customer)), []).append((closed, on))
    for number, row in pages.items():
        cases = opened.get(number, [])
        assert row["cases"] == len(cases)
        assert row["open_cases"] == sum(closed is None for closed, _ in cases)
        assert row["last_case_on"] == max((on for _, on in cases), default=None)


def test_the_usual_gap_is_the_time_between_purchases_on_average(pages: Mapping[int, Mapping[str, Any]]):
    for row in pages.values():
        if row["purchase_days"] > 1:
            days = (row["last_bought_on"] - row["first_bought_on"]).days
            assert abs(float(row["usual_gap_days"]) - days / (row["purchase_days"] - 1)) < 1e-5
        else:
            assert row["usual_gap_days"] is None


def test_words_of_names_lie_in_the_people_file_alone(company: Workspace, pages: Mapping[int, Any]):
    words = {
        (word, number) for word, number in company.rows.page("name_word", ["word", "customer_id"], limit=1000).rows.rows
    }
    assert {word for word, _ in words} >= {canaries(n)[0].lower() for n in range(CUSTOMERS)}
    facts = next((company.folder / "snapshots").glob("facts-*.duckdb")).read_bytes()
    assert b"nachname" not in facts.lower()


def right(*columns: str, **limits: frozenset[Any]) -> Right:
    return Right(reach=(Area(**limits),) if limits else EVERYTHING, columns=Names(columns), measures=Names(("*",)))


NORTH = frozenset({"north", "coast", "hills", "oslo", "bergen", "roros"})
SCOPES = {
    "company": None,
    "north": Scope((right("*", territories=NORTH),)),
    "two": Scope((right("*", "!order_line.channel", territories=frozenset({"rome"})), right("*", territories=NORTH))),
    "garden": Scope((right("*", products=frozenset({"p0", "p3"})),)),
    "both": Scope((right("*", territories=NORTH, products=frozenset({"p0"})), right("*", "!score.*"))),
}


@pytest.mark.parametrize("of", SCOPES)
def test_what_is_written_down_of_a_customer_is_what_is_answered(company: Workspace, pages: Mapping[int, Any], of: str):
    answered = set()
    with serving.opened(company.folder) as (reader, served):
        view = knowledge_in(reader, served.snapshot, None, scope=SCOPES[of]).view
        for number in pages:
            looked_up, asked = One(view, number, PARTS), One(view, number)
            for part in PARTS:
                there = rows_written(view, part.question, looked_up)
                if there is None or part.question == EVERY_INTERACTION:
                    continue
                answered.add(part.name)
                assert by_all(there) == by_all(rows(view, part.question, asked) or []), (number, part.name)
    assert answered >= {"page", "about", "records", "identity_event"}
    assert ("order_line" in answered) is (of != "garden")  # rows do not tell of which product their lines are


def test_groups_made_of_money_are_hidden_from_who_may_not_see_it(company: Workspace, pages: Mapping[int, Any]):
    with serving.opened(company.folder) as (reader, served):
        for hidden in ("order_line.net_revenue", "group_member.segment"):
            scope = Scope((right("*", f"!{hidden}"),))
            view = knowledge_in(reader, served.snapshot, None, scope=scope).view
            for number in pages:
                assert rows(view, GROUPS, One(view, number, PARTS)) is None
        whole = knowledge_in(reader, served.snapshot, None).view
        assert any(rows(whole, GROUPS, One(whole, number, PARTS)) for number in pages)


def by_all(told: list[dict[str, Any]]) -> list[str]:
    """Rows in an order of their own; where a question orders them, one customer has too few to tell."""
    return sorted(map(repr, told))


def test_a_page_is_looked_up_and_not_asked(company: Workspace, pages: Mapping[int, Any]):
    with serving.opened(company.folder) as (reader, served):
        view = knowledge_in(reader, served.snapshot, None).view
        one = One(view, next(iter(pages)), PARTS)
        assert {part.name for part in PARTS if rows_written(view, part.question, one)} >= {"page", "about"}
