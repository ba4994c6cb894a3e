"""A customer as a program gets them is the customer that the page shows to the same person, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import clientela
from clientela.api.application import api
from clientela.appdb.audit import listing
from clientela.appdb.database import open_database
from clientela.http.site import Site
from clientela.pipeline.customers.told import CustomerSeen
from clientela.present.say import say
from tests.alone import held_open
from tests.api.conftest import ADDRESS, token_of
from tests.api.test_connected import connected
from tests.web.customers.dealings import NOW, lived

EMAIL = "ana.garcia@example.org"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived(tmp_path_factory.mktemp("lived") / "company").folder


@pytest.fixture(scope="module")
def numbers(folder: Path) -> dict[str, str]:
    """The customer's number by the shop's own key."""
    told = clientela.open(folder).rows.page("identity", ["record_id", "customer_id"]).rows.rows
    return {str(key): str(number) for key, number in told}


@pytest.fixture
def served(folder: Path) -> Iterator[Site]:
    with open_database(folder, now=NOW) as database, held_open(folder, database):
        yield Site(folder=folder, database=database, clock=lambda: NOW)


def program(site: Site, name: str, role: str, **scope: list[str]) -> TestClient:
    headers = {"authorization": f"Bearer {token_of(site, name, role, **scope)}"}
    return TestClient(api(site), base_url=ADDRESS, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def keeper(served: Site) -> TestClient:
    return program(served, "kim", "administrator")


def entered(site: Site) -> list[Any]:
    with site.database.reading() as connection:
        return list(listing.listed(connection))


def test_one_is_found_by_part_of_a_name_and_by_number(keeper: TestClient, numbers: dict[str, str]) -> None:
    for said in ("ana gar", numbers["c0"]):
        told = keeper.get("/customers", params={"search": said})
        assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
        first = told.json()["customers"][0]
        assert first["customer"] == numbers["c0"]
        assert first["name"] == "Ana García López"
    nobody = keeper.get("/customers", params={"search": "zzzzz", "lang": "es"}).json()
    assert (nobody["customers"], nobody["certain"]) == ([], False)
    assert nobody["says"]


def test_lists_to_begin_with(keeper: TestClient, folder: Path) -> None:
    told = keeper.get("/customers", params={"list": "valuable", "limit": 3}).json()
    own = clientela.open(folder).customers.listed("valuable", most=3)
    assert [each["customer"] for each in told["customers"]] == [str(each.number) for each in own.lines]
    assert (len(told["customers"]), told["more"]) == (3, True)


def test_a_customer_is_the_one_of_the_page(keeper: TestClient, folder: Path, numbers: dict[str, str]) -> None:
    told = keeper.get(f"/customers/{numbers['c0']}", params={"lang": "es"}).json()
    own = clientela.open(folder).customers.one(numbers["c0"], user="kim", now=NOW)
    assert isinstance(own, CustomerSeen)
    assert told["customer"] == numbers["c0"]
    assert told["sentence"] == say(own.sentence, "es")
    assert told["name"] == own.name
    assert told["masked"] is True
    assert told["fields"]["email"] == own.personal["email"] != EMAIL
    assert [each["key"] for each in told["records"]] == [each.key for each in own.records or ()]
    assert [each["title"] for each in told["timeline"]["events"]] == [
        say(each.title, "es") for each in (own.timeline.events if own.timeline else ())
    ]
    assert {each["name"] for each in told["segments"]} == {each.name for each in own.segments or ()}
    assert json.dumps(told)


def test_what_names_a_person_is_uncovered_for_a_purpose_and_entered(
    keeper: TestClient, served: Site, numbers: dict[str, str]
) -> None:
    place = f"/customers/{numbers['c0']}"
    refused = keeper.get(place, params={"reveal": "true"})
    assert refused.status_code == 400
    before = len(entered(served))
    told = keeper.get(place, params={"reveal": "true", "purpose": "complaint"}).json()
    [look, *_] = entered(served)
    assert len(entered(served)) > before
    assert (told["masked"], told["fields"]["email"]) == (False, EMAIL)
    assert (look.purpose, f"customer:{numbers['c0']}" in look.objects) == ("complaint", True)


def test_who_sees_a_part_is_not_told_who_else_there_is(served: Site, numbers: dict[str, str]) -> None:
    north = program(served, "nora", "manager", territories=["north"])
    answers = {key: north.get(f"/customers/{number}").status_code for key, number in numbers.items()}
    assert {200, 403} == {*answers.values()}
    outside = next(key for key, status in answers.items() if status == 403)
    assert north.get("/customers/1234567").status_code == 403
    found = north.get("/customers", params={"search": numbers[outside]}).json()
    assert found["customers"] == []


def test_who_sees_no_persons_sees_no_name(served: Site, numbers: dict[str, str]) -> None:
    told = program(served, "ada", "analyst").get(f"/customers/{numbers['c0']}").json()
    assert told["name"] is None
    assert {"email", "full_name", "phone"} <= {*told["hidden"]}
    assert not {"email", "full_name", "phone"} & told["fields"].keys()
    assert "García" not in json.dumps(told, ensure_ascii=False)
    many = program(served, "stan", "statistician")
    assert many.get(f"/customers/{numbers['c0']}").status_code == 403
    assert many.get("/customers", params={"search": "ana"}).status_code == 403


def test_scores_of_one(keeper: TestClient, numbers: dict[str, str]) -> None:
    told = keeper.get(f"/customers/{numbers['c0']}/scores").json()
    assert told["customer"] == numbers["c0"]
    assert told["scores"] == keeper.get(f"/customers/{numbers['c0']}").json()["scores"]
    assert all({"label", "value", "average", "reason", "asks"} == each.keys() for each in told["scores"])


@pytest.mark.parametrize(
    ("place", "status", "said"),
    [
        ("/customers/123456789", 404, "no customer 123456789"),
        ("/customers/Ana", 422, "/path/customer"),
        ("/customers?search=", 422, "/query/search"),
        ("/customers?list=best", 422, "/query/list"),
        ("/customers?limit=51", 422, "/query/limit"),
        ("/customers/123456789/scores", 404, "no customer 123456789"),
    ],
)
def test_a_wrong_question_gets_one_sentence(keeper: TestClient, place: str, status: int, said: str) -> None:
    refused = keeper.get(place)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert said in refused.json()["detail"]


def test_from_python(served: Site, numbers: dict[str, str]) -> None:
    with connected(served, token_of(served, "kim", "administrator")) as there:
        [first, *_] = there.customers("ana gar")["customers"]
        assert first["customer"] == numbers["c0"]
        told = there.customer(first["customer"], reveal=True, purpose="delivery")
        assert told["fields"]["street"] == "Calle Mayor 1"
