"""The filter tree that queries, segments, eligibility and policy share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Union

Scalar = Union[str, int, bool, Decimal, date, datetime]


class Operator(StrEnum):
    """What a condition may ask. They follow SQL's three-valued logic, also under ``Not``."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    BETWEEN = "between"
    IS_NULL = "is_null"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"


@dataclass(frozen=True, slots=True)
class Condition:
    """``field operator value``: ``value`` is a tuple for ``in`` and ``between``, None for ``is_null``."""

    field: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of ``parts`` hold; true when there is none."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of ``parts`` holds; false when there is none."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``part`` does not hold (unknown stays unknown)."""

    part: Filter


Filter = Union[Condition, And, Or, Not]
