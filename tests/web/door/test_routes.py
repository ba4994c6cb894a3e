"""A1: none but the named open routes answers who has not come in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from clientela.http.guard import BRIEF_AT_ONCE, LANE, Page
from clientela.serve.nowhere import NOWHERE
from clientela.web.every import PAGES
from tests.web.door.conftest import House, form_token

# Whoever adds one says here why somebody who has not come in may have it.
OPEN = {
    "enter": "the form with which one comes in",
    "enter-try": "what that form sends",
    "link": "the form of a one-time link",
    "link-use": "what that form sends",
    "elsewhere": "the way to the provider with whose account one comes in",
    "elsewhere-back": "the way back from it",
    "static": "styles, scripts and letters, which hold nothing of the company",
    "look": "light or dark, kept in a cookie",
}
BESIDE = {"health", "health-live", "metrics"}
MOUNTED = {"api", "mcp"}


def concrete(path: str) -> str:
    """A path with something in each of its places."""
    return re.sub(r"\{\w+(:\w+)?\}", lambda found: "1" if found[1] == ":int" else "x", path)


def pages() -> Iterator[Page]:
    yield from PAGES
    yield NOWHERE


def test_every_route_is_a_guarded_page_or_named_here(house: House) -> None:
    names = {each.name for each in pages()}
    for route in house.app.routes:
        if isinstance(route, Mount):
            assert route.name in MOUNTED
        else:
            assert isinstance(route, Route)
            assert route.name in names | BESIDE, route.name


def test_the_open_pages_are_those_named_here() -> None:
    assert {each.name for each in PAGES if each.open} <= set(OPEN)


def test_no_closed_page_answers_who_has_not_come_in(house: House) -> None:
    closed = [each for each in pages() if not each.open]
    assert len(closed) > 5
    for page in closed:
        for secret in (None, "cls_unknown", "cla_unknown"):
            browser = house.browser()
            if secret is not None:
                browser.client.cookies.set("clientela", secret)
            answered = browser.client.request(page.method, concrete(page.path))
            assert answered.status_code == 303, page.name
            assert answered.headers["location"].startswith("/enter"), page.name
            assert not answered.content, page.name


def test_no_route_of_the_api_answers_without_a_token(house: House) -> None:
    described = house.browser().get("/api/v1/openapi.json").json()
    assert described["paths"]
    for path, methods in described["paths"].items():
        for method in methods:
            for headers in ({}, {"authorization": "Bearer cla_unknown"}, {"authorization": "Basic x"}):
                place = "/api/v1" + path.replace("{", "").replace("}", "")
                answered = house.browser().client.request(method.upper(), place, headers=headers)
                assert answered.status_code == 401, (method, path)


def test_a_session_is_no_token_of_the_api_and_a_token_no_session(house: House) -> None:
    house.add("Ana", "administrator")
    browser = house.inside()
    headers = {"authorization": f"Bearer {browser.secret}"}
    described = browser.get("/api/v1/openapi.json").json()
    path = next(each for each, methods in described["paths"].items() if "get" in methods and "{" not in each)
    assert house.browser().get(f"/api/v1{path}", headers=headers).status_code in (401, 403)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
def test_a_method_that_nothing_takes_is_refused(house: House, method: str) -> None:
    assert house.browser().client.request(method, "/me").status_code == 405


def test_a_page_for_a_deed_refuses_who_may_not_do_it(house: House) -> None:
    house.add("Ana", "statistician")
    browser = house.inside()
    token = form_token(browser.get("/me").text)
    for page in (each for each in PAGES if each.may is not None):
        told = {"form_token": token} if page.method == "POST" else None
        answered = browser.client.request(page.method, concrete(page.path), data=told)
        assert answered.status_code == 403, page.name


def test_where_nothing_is_a_page_says_so(house: House) -> None:
    house.add("Ana")
    answered = house.inside().get("/no/such/place")
    assert answered.status_code == 404
    assert "<h1" in answered.text


def test_metrics_are_for_this_machine_or_a_token_that_permits_them(house: House) -> None:
    browser = house.browser()  # the test client is no address of this machine
    assert browser.get("/metrics").status_code == 403
    house.add("Ana", "administrator")
    inside = house.inside()
    made = inside.send("/me/tokens", "/me", name="prometheus", days="30", permission="metrics")
    text = made.text.split('class="secret">')[1].split("<")[0]
    counted = browser.get("/metrics", headers={"authorization": f"Bearer {text}"})
    assert counted.status_code == 200
    assert 'clientela_requests_total{method="GET",route="/me"' in counted.text
    assert "clientela_jobs" in counted.text


def test_health_says_whether_questions_can_be_answered(house: House) -> None:
    assert house.browser().get("/health/live").text == "ok\n"
    told = house.browser().get("/health")
    assert (told.status_code, told.json()["ready"]) == (200, True)


def test_a_server_answers_few_customers_at_a_time(house: House) -> None:
    with TestClient(house.app):
        assert getattr(house.app.state, LANE).total_tokens == BRIEF_AT_ONCE
    assert "customer" in {each.name for each in PAGES if each.brief}
