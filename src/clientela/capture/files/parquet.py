"""Parquet files: kept byte for byte where every column is a plain one, else with their columns made plain.

Every row group is read once when a file is landed, so one that is torn in its middle is refused whole, and what
the engine could not read later (text that is none, moments beyond the calendar) is found now and named.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clientela.capture.files.batch_writer import ADDED
from clientela.capture.files.cells import as_json
from clientela.capture.files.csv_reader import HEADER_COLUMNS, unique_names
from clientela.errors import SourceError

ROWS_AT_ONCE = 16_384
_DIGITS = 38  # of the engine's widest decimal
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_DIGITS_OF = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # of the years 1 to 9999, counted from 1970
_Change = Callable[[pa.Array], pa.Array]
_Plain = tuple[pa.DataType | None, _Change | None]
_PLAIN = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal128,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_time,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A column as it lands: where it stands in the file, its own name, and how it is made plain."""

    place: tuple[int, ...]
    name: str
    kind: pa.DataType
    change: _Change | None = None

    def of(self, batch: pa.RecordBatch) -> pa.Array:
        """The column of a batch."""
        column = batch.column(self.place[0])
        for position in self.place[1:]:
            column = column.flatten()[position]
        return column


def header_of_parquet(path: Path, *, source: str) -> tuple[str, ...]:
    """The names of the columns, those within structures as ``address.city``.

    Raises
    ------
    SourceError
        It is damaged, or a column is of a type that no table has.
    """
    return tuple(leaf.name for leaf in _leaves(_schema(path, source), path.name, source))


def land_parquet(path: Path, *, source: str, into: Path) -> int:
    """Put a Parquet file into the landing; the number of its rows.

    Raises
    ------
    SourceError
        It cannot be read to its end, or holds what no table has.
    """
    schema = _schema(path, source)
    leaves = _leaves(schema, path.name, source)
    if [leaf.name for leaf in leaves] == schema.names and not any(leaf.change for leaf in leaves):
        count: int = sum(batch.num_rows for batch, _ in _checked(path, leaves, source))
        shutil.copyfile(path, into)
        return count
    rows: int = 0
    landed = pa.schema([(leaf.name, leaf.kind) for leaf in leaves])
    with pq.ParquetWriter(into, landed, compression="zstd") as file:
        for batch, columns in _checked(path, leaves, source):
            rows += batch.num_rows
            plain = [_as_landed(leaf, column, path.name, source) for leaf, column in zip(leaves, columns, strict=True)]
            file.write_batch(pa.record_batch(plain, schema=landed))
    return rows


def _schema(path: Path, source: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError):
        raise SourceError(source, f"{path.name} is a damaged Parquet file; have it delivered again.") from None


def _leaves(schema: pa.Schema, file: str, source: str) -> list[_Leaf]:
    """The columns as they land."""
    found = [leaf for position, field in enumerate(schema) for leaf in _within(field, (position,), field.name)]
    if not found or len(found) > HEADER_COLUMNS:
        raise SourceError(source, f"{file} has {len(found):,} columns; a table has 1 to {HEADER_COLUMNS:,}.")
    for leaf in found:
        if leaf.kind is None:
            kind = schema.field(leaf.place[0]).type
            said = f"column '{leaf.name}' of {file} is of the type {kind}, which cannot be read"
            raise SourceError(source, f"{said}; deliver it as text or as a number, or leave it out.")
    names = [leaf.name for leaf in found]
    taken = {name for name, _ in ADDED}
    if len({name.casefold() for name in names} - taken) < len(names) or "" in names:
        names = list(unique_names(names))
    return [_Leaf(leaf.place, name, leaf.kind, leaf.change) for leaf, name in zip(found, names, strict=True)]


def _within(field: pa.Field, place: tuple[int, ...], name: str) -> Iterator[_Leaf]:
    """The column, or those of a structure."""
    if pa.types.is_struct(field.type):
        for position, inner in enumerate(field.type):
            yield from _within(inner, (*place, position), f"{name}.{inner.name}")
        return
    kind, change = _made_plain(field.type)
    yield _Leaf(place, name, kind, change)


