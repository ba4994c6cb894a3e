"""Every page in a real browser: nobody is kept out by it, it fits a phone, and it needs no script."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

import clientela
from clientela.appdb.database import open_database
from clientela.appdb.entry import links
from clientela.http.visit import LANGUAGES
from clientela.web.every import PAGES
from clientela.workspace import analyses
from tests.browser.conftest import DARK, LOCALES, PASSWORD, PATIENCE_MS, Running, Served, working
from tests.pipeline.company import HEADER, buying
from tests.some import some

Window = Callable[..., Any]
NARROW = {"width": 320, "height": 640}  # of 1280 at 400 %: WCAG 2.2, 1.4.10
THEMES = ("light", "dark")
SHOWN_IN = [*itertools.product(THEMES, LANGUAGES)]
IN_EACH_RUN = (("light", "en"), ("dark", "es"))  # the other pairs of theme and language are for `make test-all`
NOT_PAGES = {"static", "insight-table", "insight-chart", "explore-file", "explore-rows-file", "data-quarantine-file"}
NOT_PAGES |= {"staff-audit-file", "leave", "link", "explore-view", "start-proposal", "data-job"}
QUESTION = "measures=revenue&by=month"


def addresses(served: Served) -> list[str]:
    """An address of every page that can be looked at, with values there are."""
    opened = clientela.open(served.folder)
    customer = str(opened.rows.page("customer", ["customer_id"], limit=1).rows.rows[0][0])
    values = {
        "{name}": "churn-risk",
        "{customer}": customer,
        "{source}": "shop",
        "{table}": "order_line",
        "{snapshot}": str(opened.status().snapshot),
        "{user}": "boss",
    }
    told = []
    for page in PAGES:
        if page.method != "GET" or page.name in NOT_PAGES or page.path == "/{rest:path}":
            continue
        path = re.sub(r"\{\w+\}", lambda found: values[found[0]], page.path)
        told.append(path)
    return [*told, "/customers?q=a", f"/explore?{QUESTION}", f"/explore/rows?{QUESTION}", "/nowhere", "/insights/none"]


def found_by_axe(page: Any) -> list[str]:
    """What axe calls serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe, of the extra dev")
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    told = axe.Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})  # not what passes
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:3]}"
        for each in told.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def seen_as(page: Any) -> tuple[str, str]:
    """The theme and the language in which a page is really shown."""
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == DARK
    return "dark" if dark else "light", page.locator("html").get_attribute("lang")


def judged_by_axe(page: Any, looked_at: Iterable[str], scheme: str, lang: str) -> dict[str, list[str]]:
    """What axe finds at each address where it finds something; each must show that theme and language."""
    wrong = {}
    for address in looked_at:
        response = page.goto(address)
        assert response.status in (200, 400, 403, 404), address
        wrong |= judged_here(page, scheme, lang)
    return wrong


def judged_here(page: Any, scheme: str, lang: str) -> dict[str, list[str]]:
    """What axe finds where the browser is, by its address; nothing where it finds nothing."""
    assert seen_as(page) == (scheme, lang), page.url
    said = found_by_axe(page)
    return {page.url: said} if said else {}


def shown_in() -> list[Any]:
    """Every theme in every language there is."""
    return [pytest.param(*pair, marks=() if pair in IN_EACH_RUN else pytest.mark.slow) for pair in SHOWN_IN]


@pytest.mark.parametrize(("scheme", "lang"), shown_in())
def test_axe_finds_nothing_serious_on_any_page(window: Window, served: Served, scheme: str, lang: str) -> None:
    page = window("boss", "administrator", scheme=scheme, lang=lang)
    assert judged_by_axe(page, addresses(served), scheme, lang) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "lang"), SHOWN_IN)
def test_axe_finds_nothing_serious_on_any_insight(window: Window, scheme: str, lang: str) -> None:
    page = window("boss", "administrator", scheme=scheme, lang=lang)
    assert judged_by_axe(page, [f"/insights/{each.name}" for each in analyses()], scheme, lang) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "lang"), SHOWN_IN)
def test_axe_finds_nothing_serious_on_the_way_to_the_first_answer(
    browser: Any, tmp_path: Path, scheme: str, lang: str
) -> None:
    """Pages that are there once: the first link, no company yet, work that waits, a proposal, the first answer."""
    folder, orders = tmp_path / "company", tmp_path / "orders.csv"
    folder.mkdir()
    with orders.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *buying(60)])
    now = datetime.now(UTC)
    with Running(folder) as address, open_database(folder, now=now) as database:
        with database.change(by="test:browser", now=now) as change:
            link = links.for_first(change, chance=token_bytes)
        context = browser.new_context(
            base_url=address, locale=LOCALES[lang], color_scheme=scheme, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        wrong = judged_by_axe(page, ["/enter", f"/enter/link/{link}"], scheme, lang)
        page.locator("#name").fill("Nina")
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.locator("main form button.primary").click()
        page.wait_for_url(lambda address: "/enter/" not in address)
        wrong |= judged_by_axe(page, ["/", "/insights", "/customers", "/data", "/start"], scheme, lang)
        page.locator("#company-name").fill("Nina's shop")
        page.locator("#company-currency").fill("EUR")
        page.locator("#company-zone").fill("Europe/Madrid")
        page.locator("input[type=file]").set_input_files(orders)
        page.locator("form[enctype] button.primary").click()
        page.wait_for_url(re.compile("/data/work/"))
        wrong |= judged_here(page, scheme, lang)
        with working(folder, database):
            page.wait_for_url(re.compile("/start/"))
            wrong |= judged_here(page, scheme, lang)
            page.locator("section.next button.primary").click()
            page.locator(".first-answer").wait_for()
        wrong |= judged_here(page, scheme, lang)
        context.close()
    assert wrong == {}


@pytest.mark.parametrize("lang", ["es", pytest.param("en", marks=pytest.mark.slow)])
def test_every_page_fits_320_px_and_its_controls_can_be_hit(window: Window, served: Served, lang: str) -> None:
    """WCAG 2.2, 1.4.10 and 2.5.8: no control smaller than 24 px; what stands in a line of text is excepted."""
    page = window("boss", "administrator", lang=lang)
    page.set_viewport_size(NARROW)
    wide, small = {}, {}
    for address in addresses(served):
        page.goto(address)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
            wide[address] = width
        found = page.evaluate(
            """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary")]
                .filter(each => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
                .filter(each => !(["radio", "checkbox"].includes(each.type) && each.closest("label")))
                .filter(each => !each.closest(".glossary-term"))
                .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
                .filter(([_, box]) => box.width > 1 && (box.height < 24 || box.width < 24))
                .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
        )
        if found:
            small[address] = found[:3]
    assert (wide, small) == ({}, {})


@pytest.mark.parametrize("part", some(range(3), one_in=3))
def test_every_page_shows_the_same_without_a_script(window: Window, served: Served, part: int) -> None:
    with_it, without = window("boss", "administrator"), window("boss", script=False)
    for address in addresses(served)[part::3]:
        heads = []
        for page in (with_it, without):
            page.goto(address)
            heads.append(page.locator("main h1").first.inner_text())
        assert heads[0] == heads[1], address
