"""Work that goes wrong in a child process ends there, with a sentence."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from clientela.errors import SandboxError
from clientela.sandbox import run_limited


def run(function: str, *, wall_seconds: float = 30, **arguments: object) -> Any:
    return run_limited(
        f"tests.unit.misbehaving:{function}",
        arguments,
        memory_bytes=512 << 20,
        cpu_seconds=1,
        wall_seconds=wall_seconds,
        file_bytes=10 << 20,
    )


def test_a_function_gives_its_result_and_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTELA_SECRET", "canary")
    assert run("greeting", name="Ana") == {"said": "hello Ana", "environment": []}


@pytest.mark.parametrize(
    ("name", "arguments", "reason", "said"),
    [
        ("much_memory", {"megabytes": 600}, "memory", "it needs more than 512 MB of memory"),
        ("endless", {}, "time", "it used too much processor time"),
        ("abort", {}, "memory", "it needs more than 512 MB of memory"),
        ("crash", {}, "broken", "it ended with code -11 and gave no answer"),
        ("ended", {}, "broken", "it ended with code 7 and gave no answer"),
        ("killed", {}, "broken", "it ended with code -15 and gave no answer"),
        ("refuse", {}, "refused", "source 'shop': orders.xlsx holds no sheet."),
        ("fail", {}, "failed", "ValueError"),
        ("no_json", {}, "failed", "TypeError"),
        ("long_answer", {}, "broken", "its answer is too long"),
        ("nothing_of_this_name", {}, "failed", "AttributeError"),
    ],
)
def test_what_goes_wrong_in_the_child_is_one_error_with_a_sentence(
    name: str, arguments: dict[str, object], reason: str, said: str
) -> None:
    with pytest.raises(SandboxError) as caught:
        run(name, **arguments)
    assert (caught.value.reason, caught.value.said) == (reason, said)


def test_a_child_that_waits_is_killed_when_its_time_is_up() -> None:
    start = time.monotonic()
    with pytest.raises(SandboxError, match="it took too long"):
        run("asleep", wall_seconds=1)
    assert time.monotonic() - start < 10


def test_a_file_may_not_grow_beyond_its_limit(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        run("large_file", path=str(tmp_path / "large"))
    assert (caught.value.reason, caught.value.said) == ("size", "File too large")
    assert (tmp_path / "large").stat().st_size <= 10 << 20
