"""What the forms of the page change in its question: a line that was typed, a condition, a period, one more measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from starlette.datastructures import QueryParams

from clientela.contracts.filter import Condition, Filter, Not, Operator, Scalar
from clientela.contracts.schema import Type
from clientela.contracts.text import Period, Text, text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.figures.days import after, begins
from clientela.errors import ClientelaError, QueryError, UnknownNameError
from clientela.pipeline.exploring.choices import Offered, named
from clientela.present.say import say
from clientela.web.explore.question import Asking
from clientela.web.explore.said import joined, parts_of, typed

WHOLE = "all"
_PERIODS = (("year", 5), ("quarter", 8), ("month", 18))
_DAY = "day"


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that could not be read: which one, and why, in a sentence."""

    form: str
    error: ClientelaError


def changed(params: QueryParams, asking: Asking, offered: Offered, locale: str) -> Asking | Refused | None:
    """The question as a form changed it; None where none did."""
    forms = (("say", _typed), ("also", _also), ("period", _period), ("add", _added))
    for name, change in forms:
        if name in params:
            try:
                found = change(params, asking, offered, locale)
            except ClientelaError as error:
                return Refused(name, error)
            if found is not None and found != asking:
                return found
    return None


def _typed(params: QueryParams, asking: Asking, offered: Offered, locale: str) -> Asking | None:
    said = params["say"].strip()
    return typed(said, offered, locale, asking) if said else None


def _also(params: QueryParams, asking: Asking, offered: Offered, locale: str) -> Asking | None:
    """One more measure, named in letters."""
    said = params["also"].strip()
    if not said:
        return None
    name = named("measure", said, offered.measures, {each.name: say(each.label, locale) for each in offered.measures})
    return replace(asking, measures=tuple(dict.fromkeys((*asking.measures, name))))


def _period(params: QueryParams, asking: Asking, offered: Offered, locale: str) -> Asking | None:
    """The period in the place of the one the filter held."""
    said = params["period"]
    if not said or said == period_of(asking, offered):
        return None
    parts = [each for each in parts_of(asking.where, offered) if not _is_period(each)]
    if said == WHOLE:
        return replace(asking, where=joined(parts), page=1)
    known = {name: days for name, days, _ in periods(offered)}
    if said not in known:
        raise UnknownNameError("period", said, known)
    first, last = known[said]
    return replace(asking, where=joined([*parts, Condition(_DAY, Operator.BETWEEN, (first, last))]), page=1)


def _is_period(part: Filter) -> bool:
    return isinstance(part, Condition) and part.field == _DAY and part.operator is Operator.BETWEEN


def period_of(asking: Asking, offered: Offered) -> str:
    """The name of the period that the filter holds to; ``all`` where it holds to none, '' for one without a name."""
    held = [each.value for each in parts_of(asking.where, offered) if isinstance(each, Condition) and _is_period(each)]
    if not held:
        return WHOLE
    return next((name for name, days, _ in periods(offered) if days == held[0]), "")


def periods(offered: Offered) -> Iterator[tuple[str, tuple[date, date], Text]]:
    """The newest years, quarters and months that figures are of: a name, its days, and how it is said."""
    if offered.first_day is None or offered.last_day is None:
        return
    for part, most in _PERIODS:
        first = begins(offered.last_day, part)
        for _ in range(most):
            last = after(first, part) - timedelta(days=1)
            if last < offered.first_day:
                break
            quarter = f"{first.year:04}-Q{first.month // 3 + 1}"
            name = f"{first.year:04}" if part == "year" else quarter if part == "quarter" else f"{first:%Y-%m}"
            yield name, (first, last), text("{period}", period=Period(first, last))
            first = begins(first - timedelta(days=1), part)


def _added(params: QueryParams, asking: Asking, offered: Offered, locale: str) -> Asking | None:
    """One more condition: a dimension, an operator, values."""
    name, operator = params.get("field") or "", params.get("op") or "is"
    if not name:
        return None
    if name not in DIMENSIONS:
        raise UnknownNameError("dimension", name, DIMENSIONS)
    values = [each for each in params.getlist("value") if each.strip()]
    condition = _condition(name, operator, values, params)
    parts = parts_of(asking.where, offered)
    return replace(asking, where=joined(parts if condition in parts else [*parts, condition]), page=1)


def _condition(name: str, operator: str, values: Sequence[str], params: QueryParams) -> Filter:
    kind = DIMENSIONS[name].type
    if operator in ("unknown", "known"):
        missing = Condition(name, Operator.IS_NULL)
        return missing if operator == "unknown" else Not(missing)
    if kind is Type.DATE:
        return _days(name, params.get("from") or "", params.get("to") or "")
    if not values:
        raise QueryError(text("choose or type at least one value."))
    read = [_value(name, kind, each) for each in values]
    if operator in ("is", "not"):
        one = Condition(name, Operator.EQ, read[0]) if len(read) == 1 else Condition(name, Operator.IN, tuple(read))
        return one if operator == "is" else Not(one)
    way = {
        "contains": Operator.CONTAINS,
        "starts": Operator.STARTS_WITH,
        "least": Operator.GE,
        "most": Operator.LE,
    }.get(operator)
    if way is None:
        raise UnknownNameError("operator", operator, ("is", "not", "contains", "starts", "least", "most"))
    if way in (Operator.CONTAINS, Operator.STARTS_WITH) and kind is not Type.TEXT:
        raise QueryError(text("'{name}' holds no texts, so it cannot be looked through for letters.", name=name))
    return Condition(name, way, read[0])


def _days(name: str, first: str, last: str) -> Filter:
    begin, end = _day(first), _day(last)
    if begin is not None and end is not None:
        if begin > end:
            raise QueryError(text("the first day is after the last; exchange them."))
        return Condition(name, Operator.BETWEEN, (begin, end))
    if begin is not None:
        return Condition(name, Operator.GE, begin)
    if end is not None:
        return Condition(name, Operator.LE, end)
    raise QueryError(text("say the first day, the last day, or both."))


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise QueryError(text("'{said}' is no date; write it as 2024-05-01.", said=said[:40])) from None


def _value(name: str, kind: Type, said: str) -> Scalar:
    if kind is Type.TEXT:
        return said
    try:
        number = Decimal(said.strip())
    except InvalidOperation:
        raise QueryError(text("'{name}' takes a number; '{said}' is none.", name=name, said=said[:40])) from None
    if not number.is_finite() or (kind is Type.INT and number != number.to_integral_value()):
        raise QueryError(text("'{name}' takes a whole number; '{said}' is none.", name=name, said=said[:40]))
    return int(number) if kind is Type.INT else number