def _made_plain(kind: pa.DataType) -> _Plain:
    """How a column of a type lands, and what changes it; no type when it cannot be."""
    if any(test(kind) for test in _PLAIN) or _is_uuid(kind) or _is_coded_text(kind):
        return kind, None
    if pa.types.is_decimal(kind):
        narrow = pa.decimal128(_DIGITS, min(kind.scale, _DIGITS))
        return (kind, None) if kind.precision <= _DIGITS else (narrow, lambda column: column.cast(narrow))
    if isinstance(kind, pa.BaseExtensionType):
        return _beneath(kind.storage_type, lambda column: column.storage)
    if pa.types.is_dictionary(kind):
        return _beneath(kind.value_type, lambda column: column.dictionary_decode())
    return next((made for test, made in _MADE_PLAIN if test(kind)), (None, None))


def _beneath(kind: pa.DataType, opened: _Change) -> _Plain:
    """How a column lands that wraps another."""
    inner, change = _made_plain(kind)
    return inner, (lambda column: change(opened(column))) if change else opened


def _is_uuid(kind: pa.DataType) -> bool:
    """Whether the engine itself writes the column as text."""
    return isinstance(kind, pa.UuidType)


def _is_coded_text(kind: pa.DataType) -> bool:
    """Whether it is text by numbers, which the file keeps as text anyhow."""
    return bool(pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))


def _checked(path: Path, leaves: Sequence[_Leaf], source: str) -> Iterator[tuple[pa.RecordBatch, list[pa.Array]]]:
    """The rows of a file a few at a time, each read and looked at."""
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20, page_checksum_verification=True) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE, use_threads=False):
                columns = [leaf.of(batch) for leaf in leaves]
                for leaf, column in zip(leaves, columns, strict=True):
                    problem = _problem(column)
                    if problem:
                        raise SourceError(source, f"column '{leaf.name}' of {path.name} {problem}.")
                yield batch, columns
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        said = f"{path.name} is a damaged Parquet file: it cannot be read to its end; have it delivered again."
        raise SourceError(source, said) from None


def _problem(column: pa.Array) -> str | None:
    """What the engine could not read in a column."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        per_day = _PER_DAY[kind.unit] if pa.types.is_timestamp(kind) else 1
        per_day = _PER_DAY["ms"] if pa.types.is_date64(kind) else per_day
        numbers = column.view(pa.int32() if pa.types.is_date32(kind) else pa.int64())
        found = pc.min_max(numbers).as_py()
        low, high = found["min"], found["max"]
        if low is not None and (low < _FIRST_DAY * per_day or high >= (_LAST_DAY + 1) * per_day):
            return "holds a moment outside the years 1 to 9999"
        return None
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return "holds text that is not UTF-8"
    return None


def _as_landed(leaf: _Leaf, column: pa.Array, file: str, source: str) -> pa.Array:
    try:
        return leaf.change(column) if leaf.change else column
    except (pa.ArrowInvalid, ValueError, OverflowError):
        said = f"column '{leaf.name}' of {file} holds a value of the type {column.type} that cannot be read"
        raise SourceError(source, f"{said}; deliver it as text or as a number, or leave it out.") from None


def _json(value: Any) -> str | None:
    """A list or map as JSON."""
    return None if value is None else as_json(_of_json(value))


def _of_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _of_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_of_json(each) for each in value]
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, bytes):
        return _text(value)
    return str(value) if isinstance(value, date | datetime | time | timedelta) else value


def _seconds(column: pa.Array) -> pa.Array:
    counts = column.cast(pa.int64()).to_pylist()
    digits = _DIGITS_OF[column.type.unit]
    exact = [None if count is None else Decimal(count).scaleb(-digits) for count in counts]
    return pa.array(exact, pa.decimal128(_DIGITS, 9))


def _texts(column: pa.Array) -> pa.Array:
    """Bytes as the text they are, else in hexadecimal."""
    return pa.array([None if each is None else _text(each) for each in column.to_pylist()], pa.string())


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _lists(column: pa.Array) -> pa.Array:
    return pa.array([_json(each) for each in column.to_pylist()], pa.string())


_MADE_PLAIN: tuple[tuple[Callable[[pa.DataType], bool], _Plain], ...] = (
    (pa.types.is_null, (pa.string(), lambda column: column.cast(pa.string()))),
    (pa.types.is_duration, (pa.decimal128(_DIGITS, 9), _seconds)),
    (pa.types.is_binary, (pa.string(), _texts)),
    (pa.types.is_large_binary, (pa.string(), _texts)),
    (pa.types.is_fixed_size_binary, (pa.string(), _texts)),
    (pa.types.is_nested, (pa.string(), _lists)),
)
