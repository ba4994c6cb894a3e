"""Numbers, money, dates and periods as a language writes them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    NumberPattern,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)
from babel.units import format_unit

from clientela.contracts.text import Amount, Period
from clientela.errors import UnknownNameError

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
KEPT = 8192  # texts of each kind: on a page the same days and sums return, and so they do on the next


@dataclass(frozen=True, slots=True)
class Patterns:
    """How one language writes days (CLDR patterns). ``percent`` stands after the digits."""

    day: str
    day_short: str
    day_of_year: str
    month: str
    moment: str
    percent: str


LANGUAGES: dict[str, Patterns] = {
    "en": Patterns("d MMMM y", "d MMM y", "d MMMM", "MMMM y", "d MMMM y, HH:mm", "%"),
    "es": Patterns(
        "d 'de' MMMM 'de' y",
        "d MMM y",
        "d 'de' MMMM",
        "MMMM 'de' y",
        "d 'de' MMMM 'de' y, HH:mm",
        f"{NO_BREAK}%",
    ),
}

# Languages in which figures alone are answered: what the cube says is translated, reports and answers are not.
OF_FIGURES: dict[str, Patterns] = {
    "it": Patterns("d MMMM y", "d MMM y", "d MMMM", "MMMM y", "d MMMM y, HH:mm", "%"),
    "nl": Patterns("d MMMM y", "d MMM y", "d MMMM", "MMMM y", "d MMMM y, HH:mm", "%"),
}


def patterns(locale: str) -> Patterns:
    """The patterns of a language that is offered, if only for figures.

    Raises
    ------
    UnknownNameError
        The language is not offered.
    """
    found = LANGUAGES.get(locale) or OF_FIGURES.get(locale)
    if found is None:
        raise UnknownNameError("language", locale, LANGUAGES)
    return found


@lru_cache(maxsize=KEPT)
def amount(value: Amount, locale: str) -> str:
    """A number as people write it: money with its sign, a share as percent, days with their word.

    Raises
    ------
    UnknownNameError
        ``value.unit`` is none of an amount's units.

    Examples
    --------
    >>> amount(Amount(Decimal("0.04"), "share"), "en"), amount(Amount(2469, "count"), "es")
    ('4.0%', '2.469')
    """
    ways = {"money": _money, "share": _share, "count": _count, "number": _number, "days": _days}
    if value.unit not in ways:
        raise UnknownNameError("unit", value.unit, ways)
    return ways[value.unit](value, locale).replace("-", MINUS)


def number(value: Decimal | float | int, locale: str, digits: int | None = None) -> str:
    """A number with the language's separators; ``digits`` None shows at most two, and no empty ones.

    Examples
    --------
    >>> number(1234.5, "en"), number(1234.5, "es"), number(2, "en", 2)
    ('1,234.5', '1.234,5', '2.00')
    """
    return amount(Amount(value, "number", digits=digits), locale)


def counted(value: Amount | Decimal | float | int) -> Decimal:
    """The number that decides between singular and plural: the one that is shown.

    Examples
    --------
    >>> counted(Amount(0.96, "count")), counted(1.5), counted(Amount(1, "number", digits=1))
    (Decimal('1'), Decimal('1.5'), Decimal('1.0'))
    """
    said = value if isinstance(value, Amount) else Amount(value)
    digits = said.digits if said.digits is not None else (0 if said.unit in ("count", "days") else None)
    return _trimmed(said.value) if digits is None else _rounded(said.value, digits)


def day(value: date, locale: str) -> str:
    """A day in full: ``31 December 2017``, ``31 de diciembre de 2017``."""
    return _day_as(value, patterns(locale).day, locale)


def day_short(value: date, locale: str) -> str:
    """A day for a table: ``31 Dec 2017``, ``31 dic 2017``."""
    return _day_as(value, patterns(locale).day_short, locale)


def moment(value: datetime, locale: str) -> str:
    """A day and the time, in the zone it is given in: ``1 January 2018, 05:12``."""
    return str(format_datetime(value.replace(tzinfo=None), patterns(locale).moment, locale=spoken(locale)))


def month_short(value: date, locale: str) -> str:
    """A month for an axis: ``Jan``, ``ene``."""
    return _day_as(value, "MMM", locale).rstrip(".")


def month_of_year(value: date, locale: str) -> str:
    """A month for a table: ``Dec 2017``, ``dic 2017``."""
    return _day_as(value, "MMM y", locale)


def quarter_of_year(value: date, locale: str) -> str:
    """A quarter for a table: ``Q1 2017``, ``T1 2017``."""
    return _day_as(value, "QQQ y", locale)


def year(value: date, locale: str) -> str:
    """A year for a table: ``2017``."""
    return _day_as(value, "y", locale)


def week_of_year(value: date, locale: str) -> str:
    """An ISO week for a table: ``2017-W01``, alike in all languages."""
    named = value.isocalendar()
    return f"{named.year}-W{named.week:02}"


def day_of_month(value: date, locale: str) -> str:
    """A day for an axis: ``31 Dec``, ``31 dic``."""
    return _day_as(value, "d MMM", locale).rstrip(".")


def period(value: Period, locale: str) -> str:
    """A period by the shortest name it has: a year, a month, months, or its first and last day.

    Examples
    --------
    >>> period(Period(date(2017, 10, 1), date(2017, 12, 31)), "en")
    'October–December 2017'
    >>> period(Period(date(2017, 12, 25), date(2017, 12, 31)), "es")
    '25–31 de diciembre de 2017'
    """
    first, last, known = value.first, value.last, patterns(locale)
    after = last + timedelta(days=1)
    if (first.month, first.day, after.month, after.day) == (1, 1, 1, 1):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        return _months(first, last, known.month, locale)
    if first == last:
        return day(first, locale)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, locale)}"
    start = known.day_of_year if first.year == last.year else known.day
    return f"{_day_as(first, start, locale)} – {day(last, locale)}"


def _months(first: date, last: date, pattern: str, locale: str) -> str:
    end = _day_as(last, pattern, locale)
    if (first.year, first.month) == (last.year, last.month):
        return end
    if first.year == last.year:
        return f"{_day_as(first, 'MMMM', locale)}–{end}"
    return f"{_day_as(first, pattern, locale)} – {end}"


def _day_as(value: date, pattern: str, locale: str) -> str:
    return _written_day(value.year, value.month, value.day, pattern, locale)


@lru_cache(maxsize=KEPT)
def _written_day(year: int, month: int, day: int, pattern: str, locale: str) -> str:
    return str(format_date(date(year, month, day), pattern, locale=spoken(locale)))


@cache
def spoken(locale: str) -> Locale:
    """What is known of a language."""
    return Locale.parse(locale)


@cache
def _read(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


def _rounded(value: Decimal | float | int, digits: int) -> Decimal:
    """Half away from zero, as people round; never a negative zero."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _trimmed(value: Decimal | float | int) -> Decimal:
    rounded = _rounded(value, 2)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded.normalize()


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def _number(value: Amount, locale: str) -> str:
    if value.digits is None:
        return str(format_decimal(_rounded(value.value, 2), _read("#,##0.##"), locale=spoken(locale)))
    return _written(_rounded(value.value, value.digits), "number", value.digits, locale)


