"""How a text file is written: its encoding, what separates its cells, where its header stands, or that it has none."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO

from clientela.capture.files.text_blocks import MARKS
from clientela.capture.propose.look.dates import dates_in
from clientela.capture.propose.words import meaning

DELIMITERS = (",", ";", "\t", "|", "~")
LOOKED_AT = 400  # lines
_AGREE = 0.9  # of the lines must have the same number of cells
_EIGHT_BIT = ("cp1252", "mac_roman", "cp850")
_LIKELY = frozenset("áéíóúñüçàèìòùâêîôûäëïöÁÉÍÓÚÑÜÇÀÈÌÒÙÄËÏÖºª€¿¡ßæøåÆØÅ’‘“”–«»·°£ãõÃÕ\u00a0ÿœ")
_NUMBERLIKE = re.compile(r"^[+-]?[\d.,€$£% ]*\d[\d.,€$£% ]*$")


@dataclass(frozen=True, slots=True)
class Written:
    """How a file is written. ``fixed`` are the first position and the width of each column where no sign separates.

    ``header`` is True, or False when the first record is already data. ``skip`` are lines above the header.
    """

    kind: str = "csv"
    encoding: str | None = None
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    skip: int = 0
    fixed: tuple[tuple[int, int], ...] = ()
    sheet: str | None = None
    member: str | None = None
    doubts: tuple[str, ...] = ()


def encoding_of(start: bytes, *, utf8: bool) -> tuple[str | None, str]:
    """The encoding of a text (None: UTF-8 or marked in the file), and a doubt or an empty text.

    Parameters
    ----------
    start
        Samples of its bytes.
    utf8
        Whether what was checked of the file is strict UTF-8.
    """
    if any(start.startswith(mark) for mark, _ in MARKS):
        return None, ""
    if start[:200].count(0) > len(start[:200]) // 4:
        return ("utf-16-le" if start[1:200:2].count(0) >= start[:200:2].count(0) else "utf-16-be"), ""
    if utf8:
        return None, ""
    scores = {name: _likely(start, name) for name in _EIGHT_BIT}
    best = max(_EIGHT_BIT, key=lambda name: scores[name])
    if scores["cp1252"] >= scores[best] - 0.05:
        best = "cp1252"
    doubt = "" if scores[best] >= 0.9 else f"the accents look odd in every encoding tried; {best} fits best"
    return best, doubt


def written(text: str, *, encoding: str | None) -> Written | None:
    """How a text is laid out; None when no layout comes out even (a letter, a log, one word a line).

    Parameters
    ----------
    text
        Its beginning, whole lines.
    encoding
        As found.
    """
    lines = text.splitlines()[: LOOKED_AT * 3]
    full = [line for line in lines if line.strip()]
    if not full:
        return None
    found = [each for sign in DELIMITERS if (each := _separated(text, sign)) is not None]
    fixed = _fixed(full)
    if not found:
        return replace(fixed, encoding=encoding) if fixed is not None else _single(full, encoding)
    # the fewer lines above the header the better: a decimal comma begins below it
    share, width, sign, _, skip, rows = max(found, key=lambda each: (round(each[0], 1), -each[3], each[1]))
    if fixed is not None and width <= 2:
        return replace(fixed, encoding=encoding)
    header = _is_header(rows)
    doubts: tuple[str, ...] = () if header else ("the first line is already data, so the columns have no names",)
    if share < 0.98:
        doubts += (f"{1 - share:.0%} of the lines sampled have another number of cells",)
    return Written(encoding=encoding, delimiter=sign, header=header, skip=skip if header else 0, doubts=doubts)


def rows_of(text: str, how: Written) -> list[list[str]]:
    """The records of a text laid out so, those of another width left out."""
    if how.fixed:
        return [[line[at - 1 : at - 1 + wide].strip() for at, wide in how.fixed] for line in text.splitlines() if line]
    rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=how.delimiter, quotechar=how.quote) if row]
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    return [row for row in rows if len(row) == width]


def _likely(data: bytes, name: str) -> float:
    """How usual the accents are that an encoding gives."""
    text = data.decode(name, errors="replace")
    high = [sign for sign in text if ord(sign) > 127]
    return sum(sign in _LIKELY for sign in high) / len(high) if high else 1.0


def _separated(text: str, sign: str) -> tuple[float, int, str, int, int, list[list[str]]] | None:
    """How evenly a sign separates: share of the records of the usual width, that width, the records and lines above."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=sign)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for row in reader:
            if row and any(cell.strip() for cell in row):
                rows.append((before, row))
            before = reader.line_num
            if len(rows) >= LOOKED_AT:
                break
    except csv.Error:
        return None
    if not rows:
        return None
    width, often = Counter(len(row) for _, row in rows).most_common(1)[0]
    first = next(place for place, (_, row) in enumerate(rows) if len(row) == width)
    below = rows[first:]
    share = sum(len(row) == width for _, row in below) / len(below)
    if width < 2 or share < _AGREE or often < min(2, len(rows)):
        return None
    titled = first and sum(bool(cell.strip()) for cell in below[0][1]) >= width * 0.6
    skip = below[0][0] if titled else 0
    return share, width, sign, first, skip, [row for _, row in below if len(row) == width][:LOOKED_AT]


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: it holds no number or date where the rest does."""
    first, rest = rows[0], rows[1:]
    if any(_valued(cell.strip()) for cell in first if cell.strip()):
        years = all(re.fullmatch(r"(19|20)\d{2}|\d{1,2}", cell.strip()) for cell in first if _valued(cell.strip()))
        named = sum(bool(meaning(cell).notions) for cell in first)
        return bool(rest) and years and named >= len(first) / 2
    if len(set(map(str.strip, first))) < len(first) and sum(bool(cell.strip()) for cell in first) == len(first):
        return any(meaning(cell).notions for cell in first)
    if not rest or any(meaning(cell).notions for cell in first):
        return True
    typed = [place for place in range(len(first)) if _mostly_valued([row[place] for row in rest])]
    repeated = sum(first[place] in {row[place] for row in rest} for place in range(len(first)))
    return bool(typed) or repeated == 0


def _mostly_valued(cells: Sequence[str]) -> bool:
    full = [cell.strip() for cell in cells if cell.strip()]
    return bool(full) and sum(map(_valued, full)) > 0.8 * len(full)


def _valued(cell: str) -> bool:
    return bool(_NUMBERLIKE.match(cell)) or "@" in cell or dates_in([cell]) is not None


def _fixed(lines: Sequence[str]) -> Written | None:
    """Columns of fixed width, set apart by blanks: where no line has a sign there."""
    body = [line.rstrip() for line in lines[1:LOOKED_AT]]
    if len(body) < 3:
        return None
    width = max(map(len, body))
    used = [any(len(line) > place and line[place] != " " for line in body) for place in range(width)]
    columns: list[tuple[int, int]] = []
    place = 0
    while place < width:
        if not used[place]:
            place += 1
            continue
        end = place
        while end < width and used[end]:
            end += 1
        columns.append((place + 1, end - place))
        place = end
    cells = len(columns)
    even = sum(len(line.split()) == cells for line in body) / len(body)
    if cells < 3 or even < 0.97:
        return None
    # room to the left, as far as the column before: a longer number than any sampled still fits
    roomy = tuple(
        (ends + 1, at + wide - 1 - ends)
        for (at, wide), ends in zip(columns, [0, *(a + w - 1 for a, w in columns[:-1])], strict=True)
    )
    roomy = (*roomy[:-1], (roomy[-1][0], roomy[-1][1] + 20))
    first = lines[0].split()
    header = len(first) == cells and not any(_valued(cell) for cell in first)
    doubts = () if header else ("the first line is already data, so the columns have no names",)
    return Written(kind="fixed", header=header, fixed=roomy, delimiter="\t", doubts=doubts)


def _single(lines: Sequence[str], encoding: str | None) -> Written | None:
    """A file of one column, if it is that and not running text."""
    if len(lines) < 3 or max(map(len, lines[:LOOKED_AT])) > 80 or any(" " in line.strip() for line in lines[1:50]):
        return None
    return Written(encoding=encoding)
