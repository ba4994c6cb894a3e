"""G1: what another site sends in a visitor's name changes nothing."""

from __future__ import annotations

import pytest

from clientela.appdb import users
from tests.web.door.conftest import PASSWORD, House, form_token

FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999"},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
]


def state(house: House) -> list[tuple[object, ...]]:
    with house.site.database.reading() as connection:
        names = [row[0] for row in connection.exec_driver_sql("select name from sqlite_master where type = 'table'")]
        found = []
        for name in sorted(names):
            rows = connection.exec_driver_sql(f'select * from "{name}"').fetchall()  # noqa: S608 - names of tables
            found.append((name, [tuple(row) for row in rows]))
        return found


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_of_another_site_changes_nothing(house: House, headers: dict[str, str]) -> None:
    house.add("Ana")
    browser = house.inside()
    token = form_token(browser.get("/me").text)
    before = state(house)
    refused = browser.client.post("/me/language", data={"form_token": token, "language": "es"}, headers=headers)
    assert refused.status_code == 403
    assert state(house) == before


@pytest.mark.parametrize("sent", [{}, {"form_token": ""}, {"form_token": "0" * 64}])
def test_a_form_without_the_token_of_the_session_changes_nothing(house: House, sent: dict[str, str]) -> None:
    house.add("Ana")
    browser = house.inside()
    browser.get("/leave")  # its use is noted
    before = state(house)
    assert browser.client.post("/me/language", data={"language": "es", **sent}).status_code == 403
    assert state(house) == before


def test_the_token_of_somebody_else_is_no_token_of_mine(house: House) -> None:
    house.add("Ana")
    house.add("Eve")
    ana, eve = house.inside("Ana"), house.inside("Eve")
    token = form_token(eve.get("/me").text)
    assert ana.client.post("/me/language", data={"language": "es", "form_token": token}).status_code == 403


def test_json_or_plain_text_in_place_of_a_form_changes_nothing(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    browser.get("/leave")  # its use is noted
    before = state(house)
    for kind in ("application/json", "text/plain"):
        sent = browser.client.post("/me/language", content=b'{"language":"es"}', headers={"content-type": kind})
        assert sent.status_code == 403
    assert state(house) == before


def test_nobody_is_made_to_come_in_as_somebody_else(house: House) -> None:
    """Login CSRF: another site sends its own name and password from the visitor's browser."""
    house.add("Eve")
    fields = {"name": "Eve", "password": PASSWORD}
    victim = house.browser()
    stolen = form_token(house.browser().get("/enter").text)
    assert victim.client.post("/enter", data=fields).status_code == 403
    assert victim.client.post("/enter", data={**fields, "form_token": stolen}).status_code == 403
    own = form_token(victim.get("/enter").text)
    for headers in FOREIGN:
        sent = victim.client.post("/enter", data={**fields, "form_token": own}, headers=headers)
        assert sent.status_code == 403
    assert victim.client.post("/enter", data={**fields, "form_token": own}).status_code == 303


@pytest.mark.parametrize("headers", [{"origin": "http://127.0.0.1:8000"}, {"sec-fetch-site": "same-origin"}, {}])
def test_a_form_of_ours_is_taken(house: House, headers: dict[str, str]) -> None:
    house.add("Ana")
    browser = house.inside()
    assert browser.send("/me/language", "/me", headers=headers, language="es").status_code == 303
    with house.site.database.reading() as connection:
        assert users.named(connection, "Ana").language == "es"


def test_behind_a_proxy_the_origin_is_the_address_people_write(guarded: House) -> None:
    guarded.add("Ana")
    browser = guarded.inside()
    for origin, status in (("https://crm.example.com", 303), ("http://crm.example.com", 403)):
        sent = browser.send("/me/language", "/me", headers={"origin": origin}, language="es")
        assert sent.status_code == status, origin


def test_who_sees_as_somebody_else_changes_nothing(house: House) -> None:
    house.add("Ana", "administrator")
    leo = house.add("Leo")
    browser = house.inside()
    page = browser.get("/me").text
    with house.site.database.change(by="test:door", now=house.now) as change:
        change.connection.exec_driver_sql("update token set viewing_as = ?", (leo.user_id,))
    before = state(house)
    sent = browser.client.post("/me/language", data={"form_token": form_token(page), "language": "es"})
    assert sent.status_code == 403
    assert state(house) == before


def test_reading_every_page_changes_nothing(house: House) -> None:
    """GET and HEAD are safe: what they may write is when a session was last used, and the log of looking."""
    house.add("Ana", "administrator")
    browser = house.inside()
    before = [each for each in state(house) if each[0] not in ("audit", "token", "policy_version")]
    for route in house.app.routes:
        path = getattr(route, "path", "")
        if "GET" in (getattr(route, "methods", None) or ()) and "{" not in path:
            browser.get(path)
            browser.client.head(path)
    after = [each for each in state(house) if each[0] not in ("audit", "token", "policy_version")]
    assert after == before
