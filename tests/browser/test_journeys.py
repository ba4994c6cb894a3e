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
from tests.browser.conftest import DARK, PASSWORD, PATIENCE_MS, Running, Served, working
from tests.pipeline.company import HEADER, buying

Window = Callable[..., Any]


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_newcomer_comes_from_a_file_to_an_answer(browser: Any, tmp_path: Path, script: bool) -> None:
    """One link, a name and a password, a file, what was understood of it, a run, the first answer."""
    folder, orders = tmp_path / "company", tmp_path / "orders.csv"
    folder.mkdir()
    with orders.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *buying(60)])
    now = datetime.now(UTC)
    with Running(folder) as address, open_database(folder, now=now) as database, working(folder, database):
        with database.change(by="test:browser", now=now) as change:
            link = links.for_first(change, chance=token_bytes)
        context = browser.new_context(base_url=address, java_script_enabled=script)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"/enter/link/{link}")
        page.get_by_label("Your name").fill("Nina")
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.get_by_role("button", name="Choose it and come in").click()
        page.wait_for_url(lambda address: "/enter/" not in address)
        page.goto("/start")
        page.get_by_label("Name of the company").fill("Nina's shop")
        page.get_by_label("Its currency").fill("EUR")
        page.get_by_label("Its time zone").fill("Europe/Madrid")
        page.locator("input[type=file]").set_input_files(orders)
        page.get_by_role("button", name="Send and look at them").click()
        page.get_by_role("button", name="That is right: read them").click()
        page.get_by_role("link", name="Open this answer").click()
        page.wait_for_url(re.compile("/insights/"))
        assert page.locator("main h1").inner_text()
        context.close()
    assert (folder / "snapshots" / "CURRENT").is_file()


def under_the_keys(page: Any) -> None:
    """Wait until keys reach the page: it is loaded, has the focus, and has given it to the field that asks for it.

    That field gets it when the page is first drawn, which may be after it is loaded.
    """
    page.wait_for_load_state()
    page.wait_for_function("document.hasFocus() && document.activeElement !== null")
    page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def choose_by_letters(page: Any, letters: str, wanted: str) -> None:
    """Type the beginning of a choice in the list that has the focus; letters that come slowly begin anew."""
    for _ in range(5):
        page.keyboard.type(letters)
        if page.evaluate("document.activeElement.value") == wanted:
            return
        page.wait_for_timeout(1_500)  # until the browser has forgotten the letters
    raise AssertionError(f"'{letters}' does not choose {wanted}")


def tab_to(page: Any, wanted: str, most: int = 120) -> None:
    """Press the tabulator until what has the focus matches; where one is can be seen at each step."""
    under_the_keys(page)
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "wanted => { const it = document.activeElement, is = getComputedStyle(it);"
            " return [it.matches(wanted), is.outlineStyle !== 'none' || is.boxShadow !== 'none', it.outerHTML] }",
            wanted,
        )
        assert here[1], f"nothing shows that the focus is at {here[2][:120]}"
        if here[0]:
            return
    raise AssertionError(f"no press of the tabulator leads to {wanted}")


def focused(page: Any, wanted: str) -> None:
    """Wait until what matches has the focus: a browser may give it some time after the page is loaded."""
    page.wait_for_function("wanted => document.activeElement?.matches(wanted) ?? false", arg=wanted)


def test_from_the_overview_to_an_insight_to_its_table_by_keyboard_alone(window: Window) -> None:
    page = window("keys", "administrator")
    page.goto("/")
    tab_to(page, ".skip", most=1)
    page.keyboard.press("Enter")
    focused(page, "#main")
    tab_to(page, "main a[href^='/insights/']:not([download])")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/insights/"))
    assert page.locator("main h1").inner_text()


def test_a_customer_is_found_by_keyboard_alone(window: Window) -> None:
    page = window("keys", "administrator")
    page.goto("/")
    under_the_keys(page)
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/customers$"))
    focused(page, "#customer-search")
    page.keyboard.type("zoë")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    tab_to(page, "main tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/\d+"))
    assert "Zoë Müller" in page.locator("main h1").inner_text()


def test_a_question_is_asked_by_keyboard_alone(window: Window) -> None:
    page = window("keys", "administrator")
    page.goto("/explore")
    tab_to(page, "details.picker > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#also", most=1)
    page.keyboard.type("revenue")
    tab_to(page, "input[name=measures][value=revenue]")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    focused(page, "details.picker > summary")
    page.keyboard.press("Tab")
    choose_by_letters(page, "Year", "year")
    tab_to(page, ".explore-bar button.primary")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("measures=revenue"))
    assert "by=year" in page.url
    assert page.locator("table.cube tbody tr").count() >= 1


