"""Leaving what one came into with an account elsewhere: out here at once, and led to leave there too."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from sqlalchemy import select

from clientela.appdb import users
from clientela.appdb.tables import OUTSIDE_SESSION
from tests.web.door.conftest import Browser, House
from tests.web.door.provider import CLIENT, Provider, listening
from tests.web.door.test_elsewhere import come_in, house_clock, opened

END = "https://login.example.com/end?of=session"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with listening(Provider(clock=house_clock)) as found:
        yield found


@pytest.fixture
def house(empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = opened(empty, tmp_path / "company", provider, monkeypatch)
    yield made
    made.site.database.close()


def left(browser: Browser) -> Any:
    return browser.send("/leave")


def led_to(answer: Any) -> dict[str, str]:
    """What the provider is told by the address that the page goes on to."""
    seconds, _, place = answer.headers["refresh"].partition(";url=")
    assert (answer.status_code, seconds) == (200, "0")
    assert place.startswith(END)
    assert html.escape(place) in answer.text
    return {name: told[0] for name, told in parse_qs(urlsplit(place).query).items()}


def is_out(house: House, secret: str | None) -> bool:
    """Whether a session opens nothing more, also for who kept its cookie."""
    browser = house.browser()
    browser.client.cookies.set("clientela", secret)
    return browser.get("/me").status_code == 303


def test_who_leaves_is_led_to_leave_there_too(house: House, provider: Provider) -> None:
    provider.metadata["end_session_endpoint"] = END
    browser, _ = come_in(house, provider)
    secret = browser.secret
    answer = left(browser)
    told = led_to(answer)
    assert (told["client_id"], told["of"]) == (CLIENT, "session")
    assert told["post_logout_redirect_uri"] == "http://127.0.0.1:8000/enter"
    hint = jwt.decode(told["id_token_hint"], provider.key, algorithms=["RS256"])
    assert hint.claims["sub"] == "248289"
    assert is_out(house, secret)
    assert browser.secret is None
    assert answer.headers["cache-control"] == "no-store"
    assert "ana" not in answer.text
    with house.site.database.reading() as connection:
        assert connection.execute(select(OUTSIDE_SESSION)).all() == []


def test_what_the_provider_said_is_kept_no_longer_than_its_session(house: House, provider: Provider) -> None:
    come_in(house, provider)
    house.later(hours=13)
    come_in(house, provider)
    with house.site.database.reading() as connection:
        assert len(connection.execute(select(OUTSIDE_SESSION)).all()) == 1


def test_what_the_provider_said_goes_with_the_session_however_it_ends(house: House, provider: Provider) -> None:
    def kept() -> int:
        with house.site.database.reading() as connection:
            return len(connection.execute(select(OUTSIDE_SESSION)).all())

    one, _ = come_in(house, provider)
    come_in(house, provider)
    assert kept() == 2
    one.send("/me/end-all", "/me")
    assert kept() == 1
    with house.site.database.change(by="test:door", now=house.now) as change:
        users.end(change, "ana", forget=True)
    assert kept() == 0


def test_an_id_token_too_long_for_an_address_is_left_out(house: House, provider: Provider) -> None:
    provider.metadata["end_session_endpoint"] = END
    provider.person["groups"] = ["crm", *(f"group {number}" for number in range(500))]
    browser, _ = come_in(house, provider)
    assert "id_token_hint" not in led_to(left(browser))


@pytest.mark.parametrize("end", [None, "http://login.example.com/end", "https://login.example.com/a b", 7])
def test_where_the_provider_cannot_end_it_the_session_here_ends(house: House, provider: Provider, end: object) -> None:
    if end is not None:
        provider.metadata["end_session_endpoint"] = end
    browser, _ = come_in(house, provider)
    secret = browser.secret
    answer = left(browser)
    assert (answer.status_code, answer.headers["location"], browser.secret) == (303, "/enter", None)
    assert is_out(house, secret)


def test_a_provider_that_is_silent_keeps_nobody_in(house: House, provider: Provider) -> None:
    provider.metadata["end_session_endpoint"] = END
    browser, _ = come_in(house, provider)
    secret = browser.secret
    for _ in range(4):  # until what it says of itself is asked for again
        house.later(minutes=20)
        assert browser.get("/me").status_code == 200
    provider.metadata["issuer"] = "https://other.example.com"
    answer = left(browser)
    assert answer.status_code == 303
    assert is_out(house, secret)


def test_settings_and_passwords_end_a_session_here_alone(
    empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.metadata["end_session_endpoint"] = END
    house = opened(empty, tmp_path / "company", provider, monkeypatch, leave_there=False)
    browser, _ = come_in(house, provider)
    assert left(browser).headers["location"] == "/enter"
    house.site.database.close()
    other = opened(empty, tmp_path / "other", provider, monkeypatch)
    other.add("Ben")
    assert left(other.inside("Ben")).headers["location"] == "/enter"
    other.site.database.close()
