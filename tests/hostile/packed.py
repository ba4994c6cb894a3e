"""Hostile files that are no plain text: JSON, Parquet, workbooks and packed files, made here, byte by byte."""

from __future__ import annotations

import gzip
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.datetime import CALENDAR_MAC_1904


@dataclass(frozen=True)
class Packed:
    """A file: its name, how its bytes are made, and what must become of it."""

    name: str
    make: Callable[[], bytes]
    good: int = 0
    bad: Mapping[int, str] = field(default_factory=dict)
    blank: int = 0
    refused: str = ""
    files: int = 1  # batches that come of it


TABLE = b"a,b\n1,x\n2,y\n"
MB = 1 << 20


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return file.getvalue()


def link(name: str, target: bytes) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return zipped((entry, target))


def encrypted(content: bytes) -> bytes:
    """A zip whose entries say that they are encrypted."""
    local, central = content.find(b"PK\x03\x04"), content.find(b"PK\x01\x02")
    marked = bytearray(content)
    marked[local + 6] |= 1
    marked[central + 8] |= 1
    return bytes(marked)


def damaged(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def parquet(table: pa.Table | None = None, rows: int | None = None) -> bytes:
    file = io.BytesIO()
    pq.write_table(
        table if table is not None else pa.table({"a": ["1", "2"], "b": ["x", "y"]}), file, row_group_size=rows
    )
    return file.getvalue()


def book(*rows: tuple[object, ...], change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook of which one part is another."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        return zipped(*((each, change(old.read(each)) if each == name else old.read(each)) for each in old.namelist()))


def sparse() -> bytes:
    """A sheet of a few bytes with one cell at its last row and a far column."""
    far = b'<row r="1048576"><c r="ZZ1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    return with_part(book(("a", "b"), (1, "x")), SHEET, lambda part: part.replace(b"</sheetData>", far))


def merged(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("B2:B3")


def mac(made: openpyxl.Workbook) -> None:
    made.epoch = CALENDAR_MAC_1904


def lines(*each: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" if not isinstance(row, bytes) else row + b"\n" for row in each)


def gz_that_lies() -> bytes:
    whole = gzip.compress(TABLE)
    return whole[:-4] + struct.pack("<I", 5)


SHEET = "xl/worksheets/sheet1.xml"
ROWS = ({"a": "1", "b": "x"}, {"a": "2", "b": "y"})
UNPACKED = "cannot be unpacked to its end"
PACKED: dict[str, Packed] = {
    "json: lines": Packed("in.jsonl", lambda: lines(*ROWS), 2),
    "json: a mark": Packed("in.jsonl", lambda: b"\xef\xbb\xbf" + lines(*ROWS), 2),
    "json: utf-16": Packed("in.jsonl", lambda: b"\xff\xfe" + lines(*ROWS).decode().encode("utf-16-le"), 2),
    "json: a key twice": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": "2", "a": "3"}'), 1, {2: "stands there twice"}
    ),
    "json: not a number": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": "2", "b": NaN}'), 1, {2: "is no number of JSON"}
    ),
    "json: 100,000 deep": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), 1, {2: "deep"}
    ),
    "json: a broken line in the middle": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": "3", "b": ', ROWS[1]), 2, {2: "no valid JSON"}
    ),
    "json: blank lines": Packed("in.jsonl", lambda: lines(ROWS[0], b"", b"  ", ROWS[1]), 2, blank=2),
    "json: an array": Packed("in.json", lambda: json.dumps(ROWS).encode(), 2),
    "json: an array cut off": Packed("in.json", lambda: json.dumps(ROWS).encode()[:-3], refused="is broken in line 1"),
    "json: a number of 5,000 digits": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": ' + b"9" * 5_000 + b"}"), 1, {2: "4,300 digits"}
    ),
    "json: half of an emoji": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": "2", "b": "\\ud83d"}'), 1, {2: "half of"}
    ),
    "json: a nul that is written out": Packed(
        "in.jsonl", lambda: lines(ROWS[0], b'{"a": "2", "b": "x\\u0000"}'), 1, {2: "control character U+0000"}
    ),
    "parquet: whole": Packed("in.parquet", parquet, 2),
    "parquet: no rows": Packed(
        "in.parquet", lambda: parquet(pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.string())}))
    ),
    "parquet: without its footer": Packed("in.parquet", lambda: parquet()[:-8], refused="damaged Parquet"),
    "parquet: its first half": Packed(
        "in.parquet", lambda: parquet()[: len(parquet()) // 2], refused="damaged Parquet"
    ),
    "parquet: a byte of a page changed": Packed(
        "in.parquet",
        lambda: damaged(parquet(pa.table({"a": [f"k{n:06}" for n in range(9_000)], "b": ["x"] * 9_000})), 20),
        refused="damaged Parquet",
    ),
    "parquet: nested": Packed(
        "in.parquet",
        lambda: parquet(
            pa.table({"a": ["1", "2"], "b": [["x"], None], "c": [{"d": 1}, {"d": 2}], "e": [b"\xff", b"z"]})
        ),
        2,
    ),
    "parquet: text that is no utf-8": Packed(
        "in.parquet",
        lambda: parquet(
            pa.table({"a": ["1"], "b": pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff\xfe"]).buffers())})
        ),
        refused="column 'b' of",
    ),
    "excel: a sheet": Packed("in.xlsx", lambda: book(("a", "b"), (1, "x"), (2, "y")), 2),
    "excel: one cell at its far end": Packed("in.xlsx", sparse, refused="in.xlsx"),
    "excel: a wrong extent": Packed(
        "in.xlsx",
        lambda: with_part(
            book(("a", "b"), (1, "x"), (2, "y")), SHEET, lambda part: part.replace(b'ref="A1:B3"', b'ref="A1:A1"')
        ),
        2,
    ),
    "excel: merged cells": Packed(
        "in.xlsx", lambda: book(("a", "b"), (1, "x"), (2, None), change=merged), 1, {3: "is merged with B2"}
    ),
    "excel: a formula that nobody has worked out": Packed(
        "in.xlsx", lambda: book(("a", "b"), (1, "x"), (2, "=A2&B2")), 1, {3: "never calculated"}
    ),
    "excel: an error in a cell": Packed(
        "in.xlsx",
        lambda: with_part(
            book(("a", "b"), (1, "x"), (2, 7)), SHEET, lambda part: part.replace(b't="n"><v>7<', b't="e"><v>#N/A<')
        ),
        1,
        {3: "#N/A"},
    ),
    "excel: blank rows": Packed("in.xlsx", lambda: book(("a", "b"), (1, "x"), (None, " "), (2, "y")), 2, blank=1),
    "excel: dates of a Mac": Packed("in.xlsx", lambda: book(("a", "b"), (1, date(2024, 2, 29)), change=mac), 1),
    "excel: cut off": Packed("in.xlsx", lambda: book(("a", "b"), (1, "x"))[:-40], refused="in.xlsx"),
    "excel: with a password": Packed(
        "in.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), refused="password"
    ),
    "excel: a sheet that is no xml": Packed(
        "in.xlsx", lambda: with_part(book(("a", "b"), (1, "x")), SHEET, lambda part: part[:-30]), refused="in.xlsx"
    ),
    "excel: a sheet of zeros": Packed(
        "in.xlsx", lambda: with_part(book(("a",)), SHEET, lambda _: bytes(200 * MB)), refused="in.xlsx"
    ),
    "gzip: whole": Packed("in.csv.gz", lambda: gzip.compress(TABLE), 2),
    "gzip: two members": Packed("in.csv.gz", lambda: gzip.compress(TABLE) + gzip.compress(b"3,z\n"), 3),
    "gzip: cut off": Packed("in.csv.gz", lambda: gzip.compress(TABLE)[:-10], refused=UNPACKED),
    "gzip: cut within its sum": Packed("in.csv.gz", lambda: gzip.compress(TABLE)[:-2], refused=UNPACKED),
    "gzip: another length than it says": Packed("in.csv.gz", gz_that_lies, refused=UNPACKED),
    "gzip: rubbish behind": Packed("in.csv.gz", lambda: gzip.compress(TABLE) + b"rubbish", refused=UNPACKED),
    "gzip: zeros behind, as tapes pad": Packed("in.csv.gz", lambda: gzip.compress(TABLE) + bytes(512), 2),
    "gzip: a bomb": Packed("in.csv.gz", lambda: gzip.compress(bytes(400 * MB)), refused="unpacked it is more than"),
    "gzip: nothing in it": Packed("in.csv.gz", lambda: gzip.compress(b""), refused="empty"),
    "gzip: its mark alone": Packed("in.csv.gz", lambda: b"\x1f\x8b", refused=UNPACKED),
    "zip: whole": Packed("in.zip", lambda: zipped(("x.csv", TABLE)), 2),
    "zip: two files": Packed("in.zip", lambda: zipped(("x.csv", TABLE), ("y.csv", b"a,b\n3,z\n")), 3, files=2),
    "zip: a bomb": Packed("in.zip", lambda: zipped(("x.csv", bytes(400 * MB))), refused="in.zip"),
    "zip: a zip in it": Packed("in.zip", lambda: zipped(("x.zip", zipped(("x.csv", TABLE)))), refused="in.zip"),
    "zip: a path out of its folder": Packed("in.zip", lambda: zipped(("../../x.csv", TABLE)), refused="in.zip"),
    "zip: a path from the root": Packed("in.zip", lambda: zipped(("/etc/x.csv", TABLE)), refused="in.zip"),
    "zip: a link": Packed("in.zip", lambda: link("x.csv", b"/etc/hostname"), refused="in.zip"),
    "zip: 100,000 entries": Packed(
        "in.zip", lambda: zipped(*((f"{n}.csv", b"") for n in range(100_000))), refused="100,000 entries"
    ),
    "zip: encrypted": Packed("in.zip", lambda: encrypted(zipped(("x.csv", TABLE))), refused="in.zip"),
    "zip: cut off": Packed("in.zip", lambda: zipped(("x.csv", TABLE * 100))[:-30], refused="damaged zip"),
    "zip: a byte changed": Packed("in.zip", lambda: damaged(zipped(("x.csv", TABLE * 100)), 45), refused="in.zip"),
    "zip: nothing in it": Packed("in.zip", zipped, refused="in.zip is empty"),
    "zip: two files of one name": Packed(
        "in.zip", lambda: zipped(("x.csv", TABLE), ("x.csv", b"a,b\n3,z\n")), refused="two files"
    ),
}
