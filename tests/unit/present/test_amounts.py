"""Numbers are written as Babel writes them, though it is asked only what stands around their digits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.contracts.text import Amount
from clientela.present import formats

LOCALES = ("en", "es", "it", "nl")
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "XXX")
numbers = st.decimals(-(10**12), 10**12, places=4)


def as_babel(said: str) -> str:
    return said.replace("-", formats.MINUS)


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=60)
@given(numbers, st.sampled_from(CURRENCIES), st.integers(0, 3))
def test_money(locale: str, value: Decimal, currency: str, digits: int) -> None:
    pattern = formats._money_pattern(currency, locale).replace("#,##0.00", formats._pattern(digits))
    rounded = formats._rounded(value, digits)
    told = format_currency(rounded, currency, pattern, locale=locale, currency_digits=False)
    assert formats.amount(Amount(value, "money", currency, digits=digits), locale) == as_babel(told)


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=60)
@given(numbers, st.integers(0, 3))
def test_numbers_and_shares(locale: str, value: Decimal, digits: int) -> None:
    rounded = formats._rounded(value, digits)
    told = format_decimal(rounded, formats._pattern(digits), locale=locale)
    assert formats.amount(Amount(value, "number", digits=digits), locale) == as_babel(told)
    percent = formats._rounded(value * 100, digits) / 100
    told = format_percent(percent, formats._pattern(digits) + formats.patterns(locale).percent, locale=locale)
    assert formats.amount(Amount(value, "share", digits=digits), locale) == as_babel(told)
