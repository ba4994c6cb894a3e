"""What a measure is: what its number counts, how it is had from the rows of a fact, how far it may be added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Union

from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text


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

    @property
    def label(self) -> Text:
        """What it is called."""
        return _LABELS[self]


_TYPES: Mapping[Unit, Type] = MappingProxyType(
    {
        Unit.MONEY: Type.MONEY,
        Unit.COUNT: Type.INT,
        Unit.SHARE: Type.SHARE,
        Unit.NUMBER: Type.NUMBER,
        Unit.DAYS: Type.INT,
    }
)


_LABELS: Mapping[Unit, Text] = MappingProxyType(
    {
        Unit.MONEY: text("Money"),
        Unit.COUNT: text("Count"),
        Unit.SHARE: text("Share"),
        Unit.NUMBER: text("Number"),
        Unit.DAYS: text("Days"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An aggregate over the rows of one fact.

    ``aggregate`` is portable SQL over the fact's columns. ``empty`` is the figure where the fact has
    no row: 0 where nothing happened, None where nothing is known. ``adds_over_time`` and
    ``adds_over_customers`` say whether figures of separate days, or of separate customers, may be
    summed; a count of different customers may not be summed over time.

    Of a measure that a company declares itself, ``owner`` answers for it, ``reads`` are the columns, as
    ``table.column``, that a person must be allowed to see to be given it, ``counts`` is the SQL of the rows that bear
    on it, and ``of_one_row`` says that its figure is that of a single row, as a maximum is.
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
    owner: str = ""
    is_own: bool = False
    reads: tuple[str, ...] = ()
    counts: str | None = None
    of_one_row: bool = False


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
    owner: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Measures of one unit, added and taken off at every level; None where one of them is unknown.

    ``terms``: 1 or -1, and the name of a measure.
    """

    name: str
    label: Text
    description: Text
    unit: Unit
    terms: tuple[tuple[int, str], ...]
    owner: str = ""
    is_own: bool = True


Figure = Union[Measure, Ratio, Sum]
