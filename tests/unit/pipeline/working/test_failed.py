"""Why a job failed is kept as messages, and read again as the same."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from clientela.contracts.text import Text, ntext, text
from clientela.errors import ClientelaError, UnknownNameError
from clientela.pipeline.working.failed import kept, told


def again(error: ClientelaError) -> Text | None:
    return told(json.loads(json.dumps(kept(error))))


def test_a_message_comes_back_with_its_values() -> None:
    day, inner = date(2024, 5, 1), text("a whole number")
    said = text("{name} of {day} must be {what}, not {n}.", name="qty", day=day, what=inner, n=3)
    assert again(ClientelaError(said)) == said
    sized = again(ClientelaError(text("it is {size}", size=Decimal("2.50"))))
    assert sized is not None
    assert sized.values == {"size": "2.50"}


def test_several_messages_are_said_one_after_the_other() -> None:
    found = again(ClientelaError([text("a"), text("b"), text("c")]))
    assert found == text("{one}; {other}", one=text("{one}; {other}", one=text("a"), other=text("b")), other=text("c"))


def test_what_is_said_in_english_alone_is_not_kept() -> None:
    counted = ntext("{n} file", "{n} files", "n", n=2)
    for error in (ClientelaError("plain"), UnknownNameError("file", "a", ()), ClientelaError(counted)):
        assert kept(error) is None
    assert told(None) is None
    assert told({"run": 3}) is None
