"""The period before: how far back it lies, and each figure with its own of then."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from clientela.contracts.analysis import KnowledgeBase, Result, ResultColumn
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value, text
from clientela.cube.declared.dimension import TIME
from clientela.cube.declared.measure import MEASURES, Figure, Measure, Sum
from clientela.cube.fiscal import FISCAL, first_day
from clientela.errors import QueryError

Compare = Literal["previous", "last-year"]
COMPARED: tuple[Compare, ...] = ("previous", "last-year")
_MONTHS = {
    "month": 1,
    "quarter": 3,
    "year": 12,
    "fiscal_month": 1,
    "fiscal_quarter": 3,
    "fiscal_year": 12,
}
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Shift:
    """So far back: whole months, or days."""

    months: int = 0
    days: int = 0

    def back(self, day: date) -> date:
        """The day so far before."""
        return _months_on(day, -self.months) if self.months else day - timedelta(days=self.days)

    def member(self, day: date) -> date:
        """The day, or first day of a period, that one is compared with: of the same number, or the month's last."""
        if not self.months:
            return day - timedelta(days=self.days)
        year, month = divmod(day.year * 12 + day.month - 1 - self.months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months_on(day: date, months: int) -> date:
    """So many months on; the last day of a month stays the last."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1] and day.day >= 28
    return date(year, month + 1, last if is_last else min(day.day, last))


def shift_of(compare: Compare, by: Sequence[str], where: Filter | None) -> Shift:
    """How far back the period lies that a question is compared with.

    Raises
    ------
    QueryError
        The question has no time, or more than one, or no beginning and end.
    """
    times = [name for name in by if name in TIME]
    named = {each.field for each in _conditions(where) if each.field in TIME}
    if compare == "last-year":
        if not times and not named:
            raise QueryError("compared with a year ago needs a time: see the figures by one, or filter by one.")
        return Shift(days=364) if "week" in {*times, *named} else Shift(months=12)
    if len(times) == 1:
        return Shift(months=_MONTHS[times[0]]) if times[0] in _MONTHS else Shift(days=_DAYS[times[0]])
    if times:
        raise QueryError(f"compared with the period before takes one time, not {' and '.join(times)}.")
    first, last = _range(where)
    after = last + timedelta(days=1)
    if after.day == first.day and (first.day == 1 or named & {*FISCAL}):  # whole months, if not of the calendar
        return Shift(months=(after.year - first.year) * 12 + after.month - first.month)
    return Shift(days=(last - first).days + 1)


def _range(where: Filter | None) -> tuple[date, date]:
    """The days from and to which a filter reaches."""
    firsts: list[object] = []
    lasts: list[object] = []
    for each in where.parts if isinstance(where, And) else (where,):
        if not isinstance(each, Condition) or each.field not in TIME:
            continue
        value = each.value
        if each.operator is Operator.BETWEEN and isinstance(value, tuple):
            firsts.append(value[0])
            lasts.append(value[1])
        elif each.operator in (Operator.GE, Operator.EQ):
            firsts.append(value)
        if each.operator in (Operator.LE, Operator.EQ):
            lasts.append(value)
        if each.operator is Operator.LT and isinstance(value, date):
            lasts.append(value - timedelta(days=1))
    days = [each for each in (*firsts, *lasts) if isinstance(each, date)]
    if len(firsts) != 1 or len(lasts) != 1 or len(days) != 2 or days[0] > days[1]:
        raise QueryError(
            "compared with the period before needs a period: see the figures by a time, or filter by one with a "
            "beginning and an end, such as day between '2017-03-01' and '2017-03-31'."
        )
    return days[0], days[1]


def _conditions(where: Filter | None) -> Iterable[Condition]:
    if isinstance(where, Condition):
        yield where
    elif isinstance(where, Not):
        yield from _conditions(where.part)
    elif where is not None:
        for part in where.parts:
            yield from _conditions(part)


def moved(where: Filter, shift: Shift) -> Filter:
    """The same filter so far back in time."""
    if isinstance(where, Not):
        return Not(moved(where.part, shift))
    if isinstance(where, And):
        return And(tuple(moved(part, shift) for part in where.parts))
    if isinstance(where, Or):
        return Or(tuple(moved(part, shift) for part in where.parts))
    if where.field not in TIME or where.value is None:
        return where
    if isinstance(where.value, tuple):
        earlier = tuple(shift.back(each) if isinstance(each, date) else each for each in where.value)
        return replace(where, value=earlier)
    return replace(where, value=shift.back(where.value)) if isinstance(where.value, date) else where


def earlier(where: Filter, shift: Shift, by: Sequence[str], last_day: date | None, fiscal: FiscalYear) -> Filter:
    """The filter of the period before. One without an end reaches to the last day there is: so does this, so far back.

    Without that it would reach to today too, and be longer than what it is compared with. Where figures are seen by a
    time, the period that the last day lies in is compared as a whole, row by row, so it is in the total as well.
    """
    before, field = moved(where, shift), _open_ended(where)
    if field is None or last_day is None:
        return before
    last = max((_last_of(name, last_day, fiscal) for name in by if name in TIME), default=last_day)
    return And((before, Condition(field, Operator.LE, shift.back(last))))


def _open_ended(where: Filter) -> str | None:
    """The time that a filter begins at, if it names no end."""
    told = [each for each in (where.parts if isinstance(where, And) else (where,)) if isinstance(each, Condition)]
    times = [each for each in told if each.field in TIME]
    if not times or any(each.operator not in (Operator.GE, Operator.GT) for each in times):
        return None
    return times[-1].field


def _last_of(time: str, day: date, fiscal: FiscalYear) -> date:
    """The last day of the period that a day lies in."""
    if time not in _MONTHS:
        return day + timedelta(days=6 - day.weekday()) if time == "week" else day
    part = f"fiscal_{time.removeprefix('fiscal_')}"
    first = first_day(day, part, fiscal if time in FISCAL else CALENDAR)
    return _months_on(first, _MONTHS[time]) - timedelta(days=1)


def has_time(where: Filter | None) -> bool:
    """Whether a filter names a time: then the whole of what is compared lies earlier than the whole asked for."""
    return any(each.field in TIME for each in _conditions(where))


def compared(
    base: Result,
    before: Result,
    by: Sequence[str],
    shift: Shift,
    compare: Compare,
    *,
    whole: bool,
    known: Mapping[str, Figure] = MEASURES,
) -> Result:
    """Each figure with that of the period before and its change; a member of before alone is not told of.

    Parameters
    ----------
    whole : whether the totals are of two periods, so that they can be compared too
    known : all measures there are
    """
    width = len(by)
    times = [place for place, name in enumerate(by) if name in TIME]

    def compared_with(member: tuple[Value, ...]) -> tuple[Value, ...]:
        then = list(member)
        for place in times:
            value = then[place]
            then[place] = shift.member(value) if isinstance(value, date) else value
        return tuple(then)

    earlier = {row[:width]: number for number, row in enumerate(before.rows)}
    figures = base.columns[width:]
    nothing = tuple(_empty(known[column.name], known) for column in figures)
    rows = []
    hidden = set(base.hidden)
    for number, row in enumerate(base.rows):
        then = earlier.get(compared_with(row[:width]))
        rows.append((*row, *_beside(row[width:], nothing if then is None else before.rows[then][width:], figures)))
        hidden.update(_hidden_beside(base, before, number, then))
    totals = base.totals
    if totals is not None and not whole:  # without a time in the filter both are the total of everything
        totals = (*totals, *(None for _ in figures for _ in range(2)))
    elif totals is not None and before.totals is not None:
        totals = (*totals, *_beside(totals[width:], before.totals[width:], figures))
        hidden.update(_hidden_beside(base, before, -1, -1))
    columns = (*base.columns, *(each for column in figures for each in _columns_beside(column, compare)))
    return replace(base, columns=columns, rows=tuple(rows), totals=totals, hidden=frozenset(hidden))


def _hidden_beside(base: Result, before: Result, number: int, then: int | None) -> Iterable[tuple[int, int]]:
    """Where a row has no figure of the period before, or no change, as one of the two is hidden."""
    width = sum(not column.measure for column in base.columns)
    for place in range(width, len(base.columns)):
        beside = len(base.columns) + 2 * (place - width)
        gone = then is not None and (then, place) in before.hidden
        if gone:
            yield number, beside
        if gone or (number, place) in base.hidden:
            yield number, beside + 1


def _beside(now: Sequence[Value], before: Sequence[Value], figures: Sequence[ResultColumn]) -> tuple[Value, ...]:
    return tuple(
        value
        for new, old, column in zip(now, before, figures, strict=True)
        for value in (old, _change(new, old, column.type))
    )


def _change(now: Value, before: Value, kind: Type) -> Decimal | None:
    """As a share of what it was; of a share, in points."""
    if not isinstance(now, (int, Decimal)) or not isinstance(before, (int, Decimal)):
        return None
    if kind is Type.SHARE:
        return Decimal(now) - Decimal(before)
    return None if not before else round((Decimal(now) - Decimal(before)) / abs(Decimal(before)), 6)


def _columns_beside(column: ResultColumn, compare: Compare) -> tuple[ResultColumn, ResultColumn]:
    label = column.label or column.name
    before = text("{measure}, the period before", measure=label)
    if compare == "last-year":
        before = text("{measure}, a year before", measure=label)
    change = text("{measure}, change", measure=label)
    return (
        replace(column, name=f"{column.name}_before", label=before),
        ResultColumn(name=f"{column.name}_change", type=Type.SHARE, measure=True, label=change),
    )


def unfinished(kb: KnowledgeBase, by: Sequence[str], fiscal: FiscalYear = CALENDAR) -> tuple[Text, ...]:
    """That the newest period is not over, where figures by a time reach up to it."""
    last = kb.last_day
    if last is None or not any(name in TIME for name in by):
        return ()
    names = [name for name in by if name in _MONTHS]
    if not names:
        return ()
    after, part = last + timedelta(days=1), names[0]
    year = fiscal if part in FISCAL else CALENDAR
    if first_day(after, f"fiscal_{part.removeprefix('fiscal_')}", year) == after:
        return ()
    return (
        text(
            "The newest {period} has figures to {day} only; what it is compared with may be whole.",
            period=_PERIODS[names[0]],
            day=last,
        ),
    )


_PERIODS: Mapping[str, Text] = {
    "month": text("month"),
    "quarter": text("quarter"),
    "year": text("year"),
    "fiscal_month": text("fiscal month"),
    "fiscal_quarter": text("fiscal quarter"),
    "fiscal_year": text("fiscal year"),
}


def _empty(measure: Figure, known: Mapping[str, Figure]) -> Value:
    """What a figure is where its fact has no row, in the type of the figure."""
    parts: Sequence[Figure] = [known[name] for _, name in measure.terms] if isinstance(measure, Sum) else [measure]
    if isinstance(measure, Sum):
        return None if any(_empty(part, known) is None for part in parts) else _nothing(measure, 0)
    if not isinstance(measure, Measure) or measure.empty is None:
        return None
    return _nothing(measure, measure.empty)


def _nothing(measure: Figure, value: int) -> Value:
    digits = {Type.MONEY: 4, Type.NUMBER: 6, Type.SHARE: 6}.get(measure.unit.type)
    return value if digits is None else Decimal(value).quantize(Decimal(1).scaleb(-digits))
