"""Why a job failed is kept as messages, and read again as the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import ClientelaError, UnknownNameError
from clientela.pipeline.working.failed import kept, told
from clientela.present.say import say


def again(error: ClientelaError) -> Text | None:
    return told(json.loads(json.dumps(kept(error))))


def test_a_message_comes_back_with_its_values() -> None:
    day, inner = date(2024, 5, 1), text("a whole number")
    said = text("{name} of {day} must be {what}, not {n}.", name="qty", day=day, what=inner, n=3)
    assert again(ClientelaError(said)) == said


@pytest.mark.parametrize(
    "value",
    [
        Decimal("2.50"),
        Amount(Decimal("2.50"), "money", "EUR", 2),
        Amount(0.04, "share"),
        Period(date(2024, 5, 1), date(2024, 5, 31)),
        datetime(2024, 5, 1, 12, 30, tzinfo=UTC),
        True,
        None,
    ],
)
def test_a_figure_comes_back_as_it_was(value: Value) -> None:
    said = text("it is {size}", size=value)
    assert again(ClientelaError(said)) == said


def test_a_counted_noun_comes_back_and_is_said_in_the_plural_of_the_language() -> None:
    said = ntext("{n} row is wrong", "{n} rows are wrong", "n", n=2)
    found = again(ClientelaError(text("{why}; correct the file.", why=said)))
    assert found is not None
    assert found.values["why"] == said
    assert say(found) == "2 rows are wrong; correct the file."


def test_the_words_of_a_company_come_back() -> None:
    said = Text("gold", told={"es": "oro"})
    assert again(ClientelaError(said)) == said


def test_several_messages_are_said_one_after_the_other() -> None:
    found = again(ClientelaError([text("a"), text("b"), text("c")]))
    assert found == text("{one}; {other}", one=text("{one}; {other}", one=text("a"), other=text("b")), other=text("c"))


def test_what_is_said_in_english_alone_is_not_kept() -> None:
    for error in (ClientelaError("plain"), UnknownNameError("file", "a", ())):
        assert kept(error) is None
    assert told(None) is None
    assert told({"run": 3}) is None