@pytest.mark.parametrize("script", [True, False])
def test_a_figure_is_taken_apart_down_to_its_rows(window: Window, script: bool) -> None:
    page = window("drill", "administrator", script=script)
    page.goto("/explore")
    page.locator("#say").fill("revenue by year")
    page.locator("form.typed button").click()
    page.wait_for_url(re.compile(r"by=year"))
    page.locator("table.cube tbody th a").first.click()
    page.wait_for_url(re.compile(r"path=year"))
    assert "by=quarter" in page.url
    page.locator("table.cube tbody th a").first.click()
    page.wait_for_url(re.compile(r"path=quarter"))
    figure = page.locator("table.cube tbody a.behind").first
    said = figure.inner_text()
    figure.click()
    page.wait_for_url(re.compile(r"/explore/rows"))
    assert page.locator("main tbody tr").count() >= 1
    page.get_by_role("link", name="Back to the figure").first.click()
    assert page.locator("table.cube tbody a.behind").first.inner_text() == said


def test_a_view_is_saved_opened_renamed_and_deleted(window: Window) -> None:
    page = window("keeper", "administrator")
    page.goto("/explore?measures=revenue&by=channel")
    asked = page.locator("main h1").inner_text()
    page.locator("details.save > summary").click()
    page.locator("#view-name").fill("By channel <b>")
    page.locator("details.save button.primary").click()
    page.get_by_text("The view is saved.").wait_for()
    page.goto("/explore")
    page.get_by_role("link", name="By channel <b>").click()
    page.wait_for_url(re.compile(r"view="))
    assert page.locator("main h1").inner_text() == asked
    page.locator(".opened summary").click()
    page.locator("#new-name").fill("Channels")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("The view has its new name.").wait_for()
    page.locator(".opened summary").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("The view is deleted.").wait_for()
    page.goto("/explore")
    assert page.get_by_role("link", name="Channels").count() == 0


def test_to_see_as_another_is_said_on_every_page_and_changes_nothing(window: Window, served: Served) -> None:
    served.cookie("other", "executive")
    page = window("chief", "administrator")
    page.goto("/administration")
    page.get_by_role("link", name="other", exact=True).click()
    page.get_by_role("button", name="See as other sees").click()
    page.locator(".banner").wait_for()
    for address in ("/", "/insights", "/explore", "/customers"):
        page.goto(address)
        assert "You see what other sees" in page.locator(".banner").inner_text(), address
    assert page.goto("/administration").status == 403
    page.get_by_role("button", name="Back to my own view").click()
    page.locator(".banner").wait_for(state="detached")
    assert page.goto("/administration").status == 200


def test_no_text_in_the_file_of_an_insight_is_computed_by_a_spreadsheet(window: Window) -> None:
    page = window("taker", "administrator")
    page.goto("/insights/customer-value?list=200")
    with page.expect_download() as loading:
        page.locator("#rows a[download]", has_text="CSV").click()
    path = Path(loading.value.path())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.reader(file)]
    assert loading.value.suggested_filename.startswith("customer-value-")
    assert len(rows) > 1
    for cell in (cell for row in rows for cell in row):
        computed = cell.startswith(("=", "+", "@", "\t", "\r", "-")) and not re.fullmatch(r"-[\d.]+", cell)
        assert not computed, cell


def test_what_a_customer_is_called_is_never_run(window: Window, served: Served) -> None:
    """One customer is called ``<script>alert(1)</script>``."""
    page = window("careful", "administrator")
    dialogs: list[str] = []
    page.on("dialog", lambda opened: (dialogs.append(opened.message), opened.dismiss()))
    page.goto("/customers?q=script")
    page.get_by_role("link", name=re.compile("<script>alert")).first.click()
    page.wait_for_url(re.compile(r"/customers/\d+"))
    assert "<script>alert(1)</script>" in page.locator("main h1").inner_text()
    for address in (
        "/customers",
        "/customers?q=<script>alert(1)</script>",
        "/explore?measures=revenue&by=customer",
        "/explore?say=<script>alert(1)</script>",
        "/insights/churn-risk?list=200",
        "/insights/customer-value?list=<script>alert(1)</script>",
        "/data/who-is-who",
        "/<script>alert(1)</script>",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.locator("main script").count() == 0, address
    assert dialogs == []


def test_colours_are_kept_when_one_chooses_them(window: Window) -> None:
    page = window("night", "executive", script=False)
    page.goto("/")
    page.locator("details.mine > summary").click()
    page.locator("details.mine button[value=dark]").click()
    page.locator("html[data-theme=dark]").wait_for()  # what is opened before that takes the place of what was sent
    page.goto("/insights")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == DARK


def test_spanish_is_spanish_throughout(window: Window) -> None:
    page = window("lola", "administrator", lang="es")
    for address, said in (("/", "Resumen"), ("/customers", "Clientes"), ("/data", "Datos")):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "es"
        assert said in page.locator("body").inner_text()
