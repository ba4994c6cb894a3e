"""What a file's columns hold, as the settings that read it say: dirt must fit the cell that it spoils."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from clientela.contracts.schema import Column, Contract, Type
from clientela.contracts.tables import CONTRACTS

NUMBERS = frozenset({Type.MONEY, Type.NUMBER, Type.INT, Type.SHARE})
DATES = frozenset({Type.DATE, Type.INSTANT})
_ISO = {Type.DATE: "%Y-%m-%d", Type.INSTANT: "%Y-%m-%dT%H:%M:%SZ"}
_WIDTH = {"Y": 4}  # of a directive; all others are two wide
_FOLDER = "exports/"
_RATES = "exchange_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a file: what the file calls it, what the contract does, how its dates are written."""

    label: str
    table: Contract
    column: Column
    pattern: str
    joins: bool  # by it lines find their heads

    @property
    def name(self) -> str:
        """What the contract calls it."""
        return self.column.name

    @property
    def needed(self) -> bool:
        """Whether a row without it is no row."""
        return self.column.required or self.name in self.table.key

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.column.type in NUMBERS

    @property
    def date(self) -> bool:
        """Whether it holds days or moments."""
        return self.column.type in DATES

    @property
    def words(self) -> bool:
        """Whether it holds text that nothing else refers to, and that may be any."""
        return (
            self.column.type is Type.TEXT
            and not self.needed
            and not self.column.person
            and not self.column.choices
            and not self.name.endswith(("_id", "_no"))
            and self.name not in ("currency", "country", "language")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is known of a file. ``whole``: its source sends all it has each week; ``joined``: its heads lie apart."""

    source: str
    fields: Mapping[str, Field]
    whole: bool
    joined: bool

    @property
    def dates(self) -> int:
        """How many columns of dates it has."""
        return sum(field.date for field in self.fields.values())


def known(settings: str, name: str, labels: Sequence[str]) -> File | None:
    """What the settings say of a file with these columns; None where it is to stay as it is.

    Those are the heads of a source, whose lines all hang on them, and exchange rates.
    """
    for told in _sources(settings):
        if told["table"] != _RATES and fnmatchcase(_FOLDER + name, told["path"]):
            contract = CONTRACTS[told["table"]]
            joins = told.get("join", {}).get("on")
            fields = {
                label: _field(told, contract, label, column, joins)
                for column, label in told["columns"].items()
                if label in labels
            }
            return File(source=told["name"], fields=fields, whole=told["delivery"] == "full", joined=joins is not None)
    return None


def position(pattern: str, directive: str) -> slice:
    """Where a directive stands in a date that is written in a pattern.

    Examples
    --------
    >>> "24/12/2023"[position("%d/%m/%Y", "m")]
    '12'
    """
    at = place = 0
    while place < len(pattern):
        if pattern[place] != "%":
            at, place = at + 1, place + 1
            continue
        width = _WIDTH.get(pattern[place + 1], 2)
        if pattern[place + 1] == directive:
            return slice(at, at + width)
        at, place = at + width, place + 2
    raise ValueError(f"{pattern!r} has no %{directive}")


@lru_cache(maxsize=4)
def _sources(settings: str) -> list[dict[str, Any]]:
    return [told for told in tomllib.loads(settings)["source"] if told.get("path")]


def _field(told: Mapping[str, Any], contract: Contract, label: str, column: str, joins: object) -> Field:
    kind = contract.column(column)
    pattern = told.get("format", {}).get("date") or _ISO.get(kind.type, "")
    if kind.type is Type.DATE:
        pattern = pattern.partition(" ")[0]
    return Field(label=label, table=contract, column=kind, pattern=pattern, joins=label == joins)
