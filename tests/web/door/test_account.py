"""One's own account: language, password, sessions and API tokens, and nobody else's."""

from __future__ import annotations

import re

import pytest

from clientela.appdb import tokens, users
from tests.web.door.conftest import PASSWORD, House, form_token

NEW = "ten thousand blue cups"


def secret_of(page: str) -> str:
    found = re.search(r'class="secret">(cla_[\w-]{43})<', page)
    assert found is not None
    return found[1]


def test_the_language_is_kept_and_the_page_is_in_it(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    assert browser.send("/me/language", "/me", language="es").headers["location"] == "/me?done=language"
    assert '<html lang="es"' in browser.get("/me").text
    assert browser.send("/me/language", "/me", language="xx").status_code == 404


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(house: House) -> None:
    house.add("Ana")
    here, there = house.inside(), house.inside()
    refused = here.send("/me/password", "/me", before="wrong", password=NEW, again=NEW)
    assert refused.status_code == 400
    assert house.browser().enter("Ana", NEW).status_code == 401
    weak = here.send("/me/password", "/me", before=PASSWORD, password="short", again="short")  # noqa: S106 - weak
    assert weak.status_code == 400
    assert here.send("/me/password", "/me", before=PASSWORD, password=NEW, again=NEW).status_code == 303
    assert [each.get("/me").status_code for each in (here, there)] == [200, 303]
    assert [house.browser().enter("Ana", each).status_code for each in (PASSWORD, NEW)] == [401, 303]


def test_the_password_is_not_guessed_from_inside_either(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    told = [browser.send("/me/password", "/me", before="wrong", password=NEW, again=NEW) for _ in range(12)]
    assert [each.status_code for each in told] == [400] * 10 + [429] * 2
    assert int(told[-1].headers["retry-after"]) > 0


def test_one_ends_one_of_ones_sessions_or_all_others(house: House) -> None:
    house.add("Ana")
    first, second, third = (house.inside() for _ in range(3))
    ids = re.findall(r'name="token" value="(\w+)"', first.get("/me").text)
    assert len(ids) == 2
    assert first.send("/me/end", "/me", token=ids[0]).status_code == 303
    assert sorted(each.get("/me").status_code for each in (second, third)) == [200, 303]
    assert first.send("/me/end-all", "/me").status_code == 303
    assert [each.get("/me").status_code for each in (first, second, third)] == [200, 303, 303]


def test_nobody_ends_a_session_of_somebody_else(house: House) -> None:
    house.add("Ana")
    leo = house.add("Leo")
    ana, other = house.inside("Ana"), house.inside("Leo")
    with house.site.database.reading() as connection:
        [theirs] = tokens.of_user(connection, leo.user_id)
    assert ana.send("/me/end", "/me", token=theirs.token_id).status_code == 404
    assert other.get("/me").status_code == 200


def test_a_token_is_shown_once_and_asks_within_what_it_permits(house: House) -> None:
    house.add("Ana", "administrator")
    browser = house.inside()
    made = browser.send("/me/tokens", "/me", name="nightly", days="30", permission=["read", "metrics"])
    text = secret_of(made.text)
    assert made.headers["cache-control"] == "no-store"
    assert text not in browser.get("/me").text
    with house.site.database.reading() as connection:
        kept = tokens.of_user(connection, users.named(connection, "Ana").user_id)
    [token] = [each for each in kept if each.kind == "api"]
    assert (token.name, token.permissions) == ("nightly", ("metrics", "read"))
    assert (token.expires_at - token.made_at).days == 30
    headers = {"authorization": f"Bearer {text}"}
    assert house.browser().get("/metrics", headers=headers).status_code == 200
    assert browser.send("/me/end", "/me", token=token.token_id).status_code == 303
    assert house.browser().get("/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": "", "days": "30", "permission": "read"}, 400),
        ({"name": "x", "days": "9999", "permission": "read"}, 400),
        ({"name": "x", "days": "30", "permission": "everything"}, 400),
        ({"name": "x", "days": "30"}, 400),
        ({"name": "x" * 61, "days": "30", "permission": "read"}, 400),
        ({"name": "x", "days": "30", "permission": "deliver"}, 403),
        ({"name": "x", "days": "30", "permission": "metrics"}, 403),
    ],
)
def test_a_token_that_permits_too_much_is_not_made(house: House, fields: dict[str, str], status: int) -> None:
    house.add("Ana", "executive")
    assert house.inside().send("/me/tokens", "/me", **fields).status_code == status
    with house.site.database.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from token where kind = 'api'").scalar() == 0


def test_what_somebody_named_a_token_is_shown_as_text(house: House) -> None:
    house.add("Ana", "administrator")
    browser = house.inside()
    shown = browser.send("/me/tokens", "/me", name="<script>alert(1)</script>", days="30", permission="read")
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text


def test_a_form_names_no_field_that_is_not_asked_for(house: House) -> None:
    """Mass assignment: what a form sends besides is not taken."""
    ana = house.add("Ana")
    browser = house.inside()
    token = form_token(browser.get("/me").text)
    more = {
        "form_token": token,
        "language": "es",
        "name": "Eve",
        "active": "0",
        "user_id": "x",
        "role": "administrator",
    }
    assert browser.client.post("/me/language", data=more).status_code == 303
    with house.site.database.reading() as connection:
        now = users.named(connection, ana.user_id)
    assert (now.name, now.active, now.language) == ("Ana", True, "es")
