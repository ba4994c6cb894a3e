"""What a customer spent, week by week: bars in the tokens of the page, and the time without a purchase marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import floor, log10

from clientela.contracts.text import Amount, Text, ntext, text
from clientela.pipeline.customers.told import CustomerSeen, Week
from clientela.pipeline.customers.words import is_late, silent_days
from clientela.present import formats
from clientela.present.say import say, say_value

WIDE_PX, PHONE_PX, HEIGHT_PX = 736, 308, 196
_LEAST_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 14, 26
_LETTER_PX, _GAP_PX = 7.6, 10  # of a figure at the axis, in letters of 13 px; between it and the axis
_TICKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A word at a place of an axis, in px."""

    at: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The picture at one width.

    Parameters
    ----------
    bars : the weeks as the outline of bars, in px: one path, as to write hundreds of values one by one takes long
    silent : where the time without a purchase begins and ends, with its words
    """

    name: str
    width: int
    height: int
    left: int
    base: float
    bars: str
    lines: tuple[Mark, ...]
    months: tuple[Mark, ...]
    silent: tuple[float, float, str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The picture with its finding and its table."""

    title: Text
    drawings: tuple[Drawing, ...]
    rows: tuple[tuple[str, str], ...]


def picture(found: CustomerSeen, locale: str) -> Picture | None:
    """What a customer spent in the last year; None where that is hidden, or nothing was bought."""
    weeks = found.weeks
    if not weeks or not any(each.revenue for each in weeks):
        return None
    upright = _upright(found, weeks, locale)
    return Picture(
        title=_title(found),
        drawings=tuple(
            _drawn(found, weeks, upright, width, name, locale)
            for name, width in (("wide", WIDE_PX), ("phone", PHONE_PX))
        ),
        rows=tuple(
            (formats.day_short(each.first, locale), say_value(_money(found, each.revenue, 2), locale))
            for each in reversed(weeks)
            if each.revenue
        ),
    )


def _title(found: CustomerSeen) -> Text:
    days, last = found.page["year_purchase_days"], found.page["last_bought_on"]
    if days is None or last is None:
        return text("What they spent in the last 12 months")
    if is_late(found.page, found.as_of):
        return ntext(
            "{n} purchase day in the last 12 months; none since {last}",
            "{n} purchase days in the last 12 months; none since {last}",
            "n",
            n=days,
            last=last,
        )
    return ntext(
        "{n} purchase day in the last 12 months, the latest on {last}",
        "{n} purchase days in the last 12 months, the latest on {last}",
        "n",
        n=days,
        last=last,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upright:
    """What is the same at each width: each bar's week, top and height; the lines; where zero is; room for words."""

    bars: tuple[tuple[int, float, float], ...]
    lines: tuple[Mark, ...]
    base: float
    left: int


def _upright(found: CustomerSeen, weeks: Sequence[Week], locale: str) -> _Upright:
    spent = [float(each.revenue) for each in weeks]
    most, least = max(*spent, 0.0), min(*spent, 0.0)
    step = _step(most - least)
    top, bottom = max(step, -(-most // step) * step), min(0.0, (least // step) * step)
    room = HEIGHT_PX - _TOP - _BOTTOM
    levels = [bottom + n * step for n in range(round((top - bottom) / step) + 1)]
    words = [say_value(_money(found, each, 0), locale) for each in levels]

    def y(value: float) -> float:
        return round(_TOP + (top - value) / (top - bottom) * room, 1)

    base = y(0)
    ends = [(place, y(value)) for place, value in enumerate(spent) if value]
    return _Upright(
        bars=tuple((place, min(end, base), max(round(abs(end - base), 1), 1.0)) for place, end in ends),
        lines=tuple(Mark(at=y(each), said=said) for each, said in zip(levels, words, strict=True)),
        base=base,
        left=max(_LEAST_LEFT, round(max(map(len, words)) * _LETTER_PX) + _GAP_PX),
    )


def _drawn(
    found: CustomerSeen, weeks: Sequence[Week], upright: _Upright, width: int, name: str, locale: str
) -> Drawing:
    left = upright.left
    wide = (width - left - _RIGHT) / len(weeks)
    across, apart = round(wide * 0.76, 1), wide * 0.12
    bars = "".join(
        f"M{left + place * wide + apart:.1f} {top}h{across}v{height}h-{across}z" for place, top, height in upright.bars
    )
    return Drawing(
        name=name,
        width=width,
        height=HEIGHT_PX,
        left=left,
        base=upright.base,
        bars=bars,
        lines=upright.lines,
        months=_months(weeks[0].first, len(weeks), left, wide, 1 if width > 500 else 3, locale),
        silent=_silence(found, weeks, left, width, locale),
    )


def _step(most: float) -> float:
    """A round number of which about three make the whole."""
    if most <= 0:
        return 1.0
    rough = most / _TICKS
    size = 10.0 ** floor(log10(rough))
    return next((size * each for each in (1, 2, 5, 10) if size * each >= rough), size * 10)


@lru_cache(maxsize=256)  # most customers' pictures begin with the same week, and leave room for as many letters
def _months(first: date, weeks: int, left: int, wide: float, every: int, locale: str) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    before = None
    for place in range(weeks):
        month = (first + timedelta(days=7 * place + 6)).replace(day=1)
        if before is not None and month != before and (month.month - 1) % every == 0:
            marks.append(Mark(at=round(left + place * wide + wide / 2, 1), said=formats.month_short(month, locale)))
        before = month
    return tuple(each for each in marks if each.at > left + 14)


def _silence(
    found: CustomerSeen, weeks: Sequence[Week], left: float, width: int, locale: str
) -> tuple[float, float, str, str] | None:
    """From the week after the last purchase to the end, where that is unusually long and there is room to say so."""
    if not is_late(found.page, found.as_of):
        return None
    last = found.page["last_bought_on"]
    after = sum(each.first <= last for each in weeks)
    wide = (width - left - _RIGHT) / len(weeks)
    start = round(left + after * wide, 1)
    length = round(width - _RIGHT - start, 1)
    if length < wide:
        return None
    days = silent_days(found.page, found.as_of)
    said = say(ntext("{n} day", "{n} days", "n", n=days), locale)
    return start, length, said if length >= 60 else "", say(text("without a purchase"), locale) if length >= 130 else ""


def _money(found: CustomerSeen, value: object, digits: int) -> Amount:
    return Amount(value, "money", found.currency, digits=digits)  # type: ignore[arg-type] # a number of either kind
