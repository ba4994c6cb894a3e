"""The rule that a row broke is said in every language: each form that capture writes is known."""

from __future__ import annotations

import pytest

from clientela.capture.reading import Reading, rule
from clientela.contracts.schema import Type
from clientela.contracts.text import Text
from clientela.present.say import say
from clientela.web.data.broken import words


def test_what_a_cell_must_be_is_known_for_every_type_and_reading() -> None:
    for wanted in Type:
        for reading in (Reading(), Reading(decimal="."), Reading(decimal=","), Reading(date="%d/%m/%Y")):
            said = f"ordered_at must be {rule(wanted, reading)}"
            found = words(said)
            assert isinstance(found, Text), said
            assert say(found, "en") == said


@pytest.mark.parametrize(
    "said",
    [
        "kind must be one of: sale, return",
        "order_id is missing",
        "quantity must not be below 0",
        "match must not be above 1",
        "another row of the file has the same key but says something else",
        "3 cells where the header has 4",
        "in line 7 a quote is opened and not closed, or text follows a closing quote",
        "no exchange rate is known for this currency on that day",
        "the key 'a' stands there twice",
    ],
)
def test_a_rule_is_said_as_it_was_written(said: str) -> None:
    found = words(said)
    assert isinstance(found, Text)
    assert say(found, "en") == said


def test_what_is_of_no_known_form_stands_as_it_is() -> None:
    assert words("it is blue") == "it is blue"
    assert words("x must be blue") == "x must be blue"
    assert words(None) == ""
    assert say(words("a cell holds the byte 0xFF, which is no character in its encoding"), "en").startswith("it holds")  # type: ignore[arg-type] # of a known form
