"""What a part of an expression gives, and what becomes of its unit in arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clientela.cube.declared.counted.shape import Unit


class ExpressionError(ValueError):
    """An expression cannot be used."""


class Kind(StrEnum):
    """What a part of an expression gives; a ``key`` names a row or a customer, and can only be counted."""

    TEXT = "a text"
    BOOL = "a condition"
    DATE = "a day"
    KEY = "a key"
    NUMBER = "a number"


@dataclass(frozen=True, slots=True)
class Sort:
    """What a part gives; of a number its unit, None where it is a bare number that takes the unit of what it meets."""

    kind: Kind
    unit: Unit | None = None
    is_whole: bool = True

    @property
    def is_bare(self) -> bool:
        """Whether it is a number without a unit of its own."""
        return self.kind is Kind.NUMBER and self.unit is None

    @property
    def said(self) -> str:
        """In words, such as ``money``."""
        if self.kind is not Kind.NUMBER:
            return self.kind.value
        return _SAID[self.unit] if self.unit is not None else "a bare number"


_SAID = {
    Unit.MONEY: "money",
    Unit.COUNT: "a count",
    Unit.SHARE: "a share",
    Unit.NUMBER: "a number",
    Unit.DAYS: "days",
}
_PLAIN = frozenset({Unit.COUNT, Unit.NUMBER, Unit.SHARE})  # these may be added to each other: the sum is a number
TEXT, BOOL, DATE, KEY = Sort(Kind.TEXT), Sort(Kind.BOOL), Sort(Kind.DATE), Sort(Kind.KEY)


def number(unit: Unit | None = None, *, is_whole: bool = True) -> Sort:
    """A number in a unit; of a bare one, whether it is whole."""
    return Sort(Kind.NUMBER, unit, is_whole)


def _with_bare(one: Sort, bare: Sort) -> Sort:
    """What takes up a bare number: what is counted in whole numbers is no longer so with a part of one."""
    if one.is_bare:
        return number(is_whole=one.is_whole and bare.is_whole)
    return one if bare.is_whole or one.unit not in (Unit.COUNT, Unit.DAYS) else number(Unit.NUMBER)


def alike(one: Sort, other: Sort, sign: str) -> Sort:
    """What adding, comparing or choosing between two parts gives.

    Raises
    ------
    ExpressionError
        They cannot be put together.

    Examples
    --------
    >>> alike(number(Unit.MONEY), number(), "+").said
    'money'
    >>> alike(number(Unit.MONEY), number(Unit.COUNT), "+")
    Traceback (most recent call last):
    clientela.cube.declared.own.sorts.ExpressionError: money and a count cannot be put together with '+'
    """
    if other.is_bare and one.kind is Kind.NUMBER:
        return _with_bare(one, other)
    if one.is_bare and other.kind is Kind.NUMBER:
        return _with_bare(other, one)
    if one == other:
        return one
    if one.unit in _PLAIN and other.unit in _PLAIN:
        return number(Unit.NUMBER)
    raise ExpressionError(f"{one.said} and {other.said} cannot be put together with '{sign}'")


def product(one: Sort, other: Sort) -> Sort:
    """What two numbers give multiplied: money by a count is money; money by money is nothing one can say.

    Examples
    --------
    >>> product(number(Unit.COUNT), number(Unit.MONEY)).said
    'money'
    """
    units = {one.unit, other.unit}
    if None in units:
        return _with_bare(one, other) if other.is_bare else _with_bare(other, one)
    if units in ({Unit.COUNT}, {Unit.SHARE}):
        return one
    for dear in (Unit.MONEY, Unit.DAYS):
        if dear in units:
            if len(units) == 1:
                raise ExpressionError(f"{one.said} cannot be multiplied by {other.said}")
            return number(dear if dear is Unit.MONEY or Unit.COUNT in units else Unit.NUMBER)
    return number(Unit.NUMBER)


def quotient(one: Sort, other: Sort) -> Sort:
    """What one number divided by another gives: money by a count is money, by money a share.

    Examples
    --------
    >>> quotient(number(Unit.MONEY), number(Unit.MONEY)).said, quotient(number(Unit.DAYS), number(Unit.COUNT)).said
    ('a share', 'a number')
    """
    if one.unit is not None and one.unit is other.unit:
        return number(Unit.SHARE)
    if other.unit is None:
        kept = one.unit in (None, Unit.MONEY, Unit.SHARE)
        return number(one.unit if kept else Unit.NUMBER, is_whole=one.unit is not None)
    if other.unit in (Unit.MONEY, Unit.DAYS) and one.unit is not Unit.MONEY:
        raise ExpressionError(f"{one.said} cannot be divided by {other.said}")
    return number(Unit.MONEY if one.unit is Unit.MONEY else Unit.NUMBER)
