"""Every page in a real browser: nobody is kept out by it, it fits a phone, and it needs no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

import clientela
from clientela.web.every import PAGES
from clientela.workspace import analyses
from tests.browser.conftest import Served

Window = Callable[..., Any]
NARROW = {"width": 320, "height": 640}  # of 1280 at 400 %: WCAG 2.2, 1.4.10
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
    told = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:3]}"
        for each in told.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def judged_by_axe(page: Any, looked_at: Iterable[str]) -> dict[str, list[str]]:
    """What axe finds at each address where it finds something."""
    wrong = {}
    for address in looked_at:
        response = page.goto(address)
        assert response.status in (200, 400, 403, 404), address
        if said := found_by_axe(page):
            wrong[address] = said
    return wrong


@pytest.mark.parametrize(("scheme", "lang"), [("light", "en"), ("dark", "es")])
def test_axe_finds_nothing_serious_on_any_page(window: Window, served: Served, scheme: str, lang: str) -> None:
    page = window("boss", "administrator", scheme=scheme, lang=lang)
    assert judged_by_axe(page, addresses(served)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "lang"), [("light", "en"), ("dark", "es")])
def test_axe_finds_nothing_serious_on_any_insight(window: Window, scheme: str, lang: str) -> None:
    page = window("boss", "administrator", scheme=scheme, lang=lang)
    assert judged_by_axe(page, [f"/insights/{each.name}" for each in analyses()]) == {}


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


def test_every_page_shows_the_same_without_a_script(window: Window, served: Served) -> None:
    with_it, without = window("boss", "administrator"), window("boss", script=False)
    for address in addresses(served):
        heads = []
        for page in (with_it, without):
            page.goto(address)
            heads.append(page.locator("main h1").first.inner_text())
        assert heads[0] == heads[1], address
