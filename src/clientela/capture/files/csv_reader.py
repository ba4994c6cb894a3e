"""The careful CSV reader: every record of a file is accepted, quarantined or blank, and has its line.

Most blocks of a file are plain: no quotes, no control characters, no stray line ends, no ragged row. Such
a block is read at once by Arrow's reader, which then cannot differ; one with quotes by Python's strict
``csv`` at once; and any block on which these do not come out even goes record by record.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from clientela.capture.files.csv_lines import Record, RecordReader
from clientela.capture.files.text_blocks import LINE_LIMIT, UNFIT, Overlong, blocks, shown
from clientela.errors import SourceError

LINE, LINES, VALUE, RULE = "_line", "_lines", "_value", "_rule"
ADDED = ((LINE, pa.int64()), (LINES, pa.int64()), (VALUE, pa.string()), (RULE, pa.string()))
# How many records of the file were blank or could not be read, in the metadata of the Parquet file.
BLANK, REJECTED = b"clientela.blank", b"clientela.rejected"
ROWS_AT_ONCE = 131_072
HEADER_COLUMNS = 20_000  # more are no table

_CONTROLS = bytes(each for each in [*range(32), 127] if each not in b"\t\n\r")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_BYTE_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file separates and quotes its cells; ``header`` may give the names of a file that has none."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str | None = None
    header: bool | tuple[str, ...] = True


@dataclass(frozen=True, slots=True)
class Count:
    """How the records of a file fared; they add up to ``records``."""

    accepted: int
    quarantined: int
    blank: int

    @property
    def records(self) -> int:
        """All records below the header."""
        return self.accepted + self.quarantined + self.blank


def read_csv(path: Path, dialect: Dialect, *, source: str, into: Path) -> Count:
    """Read a CSV file to a Parquet file: all cells as text; of a line that is no record its text and why.

    Parameters
    ----------
    path
        The file.
    dialect
        How it is written.
    source
        The source it belongs to, for errors.
    into
        Where the records go: the columns of the header, ``_line`` (the first), ``_lines`` (how many),
        and of a bad record ``_value`` and ``_rule``.

    Raises
    ------
    SourceError
        The file has no header, or is in another encoding.
    """
    limit = csv.field_size_limit(LINE_LIMIT)
    try:
        names, reader, blank = _opened(path, dialect, source)
        with _Writer(names, into) as writer:
            writer.blank = blank
            while True:
                while reader.within_block and (record := reader.record()) is not None:
                    writer.add_record(record, suspicious=reader.suspicious)
                text = reader.block()
                if text is None:
                    break
                whole = _at_once(text, names, dialect, reader.line)
                if whole is None:
                    reader.give_back(text)
                else:
                    writer.add(whole)
                    reader.line += whole.num_rows
            return Count(writer.accepted, writer.quarantined, writer.blank)
    finally:
        csv.field_size_limit(limit)


def header_of(path: Path, dialect: Dialect, *, source: str) -> tuple[str, ...]:
    """The names of the columns of a file, each once.

    Raises
    ------
    SourceError
        The file has no header, or is in another encoding.
    """
    limit = csv.field_size_limit(LINE_LIMIT)
    try:
        return _opened(path, dialect, source)[0]
    finally:
        csv.field_size_limit(limit)


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Names for the columns of a header: an empty one is ``column 3``, a second ``Amount`` is ``Amount (2)``.

    Examples
    --------
    >>> unique_names(["Id", "", "Amount", "amount "])
    ('Id', 'column 2', 'Amount', 'amount (2)')
    """
    taken = {name for name, _ in ADDED}
    names = []
    for position, cell in enumerate(cells, start=1):
        wanted = name = cell.strip() or f"column {position}"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted} ({number})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _opened(path: Path, dialect: Dialect, source: str) -> tuple[tuple[str, ...], RecordReader, int]:
    """The names of the columns, a reader that stands at the first record, and the blank lines passed over."""

    def start() -> RecordReader:
        return RecordReader(blocks(path, dialect.encoding, source=source), dialect.delimiter, dialect.quote)

    reader = start()
    if isinstance(dialect.header, tuple):
        return unique_names(dialect.header), reader, 0
    blank = 0
    while (record := reader.record()) is not None and record.blank:
        blank += 1
    if record is None:
        raise SourceError(source, f"{path.name} is empty: it has not even a header.")
    if record.cells is None or len(record.cells) > HEADER_COLUMNS:
        raise SourceError(source, f"the header of {path.name} cannot be read: {_broken(record)}.")
    if not dialect.header:
        return unique_names([""] * len(record.cells)), start(), 0
    found = UNFIT.search(record.text)
    if found:
        raise SourceError(
            source,
            f"the header of {path.name} holds {_sign(found.group())}; say the encoding it was saved in, for example "
            'format.encoding = "cp1252" for a file from Windows, or "utf-16".',
        )
    return unique_names(record.cells), reader, blank


