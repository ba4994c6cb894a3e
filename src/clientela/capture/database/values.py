"""What a database answered as columns of Arrow: each value exactly, or as a text that says it exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import Any

import pyarrow as pa

_BIGINT = 2**63
_WHOLE = 1e15  # below it every whole floating-point number is written without an exponent
_ROUND = 2**128


class Kind(StrEnum):
    """What a column of the answer holds."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    LOCAL = "local"  # a timestamp without a zone
    INSTANT = "instant"  # a timestamp with one
    TEXT = "text"  # also what Arrow has no exact type for: numeric, json, uuid, arrays, intervals
    BYTES = "bytes"


# The numbers PostgreSQL gives its types; a domain has that of the type it is made of.
_POSTGRESQL = {
    16: Kind.BOOL,
    17: Kind.BYTES,
    **dict.fromkeys((20, 21, 23, 26), Kind.INT),
    **dict.fromkeys((700, 701), Kind.FLOAT),
    1082: Kind.DATE,
    1114: Kind.LOCAL,
    1184: Kind.INSTANT,
}
_ARROW = {
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.LOCAL: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us", "UTC"),
    Kind.TEXT: pa.string(),
    Kind.BYTES: pa.string(),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the answer."""

    name: str
    kind: Kind

    @property
    def field(self) -> pa.Field:
        """The column in Arrow."""
        return pa.field(self.name, _ARROW[self.kind])


@dataclass(slots=True)
class Tally:
    """What was read: how many rows, a digest that does not depend on their order, the values that had to stay out."""

    cells: tuple[Cell, ...]
    rows: int = 0
    total: int = 0
    lost: dict[str, int] = field(default_factory=dict)

    def plain(self, rows: Sequence[Sequence[object]]) -> list[list[object]]:
        """Rows as columns of plain values; what a column cannot hold becomes null and is counted."""
        columns = []
        for cell, values in zip(self.cells, zip(*rows, strict=True), strict=True):
            said = _PLAIN[cell.kind]
            column = [None if value is None else said(value) for value in values]
            missing = column.count(None) - values.count(None)
            if missing:
                self.lost[cell.name] = self.lost.get(cell.name, 0) + missing
            columns.append(column)
        return columns

    def add(self, digests: Iterable[bytes]) -> None:
        """Count rows."""
        for digest in digests:
            self.rows += 1
            self.total = (self.total + int.from_bytes(digest)) % _ROUND

    def content(self) -> str:
        """The hash of the rows, whatever their order."""
        columns = [(cell.name, cell.kind.value) for cell in self.cells]
        return sha256(repr((columns, self.rows, self.total)).encode()).hexdigest()


def cell(name: str, type_code: object, dialect: str) -> Cell:
    """The column a description of the answer speaks of; without types to believe, everything is read as text.

    Examples
    --------
    >>> cell("id", 23, "postgresql"), cell("id", None, "sqlite")
    (Cell(name='id', kind=<Kind.INT: 'int'>), Cell(name='id', kind=<Kind.TEXT: 'text'>))
    """
    known = _POSTGRESQL.get(type_code) if dialect == "postgresql" and isinstance(type_code, int) else None
    return Cell(name, known or Kind.TEXT)


def digest(row: Sequence[object]) -> bytes:
    """Sixteen bytes that tell a row of plain values from any other."""
    return blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def said(value: object) -> str | None:
    """A value as a text that says it exactly; None when it is bytes.

    Examples
    --------
    >>> said(Decimal("19.90")), said(Decimal("1001.00")), said(0.1), said(True), said([1, None])
    ('19.90', '1001', '0.1', 'true', '[1, null]')
    """
    for kinds, write in _WRITTEN:
        if isinstance(value, kinds):
            return write(value)
    return str(value)


def _decimal(value: Decimal) -> str:
    """A whole number has no ``.00``, as a number of a Parquet file has none."""
    if not value.is_finite():
        return str(value)
    whole = value.to_integral_value() if abs(value.adjusted()) < _FEW_DIGITS else None
    return f"{value:f}" if whole is None or whole != value else f"{whole:f}"


def _real(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)


def _moment(value: datetime) -> str:
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat(" ")


# In this order: a truth value is a whole number to Python, a moment a day.
_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str | None]], ...] = (
    ((bytes, bytearray, memoryview), lambda _: None),
    (bool, lambda value: "true" if value else "false"),
    (Decimal, _decimal),
    (float, _real),
    (datetime, _moment),
    (date, date.isoformat),
    ((list, tuple, dict), lambda value: json.dumps(value, ensure_ascii=False, default=said)),
)
_FEW_DIGITS = 27  # of a decimal of Python's default context


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and -_BIGINT <= value < _BIGINT else None


def _float(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: object) -> date | None:
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _local(value: object) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is None else None


def _instant(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _nothing(value: object) -> None:
    return None


_PLAIN: dict[Kind, Callable[[object], object]] = {
    Kind.INT: _int,
    Kind.FLOAT: _float,
    Kind.BOOL: _bool,
    Kind.DATE: _date,
    Kind.LOCAL: _local,
    Kind.INSTANT: _instant,
    Kind.TEXT: said,
    Kind.BYTES: _nothing,
}
