"""The careful reader: whatever a file holds, every record is accepted, quarantined or blank, with its line."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.capture.files import csv_lines, csv_reader, text_blocks
from clientela.capture.files.csv_reader import Count, Dialect, read_csv, unique_names
from clientela.errors import SourceError
from tests.some import examples

PLAIN = Dialect()


def read(content: bytes, folder: Path, dialect: Dialect = PLAIN) -> tuple[Count, list[dict[str, object]]]:
    """What the reader makes of a file."""
    path, into = folder / "in.csv", folder / "out.parquet"
    path.write_bytes(content)
    count = read_csv(path, dialect, source="shop", into=into)
    return count, pq.read_table(into).to_pylist()


def good(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """The accepted records: line, then cells."""
    return [(row["_line"], *list(row.values())[:-4]) for row in rows if row["_rule"] is None]


def bad(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["_line"], row["_lines"]) for row in rows if row["_rule"] is not None]


# name: (content, dialect, accepted, lines of the quarantined records, blank)
HOSTILE: dict[str, tuple[bytes, Dialect, list[tuple[object, ...]], list[int], int]] = {
    "clean": (b"a,b\n1,2\n3,4\n", PLAIN, [(2, "1", "2"), (3, "3", "4")], [], 0),
    "no newline at the end": (b"a,b\n1,2", PLAIN, [(2, "1", "2")], [], 0),
    "header only": (b"a,b\n", PLAIN, [], [], 0),
    "windows lines": (b"a,b\r\n1,2\r\n", PLAIN, [(2, "1", "2")], [], 0),
    "old mac lines": (b"a,b\r1,2\r3,4\r", PLAIN, [(2, "1", "2"), (3, "3", "4")], [], 0),
    "mixed lines": (b"a,b\n1,2\r\n3,4\r5,6\n", PLAIN, [(2, "1", "2"), (3, "3", "4"), (4, "5", "6")], [], 0),
    "doubled line ends": (b"a,b\r\r\n1,2\r\r\n", PLAIN, [(3, "1", "2")], [], 2),
    "utf-8 mark": (b"\xef\xbb\xbfa,b\n\xc3\xa9,2\n", PLAIN, [(2, "é", "2")], [], 0),
    "utf-8 mark beats the settings": (b"\xef\xbb\xbfa\n\xc3\xa9\n", Dialect(encoding="cp1252"), [(2, "é")], [], 0),
    "utf-16 little": ("\ufeffa,b\né,2\n".encode("utf-16-le"), PLAIN, [(2, "é", "2")], [], 0),
    "utf-16 big": ("\ufeffa,b\né,2\n".encode("utf-16-be"), PLAIN, [(2, "é", "2")], [], 0),
    "utf-32": ("\ufeffa,b\né,2\n".encode("utf-32-le"), PLAIN, [(2, "é", "2")], [], 0),
    "cp1252 as stated": (b"a,b\n\x80,\xe9\n", Dialect(encoding="cp1252"), [(2, "€", "é")], [], 0),
    "latin-1 as stated": (b"a\n\xe9\n", Dialect(encoding="latin-1"), [(2, "é")], [], 0),
    "a byte that is no utf-8": (b"a,b\n1,\xe9\n2,x\n", PLAIN, [(3, "2", "x")], [2], 0),
    "a byte that is not in cp1252": (b"a\n\x81\nx\n", Dialect(encoding="cp1252"), [(3, "x")], [2], 0),
    "latin-1 that is cp1252": (b"a\n\x80\nx\n", Dialect(encoding="latin-1"), [(3, "x")], [2], 0),
    "nul": (b"a,b\n1,\x00\n2,x\n", PLAIN, [(3, "2", "x")], [2], 0),
    "bell": (b"a,b\n1,\x07\n2,x\n", PLAIN, [(3, "2", "x")], [2], 0),
    "tab within a cell": (b"a,b\n1,x\ty\n", PLAIN, [(2, "1", "x\ty")], [], 0),
    "too few cells": (b"a,b\n1\n2,x\n", PLAIN, [(3, "2", "x")], [2], 0),
    "too many cells": (b"a,b\n1,2,3\n2,x\n", PLAIN, [(3, "2", "x")], [2], 0),
    "blank lines": (b"a,b\n\n1,2\n   \n\n3,4\n\n", PLAIN, [(3, "1", "2"), (6, "3", "4")], [], 4),
    "nothing but delimiters": (b"a,b\n,\n1,2\n , \n", PLAIN, [(3, "1", "2")], [], 2),
    "blank lines before the header": (b"\n\na,b\n1,2\n", PLAIN, [(4, "1", "2")], [], 2),
    "quoted cells": (b'a,b\n"1","x,y"\n', PLAIN, [(2, "1", "x,y")], [], 0),
    "doubled quote": (b'a,b\n1,"x ""y"" z"\n', PLAIN, [(2, "1", 'x "y" z')], [], 0),
    "inches": (b'a,b\n1,5" pipe\n', PLAIN, [(2, "1", '5" pipe')], [], 0),
    "a cell over three lines": (b'a,b\n1,"x\ny\nz"\n2,w\n', PLAIN, [(2, "1", "x\ny\nz"), (5, "2", "w")], [], 0),
    "a quote never closed": (b'a,b\n1,"x\n2,y\n3,z\n', PLAIN, [(3, "2", "y"), (4, "3", "z")], [2], 0),
    "a quote closed by the next quote": (b'a,b\n1,"x\n2,"y"\n3,z\n', PLAIN, [(3, "2", "y"), (4, "3", "z")], [2], 0),
    "text after a quote": (b'a,b\n"1"x,2\n3,4\n', PLAIN, [(3, "3", "4")], [2], 0),
    "two broken quotes": (b'a,b\n"1,2\n"3,4\n5,6\n', PLAIN, [(4, "5", "6")], [2, 3], 0),
    "ragged over two lines": (b'a,b\n"1\n2"\n3,4\n', PLAIN, [(4, "3", "4")], [2], 0),
    "semicolons": (b"a;b\n1,5;2\n", Dialect(delimiter=";"), [(2, "1,5", "2")], [], 0),
    "single quotes": (b"a,b\n'1,2',3\n", Dialect(quote="'"), [(2, "1,2", "3")], [], 0),
    "one column": (b"a\n1\n\n2\n", PLAIN, [(2, "1"), (4, "2")], [], 1),
    "no header": (b"1,2\n3,4\n", Dialect(header=False), [(1, "1", "2"), (2, "3", "4")], [], 0),
    "given header": (b"1,2\n", Dialect(header=("x", "y")), [(1, "1", "2")], [], 0),
    "null words are text": (b"a,b\nNULL,NA\n", PLAIN, [(2, "NULL", "NA")], [], 0),
    "a mark within": ("a\n\ufeff1\n".encode(), PLAIN, [(2, "\ufeff1")], [], 0),
    "line separators of unicode": ("a,b\n1,x\u2028y\u0085\n".encode(), PLAIN, [], [2], 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_record_by_record(name: str, tmp_path: Path) -> None:
    content, dialect, accepted, quarantined, blank = HOSTILE[name]
    count, rows = read(content, tmp_path, dialect)
    assert good(rows) == accepted
    assert [line for line, _ in bad(rows)] == quarantined
    assert count == Count(len(accepted), len(quarantined), blank)


def test_a_cell_over_several_lines_says_how_many(tmp_path: Path) -> None:
    _, rows = read(b'a,b\n1,"x\ny\nz"\n"2\n3"\n', tmp_path)
    assert [(row["_line"], row["_lines"]) for row in rows] == [(2, 3), (5, 2)]


def test_a_bad_byte_is_shown_and_never_becomes_a_replacement_character(tmp_path: Path) -> None:
    _, rows = read(b"a\ncaf\xe9\n", tmp_path)
    assert rows[0]["_value"] == "caf\\xe9"
    assert rows[0]["_rule"] == "a cell holds the byte 0xE9, which is no character in its encoding"


def test_the_rule_says_what_is_wrong(tmp_path: Path) -> None:
    _, rows = read(b'a,b\n1\n"2"x,3\n4,\x00\n', tmp_path)
    assert [row["_rule"] for row in rows] == [
        "1 cells where the header has 2",
        "in line 3 a quote is opened and not closed, or text follows a closing quote",
        "a cell holds the control character U+0000",
    ]


@pytest.mark.parametrize(
    ("content", "dialect", "said"),
    [
        (b"", PLAIN, "in.csv is empty"),
        (b"\n\n", PLAIN, "in.csv is empty"),
        (b'"a,b\n1,2\n', PLAIN, "the header of in.csv cannot be read"),
        ("a,b\n1,2\n".encode("utf-16-le"), PLAIN, r"holds the control character U\+0000"),
        (b"a\xe9\n1\n", PLAIN, "holds the byte 0xE9"),
        (b"a\n1\n", Dialect(encoding="cp12522"), "there is no encoding 'cp12522'"),
        (b"\xff\xfea\x00\n\x001\x00\n", PLAIN, "is not utf-16 text"),
        (b"a\n1\n", Dialect(encoding="rot13"), "there is no encoding 'rot13'"),
        (b"a\n1\n", Dialect(encoding="idna"), "is not idna text"),
    ],
)
def test_files_without_a_readable_header_are_refused_in_a_sentence(
    content: bytes, dialect: Dialect, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=said):
        read(content, tmp_path, dialect)


def test_every_column_gets_a_name_of_its_own() -> None:
    assert unique_names(["Id", "", " Amount", "amount", "_line"]) == (
        "Id",
        "column 2",
        "Amount",
        "amount (2)",
        "_line (2)",
    )


def test_a_line_without_end_is_quarantined_and_memory_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "LINE_LIMIT", 5_000)
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 1_000)
    content = b"a,b\n1,2\n" + b"x" * 50_000 + b"\n3,4\n"
    count, rows = read(content, tmp_path)
    assert good(rows) == [(2, "1", "2"), (4, "3", "4")]
    assert (count.quarantined, bad(rows)) == (1, [(3, 1)])
    assert len(str(rows[1]["_value"])) == text_blocks.SHOWN


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("block", [997, 1_000, 1_001, 4_000])
def test_an_overlong_line_ends_where_it_ends_whatever_the_blocks(
    end: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "LINE_LIMIT", 5_000)
    monkeypatch.setattr(csv_lines, "LINE_LIMIT", 5_000)
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", block)
    content = end.join(["a,b", "1,2", "x" * 5_600, "3,4", "y" * 9_000, "5," + "z" * 4_000, ""]).encode()
    count, rows = read(content, tmp_path)
    assert good(rows) == [(2, "1", "2"), (4, "3", "4"), (6, "5", "z" * 4_000)]
    assert [(row["_line"], row["_rule"]) for row in rows if row["_rule"]] == [
        (3, "line 3 is longer than 5,000 characters"),
        (5, "line 5 is longer than 5,000 characters"),
    ]
    assert count == Count(3, 2, 0)


def test_a_line_of_more_cells_than_any_table_is_counted_but_never_split(tmp_path: Path) -> None:
    count, rows = read(b"a,b\n" + b"," * 30_000 + b"x\n" + b"," * 30_000 + b"\n1,2\n", tmp_path)
    assert (good(rows), count) == ([(4, "1", "2")], Count(1, 1, 1))
    assert rows[0]["_rule"] == "line 2 has 30,001 cells, and a table has at most 20,000 columns"


def test_half_of_an_emoji_spoils_its_row_only(tmp_path: Path) -> None:
    content = "a\nx".encode("utf-16") + b"\x3d\xd8" + "\ny\n".encode("utf-16-le")
    _, rows = read(content, tmp_path)
    assert [(row["a"], row["_value"], row["_rule"]) for row in rows] == [
        (None, "x\\ud83d", "a cell holds half of a character, U+D83D"),
        ("y", None, None),
    ]


def test_the_line_that_excel_writes_first_is_no_header(tmp_path: Path) -> None:
    _, rows = read(b"sep=;\r\na;b\r\n1;2\r\n", tmp_path, Dialect(delimiter=";"))
    assert good(rows) == [(3, "1", "2")]
    with pytest.raises(SourceError, match="says that ';' separates its cells, the settings say ','"):
        read(b"sep=;\na;b\n1;2\n", tmp_path)


def test_lines_above_the_header_are_passed_over_whatever_they_hold(tmp_path: Path) -> None:
    _, rows = read(b'Report "of March\n\x00\na,b\n1,2\n', tmp_path, Dialect(skip=2))
    assert good(rows) == [(4, "1", "2")]


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 1 << 20])
def test_the_size_of_a_block_changes_nothing(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = 'a,b\r\n1,é\r\n"x\r\ny",2\r\n"3,\r\n\r\n4,5,6\r\n7,8'.encode()
    expected = read(content, tmp_path)
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", block)
    assert read(content, tmp_path) == expected


cell = st.text(st.sampled_from('ab1 ,;"\n\r\x00é\t'), max_size=6)


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    """A file of well-formed, ragged, blank and broken lines, in any order."""
    kind = st.sampled_from(["plain", "quoted", "ragged", "blank", "raw"])
    lines = ["a,b"]
    for each in draw(st.lists(kind, max_size=12)):
        cells = [draw(cell) for _ in range(2 if each != "ragged" else draw(st.integers(3, 4)))]
        if each == "blank":
            lines.append("")
        elif each == "raw":
            lines.append(draw(cell))
        elif each == "quoted":
            lines.append(",".join('"' + text.replace('"', '""') + '"' for text in cells))
        else:
            lines.append(",".join(text.translate({ord(sign): None for sign in ',"\n\r'}) for text in cells))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode()


def independently(text: str) -> tuple[list[tuple[int, list[str]]], list[tuple[int, int]], int]:
    """Accepted, quarantined and blank records by trying the longest way: line after line, from the start."""
    raw = text_lines(text)
    accepted: list[tuple[int, list[str]]] = []
    quarantined: list[tuple[int, int]] = []
    blank, number = 0, 1
    while number < len(raw):
        taken = next((n for n in range(1, len(raw) - number + 1) if is_closed("".join(raw[number : number + n]))), None)
        record = "".join(raw[number : number + (taken or 1)])
        cells = parsed(record) if taken else None
        if cells is None:
            quarantined.append((number + 1, 1))
            number += 1
            continue
        if not "".join(cells).strip():
            blank += 1
        elif len(cells) != 2 or "\x00" in record:
            quarantined.append((number + 1, taken or 1))
        else:
            accepted.append((number + 1, cells))
        number += taken or 1
    return accepted, quarantined, blank


def text_lines(text: str) -> list[str]:
    """Physical lines with their ends."""
    lines, line, place = [], "", 0
    while place < len(text):
        line += text[place]
        if text[place] == "\n" or (text[place] == "\r" and text[place + 1 : place + 2] != "\n"):
            lines.append(line)
            line = ""
        place += 1
    return [*lines, line] if line else lines


def is_closed(record: str) -> bool:
    """Whether no quoted cell is open at the end; a broken one counts as closed."""
    try:
        next(csv.reader([record], strict=True), None)
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def parsed(record: str) -> list[str] | None:
    try:
        return next(csv.reader(record.splitlines(keepends=True) if "\x00" not in record else [record], strict=True), [])
    except csv.Error:
        return None


@settings(max_examples=examples(300), deadline=None)
@given(csv_files())
def test_accepted_quarantined_and_blank_add_up_as_an_independent_count_says(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    count, rows = read(content, tmp_path_factory.mktemp("csv"))
    accepted, quarantined, blank = independently(content.decode())
    assert good(rows) == [(line, *cells) for line, cells in accepted]
    assert bad(rows) == quarantined
    assert count == Count(len(accepted), len(quarantined), blank)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(st.text("abé'/ 12"), st.text("xy3 ;|")), min_size=1, max_size=20))
def test_the_fast_way_reads_what_the_careful_way_reads(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]]
) -> None:
    content = "\n".join(["a,b", *(",".join(each) for each in records)]).encode()
    folder = tmp_path_factory.mktemp("fast")
    fast = read(content, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "_at_once", lambda *_: None)
        assert read(content, folder) == fast
