"""Brief pages are answered few at a time, all others as many as there are threads."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import anyio
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response

from clientela.errors import ClientelaError
from clientela.http.guard import BRIEF_AT_ONCE, LANE, Page, routes
from clientela.http.visit import Visit

ASKED = 8


def failed(_: Visit, error: ClientelaError) -> Response:
    raise error


def most_at_once(*, brief: bool) -> int:
    """How many of eight requests that come together are being answered at one moment, at the most."""
    inside, most, lock = 0, 0, threading.Lock()
    others = threading.Barrier(1 if brief else BRIEF_AT_ONCE + 1)

    def answer(_: Visit) -> Response:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        others.wait(30)
        time.sleep(0.01)
        with lock:
            inside -= 1
        return PlainTextResponse("ok")

    page = Page(path="/", name="page", answer=answer, open=True, brief=brief)
    app = Starlette(routes=routes([page], failed))
    app.state.site = SimpleNamespace(clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), session_cookie="nobody")
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        return None

    async def ask() -> None:
        setattr(app.state, LANE, CapacityLimiter(BRIEF_AT_ONCE))
        async with anyio.create_task_group() as group:
            for _ in range(ASKED):
                group.start_soon(app, dict(scope), receive, send)

    anyio.run(ask)
    return most


def test_brief_pages_are_answered_few_at_a_time() -> None:
    assert most_at_once(brief=True) <= BRIEF_AT_ONCE


def test_other_pages_do_not_wait_for_each_other() -> None:
    assert most_at_once(brief=False) > BRIEF_AT_ONCE
