"""Coming in and going out: who gets a session, how long it lasts, and who does not."""

from __future__ import annotations

import pytest

from clientela.appdb import tokens, users
from clientela.appdb.entry import links
from tests.web.door.conftest import PASSWORD, House, form_token

RIGHT = "ten thousand blue cups"


def first_link(house: House) -> str:
    with house.site.database.change(by="test:door", now=house.now) as change:
        text = links.for_first(change, chance=house.chance)
    assert text is not None
    return f"/enter/link/{text}"


def link_for(house: House, name: str) -> str:
    with house.site.database.change(by="test:door", now=house.now) as change:
        return "/enter/link/" + links.for_user(change, name, chance=house.chance)


def test_the_right_password_lets_in_to_where_one_wanted_to_go(house: House) -> None:
    house.add("Ana")
    browser = house.browser()
    turned_away = browser.get("/me?x=1")
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/enter?next=%2Fme%3Fx%3D1")
    came = browser.enter("ANA", next="/me?x=1")
    assert (came.status_code, came.headers["location"]) == (303, "/me?x=1")
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "/a\nb", "/enter", "\\x"]
)
def test_nobody_is_sent_elsewhere_after_coming_in(house: House, place: str) -> None:
    house.add("Ana")
    assert house.browser().enter("Ana", next=place).headers["location"] == "/"


