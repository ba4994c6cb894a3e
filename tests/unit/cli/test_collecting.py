"""A command looks seldom for what can be given back; one that lives long, and who called it, as often as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from clientela.cli import SELDOM, app, collect_as_usual, main

USUAL = (700, 10, 10)


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    was = gc.get_threshold()
    monkeypatch.setattr("clientela.cli._usual", USUAL)
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*was)


def _seen(monkeypatch: pytest.MonkeyPatch, *, lives_long: bool) -> list[tuple[int, int, int]]:
    seen = []

    def command(_: list[str]) -> int:
        seen.append(gc.get_threshold())
        if lives_long:
            collect_as_usual()
            seen.append(gc.get_threshold())
        return 0

    monkeypatch.setattr(app, "run", command)
    with pytest.raises(SystemExit):
        main(["status"])
    return [*seen, gc.get_threshold()]


def test_a_command_looks_seldom_and_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _seen(monkeypatch, lives_long=False) == [SELDOM, USUAL]


def test_a_command_that_lives_long_looks_as_often_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _seen(monkeypatch, lives_long=True) == [SELDOM, USUAL, USUAL]


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (["serve"], "clientela.serve.running.run"),
        (["mcp"], "clientela.mcp.serving.over_pipes"),
        (["schedule"], "clientela.workspace.opened.Workspace.schedule"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_the_commands_that_live_long_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, command: list[str], begins: str
) -> None:
    seen = []

    def begun(*_: object, **__: object) -> bool:
        seen.append(gc.get_threshold())
        return True

    monkeypatch.setattr(begins, begun)
    with pytest.raises(SystemExit):
        main(["init", str(tmp_path), "--name", "Corner Shop", "--currency", "EUR", "--timezone", "Europe/Madrid"])
    with pytest.raises(SystemExit) as ended:
        main([*command, "-w", str(tmp_path)])
    assert (ended.value.code, seen) == (0, [USUAL])
