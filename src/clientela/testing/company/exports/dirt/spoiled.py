"""A table of texts with dirt in it, as the bytes of its file, and all that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clientela.testing.company.exports.dirt.kinds import CELLS
from clientela.testing.company.exports.dirt.known import File
from clientela.testing.company.exports.dirt.rows import LOSING, ROWS, Instead, Row, Wrong
from clientela.testing.company.exports.forms import (
    Sheet,
    Workbook,
    content,
    encoding_of,
    header,
    lines,
    packed,
    workbook,
)
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

# Everything that is wrong: one row for each spoiled cell, or row. ``line``: of its record in the file, from 1;
# ``column``: as the file calls it, '' for the whole row; ``key``: of the record, as it should be.
DIRT = pa.schema(
    [
        *((name, pa.int32()) for name in ("week",)),
        *((name, pa.string()) for name in ("source", "table_name", "file")),
        ("line", pa.int64()),
        *((name, pa.string()) for name in ("column", "kind", "key", "stood", "written", "expected", "rule")),
    ]
)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A file and what is wrong in it, as rows of `DIRT`."""

    content: bytes
    wrong: pa.Table


def spoilt(world: World, week: int, name: str, sheet: Sheet, file: File) -> Spoiled:
    """A table as a file in which so much is wrong as the world says; no row is spoiled twice.

    Parameters
    ----------
    name : of the file
    file : what its columns hold
    """
    found = list(_instead(world, week, name, sheet, file))
    if not found:
        return Spoiled(content(sheet), DIRT.empty_table())
    form = sheet.form
    body = (
        workbook(sheet, list(_rows(sheet, found)))
        if isinstance(form, Workbook)
        else header(sheet) + b"".join(_parts(sheet, found))
    )
    about = (week, file.source, next(iter(file.fields.values())).table.name, name)
    return Spoiled(body, _table(sheet, file, found, about))


@dataclass(frozen=True, slots=True)
class _Found:
    row: int
    kind: str
    cells: tuple[str | None, ...]
    instead: Instead


def possible(world: World, sheet: Sheet, file: File) -> dict[str, tuple[str, ...]]:
    """The kinds that a file may have, each with the columns in which it fits; none for those of whole rows.

    A file that holds everything each week keeps all its rows, or what other files refer to would be gone.
    """
    found: dict[str, tuple[str, ...]] = {}
    for kind, how in CELLS.items():
        labels = tuple(label for label in sheet.columns if label in file.fields and how.fits(file.fields[label], file))
        if labels and not (file.whole and how.loses):
            found[kind] = labels
    found |= {kind: () for kind in ROWS if not (file.whole and kind in LOSING)}
    return {kind: labels for kind, labels in found.items() if getattr(world, kind) > 0}


def _instead(world: World, week: int, name: str, sheet: Sheet, file: File) -> Iterator[_Found]:
    kinds = possible(world, sheet, file)
    if not kinds or not len(sheet):
        return
    rng = stream(world.seed, "dirt", name, week)
    named = list(kinds)
    drawn = np.searchsorted(np.cumsum([getattr(world, kind) for kind in named]), rng.random(len(sheet)), side="right")
    hit = np.flatnonzero(drawn < len(named))
    chance = rng.integers(0, 1 << 30, (len(hit), 2))
    taken = [texts.take(pa.array(hit)).to_pylist() for texts in sheet.columns.values()]
    names = tuple(sheet.columns)
    for place, (row, cells) in enumerate(zip(hit.tolist(), zip(*taken, strict=True), strict=True)):
        kind = named[drawn[row]]
        which, how = (int(each) for each in chance[place])
        spoiled = Row(cells, names, sheet.form, file, how)
        label = kinds[kind][which % len(kinds[kind])] if kinds[kind] else ""
        instead = _cell(spoiled, kind, label) if label else ROWS[kind](spoiled)
        if instead is not None:
            yield _Found(row, kind, cells, instead)


def _cell(row: Row, kind: str, label: str) -> Instead | None:
    """The row with one of its cells spoiled."""
    place = row.names.index(label)
    field = row.file.fields[label]
    spoiled = CELLS[kind].spoil(row.cells[place], field, row.drawn)
    if spoiled is None:
        return None
    # a key by which lines find their heads is missed before any column is read
    column = "" if spoiled.written is None and field.joins else label
    cells = row.with_cell(place, spoiled.written)
    wrong = Wrong(column, row.cells[place], spoiled.written, spoiled.expected, spoiled.rule)
    return Instead((row.text(cells),), (cells,), (wrong,))


def _parts(sheet: Sheet, found: Sequence[_Found]) -> Iterator[bytes]:
    """The lines of a text file: those between the spoiled ones at once."""
    assert not isinstance(sheet.form, Workbook)  # noqa: S101 - a workbook has no lines
    encoding = encoding_of(sheet.form)
    made = lines(sheet)
    body, ends = packed(made), _ends(made)
    begin = 0
    for each in [*found, None]:
        part = body[begin : ends[each.row] if each is not None else len(body)]
        yield part if encoding == "utf-8" else part.decode().encode(encoding)
        if each is not None:
            begin = int(ends[each.row + 1])
            yield "".join(each.instead.texts).encode(encoding, "surrogateescape")


def _ends(texts: pa.Array) -> NDArray[np.int64]:
    """(n + 1,); where each text begins in all of them put together, and where the last ends."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def _rows(sheet: Sheet, found: Sequence[_Found]) -> Iterator[tuple[str | None, ...]]:
    instead = {each.row: each.instead.cells for each in found}
    for row, cells in enumerate(zip(*(texts.to_pylist() for texts in sheet.columns.values()), strict=True)):
        yield from instead.get(row, (cells,))


def _table(sheet: Sheet, file: File, found: Sequence[_Found], about: tuple[int, str, str, str]) -> pa.Table:
    keys = [
        place
        for place, label in enumerate(sheet.columns)
        if label in file.fields and file.fields[label].name in file.fields[label].table.key
    ]
    text = not isinstance(sheet.form, Workbook)
    more, told = 0, []
    for each in found:
        for wrong in each.instead.wrong:
            line = sheet.first + each.row + more + wrong.rows
            key = "|".join(each.cells[place] or "" for place in keys)
            told.append((*about, line, wrong.column, each.kind, key, *_said(wrong)))
        written = sum(each_text.count("\n") for each_text in each.instead.texts) if text else len(each.instead.cells)
        more += written - 1
    return pa.table([list(column) for column in zip(*told, strict=True)], schema=DIRT)


def _said(wrong: Wrong) -> tuple[str | None, str | None, str, str]:
    return wrong.stood, wrong.written, wrong.expected, wrong.rule
