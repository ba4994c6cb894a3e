"""Looking for a customer and their page: right, within the reader's scope, nothing unescaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.segments.words import group_named
from clientela.appdb.audit import listing
from clientela.appdb.database import open_database
from clientela.cube.customer.asked import rows, rows_written
from clientela.cube.customer.of_one import One
from clientela.pipeline import serving
from clientela.pipeline.asking import watched
from clientela.pipeline.asking.scope import Asker, asker_of
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.create import cursor_key
from clientela.pipeline.pages.parts import PARTS
from clientela.present.say import say
from tests.web.conftest import Visitor
from tests.web.customers.conftest import Seer
from tests.web.customers.dealings import NAMES, NOW

ALL_PLACES = frozenset(each[5] for each in NAMES.values())
OUTSIDE = "outside what you may see"


def test_the_page_tells_value_history_permissions_and_records(seer: Seer, numbers: dict[str, str]):
    page = seer("Ada").get(f"/customers/{numbers['c0']}").text
    assert "Ana García López" in page
    assert "€680" in page  # 17 orders of 40 each
    assert "Complained</b> late · still open" in page
    assert "Objected</b> telephone, for offers" in page
    assert "2 records joined into one" in page
    assert re.search(
        r"E-mail<span class=\"beneath\">offers</span></dt><dd><span aria-hidden=\"true\">✓</span> <b>Yes", page
    )
    assert "never asked" in page  # by post, which another customer allowed
    assert "regulars" in page


@pytest.mark.parametrize("territories", [None, ALL_PLACES, frozenset({"nowhere"})])
def test_joined_records_are_told_as_they_would_be_answered(lived_folder: Path, numbers: dict[str, str], territories):  # type: ignore[no-untyped-def] # of the parameters
    scope = None
    if territories is not None:
        scope = Scope((Right(reach=(Area(territories=territories),), columns=Names(("*",)), measures=Names(("*",))),))
    seen = {"records": 0, "identity_event": 0}
    with serving.opened(lived_folder) as (reader, served):
        view = knowledge_in(reader, served.snapshot, None, scope=scope).view
        for number in map(int, sorted({*numbers.values()})):
            for part in PARTS:
                if part.name in seen:
                    there = rows_written(view, part.question, One(view, number, PARTS))
                    assert there is not None
                    assert sorted(map(repr, there)) == sorted(
                        map(repr, rows(view, part.question, One(view, number)) or [])
                    )
                    seen[part.name] += len(there)
    assert (seen["records"] > 0) is (territories != frozenset({"nowhere"}))
    assert territories is not None or seen["identity_event"] > 0


def test_figures_are_those_of_the_cube(lived_folder: Path, numbers: dict[str, str]):
    company = clientela.open(lived_folder)
    told = company.customers.one(numbers["c1"])
    cube = company.query("revenue", "orders", "margin", by=["customer"], where=f"customer = {numbers['c1']}").table.rows
    assert [told.page[name] for name in ("revenue", "orders", "margin")] == [*cube[0][1:4]]  # type: ignore[union-attr]


def test_the_page_tells_the_groups_a_customer_is_in_now(seer: Seer, lived_folder: Path, numbers: dict[str, str]):
    company = clientela.open(lived_folder)
    columns = ["customer_id", "family", "segment", "valid_to"]
    kept = company.rows.page("group_member", columns, limit=1000).rows.rows
    of_one = {str(family): str(group) for who, family, group, until in kept if str(who) == numbers["c0"] and not until}
    assert "rfm" in of_one
    told = company.customers.one(numbers["c0"])
    assert {say(each.name) for each in told.groups} == {say(group_named(group)) for group in of_one.values()}  # type: ignore[union-attr]
    page = seer("Ada").get(f"/customers/{numbers['c0']}").text
    assert f"<b>{say(group_named(of_one['rfm']))}</b>" in page
    assert "By recency, frequency and money" in page


def test_personal_fields_are_covered_until_a_purpose_is_said_and_that_is_audited(
    seer: Seer, numbers: dict[str, str], lived_folder: Path
):
    browser = seer("Ada")
    covered = browser.get(f"/customers/{numbers['c0']}")
    assert "a•••••@example.org" in covered.text
    assert "ana.garcia@example.org" not in covered.text
    shown = browser.get(f"/customers/{numbers['c0']}?purpose=complaint")
    assert "ana.garcia@example.org" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    with open_database(lived_folder, now=NOW) as database, database.reading() as connection:
        latest = listing.listed(connection, about=f"customer:{numbers['c0']}", action="personal.read", limit=1)[0]
    assert latest.purpose == "complaint"
    assert f"customer:{numbers['c0']}" in latest.objects
    assert "column:customer.email" in latest.objects


def test_an_unknown_customer_and_one_outside_the_scope_get_the_same_page(seer: Seer, numbers: dict[str, str]):
    nora = seer("Nora", "manager", territories=["north"])
    outside, unknown = (nora.get(f"/customers/{number}") for number in (numbers["c3"], "123456789"))
    assert outside.status_code == unknown.status_code == 403
    assert OUTSIDE in outside.text
    assert _without_tokens(outside.text) == _without_tokens(unknown.text)
    assert nora.get(f"/customers/{numbers['c1']}").status_code == 200


def _without_tokens(page: str) -> str:
    return re.sub(r'name="(?:form_token|next)" value="[^"]*"', "", page)


def test_who_sees_all_is_told_that_there_is_no_such_customer(seer: Seer):
    assert seer("Ada").get("/customers/123456789").status_code == 404
    assert seer("Ada").get("/customers/nobody").status_code == 404


def test_an_earlier_number_leads_to_the_present_one(seer: Seer, numbers: dict[str, str], lived_folder: Path):
    merged = {numbers["c0"], numbers["m-1"]}
    assert len(merged) == 1
    rows = clientela.open(lived_folder).rows.page("identity", ["customer_ref"]).rows.rows
    gave = (str(int(str(ref)[:15], 16)) for (ref,) in rows)
    earlier = next(number for number in gave if number not in numbers.values())
    answer = seer("Ada").get(f"/customers/{earlier}")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/customers/{numbers['c0']}")


def test_a_role_without_scores_margins_or_names_reads_outside_your_scope(seer: Seer, numbers: dict[str, str]):
    serving = seer("Serv", "service", territories=["spain"]).get(f"/customers/{numbers['c0']}").text
    scores = serving.split('id="scores"')[1].split("</section>")[0]
    assert "outside your scope" in scores
    assert re.search(r"Margin so far</dt><dd><span class=\"outside\">outside your scope", serving)
    analyst = seer("Ivy", "analyst").get(f"/customers/{numbers['c0']}").text
    assert "García" not in analyst
    assert "example.org" not in analyst
    assert f"Customer {numbers['c0']}" in analyst


def test_who_sees_figures_of_many_only_sees_no_customer(seer: Seer, numbers: dict[str, str]):
    many = seer("Manny", "statistician")
    assert many.get(f"/customers/{numbers['c0']}").status_code == 403
    assert many.get("/customers").status_code == 403
    assert many.get("/customers?q=ana").status_code == 403


def test_a_part_of_a_name_finds_without_accents_and_in_any_order(seer: Seer, numbers: dict[str, str]):
    browser = seer("Ada")
    for said in ("garcia", "GARCÍA ana", "lop ana", "lópez"):
        found = browser.get("/customers", params={"q": said}).text
        assert f"/customers/{numbers['c0']}" in found, said
        assert f"/customers/{numbers['c3']}" not in found, said
    both = browser.get("/customers", params={"q": "ana"}).text
    assert f"/customers/{numbers['c0']}" in both
    assert f"/customers/{numbers['c3']}" in both


def test_every_identifier_finds(seer: Seer, numbers: dict[str, str]):
    browser = seer("Ada")
    for said in ("bruno@example.org", "600 333 444", "c1"):
        assert f"/customers/{numbers['c1']}" in browser.get("/customers", params={"q": said}).text, said
    for said in (numbers["c1"], "shop:c1"):
        assert browser.get("/customers", params={"q": said}).status_code == 303, said


def test_nobody_outside_the_scope_is_found_or_hinted_at(seer: Seer, numbers: dict[str, str]):
    nora = seer("Nora", "manager", territories=["north"])
    for said in ("torres", "Ana Torres", "torres@example.org", "600777888", "c3", "shop:c3", numbers["c3"], "torrez"):
        found = nora.get("/customers", params={"q": said})
        assert found.status_code == 200, said
        told = found.text.split("</form>")[-1].replace(f"“{said}”", "")  # without what was typed, which forms repeat
        assert numbers["c3"] not in told, said
        assert "Torres" not in told, said
        assert "/customers/" not in told, said


def test_who_sees_no_names_finds_by_number_alone(seer: Seer, numbers: dict[str, str]):
    ivy = seer("Ivy", "analyst")
    for said in ("ana", "bruno@example.org", "600333444", "c1", "shop:c1"):
        assert "/customers/" + numbers["c1"] not in ivy.get("/customers", params={"q": said}).text, said
    assert ivy.get("/customers", params={"q": numbers["c1"]}).status_code == 303


def test_names_are_escaped_everywhere(seer: Seer, numbers: dict[str, str]):
    browser = seer("Ada")
    for address in (f"/customers/{numbers['c2']}", "/customers?q=script", "/customers?q=<script>alert(1)</script>"):
        page = browser.get(address).text
        assert "<script>alert" not in page, address
        assert "&lt;script&gt;alert" in page, address


def test_the_lists_to_begin_with_hold_only_whom_one_sees(seer: Seer, numbers: dict[str, str]):
    nora = seer("Nora", "manager", territories=["north"])
    for name in ("valuable", "recent", "risk", "nothing-such"):
        page = nora.get(f"/customers?list={name}")
        assert page.status_code == 200
        for key, told in NAMES.items():
            if told[5] == "south":
                assert numbers[key] not in page.text


def test_the_timeline_goes_on_page_by_page(seer: Seer, numbers: dict[str, str]):
    browser = seer("Ada")
    seen: list[str] = []
    address: str | None = f"/customers/{numbers['c0']}?only=orders"
    while address is not None:
        page = browser.get(address).text
        seen += re.findall(r'<time datetime="([\d-]+)">', page)
        older = re.search(r'rel="next" href="([^"#]+)', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == len(set(seen)) == 17
    assert seen == sorted(seen, reverse=True)
    assert browser.get(f"/customers/{numbers['c0']}?before=broken").status_code == 400
    assert browser.get(f"/customers/{numbers['c0']}?only=weather").status_code in (400, 404)


def test_in_spanish_the_page_says_so(seer: Seer, numbers: dict[str, str]):
    page = seer("Ada").get(f"/customers/{numbers['c0']}?lang=es").text
    assert '<html lang="es"' in page


def test_only_who_may_decide_takes_a_record_out_and_the_next_run_does_it(seer: Seer, numbers: dict[str, str]):
    nora = seer("Nora", "manager", territories=["north"])
    address = f"/customers/{numbers['c0']}"
    assert "Take a record out" not in nora.get(address).text
    refused = nora.post(f"{address}/split", data={"record": "office:m-1", "reason": "x"})
    assert refused.status_code == 403
    ada = seer("Ada")
    token = re.search(r'name="form_token" value="([^"]+)"', ada.get(address).text)
    assert token is not None
    sent = {"form_token": token[1], "record": "office:m-1"}
    assert ada.post(f"{address}/split", data=sent).status_code == 400  # no reason
    assert ada.post(f"{address}/split", data={**sent, "record": "shop:c1", "reason": "no"}).status_code == 400
    done = ada.post(f"{address}/split", data={**sent, "reason": "two people"})
    assert done.status_code == 303
    assert "1 decision about these records was made since the last run" in ada.get(address).text


def test_who_has_no_name_is_listed_by_their_key_where_it_may_be_seen(visitor: Visitor, served: Path):
    rows = clientela.open(served).rows.page("identity", ["record_id", "customer_id"], limit=1000).rows.rows
    keys = {str(number): str(key) for key, number in rows}
    page = visitor("Ada").get("/customers?list=recent").text
    listed = re.findall(r'<a href="/customers/(\d+)">Customer ([^<]+)</a><span class="beneath">(\d+)</span>', page)
    assert len(listed) >= 10
    assert all((keys[number], number) == (key, beneath) for number, key, beneath in listed)
    with open_database(served, now=NOW) as database, database.reading() as connection:
        assert "column:identity.record_id" in listing.listed(connection, action="personal.read", limit=1)[0].objects
    number, key, _ = listed[0]
    one = visitor("Ada").get(f"/customers/{number}").text
    assert f"<h1>Customer {key}</h1>" in one
    assert f"Number {number}" in one
    hidden = visitor("Ivy", "analyst").get("/customers?list=recent").text
    assert re.findall(r'<a href="/customers/(\d+)">Customer \1</a></th>', hidden) == [each[0] for each in listed]
    assert f"<h1>Customer {number}</h1>" in visitor("Ivy", "analyst").get(f"/customers/{number}").text


def test_the_key_of_cursors_lies_in_the_workspace(lived_folder: Path):
    with serving.opened(lived_folder) as (reader, served):
        key = knowledge_in(reader, served.snapshot, None).view.sealing()
    assert key == cursor_key(lived_folder)
    assert (lived_folder / "secrets" / "cursor.key").exists()
    assert not (lived_folder.parent / "secrets").exists()


def test_a_page_finds_out_once_who_asks(seer: Seer, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    found = []

    def asked(folder: Path, name: str, **given: Any) -> Asker:
        found.append(name)
        return asker_of(folder, name, **given)

    browser = seer("Nora", "manager", territories=["north"])
    monkeypatch.setattr(watched, "asker_of", asked)
    for _ in range(2):
        assert browser.get(f"/customers/{numbers['c0']}").status_code == 200
    assert len(found) == 2
