"""The door before an application of another kind, as the API is one."""

import logging

import pytest
from fastapi import Body, FastAPI, Request
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from clientela.errors import BusyError
from clientela.http import bodies
from clientela.http.door import Door

app = FastAPI()


@app.post("/api/told")
def told(said: dict[str, str] = Body(...)) -> int:  # noqa: B008 - as FastAPI has it
    return len(said["x"])


@app.post("/api/file")
async def file(request: Request) -> int:
    bodies.allow(request.scope, 5_000_000)
    return len(await request.body())


@app.get("/halfway")
def halfway() -> None:
    raise RuntimeError("FastAPI answers this, and then tells of it")


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/busy":
        raise BusyError("app.sqlite", 30)
    raise RuntimeError("Ana Ruiz, ana@example.com")


@pytest.fixture
def client() -> TestClient:
    return TestClient(Door(app), base_url="http://127.0.0.1:8000")


@pytest.fixture
def failing() -> TestClient:
    return TestClient(Door(bare), base_url="http://127.0.0.1:8000")


def test_a_framework_that_cannot_read_a_body_does_not_hide_why(client: TestClient) -> None:
    answered = client.post("/api/told", json={"x": "a" * 3_000_000})
    assert answered.status_code == 413
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert "2 MB" in answered.json()["detail"]
    assert client.post("/api/told", content=b"{").status_code == 422
    assert client.post("/api/told", json={"x": "a" * 1_000_000}).json() == 1_000_000


def test_a_route_for_files_allows_itself_more(client: TestClient) -> None:
    assert client.post("/api/file", content=b"a" * 4_000_000).json() == 4_000_000
    assert client.post("/api/file", content=b"a" * 6_000_000).status_code == 413


def test_what_goes_wrong_is_one_sentence_and_no_trace(failing: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "clientela.requests")
    failed = failing.get("/broken?email=ana@example.com", headers={"cookie": "clientela=cls_secret"})
    assert failed.status_code == 500
    number = failed.headers["x-request-id"]
    assert number in failed.text
    told = [record.told for record in caplog.records if hasattr(record, "told")]
    assert [each["request"] for each in told] == [number, number]
    assert told[0]["error"] == "RuntimeError"
    for secret in ("Ana", "ana@", "cls_secret", "email"):
        assert secret not in failed.text + str(told)


def test_what_is_busy_says_when_to_come_again(failing: TestClient) -> None:
    answered = failing.get("/busy")
    assert (answered.status_code, answered.headers["retry-after"]) == (503, "5")


def test_a_request_names_one_host(failing: TestClient) -> None:
    twice = failing.get("/busy", headers=[("host", "127.0.0.1"), ("host", "localhost")])
    assert twice.status_code == 400


def test_what_was_answered_already_is_not_answered_twice(client: TestClient) -> None:
    answered = client.get("/halfway")
    assert answered.status_code == 500
    assert answered.headers["x-content-type-options"] == "nosniff"
