"""A text file as blocks of whole lines, decoded with care: a byte that is no text never passes as U+FFFD."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from clientela.errors import SourceError

BLOCK_BYTES = 2 << 20
LINE_LIMIT = 16 << 20  # characters; a longer line is no line
SHOWN = 1000  # characters of a bad line that are kept

# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What no cell may hold: control characters (tab, line feed and carriage return may stand in a quoted cell)
# and the lone surrogates by which Python marks a byte that the encoding does not know.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Overlong(str):
    """The beginning of a line longer than ``LINE_LIMIT``; the rest of it was passed over."""

    __slots__ = ()


def blocks(path: Path, encoding: str | None, *, source: str) -> Iterator[str]:
    """The text of a file in order, in blocks that end where a line ends; an overlong line is a block of its own.

    Raises
    ------
    SourceError
        The encoding does not exist, or the file is not written in it beyond single bad bytes.
    """
    carry = ""
    dropping = False  # within an overlong line
    for text in _decoded(path, encoding, source=source):
        carry += text
        cut = _last_line_end(carry)
        if dropping:
            first = _first_line_end(carry)
            if first is None:
                carry = ""
                continue
            carry, dropping = carry[first:], False
            cut = _last_line_end(carry)
        if cut:
            yield carry[:cut]
            carry = carry[cut:]
        elif len(carry) > LINE_LIMIT:
            yield Overlong(carry[:SHOWN])
            carry, dropping = "", True
    if carry:
        yield carry


def shown(text: str) -> str:
    """The text as it can be kept and shown: unknown bytes as ``\\xe9``, cut to a readable length."""
    return _SURROGATE.sub(lambda found: f"\\x{ord(found.group()) & 0xFF:02x}", text[:SHOWN])


def _decoded(path: Path, encoding: str | None, *, source: str) -> Iterator[str]:
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        used = next((name for mark, name in MARKS if start.startswith(mark)), encoding or "utf-8")
        try:
            b"".decode(used)
            decoder = codecs.getincrementaldecoder(used)("surrogateescape")
        except LookupError:
            raise SourceError(
                source, f'there is no encoding \'{used}\'; say for example format.encoding = "utf-8" or "cp1252".'
            ) from None
        try:
            while data := file.read(BLOCK_BYTES):
                yield decoder.decode(data)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise SourceError(
                source,
                f"{path.name} is not {used} text ({error.reason}); say the encoding it was saved in, "
                'for example format.encoding = "utf-8".',
            ) from None


def _last_line_end(text: str) -> int:
    """Where the last whole line ends; a carriage return at the very end may be half of a line end."""
    feed, ret = text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)
    return max(feed, ret) + 1


def _first_line_end(text: str) -> int | None:
    found = re.search("\r\n|\n|\r(?=.)", text, re.DOTALL)
    return found.end() if found else None
