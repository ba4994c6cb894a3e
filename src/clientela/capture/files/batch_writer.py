"""The Parquet file of a batch under construction: rows of text cells, and records that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.text_blocks import shown

LINE, LINES, VALUE, RULE = "_line", "_lines", "_value", "_rule"
ADDED = ((LINE, pa.int64()), (LINES, pa.int64()), (VALUE, pa.string()), (RULE, pa.string()))
# How many records of the file were blank or could not be read, in the metadata of the Parquet file.
BLANK, REJECTED = b"clientela.blank", b"clientela.rejected"

ROWS_AT_ONCE = 131_072
BYTES_AT_ONCE = 48 << 20  # of columns that wait to be written
CELLS_AT_ONCE = 24 << 20  # of Python's cells that wait to be columns
_CELL = 64  # what a short cell of Python takes
_WIDE = 500  # columns


def batch_schema(names: Sequence[str]) -> pa.Schema:
    """The columns of a batch: the cells as text, and what is known of each record."""
    return pa.schema([*((name, pa.string()) for name in names), *ADDED])


class BatchWriter:
    """Writes a batch in pieces of bounded size, and counts what went into it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "batch.parquet"
    >>> with BatchWriter(("a", "b"), path) as writer:
    ...     writer.add_row(2, 1, ["x", "y"], 2)
    ...     writer.add_bad(3, 1, "z", "1 cells where the header has 2")
    >>> writer.accepted, writer.quarantined, pq.read_table(path).column("_value").to_pylist()
    (1, 1, [None, 'z'])
    """

    def __init__(self, names: Sequence[str], into: Path) -> None:
        self._width, self._schema = len(names), batch_schema(names)
        few = self._width <= _WIDE  # a dictionary and statistics of each of many columns take more than they save
        self._file = pq.ParquetWriter(into, self._schema, compression="zstd", use_dictionary=few, write_statistics=few)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0  # of those
        self._cells: list[Sequence[str | None]] = []
        self._about: list[tuple[int, int, str | None, str | None]] = []
        self._size = 0  # of the cells, about
        self.accepted = self.quarantined = self.blank = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._gather()
                self._flush()
                counts = {BLANK: self.blank, REJECTED: self.quarantined}
                self._file.add_key_value_metadata({key: str(count).encode() for key, count in counts.items()})
        finally:
            self._file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Accept the rows of a whole block, of ``batch_schema``."""
        self._gather()
        self.accepted += batch.num_rows
        self._wait(batch)

    def add_row(self, line: int, lines: int, cells: Sequence[str | None], length: int) -> None:
        """Accept one record that begins at ``line``; its cells have about ``length`` characters."""
        self.accepted += 1
        self._hold(cells, (line, lines, None, None), length)

    def add_bad(self, line: int, lines: int, text: str, rule: str) -> None:
        """Quarantine one record, with its text and why."""
        self.quarantined += 1
        kept = shown(text.rstrip("\r\n"))
        self._hold((None,) * self._width, (line, lines, kept, rule), len(kept))

    def add_blank(self) -> None:
        """Count one record that holds nothing."""
        self.blank += 1

    def _hold(self, cells: Sequence[str | None], about: tuple[int, int, str | None, str | None], length: int) -> None:
        self._cells.append(cells)
        self._about.append(about)
        self._size += length + _CELL * (self._width + 4)
        if self._size >= CELLS_AT_ONCE:
            self._gather()

    def _gather(self) -> None:
        """Turn single records into a batch."""
        if not self._about:
            return
        cells = list(chain.from_iterable(self._cells))
        columns = [pa.array(cells[position :: self._width], pa.string()) for position in range(self._width)]
        for each, (_, kind) in zip(zip(*self._about, strict=True), ADDED, strict=True):
            columns.append(pa.array(each, kind))
        self._cells, self._about, self._size = [], [], 0
        self._wait(pa.record_batch(columns, schema=self._schema))

    def _wait(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        if self._width > _WIDE and len(self._waiting) > 1:  # many small arrays take more than what they hold
            self._waiting = pa.Table.from_batches(self._waiting).combine_chunks().to_batches()
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROWS_AT_ONCE or self._bytes >= BYTES_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.Table.from_batches(self._waiting, schema=self._schema))
        self._waiting, self._rows, self._bytes = [], 0, 0
