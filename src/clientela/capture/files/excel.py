"""Excel workbooks: looked at from outside, then read by a child process with limits.

A row that holds an error (``#N/A``), a formula that was never calculated or the lower part of a merged cell is
bad: what it would say is not known. Numbers come as the shortest that is the same, dates as dates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from clientela.capture.files.cells import Cell, Row, as_text
from clientela.capture.files.csv_reader import unique_names
from clientela.capture.files.packed import check_workbook
from clientela.capture.files.text_blocks import shown, unfit
from clientela.config import Format
from clientela.errors import SandboxError, SourceError
from clientela.sandbox import run_limited

MEMORY_BYTES = 1 << 30
SECONDS = 30  # and as many again as it takes at this speed:
BYTES_PER_SECOND = 2 << 20  # of the unpacked sheet


def read_workbook(path: Path, form: Format, *, into: Path, source: str) -> Path:
    """The rows of the sheet that is meant, as JSON lines in a file that is made at ``into``.

    Raises
    ------
    SourceError
        It is no workbook, is damaged, or wants more than a workbook may.
    """
    size = check_workbook(path, source=source)
    seconds = SECONDS + size / BYTES_PER_SECOND
    arguments = {"path": str(path), "into": str(into), "sheet": form.sheet, "name": path.name, "source": source}
    part = into.with_name(into.name + ".part")
    try:
        run_limited(
            "clientela.capture.files.workbook:convert",
            arguments | {"into": str(part)},
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=seconds,
            wall_seconds=4 * seconds,
        )
    except SandboxError as error:
        part.unlink(missing_ok=True)
        if error.reason == "refused":
            raise SourceError(source, error.said.removeprefix(f"source '{source}': ")) from None
        said = f"{path.name} could not be read as a workbook: {error.said}"
        raise SourceError(source, f"{said}. Open and save it in Excel, or deliver it as CSV.") from None
    return part.replace(into)


@dataclass(frozen=True, slots=True)
class Heading:
    """The columns of a sheet: their names, which of them the header gives, and the first row below it."""

    names: tuple[str, ...]
    given: tuple[str, ...]
    first: int


def heading_of(rows: Path, form: Format, *, name: str, source: str) -> Heading:
    """The columns of a sheet.

    Raises
    ------
    SourceError
        There is no header, or one of its cells cannot be read.
    """
    for number, cells, problem in _lines(rows):
        if number <= form.skip or not any(cell not in (None, "") for cell in cells):
            continue
        if not form.header:
            return Heading(unique_names([""] * len(cells)), (), number)
        if isinstance(form.header, tuple):
            names = unique_names(form.header)
            return Heading(names, names, number)
        texts = [as_text(_cell(cell), form) or "" for cell in cells]
        why = problem or unfit("".join(texts))
        if why:
            raise SourceError(source, f"the header of {name} cannot be read: {why}.")
        names = unique_names(texts)
        given = tuple(each for each, text in zip(names, texts, strict=True) if text.strip())
        return Heading(names, given, number + 1)
    raise SourceError(source, f"{name} is empty: it has not even a header.")


def sheet_rows(rows: Path, heading: Heading) -> Iterator[Row]:
    """The rows of a sheet below its header."""
    names = heading.names
    for number, cells, said in _lines(rows):
        if number < heading.first:
            continue
        if len(cells) > len(names):
            names = unique_names([*names, *[""] * (len(cells) - len(names))])
        why = said or next(
            (f"a cell holds {held}" for each in cells if isinstance(each, str) and (held := unfit(each))), ""
        )
        if why:
            text = " | ".join("" if cell is None else str(cell) for cell in map(_cell, cells))
            yield Row(number, None, shown(text), why)
        else:
            found = {name: _cell(cell) for name, cell in zip(names, cells, strict=False) if cell not in (None, "")}
            yield Row(number, found, size=50 * len(found))


def _lines(rows: Path) -> Iterator[tuple[int, list[Any], str | None]]:
    with rows.open(encoding="utf-8") as file:
        for line in file:
            number, cells, problem = json.loads(line, parse_float=Decimal)
            yield number, cells, problem


def _cell(said: Any) -> Cell:
    """A cell as the child wrote it."""
    if isinstance(said, list):
        kind, text = said
        return datetime.fromisoformat(text) if kind == "t" else date.fromisoformat(text)
    cell: Cell = said
    return cell
