from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from clientela.contracts.text import Amount, Period, ntext, text
from clientela.errors import UnknownNameError
from clientela.present.say import say, say_value
from tests.golden.sentences import GOLDEN, rendered

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (2469, "2,469", "2.469"),
        (Decimal("1234.5"), "1,234.5", "1.234,5"),
        (Decimal("-0.004"), "0", "0"),
        (-2, "−2", "−2"),
        (Amount(Decimal("0.04"), "share"), "4.0%", f"4,0{NB}%"),
        (Amount(0.465, "share", digits=0), "47%", f"47{NB}%"),
        (Amount(845, "money", "USD"), "$845", f"845{NB}US$"),
        (Amount(Decimal("61.1"), "money", "USD"), "$61.10", f"61,10{NB}US$"),
        (Amount(0, "money", "USD"), "$0", f"0{NB}US$"),
        (Amount(-25405, "money", "EUR"), "−€25,405", f"−25.405{NB}€"),
        (Amount(845, "money", "CHF"), f"CHF{NB}845", f"845{NB}CHF"),
        (Amount(50, "money", "JPY"), "¥50", f"50{NB}JPY"),
        (Amount(Decimal("1234.5"), "count"), "1,235", "1.235"),
        (Amount(1, "days"), "1 day", "1 día"),
        (Amount(92, "days"), "92 days", "92 días"),
        (Amount(2, "number", digits=2), "2.00", "2,00"),
        (date(2017, 12, 31), "31 December 2017", "31 de diciembre de 2017"),
        (datetime(2018, 1, 1, 5, 12, tzinfo=UTC), "1 January 2018, 05:12", "1 de enero de 2018, 05:12"),
        (Period(date(2017, 1, 1), date(2017, 12, 31)), "2017", "2017"),
        (Period(date(2016, 1, 1), date(2017, 12, 31)), "2016–2017", "2016–2017"),
        (Period(date(2017, 12, 1), date(2017, 12, 31)), "December 2017", "diciembre de 2017"),
        (Period(date(2017, 10, 1), date(2017, 12, 31)), "October–December 2017", "octubre–diciembre de 2017"),
        (Period(date(2017, 12, 25), date(2017, 12, 31)), "25–31 December 2017", "25–31 de diciembre de 2017"),
        (
            Period(date(2017, 11, 27), date(2017, 12, 3)),
            "27 November – 3 December 2017",
            "27 de noviembre – 3 de diciembre de 2017",
        ),
        (
            Period(date(2016, 12, 26), date(2017, 1, 1)),
            "26 December 2016 – 1 January 2017",
            "26 de diciembre de 2016 – 1 de enero de 2017",
        ),
        (Period(date(2017, 3, 1), date(2017, 3, 1)), "1 March 2017", "1 de marzo de 2017"),
        (None, "unknown", "desconocido"),
        (True, "yes", "sí"),
        ("<b>", "<b>", "<b>"),
    ],
)
def test_values_are_said_as_the_language_writes_them(value, english, spanish):
    assert (say_value(value, "en"), say_value(value, "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("n", "english", "spanish"),
    [
        (0, "0 customers", "0 clientes"),
        (1, "1 customer", "1 cliente"),
        (2, "2 customers", "2 clientes"),
        (Decimal("1234.5"), "1,234.5 customers", "1.234,5 clientes"),
        (1_000_000, "1,000,000 customers", "1.000.000 clientes"),
        (Amount(0.96, "count"), "1 customer", "1 cliente"),  # the number that is shown decides
        (Decimal("1.5"), "1.5 customers", "1,5 clientes"),
    ],
)
def test_the_number_shown_decides_the_plural(n, english, spanish):
    message = ntext("{n} customer", "{n} customers", "n", n=n)
    assert (say(message, "en"), say(message, "es")) == (english, spanish)


def test_a_text_in_a_text_is_said_in_the_same_language():
    age = ntext("{days} day", "{days} days", "days", days=2)
    assert say(text("{where}: {value}", where=text("Newest day"), value=age), "es") == "Día más reciente: 2 días"


def test_a_sentence_without_translation_is_said_in_english():
    assert say(text("Nobody translated {this}.", this=2469), "es") == "Nobody translated 2.469."


def test_braces_in_a_value_are_not_places():
    assert say(text("{where}: {value}", where="{value}", value=1)) == "{value}: 1"


def test_a_language_that_is_not_offered_is_refused():
    with pytest.raises(UnknownNameError, match="unknown language 'xx'; known: 'en', 'es'"):
        say(text("yes"), "xx")


def test_a_place_without_value_is_an_error():
    with pytest.raises(KeyError, match="gone"):
        say(text("Nothing is {gone}."))


def test_what_is_counted_must_be_a_number():
    with pytest.raises(TypeError, match="counts 'n'"):
        say(ntext("{n} customer", "{n} customers", "n", n="two"))


def test_every_sentence_is_said_as_in_the_golden_file():
    assert rendered() == GOLDEN.read_text(encoding="utf-8"), "python -m tests.golden.sentences writes it anew"
