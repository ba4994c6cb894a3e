"""Hostile text files, each with what must become of it beside it; all made here, none copied from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BYTE, CONTROL = "which is no character", "the control character"
QUOTE = "a quote is opened and not closed"


@dataclass(frozen=True)
class Case:
    """One file: ``good`` are the lines of its accepted records, ``bad`` those of the quarantined ones with the rule.

    ``refused`` is a part of the sentence that refuses it whole; ``columns`` are the two that are mapped.
    """

    content: bytes
    good: tuple[int, ...] = ()
    bad: Mapping[int, str] = field(default_factory=dict)
    blank: int = 0
    refused: str = ""
    form: Mapping[str, object] = field(default_factory=dict)
    columns: tuple[str, str] = ("a", "b")
    above: int = 0  # lines above the header
    by_type: Mapping[int, str] = field(default_factory=dict)  # records that are whole but break a rule of their table


def wide(text: str, encoding: str, mark: bytes = b"") -> bytes:
    return mark + text.encode(encoding)


SMALL = "a,b\n1,é\n2,€\n"
ENCODINGS = {
    "utf-8 with a mark": Case(wide(SMALL, "utf-8", b"\xef\xbb\xbf"), (2, 3)),
    "utf-8 with two marks, which two tools wrote": Case(
        b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,x\n", (2,), columns=("\ufeffa", "b")
    ),
    "a mark in the middle, where two files were joined": Case("a,b\n1,x\n\ufeffa,b\n2,y\n".encode(), (2, 3, 4)),
    "utf-16 little, with a mark": Case(wide(SMALL, "utf-16-le", b"\xff\xfe"), (2, 3)),
    "utf-16 big, with a mark": Case(wide(SMALL, "utf-16-be", b"\xfe\xff"), (2, 3)),
    "utf-16 little, unmarked and not stated": Case(wide(SMALL, "utf-16-le"), refused="the control character U+0000"),
    "utf-16 big, unmarked and not stated": Case(wide(SMALL, "utf-16-be"), refused="the control character U+0000"),
    "utf-16 little, unmarked but stated": Case(wide(SMALL, "utf-16-le"), (2, 3), form={"encoding": "utf-16-le"}),
    "utf-16 big, unmarked but stated": Case(wide(SMALL, "utf-16-be"), (2, 3), form={"encoding": "utf-16-be"}),
    "utf-16 that ends within a character": Case(
        wide(SMALL, "utf-16-le", b"\xff\xfe")[:-1], refused="is not utf-16 text (truncated data)"
    ),
    "utf-16 with half of an emoji": Case(
        wide("a,b\n1,x\ud83d\n2,y\n".replace("\ud83d", "?"), "utf-16-le", b"\xff\xfe").replace(b"?\x00", b"\x3d\xd8"),
        (3,),
        {2: "half of a character, U+D83D"},
    ),
    "utf-32 little, with a mark": Case(wide(SMALL, "utf-32-le", b"\xff\xfe\x00\x00"), (2, 3)),
    "utf-32 big, with a mark": Case(wide(SMALL, "utf-32-be", b"\x00\x00\xfe\xff"), (2, 3)),
    "utf-32 that is none": Case(b"\xff\xfe\x00\x00a\x00\x00\x7f", refused="is not utf-32 text"),
    "latin-1, not stated": Case("a,b\n1,café\n2,tea\n".encode("latin-1"), (3,), {2: f"the byte 0xE9, {BYTE}"}),
    "latin-1, stated": Case("a,b\n1,café\n".encode("latin-1"), (2,), form={"encoding": "latin-1"}),
    "cp1252, not stated": Case(b"a,b\n1,\x80\n2,x\n", (3,), {2: f"the byte 0x80, {BYTE}"}),
    "cp1252, stated": Case(b"a,b\n1,\x80\n", (2,), form={"encoding": "cp1252"}),
    "cp1252 stated as latin-1": Case(
        b"a,b\n1,\x80\n2,x\n", (3,), {2: f"{CONTROL} U+0080"}, form={"encoding": "latin-1"}
    ),
    "a byte that cp1252 has not": Case(
        b"a,b\n1,\x81\n2,x\n", (3,), {2: f"the byte 0x81, {BYTE}"}, form={"encoding": "cp1252"}
    ),
    "utf-8 and latin-1 by turns": Case(b"a,b\n1,caf\xc3\xa9\n2,caf\xe9\n3,x\n", (2, 4), {3: "the byte 0xE9"}),
    "a mark that beats what is stated": Case(b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n", (2,), form={"encoding": "cp1252"}),
    "an overlong utf-8 slash": Case(b"a,b\n1,\xc0\xaf\n2,x\n", (3,), {2: "the byte 0xC0"}),
    "an overlong utf-8 nul": Case(b"a,b\n1,\xc0\x80\n2,x\n", (3,), {2: "the byte 0xC0"}),
    "a lone surrogate in utf-8": Case(b"a,b\n1,\xed\xa0\xbd\n2,x\n", (3,), {2: "the byte 0xED"}),
    "utf-8 beyond the last character": Case(b"a,b\n1,\xf4\x90\x80\x80\n2,x\n", (3,), {2: "the byte 0xF4"}),
    "utf-8 cut within the last character": Case(b"a,b\n1,x\n2,caf\xc3", (2,), {3: "the byte 0xC3"}),
    "a header in latin-1": Case("número,b\n1,x\n".encode("latin-1"), refused="holds the byte 0xFA"),
    "an encoding that there is not": Case(b"a,b\n", refused="there is no encoding 'utf-9'", form={"encoding": "utf-9"}),
    "a code that is no encoding": Case(b"a,b\n", refused="there is no encoding 'rot13'", form={"encoding": "rot13"}),
    "shift-jis, stated": Case("a,b\n1,日本\n".encode("shift-jis"), (2,), form={"encoding": "shift-jis"}),
}

CONTROLS = {
    "nul in a cell": Case(b"a,b\n1,x\x00y\n2,x\n", (3,), {2: f"{CONTROL} U+0000"}),
    "a block of nul at the end, as after a power cut": Case(
        b"a,b\n1,x\n" + b"\x00" * 4096, (2,), {3: f"{CONTROL} U+0000"}
    ),
    "nul in the header": Case(b"a\x00,b\n1,x\n", refused="the control character U+0000"),
    "bell, escape and delete": Case(b"a,b\n1,\x07\n2,\x1b[31m\n3,\x7f\n4,x\n", (5,), dict.fromkeys((2, 3, 4), CONTROL)),
    "control characters of the second kind": Case(
        "a,b\n1,\x85\n2,\x9f\n3,x\n".encode(), (4,), {2: CONTROL, 3: CONTROL}
    ),
    "ctrl-z at the end, as dos wrote": Case(b"a,b\n1,x\n\x1a", (2,), {3: f"{CONTROL} U+001A"}),
    "a control character in a quoted cell of two lines": Case(b'a,b\n1,"x\n\x01"\n2,y\n', (4,), {2: CONTROL}),
    "tabs within cells": Case(b"a,b\n1,x\ty\n", (2,)),
}

LINES = {
    "carriage returns alone": Case(b"a,b\r1,x\r2,y\r", (2, 3)),
    "windows lines": Case(b"a,b\r\n1,x\r\n2,y\r\n", (2, 3)),
    "three kinds of line ends": Case(b"a,b\n1,x\r\n2,y\r3,z\n", (2, 3, 4)),
    "windows lines written twice": Case(b"a,b\r\r\n1,x\r\r\n", (3,), blank=2),
    "next line, U+0085": Case("a,b\u00851,x\u0085\n2,y\n".encode(), refused=f"{CONTROL} U+0085"),
    "line separator, U+2028": Case("a,b\n1,x\u2028y\n2,\u2029\n".encode(), (2, 3)),
    "form feed and vertical tab": Case(b"a,b\n1,x\x0c\n2,\x0by\n3,z\n", (4,), {2: CONTROL, 3: CONTROL}),
    "a form feed alone": Case(b"a,b\n1,x\n\x0c\n", (2,), blank=1),
    "no line end at the end": Case(b"a,b\n1,x", (2,)),
    "a carriage return alone at the end": Case(b"a,b\n1,x\r", (2,)),
    "blank lines everywhere": Case(b"\n\na,b\n\n1,x\n   \n\t\n2,y\n\n", (5, 8), blank=6),
    "delimiters alone": Case(b'a,b\n,\n1,x\n , \n"",""\n', (3,), blank=3),
}

QUOTES = {
    "never closed, in the first record": Case(b'a,b\n1,"x\n2,y\n3,z\n', (3, 4), {2: QUOTE}),
    "never closed, in the middle": Case(b'a,b\n1,x\n2,"y\n3,z\n', (2, 4), {3: QUOTE}),
    "never closed, in the last record": Case(b'a,b\n1,x\n2,"y\n', (2,), {3: QUOTE}),
    "never closed, in the last record, with no line end": Case(b'a,b\n1,x\n2,"', (2,), {3: QUOTE}),
    "never closed, in the header": Case(b'a,"b\n1,x\n', refused="the header of in.csv cannot be read"),
    "never closed, until another cell opens": Case(b'a,b\n1,"x\n2,"y"\n3,z\n', (3, 4), {2: QUOTE}),
    "never closed, on each line": Case(b'a,b\n"1,x\n"2,y\n"3,z\n4,w\n', (5,), dict.fromkeys((2, 3, 4), QUOTE)),
    "closed by the next broken one": Case(b'a,b\n1,"x\n2,y"\n3,z\n', (2, 4)),  # a cell over two lines, and rightly so
    "text after the closing one": Case(b'a,b\n"1"x,y\n2,z\n', (3,), {2: QUOTE}),
    "a space after the closing one": Case(b'a,b\n"1" ,y\n2,z\n', (3,), {2: QUOTE}),
    "escaped by a backslash": Case(b'a,b\n1,"say \\"hi\\""\n2,z\n', (3,), {2: QUOTE}),
    "in the middle of a cell": Case(b'a,b\n1,5" pipe\n2,6"\n', (2, 3)),
    "doubled": Case(b'a,b\n1,"say ""hi"""\n2,""""\n', (2, 3)),
    "doubled in a cell that is not quoted": Case(b'a,b\n1,say ""hi""\n', (2,)),
    "after a space": Case(b'a,b\n1, "x,y"\n2,z\n', (3,), {2: "3 cells where the header has 2"}),
    "around line ends": Case(b'a,b\n1,"x\ny"\n2,"\r\n"\n3,z\n', (2, 4, 6), by_type={}),
    "around line ends of both kinds": Case(b'a,b\r\n1,"x\ny\r\nz"\r\n2,w\r\n', (2, 5)),
    "around blank lines": Case(b'a,b\n1,"\n\n\n"\n2,y\n', (2, 6)),
    "around a cell that is too much": Case(b'a,b\n1,"x\ny",z\n2,w\n', (4,), {2: "3 cells where"}),
    "around everything": Case(b'"a","b"\n"1","x"\n', (2,)),
    "single ones, stated": Case(b"a,b\n'1','x,y'\n", (2,), form={"quote": "'"}),
    "typographic ones": Case("a,b\n1,“x”\n2,“x,y”\n".encode(), (2,), {3: "3 cells"}),
    "over 10,000 lines": Case(b'a,b\n1,"' + b"x\n" * 9_999 + b'y"\n2,z\n', (2, 10_002)),
    "over 10,001 lines": Case(
        b'a,b\n1,"' + b"x\n" * 10_000 + b'y"\n2,z\n',
        (10_003,),
        {2: QUOTE} | dict.fromkeys(range(3, 10_003), "1 cells where the header has 2"),
    ),
    "around a cell of 1 MB": Case(b'a,b\n1,"' + b"x" * 2**20 + b'"\n2,z\n', (2, 3)),
}

SHAPES = {
    "short and long rows": Case(
        b"a,b\n1\n2,x\n3,y,z\n4,w,\n", (3,), {2: "1 cells", 4: "3 cells where the header has 2", 5: "3 cells"}
    ),
    "a delimiter after the last cell of every line": Case(b"a,b,\n1,x,\n", (2,)),
    "a delimiter after the last cell, but not of the header": Case(
        b"a,b\n1,x,\n2,y,\n3,z\n", (4,), {2: "3 cells", 3: "3 cells"}
    ),
    "a row of totals": Case(b"a,b,c\n1,x,5\n2,y,6\nTotal,,11\n2 rows\n", (2, 3, 4), {5: "1 cells"}),
    "no header but a row": Case(b"1,x\n2,y\n", (1, 2), form={"header": False}, columns=("column 1", "column 2")),
    "a header that is given": Case(b"1,x\n", (1,), form={"header": ("a", "b")}),
    "a header and nothing else": Case(b"a,b\n"),
    "a header and blank lines": Case(b"a,b\n\n \n,\n", blank=3),
    "nothing": Case(b"", refused="in.csv is empty"),
    "a mark and nothing": Case(b"\xef\xbb\xbf", refused="in.csv is empty"),
    "a mark of utf-16 and nothing": Case(b"\xff\xfe", refused="in.csv is empty"),
    "blanks and nothing": Case(b" \n\t\n\n", refused="in.csv is empty"),
    "a megabyte of blanks": Case(b" " * 2**20, refused="in.csv is empty"),
    "100,000 blank lines": Case(b"a,b\n1,x\n" + b"\n" * 100_000, (2,), blank=100_000),
    "names twice": Case(b"a,b,B,b\n1,x,y,z\n", (2,), columns=("a", "B (2)")),
    "names that are empty": Case(b"a,,\n1,x,y\n", (2,), columns=("a", "column 3")),
    "names of our own columns": Case(b"_line,_rule,_value\n1,x,y\n", (2,), columns=("_line (2)", "_rule (2)")),
    "names of the engine's columns": Case(
        b"filename,file_row_number,rowid\n1,x,y\n", (2,), columns=("filename", "file_row_number")
    ),
    "names with quotes, dots and stars": Case(b'"a ""x"".*",b;--\n1,x\n', (2,), columns=('a "x".*', "b;--")),
    "a name over two lines": Case(b'"a\nb",c\n1,x\n', (3,), columns=("a\nb", "c")),
    "semicolons, and a comma in numbers": Case(b"a;b\n1;2,5\n", (2,), form={"delimiter": ";"}),
    "semicolons that were not stated": Case(b"a;b\n1;2,5\n2;3\n", refused="has no column 'a'"),
    "tabs": Case(b"a\tb\n1\tx y\n", (2,), form={"delimiter": "\t"}),
    "pipes around spaces": Case(b"a | b\n 1 | x \n", (2,), form={"delimiter": "|"}),
    "the line that Excel writes first": Case(b"sep=;\na;b\n1;x\n", (3,), form={"delimiter": ";"}, above=1),
    "the line that Excel writes first, of Windows, marked": Case(b"\xef\xbb\xbfsep=,\r\na,b\r\n1,x\r\n", (3,), above=1),
    "the line that Excel writes first, of another mind": Case(b"sep=;\na;b\n", refused="says that ';' separates"),
    "a title above the header": Case(b'Report "March\n\na,b\n1,x\n2,"y\n', (4,), {5: QUOTE}, form={"skip": 2}, above=2),
    "a title above, not skipped": Case(b"Report of March\na,b\n1,x\n", refused="has no column 'a'"),
    "more lines to skip than there are": Case(b"a,b\n1,x\n", refused="is empty", form={"skip": 9}),
    "lines of comment": Case(b"a,b\n# made by hand\n1,x\n#2,y\n", (3, 4), {2: "1 cells"}),
    "20,000 columns": Case(
        b",".join(b"c%d" % n for n in range(20_000)) + b"\n" + b",".join([b"x"] * 20_000) + b"\n1,2\n",
        (2,),
        {3: "2 cells where the header has 20000"},
        columns=("c0", "c19999"),
    ),
    "20,001 columns": Case(
        b",".join(b"c%d" % n for n in range(20_001)) + b"\n1\n",
        refused="20,001 cells, and a table has at most 20,000",
    ),
    "no table at all, but bytes": Case(bytes(range(256)) * 8, refused="the header of in.csv"),
    "a page of the web": Case(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", refused="has no column 'a'"),
    "a cell over the limit of Python's own": Case(b"a,b\n1," + b"x" * 200_000 + b"\n2,y\n", (2, 3)),
}

KEYS = {
    "formulas of a spreadsheet": Case(b'a,b\n1,=cmd|\'/C calc\'!A0\n2,"=HYPERLINK(""x"")"\n3,@SUM(1)\n', (2, 3, 4)),
    "zero-width and right-to-left signs": Case("a,b\nx\u200b1,y\n\u202ex2,y\nשלום,y\n".encode(), (2, 3, 4)),
    "leading zeros": Case(b"a,b\n007,x\n7,y\n0007,z\n", (2, 3, 4)),
    "a key of 10,000 characters": Case(b"a,b\n" + b"k" * 10_000 + b",x\n", (2,)),
    "no key": Case(b'a,b\n,x\n" ",y\n1,z\n', (2, 3, 4), by_type=dict.fromkeys((2, 3), "product_id is missing")),
    "words that mean nothing elsewhere": Case(b"a,b\nNULL,NA\nN/A,-\nnan,None\n", (2, 3, 4)),
    "injected SQL": Case(b"a,b\n1,'; drop table product; --\n2,$1 :secret ?\n", (2, 3)),
    "one composed and one decomposed": Case("a,b\ncafé,x\ncafe\u0301,y\n".encode(), (2, 3)),
}

TEXTS: dict[str, dict[str, Case]] = {
    "encodings": ENCODINGS,
    "control characters": CONTROLS,
    "line ends": LINES,
    "quotes": QUOTES,
    "shapes": SHAPES,
    "keys": KEYS,
}
