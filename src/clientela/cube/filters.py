"""The filter tree as a condition in SQL: fields looked up, values typed and bound, never pasted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Union

from sqlglot import exp

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or, Scalar
from clientela.contracts.schema import Type
from clientela.errors import QueryError, UnknownNameError

SEGMENT = "segment"
MAX_DEPTH = 8
MAX_NODES = 200
MAX_VALUES = 1000
_INT_LIMIT = 2**63
_DIGITS = 18

_COMPARE: Mapping[Operator, type[exp.Binary]] = {
    Operator.EQ: exp.EQ,
    Operator.NE: exp.NEQ,
    Operator.LT: exp.LT,
    Operator.LE: exp.LTE,
    Operator.GT: exp.GT,
    Operator.GE: exp.GTE,
}
_ORDERED = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.BETWEEN})
_WITHIN = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})
_ASKED: Mapping[Type, str] = {
    Type.TEXT: "a text",
    Type.INT: "a whole number",
    Type.BOOL: "true or false",
    Type.DATE: "a date, such as 2017-10-01",
    Type.INSTANT: "a moment, such as 2017-10-01 12:00",
    Type.MONEY: "a decimal number",
    Type.NUMBER: "a decimal number",
    Type.SHARE: "a decimal number",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """The parameters of one query, numbered as they are met, under names that begin alike."""

    begins: str = "value"
    values: dict[str, object] = field(default_factory=dict)

    def bind(self, value: object) -> exp.Placeholder:
        """A placeholder that stands for ``value``."""
        name = f"{self.begins}_{len(self.values)}"
        self.values[name] = value
        return exp.Placeholder(this=name)


def fields_of(where: Filter | None) -> frozenset[str]:
    """The fields a filter names.

    Raises
    ------
    QueryError
        The filter is too deep or too large, or holds what is no part of a filter.
    """
    names: set[str] = set()
    nodes = 0
    waiting: list[tuple[object, int]] = [] if where is None else [(where, 1)]
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if depth > MAX_DEPTH:
            raise QueryError(f"the filter is nested more than {MAX_DEPTH} levels deep; write it flatter.")
        if nodes > MAX_NODES:
            raise QueryError(f"the filter has more than {MAX_NODES} parts; use 'in' for lists of values.")
        if isinstance(node, Condition):
            names.add(node.field)
        elif isinstance(node, Not):
            waiting.append((node.part, depth + 1))
        elif isinstance(node, (And, Or)):
            waiting.extend((part, depth + 1) for part in node.parts)
        else:
            raise QueryError(f"a filter is made of Condition, And, Or and Not; {type(node).__name__} is none of them.")
    return frozenset(names)


def condition(
    where: Filter,
    types: Mapping[str, Type],
    column: Callable[[str], exp.Expr],
    bound: Bound,
    seen: Mapping[str, exp.Expr] = MappingProxyType({}),
    customer: exp.Expr | None = None,
) -> exp.Expr:
    """``where`` in SQL. It follows SQL's three-valued logic: unknown is neither true nor, under Not, false.

    Parameters
    ----------
    types
        The fields it may name, each with its type.
    column
        The SQL expression of a field.
    bound
        Takes up the values.
    seen
        Of fields that are hidden in some rows, whether they are not: a hidden one is unknown, null or not.
    customer
        The column that names the customer: the field ``segment`` then asks in which segments they are, however many
        these are, and the condition is one of rows to keep: what is unknown may read as false. None: it is a field
        like any other.

    Raises
    ------
    UnknownNameError, QueryError
        A field is not known, or a value is not of the field's type.
    """
    fields_of(where)
    return _compiled(where, types, column, bound, seen, customer)


def _compiled(
    where: Filter,
    types: Mapping[str, Type],
    column: Callable[[str], exp.Expr],
    bound: Bound,
    seen: Mapping[str, exp.Expr],
    customer: exp.Expr | None,
    under_not: bool = False,
) -> exp.Expr:
    if isinstance(where, Not):
        return exp.Not(this=exp.Paren(this=_compiled(where.part, types, column, bound, seen, customer, True)))
    if isinstance(where, Condition):
        if where.field not in types:
            raise UnknownNameError("field", str(where.field), types)
        if customer is not None and where.field == SEGMENT:
            return _in_segment(where, customer, bound, under_not=under_not)
        told = exp.Paren(this=_asked(where, types[where.field], column(where.field), bound))
        if where.field in seen:
            return exp.Paren(this=exp.Case(ifs=[exp.If(this=seen[where.field].copy(), true=told)]))
        return told
    parts = [_compiled(part, types, column, bound, seen, customer, under_not) for part in where.parts]
    if not parts:
        return exp.Boolean(this=isinstance(where, And))
    return exp.Paren(this=(exp.and_ if isinstance(where, And) else exp.or_)(*parts, copy=False))


def _in_segment(asked: Condition, customer: exp.Expr, bound: Bound, *, under_not: bool) -> exp.Expr:
    """Whether a customer is in some segment that is as asked.

    A row without a customer is in none, as figures by segment show it; whether in another than one it is unknown.
    Only under Not is that told from false: elsewhere the engine is given a condition that it joins.
    """
    denied = asked.operator in (Operator.NE, Operator.IS_NULL)
    named = None if asked.operator is Operator.IS_NULL else asked
    if asked.operator is Operator.NE:
        named = Condition(asked.field, Operator.EQ, asked.value)
    date = exp.cast(exp.Placeholder(this="as_of"), "date")
    until = exp.column("valid_to")
    inside = exp.select("customer_id").from_("segment_member")
    inside = inside.where(exp.LTE(this=exp.column("valid_from"), expression=date))
    inside = inside.where(
        exp.or_(exp.Is(this=until, expression=exp.Null()), exp.GT(this=until.copy(), expression=date.copy()))
    )
    if named is not None:
        inside = inside.where(_asked(named, Type.TEXT, exp.column(SEGMENT), bound))
    found = exp.In(this=customer.copy(), query=inside.subquery())
    nobody = exp.Is(this=customer.copy(), expression=exp.Null())
    if named is None:
        return exp.Paren(this=exp.or_(nobody, exp.Not(this=found), copy=False))
    known = exp.Not(this=nobody)  # nothing is in an empty list, null too
    if not under_not:
        return exp.Paren(this=exp.and_(known, exp.Not(this=found), copy=False)) if denied else found
    return exp.Case(ifs=[exp.If(this=known, true=exp.Not(this=found) if denied else found)])


def _asked(asked: Condition, kind: Type, left: exp.Expr, bound: Bound) -> exp.Expr:
    operator = _operator(asked)
    if operator is Operator.IS_NULL:
        if asked.value is not None:
            raise QueryError(f"'{asked.field} is_null' takes no value; to ask for the contrary put it under Not.")
        return exp.Is(this=left, expression=exp.Null())
    if operator in _ORDERED and kind is Type.BOOL:
        raise QueryError(f"'{asked.field}' is true or false and has no order; use eq or ne.")
    if operator in {Operator.IN, Operator.BETWEEN}:
        return _several(asked, operator, kind, left, bound)
    value = typed(asked.field, kind, asked.value)
    if operator in _WITHIN:
        return _within(asked, operator, kind, value, left, bound)
    return _COMPARE[operator](this=left, expression=bound.bind(value))


def _operator(asked: Condition) -> Operator:
    try:
        return Operator(asked.operator)
    except ValueError:
        raise UnknownNameError("operator", str(asked.operator), [each.value for each in Operator]) from None


def _several(asked: Condition, operator: Operator, kind: Type, left: exp.Expr, bound: Bound) -> exp.Expr:
    if not isinstance(asked.value, tuple):
        raise QueryError(f"'{asked.field} {operator.value}' takes a tuple of values, not {asked.value!r}.")
    if len(asked.value) > MAX_VALUES:
        raise QueryError(f"'{asked.field} in' takes at most {MAX_VALUES} values, not {len(asked.value)}.")
    values = [bound.bind(typed(asked.field, kind, value)) for value in asked.value]
    if operator is Operator.BETWEEN:
        if len(values) != 2:
            raise QueryError(f"'{asked.field} between' takes two values, the lower first, not {len(values)}.")
        return exp.Between(this=left, low=values[0], high=values[1])
    return exp.In(this=left, expressions=values) if values else exp.Boolean(this=False)


def _within(asked: Condition, operator: Operator, kind: Type, value: Scalar, left: exp.Expr, bound: Bound) -> exp.Expr:
    if kind is not Type.TEXT or not isinstance(value, str):
        raise QueryError(f"'{asked.field}' is not a text, so '{operator.value}' cannot be asked of it.")
    found = exp.StartsWith if operator is Operator.STARTS_WITH else exp.Contains
    return found(this=left, expression=bound.bind(value))


def typed(name: str, kind: Type, value: object) -> Scalar:
    """``value`` when it is of the type ``kind``, in the form in which it is bound."""
    if value is None:
        raise QueryError(f"'{name}' cannot be compared with null; ask is_null.")
    taken = _TAKERS[kind](value)
    if taken is None:
        raise QueryError(f"'{name}' takes {_ASKED[kind]}; {value!r} is not one.")
    return taken


def _text(value: object) -> str | None:
    if not isinstance(value, str) or "\0" in value:
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in value) else value


def _int(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_INT_LIMIT <= value < _INT_LIMIT else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= _DIGITS or -int(number.as_tuple().exponent) > _DIGITS:
        return None
    return number


def _date(value: object) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_TAKERS: Mapping[Type, Callable[[object], Union[Scalar, None]]] = {
    Type.TEXT: _text,
    Type.INT: _int,
    Type.BOOL: _bool,
    Type.DATE: _date,
    Type.INSTANT: _instant,
    Type.MONEY: _decimal,
    Type.NUMBER: _decimal,
    Type.SHARE: _decimal,
}
