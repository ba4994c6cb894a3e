"""The forms in which systems write a table of texts: with a delimiter, as JSON lines, as a workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.exports.spelling import Texts, escaped, joined

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")  # as JSON writes one
_CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 - a workbook has no zone; always the same, so that bytes are


@dataclass(frozen=True, slots=True)
class Csv:
    """Cells between delimiters; null is nothing. ``quoted``: all that stands there is, else only what needs it."""

    delimiter: str
    encoding: str = "utf-8"
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Json:
    """One object a line; ``numbers``: the columns that are written as numbers."""

    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Workbook:
    """An Excel workbook: a title and an empty row above the header, and a second sheet with notes.

    ``numbers`` are typed as numbers, ``moments`` as moments, whose texts are written in a form of strftime.
    """

    sheet: str
    title: str
    notes: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
    moments: Mapping[str, str] | None = None


Form = Csv | Json | Workbook
ABOVE_SHEET = 2  # rows above a workbook's header


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts that is to be written, and in which form."""

    columns: Texts
    form: Form

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def first(self) -> int:
        """The line of the first row."""
        return {Csv: 2, Json: 1, Workbook: ABOVE_SHEET + 2}[type(self.form)]


def content(sheet: Sheet) -> bytes:
    """A table as the bytes of a file."""
    if isinstance(sheet.form, Workbook):
        columns = [texts.to_pylist() for texts in sheet.columns.values()]
        return workbook(sheet, list(zip(*columns, strict=True)))
    encoding = encoding_of(sheet.form)
    body = packed(lines(sheet))
    return header(sheet) + (body if encoding == "utf-8" else body.decode().encode(encoding))


def encoding_of(form: Csv | Json) -> str:
    """The encoding of a text file."""
    return form.encoding if isinstance(form, Csv) else "utf-8"


def header(sheet: Sheet) -> bytes:
    """The first line of a text file; JSON has none."""
    form = sheet.form
    if not isinstance(form, Csv):
        return b""
    names = [f'"{name}"' if form.quoted else name for name in sheet.columns]
    return (form.delimiter.join(names) + "\n").encode(form.encoding)


def lines(sheet: Sheet) -> pa.Array:
    """The rows of a text file as whole lines, all at once."""
    if isinstance(sheet.form, Json):
        parts: list[pa.Array | str] = []
        for place, (name, texts) in enumerate(sheet.columns.items()):
            said = texts if name in sheet.form.numbers else joined('"', escaped(texts), '"')
            parts += [f'{", " if place else "{"}"{name}": ', pc.fill_null(said, "null")]
        return joined(*parts, "}\n")
    assert isinstance(sheet.form, Csv)  # noqa: S101 - a workbook has no lines
    cells = [pc.fill_null(_quoted(texts, sheet.form), "") for texts in sheet.columns.values()]
    return joined(pc.binary_join_element_wise(*cells, sheet.form.delimiter), "\n")


def line(cells: Sequence[str | None], names: Sequence[str], form: Csv | Json) -> str:
    """One row as a line, as `lines` writes it; what is no number in a column of numbers is a text."""
    if isinstance(form, Csv):
        return form.delimiter.join("" if cell is None else _one_quoted(cell, form) for cell in cells) + "\n"
    pairs = [f'"{name}": {_json(cell, name in form.numbers)}' for name, cell in zip(names, cells, strict=True)]
    return "{" + ", ".join(pairs) + "}\n"


def packed(texts: pa.Array) -> bytes:
    """All texts one after the other, without a copy of each."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not len(texts):
        return b""
    offsets = texts.buffers()[1]
    width = 4 if pa.types.is_string(texts.type) else 8
    view = memoryview(offsets).cast("i" if width == 4 else "q")
    start, end = view[texts.offset], view[texts.offset + len(texts)]
    return bytes(memoryview(texts.buffers()[2])[start:end])


def workbook(sheet: Sheet, rows: Sequence[Sequence[str | None]]) -> bytes:
    """Rows as a workbook, whose bytes are always the same."""
    from xlsxwriter import Workbook as Book

    form = sheet.form
    assert isinstance(form, Workbook)  # noqa: S101 - only a workbook comes here
    into = io.BytesIO()
    with Book(into, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": form.title, "created": _CREATED})
        page, notes = book.add_worksheet(form.sheet), book.add_worksheet("Info")
        clock = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        page.write_string(0, 0, form.title)
        for place, said in enumerate(form.notes):
            notes.write_string(place, 0, said)
        for place, name in enumerate(sheet.columns):
            page.write_string(ABOVE_SHEET, place, name)
        for number, row in enumerate(rows, ABOVE_SHEET + 1):
            for place, value in _typed(row, sheet):
                if isinstance(value, datetime):
                    page.write_datetime(number, place, value, clock)
                elif isinstance(value, str):
                    page.write_string(number, place, value)
                else:
                    page.write_number(number, place, value)
    return into.getvalue()


def _typed(row: Sequence[str | None], sheet: Sheet) -> Iterator[tuple[int, str | float | datetime]]:
    """The cells of a row that hold something, as Excel knows them; what is not of its column's kind is a text."""
    form = sheet.form
    assert isinstance(form, Workbook)  # noqa: S101 - only a workbook comes here
    for place, (name, cell) in enumerate(zip(sheet.columns, row, strict=True)):
        pattern = (form.moments or {}).get(name)
        if cell is None:
            continue
        if name in form.numbers and _NUMBER.fullmatch(cell):
            yield place, float(cell)
        elif pattern is not None:
            yield place, _moment(cell, pattern)
        else:
            yield place, cell


def _moment(cell: str, pattern: str) -> str | datetime:
    try:
        return datetime.strptime(cell, pattern)  # noqa: DTZ007 - a workbook has no zone
    except ValueError:
        return cell


def _quoted(texts: pa.Array, form: Csv) -> pa.Array:
    """The texts as they stand between delimiters."""
    doubled = pc.replace_substring(texts, '"', '""')
    inside = joined('"', doubled, '"')
    if form.quoted:
        return inside
    return pc.if_else(pc.match_substring_regex(texts, f'[{re.escape(form.delimiter)}"\n\r]'), inside, texts)


def _one_quoted(text: str, form: Csv) -> str:
    needed = form.quoted or any(sign in text for sign in (form.delimiter, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if needed else text


def _json(cell: str | None, number: bool) -> str:
    if cell is None:
        return "null"
    if number and _NUMBER.fullmatch(cell):
        return cell
    said = cell.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{said}"'
