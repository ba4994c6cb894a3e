"""Whoever walks through every page, by every link there is, is shown nothing that their roles do not show.

The company is that of the canaries: every personal field of everybody holds a word that nothing else holds. Two people
of the first territory, t1, are also known by a second system; who sees the territory t2 alone sees none of them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

import clientela
from clientela.serve.application import application
from clientela.web.every import PAGES
from clientela.workspace import analyses
from tests.access.told import NOW, columns, found, told
from tests.alone import held_open
from tests.web.conftest import come_in

FEW, MANY = 120, 1_500
WITHOUT: tuple[str, ...] = ()
SHOWN: Mapping[str, tuple[str, ...]] = {
    "executive": WITHOUT,
    "analyst": WITHOUT,
    "statistician": WITHOUT,
    "finance": ("full_name", "tax_id"),
    "marketing": ("full_name", "first_name", "last_name", "email"),
    "sales": ("full_name", "first_name", "last_name", "street", "postal_code", "email", "phone"),
    "service": ("full_name", "email", "phone", "text", "comment"),
    "manager": tuple(name for name in columns() if name not in ("tax_id", "birth_date")),
}
GRANTED = {"manager", "marketing", "sales", "service"}  # these show what a grant names
STATUSES = {200, 303, 304, 307, 308, 400, 403, 404}
ENDS = {"/leave"}  # not to be followed by who wants to walk on


class Links(HTMLParser):
    """The addresses that a page leads to: its links, and its forms with what they hold as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        for name in ("href", "hx-get", "src"):
            if told.get(name) and tag != "link":
                self.found.append(str(told[name]))
        if tag == "form" and (told.get("method") or "get").lower() == "get" and told.get("action"):
            self.found.append(str(told["action"]))


def links(html: str) -> list[str]:
    """The addresses of this server that a page leads to."""
    reader = Links()
    reader.feed(html)
    return [each.split("#")[0] for each in reader.found if each.startswith("/") and not each.startswith("//")]


def shape(address: str) -> tuple[str, tuple[str, ...]]:
    """What tells two addresses apart as to their kind: numbers and values do not."""
    split = urlsplit(address)
    path = re.sub(r"[0-9a-f]{6,}|\d+", "N", split.path)
    return path, tuple(sorted({name for name, _ in parse_qsl(split.query)}))


def walked(client: TestClient, begin: list[str], most: int) -> Iterator[tuple[str, bytes, int]]:
    """Every page that can be reached, those of a kind not seen yet first; its address, all that it says, its status."""
    waiting, seen, kinds = [*begin], set[str](), dict[object, int]()
    while waiting and len(seen) < most:
        waiting.sort(key=lambda each: kinds.get(shape(each), 0))
        address = waiting.pop(0)
        if address in seen or urlsplit(address).path in ENDS:
            continue
        seen.add(address)
        kinds[shape(address)] = kinds.get(shape(address), 0) + 1
        response = client.get(address)
        said = response.content + b"".join(name + b": " + value + b"\n" for name, value in response.headers.raw)
        yield address, said, response.status_code
        if "location" in response.headers:
            waiting.append(response.headers["location"])
        if response.headers.get("content-type", "").startswith("text/html"):
            waiting += links(response.text)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return told(tmp_path_factory.mktemp("crawl") / "w")


@pytest.fixture(scope="module")
def app(company: Path) -> Iterator[object]:
    made = application(company, clock=lambda: NOW)
    with held_open(company, made.state.site.database):
        yield made
    made.state.site.database.close()


def doors(company: Path) -> list[str]:
    """Every page that needs no value, and those that do with values there are, of anybody's customers."""
    customers = [str(row[0]) for row in clientela.open(company).rows.page("customer", ["customer_id"]).rows.rows]
    values = {
        "name": [each.name for each in analyses()],
        "customer": customers[:3],
        "table": ["order_line", "customer_record", "score"],
        "source": ["shop"],
    }
    told = [each.path for each in PAGES if each.method == "GET" and "{" not in each.path]
    for each in (one for one in PAGES if one.method == "GET" and "{" in one.path):
        place = re.search(r"\{(\w+)(?::\w+)?\}", each.path)
        for value in values.get(place[1], []) if place else []:
            told.append(re.sub(r"\{\w+(?::\w+)?\}", value, each.path))
    return [*told, "/customers?q=canary", "/customers?q=Canaryfullname1", "/nowhere"]


def walk(app: object, company: Path, role: str, lang: str, most: int, **scope: list[str]) -> dict[str, int]:
    """Walk as somebody who holds a role; the addresses with their statuses. What they may not see fails."""
    client = come_in(
        app,
        f"walker-{role}-{lang}-{'-'.join(each for held in scope.values() for each in held)}",
        role,
        now=NOW,
        **scope,
    )
    client.headers["accept-language"] = lang
    shown = SHOWN.get(role, columns())
    statuses = {}
    for address, said, status in walked(client, [f"/?lang={lang}", *doors(company)], most):
        assert status in STATUSES, (address, status, said[:2_000])
        assert {*found(said, columns())} <= {*shown, *asked(address)}, address
        statuses[address] = status
    return statuses


def asked(address: str) -> set[str]:
    """What a person typed themselves may be said back to them."""
    return {*found(address.encode(), columns())}


@pytest.mark.parametrize(
    ("role", "lang"),
    [("executive", "en"), ("statistician", "es"), pytest.param("marketing", "en", marks=pytest.mark.slow)],
)
def test_who_walks_through_all_pages_sees_no_more_than_their_role(
    app: object, company: Path, role: str, lang: str
) -> None:
    before = state(company)
    scope = {"territories": ["t1"]} if role in GRANTED else {}
    statuses = walk(app, company, role, lang, FEW, **scope)
    assert sum(status == 200 for status in statuses.values()) >= 20
    assert state(company) == before, "to look changes nothing"


def test_who_sees_another_territory_sees_nobody_of_this_one(app: object, company: Path) -> None:
    client = come_in(app, "walker-elsewhere", "manager", now=NOW, accounts=["7"])
    for address, said, status in walked(client, ["/", *doors(company)], FEW):
        assert status in STATUSES, (address, status)
        assert not {*found(said, columns())} - asked(address), address


def test_who_holds_no_role_sees_nothing(app: object, company: Path) -> None:
    client = come_in(app, "walker-nobody", None, now=NOW)
    for address, said, status in walked(client, ["/", *doors(company)], FEW):
        assert status in STATUSES, (address, status)
        assert not {*found(said, columns())} - asked(address), address


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("role", [*SHOWN, "administrator", "data-protection-officer"])
def test_every_role_in_every_language(app: object, company: Path, role: str, lang: str) -> None:
    scope = {"territories": ["t1"]} if role in GRANTED else {}
    statuses = walk(app, company, role, lang, MANY, **scope)
    assert len(statuses) >= 60


def state(company: Path) -> str:
    """A mark of all files of the workspace but the app database, in which sessions and looks are noted.

    Nor of the key that the first list with a further page is sealed with.
    """
    told = hashlib.sha256()
    for path in sorted(company.rglob("*")):
        if path.is_file() and not path.name.startswith(("app.", "audit.", "asked.", "cursor.")):
            told.update(path.relative_to(company).as_posix().encode() + path.read_bytes())
    return told.hexdigest()
