"""An assistant on this machine starts ``clientela mcp`` and talks to it over pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import asked  # noqa: F401 - a fixture

pytest.importorskip("mcp", reason="needs the extra mcp")


def spoken(
    folder: Path, messages: list[dict[str, Any]], *options: str, last: int | None = None
) -> tuple[dict[int, dict[str, Any]], str, int]:
    """What the server answers to messages by their ids, until it has answered ``last``; what it says, how it ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "clientela", "mcp", "-w", str(folder), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None and server.stderr is not None
        answers: dict[int, dict[str, Any]] = {}
        for message in messages:
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            server.stdin.flush()
        while last is not None and last not in answers:
            told = json.loads(server.stdout.readline())
            answers |= {told["id"]: told} if "id" in told else {}
        server.stdin.close()
        said = server.stderr.read()
        return answers, said, server.wait(timeout=60)


def test_an_assistant_is_answered_over_pipes(asked: Path) -> None:  # noqa: F811
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    answers, _, code = spoken(
        asked,
        [
            {"id": 1, "method": "initialize", "params": hello},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": {"name": "list_members", "arguments": {"dimension": "year"}}},
        ],
        "--as",
        "role:executive",
        last=2,
    )
    assert answers[1]["result"]["serverInfo"]["name"] == "clientela"
    assert answers[2]["result"]["structuredContent"]["members"] == ["2023-01-01", "2024-01-01"]
    assert code == 0


def test_who_is_not_known_is_said_before_anything_is_answered(asked: Path) -> None:  # noqa: F811
    told, said, code = spoken(asked, [], "--as", "nobody-of-this-name")
    assert (told, code) == ({}, 2)
    assert "nobody-of-this-name" in said
