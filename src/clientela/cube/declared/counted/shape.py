"""What a measure is: what its number counts, how it is had from the rows of a fact, how far it may be added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from clientela.contracts.schema import Type
from clientela.contracts.text import Text


class Unit(StrEnum):
    """What a measure's number counts."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    DAYS = "days"

    @property
    def type(self) -> Type:
        """The contract type of a figure in this unit."""
        return _TYPES[self]


_TYPES: Mapping[Unit, Type] = MappingProxyType(
    {
        Unit.MONEY: Type.MONEY,
        Unit.COUNT: Type.INT,
        Unit.SHARE: Type.SHARE,
        Unit.NUMBER: Type.NUMBER,
        Unit.DAYS: Type.INT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An aggregate over the rows of one fact.

    ``aggregate`` is portable SQL over the fact's columns. ``empty`` is the figure where the fact has
    no row: 0 where nothing happened, None where nothing is known. ``adds_over_time`` and
    ``adds_over_customers`` say whether figures of separate days, or of separate customers, may be
    summed; a count of different customers may not be summed over time.
    """

    name: str
    label: Text
    description: Text
    unit: Unit
    fact: str
    aggregate: str
    empty: int | None = 0
    adds_over_time: bool = True
    adds_over_customers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One measure divided by another, computed anew at every level and never summed.

    It is None where the denominator is 0 or either part is unknown.
    """

    name: str
    label: Text
    description: Text
    unit: Unit
    numerator: str
    denominator: str
