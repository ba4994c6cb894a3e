"""What people come to do, in a real browser: from the first link to an answer, and on."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from clientela.appdb.database import open_database
from clientela.appdb.entry import links
from clientela.pipeline.working.work import work_once
from tests.browser.conftest import Running, Served
from tests.pipeline.company import HEADER, buying

Window = Callable[..., Any]
PASSWORD = "a long-enough pass phrase 7"  # noqa: S105 - of a test


@pytest.mark.parametrize("script", [True, False])
def test_a_newcomer_comes_from_a_file_to_an_answer(browser: Any, tmp_path: Path, script: bool) -> None:
    """One link, a name and a password, a file, what was understood of it, a run, the first answer."""
    folder, orders = tmp_path / "company", tmp_path / "orders.csv"
    folder.mkdir()
    with orders.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *buying(60)])
    with Running(folder) as address:
        now = datetime.now(UTC)
        with open_database(folder, now=now) as database:
            with database.change(by="test:browser", now=now) as change:
                link = links.for_first(change, chance=token_bytes)
            context = browser.new_context(base_url=address, java_script_enabled=script)
            page = context.new_page()
            page.goto(f"/enter/link/{link}")
            page.get_by_label("Name").fill("Nina")
            for field in page.locator("input[type=password]").all():
                field.fill(PASSWORD)
            page.locator("main form button").first.click()
            page.goto("/start")
            page.locator("input[name=company]").fill("Nina's shop")
            page.locator("input[type=file]").set_input_files(orders)
            page.locator("main form").filter(has=page.locator("input[type=file]")).locator("button").last.click()
            for _ in range(20):
                work_once(folder, database, lambda: datetime.now(UTC), "test")
                page.reload()
                if page.locator("main h1").count() and "/insights" in page.url:
                    break
                confirm = page.locator(
                    "form[action^='/start/']:not([action$='/forget']):not([action$='/again']) button.primary"
                )
                if confirm.count():
                    confirm.first.click()
            context.close()
    assert (folder / "snapshots" / "CURRENT").is_file()


def test_from_the_overview_to_an_insight_to_a_customer_by_keyboard(window: Window) -> None:
    page = window("keys", "administrator")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(80):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith("/insights/"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "where one is must be seen"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/insights/"))
    assert page.locator("main h1").inner_text()


def test_a_figure_is_taken_apart_by_clicking(window: Window) -> None:
    page = window("drill", "administrator")
    page.goto("/explore?q=revenue by year")
    page.locator("main table tbody a").first.click()
    page.wait_for_load_state()
    assert "quarter" in page.url or "drill" in page.url
    before = page.url
    page.locator("main table tbody a").first.click()
    page.wait_for_load_state()
    assert page.url != before


def test_a_figure_is_taken_apart_without_a_script_too(window: Window) -> None:
    page = window("drill", script=False)
    page.goto("/explore?q=revenue by year")
    page.locator("main table tbody a").first.click()
    page.wait_for_load_state()
    assert page.locator("main table tbody tr").count() >= 1


def test_to_see_as_another_is_said_on_every_page_and_changes_nothing(window: Window, served: Served) -> None:
    served.cookie("other", "executive")
    page = window("chief", "administrator")
    page.goto("/administration")
    page.get_by_role("link", name="other", exact=True).click()
    page.locator("form[action='/view-as'] button").click()
    for address in ("/", "/customers", "/data"):
        page.goto(address)
        assert "You see what other sees" in page.locator(".banner").inner_text()
    assert page.goto("/administration").status == 403
    page.locator(".banner button").click()
    page.goto("/")
    assert page.locator(".banner").count() == 0


def test_spanish_is_spanish_throughout(window: Window) -> None:
    page = window("lola", "administrator", lang="es")
    for address, said in (("/", "Resumen"), ("/customers", "Clientes"), ("/data", "Datos"), ("/enter", "")):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "es"
        assert said in page.locator("body").inner_text()


def test_colours_are_kept_when_one_chooses_them(window: Window) -> None:
    page = window("night", "executive", script=False)
    page.goto("/")
    page.locator("details.mine summary").click()
    page.locator("details.mine button[value=dark]").click()
    page.goto("/insights")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 22, 25)"
