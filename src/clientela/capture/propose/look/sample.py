"""A bounded sample of a file: its columns' cells from its head, its middle and its end."""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela.capture.files.csv_reader import unique_names
from clientela.capture.files.text_blocks import MARKS
from clientela.capture.propose.look.dialect import Written, encoding_of, rows_of, written
from clientela.capture.propose.look.values import Looks, Profile, profile
from clientela.errors import ClientelaError

if TYPE_CHECKING:
    import pyarrow as pa

WHOLE = 6 << 20  # bytes; a file up to here is read whole, of a larger one three pieces
PIECE = 1 << 20
CHECKED = 1 << 30  # bytes of a file that are checked for its encoding
UNPACKED = 24 << 20  # bytes taken out of a compressed file
MOST_ROWS = 150_000
MOST_CELLS = 400_000
MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What was read of one file. ``complete``: all of it."""

    path: Path
    how: Written
    names: tuple[str, ...]
    cells: tuple[tuple[str | None, ...], ...] = field(repr=False)  # a tuple for each column, in the order of the file
    complete: bool
    typed: tuple[str, ...] = ()  # what a Parquet file says of each column, else nothing
    doubts: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.cells[0]) if self.cells else 0

    def column(self, name: str) -> tuple[str | None, ...]:
        """The cells of a column."""
        return self.cells[self.names.index(name)]

    def profiles(self) -> tuple[Profile, ...]:
        """What each column shows."""
        return self.profiles_of(self.names)

    def profiles_of(self, names: Sequence[str]) -> tuple[Profile, ...]:
        """What some columns show."""
        types = dict(zip(self.names, self.typed, strict=True)) if self.typed else {}
        return tuple(profile(name, self.column(name), typed=types.get(name, "")) for name in names)


class UnreadableError(Exception):
    """A file holds nothing that could be proposed; the message says why."""


def sample(path: Path, *, cells: int = MOST_CELLS) -> Sample:
    """A sample of a file of any kind.

    Parameters
    ----------
    path
        The file.
    cells
        How many cells may be kept.

    Raises
    ------
    UnreadableError
        It is empty, damaged, or no table.
    """
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(b"\x1f\x8b"):
            return _thinned(_unpacked(path, _of_gzip(path), path.name.removesuffix(".gz")), cells)
        if start.startswith(b"PK\x03\x04") and not _is_workbook(path):
            return _thinned(_of_zip(path), cells)
        return _thinned(_plain(path, start), cells)
    except (OSError, zlib.error, EOFError, zipfile.BadZipFile) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise UnreadableError(f"it cannot be read: {said}") from None


def _thinned(look: Sample, cells: int) -> Sample:
    """The sample with no more cells than allowed: rows of its beginning, its middle and its end."""
    room = max(300, cells // max(1, len(look.names)))
    if look.rows <= room:
        return look
    part, middle = room // 3, look.rows // 2
    kept = tuple(
        (*column[:part], *column[middle - part // 2 : middle + part // 2], *column[-part:]) for column in look.cells
    )
    return replace(look, cells=kept, complete=False)


def _plain(path: Path, start: bytes, *, complete: bool = True) -> Sample:
    if start.startswith(b"PAR1"):
        return _of_parquet(path)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _by_reader(path, "excel", complete=complete)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _by_reader(path, "json", complete=complete)
    return _of_text(path, complete=complete)


def _of_text(path: Path, *, complete: bool) -> Sample:
    pieces, whole = _pieces(path)
    utf8 = _is_utf8(path)
    encoding, doubt = encoding_of(b"".join(pieces), utf8=utf8)
    texts = [_decoded(piece, encoding or _marked(pieces[0]) or "utf-8") for piece in pieces]
    if _is_binary(texts[0]):
        raise UnreadableError("it is no text and no table: binary content")
    how = written(texts[0][: 1 << 20], encoding=encoding)
    if how is None:
        raise UnreadableError("its lines have no columns: it is no table")
    if len(pieces) > 1:
        texts = [_cut(texts[0], head=True), *(_cut(each, head=False) for each in texts[1:])]
    names, rows = _table(texts, how)
    if not rows:
        raise UnreadableError("it has a header and no row")
    cells: Any = tuple(zip(*rows, strict=True))
    doubts = (*((doubt,) if doubt else ()), *how.doubts)
    return Sample(path, how, names, cells, complete and whole and len(rows) < MOST_ROWS, doubts=doubts)


def _table(texts: list[str], how: Written) -> tuple[tuple[str, ...], list[list[str]]]:
    lines = texts[0].split("\n")
    first = "\n".join(lines[how.skip :]) if how.skip else texts[0]
    rows = rows_of(first, how)
    if not rows:
        return (), []
    if how.kind == "fixed" and how.header:
        names = unique_names(first.split("\n", 1)[0].split())
        rows = rows[1:]
    elif how.header:
        names = unique_names(rows[0])
        rows = rows[1:]
    else:
        names = unique_names([""] * len(rows[0]))
    if len(names) > MOST_COLUMNS:
        raise UnreadableError(
            f"it has {len(names):,} columns; more than {MOST_COLUMNS:,} are no table of the contracts"
        )
    for text in texts[1:]:
        rows += [row for row in rows_of(text, how) if len(row) == len(names)]
    return names, rows[:MOST_ROWS]


def _pieces(path: Path) -> tuple[list[bytes], bool]:
    """The file, or its head, middle and end; whether it is all of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE:
            return [file.read()], True
        pieces = []
        for at in (0, size // 2 - PIECE // 2, size - PIECE):
            file.seek(at)
            pieces.append(file.read(PIECE))
        return pieces, False


def _is_utf8(path: Path) -> bool:
    """Whether all that is checked of the file is strict UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    left = CHECKED
    try:
        with path.open("rb") as file:
            while left > 0 and (data := file.read(1 << 20)):
                decoder.decode(data)
                left -= len(data)
        if left > 0:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _marked(start: bytes) -> str | None:
    return next((name for mark, name in MARKS if start.startswith(mark)), None)


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str, *, head: bool) -> str:
    """Whole lines only: the last of a head, the first and last of another piece may be half."""
    end = text.rfind("\n")
    start = 0 if head else text.find("\n") + 1
    return text[start : end + 1]


def _is_binary(text: str) -> bool:
    start = text[:4096]
    odd = sum((ord(sign) < 32 and sign not in "\t\n\r\f") or sign == "\ufffd" for sign in start)
    return odd > max(2, len(start) * 0.02)


def _of_gzip(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while data := file.read(1 << 20):
            yield data


def _of_zip(path: Path) -> Sample:
    with zipfile.ZipFile(path) as packed:
        members = [each for each in packed.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX")]
        if not members:
            raise UnreadableError("the zip holds no file")
        largest = max(members, key=lambda each: each.file_size)

        def taken() -> Iterator[bytes]:
            with packed.open(largest) as file:
                while data := file.read(1 << 20):
                    yield data

        found = _unpacked(path, taken(), Path(largest.filename).name)
    if len(members) == 1:
        return found
    said = f"the zip holds {len(members)} files; only {largest.filename} was looked at"
    return replace(found, how=replace(found.how, member=largest.filename), doubts=(*found.doubts, said))


def _unpacked(path: Path, data: Iterator[bytes], name: str) -> Sample:
    """A sample of what a compressed file holds, from as much of its beginning as is allowed."""
    with tempfile.TemporaryDirectory(prefix="clientela-look-") as folder:
        inner = Path(folder) / (name or "content")
        size = 0
        complete = True
        with inner.open("wb") as file:
            for part in data:
                file.write(part)
                size += len(part)
                if size >= UNPACKED:
                    complete = False
                    break
        if size == 0:
            raise UnreadableError("it is empty")
        with inner.open("rb") as file:
            start = file.read(16)
        return replace(_plain(inner, start, complete=complete), path=path)


def _is_workbook(path: Path) -> bool:
    with zipfile.ZipFile(path) as packed:
        return any(name.startswith(("xl/", "mimetype", "content.xml")) for name in packed.namelist())


def _of_parquet(path: Path) -> Sample:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        groups = file.num_row_groups
        table = _pick(file, groups)
    except (pa.ArrowInvalid, OSError):
        raise UnreadableError("it is a damaged Parquet file") from None
    if table.num_rows == 0:
        raise UnreadableError("it has no row")
    return _of_table(path, table, Written(kind="parquet"), complete=table.num_rows == file.metadata.num_rows)


def _pick(file: Any, groups: int) -> pa.Table:
    """All rows of a small file, of a larger one pieces of its first, middle and last rows."""
    import pyarrow as pa

    rows = file.metadata.num_rows
    if rows <= MOST_ROWS:
        return file.read()
    third = MOST_ROWS // 3
    wanted = sorted({0, groups // 2, groups - 1})
    parts = []
    for place in wanted:
        room = MOST_ROWS // len(wanted)
        for batch in file.iter_batches(batch_size=third, row_groups=[place]):
            parts.append(pa.Table.from_batches([batch]).slice(0, room))
            room -= parts[-1].num_rows
            if room <= 0:
                break
    return pa.concat_tables(parts)


def _of_table(path: Path, table: pa.Table, how: Written, *, complete: bool) -> Sample:
    import pyarrow as pa

    from clientela.capture.files.csv_reader import ADDED

    added = {name for name, _ in ADDED}
    names = [name for name in table.column_names if name not in added]
    if len(names) > MOST_COLUMNS:
        raise UnreadableError(
            f"it has {len(names):,} columns; more than {MOST_COLUMNS:,} are no table of the contracts"
        )
    cells, types = [], []
    for name in names:
        column = table.column(name)
        types.append(_typed(column.type))
        if pa.types.is_timestamp(column.type):  # Python has no nanoseconds
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        cells.append(tuple(_as_text(each) for each in column.to_pylist()))
    return Sample(path, how, tuple(names), tuple(cells), complete, typed=tuple(types))


def _typed(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind):
        return Looks.WHOLE
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Looks.NUMBER
    if pa.types.is_boolean(kind):
        return Looks.BOOL
    return Looks.DATE if pa.types.is_temporal(kind) else ""


def _as_text(value: Any) -> str | None:
    """A typed value as capture would write it as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _by_reader(path: Path, kind: str, *, complete: bool) -> Sample:
    """A sample of JSON lines or a workbook, by the same reader a run uses."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from clientela.capture.files import kinds
    from clientela.config import Format

    with tempfile.TemporaryDirectory(prefix="clientela-look-") as folder:
        looked = path
        if kind == "json" and path.stat().st_size > WHOLE:
            looked, complete = Path(folder) / path.name, False
            with path.open("rb") as whole:
                looked.write_bytes(whole.read(WHOLE).rpartition(b"\n")[0] + b"\n")
        into = Path(folder) / "sample.parquet"
        try:
            form = Format()
            parts = kinds.parts_of(looked, form, stage=Path(folder) / "stage", source=path.name)
            parts[0].file.write(into)
            table = pq.ParquetFile(into).read()
        except (ClientelaError, pa.ArrowInvalid) as error:
            said = str(error).partition(": ")[2] or str(error)
            raise UnreadableError(f"it cannot be read: {said}".rstrip(".")) from None
        if "_rule" in table.column_names:
            table = table.filter(table.column("_rule").is_null())
        if table.num_rows == 0:
            raise UnreadableError("it has no row")
        return _of_table(path, table.slice(0, MOST_ROWS), Written(kind=kind), complete=complete)
