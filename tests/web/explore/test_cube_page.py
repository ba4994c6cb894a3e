"""The page of the cube: right figures, within one's scope, all of it in the address, refusals beside the form."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from tests.web.explore.conftest import SCRIPT

Visitor = Callable[..., TestClient]


def cells(page: str) -> list[list[str]]:
    """The rows of the table of figures, as they are read."""
    table = page[page.index('class="table cube"') :]
    body = table[: table.index("</table>")]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S)
    said = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in said]


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return html.unescape(found[1]).strip()


def test_figures_stand_with_their_total_and_the_largest_first(exploring: Visitor) -> None:
    page = exploring("Eva", "executive").get("/explore?measures=revenue&measures=orders&by=category")
    assert page.status_code == 200
    assert cells(page.text)[1:] == [
        ["Bread", "€660", "18"],
        ["Fruit", "€240", "6"],
        [SCRIPT, "€18", "6"],
        ["Total", "€918", "30"],
    ]
    assert headline(page.text) == "Revenue: Bread comes first with €660, 71.9% of the whole."


def test_no_name_becomes_part_of_the_page(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    for path in (
        "/explore?measures=revenue&by=category",
        "/explore?measures=revenue&by=category&field=category",
        f"/explore?say={SCRIPT}",
        f"/explore?measures={SCRIPT}",
        "/explore?measures=revenue&by=month&across=category",
        "/explore?measures=revenue&by=product_name&where=category+%3D+%27%3Cscript%3Ealert%281%29%3C%2Fscript%3E%27",
    ):
        page = client.get(path, follow_redirects=True)
        assert "alert(1)</script>" not in page.text, path


def test_a_district_manager_sees_the_district_alone(exploring: Visitor) -> None:
    client = exploring("Nora", "manager", territories=["S"])
    told = cells(client.get("/explore?measures=revenue&by=category").text)[1:]
    assert told == [["Bread", "€60.00"], [SCRIPT, "€18.00"], ["Total", "€78.00"]]
    for path in (
        "/explore?measures=revenue&by=territory",
        "/explore?measures=revenue&by=region&compare=last-year&where=day+%3D+%272024%27",
        "/explore?measures=revenue&by=category&field=category",
        "/explore/rows?table=order_line",
        "/explore/file?measures=revenue&by=category&format=csv",
        "/explore/sql?measures=revenue&by=category",
        "/explore/rows/file?table=order_line&format=csv",
    ):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        assert "Fruit" not in page.text, path
        assert "North" not in page.text, path


def test_a_question_can_be_typed_and_gets_its_own_address(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    said = "revenue, Customers by month where category = 'Bread' and channel <> 'web'"
    answer = client.get("/explore", params={"say": said})
    assert answer.status_code == 303
    assert parse_qsl(urlsplit(answer.headers["location"]).query) == [
        ("measures", "revenue"),
        ("measures", "customers"),
        ("by", "month"),
        ("where", "category = 'Bread' and channel <> 'web'"),
    ]
    page = client.get(answer.headers["location"])
    assert cells(page.text)[1] == ["Jan 2024", "€110", "2"]
    typed = "revenue, customers by month where category = 'Bread' and channel <> 'web'"
    assert f'value="{html.escape(typed).replace("&#x27;", "&#39;")}"' in page.text


def test_the_builder_and_the_line_say_the_same_filter(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    built = client.get("/explore?measures=revenue&by=month&field=category&op=is&value=Bread&value=Fruit&add=1")
    page = client.get(built.headers["location"]).text
    assert "category in (&#39;Bread&#39;, &#39;Fruit&#39;)" in page
    assert "Category: Bread / Fruit" in page
    assert cells(page)[1] == ["Jan 2024", "€150"]
    without = re.search(r'href="([^"]+)" aria-label="Leave out: Category', page)
    assert without is not None
    assert cells(client.get(html.unescape(without[1])).text)[1] == ["Jan 2024", "€153"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("measures=revenu", "There is no measure 'revenu'. Did you mean 'revenue'?"),
        ("measures=revenue&by=colour", "There is no dimension 'colour'."),
        ("measures=revenue&by=category&where=category", "'category' is no comparison"),
        ("measures=revenue&where=(", "The filter cannot be read"),
        ("measures=revenue&by=category&top=0", "'top' takes a whole number from 1 on; '0' is none."),
        ("measures=revenue&by=category&as_of=soon", "'soon' is no date; write it as 2024-05-01."),
        ("measures=revenue&by=category&chart=pie", "A picture is one of"),
        ("measures=revenue&by=category&running=1", "A running total needs one of"),
        ("measures=revenue&by=category&order=size", "There is no column to order by 'size'."),
        ("say=foo by bar", "There is no measure 'foo'."),
        ("measures=nps&by=category&compare=never", "Compare takes"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_sentence_beside_the_form(
    exploring: Visitor, query: str, said: str
) -> None:
    page = exploring("Eva", "executive").get(f"/explore?{query}", follow_redirects=True)
    assert page.status_code == 400
    assert said in html.unescape(page.text)
    assert 'name="measures"' in page.text  # the form is still there


def test_what_was_typed_wrongly_stays_in_its_field(exploring: Visitor) -> None:
    page = exploring("Eva", "executive").get("/explore?say=revenue by moth")
    assert page.status_code == 400
    assert 'value="revenue by moth"' in page.text
    assert "Did you mean 'month'?" in html.unescape(page.text)


def test_one_goes_down_into_a_member_and_up_again(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    page = client.get("/explore?measures=revenue&by=category").text
    down = re.search(r'<a href="([^"]+)">Bread</a>', page)
    assert down is not None
    below = client.get(html.unescape(down[1]), follow_redirects=True).text
    assert "category = &#39;Bread&#39;" in below
    assert ["Total", "€660"] in cells(below) or cells(below)[1][-1] == "€660"
    up = re.search(r'<li><a href="([^"]+)">Revenue by category</a>', below)
    assert up is not None
    assert cells(client.get(html.unescape(up[1])).text) == cells(page)


def test_a_figure_leads_to_its_rows(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    page = client.get("/explore?measures=revenue&by=category&where=month+%3D+%272024-03%27").text
    behind = re.search(r'class="behind" href="([^"]+)">€110', page)
    assert behind is not None
    rows = client.get(html.unescape(behind[1]))
    assert rows.status_code == 200
    assert rows.headers["cache-control"] == "no-store"
    assert rows.text.count("<tr><td") == 3  # three lines of bread in March: two in the north, one in the south
    assert "Order lines: the rows behind Revenue" in rows.text


def test_rows_come_page_by_page(districts: object, exploring: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientela.web.explore.behind.AT_ONCE", 20)
    client = exploring("Eva", "executive")
    page = client.get("/explore/rows?table=order_line").text
    assert page.count("<tr><td") == 20
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert client.get(html.unescape(following[1])).text.count("<tr><td") == 10


def test_who_sees_figures_of_many_only_sees_no_rows_and_no_sql(exploring: Visitor) -> None:
    client = exploring("Stan", "statistician")
    page = client.get("/explore?measures=revenue&by=category")
    assert page.status_code == 200
    assert "hidden" in page.text
    assert 'class="behind"' not in page.text
    assert client.get("/explore/rows?table=order_line").status_code == 403
    assert client.get("/explore/sql?measures=revenue").status_code == 403
    assert client.get("/explore/file?measures=revenue&by=category").status_code == 403  # the role may not export


def test_without_a_question_there_are_good_ones_to_begin_with(exploring: Visitor) -> None:
    page = exploring("Eva", "executive").get("/explore")
    assert page.status_code == 200
    assert "Revenue by month" in page.text
    assert "Revenue by region" in page.text
    assert "Complaints by reason" not in page.text  # no cases were delivered


def test_a_pivot_its_order_and_its_picture_are_in_the_address(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    page = client.get("/explore?measures=revenue&by=category&across=quarter").text
    assert cells(page)[0] == ["Category", "2024-Q1", "2024-Q2", "Total"]
    assert cells(page)[-1] == ["Total", "€459", "€459", "€918"]
    ordered = client.get("/explore?measures=revenue&by=month&order=-revenue&chart=bar", follow_redirects=True).text
    assert 'aria-sort="descending"' in ordered
    assert "<svg" in ordered
    bare = client.get("/explore?measures=revenue&by=month&chart=none").text
    assert 'id="picture"' not in bare


def test_the_page_speaks_spanish(exploring: Visitor) -> None:
    page = exploring("Eva", "executive").get("/explore?measures=revenue&by=category&lang=es")
    assert page.status_code == 200
    assert 'lang="es"' in page.text
    assert "660" in page.text


def test_long_answers_are_paged(exploring: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientela.web.explore.table.AT_ONCE", 2)
    monkeypatch.setattr("clientela.web.explore.cube.AT_ONCE", 2)
    client = exploring("Eva", "executive")
    page = client.get("/explore?measures=revenue&by=category").text
    assert "Rows 1 to 2 of 3" in page
    assert cells(client.get("/explore?measures=revenue&by=category&page=2").text)[1][0] == SCRIPT


def test_the_sql_is_shown_without_what_limits_the_asker(exploring: Visitor) -> None:
    page = exploring("Nora", "manager", territories=["S"]).get("/explore/sql?measures=revenue&by=category")
    assert "SELECT" in page.text
    assert "scope_0" not in re.sub(r"<pre.*?</pre>", "", page.text, flags=re.S)  # named in the statement, never told


def test_rows_are_filtered_by_what_figures_are_seen_by_within_ones_rights(exploring: Visitor) -> None:
    fruit = "/explore/rows?table=order_line&where=category+%3D+%27Fruit%27+and+quarter+%3D+%272024-Q2%27"
    assert exploring("Eva", "executive").get(fruit).text.count("<tr><td") == 3
    assert exploring("Nora", "manager", territories=["S"]).get(fruit).text.count("<tr><td") == 0
    refused = exploring("Will", "without-categories").get(fruit)
    assert refused.status_code == 403
    assert "Pear" not in refused.text


def test_what_one_may_not_see_by_is_not_offered(exploring: Visitor) -> None:
    page = exploring("Will", "without-categories").get("/explore?measures=revenue&by=month").text
    assert 'value="subcategory"' in page
    assert 'value="category"' not in page


def test_a_file_holds_the_figures_and_is_entered_in_the_log(exploring: Visitor) -> None:
    client = exploring("Eva", "executive")
    file = client.get("/explore/file?measures=revenue&by=category&format=csv")
    assert file.headers["content-disposition"] == 'attachment; filename="clientela-revenue-category.csv"'
    assert file.content.decode("utf-8-sig").splitlines() == [
        "Category,Revenue (EUR)",
        "Bread,660.0000",
        "Fruit,240.0000",
        f"{SCRIPT},18.0000",
        ",918.0000",
    ]
    book = client.get("/explore/file?measures=revenue&by=category&format=xlsx")
    assert book.content[:2] == b"PK"
    assert client.get("/explore/file?measures=revenue&format=pdf").status_code == 400
    log = exploring("Maria").get("/administration/audit?what=figures.exported").text
    assert "took figures out as a file" in log
    assert ">Eva</a>" in log
