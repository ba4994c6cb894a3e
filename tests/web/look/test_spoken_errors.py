"""What goes wrong is said in the reader's language: no page says an English sentence to who reads Spanish.

Requests that cannot be answered are sent by somebody who may do everything. Each error that a page words must be made
of messages; that each message has its translation is asked of the catalogue elsewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clientela
from clientela.errors import ClientelaError
from clientela.present import say
from clientela.present.say import messages_of
from clientela.serve.application import application
from tests.alone import held_open
from tests.pipeline.company import NOW
from tests.web.conftest import come_in
from tests.web.door.conftest import form_token

WORDING = (
    "shown", "start.pages", "entry.account", "entry.entering", "explore.refusal", "insights.asked", "insights.pages",
    "staff.log", "staff.people", "staff.rights", "staff.sight", "staff.trees",
)  # fmt: skip
ASKED: tuple[str, ...] = (
    "/insights/none",
    "/insights/churn-risk?listed=0",
    "/insights/churn-risk?listed=x",
    "/insights/churn-risk?listed=100000000",
    "/insights/churn-risk?as_of=2017-13-01",
    "/insights/churn-risk?as_of=1900-01-01",
    "/insights/sales-trend?as_of=2999-01-01",
    "/insights/sales-trend?by=nothing",
    "/insights/churn-risk/table.exe",
    "/insights/none/table.csv",
    "/insights/churn-risk/chart-99.svg",
    "/insights/churn-risk/chart-0.exe",
    "/explore?measures=nothing",
    "/explore?measures=revenue&by=nothing",
    "/explore?measures=revenue&by=month&by=quarter&by=year&by=channel&by=region&by=product",
    "/explore?measures=revenue&where=month+%3E",
    "/explore?measures=revenue&where=nothing+%3D+3",
    "/explore?measures=revenue&where=month+%3D+%27x%27",
    "/explore?measures=revenue&by=month&order=nothing",
    "/explore?measures=revenue&compare=nothing",
    "/explore?measures=revenue&by=month&pivot=nothing",
    "/explore?measures=revenue&drill=nothing",
    "/explore?measures=revenue&as_of=2999-01-01",
    "/explore?measures=revenue&period=nothing",
    "/explore?q=nothing+at+all",
    "/explore?q=revenue+by+",
    "/explore?q=revenue+where+",
    "/explore/sql?measures=nothing",
    "/explore/file?measures=nothing&kind=csv",
    "/explore/file?measures=revenue&kind=exe",
    "/explore/rows?measures=nothing",
    "/explore/rows?measures=revenue&cursor=x",
    "/explore/rows/file?measures=revenue&kind=exe",
    "/explore/views/none",
    "/customers?list=none",
    "/customers/nobody",
    "/customers/123456789",
    "/customers/{customer}?before=x",
    "/customers/{customer}?only=nothing",
    "/customers/{customer}?purpose=%0a",
    "/data/sources/none/order_line",
    "/data/sources/shop/none",
    "/data/deliveries?source=none",
    "/data/deliveries?before=x",
    "/data/kept-out?cursor=x",
    "/data/kept-out?source=none",
    "/data/kept-out?state=none",
    "/data/quality?quality=none",
    "/data/who-is-who?status=none",
    "/data/who-is-who?cursor=x",
    "/data/decisions?cursor=x",
    "/data/tables/none",
    "/data/snapshots/none",
    "/data/work/99999",
    "/start/none",
    "/start/00000000000000000000000000000000",
    "/administration/users/nobody",
    "/administration/users/nobody/end",
    "/administration/sight?user=nobody",
    "/administration/sight?customer=nobody",
    "/administration/audit?since=x",
    "/administration/audit?action=none&cursor=x",
    "/administration/audit?actor=nobody",
    "/administration/organisation?unit=none",
    "/enter/link/none",
    "/static/none.css",
    "/nowhere",
)
SENT: tuple[tuple[str, dict[str, str]], ...] = (
    ("/look", {"theme": "loud"}),
    ("/me/language", {"language": "xx"}),
    ("/me/language", {"language": "es", "form_token": "of an earlier session"}),
    ("/me/password", {"current": "wrong", "password": "a long enough password", "again": "a long enough password"}),
    ("/me/password", {"password": "short", "again": "short"}),
    ("/me/password", {"password": "one and the other", "again": "the other and one"}),
    ("/me/end", {"token": "none"}),
    ("/me/tokens", {"name": "", "permissions": "read"}),
    ("/me/tokens", {"name": "x", "permissions": "none"}),
    ("/me/tokens", {"name": "x", "permissions": "read", "days": "99999"}),
    ("/me/tokens", {"name": "x", "permissions": "read", "days": "x"}),
    ("/start/example", {}),
    ("/start", {}),
    ("/start/none", {}),
    ("/start/none/again", {}),
    ("/start/none/forget", {}),
    ("/insights/churn-risk/learn", {"learn-worth": "x"}),
    ("/insights/sales-trend/learn", {}),
    ("/insights/churn-risk/learn", {"once": "not a word"}),
    ("/explore/views", {"name": "", "query": "measures=revenue"}),
    ("/explore/views", {"name": "x", "query": "measures=nothing"}),
    ("/explore/views/none/change", {"deed": "rename", "name": "x"}),
    ("/customers/{customer}/split", {"record": "none"}),
    ("/data/sources/none/order_line/upload", {}),
    ("/data/sources/shop/order_line/upload", {}),
    ("/data/who-is-who/decide", {"pair": "none", "deed": "join"}),
    ("/data/who-is-who/decide", {"pair": "none", "deed": "none"}),
    ("/data/decisions/undo", {"decision": "none"}),
    ("/data/snapshots/none", {}),
    ("/data/runs/now", {"once": "not a word"}),
    ("/administration/users", {"name": ""}),
    ("/administration/users", {"name": "x" * 100}),
    ("/administration/users", {"name": "Ada"}),
    ("/administration/users", {"name": "Eva", "email": "none"}),
    ("/administration/users", {"name": "Eva", "language": "xx"}),
    ("/administration/users/nobody/change", {"deed": "rename", "name": "x"}),
    ("/administration/users/Ada/change", {"deed": "none"}),
    ("/administration/users/Ada/change", {"deed": "end-token", "token": "none"}),
    ("/administration/users/Ada/change", {"email": "none"}),
    ("/administration/users/Ada/end", {}),
    ("/administration/users/Ada/end", {"name": "Ada"}),
    ("/administration/users/Ada/grants", {"role": "none"}),
    ("/administration/users/Ada/grants", {"role": ""}),
    ("/administration/users/Ada/grants", {"role": "manager", "territories": "none"}),
    ("/administration/users/Ada/grants", {"role": "manager", "until": "x"}),
    ("/administration/users/Ada/revoke", {"grant": "none"}),
    ("/administration/users/Ada/duties", {"customer": "nobody"}),
    ("/administration/users/Ada/duties", {}),
    ("/administration/users/Ada/objectives", {}),
    ("/administration/units", {"deed": "none"}),
    ("/administration/units", {"deed": "add", "name": ""}),
    ("/administration/units", {"deed": "rename", "unit": "none", "name": "x"}),
    ("/administration/units", {"deed": "move", "unit": "none", "above": "none"}),
    ("/administration/units", {"deed": "join", "unit": "none", "user": "nobody"}),
    ("/view-as", {"user": "nobody"}),
    ("/view-as", {"user": "Ada"}),
    ("/enter/link/none", {"name": "x"}),
)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory, served: Path) -> Iterator[TestClient]:
    """A browser of the only administrator, who reads Spanish, before a copy of the small shop.

    Without the app database: beside administrators of other tests this one could be ended.
    """
    alone = shutil.ignore_patterns("app.sqlite*", "audit.anchor")
    folder = Path(shutil.copytree(served, tmp_path_factory.mktemp("spoken") / "company", ignore=alone))
    app = application(folder, clock=lambda: NOW)
    client = come_in(app, "Ada", "administrator")
    client.headers["accept-language"] = "es"
    client.post("/me/language", data={"language": "es", "form_token": form_token(client.get("/me").text)})
    with held_open(folder, app.state.site.database):
        yield client
    app.state.site.database.close()


@pytest.fixture
def worded(monkeypatch: pytest.MonkeyPatch) -> list[ClientelaError]:
    """The errors that pages put into words, as they come."""
    found: list[ClientelaError] = []
    plainly = say.worded

    def noted(error: ClientelaError, locale: str = "en") -> str:
        found.append(error)
        return plainly(error, locale)

    for module in WORDING:
        monkeypatch.setattr(f"clientela.web.{module}.worded", noted)
    return found


def sent(browser: TestClient, token: str, address: str, form: dict[str, str] | None) -> int:
    """The status of what answers: a page that is asked for, or a form that is sent with the token of the session."""
    if form is None:
        return browser.get(address).status_code
    return browser.post(address, data={"form_token": token, **form}).status_code


def test_every_error_that_a_page_words_is_made_of_messages(spoken: TestClient, worded: list[ClientelaError]) -> None:
    customers = clientela.open(spoken.app.state.site.folder).rows.page("customer_page", ["customer_id"])  # type: ignore[attr-defined] # of Starlette
    customer = str(customers.rows.rows[0][0])
    english, refused, token = [], 0, form_token(spoken.get("/me").text)
    for address, form in [*((each, None) for each in ASKED), *SENT]:
        before = len(worded)
        status = sent(spoken, token, address.replace("{customer}", customer), form)
        assert status < 500, address
        refused += status >= 400
        english += [(address, form, str(each)) for each in worded[before:] if not messages_of(each)]
    assert form_token(spoken.get("/me").text) == token, "no form ended the session, so none was refused for that"
    assert not english, "\n".join(map(str, english))
    assert refused >= len(worded) >= 60
