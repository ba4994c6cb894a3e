"""G4: the headers of each response, whoever made it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from clientela.http import guard
from clientela.http.guard import Page
from clientela.http.visit import Visit
from tests.web.door.conftest import House

EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
PLACES = ["/enter", "/me", "/health", "/metrics", "/nothing", "/static/none.css"]
PLACES += ["/api/v1/none", "/api/v1/openapi.json"]


def checked(answered: Any) -> None:
    for name, value in EVERY.items():
        assert answered.headers[name] == value, name
    policy = answered.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "permissions-policy" in answered.headers
    assert len(answered.headers["x-request-id"]) == 16
    assert "server" not in answered.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("place", PLACES)
def test_each_response_bears_them(house: House, method: str, place: str) -> None:
    house.add("Ana")
    checked(house.browser().client.request(method, place))
    checked(house.inside().client.request(method, place))


def test_also_a_response_to_what_went_wrong(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(visit: Visit) -> Any:
        raise RuntimeError("a secret of Ana Ruiz")

    house.add("Ana")
    browser = house.inside()
    page = Page(path="/broken", name="broken", answer=broken)
    [route] = guard.routes([page], lambda visit, error: (_ for _ in ()).throw(error))
    house.app.router.routes.insert(0, route)
    answered = browser.get("/broken")
    assert answered.status_code == 500
    assert "Ruiz" not in answered.text
    assert answered.headers["x-request-id"] in answered.text
    checked(answered)


def test_over_tls_browsers_are_told_that_it_stays_so(guarded: House, house: House) -> None:
    assert guarded.browser().get("/enter").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in house.browser().get("/enter").headers


def test_nothing_of_a_visitor_is_kept_on_the_way(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    assert browser.get("/me").headers["cache-control"] == "no-store"
    assert browser.get("/leave").headers["cache-control"] == "private, no-cache"
    assert house.browser().get("/enter").headers["cache-control"] == "no-store"


def test_files_of_ours_are_kept_and_bear_no_cookie(house: House) -> None:
    from clientela.web.assets import STYLE, address

    answered = house.browser().get(address(STYLE))
    assert answered.status_code == 200
    assert "immutable" in answered.headers["cache-control"]
    assert "set-cookie" not in answered.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("10.1.2.3", 200),
        ("evil.example", 400),
        ("evil.example:8000", 400),
        ("127.0.0.1.evil.example", 400),
        ("crm.example.com@evil.example", 400),
        ("crm.example.com", 400),
    ],
)
def test_a_name_that_is_not_ours_is_refused(house: House, host: str, status: int) -> None:
    """DNS rebinding: a page of another site makes its own name point to this machine."""
    assert house.browser().get("/enter", headers={"host": host}).status_code == status


def test_the_address_of_the_settings_is_ours(guarded: House) -> None:
    assert guarded.browser().get("/enter").status_code == 200
    assert guarded.browser().get("/enter", headers={"host": "crm.example.com.evil.example"}).status_code == 400


def test_more_at_once_than_can_be_answered_are_told_to_come_again(house: House) -> None:
    stack = house.app.build_middleware_stack()
    house.app.middleware_stack = stack
    door = stack
    while type(door).__name__ != "Door":
        door = door.app
    door.most = 0
    answered = TestClient(house.app, base_url=house.address).get("/enter")
    assert (answered.status_code, answered.headers["retry-after"]) == (503, "2")
    checked(answered)
