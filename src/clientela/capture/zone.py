"""Local time to UTC and back as SQL: the changes of a zone by the year, looked up; no engine's own calendar.

A column is converted, never a longer expression: it is written out at each comparison.
A local time that does not exist, when clocks go forward, moves forward; one that exists twice is the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlglot import exp

from clientela.warehouse.engine import Engine, called

FIRST_YEAR, LAST_YEAR = 1900, 2100
_STEP = timedelta(days=3)  # no zone has changed its clocks twice within three days
_NEVER = datetime(9999, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere


def to_utc(local: exp.Column, zone: str) -> exp.Expression:
    """The instant (naive UTC) at which clocks in the zone show ``local``.

    Examples
    --------
    >>> to_utc(exp.column("t"), "Etc/GMT-2").sql(dialect="duckdb")
    "t - INTERVAL '7200' SECOND"
    """
    before, changes = _offsets(zone)
    limits = [
        (moment + max(earlier, later), later)
        for (moment, later), earlier in zip(changes, [before, *(offset for _, offset in changes)], strict=False)
    ]
    return exp.Sub(this=local.copy(), expression=_offset_at(local, before, limits))


def to_local(instant: exp.Column, zone: str) -> exp.Expression:
    """What clocks in the zone show at an instant (naive UTC)."""
    before, changes = _offsets(zone)
    return exp.Add(this=instant.copy(), expression=_offset_at(instant, before, changes))


def local_day(instant: exp.Column, zone: str) -> exp.Expression:
    """The date of an instant (naive UTC) in the zone."""
    return exp.cast(to_local(instant, zone), exp.DataType.build("date"))


def define(engine: Engine, *zones: str) -> None:
    """Teach an engine some zones, for `utc` and `day`: their changes are then written out once, not at each use."""
    for zone in zones:
        if _offsets(zone)[1] and not engine.knows(_named("day", zone)):
            engine.define(_named("utc", zone), (_GIVEN,), _meaning(to_utc, zone))
            engine.define(_named("day", zone), (_GIVEN,), _meaning(local_day, zone))


def utc(local: exp.Column, zone: str) -> exp.Expression:
    """As `to_utc`, in an engine that knows the zone (`define`)."""
    return called(_named("utc", zone), local.copy()) if _offsets(zone)[1] else to_utc(local, zone)


def day(instant: exp.Column, zone: str) -> exp.Expression:
    """As `local_day`, in an engine that knows the zone (`define`)."""
    return called(_named("day", zone), instant.copy()) if _offsets(zone)[1] else local_day(instant, zone)


_GIVEN = "moment"


@lru_cache(maxsize=64)
def _meaning(of: Callable[[exp.Column, str], exp.Expression], zone: str) -> exp.Expression:
    return of(exp.column(_GIVEN), zone)


def _named(what: str, zone: str) -> str:
    return f"{what}_{zone.encode().hex()}"  # zones have signs that names may not have


Changes = Sequence[tuple[datetime, timedelta]]


@lru_cache(maxsize=64)
def _offsets(zone: str) -> tuple[timedelta, Changes]:
    """The offset from UTC at first, and each later one with the instant (naive UTC) it began."""
    clock = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        return moment.replace(tzinfo=UTC).astimezone(clock).utcoffset() or timedelta()

    moment, end = datetime(FIRST_YEAR, 1, 1), datetime(LAST_YEAR, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere
    before = current = offset(moment)
    changes = []
    while moment < end:
        later = moment + _STEP
        if offset(later) != current:
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            current = offset(high)
            changes.append((high, current))
        moment = later
    return before, tuple(changes)


def _offset_at(value: exp.Column, before: timedelta, limits: Changes) -> exp.Expression:
    """The offset that holds at ``value``: it is compared with the limits of its own year, looked up by the year."""
    if not limits:
        seconds = exp.Literal.string(str(round(before.total_seconds())))
        return exp.Interval(this=seconds, unit=exp.var("SECOND"))
    first, moments, offsets = _by_year(before, limits)
    last = first + len(offsets[0]) - 1
    year = exp.Least(this=exp.Year(this=value.copy()), expressions=[exp.Literal.number(last)])
    place = exp.Greatest(this=year, expressions=[exp.Literal.number(first)]) - (first - 1)
    chosen = exp.Case(default=_looked_up(offsets[-1], "bigint", place))
    for limit, offset in zip(moments, offsets, strict=False):
        chosen = chosen.when(
            exp.LT(this=value.copy(), expression=_looked_up(limit, "timestamp", place)),
            _looked_up(offset, "bigint", place),
            copy=False,
        )
    return exp.Anonymous(this="to_seconds", expressions=[chosen])


def _by_year(before: timedelta, limits: Changes) -> tuple[int, list[list[str]], list[list[str]]]:
    """The first year with a limit; and, a value for each year from then to the last, its limits and its offsets.

    The offsets are one list more: what holds before the year's first limit, after it, after its second...
    """
    years = {year: [each for each in limits if each[0].year == year] for year in {limit.year for limit, _ in limits}}
    most = max(map(len, years.values()))
    moments: list[list[str]] = [[] for _ in range(most)]
    offsets: list[list[str]] = [[] for _ in range(most + 1)]
    holds = before
    for year in range(min(years), max(years) + 1):
        offsets[0].append(_seconds(holds))
        changes = years.get(year, [])
        for number in range(most):
            limit, holds = changes[number] if number < len(changes) else (_NEVER, holds)
            moments[number].append(limit.isoformat(sep=" "))
            offsets[number + 1].append(_seconds(holds))
    return min(years), moments, offsets


def _seconds(offset: timedelta) -> str:
    return str(round(offset.total_seconds()))


def _looked_up(values: Sequence[str], of: str, place: exp.Expr) -> exp.Expr:
    """One of the values, counted from 1; the list is one text, which an engine reads faster than so many values."""
    listed = exp.cast(exp.Literal.string(f"[{', '.join(values)}]"), exp.DataType.build(f"{of}[]", "duckdb"))
    return exp.Anonymous(this="list_extract", expressions=[listed, place.copy()])
