import io
import re
from dataclasses import replace

import openpyxl
import pytest

from clientela.appdb.audit.listing import listed
from clientela.cube.registry import Registry
from clientela.pipeline import questions as registry
from clientela.pipeline.questions import questions
from clientela.present.say import say
from clientela.web.mains import MAINS
from clientela.workspace import Workspace
from tests.pipeline.company import NOW


@pytest.fixture(autouse=True)
def nothing_is_kept():
    MAINS.forget()


def test_all_insights_are_listed_also_those_without_an_answer(visitor):
    page = visitor("Ana", "executive").get("/insights").text
    for each in questions().all():
        assert f'href="/insights/{each.name}"' in page
    assert "Not answered yet" in page


def test_an_insight_one_may_not_see_is_listed_and_says_so(visitor):
    browser = visitor("Dora", "data-protection-officer")
    assert "Outside what you may see" in browser.get("/insights").text
    refused = browser.get("/insights/sales-trend")
    assert refused.status_code == 403
    assert "This answer is outside what you may see" in refused.text


def test_the_page_has_its_parts_in_the_order_people_ask(visitor, served):
    page = visitor("Ana", "executive").get("/insights/churn-risk").text
    told = Workspace(served).ask("churn-risk", user="executive", now=NOW).said
    assert f"<h1>{say(told.headline)}</h1>" in page
    heads = ["<h1>", "What to do next", "How sure are we?", 'class="filter-bar"', 'id="rows"', "Keep in mind"]
    heads += ["What we tried", "How is this computed?</h2>"]
    places = [page.index(head) for head in heads]
    assert places == sorted(places)


def test_parameters_of_the_address_are_those_of_the_answer(visitor, served):
    page = visitor("Ana", "executive").get("/insights/churn-risk?list=3").text
    body = page[page.index('id="rows"') :]
    assert body[: body.index("</table>")].count('<th scope="row"') == 3
    assert 'name="list" type="number" value="3"' in page


@pytest.mark.parametrize(
    ("role", "name"), [("executive", "churn-risk"), ("executive", "lifetime-value"), ("analyst", "churn-risk")]
)
def test_each_customer_of_a_list_leads_to_their_page(visitor, role, name):
    browser = visitor(role.capitalize(), role)
    page = browser.get(f"/insights/{name}").text
    rows = page[page.index('id="rows"') :]
    links = re.findall(r'<th scope="row"><a href="([^"]+)">', rows[: rows.index("</table>")])
    assert links
    for link in links[:5]:
        found = browser.get(link.replace("&amp;", "&"), follow_redirects=True)
        assert found.status_code == 200, link
        assert re.search(r"/customers/[0-9]+$", str(found.url)), link


def test_a_wrong_parameter_is_told_beside_its_field(visitor):
    browser = visitor("Ana", "executive")
    for address, said in (
        ("/insights/churn-risk?list=many", "Write a whole number, such as 20."),
        ("/insights/churn-risk?list=99999", "it is a whole number from 1 to"),
        ("/insights/customer-value?days=999999", "it is a whole number from 1 to"),
        ("/insights/customer-profit?until=2024", "it is a month, written as 2025-03."),
        ("/insights/sales-trend?as_of=yesterday", "Write a day like 2017-12-31."),
        ("/insights/sales-trend?period=decade", "known: &#39;auto&#39;"),
    ):
        page = browser.get(address)
        assert page.status_code == 400, address
        error = re.search(r'<p class="error" id="[^"]+">([^<]+)</p>', page.text)
        assert error, address
        assert said in error[1]
        assert 'aria-invalid="true"' in page.text


def test_a_link_to_the_view_keeps_the_parameters_and_the_day(visitor):
    browser = visitor("Ana", "executive")
    page = browser.get("/insights/sales-trend?period=month&as_of=2024-04-01").text
    link = re.search(r'href="([^"]+)" data-copy', page)[1].replace("&amp;", "&")
    assert link == "/insights/sales-trend?period=month&as_of=2024-04-01"
    assert "March 2024" in browser.get(link).text