def _count(value: Amount, locale: str) -> str:
    return _number(Amount(value.value, digits=value.digits or 0), locale)


def _share(value: Amount, locale: str) -> str:
    digits = 1 if value.digits is None else value.digits
    return _written(_rounded(Decimal(str(value.value)) * 100, digits), "share", digits, locale)


def _days(value: Amount, locale: str) -> str:
    return str(format_unit(counted(value), "duration-day", "long", _pattern(value.digits or 0), locale=spoken(locale)))


def _money(value: Amount, locale: str) -> str:
    digits = money_digits(value)
    return _written(_rounded(value.value, digits), "money", digits, locale, value.currency or "XXX")


def _written(rounded: Decimal, unit: str, digits: int, locale: str, currency: str = "") -> str:
    """A number that was rounded to so many digits, as CLDR has it; of a share the percent.

    What stands around the digits Babel is asked once: for each number it would work out anew what the pattern says,
    which on a page of sums takes longer than all that is written beside them.
    """
    before, after = _around(unit, digits, locale, currency)[rounded < 0]
    return f"{before}{f'{rounded.copy_abs():,.{digits}f}'.translate(_separators(locale))}{after}"


@cache
def _around(unit: str, digits: int, locale: str, currency: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """What stands before and after the digits of a number, and of one below zero."""
    return _apart(_by_cldr(1, unit, digits, locale, currency)), _apart(_by_cldr(-1, unit, digits, locale, currency))


def _apart(said: str) -> tuple[str, str]:
    told = re.fullmatch(r"(\D*)\d(?:.*\d)?(\D*)", said)
    assert told is not None  # noqa: S101 - it was made of a one
    return told[1], told[2]


def _by_cldr(number: int, unit: str, digits: int, locale: str, currency: str) -> str:
    if unit == "share":
        pattern = _read(_pattern(digits) + patterns(locale).percent)
        return str(format_percent(Decimal(number) / 100, pattern, locale=spoken(locale)))
    if unit == "money":
        pattern = _read(_money_pattern(currency, locale).replace("#,##0.00", _pattern(digits)))
        return str(format_currency(Decimal(number), currency, pattern, locale=spoken(locale), currency_digits=False))
    return str(format_decimal(Decimal(number), _read(_pattern(digits)), locale=spoken(locale)))


@cache
def _separators(locale: str) -> dict[int, str]:
    """In the place of the comma between thousands and the point before the digits after it."""
    return {ord(","): get_group_symbol(spoken(locale)), ord("."): get_decimal_symbol(spoken(locale))}


def money_digits(value: Amount) -> int:
    """How many decimals money is said with: none from 100 on and for nothing, else those of the currency."""
    if value.digits is not None:
        return value.digits
    whole = abs(float(value.value)) >= 100 or value.value == 0
    return 0 if whole else get_currency_precision(value.currency or "XXX")


@cache
def _money_pattern(currency: str, locale: str) -> str:
    """The language's pattern; a sign of letters before the digits is kept apart from them (CHF 845)."""
    pattern = str(spoken(locale).currency_formats["standard"].pattern)
    letters = get_currency_symbol(currency, locale=locale)[-1:].isalpha()
    return pattern.replace("¤#", f"¤{NO_BREAK}#") if letters else pattern
