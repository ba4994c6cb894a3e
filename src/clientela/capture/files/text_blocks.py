"""A text file as blocks of whole lines, decoded with care: a byte that is no text never passes as U+FFFD."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from clientela.errors import SourceError

BLOCK_BYTES = 2 << 20
LINE_LIMIT = 16 << 20  # characters, with the line's end; a longer line is no line
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
_LINE_END = re.compile("\r\n|\n|\r(?=.)", re.DOTALL)


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
    for text in decoded(path, encoding, source=source):
        searched = max(len(carry) - 1, 0)  # what came before holds no line end, but may end in half of one
        carry += text
        first = _first_line_end(carry, searched)
        if first is not None and (dropping or first > LINE_LIMIT):
            if not dropping:
                yield Overlong(carry[:SHOWN])
            carry, dropping = carry[first:], False
        elif first is None and (dropping or len(carry) > LINE_LIMIT):
            if not dropping:
                yield Overlong(carry[:SHOWN])
            carry, dropping = "\r" if carry.endswith("\r") else "", True
            continue
        cut = _last_line_end(carry)
        if cut:
            yield carry[:cut]
            carry = carry[cut:]
    if carry and not dropping:
        yield carry


def decoded(path: Path, encoding: str | None, *, source: str) -> Iterator[str]:
    """The text of a file in pieces of any length.

    Raises
    ------
    SourceError
        The encoding does not exist, or the file is not written in it beyond single bad bytes.
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        used = next((name for mark, name in MARKS if start.startswith(mark)), encoding or "utf-8")
        decoder = _decoder(used, source)
        try:
            while data := file.read(BLOCK_BYTES):
                yield decoder.decode(data)
            yield decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise SourceError(
                source,
                f"{path.name} is not {used} text ({getattr(error, 'reason', error)}); say the encoding it was saved "
                'in, for example format.encoding = "utf-8".',
            ) from None


def unfit(text: str) -> str | None:
    """What the text holds that no cell may hold, in words; None when every character is fine."""
    found = UNFIT.search(text)
    if found is None:
        return None
    code = ord(found.group())
    if _is_byte(code):
        return f"the byte 0x{code & 0xFF:02X}, which is no character in its encoding"
    if _SURROGATE.match(found.group()):
        return f"half of a character, U+{code:04X}"
    return f"the control character U+{code:04X}"


def shown(text: str) -> str:
    """The text as it can be kept and shown: unknown bytes as ``\\xe9``, cut to a readable length."""

    def written(found: re.Match[str]) -> str:
        code = ord(found.group())
        return f"\\x{code & 0xFF:02x}" if _is_byte(code) else f"\\u{code:04x}"

    return _SURROGATE.sub(written, text[:SHOWN])


def _decoder(used: str, source: str) -> codecs.IncrementalDecoder:
    """A decoder that marks what it does not know: bytes, and of UTF-16 and UTF-32 halves of a character."""
    try:
        bytes(4).decode(used)
        found = codecs.lookup(used)
        wide = found.name.startswith(("utf-16", "utf-32"))
        return codecs.getincrementaldecoder(used)("surrogatepass" if wide else "surrogateescape")
    except (LookupError, ValueError):
        raise SourceError(
            source, f'there is no encoding \'{used}\'; say for example format.encoding = "utf-8" or "cp1252".'
        ) from None


def _is_byte(code: int) -> bool:
    """Whether Python marks an unknown byte by this surrogate; UTF-16 hardly ever leaves it alone."""
    return 0xDC80 <= code <= 0xDCFF


def _last_line_end(text: str) -> int:
    """Where the last whole line ends; a carriage return at the very end may be half of a line end."""
    feed, ret = text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)
    return max(feed, ret) + 1


def _first_line_end(text: str, start: int) -> int | None:
    found = _LINE_END.search(text, start)
    return found.end() if found else None
