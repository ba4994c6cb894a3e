"""Administration: users added, granted, ended; the last administrator stays; each change is entered with its actor."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clientela.appdb.audit.listing import listed
from clientela.serve.application import application
from tests.alone import held_open
from tests.pipeline.company import FEWER, NOW, buying, shop
from tests.web.conftest import come_in

Visitor = Callable[..., TestClient]
SCRIPT = "<script>alert(1)</script>"
PAGES = (
    "/administration",
    "/administration/organisation",
    "/administration/roles",
    "/administration/sight",
    "/administration/audit",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shop(tmp_path_factory.mktemp("staffed") / "company", settings=FEWER)
    made.deliver("orders-1.csv", buying(30))
    made.workspace.run(now=NOW)
    return made.workspace.folder


@pytest.fixture
def app(folder: Path) -> Iterator[object]:
    for name in ("app.sqlite", "audit.anchor", "app.sqlite-wal", "app.sqlite-shm"):
        (folder / name).unlink(missing_ok=True)  # each test has its own users
    made = application(folder, clock=lambda: NOW)
    with held_open(folder, made.state.site.database):
        yield made
    made.state.site.database.close()


@pytest.fixture
def boss(app: object) -> TestClient:
    return come_in(app, "Maria", "administrator")


def sent(client: TestClient, path: str, **fields: object) -> object:
    """What a form of ours sends."""
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/administration").text)
    token = found[1] if found else re.search(r'name="form_token" value="([^"]+)"', client.get("/me").text)[1]  # type: ignore[index]
    return client.post(path, data={"form_token": token, **fields})


def added(client: TestClient, name: str) -> str:
    """Add a user; the path of their page."""
    answer = sent(client, "/administration/users", name=name, language="en")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    return str(answer.headers["location"]).split("?")[0]  # type: ignore[attr-defined]


def actions(app: object) -> list[tuple[str, str]]:
    site = app.state.site  # type: ignore[attr-defined]
    with site.database.reading() as connection:
        return [(each.actor, each.action) for each in listed(connection)]


@pytest.mark.parametrize("path", PAGES)
def test_only_who_may_administer_sees_administration(app: object, path: str) -> None:
    assert come_in(app, "Eva", "executive").get(path).status_code == 403


def test_the_pages_show_themselves_in_both_languages(boss: TestClient) -> None:
    for path in PAGES:
        for lang in ("en", "es"):
            page = boss.get(f"{path}?lang={lang}")
            assert page.status_code == 200, path
            assert f'lang="{lang}"' in page.text


def test_a_user_is_added_granted_and_ended_in_the_name_of_who_did_it(app: object, boss: TestClient) -> None:
    page = added(boss, "Ana Gil")
    granted = sent(boss, f"{page}/grants", role="manager", **{"accounts-typed": "4711, 12"}, until="2025-03-31")
    assert granted.status_code == 303  # type: ignore[attr-defined]
    told = html.unescape(boss.get(page).text)
    assert "customers: 12, 4711" in told
    assert "Until 31 March 2025." in told
    grant = re.search(r'name="grant" value="([^"]+)"', told)
    assert grant is not None
    sent(boss, f"{page}/revoke", grant=grant[1])
    assert "taken back" in boss.get(page).text
    assert "cannot be undone" in boss.get(f"{page}/end").text
    sent(boss, f"{page}/end", forget="1")
    assert "Ana Gil" not in boss.get("/administration?ended=1").text
    maria = app.state.site.database  # type: ignore[attr-defined]
    with maria.reading() as connection:
        from clientela.appdb import users

        actor = users.named(connection, "Maria").actor
    done = [action for who, action in actions(app) if who == actor]
    assert done == ["user.forgotten", "user.ended", "grant.revoked", "grant.given", "user.added"]


def test_the_last_administrator_cannot_lock_everybody_out(boss: TestClient) -> None:
    listed_page = boss.get("/administration").text
    me = re.search(r'href="(/administration/users/[^"]+)">Maria', listed_page)
    assert me is not None
    grant = re.search(r'name="grant" value="([^"]+)"', boss.get(me[1]).text)
    assert grant is not None
    for path, fields in (
        (f"{me[1]}/end", {}),
        (f"{me[1]}/change", {"deed": "keep-out"}),
        (f"{me[1]}/revoke", {"grant": grant[1]}),
    ):
        answer = sent(boss, path, **fields)
        assert answer.status_code == 400  # type: ignore[attr-defined]
        assert "last user who may administer" in answer.text  # type: ignore[attr-defined]
    other = added(boss, "Otto")
    sent(boss, f"{other}/grants", role="administrator")
    assert sent(boss, f"{me[1]}/revoke", grant=grant[1]).status_code == 303  # type: ignore[attr-defined]


def test_an_entry_link_is_shown_once_and_kept_by_nobody(boss: TestClient) -> None:
    page = added(boss, "Ana")
    made = sent(boss, f"{page}/change", deed="link")
    link = re.search(r'link-shown">([^<]+)<', made.text)  # type: ignore[attr-defined]
    assert link is not None
    assert made.headers["cache-control"] == "no-store"  # type: ignore[attr-defined]
    assert link[1] not in boss.get(page).text
    anybody = TestClient(boss.app, base_url="http://127.0.0.1:8000")
    assert anybody.get(link[1].replace("http://127.0.0.1:8000", "")).status_code == 200


def test_what_was_typed_stays_when_it_is_refused(boss: TestClient) -> None:
    added(boss, "Ana")
    answer = sent(boss, "/administration/users", name="ana", language="es")
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert "There is already a user" in html.unescape(answer.text)  # type: ignore[attr-defined]
    assert 'value="ana"' in answer.text  # type: ignore[attr-defined]


def test_a_name_is_never_part_of_the_page(boss: TestClient) -> None:
    page = added(boss, SCRIPT)
    sent(boss, "/administration/units", deed="add", unit="north", name=SCRIPT)
    sent(boss, "/administration/units", deed="join", unit="north", user=SCRIPT)
    for path in (page, f"{page}/end", *PAGES):
        assert SCRIPT not in boss.get(path).text, path


def test_units_are_added_renamed_moved_and_joined(app: object, boss: TestClient) -> None:
    for fields in (
        {"deed": "add", "unit": "sales", "name": "Sales"},
        {"deed": "add", "unit": "north", "name": "Team North", "parent": "sales"},
        {"deed": "rename", "unit": "sales", "name": "Selling"},
        {"deed": "join", "unit": "north", "user": "Maria"},
        {"deed": "move", "unit": "north", "parent": ""},
    ):
        assert sent(boss, "/administration/units", **fields).status_code == 303  # type: ignore[attr-defined]
    page = boss.get("/administration/organisation").text
    assert "Selling" in page
    wrong = sent(boss, "/administration/units", deed="move", unit="north", parent="north")
    assert "cannot be under itself" in html.unescape(wrong.text)  # type: ignore[attr-defined]
    assert [action for _, action in actions(app)][:5] == [
        "unit.moved",
        "unit.joined",
        "unit.renamed",
        "unit.added",
        "unit.added",
    ]


def test_who_may_see_a_customer_is_told_with_why(app: object, boss: TestClient, folder: Path) -> None:
    import clientela

    number = clientela.open(folder).rows.page("order_line", ["customer_id"], limit=1).rows.rows[0][0]
    come_in(app, "Eva", "executive")
    come_in(app, "Nora", "manager", accounts=["1"])
    page = boss.get(f"/administration/sight?customer={number}").text
    said = [html.unescape(re.sub(r"<[^>]+>|\s+", " ", row)) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)[1:]]
    assert [" ".join(row.split())[:40] for row in said] == [
        "Eva yes, without personal data + Executi",
        "Maria yes, also personal data + Administ",
        "Nora no − Manager : none of the accounts",
    ]
    assert boss.get("/administration/sight?customer=abc").status_code == 400
    assert boss.get("/administration/sight?customer=5").status_code == 400


def test_one_sees_as_another_to_read_only_and_both_ends_are_entered(app: object, boss: TestClient) -> None:
    come_in(app, "Eva", "executive")
    assert sent(boss, "/view-as", user="Eva").status_code == 303  # type: ignore[attr-defined]
    assert boss.get("/administration").status_code == 403  # Eva may not
    page = boss.get("/explore").text
    assert "Eva" in page
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    refused = boss.post("/explore/views", data={"form_token": token[1], "name": "x", "question": "measures=revenue"})
    assert refused.status_code == 403
    assert boss.post("/view-as/end", data={"form_token": token[1]}).status_code == 303
    assert boss.get("/administration").status_code == 200
    assert [a for _, a in actions(app) if a.startswith("session.")] == ["session.view-as-ended", "session.view-as"]


def test_nobody_else_may_see_as_another(app: object, boss: TestClient) -> None:
    eva = come_in(app, "Eva", "executive")
    token = re.search(r'name="form_token" value="([^"]+)"', eva.get("/explore").text)
    assert token is not None
    assert eva.post("/view-as", data={"form_token": token[1], "user": "Maria"}).status_code == 403


def test_the_log_is_filtered_paged_checked_and_taken_out(
    app: object, boss: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientela.web.staff.log.AT_ONCE", 2)
    for name in ("Ana", "Bea", "Carla"):
        added(boss, name)
    page = boss.get("/administration/audit?what=user.added").text
    assert page.count('<tr><th scope="row">') == 2
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    assert boss.get(html.unescape(following[1])).text.count('<tr><th scope="row">') == 2
    assert "All is whole" in boss.get("/administration/audit?check=1").text
    assert boss.get("/administration/audit?from=soon").status_code == 400
    assert boss.get("/administration/audit?who=nobody").status_code == 400
    file = boss.get("/administration/audit/file")
    assert file.headers["content-type"].startswith("text/csv")
    assert "user.added" in file.text
    assert actions(app)[0][1] == "audit.exported"


def test_a_user_who_is_not_there_is_not_found(boss: TestClient) -> None:
    assert boss.get("/administration/users/nobody").status_code == 404
    assert boss.get("/administration/users/nobody/end").status_code == 404
