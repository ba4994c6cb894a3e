"""A filter tree as a person would type it: what `clientela.cube.typed.read` reads back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or, Scalar
from clientela.cube.figures.days import after, begins

_SIGNS: Mapping[Operator, str] = {
    Operator.EQ: "=",
    Operator.NE: "<>",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}


def written(where: Filter) -> str:
    """The text that says a filter.

    Examples
    --------
    >>> written(And((Condition("channel", Operator.EQ, "web"), Not(Condition("brand", Operator.IS_NULL)))))
    "channel = 'web' and brand is not null"
    >>> written(Condition("month", Operator.BETWEEN, (date(2024, 1, 1), date(2024, 3, 31))))
    "month = '2024-Q1'"
    """
    if isinstance(where, Condition):
        return _condition(where)
    if isinstance(where, Not):
        return _denied(where.part)
    listed = _listed(where)
    if listed:
        return listed
    word = " and " if isinstance(where, And) else " or "
    return word.join(_inside(part) for part in where.parts)


def _inside(part: Filter) -> str:
    """A part of an and or an or: in parentheses where it is one itself."""
    said = written(part)
    joined = isinstance(part, And | Or) and not _listed(part)
    return f"({said})" if joined else said


def _denied(part: Filter) -> str:
    if isinstance(part, Condition) and part.operator is Operator.IS_NULL:
        return f"{part.field} is not null"
    return f"not ({written(part)})"


def _condition(asked: Condition) -> str:
    operator, value = Operator(asked.operator), asked.value
    if operator is Operator.IS_NULL:
        return f"{asked.field} is null"
    if operator is Operator.BETWEEN and isinstance(value, tuple):
        low, high = value
        named = _period(low, high)
        return f"{asked.field} = '{named}'" if named else f"{asked.field} between {_value(low)} and {_value(high)}"
    if isinstance(value, tuple):
        return f"{asked.field} in ({', '.join(map(_value, value))})"
    if operator in (Operator.CONTAINS, Operator.STARTS_WITH):
        return f"{operator.value}({asked.field}, {_value(value)})"
    return f"{asked.field} {_SIGNS[operator]} {_value(value)}"


def _listed(where: And | Or) -> str:
    """Days of one field, one of which it is, as a list; '' for what is no such."""
    if not isinstance(where, Or) or len(where.parts) < 2:
        return ""
    said = [_day_of(part) for part in where.parts]
    fields = {part.field for part in where.parts if isinstance(part, Condition)}
    if None in said or len(fields) != 1:
        return ""
    days = ", ".join(f"'{each}'" for each in said)
    return f"{fields.pop()} in ({days})"


def _day_of(part: Filter) -> str | None:
    """What names the days that a condition holds to; None where none does."""
    if not isinstance(part, Condition):
        return None
    if part.operator is Operator.EQ and _is_day(part.value):
        return str(part.value)
    if part.operator is Operator.BETWEEN and isinstance(part.value, tuple):
        return _period(*part.value) or None
    return None


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _period(low: Scalar, high: Scalar) -> str:
    """The name of the year, quarter, month or week from one day to another; '' where there is none."""
    if not (isinstance(low, date) and isinstance(high, date) and _is_day(low) and _is_day(high)):
        return ""
    for part, name in (("year", "%Y"), ("quarter", ""), ("month", "%Y-%m"), ("week", "")):
        if begins(low, part) == low and after(low, part) == high.fromordinal(high.toordinal() + 1):
            if part == "week":
                return f"{low.isocalendar().year:04}-W{low.isocalendar().week:02}"
            return f"{low.year:04}-Q{low.month // 3 + 1}" if part == "quarter" else low.strftime(name)
    return ""


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
