"""A batch without the persons it must not hold: rows about them go, sales stay as sales to nobody.

What makes the company's sums is kept: an order line stays with its money, its product and its day; who bought it,
and every column of the file that feeds no such figure, is emptied. Rows that only describe a person go whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.csv_reader import LINE, LINES, RULE, VALUE
from clientela.capture.mapping import Section, required
from clientela.capture.reading import ERASED, Raw
from clientela.capture.suppression.identifiers import Kind, keyed
from clientela.capture.suppression.listed import Suppressed
from clientela.capture.suppression.matching import ABOUT_A_PERSON, BatchFile, Matches, matches
from clientela.warehouse.engine import Engine

# Columns in which people write what they like, though no contract calls them personal.
FREE_TEXT = frozenset(
    {"end_reason", "lost_reason", "reason", "outcome", "entry_page", "favourite_links", "device", "proof"}
)
ROWS_AT_ONCE = 131_072
_ARROW = b"ARROW:schema"


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What was taken out of a batch: rows removed, rows made anonymous, cells of others emptied, broken lines too."""

    removed: int = 0
    anonymised: int = 0
    mentions: int = 0
    broken: int = 0

    @property
    def rows(self) -> int:
        """The rows that said something about an erased person."""
        return self.removed + self.anonymised + self.broken

    def __bool__(self) -> bool:
        return bool(self.rows or self.mentions)

    def __str__(self) -> str:
        """A sentence about what was left out; nothing when nothing was."""
        said = "1 row of an erased person was" if self.rows == 1 else f"{self.rows:,} rows of erased persons were"
        return f"{said} left out or made anonymous." if self.rows else ""


NOTHING = Scrubbed()


def scrub(part: Path, section: Section, suppressed: Suppressed) -> Scrubbed:
    """Take suppressed persons out of a batch that has been written and has no name yet.

    Costs nothing while the list is empty.
    """
    if not suppressed:
        return NOTHING
    with Engine.in_memory() as engine:
        batch = BatchFile(part, section)
        found = matches(batch, suppressed, engine)
    if not found:
        return NOTHING
    into = part.with_name(part.name + ".part")
    try:
        done = without(batch, found, suppressed, into)
        into.replace(part)
    finally:
        into.unlink(missing_ok=True)
    return done


def without(batch: BatchFile, found: Matches, suppressed: Suppressed, into: Path) -> Scrubbed:
    """Write the batch without the persons found in it to ``into``; what was taken out."""
    changes = _Changes.of(batch, found, suppressed)
    with pq.ParquetFile(batch.path) as file:
        fields = [field.with_nullable(True) for field in file.schema_arrow]
        schema = pa.schema(fields, file.schema_arrow.metadata)
        told = {name: said for name, said in (file.metadata.metadata or {}).items() if name != _ARROW}
        with pq.ParquetWriter(into, schema, compression="zstd") as writer:
            first = 0
            for piece in file.iter_batches(batch_size=ROWS_AT_ONCE):
                table = pa.Table.from_batches([piece]).cast(schema)
                writer.write_table(changes.applied(table, first))
                first += piece.num_rows
            writer.add_key_value_metadata(told)
    anonymised = 0 if changes.whole else len(found.theirs - changes.removed)
    cells = {(each.row, each.column) for each in found.mentions if each.row not in found.theirs}
    return Scrubbed(len(changes.removed), anonymised, len(cells), len(found.broken))