def _at_once(text: str, names: tuple[str, ...], dialect: Dialect, line: int) -> pa.RecordBatch | None:
    """The rows of a block when it is plain, one line each; None when it must be read with care."""
    data = _plain_bytes(text)
    if data is None:
        return None
    rows = text.count("\n") + (not text.endswith("\n"))
    columns = _quoted(text, names, dialect) if dialect.quote in text else _unquoted(data, names, dialect)
    if columns is None or len(columns[0]) != rows:
        return None
    if _any_blank(columns[:1]) and _any_blank(columns):
        return None
    numbers, ones = pa.array(range(line, line + rows), pa.int64()), pa.array([1] * rows, pa.int64())
    nothing = pa.nulls(rows, pa.string())
    return pa.record_batch([*columns, numbers, ones, nothing, nothing], schema=_schema(names))


def _plain_bytes(text: str) -> bytes | None:
    """The block as UTF-8, when every sign of it may stand in a cell and every line ends in the same way."""
    if isinstance(text, Overlong) or text.startswith(_BYTE_MARK) or text.count("\r") != text.count("\r\n"):
        return None
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a byte that is no character
        return None
    controls = len(data.translate(None, _CONTROLS)) != len(data) or (not text.isascii() and _C1.search(data))
    return None if controls else data


def _unquoted(data: bytes, names: tuple[str, ...], dialect: Dialect) -> list[pa.Array] | None:
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(column_names=list(names)),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # a ragged row
        return None
    return [column.combine_chunks() for column in table.columns]


def _quoted(text: str, names: tuple[str, ...], dialect: Dialect) -> list[pa.Array] | None:
    reader = csv.reader(StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    width = len(names)
    try:
        rows = list(reader)
    except csv.Error:
        return None
    if reader.line_num != len(rows) or any(len(row) != width for row in rows):
        return None
    cells = list(chain.from_iterable(rows))
    return [pa.array(cells[position::width], pa.string()) for position in range(width)]


def _any_blank(columns: Sequence[pa.Array]) -> bool:
    blank = pc.equal(pc.utf8_trim_whitespace(columns[0]), "")
    for column in columns[1:]:
        blank = pc.and_(blank, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return bool(pc.any(blank).as_py())


def _broken(record: Record) -> str:
    if isinstance(record.text, Overlong):
        return f"line {record.line} is longer than {LINE_LIMIT:,} characters"
    if record.cells is not None:
        return f"line {record.line} has more than {HEADER_COLUMNS:,} columns"
    return f"in line {record.line} a quote is opened and not closed, or text follows a closing quote"


def _sign(found: str) -> str:
    code = ord(found)
    if 0xD800 <= code <= 0xDFFF:
        return f"the byte 0x{code & 0xFF:02X}, which is no character in its encoding"
    return f"the control character U+{code:04X}"


def _schema(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([*((name, pa.string()) for name in names), *ADDED])


class _Writer:
    """A Parquet file under construction, and the count of what went into it."""

    def __init__(self, names: tuple[str, ...], into: Path) -> None:
        self._names, self._schema = names, _schema(names)
        self._file = pq.ParquetWriter(into, self._schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._records: list[tuple[Record, str | None]] = []  # each with the rule it breaks
        self._pending = 0
        self.accepted = self.quarantined = self.blank = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush()
                counts = {BLANK: self.blank, REJECTED: self.quarantined}
                self._file.add_key_value_metadata({key: str(count).encode() for key, count in counts.items()})
        finally:
            self._file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Accept the rows of a whole block."""
        self._gather()
        self._waiting.append(batch)
        self.accepted += batch.num_rows
        self._pending += batch.num_rows
        if self._pending >= ROWS_AT_ONCE:
            self._flush()

    def add_record(self, record: Record, *, suspicious: bool) -> None:
        """Accept one record, or quarantine it."""
        if record.blank:
            self.blank += 1
            return
        rule = self._breach(record, suspicious)
        self.quarantined += rule is not None
        self.accepted += rule is None
        self._records.append((record, rule))
        self._pending += 1 + len(record.text) // 256  # long records are written sooner: memory stays bounded
        if self._pending >= ROWS_AT_ONCE:
            self._flush()

    def _breach(self, record: Record, suspicious: bool) -> str | None:
        if record.cells is None:
            return _broken(record)
        found = UNFIT.search(record.text) if suspicious else None
        if found:
            return f"a cell holds {_sign(found.group())}"
        if len(record.cells) != len(self._names):
            return f"{len(record.cells)} cells where the header has {len(self._names)}"
        return None

    def _gather(self) -> None:
        """Turn single records into a batch."""
        if not self._records:
            return
        width = len(self._names)
        empty: list[str | None] = [None] * width
        cells = list(chain.from_iterable(empty if rule else record.cells or () for record, rule in self._records))
        columns = [pa.array(cells[position::width], pa.string()) for position in range(width)]
        columns.append(pa.array([record.line for record, _ in self._records], pa.int64()))
        columns.append(pa.array([record.lines for record, _ in self._records], pa.int64()))
        texts = [shown(record.text.rstrip("\r\n")) if rule else None for record, rule in self._records]
        columns += [pa.array(texts, pa.string()), pa.array([rule for _, rule in self._records], pa.string())]
        self._waiting.append(pa.record_batch(columns, schema=self._schema))
        self._records = []

    def _flush(self) -> None:
        self._gather()
        if self._waiting:
            self._file.write_table(pa.Table.from_batches(self._waiting, schema=self._schema))
        self._waiting, self._pending = [], 0
