"""Random tables, written in random ways, and what may happen to a file on its way: the strategies of Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from clientela.capture.files.csv_reader import Dialect

# What spoils a file: quotes, delimiters, line ends, controls, bytes of another encoding, a mark, blanks.
PIECES = (
    b'"', b"'", b",", b";", b"\n", b"\r", b"\r\n", b"\x00", b"\x1a", b"\x0c", b" ", b"\t", b"x",
    b"\xff", b"\xe9", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\n\n",
)  # fmt: skip
SIGNS = "ab1 .é€ñ-\t"


@dataclass(frozen=True)
class Written:
    """A table and the file it was written to."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    dialect: Dialect
    content: bytes


@st.composite
def tables(draw: st.DrawFn) -> Written:
    """A well-formed file: every cell is quoted, or those that must be."""
    width = draw(st.integers(1, 4))
    delimiter, quote = draw(st.sampled_from(",;|\t")), draw(st.sampled_from("\"'"))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    cell = st.text(st.sampled_from(SIGNS + delimiter + quote + "\r\n"), max_size=5)
    plain = st.text(st.sampled_from("ab1.é€"), min_size=1, max_size=4)
    rows = draw(st.lists(st.tuples(*[draw(st.sampled_from([cell, plain]))] * width), max_size=10))
    every = draw(st.booleans())
    header = tuple(f"c{number}" for number in range(width))

    def written(text: str) -> str:
        must = every or any(sign in text for sign in (delimiter, "\n", "\r")) or text.startswith(quote)
        return quote + text.replace(quote, quote * 2) + quote if must else text

    lines = [delimiter.join(map(written, row)) for row in (header, *rows)]
    text = end.join(lines) + end * draw(st.booleans())
    encoding = draw(st.sampled_from([None, "utf-8-sig", "utf-16", "cp1252", "utf-16-be"]))
    content = text.encode(encoding or "utf-8")
    stated = encoding if encoding in ("cp1252", "utf-16-be") else None
    return Written(header, tuple(rows), Dialect(delimiter, quote, stated), content)


@st.composite
def mutated(draw: st.DrawFn) -> Written:
    """A file of which something was lost, added, doubled or cut."""
    file = draw(tables())
    content = file.content
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = draw(st.integers(begin, min(len(content), begin + 6)))
        kind = draw(st.sampled_from(["insert", "insert", "insert", "delete", "replace", "double", "cut"]))
        piece = draw(st.sampled_from(PIECES))
        if kind == "insert":
            content = content[:begin] + piece + content[begin:]
        elif kind == "delete":
            content = content[:begin] + content[end:]
        elif kind == "replace":
            content = content[:begin] + piece + content[end:]
        elif kind == "double":
            content = content[:end] + content[begin:]
        elif len(file.header) % 2:
            content = content[:begin]
    return Written(file.header, file.rows, file.dialect, content)
