import dataclasses
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

import clientela.present
from clientela.contracts.report import ReportPage
from clientela.present.notebook import insight_html
from clientela.present.report import report
from clientela.present.views import chip, range_of
from tests.unit.present import sample

TEMPLATES = Path(clientela.present.__file__).parent / "templates"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a page is made of; an element closed in the wrong place is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value or "" for _, attribute, value in self.attributes if attribute == name]


@pytest.fixture(scope="module", params=["en", "es"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def html(language):
    return report(sample.page(), language)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_page_says_its_language_and_is_well_formed(page, language):
    assert page.values("lang") == [language]
    assert page.tags["h1"] == page.tags["main"] == 1


def test_the_page_needs_nothing_else(page, html):
    assert {"script", "link", "img", "iframe", "object"} & set(page.tags) == set()
    addresses = [*page.values("href"), *page.values("src"), *page.values("xlink:href")]
    assert [a for a in addresses if not a.startswith(("#", "data:text/csv;charset=utf-8;base64,"))] == []
    assert re.findall(r"url\((?!#)|@import|https?://(?!www\.w3\.org/)", html) == []
    assert [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"] == []


def test_ids_are_unique_and_everything_named_is_there(page):
    ids = page.values("id")
    assert [id for id, n in Counter(ids).items() if n > 1] == []
    named = [a[1:] for a in page.values("href") if a.startswith("#")]
    named += [name for value in page.values("aria-labelledby") for name in value.split()]
    assert set(named) <= set(ids)
    assert len(named) > 20


def test_tables_have_captions_heads_and_scopes(page):
    assert page.tags["table"] == page.tags["caption"] >= 8
    assert set(page.values("scope")) == {"col", "row"}


def test_every_picture_has_its_table_its_file_and_three_sizes(page):
    figures = page.tags["figure"]
    assert figures == 5  # revenue, effects, tenths, gain, calibration
    drawings = Counter(value for value in page.values("class") if value.startswith("drawing "))
    assert drawings == {"drawing wide": 5, "drawing paper": 5, "drawing phone": 4}  # losses are a list on the phone
    assert page.values("class").count("ruled") == 1
    assert len([a for a in page.values("href") if a.startswith("data:")]) == figures + 3  # and three tables


def test_every_drawing_is_an_image_with_a_name_or_is_beside_its_text(page):
    drawn = sum(value.startswith("drawing ") for value in page.values("class")) + 1  # and one small picture
    assert page.values("role").count("img") == drawn


def test_values_are_escaped(html):
    assert "<b>On time</b>" not in html
    assert "&lt;b&gt;On time&lt;/b&gt; &amp; listed" in html
    company = dataclasses.replace(sample.page(), company="<script>alert(1)</script>", insights=())
    assert "<script" not in report(company)


def test_what_matters_first_comes_first():
    said = Page(report(sample.page())).text
    places = [
        said.index(words)
        for words in (
            "A file was kept out: orders-2017-12-31.csv.",
            "Report to the management · October–December 2017",
            "Revenue rose 4.0% to $1,195,556 in October–December 2017.",
            "4.0% · better than July–September 2017",
            "Figures to 31 December 2017. Data quality: 2 of 3 good",
            "One customer in ten brings 35% of the revenue.",
            "About 151 of 2,469 customers may not return before 1 April 2018.",
            "One year is too short. It needs 24 months.",
            "How sure are we?",
            "What we tried",
            "How far you can trust these figures",
            "The words used here",
            "Figures to 31 December 2017, as known on 1 January 2018, 05:12.",
            "Snapshot 7c1e",
        )
    ]
    assert places == sorted(places)


def test_a_spanish_report_is_spanish():
    said = Page(report(sample.page(), "es")).text
    for words in (
        "Los ingresos subieron un 4,0\N{NO-BREAK SPACE}%, hasta 1.195.556\N{NO-BREAK SPACE}US$",
        "Hasta qué punto puede fiarse de estas cifras",
        "Cifras hasta el 31 de diciembre de 2017",
        "Hecho el 1 de enero de 2018, 05:12",
        "Mostrar la tabla",
        "1.469.307",
    ):
        assert words in said
    assert "How " not in said.replace("How much will we sell?", "")


def test_a_report_without_answers_says_so():
    empty = dataclasses.replace(
        sample.page(), insights=(sample.abstained(),), figures_to=None, quality=(), sources=(), caveats=()
    )
    said = Page(report(empty)).text
    assert "There is nothing to report yet." in said
    assert "One year is too short." in said
    assert "No figures yet, as known on 1 January 2018, 05:12." in said


def test_a_headline_of_its_own_stands_above_all_findings():
    page = dataclasses.replace(sample.page(), headline=sample.value().headline)
    said = Page(report(page)).text
    assert said.count("Revenue rose 4.0% to $1,195,556") == 2  # the finding and its section


def test_the_same_page_is_the_same_file():
    assert report(sample.page()) == report(sample.page())


def test_every_field_of_the_page_is_shown_and_explained():
    source = "".join(path.read_text() for path in TEMPLATES.glob("*.html"))
    source += (TEMPLATES.parent / "report.py").read_text()
    fields = [field.name for field in dataclasses.fields(ReportPage)]
    assert [name for name in fields if f"page.{name}" not in source] == []
    assert [name for name in fields if f"``{name}``" not in (ReportPage.__doc__ or "")] == []


def test_a_notebook_shows_the_insight_alone():
    page = Page(insight_html(sample.churn(), "en"))
    assert page.tags["script"] == 0
    assert "About 151 of 2,469 customers" in page.text
    assert "Christmas is in the data once" in page.text
    assert "It needs 24 months." in Page(insight_html(sample.abstained())).text


@pytest.mark.parametrize(
    ("change", "better", "said"),
    [
        (0.04, True, ("▲", "4.0% · better than July–September 2017", "better")),
        (-0.021, False, ("▼", "2.1% · worse than July–September 2017", "worse")),
        (-0.021, True, ("▼", "2.1% · better than July–September 2017", "better")),
        (0.003, True, ("▲", "0.3% · steady since July–September 2017", "steady")),
        (0.0, None, ("■", "0.0% · steady since July–September 2017", "steady")),
    ],
)
def test_a_change_is_said_with_arrow_number_and_word(change, better, said):
    figure = dataclasses.replace(sample.sales().figure, change=change, better=better)
    shown = chip(figure, "en")
    assert (shown.arrow, shown.said, shown.tone) == said


def test_nothing_to_compare_with_gives_no_chip():
    assert chip(sample.churn().figure, "en") is None


def test_a_range_stands_around_its_value():
    shown = range_of(sample.churn().figure, "en")
    assert (shown.low, shown.at, shown.high) == (66.0, 128.1, 198.0)  # 151 of 135 to 169
    assert range_of(sample.sales().figure, "en") is None
