"""Messages are values: the same message with the same values is equal, and nothing in it can be changed."""

from decimal import Decimal

import pytest

from clientela.contracts.text import Amount, ntext, text


def test_a_message_keeps_its_values():
    said = text("Revenue was {revenue}.", revenue=Amount(Decimal("845.00"), "money", "EUR"))
    assert (said.id, said.plural, said.count) == ("Revenue was {revenue}.", None, None)
    assert said.values["revenue"] == Amount(Decimal("845.00"), "money", "EUR")


def test_a_counted_message_names_what_decides_its_form():
    said = ntext("{n} customer left.", "{n} customers left.", "n", n=2)
    assert (said.plural, said.count, said.values["n"]) == ("{n} customers left.", "n", 2)


def test_equal_messages_are_equal():
    assert text("Hello {name}.", name="you") == text("Hello {name}.", name="you")
    assert text("Hello {name}.", name="you") != text("Hello {name}.", name="we")


def test_values_of_a_message_cannot_be_changed():
    with pytest.raises(TypeError):
        text("Hello {name}.", name="you").values["name"] = "we"  # type: ignore[index]  # that it cannot be done is the point
