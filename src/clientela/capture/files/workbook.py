"""One sheet of an Excel workbook to JSON lines. It runs in the sandbox only: a small file can ask for all memory.

The sheet's XML is read first, a piece at a time, for what the spreadsheet library does not tell (errors, formulas
that were never calculated, merged cells) and for how far apart its cells lie: the library makes one grid of all.
A large sheet is handed to it in slices of rows.
"""

from __future__ import annotations

import json
import math
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

from clientela.errors import SourceError, did_you_mean

GRID = 2_000_000  # cells of one slice, empty ones among them
SPARSE = 50  # times as many empty cells as filled ones are no table
SPARE = 1_000_000  # fewer cells than this may lie as far apart as they like
COLUMNS = 16_384  # Excel's own limit
MARKED = 100_000  # cells that are errors, and merged ranges, at most
_BLOCK = 1 << 20
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")


@dataclass(slots=True)
class Scan:
    """What a sheet's XML says. ``problems``: by row, what is wrong with a cell of it."""

    cells: int = 0
    rows: int = 0  # the last with a value
    width: int = 0
    problems: dict[int, str] = field(default_factory=dict)
    merged: list[tuple[str, int, int]] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)  # where a slice of rows begins: its row, its byte
    numbered: bool = True  # whether each row says its number
    tags: tuple[str, ...] = ()  # as the file writes worksheet and sheetData


def convert(path: str, into: str, sheet: str | None, name: str, source: str) -> dict[str, Any]:
    """Write the rows of a sheet as JSON lines ``[row, [cells], problem]``; the sheet's name and how many columns.

    Parameters
    ----------
    path, into
        The workbook and the file to write.
    sheet
        Its name; None: the first that has rows.
    name, source
        The file and its source, for errors.

    Raises
    ------
    SourceError
        The sheet is not there, or is nothing a table could be read from.
    """
    with zipfile.ZipFile(path) as book:
        chosen, part, scan = _chosen(book, sheet, name, source)
        if scan.rows * scan.width > max(SPARE, SPARSE * scan.cells):
            said = f"sheet '{chosen}' of {name} has {scan.cells:,} cells spread over {scan.rows:,} rows"
            raise SourceError(source, f"{said} and {scan.width:,} columns; delete what stands far from the table.")
        with Path(into).open("w", encoding="utf-8") as file:
            for row, cells in _whole(_all_rows(book, path, part, chosen, scan, into), scan.rows):
                file.write(json.dumps([row, cells, scan.problems.get(row)], ensure_ascii=False) + "\n")
    return {"sheet": chosen, "width": scan.width}


def _chosen(book: zipfile.ZipFile, wanted: str | None, name: str, source: str) -> tuple[str, str, Scan]:
    """The sheet that is meant: its name, its part of the zip, what its XML says."""
    sheets = _sheets(book, name, source)
    if wanted is not None:
        if wanted not in sheets:
            raise SourceError(source, f"{name} has no sheet '{wanted}'; {did_you_mean(wanted, sheets)}")
        sheets = {wanted: sheets[wanted]}
    for sheet, part in sheets.items():
        scan = _scanned(book, part, name, source)
        if scan.cells or wanted is not None:
            return sheet, part, scan
    raise SourceError(source, f"{name} is empty: no sheet of it has a row.")


def _sheets(book: zipfile.ZipFile, name: str, source: str) -> dict[str, str]:
    """The names of the sheets that have cells, each with its part of the zip."""
    listed: list[tuple[str, str]] = []
    parts: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _bare(tag) == "sheet":
            link = next((value for key, value in attributes.items() if _bare(key) == "id"), "")
            listed.append((attributes.get("name", ""), link))

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _bare(tag) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            place = posixpath.normpath(posixpath.join("xl", target))
            parts[attributes.get("Id", "")] = target[1:] if target.startswith("/") else place

    _parse(book, "xl/workbook.xml", sheet, name, source)
    _parse(book, "xl/_rels/workbook.xml.rels", relation, name, source)
    return {each: parts[link] for each, link in listed if link in parts}


