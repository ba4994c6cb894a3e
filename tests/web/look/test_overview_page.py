import re

import pytest

from clientela.cube.figures import query as figures
from clientela.http.visit import LANGUAGES
from clientela.pipeline.telling import overview
from clientela.present.say import say
from clientela.serve.application import application
from clientela.web import warm
from clientela.web.mains import MAINS
from clientela.web.templating import environment
from clientela.workspace import Workspace, create
from tests.pipeline.company import NOW
from tests.web.conftest import come_in


@pytest.fixture(autouse=True)
def nothing_is_kept():
    MAINS.forget()


def test_the_overview_says_what_the_analyses_say(visitor, served):
    page = visitor("Ana", "executive").get("/")
    told = Workspace(served).ask("sales-trend", user="executive", now=NOW).said
    assert page.status_code == 200
    assert f"<h1>{say(told.headline)}</h1>" in page.text
    assert page.text.count('class="card insight-card"') >= 3
    assert 'href="/insights/churn-risk"' in page.text


def test_the_strip_shows_four_figures_beside_those_of_the_period_before(visitor, served):
    found = Workspace(served).telling.overview(user="executive", now=NOW)
    quarters = Workspace(served).query("revenue", by=["quarter"], user="executive", now=NOW).table.rows
    whole = [row for row in quarters if row[0] <= found.period.first]
    assert [key.measure for key in found.keys] == ["revenue", "customers", "days_per_customer", "basket"]
    assert found.keys[0].figure.value.value == whole[-1][1]
    assert found.keys[0].before.value == whole[-2][1]
    assert found.keys[0].figure.change == pytest.approx(float(whole[-1][1] / whole[-2][1]) - 1)
    text = visitor("Ana", "executive").get("/").text
    assert text.count('<dd class="value">') == 4


def test_the_overview_is_spanish_for_whoever_reads_spanish(visitor):
    page = visitor("Ana", "executive").get("/?lang=es")
    assert '<html lang="es"' in page.text
    assert "Los ingresos" in page.text


def test_who_holds_no_role_is_told_so(visitor):
    page = visitor("Nobody", None).get("/")
    assert page.status_code == 200
    assert "You hold no role yet" in page.text
    assert "key-figures" not in page.text


def test_a_role_of_nothing_but_persons_sees_no_sales(visitor):
    page = visitor("Dora", "data-protection-officer").get("/")
    assert page.status_code == 200
    assert "measures=customers&amp;" in page.text
    assert "measures=revenue" not in page.text
    assert "Revenue rose" not in page.text
    assert "Revenue fell" not in page.text


def test_before_anything_is_published_the_overview_says_what_is_needed(tmp_path):
    create(tmp_path / "new", name="New Shop", currency="EUR", timezone="Europe/Madrid")
    app = application(tmp_path / "new", clock=lambda: NOW)
    page = come_in(app, "Ana", "administrator").get("/")
    app.state.site.database.close()
    assert page.status_code == 200
    assert "There are no figures here yet" in page.text


def test_two_of_one_scope_share_what_was_made_and_another_scope_does_not(visitor):
    first, second = visitor("Ana", "executive"), visitor("Berta", "executive")
    first.get("/")
    made = MAINS.misses
    second.get("/")
    assert MAINS.misses == made
    visitor("Carla", "finance").get("/")
    assert MAINS.misses == made + 1


def test_another_language_or_snapshot_is_made_anew(visitor):
    browser = visitor("Ana", "executive")
    browser.get("/")
    made = MAINS.misses
    browser.get("/?lang=es")
    assert MAINS.misses == made + 1


def test_what_is_kept_holds_nothing_of_a_session(visitor):
    browser = visitor("Ana", "executive")
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get("/").text)[1]
    assert all(token not in entry.made.html for entry in MAINS._entries.values())


def test_who_sees_a_part_of_the_company_sees_no_figure_of_the_rest(visitor):
    whole = visitor("Ana", "executive").get("/").text
    part = visitor("Mara", "manager", territories=["T-1"]).get("/")
    assert part.status_code == 200
    figures = re.findall(r'<dd class="value">([^<]+)</dd>', whole)
    assert len(figures) == 4
    assert not any(figure in part.text for figure in figures if len(figure) > 3)
    assert "insight-card" not in part.text or "Revenue rose" not in part.text


def test_a_role_of_figures_of_many_gets_its_strip_without_rows(visitor):
    page = visitor("Stan", "statistician").get("/")
    assert page.status_code == 200
    assert 'href="/insights/churn-risk"' not in page.text
    assert "Deliver a file" not in page.text


@pytest.fixture
def counted(monkeypatch):
    """The questions that the cube counts: measures, by, where; those answered from what was told before are not."""
    found, query = [], figures.query

    def noted(view, measures, by=(), where=None, **more):
        found.append((tuple(measures), tuple(by), where))
        return query(view, measures, by, where, **more)

    monkeypatch.setattr(figures, "query", noted)
    return found


def test_what_several_answers_tell_is_counted_once_and_the_figures_are_the_same(served, counted, monkeypatch):
    whole = Workspace(served).telling.overview(user="executive", now=NOW)
    counted.clear()
    monkeypatch.setattr(overview, "is_everything", lambda _: False)  # as of who sees a part of the company
    part = Workspace(served).telling.overview(user="executive", now=NOW)
    assert part == whole
    assert len(counted) == len(set(counted))
    assert [{*measures} for measures, by, _ in counted if by == ("quarter",)] == [
        {"revenue", "orders", "customers", "basket", "days_per_customer"}
    ]
    assert [by for measures, by, _ in counted if measures == ("revenue",)] == [("day",)]
    assert not any("orders" in measures for measures, by, _ in counted if by == ("month",))


def test_the_answers_are_those_of_an_analysis_asked_alone(served):
    found = Workspace(served).telling.overview(user="executive", now=NOW)
    for name in ("sales-trend", "customer-base", "customer-value", "data-quality"):
        alone = Workspace(served).ask(name, user="executive", now=NOW).said
        together = next(each.insight for each in found.answered if each.analysis.name == name)
        assert (together.headline, together.lead, together.table) == (alone.headline, alone.lead, alone.table)
        assert (together.chart, together.details) == (alone.chart, alone.details)


@pytest.fixture
def accounts(served) -> list[str]:
    """The numbers of some customers who bought: a part of the company."""
    bought = Workspace(served).query("revenue", by=["customer"], now=NOW).table.rows
    return [str(customer) for customer, _ in bought if customer is not None][:60]


def test_figures_that_no_answer_tells_are_counted_for_the_periods_shown(visitor, counted, accounts):
    counted.clear()
    assert visitor("Sven", "service", accounts=accounts).get("/").status_code == 200
    assert {where is not None for measures, _, where in counted if "cases" in measures} == {True}


def test_what_is_refused_is_refused_before_anything_is_counted_for_it(visitor, counted, accounts):
    counted.clear()
    page = visitor("Mara", "manager", accounts=accounts).get("/")
    assert 'href="/insights/churn-risk"' in page.text
    assert 'href="/insights/customer-base"' not in page.text
    assert any("customers_scored" in measures for measures, *_ in counted)
    assert not any("known_customers" in measures for measures, *_ in counted)


def test_what_the_first_overview_needs_is_loaded_before(visitor):
    environment.cache_clear()
    warm.load()
    loaded = {each: {*environment(each).cache.keys()} for each in LANGUAGES}
    for each in LANGUAGES:
        assert visitor("Ana", "executive").get(f"/?lang={each}").status_code == 200
    assert {each: {*environment(each).cache.keys()} for each in LANGUAGES} == loaded
