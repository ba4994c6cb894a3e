import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from clientela.errors import SentTooMuchError, SentTooSlowlyError
from clientela.http import bodies


def body(pieces: list[bytes], *, declared: int | None = None, pause: float = 0.0) -> bodies.Body:
    waiting: Iterator[bytes] = iter(pieces)
    left = len(pieces)

    async def receive() -> dict[str, Any]:
        nonlocal left
        await asyncio.sleep(pause)
        left -= 1
        return {"type": "http.request", "body": next(waiting), "more_body": left > 0}

    return bodies.Body(receive, declared, limit=100)


async def whole(sent: bodies.Body) -> int:
    while not sent.whole:
        await sent()
    return sent.read


def test_what_fits_is_read_whole() -> None:
    assert asyncio.run(whole(body([b"a" * 50, b"b" * 50]))) == 100


def test_what_says_it_is_too_large_is_not_read() -> None:
    sent = body([b"a"], declared=101)
    with pytest.raises(SentTooMuchError):
        asyncio.run(whole(sent))
    assert sent.read == 0


def test_what_turns_out_too_large_is_cut_off() -> None:
    with pytest.raises(SentTooMuchError, match="0 MB"):
        asyncio.run(whole(body([b"a" * 60, b"b" * 60, b"c"])))


def test_a_page_for_files_allows_more() -> None:
    sent = body([b"a" * 60, b"b" * 60])
    bodies.allow({bodies.KEY: sent}, 200)
    assert asyncio.run(whole(sent)) == 120


def test_who_sends_nothing_for_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 0.05)
    with pytest.raises(SentTooSlowlyError):
        asyncio.run(whole(body([b"a", b"b"], pause=1.0)))


def test_who_sends_a_byte_now_and_then_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.05)
    with pytest.raises(SentTooSlowlyError):
        asyncio.run(whole(body([b"a"] * 90, pause=0.02)))
