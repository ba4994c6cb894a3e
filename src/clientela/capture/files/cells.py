"""Rows of values that know what they are (JSON, workbooks), to Parquet: a column of numbers lands as numbers.

As text a number would be read once more by ``format.decimal``, and ``1.500`` under a decimal comma is fifteen
hundred. So what a column holds is found out first, over the whole file; where it is mixed, all of it becomes
text as the settings say that text is written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.csv_reader import ADDED, BLANK, HEADER_COLUMNS, REJECTED, Count, unique_names
from clientela.config import Format
from clientela.errors import SourceError

Cell = str | int | Decimal | bool | date | datetime | time | timedelta | None
ROWS_AT_ONCE = 16_384
CELLS_AT_ONCE = 2 << 20
SIZE_AT_ONCE = 8 << 20  # characters
_WHOLE = (1 << 63) - 1
_DIGITS = 38  # the widest decimal there is
_EXPONENT = 60  # beyond it a number is written with its exponent
_KINDS = {
    frozenset({bool}): pa.bool_(),
    frozenset({date}): pa.date32(),
    frozenset({datetime}): pa.timestamp("us"),
    frozenset({date, datetime}): pa.timestamp("us"),
}


class Row(NamedTuple):
    """One record: its first line and its cells by column; of one that is none its text and the rule it breaks."""

    line: int
    cells: dict[str, Cell] | None
    text: str = ""
    rule: str | None = None
    lines: int = 1
    size: int = 100  # about how many characters it has

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return self.rule is None and not any(cell is not None for cell in (self.cells or {}).values())


@dataclass(slots=True)
class Shape:
    """What the cells of a column have been so far."""

    kinds: set[type] = field(default_factory=set)
    whole: int = 1  # digits before the point
    scale: int = 0
    wide: bool = False  # whether a whole number does not fit 64 bits

    def add(self, cells: Sequence[Cell]) -> None:
        """Take in some cells."""
        kinds = set(map(type, cells))
        kinds.discard(type(None))
        self.kinds |= kinds
        if str in self.kinds:
            return
        numbers: list[int | Decimal] = [cell for cell in cells if isinstance(cell, (int, Decimal)) and cell]
        if Decimal in kinds:
            exact = [Decimal(number) for number in numbers]
            self.whole = max((self.whole, *(number.adjusted() + 1 for number in exact)))
            self.scale = max((self.scale, *(-_exponent(number) for number in exact)))
        elif numbers:
            largest = max(abs(number) for number in numbers if isinstance(number, int))
            self.whole = max(self.whole, len(str(largest)))
            self.wide = self.wide or largest > _WHOLE

    @property
    def type(self) -> pa.DataType:
        """How the column lands."""
        if self.kinds == {int} and not self.wide:
            return pa.int64()
        if self.kinds and self.kinds <= {int, Decimal} and self.whole + self.scale <= _DIGITS:
            return pa.decimal128(_DIGITS, self.scale)
        return _KINDS.get(frozenset(self.kinds), pa.string())


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file: what each is called in it, its own name, how it lands."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[pa.DataType, ...]

    @property
    def schema(self) -> pa.Schema:
        """Of what is landed."""
        return pa.schema([*zip(self.names, self.types, strict=True), *ADDED])


def table_of(rows: Iterable[Row], *, given: Sequence[str] = (), name: str, source: str) -> Table:
    """The columns of all rows: those given, then others in the order in which they appear.

    Raises
    ------
    SourceError
        There are more than a table may have.
    """
    shapes = {key: Shape() for key in given}
    for some in _batched(rows, ROWS_AT_ONCE):
        columns: dict[str, list[Cell]] = defaultdict(list)
        for row in some:
            for key, cell in (row.cells or {}).items():
                columns[key].append(cell)
        for key, cells in columns.items():
            shapes.setdefault(key, Shape()).add(cells)
        if len(shapes) > HEADER_COLUMNS:
            said = f"{name} has more than {HEADER_COLUMNS:,} columns: its keys seem to be values; deliver them as rows."
            raise SourceError(source, said)
    return Table(tuple(shapes), unique_names(list(shapes)), tuple(shape.type for shape in shapes.values()))


def write_rows(rows: Iterable[Row], table: Table, form: Format, into: Path) -> Count:
    """Write the rows as Parquet, each with its line; those that are none with their text and why."""
    blank = accepted = quarantined = 0
    with pq.ParquetWriter(into, table.schema, compression="zstd") as file:
        for some in _batched(rows, max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // (len(table.keys) + 1)))):
            kept = [row for row in some if not row.blank]
            bad = sum(row.rule is not None for row in kept)
            blank, quarantined, accepted = blank + len(some) - len(kept), quarantined + bad, accepted + len(kept) - bad
            if kept:
                file.write_batch(_batch(kept, table, form))
        counts = {BLANK: blank, REJECTED: quarantined}
        file.add_key_value_metadata({key: str(count).encode() for key, count in counts.items()})
    return Count(accepted, quarantined, blank)


def as_text(cell: Cell, form: Format) -> str | None:
    """A cell as text, as the settings say that numbers and dates are written.

    Examples
    --------
    >>> [as_text(cell, Format(decimal=",", date="%d/%m/%Y")) for cell in (Decimal("1.50"), date(2024, 2, 1), True)]
    ['1,5', '01/02/2024', 'true']
    """
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | Decimal):
        return _number(Decimal(cell)).replace(".", form.decimal or ".")
    if isinstance(cell, datetime):
        return _moment(cell, form.date)
    if isinstance(cell, date):
        return cell.strftime(form.date) if form.date else cell.isoformat()
    return cell.isoformat() if isinstance(cell, time) else str(cell)


def as_json(value: object) -> str:
    """A list or an object as the JSON it was, its numbers digit for digit.

    Examples
    --------
    >>> as_json([1, Decimal("2.50"), {"é": None}])
    '[1, 2.50, {"é": null}]'
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_json(key)}: {as_json(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _batch(rows: Sequence[Row], table: Table, form: Format) -> pa.RecordBatch:
    columns = []
    cells: list[dict[str, Cell]] = [(row.cells or {}) if row.rule is None else {} for row in rows]
    for key, kind in zip(table.keys, table.types, strict=True):
        columns.append(pa.array(_converted([each.get(key) for each in cells], kind, form), kind))
    columns.append(pa.array([row.line for row in rows], pa.int64()))
    columns.append(pa.array([row.lines for row in rows], pa.int64()))
    columns.append(pa.array([row.text if row.rule else None for row in rows], pa.string()))
    columns.append(pa.array([row.rule for row in rows], pa.string()))
    return pa.record_batch(columns, schema=table.schema)


def _converted(cells: list[Cell], kind: pa.DataType, form: Format) -> Sequence[Cell]:
    """The cells as Arrow takes them."""
    if pa.types.is_string(kind) and set(map(type, cells)) - {str, type(None)}:
        return [as_text(cell, form) for cell in cells]
    if pa.types.is_timestamp(kind):
        return [datetime.combine(cell, time()) if type(cell) is date else cell for cell in cells]
    return cells


def _batched(rows: Iterable[Row], at_once: int) -> Iterator[list[Row]]:
    """A few rows at a time: fewer when they are long, so that memory stays bounded."""
    some: list[Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += row.size
        if len(some) == at_once or size > SIZE_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _number(value: Decimal) -> str:
    if value and abs(value.adjusted()) > _EXPONENT:
        return str(value)
    plain = format(value, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def _moment(value: datetime, pattern: str | None) -> str:
    if pattern is None:
        return value.isoformat(sep=" ")
    clock = any(f"%{sign}" in pattern for sign in "HIMSfp")
    return value.strftime(pattern if clock else pattern + (" %H:%M:%S.%f" if value.microsecond else " %H:%M:%S"))


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
