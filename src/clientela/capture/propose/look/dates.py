"""In which order a column writes day, month and year, and what tells: never guessed when nothing does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

ENOUGH = 0.95  # of the values must be readable for a column to hold dates
_EARLIEST, _LATEST = 1900, 2100
_TIMES = (("", ""), (r"[ T]\d{1,2}:\d{2}", " %H:%M"), (r"[ T]\d{1,2}:\d{2}:\d{2}", " %H:%M:%S"))
_TIMES_FRACTION = (r"[ T]\d{1,2}:\d{2}:\d{2}[.,]\d{1,6}", " %H:%M:%S.%f")
_AMPM = ((r" \d{1,2}:\d{2} ?[AaPp][Mm]", " %I:%M %p"), (r" \d{1,2}:\d{2}:\d{2} ?[AaPp][Mm]", " %I:%M:%S %p"))
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?( ?(Z|[+-]\d{2}:?(\d{2})?))?$")
_NAMED = re.compile(r"^\d{1,2}([ -/])([A-Za-z]{3})\1(\d{4}|\d{2})$")


@dataclass(frozen=True, slots=True)
class Dates:
    """How a column writes dates.

    ``patterns`` are all readings that fit (an empty text is ISO); more than one means that the order of day and
    month is not known from this column. ``share`` of the values is readable. ``told_by`` says what decided.
    """

    patterns: tuple[str, ...]
    share: float
    has_time: bool
    told_by: str = ""
    zoned: bool = False

    @property
    def known(self) -> bool:
        """Whether there is one reading."""
        return len(self.patterns) == 1


def dates_in(values: Sequence[str], *, ordered: Sequence[str] = ()) -> Dates | None:
    """The dates of a column; None when it holds something else.

    Parameters
    ----------
    values
        Distinct values, none empty.
    ordered
        Values in the order of the file: a file in the order of time tells which reading is right.
    """
    if not values:
        return None
    iso = [value for value in values if _ISO.match(value)]
    if len(iso) >= ENOUGH * len(values):
        good = sum(_year_fits(value[:4]) for value in iso)
        timed = sum(len(value) > 10 for value in iso) > len(iso) / 2
        zoned = any(re.search(r"(Z|[+-]\d{2}:?\d{0,2})$", value[10:]) for value in iso[:200])
        return Dates(("",), good / len(values), timed, "written as YYYY-MM-DD", zoned)
    best: tuple[float, list[str]] = (0.0, [])
    tried: set[tuple[str, ...]] = set()
    for found in _shapes(values):
        if tuple(found) in tried:
            continue
        tried.add(tuple(found))
        shares = {pattern: _share(values, pattern) for pattern in found}
        share = max(shares.values())
        if share > best[0]:
            best = (share, [pattern for pattern in found if shares[pattern] >= max(ENOUGH, share - 0.002)])
    share, fitting = best
    if share < ENOUGH or not fitting:
        return None
    timed = "%H" in fitting[0] or "%I" in fitting[0]
    if len(fitting) > 1:
        monotone = [pattern for pattern in fitting if _in_order(ordered, pattern)]
        if len(monotone) == 1:
            return Dates((monotone[0],), share, timed, "only so does the file stand in the order of time")
        return Dates(tuple(fitting), share, timed, "no day is above 12")
    return Dates((fitting[0],), share, timed, "a day above 12 settles it" if _swappable(fitting[0]) else "")


def moment_of(value: str, pattern: str) -> datetime | None:
    """The moment a value names, local; None when it is none."""
    found = _read(value, pattern)
    if found is None and pattern:  # a mere day in a column of times, or a time in a column of days
        day, rest = _split(value)
        found = _read(day, day_part(pattern)) if not rest or _time_pattern(rest) is not None else None
    return found if found is not None and _EARLIEST <= found.year <= _LATEST else None


def day_part(pattern: str) -> str:
    """A pattern without its time.

    Examples
    --------
    >>> day_part("%d/%m/%Y %H:%M")
    '%d/%m/%Y'
    """
    return re.split(r"[ T]%[HI]", pattern)[0]


def _read(value: str, pattern: str) -> datetime | None:
    try:
        if not pattern:
            return datetime.fromisoformat(value.replace(",", ".")).replace(tzinfo=None)
        return datetime.strptime(value, pattern)  # noqa: DTZ007 - local time is meant
    except ValueError:
        return None


def _shapes(values: Sequence[str]) -> Iterable[list[str]]:
    """The shape most values have, with every pattern it may be read by."""
    first = next(iter(values))
    for probe in {first, values[len(values) // 2], values[-1], values[len(values) // 3]}:
        day, rest = _split(probe)
        if re.fullmatch(r"\d{8}", day) and not rest:
            yield ["%Y%m%d", "%d%m%Y"]
        found = re.fullmatch(r"(\d{1,4})([./ -])(\d{1,2})\2(\d{1,4})", day)
        if found:
            mark, time = found[2], _time_pattern(rest)
            if time is None:
                continue
            if len(found[1]) == 4:
                yield [f"%Y{mark}%m{mark}%d{time}"]
            elif len(found[4]) in (2, 4):
                year = "%Y" if len(found[4]) == 4 else "%y"
                yield [f"%d{mark}%m{mark}{year}{time}", f"%m{mark}%d{mark}{year}{time}"]
        named = _NAMED.match(day)
        time = _time_pattern(rest)
        if named and time is not None:
            yield [f"%d{named[1]}%b{named[1]}{'%Y' if len(named[3]) == 4 else '%y'}{time}"]


def _split(value: str) -> tuple[str, str]:
    found = re.match(r"^(.*?)([ T]\d{1,2}:\d{2}.*)?$", value)
    return (found[1], found[2] or "") if found else (value, "")


def _time_pattern(rest: str) -> str | None:
    for shape, pattern in (*_TIMES, _TIMES_FRACTION, *_AMPM):
        if re.fullmatch(shape, rest):
            return pattern.replace(" %H", "T%H", 1) if rest.startswith("T") else pattern
    return None


def _share(values: Sequence[str], pattern: str) -> float:
    """The share of the values a pattern reads; a few tell when nearly none fits."""
    first = values[:: len(values) // 50 + 1]
    if sum(moment_of(value, pattern) is not None for value in first) < ENOUGH * len(first) / 2:
        return 0.0
    return sum(moment_of(value, pattern) is not None for value in values) / len(values)


def _swappable(pattern: str) -> bool:
    return pattern.startswith(("%d", "%m")) and "%b" not in pattern


def _in_order(ordered: Sequence[str], pattern: str) -> bool:
    """Whether the values go one way in time (nearly) throughout, in several months."""
    moments = [found for value in ordered[:5000] if (found := moment_of(value, pattern)) is not None]
    if len(moments) < 20 or len({(each.year, each.month) for each in moments}) < 3:
        return False
    steps = [later - earlier for earlier, later in pairwise(moments) if later != earlier]
    forward = sum(step.total_seconds() > 0 for step in steps)
    return len(steps) >= 10 and max(forward, len(steps) - forward) >= 0.99 * len(steps)


def _year_fits(text: str) -> bool:
    return text.isdigit() and _EARLIEST <= int(text) <= _LATEST
