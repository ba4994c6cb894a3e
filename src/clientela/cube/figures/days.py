"""A filter by a week, month, quarter or year as one by days, which the engine need not work out a month for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.figures.question import Question
from clientela.cube.filters import MAX_DEPTH, MAX_NODES, fields_of

Step = Callable[[date], date]


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _of_months(months: int) -> tuple[Step, Step]:
    """The first day of the period a day lies in, and that of the next one."""

    def first(day: date) -> date:
        return date(day.year, (day.month - 1) // months * months + 1, 1)

    return first, lambda day: _months_on(first(day), months)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_PERIODS: Mapping[str, tuple[Step, Step]] = MappingProxyType(
    {
        "week": (_monday, lambda day: _monday(day) + timedelta(days=7)),
        "month": _of_months(1),
        "quarter": _of_months(3),
        "year": _of_months(12),
    }
)


def begins(day: date, part: str) -> date:
    """The first day of the week, month, quarter or year that a day lies in."""
    return _PERIODS[part][0](day)


def after(day: date, part: str) -> date:
    """The first day of the week, month, quarter or year after that a day lies in.

    Examples
    --------
    >>> begins(date(2024, 5, 9), "quarter"), after(date(2024, 5, 9), "quarter")
    (datetime.date(2024, 4, 1), datetime.date(2024, 7, 1))
    """
    return _PERIODS[part][1](day)


def in_days(question: Question) -> Question:
    """The same question, its filter by days wherever it was by what days make up."""
    if question.where is None or not _has_room(question.where):
        return question
    try:
        where = _by_days(question.where)
    except (OverflowError, ValueError):  # the end of time
        return question
    return replace(question, where=where, filtered=fields_of(where))


def _by_days(where: Filter) -> Filter:
    if isinstance(where, Not):
        return Not(_by_days(where.part))
    if isinstance(where, (And, Or)):
        return type(where)(tuple(map(_by_days, where.parts)))
    values = where.value if isinstance(where.value, tuple) else (where.value,)
    days = [each for each in values if isinstance(each, date) and not isinstance(each, datetime)]
    if where.field not in _PERIODS or len(days) < len(values) or not days:
        return where
    first, following = _PERIODS[where.field]
    begin, end = _not_before(days[0], first, following), following(days[-1])
    if where.operator is Operator.BETWEEN and len(days) == 2:
        return _from_until(begin, end)
    return _compared(where.operator, days[0], begin, end) or where


def _compared(operator: Operator, day: date, begin: date, end: date) -> Filter | None:
    """Which days a comparison of their period's first day with ``day`` lets through; None where it is none.

    Parameters
    ----------
    begin, end : the first day of the first period not before ``day``, and that of the first period after it
    """
    equal = _from_until(day, end if begin == day else day)
    said: Mapping[Operator, Filter] = {
        Operator.EQ: equal,
        Operator.NE: Not(equal),
        Operator.GE: Condition("day", Operator.GE, begin),
        Operator.LT: Condition("day", Operator.LT, begin),
        Operator.GT: Condition("day", Operator.GE, end),
        Operator.LE: Condition("day", Operator.LT, end),
    }
    return said.get(operator)


def _not_before(day: date, first: Step, following: Step) -> date:
    """The first day of the first period that does not begin before a day."""
    return day if first(day) == day else following(day)


def _from_until(begin: date, end: date) -> Filter:
    return And((Condition("day", Operator.GE, begin), Condition("day", Operator.LT, end)))


def _has_room(where: Filter) -> bool:
    """Whether a filter stays within what a filter may be when each of its conditions becomes three."""
    nodes, deepest = 0, 0
    waiting: list[tuple[Filter, int]] = [(where, 1)]
    while waiting:
        node, depth = waiting.pop()
        nodes, deepest = nodes + 1, max(deepest, depth)
        parts = (node.part,) if isinstance(node, Not) else node.parts if isinstance(node, (And, Or)) else ()
        waiting.extend((part, depth + 1) for part in parts)
    return 4 * nodes <= MAX_NODES and deepest + 2 <= MAX_DEPTH
