"""What a table promises: its grain, its columns, their units, what is personal, which rules hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AS_STORED = "as_stored"  # the mark of a table in a query that is read as it lies there: all of it, whatever the date


class Type(StrEnum):
    """The types of contracts.md. ``instant`` is a UTC timestamp, ``money`` DECIMAL(18,4), ``number`` DECIMAL(18,6)."""

    TEXT = "text"
    INT = "int"
    BOOL = "bool"
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"
    NUMBER = "number"
    SHARE = "share"


class Kind(StrEnum):
    """What a table is about, which decides how it is kept."""

    FACT = "fact"  # something that happened: has an event time; versions
    REFERENCE = "reference"  # something that is: no event time; versions
    DERIVED = "derived"  # computed in a run; no versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a contract.

    ``personal``: goes to the people file. ``person``: names a person by the source's own customer
    key and is landed as ``customer_ref``. ``known_with``: the column that holds the moment this
    value belongs to; as of a date not after that moment the value reads null. ``choices``,
    ``minimum``, ``maximum``: rules; a row that breaks one is bad. ``scales``: the lowest and highest value
    for each choice of the column ``scaled_by``.
    """

    name: str
    type: Type = Type.TEXT
    description: str = ""
    unit: str | None = None
    required: bool = False
    personal: bool = False
    person: bool = False
    known_with: str | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    scaled_by: str | None = None
    scales: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What one table promises. ``key`` is its grain; ``source`` in it is added by capture."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    kind: Kind = Kind.DERIVED
    event_time: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name; ``KeyError`` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)
