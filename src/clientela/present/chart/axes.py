"""The axes of a picture and the numbers on them, in a language."""

from __future__ import annotations

import json
from datetime import date
from textwrap import wrap
from typing import Any

from babel import Locale
from babel.numbers import get_currency_symbol

from clientela.contracts.insight import TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.present import formats
from clientela.present.chart.points import Drawing, days_apart
from clientela.present.say import say

PX_OF_LETTER = 7.4
LABEL_STEP = 52  # room for a month or a day on the axis
THOUSANDS, MILLIONS = 10_000, 2_000_000  # from here an axis counts in k or M


def d3_locale(locale: str, currency: str | None) -> dict[str, Any]:
    """How d3 writes numbers and days in a language, as Vega's ``config.locale``: ours, because d3's
    ``es-ES`` writes ``46%`` where Spanish has ``46 %``.
    """
    known = Locale.parse(locale)
    before, after = _around("money", locale, currency)
    symbols = known.number_symbols["latn"]
    names = {width: known.months["format"][width] for width in ("wide", "abbreviated")}
    days = {width: known.days["format"][width] for width in ("wide", "abbreviated")}
    return {
        "number": {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": [before, after],
            "percent": formats.patterns(locale).percent,
            "minus": formats.MINUS,
        },
        "time": {
            "dateTime": "%-d %B %Y, %H:%M",
            "date": "%-d %B %Y",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": [days["wide"][(at + 6) % 7] for at in range(7)],
            "shortDays": [days["abbreviated"][(at + 6) % 7] for at in range(7)],
            "months": [names["wide"][month] for month in range(1, 13)],
            "shortMonths": [names["abbreviated"][month] for month in range(1, 13)],
        },
    }


def number_axis(column: TableColumn, bounds: tuple[float, float], locale: str) -> dict[str, Any]:
    """Three to five ticks; money with its sign; k or M only here, and never on 0."""
    axis: dict[str, Any] = {"tickCount": 4, "title": None}
    most = max(abs(bound) for bound in bounds)
    if column.type is Type.SHARE:
        return {**axis, "format": ",.0%" if most >= 0.04 else ",.1%"}
    if column.type in (Type.MONEY, Type.INT, Type.NUMBER) and most >= THOUSANDS:
        unit, letter = (1_000_000, say(text("M"), locale)) if most >= MILLIONS else (1000, say(text("k"), locale))
        digits = ".1~f" if most < 10 * unit else ".0f"
        before, after = _around(column.type.value, locale, column.unit)
        number = f"format(datum.value / {unit}, ',{digits}')"
        words = f"{json.dumps(before)} + {number} + {json.dumps(letter + after)}"
        return {**axis, "labelExpr": f"datum.value === 0 ? '0' : {words}"}
    digits = ".0f" if most >= 4 else ".2~f"
    return {**axis, "format": f"{'$' if column.type is Type.MONEY else ''},{digits}"}


def place_axis(drawn: Drawing, width: int) -> dict[str, Any]:
    """The axis below bars: as many names as there is room for; a year is said where it begins."""
    said = {str(point.x): point.x_said for point in drawn.points}
    room = max(LABEL_STEP, int(max((len(words) for words in said.values()), default=0) * PX_OF_LETTER) + 10)
    shown = _every(list(said), max(2, width // room))
    words = {x: _with_year(x, said[x], shown, drawn) for x in shown}
    title = None if drawn.in_time or drawn.x.type is Type.TEXT else x_title(drawn, width)
    keys = [x for x in dict.fromkeys(point.x for point in drawn.points) if str(x) in words]
    return {"values": keys, "labelExpr": f"{json.dumps(words)}[datum.value]", "title": title, "ticks": False}


def time_axis(drawn: Drawing, width: int) -> dict[str, Any]:
    """The axis below a line in time: its own days, as many as there is room for."""
    said = {str(point.x): point.x_said for point in drawn.points}
    firsts = _month_starts(list(said), drawn)
    shown = _every(firsts, max(2, width // (LABEL_STEP + 12)))
    words = {x: _with_year(x, _said_on_axis(x, said[x], drawn), shown, drawn) for x in shown}
    values = [{"year": d.year, "month": d.month, "date": d.day, "utc": True} for d in map(date.fromisoformat, shown)]
    key = "utcFormat(datum.value, '%Y-%m-%d')"
    return {"values": values, "labelExpr": f"{json.dumps(words)}[{key}]", "title": None, "tickSize": 4}


def x_title(drawn: Drawing, width: int) -> list[str]:
    """What x counts, in as many lines as it needs."""
    return wrap(say(drawn.x.label, drawn.locale), max(16, int((width - 70) / PX_OF_LETTER)))


def _said_on_axis(x: str, words: str, drawn: Drawing) -> str:
    apart = days_apart(date.fromisoformat(str(point.x)) for point in drawn.points)
    weeks_in_months = apart < 28 and len({point.x for point in drawn.points}) > 14
    return formats.month_short(date.fromisoformat(x), drawn.locale) if weeks_in_months else words


def _month_starts(days: list[str], drawn: Drawing) -> list[str]:
    """The first of the days in each month, where there are so many that months are shown."""
    if len(days) <= 14 or days_apart(date.fromisoformat(day) for day in days) >= 28:
        return days
    firsts: dict[str, str] = {}
    for day in sorted(days):
        firsts.setdefault(day[:7], day)
    whole = list(firsts.values())
    return whole[1:] if len(whole) > 2 and int(whole[0][8:]) > 7 else whole


def _with_year(x: str, words: str, shown: list[str], drawn: Drawing) -> str | list[str]:
    if not drawn.in_time or words == x[:4]:
        return words
    at = shown.index(x)
    begins = at == 0 or shown[at - 1][:4] != x[:4]
    return [words, x[:4]] if begins else words


def _every(names: list[str], most: int) -> list[str]:
    step = -(-len(names) // most)
    return names[::step] if step > 1 else names


def _around(kind: str, locale: str, currency: str | None) -> tuple[str, str]:
    """What stands before and after the digits of money; nothing around other numbers."""
    if kind != "money" or currency is None:
        return "", ""
    sign = get_currency_symbol(currency, locale=locale)
    pattern = str(Locale.parse(locale).currency_formats["standard"].pattern)
    gap = formats.NO_BREAK
    if pattern.startswith("¤"):
        return (sign + gap if sign[-1:].isalpha() else sign), ""
    return "", gap + sign