def _parse(book: zipfile.ZipFile, part: str, start: Any, name: str, source: str) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    _feed(parser, book, part, name, source)


def _feed(parser: expat.XMLParserType, book: zipfile.ZipFile, part: str, name: str, source: str) -> None:
    """Parse a part of the zip; no document type, hence no entities."""

    def refuse(*_: object) -> None:
        raise SourceError(source, f"{name} is refused: it declares a document type, as no workbook does.")

    parser.StartDoctypeDeclHandler = refuse
    try:
        with book.open(part) as file:
            while block := file.read(_BLOCK):
                parser.Parse(block, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, KeyError, EOFError):
        raise SourceError(source, f"{name} is a damaged workbook; have it delivered again.") from None


def _scanned(book: zipfile.ZipFile, part: str, name: str, source: str) -> Scan:
    parser = expat.ParserCreate()
    scanner = _Scanner(parser)
    parser.StartElementHandler = scanner.start
    try:
        _feed(parser, book, part, name, source)
    except _TooManyError:
        said = f"{name} has more than {MARKED:,} cells that are errors or merged"
        raise SourceError(source, f"{said}; mend them in the sheet.") from None
    scanner.finish()
    scan = scanner.scan
    for column, first, last in scan.merged:
        for row in range(first + 1, min(last, scan.rows) + 1):
            scan.problems.setdefault(row, f"cell {column}{row} is merged with {column}{first}; unmerge the cells")
    return scan


class _TooManyError(Exception):
    pass