def test_an_unknown_user_and_a_wrong_password_are_answered_alike(house: House) -> None:
    house.add("Ana")
    wrong, unknown = house.browser().enter("Ana", "wrong"), house.browser().enter("Bob", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    bare = [page.text.replace("Ana", "").replace("Bob", "") for page in (wrong, unknown)]
    tokens_out = [text.replace(form_token(text), "") for text in bare]
    assert tokens_out[0] == tokens_out[1]
    assert house.browser().enter("Ana", "").status_code == 401


def test_a_user_who_is_not_active_or_has_no_password_stays_outside(house: House) -> None:
    house.add("Ana")
    house.add("Leo", password=None)
    with house.site.database.change(by="test:door", now=house.now) as change:
        users.alter(change, "Ana", active=False)
    assert [house.browser().enter(name).status_code for name in ("Ana", "Leo")] == [401, 401]


def test_guessing_is_slowed_down_for_the_account_and_says_how_long(house: House) -> None:
    house.add("Ana")
    browser = house.browser()
    page = browser.get("/enter").text
    fields = {"form_token": form_token(page), "name": "Ana", "password": "wrong"}
    told = [browser.client.post("/enter", data=fields).status_code for _ in range(12)]
    assert told == [401] * 10 + [429] * 2
    refused = browser.client.post("/enter", data=fields | {"password": PASSWORD})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    house.later(minutes=2)
    assert browser.enter("Ana").status_code == 303


def test_a_session_has_a_new_id_at_each_entry_and_the_one_before_ends(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    before = browser.secret
    spare = house.browser()
    spare.client.cookies.set("clientela", before or "")
    spare.client.post("/leave", data={"form_token": form_token(spare.get("/leave").text)})
    assert browser.get("/me").status_code == 303
    again = house.inside()
    assert again.secret != before


def test_a_session_that_somebody_else_fixed_is_not_taken_up(house: House) -> None:
    house.add("Ana")
    browser = house.browser()
    browser.client.cookies.set("clientela", "cls_chosen-by-somebody-else")
    came = browser.enter("Ana")
    assert came.status_code == 303
    assert "cls_chosen" not in came.headers["set-cookie"]


def test_leaving_ends_the_session_also_for_who_kept_a_copy_of_it(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    kept = browser.secret or ""
    left = browser.send("/leave")
    assert (left.status_code, left.headers["location"]) == (303, "/enter")
    other = house.browser()
    other.client.cookies.set("clientela", kept)
    assert other.get("/me").status_code == 303


def test_a_session_ends_when_it_was_not_used_for_half_an_hour(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    for _ in range(3):
        house.later(minutes=29)
        assert browser.get("/me").status_code == 200
    house.later(minutes=31)
    assert browser.get("/me").status_code == 303


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(house: House) -> None:
    house.add("Ana")
    browser = house.inside()
    for _ in range(28):
        house.later(minutes=25)
        assert browser.get("/me").status_code == 200
    house.later(minutes=21)
    assert browser.get("/me").status_code == 303


def test_who_is_ended_or_loses_every_token_is_out_at_the_next_request(house: House) -> None:
    house.add("Ana")
    house.add("Leo")
    ana, leo = house.inside("Ana"), house.inside("Leo")
    with house.site.database.change(by="test:door", now=house.now) as change:
        users.end(change, "Ana")
        tokens.end_all(change, user_id=users.named(change.connection, "Leo").user_id)
    assert [each.get("/me").status_code for each in (ana, leo)] == [303, 303]


def test_the_same_holds_while_the_server_remembers_who_is_in(house: House) -> None:
    house.add("Ana")
    with house.site.database.held():
        ana = house.inside("Ana")
        assert [ana.get("/me").status_code for _ in range(3)] == [200] * 3
        with house.site.database.change(by="test:door", now=house.now) as change:
            users.alter(change, "Ana", active=False)
        assert ana.get("/me").status_code == 303


def test_the_first_link_makes_an_administrator_and_is_then_spent(house: House) -> None:
    place = first_link(house)
    browser = house.browser()
    came = browser.send(place, name="Ana", password=RIGHT, again=RIGHT)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert browser.get("/me").status_code == 200
    with house.site.database.reading() as connection:
        [ana] = users.listed(connection)
    assert ana.name == "Ana"
    assert house.browser().get(place).status_code == 403


def test_no_second_first_administrator_is_made(house: House) -> None:
    place = first_link(house)
    page = house.browser()
    token = form_token(page.get(place).text)
    house.add("Ana")
    refused = page.client.post(place, data={"form_token": token, "name": "Eve", "password": RIGHT, "again": RIGHT})
    assert refused.status_code == 403
    with house.site.database.change(by="test:door", now=house.now) as change:
        assert links.for_first(change, chance=house.chance) is None


def test_a_link_for_a_lost_password_works_once_and_ends_earlier_sessions(house: House) -> None:
    house.add("Ana")
    before = house.inside()
    place = link_for(house, "Ana")
    browser = house.browser()
    assert browser.send(place, password=RIGHT, again=RIGHT).status_code == 303
    assert before.get("/me").status_code == 303
    assert house.browser().get(place).status_code == 403
    assert house.browser().enter("Ana").status_code == 401
    assert house.browser().enter("Ana", RIGHT).status_code == 303


def test_a_link_is_good_for_a_quarter_of_an_hour_and_a_newer_one_replaces_it(house: House) -> None:
    house.add("Ana")
    first, second = link_for(house, "Ana"), link_for(house, "Ana")
    assert [house.browser().get(place).status_code for place in (first, second)] == [403, 200]
    house.later(minutes=15)
    assert house.browser().get(second).status_code == 403


def test_looking_at_a_link_does_not_spend_it_but_a_weak_password_is_refused(house: House) -> None:
    house.add("Ana")
    place = link_for(house, "Ana")
    browser = house.browser()
    for weak in ("short", "aaaaaaaaaaaaaaaa", "password1234"):
        refused = browser.send(place, password=weak, again=weak)
        assert refused.status_code == 400, weak
    few = "short"
    assert "at least 12" in browser.send(place, password=few, again=few).text
    assert browser.send(place, password=RIGHT, again="another one").status_code == 400
    assert browser.send(place, password=RIGHT, again=RIGHT).status_code == 303


def test_cookies_on_this_machine_are_for_the_host_alone_and_not_for_scripts(house: House) -> None:
    house.add("Ana")
    came = house.browser().enter("Ana")
    [session] = [each for each in came.headers.get_list("set-cookie") if each.startswith("clientela=")]
    parts = {each.strip().lower() for each in session.split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax"} <= parts
    assert not any(each.startswith("domain") or each == "secure" for each in parts)


def test_cookies_behind_tls_bear_the_prefix_that_binds_them_to_the_host(guarded: House) -> None:
    guarded.add("Ana")
    came = guarded.browser().enter("Ana")
    [session] = [each for each in came.headers.get_list("set-cookie") if each.startswith("__Host-clientela=")]
    parts = {each.strip().lower() for each in session.split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax", "secure"} <= parts
    assert not any(each.startswith("domain") for each in parts)


def test_the_audit_log_says_who_came_in_and_went(house: House) -> None:
    ana = house.add("Ana")
    house.inside().send("/leave")
    with house.site.database.reading() as connection:
        told = connection.exec_driver_sql("select actor, action from audit order by seq desc limit 2").fetchall()
    assert [tuple(each) for each in told] == [
        (ana.actor, "token.ended"),
        (ana.actor, "token.session-made"),
    ]
