"""An assistant asks what its user may ask, reads only, and is told in words what it may not see."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import clientela
from clientela.api.caller import Entry
from clientela.http.site import Site
from clientela.present.document import described_json, insight_json, table_json
from clientela.workspace import describe
from tests.api.conftest import asked, site, token_of  # noqa: F401 - fixtures
from tests.pipeline.company import NOW

mcp = pytest.importorskip("mcp", reason="needs the extra mcp")


def in_process(folder: Path, user: str | None, work: Callable[[Any], Awaitable[Any]]) -> Any:
    """What ``work`` makes of a client of the server."""
    from clientela.mcp.tools import Asking, server

    asking = Asking(workspace=clientela.open(folder), user=user, actor="", now=NOW)

    async def told() -> Any:
        async with mcp.Client(server(lambda _: asking)) as client:
            return await work(client)

    return anyio.run(told)


def test_every_tool_reads_only(asked: Path) -> None:  # noqa: F811
    async def tools(client: Any) -> Any:
        return (await client.list_tools()).tools

    found = {each.name: each for each in in_process(asked, None, tools)}
    assert sorted(found) == ["ask_insight", "list_insights", "list_measures", "list_members", "query_figures"]
    assert all(each.annotations.read_only_hint and each.description for each in found.values())


def test_answers_are_those_a_person_gets(asked: Path, site: Site) -> None:  # noqa: F811
    token_of(site, "mara", "executive")

    async def answers(client: Any) -> Any:
        return [
            (await client.call_tool("ask_insight", {"name": "sales-trend", "lang": "es"})).structured_content,
            (await client.call_tool("query_figures", {"measures": ["revenue"], "by": ["quarter"]})).structured_content,
        ]

    insight, figures = in_process(asked, "mara", answers)
    home = clientela.open(asked)
    own = insight_json(home.ask("sales-trend", user="mara", now=NOW).said, "es")
    own.pop("chart")
    assert insight == json.loads(json.dumps(own))
    assert figures["rows"] == table_json(home.query("revenue", by=["quarter"]).table)["rows"]


@pytest.mark.parametrize(
    ("tool", "said", "told"),
    [
        ("ask_insight", {"name": "none"}, "unknown analysis 'none'"),
        ("query_figures", {"measures": ["revenu"]}, "unknown measure 'revenu'"),
        ("query_figures", {"measures": ["revenue"], "where": "channel ="}, "channel"),
        ("list_members", {"dimension": "colour"}, "unknown dimension 'colour'"),
    ],
)
def test_a_wrong_question_gets_one_sentence(asked: Path, tool: str, said: dict[str, Any], told: str) -> None:  # noqa: F811
    async def answer(client: Any) -> Any:
        return await client.call_tool(tool, said)

    found = in_process(asked, None, answer)
    assert found.is_error
    assert told in found.content[0].text
    assert "Traceback" not in found.content[0].text


@pytest.fixture
def over_http(site: Site) -> Iterator[TestClient]:  # noqa: F811
    from clientela.mcp.serving import OverHttp

    made = OverHttp(site)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(made.lifespan())
            yield

    app = Starlette(routes=[Mount("/mcp", app=Entry(made.app, site))], lifespan=lifespan)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def called(client: TestClient, token: str, tool: str, arguments: dict[str, Any]) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    return client.post("/mcp/", json=message, headers=headers)


def test_over_http_each_token_sees_its_own(over_http: TestClient, site: Site) -> None:  # noqa: F811
    question = {"measures": ["revenue"]}
    assert called(over_http, "", "query_figures", question).status_code == 401
    wide = called(over_http, token_of(site, "wanda", "executive"), "query_figures", question).json()["result"]
    assert wide["structuredContent"]["rows"] == table_json(clientela.open(site.folder).query("revenue").table)["rows"]
    none = called(over_http, token_of(site, "nadia"), "query_figures", question).json()["result"]
    assert none["isError"] and "holds no role" in none["content"][0]["text"]
    closed = called(over_http, token_of(site, "wanda", permissions=("deliver",)), "query_figures", question).json()
    assert "does not permit 'read'" in closed["result"]["content"][0]["text"]
    stan = called(over_http, token_of(site, "stella", "statistician"), "list_members", {"dimension": "year"})
    assert stan.json()["result"]["isError"]


def test_measures_are_described_as_to_programs(asked: Path) -> None:  # noqa: F811
    async def answers(client: Any) -> Any:
        every = await client.call_tool("list_measures", {"lang": "es"})
        some = await client.call_tool("list_measures", {"like": "reve"})
        return every.structured_content, some.structured_content

    every, some = in_process(asked, None, answers)
    for kind in ("measure", "dimension"):
        assert every[f"{kind}s"] == json.loads(json.dumps(described_json(describe(asked), kind, "es")))
    assert {"revenue"} <= {each["name"] for each in some["measures"]} < {each["name"] for each in every["measures"]}
