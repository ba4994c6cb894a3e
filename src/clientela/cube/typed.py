"""A filter as a person types it: read into the filter tree, never pasted into SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or, Scalar
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text
from clientela.cube.fiscal import spelt_out
from clientela.errors import QueryError, UnknownNameError

MAX_LETTERS = 10_000
_COMPARISONS: Mapping[type[exp.Expr], Operator] = {
    exp.EQ: Operator.EQ,
    exp.NEQ: Operator.NE,
    exp.LT: Operator.LT,
    exp.LTE: Operator.LE,
    exp.GT: Operator.GT,
    exp.GTE: Operator.GE,
}
_TURNED = {
    Operator.LT: Operator.GT,
    Operator.GT: Operator.LT,
    Operator.LE: Operator.GE,
    Operator.GE: Operator.LE,
}
_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|W(\d{2})|(\d{2})(?:-(\d{2}))?))?\Z", re.ASCII)
_HOW = text(
    "A filter is made of comparisons (channel = 'web', month >= '2017-03', region in ('North', 'South'), "
    "brand is not null, starts_with(category, 'DRY')) joined by and, or, not and parentheses."
)


def read(
    said: str, types: Mapping[str, Type], fiscal: FiscalYear = CALENDAR, *, several: Collection[str] = ()
) -> Filter:
    """The filter that a text says.

    Days may be said as a year, a quarter, a month, an ISO week or a day: ``month = '2017'`` is every month of 2017.

    Parameters
    ----------
    types : the fields it may name, each with its type
    fiscal : the company's year, in whose names days may be said: ``fiscal_quarter = 'FY2025-Q1'``
    several : the days of which one has several: ``month <> '2017'`` then asks for one that lies in another year, as
        ``channel <> 'web'`` asks for one elsewhere

    Raises
    ------
    QueryError, UnknownNameError
        It cannot be read, names an unknown field, or compares a field with what is not of its type.

    Examples
    --------
    >>> read("channel = 'web' and not brand is null", {"channel": Type.TEXT, "brand": Type.TEXT})
    ... # doctest: +NORMALIZE_WHITESPACE
    And(parts=(Condition(field='channel', operator=<Operator.EQ: 'eq'>, value='web'),
        Not(part=Condition(field='brand', operator=<Operator.IS_NULL: 'is_null'>, value=None))))
    """
    if len(said) > MAX_LETTERS:
        raise QueryError(text("the filter has {n} letters; at most {most} can be read.", n=len(said), most=MAX_LETTERS))
    if not said.strip():
        raise QueryError(text("the filter is empty. {how}", how=_HOW))
    try:
        statements = sqlglot.parse(f"select 1 where {said}", dialect="duckdb")
    except (SqlglotError, RecursionError, TypeError) as error:  # the last where an arrow points at nothing
        raise QueryError(_unread(error)) from None
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select) or {name for name, value in select.args.items() if value} - _PARTS:
        raise QueryError(text("the filter cannot be read: it is more than a condition. {how}", how=_HOW))
    where = select.args.get("where")
    if where is None:
        raise QueryError(text("the filter is empty. {how}", how=_HOW))
    try:
        return _filter(spelt_out(_before_or_after(where.this, several), types, fiscal), types)
    except RecursionError:
        raise QueryError(text("the filter is nested too deep; write it flatter.")) from None


def _before_or_after(tree: exp.Expr, several: Collection[str]) -> exp.Expr:
    """The tree with each of these fields that is not in a period as one that lies before it or after it."""
    for node in list(tree.find_all(exp.NEQ)) if several else ():
        field, said = node.this, node.expression
        if isinstance(said, exp.Column):
            field, said = said, field
        if not isinstance(field, exp.Column) or field.name not in several:
            continue
        sides = (kind(this=field.copy(), expression=said.copy()) for kind in (exp.LT, exp.GT))
        told = exp.Paren(this=exp.or_(*sides, copy=False))
        if node is tree:
            return told
        node.replace(told)
    return tree


def equal(name: str, said: str, types: Mapping[str, Type], fiscal: FiscalYear = CALENDAR) -> Filter:
    """The filter that holds a field to one value, as a text says it: a day, a month, a number, a text.

    Examples
    --------
    >>> equal("month", "2024-03", {"month": Type.DATE}).value
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 31))
    """
    literal = exp.Literal.string(said)
    return _filter(spelt_out(exp.EQ(this=exp.column(name), expression=literal), types, fiscal), types)


_PARTS = frozenset({"expressions", "where", "kind", "hint", "operation_modifiers"})


def _unread(error: Exception) -> Text:
    """That a filter cannot be read, with the sign at which it ends to be one where that is known."""
    told = getattr(error, "errors", None)
    near = told[0].get("highlight") if told else None
    if not near:
        return text("the filter cannot be read. {how}", how=_HOW)
    return text("the filter cannot be read near '{near}'. {how}", near=str(near), how=_HOW)


def _filter(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    if isinstance(node, exp.Paren):
        return _filter(node.this, types)
    if isinstance(node, (exp.And, exp.Or)):
        parts = tuple(_filter(each, types) for each in node.flatten(unnest=False))
        return And(parts) if isinstance(node, exp.And) else Or(parts)
    if isinstance(node, exp.Not):
        return Not(_filter(node.this, types))
    for kind, operator in _COMPARISONS.items():
        if type(node) is kind:
            return _comparison(node, operator, types)
    reader = _READERS.get(type(node))
    if reader is not None:
        return reader(node, types)
    if isinstance(node, exp.Column) and _field(node, types)[1] is Type.BOOL:
        return Condition(node.name, Operator.EQ, True)
    raise QueryError(text("'{said}' is no comparison that a filter may hold. {how}", said=node.sql("duckdb"), how=_HOW))


def _field(node: exp.Expr | None, types: Mapping[str, Type]) -> tuple[str, Type]:
    if not isinstance(node, exp.Column) or node.table:
        said = "" if node is None else node.sql("duckdb")
        raise QueryError(text("'{said}' is no field; a comparison has a field on its left. {how}", said=said, how=_HOW))
    if node.name not in types:
        raise UnknownNameError("field", node.name, types)
    return node.name, types[node.name]


def _comparison(node: exp.Expr, operator: Operator, types: Mapping[str, Type]) -> Filter:
    left, right = node.this, node.expression
    if isinstance(right, exp.Column) and not isinstance(left, exp.Column):
        left, right, operator = right, left, _TURNED.get(operator, operator)
    name, kind = _field(left, types)
    return _compared(name, kind, operator, right)


def _compared(name: str, kind: Type, operator: Operator, right: exp.Expr) -> Filter:
    if kind is Type.DATE and _is_text(right):
        first, last = _period(name, right.name)
        if operator is Operator.EQ:
            return _in_period(name, first, last)
        if operator is Operator.NE:
            return Not(_in_period(name, first, last))
        return Condition(name, operator, last if operator in (Operator.GT, Operator.LE) else first)
    return Condition(name, operator, _value(name, kind, right))


def _in_period(name: str, first: date, last: date) -> Condition:
    if first == last:
        return Condition(name, Operator.EQ, first)
    return Condition(name, Operator.BETWEEN, (first, last))


def _among(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    name, kind = _field(node.this, types)
    if node.args.get("query") is not None or node.args.get("unnest") is not None:
        raise QueryError(text("'{name} in' takes a list of values in parentheses. {how}", name=name, how=_HOW))
    if kind is Type.DATE:
        return Or(tuple(_compared(name, kind, Operator.EQ, each) for each in node.expressions))
    return Condition(name, Operator.IN, tuple(_value(name, kind, each) for each in node.expressions))


def _between(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    name, kind = _field(node.this, types)
    low, high = node.args["low"], node.args["high"]
    if kind is Type.DATE:
        first, last = _period(name, low.name)[0], _period(name, high.name)[1]
        return Condition(name, Operator.BETWEEN, (first, last))
    return Condition(name, Operator.BETWEEN, (_value(name, kind, low), _value(name, kind, high)))


def _is(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    name, kind = _field(node.this, types)
    if isinstance(node.expression, exp.Null):
        return Condition(name, Operator.IS_NULL)
    if isinstance(node.expression, exp.Boolean) and kind is Type.BOOL:
        return Condition(name, Operator.EQ, bool(node.expression.this))
    raise QueryError(text("'{name} is' takes null, or not null. {how}", name=name, how=_HOW))


def _starts(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    return _within(node, Operator.STARTS_WITH, types)


def _contains(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    return _within(node, Operator.CONTAINS, types)


def _within(node: exp.Expr, operator: Operator, types: Mapping[str, Type]) -> Filter:
    name, _ = _field(node.this, types)
    return Condition(name, operator, _value(name, Type.TEXT, node.expression))


def _like(node: exp.Expr, types: Mapping[str, Type]) -> Filter:
    """The two patterns that the filter tree can say; others are refused, so that none is read wrongly."""
    name, _ = _field(node.this, types)
    pattern = _value(name, Type.TEXT, node.expression)
    assert isinstance(pattern, str)  # noqa: S101 -- a text was asked for
    inner = pattern.strip("%")
    if "%" in inner or "_" in inner or not inner:
        raise QueryError(f"'{name} like' takes 'abc%' or '%abc%'; '{pattern}' is neither.")
    if pattern == f"{inner}%":
        return Condition(name, Operator.STARTS_WITH, inner)
    if pattern == f"%{inner}%":
        return Condition(name, Operator.CONTAINS, inner)
    raise QueryError(f"'{name} like' takes 'abc%' or '%abc%'; '{pattern}' is neither.")


_READERS: Mapping[type[exp.Expr], Callable[[exp.Expr, Mapping[str, Type]], Filter]] = {
    exp.In: _among,
    exp.Between: _between,
    exp.Is: _is,
    exp.StartsWith: _starts,
    exp.Contains: _contains,
    exp.ArrayContains: _contains,
    exp.Like: _like,
}


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _value(name: str, kind: Type, node: exp.Expr) -> Scalar:
    """A literal in the type of its field."""
    negative = isinstance(node, exp.Neg)
    literal = node.this if negative else node
    if isinstance(literal, exp.Boolean) and kind is Type.BOOL and not negative:
        return bool(literal.this)
    if not isinstance(literal, exp.Literal):
        said = node.sql("duckdb")
        raise QueryError(
            text(
                "'{name}' is compared with a value, not with '{said}'; a text stands in quotes. {how}",
                name=name,
                said=said,
                how=_HOW,
            )
        )
    said = literal.this
    if kind is Type.TEXT:
        if not literal.is_string:
            raise QueryError(text("'{name}' is a text: put quotes around {said}.", name=name, said=said))
        return str(said)
    if kind is Type.DATE:
        return _period(name, said)[0]
    if kind is Type.INSTANT:
        try:
            return datetime.fromisoformat(said)
        except ValueError:
            raise QueryError(f"'{name}' takes a moment, such as '2017-10-01 12:00'; '{said}' is not one.") from None
    try:
        number = Decimal(said)
    except InvalidOperation:
        raise QueryError(f"'{name}' takes a number; '{said}' is not one.") from None
    signed = -number if negative else number
    if kind is Type.INT:
        if signed != signed.to_integral_value():
            raise QueryError(f"'{name}' takes a whole number; {said} is not one.")
        return int(signed)
    return signed


def _period(name: str, said: str) -> tuple[date, date]:
    """The first and last day of what a text names.

    Examples
    --------
    >>> _period("month", "2024-Q1")
    (datetime.date(2024, 1, 1), datetime.date(2024, 3, 31))
    >>> _period("day", "2024-W01")
    (datetime.date(2024, 1, 1), datetime.date(2024, 1, 7))
    """
    found = _PERIOD.match(said)
    try:
        if "/" in said:  # from one day to another, as a fiscal period is spelt out
            first, last = map(date.fromisoformat, said.split("/", 1))
            if first > last:
                raise ValueError(said)
            return first, last
        if found is None:
            raise ValueError(said)
        year, quarter, week, month, day = (None if each is None else int(each) for each in found.groups())
        assert year is not None  # noqa: S101 -- the pattern asks for it
        if week is not None:
            first = date.fromisocalendar(year, week, 1)
            return first, first + timedelta(days=6)
        if day is not None and month is not None:
            return date(year, month, day), date(year, month, day)
        start = 1 if month is None and quarter is None else month or 3 * (quarter or 1) - 2
        months = 12 if month is None and quarter is None else 3 if quarter else 1
        first, end = date(year, start, 1), start + months
        return first, date(year + (end > 12), (end - 1) % 12 + 1, 1) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise QueryError(
            text(
                "'{name}' takes a day, month, quarter, week or year, such as '2017-03-31', '2017-03', '2017-Q1', "
                "'2017-W13' or '2017'; '{said}' is none.",
                name=name,
                said=said,
            )
        ) from None
