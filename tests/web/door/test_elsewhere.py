"""Coming in with the account one has elsewhere: nobody who is not who they say, and no more than their groups give."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from clientela.appdb import grants, users
from clientela.appdb.audit import listing
from clientela.config import Oidc, Serve
from clientela.errors import ConfigurationError
from clientela.http.oidc.provider import Provider as Asked
from clientela.serve.application import application
from tests.web.door.conftest import ADDRESS, PASSWORD, Browser, House, form_token
from tests.web.door.provider import CLIENT, SECRET, Claims, Provider, listening

ROLES = (
    {"group": "crm", "role": "executive"},
    {"group": "north", "role": "manager", "scope": {"territories": ["north"]}},
    {"group": "keepers", "role": "administrator"},
)
SEEN = "clientela-elsewhere"  # the cookie


@pytest.fixture
def provider() -> Iterator[Provider]:
    with listening(Provider(clock=house_clock)) as found:
        yield found


def house_clock() -> Any:
    return CLOCK[0]()


CLOCK: list[Callable[[], Any]] = []


def opened(empty: Path, folder: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch, **more: Any) -> House:
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    shutil.copytree(empty, folder)
    passwords = more.pop("passwords", True)
    said = {"issuer": provider.place, "client_id": CLIENT, "secret_from": "OIDC_SECRET", "role": ROLES, **more}
    address = "http://127.0.0.1:8000"
    settings = Serve.model_validate({"address": address, "passwords": passwords, "oidc": said})
    house = House(folder, settings, address=ADDRESS).open()
    CLOCK[:] = [lambda: house.now]
    return house


@pytest.fixture
def house(empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = opened(empty, tmp_path / "company", provider, monkeypatch)
    yield made
    made.site.database.close()


def go(browser: Browser, provider: Provider, wanted: str = "/me") -> str:
    """To the provider; the address it sends the browser back to."""
    sent = browser.get("/enter/elsewhere", params={"next": wanted})
    assert sent.status_code == 303, sent.text
    return provider.authorize(sent.headers["location"])


def come_in(house: House, provider: Provider, wanted: str = "/me") -> tuple[Browser, Any]:
    browser = house.browser()
    return browser, browser.get(go(browser, provider, wanted))


def is_in(browser: Browser, answer: Any) -> bool:
    return answer.status_code == 303 and browser.secret is not None


def held(house: House, name: str) -> set[tuple[str, tuple[str, ...]]]:
    with house.site.database.reading() as connection:
        user = users.named(connection, name)
        found = grants.in_force(connection, user.user_id, house.now)
    return {(each.role, each.scope.get("territories", ())) for each in found}


def refused(answer: Any, browser: Browser) -> str:
    """What the form says to whom was not let in."""
    assert (answer.status_code, browser.secret) == (303, None)
    place = answer.headers["location"]
    assert place.startswith("/enter?why=")
    page = browser.get(place).text
    return page.split('role="alert">')[1].split("<")[0]


def test_who_says_there_who_they_are_is_in_with_the_roles_of_their_groups(house: House, provider: Provider) -> None:
    provider.person["groups"] = ["crm", "north", "of nothing here"]
    browser, answer = come_in(house, provider, "/me?lang=es")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?lang=es")
    assert browser.get("/me").status_code == 200
    assert held(house, "ana") == {("executive", ()), ("manager", ("north",))}
    assert browser.client.cookies.get(SEEN) is None


def test_what_goes_to_the_provider_is_fresh_each_time_and_names_where_to_come_back(
    house: House, provider: Provider
) -> None:
    sent = [house.browser().get("/enter/elsewhere").headers["location"] for _ in range(2)]
    one, other = ({name: told[0] for name, told in parse_qs(urlsplit(each).query).items()} for each in sent)
    assert one["redirect_uri"] == "http://127.0.0.1:8000/enter/elsewhere/back"
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 43
        assert one[name] != other[name]


def test_the_cookie_is_for_this_browser_and_gone_after_ten_minutes(house: House, provider: Provider) -> None:
    answer = house.browser().get("/enter/elsewhere")
    [cookie] = [each for each in answer.headers.get_list("set-cookie") if each.startswith(SEEN)]
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= {each.strip() for each in cookie.split(";")}
    assert answer.headers["cache-control"] == "no-store"


def test_who_comes_again_is_the_same_user_whatever_they_are_called_then(house: House, provider: Provider) -> None:
    come_in(house, provider)
    provider.person |= {"preferred_username": "renamed"}
    assert is_in(*come_in(house, provider))
    with house.site.database.reading() as connection:
        assert [each.name for each in users.listed(connection)] == ["ana"]


def test_groups_that_are_gone_take_their_roles_with_them_and_it_is_audited(house: House, provider: Provider) -> None:
    provider.person["groups"] = ["crm", "north"]
    come_in(house, provider)
    provider.person["groups"] = ["north"]
    come_in(house, provider)
    assert held(house, "ana") == {("manager", ("north",))}
    with house.site.database.reading() as connection:
        told = [(each.actor, each.action) for each in reversed(listing.listed(connection))]
    assert told.count(("oidc:groups", "grant.given")) == 2
    assert told.count(("oidc:groups", "grant.revoked")) == 1
    assert [action for _, action in told].count("session.outside") == 2


def test_who_has_no_group_left_stays_out_and_an_older_session_shows_nothing(house: House, provider: Provider) -> None:
    inside, _ = come_in(house, provider)
    provider.person["groups"] = []
    browser, answer = come_in(house, provider)
    assert "has no role here" in refused(answer, browser)
    assert held(house, "ana") == set()
    assert inside.get("/me").status_code == 200
    assert inside.get("/data").status_code in (303, 403)


def test_nobody_is_made_whom_nothing_gives_a_role(house: House, provider: Provider) -> None:
    provider.person["groups"] = ["of nothing here"]
    browser, answer = come_in(house, provider)
    assert refused(answer, browser)
    with house.site.database.reading() as connection:
        assert users.listed(connection) == ()


def test_what_was_granted_by_hand_stays(house: House, provider: Provider) -> None:
    come_in(house, provider)
    with house.site.database.change(by="test:door", now=house.now) as change:
        grants.give(change, "ana", "statistician", roles=["statistician"], chance=house.chance)
    provider.person["groups"] = []
    assert is_in(*come_in(house, provider))
    assert held(house, "ana") == {("statistician", ())}


def test_groups_may_stand_where_the_provider_tells_of_the_person(house: House, provider: Provider) -> None:
    del provider.person["groups"]
    provider.userinfo = {"sub": "248289", "groups": ["north"], "preferred_username": "other"}
    come_in(house, provider)
    assert held(house, "ana") == {("manager", ("north",))}
    provider.userinfo = {"sub": "of somebody else", "groups": ["keepers"]}
    browser, answer = come_in(house, provider)
    assert refused(answer, browser)


LIES: dict[str, Callable[[Claims], None]] = {
    "another issuer": lambda claims: claims.update(iss="https://login.example.com"),
    "another audience": lambda claims: claims.update(aud="another-client"),
    "several audiences, for another": lambda claims: claims.update(aud=[CLIENT, "x"], azp="x"),
    "several audiences, for nobody": lambda claims: claims.update(aud=["x", "y"]),
    "expired": lambda claims: claims.update(exp=claims["iat"] - 61, iat=claims["iat"] - 900),
    "of tomorrow": lambda claims: claims.update(iat=claims["iat"] + 86_400),
    "not yet": lambda claims: claims.update(nbf=claims["iat"] + 3_600),
    "another nonce": lambda claims: claims.update(nonce="of another entry"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "no expiry": lambda claims: claims.pop("exp"),
    "no audience": lambda claims: claims.pop("aud"),
    "no issuer": lambda claims: claims.pop("iss"),
    "no subject": lambda claims: claims.pop("sub"),
    "an empty subject": lambda claims: claims.update(sub=""),
    "the hash of another access token": lambda claims: claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_what_it_must_not_opens_nothing(house: House, provider: Provider, lie: str) -> None:
    provider.change = LIES[lie]
    browser, answer = come_in(house, provider)
    assert "cannot be believed" in refused(answer, browser)
    with house.site.database.reading() as connection:
        assert users.listed(connection) == ()


def test_a_token_of_a_minute_ago_is_good_as_two_clocks_differ(house: House, provider: Provider) -> None:
    provider.change = lambda claims: claims.update(exp=claims["iat"] - 30)
    assert is_in(*come_in(house, provider))


@pytest.mark.parametrize("how", ["another key under the same name", "its public key as a password", "not at all"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(house: House, provider: Provider, how: str) -> None:
    if how == "another key under the same name":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    elif how == "its public key as a password":
        pem = provider.key.as_pem(private=False)
        provider.token = _resigned(provider.token, "HS256", pem)  # type: ignore[method-assign, misc] # for this test
    else:
        provider.token = _resigned(provider.token, "none", b"")  # type: ignore[method-assign, misc] # for this test
    browser, answer = come_in(house, provider)
    assert "cannot be believed" in refused(answer, browser)


Answers = Callable[[Claims, str], tuple[int, Claims]]


def _resigned(asked: Answers, algorithm: str, key: bytes) -> Answers:
    """The same answers, their token signed anew with a key that is a password, or not at all."""

    def told(sent: Claims, authorization: str) -> tuple[int, Claims]:
        status, document = asked(sent, authorization)
        head = json.dumps({"alg": algorithm, "kid": "one"}).encode()
        said = f"{_text(head)}.{document['id_token'].split('.')[1]}"
        sign = hmac.digest(key, said.encode(), "sha256") if key else b""
        return status, document | {"id_token": f"{said}.{_text(sign)}"}

    return told


def _text(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def test_a_provider_that_changes_its_key_is_asked_for_the_new_one(house: House, provider: Provider) -> None:
    assert is_in(*come_in(house, provider))
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"}, private=True)
    house.later(minutes=1)
    assert is_in(*come_in(house, provider))
    assert provider.asked.count("/keys") == 2
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "of nobody"}, private=True)
    for _ in range(5):
        assert "why=token" in come_in(house, provider)[1].headers["location"]
    assert provider.asked.count("/keys") == 2  # a token that names an unknown key makes it no busier


def test_an_answer_is_good_once(house: House, provider: Provider) -> None:
    browser = house.browser()
    back = go(browser, provider)
    secret = browser.client.cookies.get(SEEN)
    assert browser.get(back).status_code == 303
    other = house.browser()
    other.client.cookies.set(SEEN, str(secret))
    assert "took too long" in refused(other.get(back), other)


def test_a_code_that_was_used_is_refused_by_the_provider(house: House, provider: Provider) -> None:
    browser = house.browser()
    back = go(browser, provider)
    provider.codes.clear()
    assert refused(browser.get(back), browser)


def test_an_answer_of_another_browser_or_another_state_opens_nothing(house: House, provider: Provider) -> None:
    """Nobody is let in as somebody else by an address that was sent to them."""
    attacker, victim = house.browser(), house.browser()
    back = go(attacker, provider)
    assert refused(victim.get(back), victim)  # who began nothing
    victim.get("/enter/elsewhere")
    assert refused(victim.get(back), victim)  # who began something else
    own = go(victim, provider)
    assert refused(victim.get(own.replace("state=", "state=x")), victim)
    assert refused(victim.get(own), victim)  # that was the one try
    assert provider.asked.count("/token") == 0


def test_an_answer_that_comes_after_ten_minutes_opens_nothing(house: House, provider: Provider) -> None:
    browser = house.browser()
    back = go(browser, provider)
    house.later(minutes=10)
    assert refused(browser.get(back), browser)


def test_the_answer_of_another_provider_opens_nothing(house: House, provider: Provider) -> None:
    browser = house.browser()
    back = go(browser, provider)
    parts = urlsplit(back)
    query = {name: told[0] for name, told in parse_qs(parts.query).items()} | {"iss": "https://login.example.com"}
    assert refused(browser.get(parts.path, params=query), browser)


def test_who_says_no_there_is_told_so_and_nothing_of_it_is_repeated(house: House, provider: Provider) -> None:
    browser = house.browser()
    state = parse_qs(urlsplit(go(browser, provider)).query)["state"][0]
    said = {"error": "access_denied", "error_description": "<b>call 555-0100</b>", "state": state}
    answer = browser.get("/enter/elsewhere/back", params=said)
    assert "not let in there" in refused(answer, browser)
    assert "555-0100" not in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    "place", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/enter/elsewhere"]
)
def test_one_goes_on_to_a_page_of_ours_only(house: House, provider: Provider, place: str) -> None:
    _, answer = come_in(house, provider, place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_name_alone_makes_nobody_somebody_else(house: House, provider: Provider) -> None:
    house.add("Ana", "administrator")
    browser, answer = come_in(house, provider)
    assert "There is a user of your name already" in refused(answer, browser)


def with_email(house: House, name: str = "Luisa", email: str = "ana@example.com") -> None:
    house.add(name, "statistician")
    with house.site.database.change(by="test:door", now=house.now) as change:
        users.alter(change, name, email=email)


def test_an_address_makes_nobody_somebody_else_unless_the_settings_say_so(house: House, provider: Provider) -> None:
    with_email(house)
    provider.person |= {"email": "ana@example.com", "email_verified": True}
    assert is_in(*come_in(house, provider))
    assert held(house, "ana") == {("executive", ())}
    assert held(house, "Luisa") == {("statistician", ())}


def test_only_a_verified_address_of_one_user_links_where_the_settings_say_so(
    empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(empty, tmp_path / "company", provider, monkeypatch, link_by_email=True)
    with_email(house)
    provider.person["groups"] = ["north"]
    for verified in (False, "true", 1, None):
        provider.person |= {"sub": f"unverified-{verified}", "preferred_username": f"x-{verified}"}
        provider.person |= {"email": "ana@example.com", "email_verified": verified}
        assert is_in(*come_in(house, provider))
    assert held(house, "Luisa") == {("statistician", ())}
    provider.person |= {"sub": "of ana", "email": "Ana@Example.com", "email_verified": True}
    assert is_in(*come_in(house, provider))
    assert held(house, "Luisa") == {("statistician", ()), ("manager", ("north",))}
    provider.person |= {"sub": "of another", "preferred_username": "another"}
    assert come_in(house, provider)[1].status_code == 303  # the address is linked already: they are somebody new
    assert held(house, "another") == {("manager", ("north",))}
    house.site.database.close()


def test_who_was_ended_stays_out(house: House, provider: Provider) -> None:
    come_in(house, provider)
    with house.site.database.change(by="test:door", now=house.now) as change:
        users.end(change, "ana", forget=True)
    browser, answer = come_in(house, provider)
    assert refused(answer, browser)
    house.site.database.close()
    for name in ("app.sqlite", "app.sqlite-wal"):
        place = house.folder / name
        assert not place.exists() or provider.person["sub"].encode() not in place.read_bytes()


@pytest.mark.parametrize("name", [None, "", 7, "x" * 65, "an\na"])
def test_a_name_that_is_none_is_refused(house: House, provider: Provider, name: object) -> None:
    provider.person["preferred_username"] = name
    browser, answer = come_in(house, provider)
    assert refused(answer, browser)


def test_a_provider_that_is_another_or_leads_elsewhere_is_not_followed(house: House, provider: Provider) -> None:
    for wrong in (
        {"issuer": "https://login.example.com"},
        {"token_endpoint": "http://example.com/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ):
        provider.metadata = wrong
        browser = house.browser()
        assert "does not answer" in refused(browser.get("/enter/elsewhere"), browser), wrong


def test_a_provider_that_does_not_answer_leaves_the_password(house: House, provider: Provider) -> None:
    house.add("Luisa")
    house.site.elsewhere.settings = house.site.elsewhere.settings.model_copy(  # type: ignore[union-attr] # is there
        update={"issuer": "http://127.0.0.1:9"}
    )
    browser = house.browser()
    answer = browser.get("/enter/elsewhere")
    assert "does not answer" in refused(answer, browser)
    assert 'name="password"' in browser.get(answer.headers["location"]).text
    assert browser.enter("Luisa").status_code == 303


def test_the_entry_has_a_button_in_the_visitors_language(house: House, provider: Provider) -> None:
    page = house.browser().get("/enter", params={"next": "/me"}).text
    assert 'href="/enter/elsewhere?next=%2Fme"' in page or 'href="/enter/elsewhere?next=/me"' in page
    assert "Come in with 127.0.0.1" in page
    assert 'name="password"' in page


def test_without_passwords_one_comes_in_with_the_account_or_a_link_alone(
    empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(empty, tmp_path / "company", provider, monkeypatch, passwords=False, label="Example Login")
    house.add("Luisa")
    browser = house.browser()
    page = browser.get("/enter").text
    assert 'name="password"' not in page
    assert "Come in with Example Login" in page
    link = browser.get("/enter/link/none")
    token = form_token(page) if 'name="form_token"' in page else ""
    sent = {"form_token": token, "name": "Luisa", "password": PASSWORD}
    assert browser.client.post("/enter", data=sent).status_code == 403
    assert link.status_code == 403
    assert is_in(*come_in(house, provider))
    house.site.database.close()


def test_without_a_provider_there_is_no_such_way(empty: Path, tmp_path: Path) -> None:
    shutil.copytree(empty, tmp_path / "company")
    house = House(tmp_path / "company", Serve()).open()
    assert "elsewhere" not in house.browser().get("/enter").text
    for place in ("/enter/elsewhere", "/enter/elsewhere/back?code=x&state=y"):
        assert house.browser().get(place).status_code == 404
    house.site.database.close()


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(house: House, provider: Provider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert is_in(*come_in(house, provider))


def test_a_role_that_is_none_is_refused_when_the_server_starts(
    empty: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = ({"group": "crm", "role": "manger"},)
    with pytest.raises(ConfigurationError, match="Did you mean 'manager'"):
        opened(empty, tmp_path / "company", provider, monkeypatch, role=roles)


def test_a_secret_that_is_not_there_is_said_when_the_server_starts(empty: Path, tmp_path: Path) -> None:
    shutil.copytree(empty, tmp_path / "company")
    said = {"issuer": "https://login.example.com", "client_id": CLIENT, "secret_from": "NO_SUCH_VARIABLE"}
    with pytest.raises(ConfigurationError, match="NO_SUCH_VARIABLE is not set"):
        application(tmp_path / "company", settings=Serve.model_validate({"oidc": said}))
    (tmp_path / "company" / "oidc.secret").write_text(SECRET + "\n")
    kept = {**said, "secret_from": None, "secret_file": "oidc.secret"}
    app = application(tmp_path / "company", settings=Serve.model_validate({"oidc": kept}))
    assert isinstance(app.state.site.elsewhere, Asked)
    assert app.state.site.elsewhere.secret == SECRET
    assert SECRET not in repr(Oidc.model_validate(kept))
    app.state.site.database.close()
