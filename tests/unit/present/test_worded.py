"""An error says itself in the reader's language where its sentence is a message."""

from clientela.contracts.text import ntext, text
from clientela.errors import ClientelaError, UploadError, UsageError
from clientela.present.say import say, worded


def test_a_sentence_that_is_a_message_is_said_in_the_language() -> None:
    told = text("Try again in a moment.")
    error = ClientelaError(told)
    assert str(error) == "Try again in a moment."
    assert worded(error, "es") == say(told, "es") != str(error)


def test_several_are_one_sentence() -> None:
    told = [text("{file}: {problem}", file="a.csv", problem="no dates"), text("no file is used; choose at least one")]
    error = UploadError(told)
    assert str(error) == "a.csv: no dates; no file is used; choose at least one."
    assert worded(error, "en") == "a.csv: no dates; no file is used; choose at least one."


def test_a_plain_sentence_stays_as_it_is() -> None:
    assert worded(UsageError("choose one."), "es") == "Choose one."
    assert UsageError().sentences == ()


def test_what_is_counted_decides_between_the_forms_in_english_too() -> None:
    one, many = (UsageError(ntext("{n} row is bad.", "{n} rows are bad.", "n", n=n)) for n in (1, 7_000))
    assert [str(one), str(many)] == ["1 row is bad.", "7,000 rows are bad."]
    assert [worded(one), worded(many)] == [str(one), str(many)]
