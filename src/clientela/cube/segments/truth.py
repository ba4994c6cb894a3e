"""Whether conditions hold of many customers at once, in SQL's three-valued logic. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.filter import And, Condition, Filter, Not, Operator
from clientela.contracts.schema import Type

NO, UNKNOWN, YES = 0, 1, 2
Truth = NDArray[np.int8]
Whole = NDArray[np.int64]
_EPOCH = date(1970, 1, 1)
DIGITS: Mapping[Type, int] = {Type.MONEY: 4, Type.NUMBER: 6, Type.SHARE: 6}


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one field, (n,), and which of them are known.

    Numbers are whole ones in units of ten to the power of minus ``digits``, dates are days since 1970, texts and
    truths are objects.
    """

    values: NDArray[Any]
    known: NDArray[np.bool_]
    digits: int = 0

    def at(self, places: NDArray[np.int64]) -> Values:
        """Those at some places."""
        return Values(self.values[places], self.known[places], self.digits)


def holds(asked: Condition, values: Values) -> Truth:
    """Whether a condition holds of each value: 2 yes, 1 unknown, 0 no."""
    if asked.operator is Operator.IS_NULL:
        return np.where(values.known, NO, YES).astype(np.int8)
    told = _compared(asked, values)
    return np.where(values.known, np.where(told, YES, NO), UNKNOWN).astype(np.int8)


def truth(where: Filter, leaves: Mapping[Condition, Truth]) -> Truth:
    """Whether a tree holds, from whether its conditions do.

    Examples
    --------
    >>> one, other = Condition("a", Operator.EQ, 1), Condition("b", Operator.EQ, 1)
    >>> told = {one: np.array([2, 1, 0], np.int8), other: np.array([2, 2, 1], np.int8)}
    >>> truth(And((one, Not(other))), told).tolist()
    [0, 0, 0]
    """
    if isinstance(where, Condition):
        return leaves[where]
    if isinstance(where, Not):
        return (YES - truth(where.part, leaves)).astype(np.int8)
    size = len(next(iter(leaves.values()))) if leaves else 1
    both = isinstance(where, And)
    told = np.full(size, YES if both else NO, dtype=np.int8)
    for part in where.parts:
        (np.minimum if both else np.maximum)(told, truth(part, leaves), out=told)
    return told


def _compared(asked: Condition, values: Values) -> NDArray[np.bool_]:
    if values.values.dtype == object:
        return np.fromiter(
            (known and _of_object(asked, each) for each, known in zip(values.values, values.known, strict=True)),
            dtype=bool,
            count=len(values.values),
        )
    operator, value = asked.operator, asked.value
    if isinstance(value, tuple):
        if operator is Operator.BETWEEN:
            low, high = value
            return _of_numbers(Operator.GE, low, values) & _of_numbers(Operator.LE, high, values)
        found = np.zeros(len(values.values), dtype=bool)
        for each in value:
            found |= _of_numbers(Operator.EQ, each, values)
        return found
    return _of_numbers(operator, value, values)


def _of_numbers(operator: Operator, value: object, values: Values) -> NDArray[np.bool_]:
    """Compared exactly: a bound between two whole numbers is moved to the one beside it."""
    bound = in_units(value, values.digits)
    told = values.values
    if operator in (Operator.EQ, Operator.NE):
        same = told == int(bound) if bound.denominator == 1 else np.zeros(len(told), dtype=bool)
        return np.asarray(same if operator is Operator.EQ else ~same)
    if operator is Operator.GT:
        return np.asarray(told > _clipped(floor(bound)))
    if operator is Operator.LE:
        return np.asarray(told <= _clipped(floor(bound)))
    if operator is Operator.GE:
        return np.asarray(told >= _clipped(ceil(bound)))
    return np.asarray(told < _clipped(ceil(bound)))


def _clipped(bound: int) -> int:
    return max(-(2**63), min(2**63 - 1, bound))


def in_units(value: object, digits: int) -> Fraction:
    """A number or a date in the units of `Values`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Fraction((value - _EPOCH).days)
    if isinstance(value, (int, Decimal)):
        return Fraction(value) * Fraction(10**digits)
    raise TypeError(type(value).__name__)


def _of_object(asked: Condition, each: Any) -> bool:
    operator, value = asked.operator, asked.value
    if operator is Operator.IN:
        return isinstance(value, tuple) and each in value
    if operator is Operator.BETWEEN:
        return isinstance(value, tuple) and bool(_bytes(value[0]) <= _bytes(each) <= _bytes(value[1]))
    if operator is Operator.CONTAINS:
        return str(value) in each
    if operator is Operator.STARTS_WITH:
        return bool(each.startswith(str(value)))
    if operator in (Operator.EQ, Operator.NE):
        return bool((each == value) is (operator is Operator.EQ))
    left, right = _bytes(each), _bytes(value)
    return {
        Operator.LT: left < right,
        Operator.LE: left <= right,
        Operator.GT: left > right,
        Operator.GE: left >= right,
    }[operator]


def _bytes(text: object) -> bytes:
    """As the engine orders texts."""
    return str(text).encode()


def said(values: Values, place: int, kind: Type) -> str | None:
    """One value as text, for a person; None where it is not known."""
    if not values.known[place]:
        return None
    value = values.values[place]
    if kind is Type.DATE:
        return date.fromordinal(_EPOCH.toordinal() + int(value)).isoformat()
    if not values.digits:
        return str(value).lower() if isinstance(value, (bool, np.bool_)) else str(value)
    number = Decimal(int(value)).scaleb(-values.digits)
    return f"{number.quantize(Decimal(1).scaleb(-2)) if number == round(number, 2) else number.normalize():f}"
