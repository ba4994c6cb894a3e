"""The rows of a table or query, on their way into the landing: all of them, or those behind the last mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from clientela.capture.database.connection import opened
from clientela.capture.database.mark import MARK, Mark, Value, asked, is_cursor_value, remembered, short
from clientela.capture.database.query import Answer, answer, chunks, in_order, since, without
from clientela.capture.database.values import Tally, digest
from clientela.capture.mapping import Section
from clientela.config import Database
from clientela.errors import SourceError, did_you_mean
from clientela.warehouse.store.landing import Format

GROUP_ROWS = 100_000  # of a row group of the Parquet


@dataclass(frozen=True, slots=True)
class ArrivingRows:
    """What a database delivered, read to its end into ``file``; ``note`` says what could not be read as it is."""

    section: Section
    content: str
    names: tuple[str, ...]
    rows: int
    file: Path
    note: str = ""

    @property
    def shown(self) -> str:
        """The table or query."""
        return self.section.source.place

    @property
    def batch_hash(self) -> str:
        """The content: its types are those of the database."""
        return self.content

    @property
    def format(self) -> Format:
        """Typed columns, without lines."""
        return "parquet"

    def header(self) -> tuple[str, ...]:
        """Its columns."""
        return self.names

    def write(self, into: Path) -> int:
        """Put what was read where the batch is to be."""
        self.file.replace(into)
        return self.rows


def columns_of(section: Section, folder: Path) -> tuple[str, ...]:
    """The columns the database has for a section.

    Raises
    ------
    SourceError
        The database cannot be reached or does not understand what is asked.
    """
    with opened(section, folder) as connection:
        return tuple(each.name for each in _answer(section, connection).cells)


def fetch(section: Section, folder: Path, into: Path, mark: Mark | None = None) -> ArrivingRows | None:
    """Read what is new from the database to the file ``into``; None when nothing is.

    Parameters
    ----------
    section
        A section with a database.
    folder
        The workspace.
    into
        A Parquet file to write; when there is nothing new or an error, there is none.
    mark
        How far the cursor has come; None: everything is read.

    Raises
    ------
    SourceError
        The database cannot be read to its end.
    """
    try:
        with opened(section, folder) as connection:
            reading = _Reading(section, connection, mark)
            names = tuple(each.name for each in reading.found.cells)
            if section.problems_with(names, section.source.place):  # the run is going to stop at these
                return ArrivingRows(section, "", names, 0, into)
            with pq.ParquetWriter(into, reading.schema, compression="zstd") as file:
                for batch in _gathered(reading.batches(), reading.schema):
                    file.write_table(batch)
                file.add_key_value_metadata(reading.metadata())
        found = reading.arriving(into)
    except BaseException:
        into.unlink(missing_ok=True)
        raise
    if found is None:
        into.unlink()
    return found


def _answer(section: Section, connection: Connection) -> Answer:
    """What the database has to give, when the settings fit it."""
    source, database = section.source.name, section.source.database
    assert database is not None  # noqa: S101 - only sections with a database come here
    if section.reading.decimal == ",":
        raise SourceError(source, 'numbers of a database have a point; leave decimal = "," out.')
    found = answer(section, connection)
    names = [each.name for each in found.cells]
    if database.cursor is not None and database.cursor not in names:
        raise SourceError(source, f"unknown cursor '{database.cursor}'; {did_you_mean(database.cursor, names)}")
    needed = {name for each in section.bound([*names, *found.bytes]) for name in each.reads}
    unread = sorted(needed & set(found.bytes))
    if unread:
        raise SourceError(
            source, f"its column '{unread[0]}' holds bytes, which say nothing; turn it into text in a query."
        )
    return found


@dataclass(slots=True)
class _Reading:
    """One reading under way: what has come, and how far its cursor has got."""

    section: Section
    connection: Connection
    mark: Mark | None
    found: Answer = field(init=False)
    tally: Tally = field(init=False)
    last: Value | None = field(init=False)
    ties: list[bytes] = field(init=False)  # the rows at the last value, whether they are new or not
    unplaced: int = 0  # rows without a cursor

    def __post_init__(self) -> None:
        self.found = _answer(self.section, self.connection)
        self.tally = Tally(self.found.cells)
        self.last = self.mark.value if self.mark else None
        self.ties = []

    @property
    def schema(self) -> pa.Schema:
        """The columns of the Parquet."""
        return pa.schema([each.field for each in self.found.cells])

    @property
    def database(self) -> Database:
        """What is asked."""
        database = self.section.source.database
        assert database is not None  # noqa: S101 - only sections with a database come here
        return database

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The new rows, those with a cursor in its order, then those without."""
        every, cursor = self.found.rows(), self.database.cursor
        if cursor is None:
            yield from self._plain(chunks(self.section, self.connection, every))
            return
        asked_for = in_order(every, cursor)
        if self.mark is not None:
            # Rows at the mark are known again only as long as they are asked for in the same way.
            asked_for = since(asked_for, cursor, self.mark.value, itself=self.mark.asked == asked(self.database))
        yield from self._placed(chunks(self.section, self.connection, asked_for), cursor)
        if self.mark is None:
            before = self.tally.rows
            yield from self._plain(chunks(self.section, self.connection, without(every, cursor)))
            self.unplaced = self.tally.rows - before

    def metadata(self) -> dict[bytes, bytes]:
        """What the Parquet says of itself: the mark, once there is one."""
        if self.database.cursor is None or self.last is None:
            return {}
        mark = Mark(asked(self.database), self.database.cursor, self.last, remembered(self.ties))
        return {MARK: mark.written()}

    def arriving(self, file: Path) -> ArrivingRows | None:
        """What came; None when nothing new did."""
        if not self.tally.rows and self.section.source.delivery != "full":
            return None
        names = tuple(each.name for each in self.found.cells)
        content, note = self.tally.content(), " ".join(self._notes())
        return ArrivingRows(self.section, content, names, self.tally.rows, file, note)

    def _notes(self) -> Iterator[str]:
        place = self.section.source.place
        if self.unplaced:
            yield (
                f"{place}: rows without {self.database.cursor}: {self.unplaced:,}; they were read this once, and what "
                "becomes of them later is not seen."
            )
        for name, count in sorted(self.tally.lost.items()):
            yield f"{place}: values of its column '{name}' that cannot be read and count as unknown: {count:,}."

    def _plain(self, rows: Iterator[Sequence[Sequence[object]]]) -> Iterator[pa.RecordBatch]:
        for some in rows:
            columns = self.tally.plain(some)
            self.tally.add(map(digest, zip(*columns, strict=True)))
            yield self._batch(columns)

    def _placed(self, rows: Iterator[Sequence[Sequence[object]]], cursor: str) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the cursor, without those that are in the landing already."""
        place = [each.name for each in self.found.cells].index(cursor)
        known = self.mark.known() if self.mark else Counter[bytes]()
        for some in rows:
            columns = self.tally.plain(some)
            digests = [digest(row) for row in zip(*columns, strict=True)]
            new = []
            for number, (row, said) in enumerate(zip(some, digests, strict=True)):
                value = row[place]
                if value != self.last:
                    self._refuse_unless_cursor(value)
                    self.last, self.ties, known = cast(Value, value), [], Counter()
                self.ties.append(short(said))
                if known[short(said)]:
                    known[short(said)] -= 1
                else:
                    new.append(number)
            if len(new) < len(some):
                columns = [[each[number] for number in new] for each in columns]
            if new:
                self.tally.add(digests[number] for number in new)
                yield self._batch(columns)

    def _refuse_unless_cursor(self, value: object) -> None:
        if not is_cursor_value(value):
            raise SourceError(
                self.section.source.name,
                f"the cursor '{self.database.cursor}' must hold whole numbers, times, dates or texts, "
                f"not values of type {type(value).__name__}.",
            )

    def _batch(self, columns: list[list[object]]) -> pa.RecordBatch:
        arrays = [pa.array(values, each.type) for values, each in zip(columns, self.schema, strict=True)]
        return pa.record_batch(arrays, schema=self.schema)


def _gathered(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches in row groups of a useful size."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting, schema=schema)
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting, schema=schema)
