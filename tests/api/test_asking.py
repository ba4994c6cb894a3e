"""Programs ask what persons ask, within the rights of whose token they show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clientela
from clientela.api.problems import MEDIA_TYPE
from clientela.present.document import insight_json, table_json, total_json
from tests.api.conftest import Program
from tests.pipeline.company import NOW


@pytest.fixture
def ana(program: Program) -> TestClient:
    return program("ana", "executive")


def test_without_a_token_only_the_description_is_told(program: Program) -> None:
    nobody = program("")
    told = nobody.get("/openapi.json")
    assert told.status_code == 200
    addresses = [
        path.replace("{name}", "sales-trend").replace("{table}", "order_line") for path in told.json()["paths"]
    ]
    assert len(addresses) > 10
    for address in [*addresses, "/nowhere"]:
        refused = nobody.get(address)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.headers["content-type"] == MEDIA_TYPE
    wrong = program("")
    wrong.headers["authorization"] = "Bearer cla_unknown"
    assert wrong.get("/status").status_code == 401


def test_figures_are_those_of_the_cube(ana: TestClient, asked: Path) -> None:
    told = ana.get("/figures", params={"measure": ["revenue", "customers"], "by": "quarter"})
    assert told.status_code == 200
    own = clientela.open(asked).query("revenue", "customers", by=["quarter"])
    assert told.json()["rows"] == table_json(own.table)["rows"]
    assert told.json()["total"] == total_json(own.table)
    assert told.json()["snapshot"] == own.snapshot


def test_an_insight_is_the_one_a_person_gets(ana: TestClient, asked: Path) -> None:
    told = ana.get("/insights/sales-trend", params={"lang": "es"})
    assert told.status_code == 200
    own = clientela.open(asked).ask("sales-trend", user="ana", now=NOW)
    assert told.json() == json.loads(json.dumps(insight_json(own.said, "es")))
    assert {each["name"] for each in ana.get("/insights").json()["insights"]} >= {"sales-trend", "churn-risk"}


def test_an_answer_that_is_there_already_is_not_sent_again(ana: TestClient, program: Program) -> None:
    first = ana.get("/figures", params={"measure": "revenue"})
    mark = first.headers["etag"]
    again = ana.get("/figures", params={"measure": "revenue"}, headers={"if-none-match": mark})
    assert (again.status_code, again.content) == (304, b"")
    assert ana.get("/figures", params={"measure": "orders"}, headers={"if-none-match": mark}).status_code == 200
    other = program("olga", "statistician").get(
        "/figures", params={"measure": "revenue"}, headers={"if-none-match": mark}
    )
    assert other.status_code == 200


def test_rows_come_page_by_page(ana: TestClient) -> None:
    seen: list[list[object]] = []
    address: str | None = "/records/order_line?limit=400&column=order_id&column=net_revenue&order=order_id"
    while address is not None:
        told = ana.get(address)
        assert told.headers["cache-control"] == "no-store"
        seen += told.json()["rows"]
        link = told.headers.get("link")
        assert (link is None) == (told.json()["next_cursor"] is None)
        address = None if link is None else link[1 : link.index(">")]
    revenue = ana.get("/figures", params={"measure": "revenue"}).json()["rows"][0][0]
    assert len({row[0] for row in seen}) == len(seen) > 400
    assert sum(float(str(row[1])) for row in seen) == pytest.approx(float(revenue), abs=1e-6)


def test_who_may_not_see_it_is_told_so(program: Program) -> None:
    nobody = program("nora")
    refused = nobody.get("/figures", params={"measure": "revenue"})
    assert (refused.status_code, refused.headers["content-type"]) == (403, MEDIA_TYPE)
    assert "holds no role" in refused.json()["detail"]
    rows = program("sam", "statistician").get("/records/order_line")
    assert rows.status_code == 403


def test_a_token_permits_only_what_it_says(program: Program) -> None:
    narrow = program("dora", "executive", permissions=("deliver",))
    assert narrow.get("/status").status_code == 403
    assert "does not permit 'read'" in narrow.get("/status").json()["detail"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/insights/none", 404, "there is no analysis 'none'"),
        ("/insights/sales-trend?set=days", 400, "'days' sets nothing"),
        ("/insights/sales-trend?set=dayz=3", 400, "unknown parameter"),
        ("/insights/sales-trend?as_of=yesterday", 422, "/query/as_of"),
        ("/figures", 422, "/query/measure"),
        ("/figures?measure=revenu", 400, "Did you mean 'revenue'?"),
        ("/figures?measure=revenue&by=colour", 400, "unknown dimension 'colour'"),
        ("/figures?measure=revenue&where=channel%20%3D", 400, "channel"),
        ("/figures?measure=revenue&as_of=2099-01-01", 400, "nothing is known yet"),
        ("/records/nothing", 404, "unknown table"),
        ("/records/order_line?limit=1001", 422, "/query/limit"),
        ("/records/order_line?cursor=abc", 400, "cursor"),
        ("/members/nothing", 404, "unknown dimension"),
        ("/segments/none/members", 404, "none"),
        ("/nowhere", 404, "nothing at this address"),
    ],
)
def test_a_wrong_question_gets_one_sentence(ana: TestClient, address: str, status: int, said: str) -> None:
    refused = ana.get(address)
    assert (refused.status_code, refused.headers["content-type"]) == (status, MEDIA_TYPE)
    told = refused.json()
    assert said in told["detail"]
    assert told["status"] == status
    assert "\n" not in told["detail"]


def test_another_method_is_refused(ana: TestClient) -> None:
    refused = ana.delete("/figures")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


def test_measures_members_segments_scores_and_runs(ana: TestClient) -> None:
    measures = ana.get("/measures", params={"lang": "it"}).json()
    assert {"revenue", "margin"} <= {each["name"] for each in measures["measures"]}
    assert ana.get("/members/year").json()["members"] == ["2023-01-01", "2024-01-01"]
    assert ana.get("/segments").json()["segments"] == []
    scores = ana.get("/scores", params={"where": "analysis = 'churn-risk'", "limit": 5}).json()
    assert [each["name"] for each in scores["columns"]][:2] == ["analysis", "customer_id"]
    assert all(isinstance(row[1], str) for row in scores["rows"])
    assert ana.get("/runs").json()["table"] == "run"
    assert ana.get("/status").json()["company"] == "Corner Shop"