def test_the_table_leaves_as_csv_and_as_a_workbook_and_is_entered(visitor, served):
    browser = visitor("Ana", "executive")
    told = Workspace(served).ask("sales-trend", user="executive", now=NOW).said.table
    csv = browser.get("/insights/sales-trend/table.csv")
    assert csv.headers["content-disposition"].startswith("attachment; filename=")
    assert csv.headers["cache-control"] == "no-store"
    assert len(csv.text.strip().splitlines()) == 1 + len(told.rows)
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/insights/sales-trend/table.xlsx").content))
    assert book.active.max_row == 1 + len(told.rows)
    with browser.app.state.site.database.reading() as connection:
        entered = [each.action for each in listed(connection)]
    assert entered.count("figures.exported") >= 2


def test_pictures_leave_as_svg_png_and_figures(visitor):
    browser = visitor("Ana", "executive")
    svg = browser.get("/insights/sales-trend/chart-0.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert "var(--" not in svg.text
    assert browser.get("/insights/sales-trend/chart-0.png").content.startswith(b"\x89PNG")
    assert browser.get("/insights/sales-trend/chart-0.csv").status_code == 200
    assert browser.get("/insights/sales-trend/chart-7.svg").status_code == 404
    assert browser.get("/insights/sales-trend/table.exe").status_code == 404


def test_who_may_not_export_is_offered_no_file_and_gets_none(visitor):
    browser = visitor("Stan", "statistician")
    page = browser.get("/insights/sales-trend")
    assert "/insights/sales-trend/table.csv" not in page.text
    assert browser.get("/insights/sales-trend/table.csv").status_code == 403
    assert browser.get("/insights/sales-trend/chart-0.svg").status_code == 403


def test_an_unknown_insight_is_not_found(visitor):
    page = visitor("Ana", "executive").get("/insights/<script>alert(1)</script>")
    assert page.status_code == 404
    assert "<script>alert" not in page.text


def test_an_abstaining_insight_says_what_is_missing(visitor):
    page = visitor("Ana", "executive").get("/insights/data-quality")
    assert page.status_code == 200
    assert "Not answered yet" in page.text
    assert "Until then an answer would only be a guess" in page.text


def test_a_fit_parameter_starts_a_job_once_for_who_may_bring_data(visitor, monkeypatch):
    learns = replace(questions().get("sales-trend"), fit_parameters={"horizon_days": 90, "seasonal": True})
    others = [each for each in questions().all() if each.name != "sales-trend"]
    known = Registry([*others, learns])
    for module in ("clientela.web.insights.pages", "clientela.web.insights.learning"):
        monkeypatch.setattr(f"{module}.questions", lambda: known)
    assert registry is not None
    assert 'id="learn"' not in visitor("Ana", "executive").get("/insights/sales-trend").text
    browser = visitor("Alma", "administrator")
    page = browser.get("/insights/sales-trend").text
    form = page[page.index('id="learn"') :]
    sent = {
        "form_token": re.search(r'name="form_token" value="([^"]+)"', form)[1],
        "once": re.search(r'name="once" value="([^"]+)"', form)[1],
        "learn-horizon_days": "30",
        "learn-seasonal": "no",
    }
    first = browser.post("/insights/sales-trend/learn", data=sent)
    again = browser.post("/insights/sales-trend/learn", data=sent)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    from clientela.appdb import jobs

    with browser.app.state.site.database.reading() as connection:
        job = jobs.listed(connection, limit=1)[0]
    assert job.kind == "fit"
    assert job.arguments["parameters"] == {"horizon_days": 30, "seasonal": False}
    wrong = browser.post("/insights/sales-trend/learn", data={**sent, "learn-horizon_days": "soon"})
    assert wrong.status_code == 400


def test_a_page_of_personal_data_is_never_kept(visitor, monkeypatch):
    from clientela.workspace.telling import Telling

    real = Telling.answer
    monkeypatch.setattr(Telling, "answer", lambda *args, **named: (real(*args, **named)[0], True))
    browser = visitor("Ana", "executive")
    pages = [browser.get("/insights/sales-trend") for _ in range(2)]
    assert {page.headers["cache-control"] for page in pages} == {"no-store"}
    assert MAINS.held == 0
