"""The pages of the data: what they tell, to whom, and what their forms do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clientela.pipeline.working.work import work_once
from clientela.serve.application import application
from clientela.warehouse.store.check import SEAL
from tests.alone import held_open
from tests.pipeline.company import HEADER, NOW, buying, shop
from tests.web.conftest import come_in

PAGES = (
    "/data",
    "/data/sources",
    "/data/sources/shop/order_line",
    "/data/deliveries",
    "/data/kept-out",
    "/data/quality",
    "/data/who-is-who",
    "/data/decisions",
    "/data/tables",
    "/data/tables/customer_feature",
    "/data/snapshots",
    "/data/runs",
)
HOSTILE = "=1+1<script>alert(1)</script>"


@dataclass
class Served:
    """A shop with a bad row and two snapshots, and its browsers."""

    folder: Path
    app: object
    browsers: dict[str, TestClient] = field(default_factory=dict)

    def browser(self, role: str = "administrator") -> TestClient:
        if role not in self.browsers:
            self.browsers[role] = come_in(self.app, f"Ana-{role}", role)
        return self.browsers[role]

    def token(self, path: str, role: str = "administrator") -> dict[str, str]:
        page = self.browser(role).get(path).text
        found = re.search(r'name="form_token" value="([^"]+)"', page)
        once = re.search(r'name="once" value="([^"]+)"', page)
        assert found is not None
        return {"form_token": found[1], "once": once[1] if once else "abc123"}

    def works(self) -> None:
        while work_once(self.folder, self.app.state.site.database, lambda: NOW, "w"):  # type: ignore[attr-defined] # of Starlette
            pass


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = shop(tmp_path_factory.mktemp("data") / "company", settings='[schedule]\nrun = "0 5 * * *"\n')
    made.deliver("orders-1.csv", buying(40))
    bad = ["bad1", "1", "c1", "no date at all", "p1", HOSTILE, "1.00", "0.5"]
    later = [[f"n{n}", "1", "c1", "2024-06-30 10:00:00", "p1", "1", "5.00", "3.00"] for n in range(200)]
    made.workspace.run(now=NOW)
    made.deliver("orders-2.csv", [*later, bad])
    made.workspace.run(now=NOW)
    app = application(made.workspace.folder, clock=lambda: NOW)
    with held_open(made.workspace.folder, app.state.site.database):
        yield Served(made.workspace.folder, app)
    app.state.site.database.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_page_is_shown(small: Served, path: str, lang: str) -> None:
    page = small.browser().get(path, params={"lang": lang})
    assert page.status_code == 200, page.text
    assert f'<html lang="{lang}"' in page.text
    assert "<script>alert" not in page.text


def test_the_first_page_counts_as_the_scope_bar_does(small: Served) -> None:
    page = small.browser().get("/data").text
    bar = re.search(r"Data quality:</?[^>]*> <b>(\d) of (\d) good", page) or re.search(r"(\d) of (\d) good</b>", page)
    assert bar is not None
    key = re.search(r'href="/data/quality">(\d) of (\d)</a>', page)
    assert key is not None and key.groups() == bar.groups()
    assert f"{bar[1]} of the {bar[2]} qualities" in small.browser().get("/data/quality").text or bar[1] == bar[2]


def test_a_source_tells_its_deliveries_and_its_mapping(small: Served) -> None:
    page = small.browser().get("/data/sources/shop/order_line").text
    assert "exports/orders-1.csv" in page and "exports/orders-2.csv" in page
    assert "used, but for 1 bad row" in page
    assert "Deliver a file" in page


def test_a_row_kept_out_is_shown_with_its_place_and_why(small: Served) -> None:
    page = small.browser().get("/data/kept-out").text
    assert "exports/orders-2.csv" in page and "line 202" in page
    assert "ordered_at must be" in page
    none = small.browser().get("/data/kept-out", params={"status": "mended"}).text
    assert "No row stays out here" in none


def test_the_file_of_rows_kept_out_is_safe_for_a_spreadsheet(small: Served) -> None:
    sent = small.browser().get("/data/kept-out.csv")
    assert sent.headers["content-type"].startswith("text/csv")
    assert "no date at all" in sent.text
    assert not re.search(r"(^|,)[=+@]", sent.text, re.M)


def test_what_stands_in_a_bad_row_is_only_for_who_may_see_it(small: Served) -> None:
    for role in ("executive", "analyst"):
        page = small.browser(role).get("/data/kept-out")
        assert page.status_code == 200
        assert "no date at all" not in page.text and "ordered_at must be" not in page.text
        assert small.browser(role).get("/data/kept-out.csv").status_code == 403


def test_a_part_of_the_company_shows_no_rows_of_the_whole(small: Served) -> None:
    browser = come_in(small.app, "Mia", "manager", territories=["T1"])
    assert "no date at all" not in browser.get("/data/kept-out").text
    assert browser.get("/data/who-is-who").status_code == 403


def test_who_holds_no_role_is_told_nothing(small: Served) -> None:
    browser = come_in(small.app, "Nobody", None)
    for path in PAGES:
        assert browser.get(path).status_code == 403, path


def test_who_may_not_change_sees_no_button_and_is_refused(small: Served) -> None:
    page = small.browser("executive").get("/data/runs").text
    assert "Run again" not in page
    token = {"form_token": re.search(r'name="form_token" value="([^"]+)"', page)[1]}  # type: ignore[index] # the page has forms
    for path in ("/data/runs/now", "/data/sources/shop/order_line/upload", "/data/who-is-who/decide", "/start"):
        assert small.browser("executive").post(path, data=token).status_code == 403, path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data/sources/none/order_line", 404),
        ("/data/tables/none", 404),
        ("/data/snapshots/none", 404),
        ("/data/work/999", 404),
        ("/data/deliveries?cursor=x", 400),
        ("/data/kept-out?status=lost", 404),
        ("/data/kept-out?cursor=broken", 400),
        ("/data/quality?quality=nice", 404),
        ("/start/0000000000000000", 404),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(small: Served, path: str, status: int) -> None:
    assert small.browser().get(path).status_code == status


def test_the_line_of_a_table_goes_back_to_its_source(small: Served) -> None:
    page = small.browser().get("/data/tables/customer_feature").text
    assert "customer_feature comes from 1 source." in page
    assert 'href="/data/sources/shop/order_line"' in page
    assert 'href="/data/tables/order_line"' in page


def test_runs_tell_how_they_ended_and_what_is_scheduled(small: Served) -> None:
    page = small.browser().get("/data/runs").text
    assert page.count("published") >= 2
    assert "0 5 * * *" in page


def test_a_run_is_asked_for_once_however_often_the_form_is_sent(small: Served) -> None:
    token = small.token("/data/runs")
    places = {small.browser().post("/data/runs/now", data=token).headers["location"] for _ in range(3)}
    assert len(places) == 1
    small.works()
    page = small.browser().get(places.pop()).text
    assert "What the new figures say" in page


def test_a_file_is_delivered_and_the_run_takes_it_in(small: Served) -> None:
    line = "x1,1,c2,2024-06-30 12:00:00,p1,1,7.00,3.00"
    content = (",".join(HEADER) + "\n" + line + "\n").encode()
    data = {**small.token("/data/sources/shop/order_line"), "place": "exports/orders-*.csv", "run": "yes"}
    sent = small.browser().post(
        "/data/sources/shop/order_line/upload", data=data, files={"file": ("export.csv", content, "text/csv")}
    )
    assert sent.status_code == 303, sent.text
    assert (small.folder / "exports" / "orders-20240701-080000.csv").read_bytes() == content
    small.works()
    assert "orders-20240701-080000.csv" in small.browser().get("/data/deliveries").text


@pytest.mark.parametrize(
    ("name", "place", "status"),
    [
        ("orders.exe", "exports/orders-*.csv", 400),
        ("orders.parquet", "exports/orders-*.csv", 400),
        ("orders-9.csv", "../../etc/*.csv", 400),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_kept(small: Served, name: str, place: str, status: int) -> None:
    before = sorted((small.folder / "exports").iterdir())
    data = {**small.token("/data/sources/shop/order_line"), "place": place}
    sent = small.browser().post(
        "/data/sources/shop/order_line/upload", data=data, files={"file": (name, b"PK\x03\x04x", "text/csv")}
    )
    assert sent.status_code == status
    assert sorted((small.folder / "exports").iterdir()) == before


def test_a_decision_is_kept_shown_and_taken_back(small: Served) -> None:
    data = {**small.token("/data/who-is-who"), "verb": "join", "join": "shop:c1|shop:c2", "split": "x|y"}
    missing = small.browser().post("/data/who-is-who/decide", data={**data, "reason": " "})
    assert missing.status_code == 400
    assert "Say why" in missing.text
    sent = small.browser().post("/data/who-is-who/decide", data={**data, "reason": "One card <b>"})
    assert sent.headers["location"].startswith("/data/who-is-who?said=entered")
    small.works()
    page = small.browser().get("/data/decisions").text
    assert "shop:c1, shop:c2" in page and "One card &lt;b&gt;" in page
    decision = re.search(r'name="decision" value="([^"]+)"', page)
    assert decision is not None
    undone = {**small.token("/data/decisions"), "decision": decision[1]}
    assert small.browser().post("/data/decisions/undo", data=undone).status_code == 303
    small.works()
    assert "taken back" in small.browser().get("/data/decisions").text


def test_a_snapshot_of_another_version_is_not_offered_to_serve(small: Served) -> None:
    assert 'href="/data/snapshots/' in small.browser().get("/data/snapshots").text
    folder = small.folder / "snapshots"
    serving = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    others = {path: path.read_text(encoding="utf-8") for path in folder.glob("snapshot-*.json") if path.name != serving}
    try:
        for path, written in others.items():
            older = {key: value for key, value in json.loads(written).items() if key not in ("contracts", SEAL)}
            path.write_text(json.dumps(older), encoding="utf-8")  # as versions wrote it that knew neither
        page = small.browser().get("/data/snapshots").text
    finally:
        for path, written in others.items():
            path.write_text(written, encoding="utf-8")
    assert page.count("of another version") == len(others) > 0
    assert 'href="/data/snapshots/' not in page


def test_going_back_asks_first_and_the_figures_of_before_serve(small: Served) -> None:
    page = small.browser().get("/data/snapshots").text
    name = re.search(r'href="/data/snapshots/([^"]+)"', page)
    assert name is not None
    asks = f"/data/snapshots/{name[1]}"
    assert f"Shall snapshot {name[1]} serve again?" in small.browser().get(asks).text
    assert small.browser().get("/data/snapshots").text == page
    sent = small.browser().post(asks, data=small.token(asks))
    small.works()
    assert "This is done" in small.browser().get(sent.headers["location"]).text
    assert f"The figures are those of snapshot {name[1]}." in small.browser().get("/data/snapshots").text


def test_somebody_else_s_work_is_not_shown_to_who_may_not_bring_data(small: Served) -> None:
    assert small.browser("executive").get("/data/work/1").status_code == 403
