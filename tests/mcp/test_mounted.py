"""The server answers assistants beside its pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clientela.http.site import Site
from clientela.serve import assistants
from clientela.serve.application import application
from tests.api.conftest import asked, token_of  # noqa: F401 - a fixture
from tests.pipeline.company import NOW

pytest.importorskip("mcp", reason="needs the extra mcp")
ASKS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_insights", "arguments": {}}}


def test_assistants_are_answered_beside_the_pages(asked: Path) -> None:  # noqa: F811
    app = application(asked, clock=lambda: NOW)
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        assert client.post("/mcp/", json=CALL, headers=ASKS).status_code == 401
        token = token_of(app.state.site, "mounted", "executive")
        told = client.post("/mcp/", json=CALL, headers={**ASKS, "authorization": f"Bearer {token}"})
        names = [each["name"] for each in told.json()["result"]["structuredContent"]["insights"]]
    assert "churn-risk" in names


def test_what_answers_assistants_is_loaded_with_the_first_of_them(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    loaded, load = [], assistants._over_http

    def noted(site: Site) -> object:
        loaded.append(site)
        return load(site)

    monkeypatch.setattr(assistants, "_over_http", noted)
    app = application(asked, clock=lambda: NOW)
    for begun in (1, 2):  # what the SDK begins can be begun once: the second time it is made anew
        with TestClient(app, base_url="http://127.0.0.1:8080") as client:
            assert client.post("/mcp/", json=CALL, headers=ASKS).status_code == 401
            assert len(loaded) == begun - 1
            headers = {**ASKS, "authorization": f"Bearer {token_of(app.state.site, f'first-{begun}', 'executive')}"}
            for _ in range(2):
                assert client.post("/mcp/", json=CALL, headers=headers).status_code == 200
        assert len(loaded) == begun
