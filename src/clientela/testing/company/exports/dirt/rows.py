"""The kinds of dirt that are of a whole row: said twice, cut off, wrongly quoted, with a byte that is no character."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clientela.testing.company.exports.dirt.kinds import DOUBLED, QUARANTINE
from clientela.testing.company.exports.dirt.known import File
from clientela.testing.company.exports.forms import Csv, Form, Json, Workbook, line

Cells = tuple[str | None, ...]
# A byte that is no character, as Python holds it; by encoding, as some know nearly all bytes.
_NO_CHARACTER = {"utf-8": "\udcff", "cp1252": "\udc81"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in one place: so many ``rows`` after the spoiled one's, column '' for the whole row."""

    column: str
    stood: str | None
    written: str | None
    expected: str
    rule: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Instead:
    """What is written instead of a row: texts of whole lines, or rows of cells for a workbook."""

    texts: tuple[str, ...]
    cells: tuple[Cells, ...]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is to be spoiled."""

    cells: Cells
    names: Sequence[str]
    form: Form
    file: File
    drawn: int

    def text(self, cells: Cells | None = None) -> str:
        """It as a line; a workbook has none."""
        return "" if isinstance(self.form, Workbook) else line(cells or self.cells, self.names, self.form)

    def with_cell(self, place: int, said: str | None) -> Cells:
        """Its cells, one of them replaced."""
        return (*self.cells[:place], said, *self.cells[place + 1 :])

    def filled(self) -> int:
        """A place at which something stands."""
        places = [place for place, cell in enumerate(self.cells) if cell]
        return places[self.drawn % len(places)]


def _doubled(row: Row) -> Instead | None:
    text = row.text()
    wrong = Wrong("", text.rstrip("\n"), text.rstrip("\n"), DOUBLED, rows=1)
    return Instead((text, text), (row.cells, row.cells), (wrong,))


def _clashing(row: Row) -> Instead | None:
    """Twice, with another number: nobody can know which of them is right."""
    numbers = [
        place
        for place, name in enumerate(row.names)
        if row.cells[place] and name in row.file.fields and row.file.fields[name].number
    ]
    if not numbers:
        return None
    place = numbers[row.drawn % len(numbers)]
    said = row.cells[place] or ""
    least = row.file.fields[row.names[place]].column.minimum
    changed = said[:-1] + str((int(said[-1]) + 1) % 10)
    if least is not None:  # the other number may stand there, too
        changed = str(least + (int(said) == least))
    other = row.with_cell(place, changed)
    texts = row.text(), row.text(other)
    wrong = [Wrong("", said, other[place], QUARANTINE, rows=rows) for rows in (0, 1)]
    return Instead(texts, (row.cells, other), tuple(wrong))


def _broken_bytes(row: Row) -> Instead | None:
    if isinstance(row.form, Workbook):
        return None
    encoding = row.form.encoding if isinstance(row.form, Csv) else "utf-8"
    place = row.filled()
    said = (row.cells[place] or "") + _NO_CHARACTER[encoding]
    return _one(row, row.text(row.with_cell(place, said)), row.cells[place], said)


def _misquoted(row: Row) -> Instead | None:
    """A quote that is not closed, one within a quoted text, or a delimiter without quotes."""
    form = row.form
    if not isinstance(form, Csv):
        return None
    place = row.filled()
    stood = row.cells[place] or ""
    said = (f'"{stood}', f'"{stood}" or "so"', f"{stood}{form.delimiter}so")[row.drawn % 3]
    plain = Csv(form.delimiter, form.encoding, quoted=form.quoted)
    cells = [line((cell,), ("",), plain).rstrip("\n") for cell in row.cells]
    cells[place] = said
    return _one(row, form.delimiter.join(cells) + "\n", stood, said)


def _truncated(row: Row) -> Instead | None:
    if isinstance(row.form, Workbook) or len(row.cells) < 2:
        return None
    if isinstance(row.form, Json):
        text = row.text()
        cut = text[: 1 + row.drawn % (len(text) - 3)] + "\n"
    else:
        kept = 1 + row.drawn % (len(row.cells) - 1)
        cut = line(row.cells[:kept], row.names[:kept], row.form)
    return _one(row, cut, row.text().rstrip("\n"), cut.rstrip("\n"))


def _one(row: Row, text: str, stood: str | None, written: str) -> Instead:
    """A line that is no record."""
    shown = written.encode("utf-8", "backslashreplace").decode()
    return Instead((text,), (row.cells,), (Wrong("", stood, shown, QUARANTINE),))


# By the world's field that says how often each is.
ROWS: Mapping[str, Callable[[Row], Instead | None]] = {
    "doubled_rows": _doubled,
    "clashing_rows": _clashing,
    "broken_bytes": _broken_bytes,
    "misquoted": _misquoted,
    "truncated": _truncated,
}
LOSING = frozenset(ROWS) - {"doubled_rows"}  # can cost the file the row