class _Scanner:
    """Takes in the elements of a sheet, one after the other."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.scan = Scan()
        self._parser = parser
        self._row = self._column = 0
        self._kind: str | None = None
        self._formula = self._valued = False
        self._said = ""
        self._columns: dict[str, int] = {}
        self._in_slice = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag in ("v", "is") or (":" in tag and _bare(tag) in ("v", "is")):
            self._value()
        elif tag == "c" or tag.endswith(":c"):
            self._cell(attributes)
        elif tag == "f" or tag.endswith(":f"):
            self._formula = True
        elif tag == "row" or tag.endswith(":row"):
            self._begin_row(attributes)
        elif _bare(tag) in ("worksheet", "sheetData"):
            self.scan.tags = (*self.scan.tags, tag)
        elif _bare(tag) == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def finish(self) -> None:
        """The cell before is whole now."""
        if self._formula and not self._said and self._kind != "str":
            said = "is a formula that was never calculated; open the workbook in Excel and save it"
            self._mark(said)
        elif self._kind == "e" and self._valued:
            self._mark(f"is {self._said.strip() or 'an error'}")
        self._parser.CharacterDataHandler = None
        self._kind, self._formula, self._valued, self._said = None, False, False, ""

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self.finish()
        number = attributes.get("r")
        self.scan.numbered = self.scan.numbered and number is not None
        self._row = int(number) if number and number.isdigit() else self._row + 1
        self._column = 0
        if not self.scan.cuts or self._in_slice * max(self.scan.width, 1) > GRID:
            self.scan.cuts.append((self._row, self._parser.CurrentByteIndex))
            self._in_slice = 0
        self._in_slice += 1

    def _cell(self, attributes: dict[str, str]) -> None:
        if self._formula or self._kind == "e":
            self.finish()
        reference = attributes.get("r", "")
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column(letters) if letters else 0
        self._column = column or self._column + 1
        self._kind = attributes.get("t")
        self._valued = False

    def _value(self) -> None:
        scan = self.scan
        scan.cells += not self._valued
        self._valued = True
        scan.width = max(scan.width, self._column)
        scan.rows = max(scan.rows, self._row)
        if self._formula or self._kind == "e":
            self._parser.CharacterDataHandler = self._text

    def _text(self, said: str) -> None:
        if len(self._said) < 100:
            self._said += said

    def _mark(self, said: str) -> None:
        if len(self.scan.problems) >= MARKED:
            raise _TooManyError
        self.scan.problems.setdefault(self._row, f"cell {_letters(self._column)}{self._row} {said}")
        self.scan.rows = max(self.scan.rows, self._row)

    def _merge(self, reference: str) -> None:
        found = _RANGE.fullmatch(reference)
        if found and found[4] and int(found[4]) > int(found[2]):
            if len(self.scan.merged) >= MARKED:
                raise _TooManyError
            self.scan.merged.append((found[1], int(found[2]), int(found[4])))


def _all_rows(
    book: zipfile.ZipFile, path: str, part: str, sheet: str, scan: Scan, into: str
) -> Iterator[tuple[int, list[Any]]]:
    for place in _slices(book, path, part, scan, into):
        yield from _rows(place, sheet)


def _whole(rows: Iterator[tuple[int, list[Any]]], last: int) -> Iterator[tuple[int, list[Any]]]:
    """Every row up to the last, also those of which the library says nothing."""
    expected = 1
    for row, cells in rows:
        while expected < row:
            yield expected, []
            expected += 1
        yield row, cells
        expected = row + 1
    for row in range(expected, last + 1):
        yield row, []


def _slices(book: zipfile.ZipFile, path: str, part: str, scan: Scan, into: str) -> Iterator[str]:
    """Workbooks that hold the sheet: itself, or one after the other with some rows each."""
    if len(scan.cuts) < 2 or not scan.numbered or len(scan.tags) != 2:
        yield path
        return
    ends = [byte for _, byte in scan.cuts[1:]]
    close = "".join(f"</{tag}>" for tag in reversed(scan.tags)).encode()
    place = into + ".slice.xlsx"
    with book.open(part) as sheet:
        head = sheet.read(scan.cuts[0][1])
        at = len(head)
        for end in [*ends, None]:
            with zipfile.ZipFile(place, "w") as small:
                for entry in book.infolist():
                    if _is_needed(entry.filename, part):
                        with book.open(entry) as old, small.open(entry.filename, "w", force_zip64=True) as new:
                            while block := old.read(_BLOCK):
                                new.write(block)
                with small.open(part, "w", force_zip64=True) as new:
                    new.write(head)
                    while block := sheet.read(_BLOCK if end is None else min(_BLOCK, end - at)):
                        at += len(block)
                        new.write(block)
                    if end is not None:
                        new.write(close)
            yield place
    Path(place).unlink()


def _is_needed(name: str, sheet: str) -> bool:
    """Whether a part of the workbook says what the cells of the sheet mean."""
    return name.endswith((".xml", ".rels")) and name != sheet and not name.startswith("xl/worksheets/")


def _rows(place: str, sheet: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a sheet with their numbers, cells from the first column on."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(place) as workbook:
        found = workbook.get_sheet_by_name(sheet)
        if found.start is None:
            return
        first, left = found.start
        for number, cells in enumerate(found.iter_rows()):  # from the sheet's first row, but the table's first column
            if number >= first:
                yield number + 1, [*[None] * left, *map(_said, cells)]


def _said(cell: object) -> object:
    """A cell as JSON: a number digit for digit, a date as ``["d", …]``, a moment as ``["t", …]``."""
    if isinstance(cell, datetime | date):
        return ["t" if isinstance(cell, datetime) else "d", cell.isoformat()]
    if isinstance(cell, time):
        return cell.isoformat()
    number = cell.total_seconds() if isinstance(cell, timedelta) else cell
    if isinstance(number, float):
        if not math.isfinite(number):
            return str(number)
        return int(number) if number.is_integer() else number
    return None if number == "" else number


def _bare(tag: str) -> str:
    return tag.rpartition(":")[2]


def _column(letters: str) -> int:
    """The number of a column: A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
        if not 0 < number <= COLUMNS:
            return COLUMNS
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
