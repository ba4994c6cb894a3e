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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from clientela.capture.files.batch_writer import (
    ADDED,
    BLANK,
    LINE,
    LINES,
    REJECTED,
    RULE,
    VALUE,
    BatchWriter,
    batch_schema,
)
from clientela.capture.files.csv_lines import MOST_COLUMNS, Record, RecordReader
from clientela.capture.files.text_blocks import LINE_LIMIT, Overlong, blocks, unfit
from clientela.errors import SourceError

__all__ = [
    "ADDED",
    "BLANK",
    "LINE",
    "LINES",
    "REJECTED",
    "RULE",
    "VALUE",
    "Count",
    "Dialect",
    "header_of",
    "read_csv",
    "unique_names",
]

HEADER_COLUMNS = MOST_COLUMNS
WIDE = 1_000  # columns; above it a block has few rows, and Arrow's reader takes longer than Python's

_CONTROLS = bytes(each for each in [*range(32), 127] if each not in b"\t\n\r")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_BYTE_MARK = "\ufeff"
_EXCEL_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file separates and quotes its cells; ``header`` may give the names of a file that has none.

    ``skip``: lines above the header that are no table.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str | None = None
    header: bool | tuple[str, ...] = True
    skip: int = 0


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
    names, reader, blank = _opened(path, dialect, source)
    with BatchWriter(names, into) as writer:
        writer.blank = blank
        text: str | None = reader.rest() or reader.block()
        while text is not None:
            whole = _at_once(text, names, dialect, reader.line) if len(names) <= WIDE else None
            if whole is None:
                reader.give_back(text)
            else:
                writer.add(whole)
                reader.line += whole.num_rows
            while reader.within_block:
                _add(reader, len(names), writer)
            text = reader.block()
    return Count(writer.accepted, writer.quarantined, writer.blank)


def header_of(path: Path, dialect: Dialect, *, source: str) -> tuple[str, ...]:
    """The names of the columns of a file, each once.

    Raises
    ------
    SourceError
        The file has no header, or is in another encoding.
    """
    return _opened(path, dialect, source)[0]


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
    if csv.field_size_limit() < LINE_LIMIT:
        csv.field_size_limit(LINE_LIMIT)  # never lowered again: another thread may be reading

    def start() -> RecordReader:
        reader = RecordReader(blocks(path, dialect.encoding, source=source), dialect.delimiter, dialect.quote)
        reader.skip(above)
        return reader

    above = dialect.skip
    above += _has_excel_line(start().record(), path, dialect, source)
    reader = start()
    if isinstance(dialect.header, tuple):
        return unique_names(dialect.header), reader, 0
    blank = 0
    while (record := reader.record()) is not None and record.blank:
        blank += 1
    if record is None:
        below = f" below the {above} lines to skip" if above else ""
        raise SourceError(source, f"{path.name} is empty: it has not even a header{below}.")
    if record.cells is None:
        raise SourceError(source, f"the header of {path.name} cannot be read: {record.broken}.")
    if len(record.cells) > HEADER_COLUMNS:
        said = f"it has {len(record.cells):,} columns, and a table has at most {HEADER_COLUMNS:,}"
        raise SourceError(source, f"the header of {path.name} cannot be read: {said}.")
    if not dialect.header:
        return unique_names([""] * len(record.cells)), start(), 0
    found = unfit(record.text)
    if found:
        raise SourceError(
            source,
            f"the header of {path.name} holds {found}; say the encoding it was saved in, for example "
            'format.encoding = "cp1252" for a file from Windows, or "utf-16".',
        )
    return unique_names(record.cells), reader, blank


def _has_excel_line(first: Record | None, path: Path, dialect: Dialect, source: str) -> bool:
    """Whether the first line only tells Excel the delimiter; it must be ours."""
    found = _EXCEL_LINE.fullmatch(first.text) if first is not None else None
    if found is None:
        return False
    if found[1] != dialect.delimiter:
        raise SourceError(
            source,
            f"the first line of {path.name} says that '{found[1]}' separates its cells, the settings say "
            f"'{dialect.delimiter}'; write format.delimiter = \"{found[1]}\".",
        )
    return True


def _add(reader: RecordReader, width: int, writer: BatchWriter) -> None:
    """Accept the next record, quarantine it or count it as blank."""
    record = reader.record()
    if record is None:
        return
    if record.blank:
        writer.add_blank()
    elif record.cells is None:
        writer.add_bad(record.line, record.lines, record.text, record.broken)
    elif reader.suspicious and (found := unfit(record.text)):
        writer.add_bad(record.line, record.lines, record.text, f"a cell holds {found}")
    elif len(record.cells) != width:
        said = f"{len(record.cells)} cells where the header has {width}"
        writer.add_bad(record.line, record.lines, record.text, said)
    else:
        writer.add_row(record.line, record.lines, record.cells, len(record.text))


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
    numbers, ones = pa.array(np.arange(line, line + rows)), pa.array(np.ones(rows, np.int64))
    nothing = pa.nulls(rows, pa.string())
    return pa.record_batch([*columns, numbers, ones, nothing, nothing], schema=batch_schema(names))


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