@dataclass(frozen=True, slots=True)
class _Changes:
    """What happens to which row. ``emptied``: columns of a row made anonymous; ``replaced``: those a key needs."""

    found: Matches
    whole: bool
    removed: frozenset[int]
    emptied: tuple[str, ...]
    replaced: tuple[str, ...]
    needed: frozenset[str]
    secret: bytes

    @classmethod
    def of(cls, batch: BatchFile, found: Matches, suppressed: Suppressed) -> _Changes:
        section, kinds = batch.readable, batch.kinds
        if section is None:
            return cls(found, False, frozenset(), tuple(kinds), (), frozenset(), suppressed.secret)
        kept, private, needed = _columns(section, kinds)
        shared = [name for name in kinds if name in private and name in needed]
        texts = [name for name in shared if kinds[name] is Raw.TEXT]
        whole = section.contract.name in ABOUT_A_PERSON or texts != shared
        emptied = tuple(name for name in kinds if name not in kept or (name in private and name not in needed))
        removed = found.theirs if whole else found.unread
        return cls(found, whole, removed, emptied, tuple(texts), frozenset(needed), suppressed.secret)

    def applied(self, table: pa.Table, first: int) -> pa.Table:
        """The rows from ``first`` on, changed."""
        last = first + table.num_rows

        def here(rows: Collection[int]) -> list[int]:
            return sorted(row - first for row in rows if first <= row < last)

        removed, broken = here(self.removed), here(self.found.broken)
        anonymous = here(self.found.theirs - self.removed)
        table = self._mentions_cleared(table, first)
        if anonymous:
            for name in self.replaced:
                table = _edited(table, name, {row: self._token(table, name, row) for row in anonymous})
            for name in self.emptied:
                table = _emptied(table, name, anonymous)
        if broken:
            table = _emptied(table, VALUE, broken)
        return table.take(_others(removed, table.num_rows)) if removed else table

    def _mentions_cleared(self, table: pa.Table, first: int) -> pa.Table:
        cells: dict[str, dict[int, list[str | None]]] = {}
        for each in self.found.mentions:
            if first <= each.row < first + table.num_rows:
                cells.setdefault(each.column, {}).setdefault(each.row - first, []).append(each.form)
        for name, rows in cells.items():
            values = table.column(name)
            table = _edited(table, name, {row: self._cleared(values[row].as_py(), name, f) for row, f in rows.items()})
        return table

    def _cleared(self, said: str, name: str, forms: Sequence[str | None]) -> str | None:
        """A cell without the identifiers in it; in a column that a key needs something stands in their place."""
        whole = None if name not in self.needed else self._stand_in(said.strip().lower())
        for form in forms:
            if form is None:
                return whole
            place = said.lower().find(form)
            while place >= 0:
                said = said[:place] + (self._stand_in(form) if whole else "") + said[place + len(form) :]
                place = said.lower().find(form)
        return said if said.strip() else None

    def _token(self, table: pa.Table, name: str, row: int) -> str | None:
        said = table.column(name)[row].as_py()
        return None if said is None else self._stand_in(said.strip())

    def _stand_in(self, said: str) -> str:
        """What stands for an identifier: the same each time, so that a later delivery finds its order again."""
        return said if ERASED in said else ERASED + keyed(self.secret, Kind.RECORD, f"stands for\x1f{said}")[:16]


def _columns(section: Section, kinds: Collection[str]) -> tuple[set[str], set[str], set[str]]:
    """The file's columns that feed what is kept, that feed what is personal, and that a key or a duty needs."""
    kept: set[str] = {section.known_column} if section.known_column else set()
    private: set[str] = set()
    needed: set[str] = set(kept)
    duties = {*section.contract.key, *required(section.contract)}
    for field in section.bound(kinds):
        if field.column.personal or field.column.person or field.column.name in FREE_TEXT:
            private |= field.reads
            continue
        kept |= field.reads
        if field.column.name in duties:
            needed |= field.reads
    own = {LINE, LINES, VALUE, RULE}
    return kept - own, private - own, needed - own


def _emptied(table: pa.Table, name: str, rows: Sequence[int]) -> pa.Table:
    """The table with nothing in these rows of a column, whatever its type."""
    hidden = np.zeros(table.num_rows, dtype=bool)
    hidden[list(rows)] = True
    places = pa.array(np.arange(table.num_rows), mask=hidden)
    index = table.schema.get_field_index(name)
    return table.set_column(index, table.schema.field(index), table.column(index).take(places))


def _edited(table: pa.Table, name: str, cells: dict[int, str | None]) -> pa.Table:
    values = table.column(name).to_pylist()
    for row, said in cells.items():
        values[row] = said
    index = table.schema.get_field_index(name)
    field = table.schema.field(index)
    return table.set_column(index, field, pa.chunked_array([pa.array(values, field.type)]))


def _others(rows: Sequence[int], count: int) -> pa.Array:
    stay = np.ones(count, dtype=bool)
    stay[list(rows)] = False
    return pa.array(np.flatnonzero(stay))
