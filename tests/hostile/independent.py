"""A second reader of CSV, plain and slow, that shares nothing with the product: what a file's records are.

The rules it follows, one character after the other:

* A line ends at a line feed, a carriage return, or both in that order; the last line needs no end.
* A record begins where a line begins. A cell that begins with the quote goes on to the next single quote, over
  delimiters and line ends; two quotes within it stand for one. After the closing quote only a delimiter or the end
  of the line may come. A quote anywhere else is a character like any other.
* A quote that is not closed within 10,000 lines or by the end of the file, or is followed by text, spoils its first
  line only: that line is quarantined, and the next record begins on the next line.
* A record of nothing but white space is blank.
* Any other record is quarantined when it holds a byte that is no character in the file's encoding, half of a
  character, or a control character but tab and line ends, or when it has not as many cells as the header.
* What remains is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST_LINES = 10_000
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UTF8 = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Found:
    """One record of a file, and what becomes of it."""

    line: int
    lines: int
    state: Literal["accepted", "quarantined", "blank"]
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line with its end; ``fit``: every byte of it is a character."""

    text: str
    fit: bool = True


def independently(
    content: bytes,
    *,
    delimiter: str = ",",
    quote: str = '"',
    encoding: str | None = None,
    header: bool | tuple[str, ...] = True,
    skip: int = 0,
) -> list[Found]:
    """Every record below the header, in order; blank lines above the header count too."""
    lines = lines_of(content, encoding)
    found: list[Found] = []
    width = len(header) if isinstance(header, tuple) else None
    place = skip
    while place < len(lines):
        cells, used = _record(lines, place, delimiter, quote)
        text = "".join(line.text for line in lines[place : place + used])
        number, place = place + 1, place + used
        if cells is not None and not "".join(cells).strip():
            found.append(Found(number, used, "blank"))
            continue
        if width is None and cells is not None:
            width = len(cells)
            if header is True:
                continue
        fit = all(line.fit for line in lines[number - 1 : place]) and not any(map(_unfit, text))
        if cells is None or not fit or len(cells) != width:
            found.append(Found(number, used, "quarantined"))
        else:
            found.append(Found(number, used, "accepted", tuple(cells)))
    return found


def lines_of(content: bytes, encoding: str | None = None) -> list[Line]:
    """The lines of a file."""
    for mark, wide in _WIDE:
        if content.startswith(mark):
            return [Line(text) for text in _split(content[len(mark) :].decode(wide, "surrogatepass"))]
    if content.startswith(_UTF8):
        content, encoding = content[3:], None
    if encoding is not None and encoding.startswith(("utf-16", "utf-32")):
        return [Line(text) for text in _split(content.decode(encoding, "surrogatepass"))]
    lines = []
    for raw in _split(content.decode("latin-1")):  # each byte one character: a line end is the same in all of these
        line = raw.encode("latin-1")
        try:
            lines.append(Line(line.decode(encoding or "utf-8")))
        except UnicodeDecodeError:
            lines.append(Line(line.decode(encoding or "utf-8", "replace"), fit=False))
    return lines


def _split(text: str) -> list[str]:
    lines, begin, place = [], 0, 0
    while place < len(text):
        sign = text[place]
        place += 1
        if sign == "\r" and text[place : place + 1] == "\n":
            place += 1
        if sign in "\r\n":
            lines.append(text[begin:place])
            begin = place
    return [*lines, text[begin:]] if begin < len(text) else lines


def _record(lines: list[Line], first: int, delimiter: str, quote: str) -> tuple[list[str] | None, int]:
    """The cells of the record that begins at a line, and its number of lines; (None, 1) when it is broken."""
    cells: list[str] = []
    cell: list[str] = []
    state = "start"
    for used, line in enumerate(lines[first : first + MOST_LINES], start=1):
        for sign in line.text:
            if state == "quoted":
                if sign == quote:
                    state = "closed"
                else:
                    cell.append(sign)
            elif sign == quote and state == "closed":
                cell.append(sign)
                state = "quoted"
            elif sign == quote and state == "start":
                state = "quoted"
            elif sign == delimiter:
                cells.append("".join(cell))
                cell, state = [], "start"
            elif sign in "\r\n":
                break
            elif state == "closed":
                return None, 1
            else:
                cell.append(sign)
                state = "plain"
        if state != "quoted":
            return [*cells, "".join(cell)], used
    return None, 1


def _unfit(sign: str) -> bool:
    code = ord(sign)
    return (code < 32 and sign not in "\t\n\r") or 127 <= code <= 159 or 0xD800 <= code <= 0xDFFF
