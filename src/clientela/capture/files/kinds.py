"""What a file is (CSV, JSON, Parquet, a workbook), by ``format.kind`` or by its content, and the reader for it."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from clientela.capture.files import cells, csv_reader, excel, json_lines, packed, parquet
from clientela.capture.files.csv_reader import Dialect
from clientela.capture.files.text_blocks import MARKS
from clientela.config import Format
from clientela.errors import SourceError

GZIP_MARK = b"\x1f\x8b"
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
PARQUET_MARK = b"PAR1"
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "is an old or password-protected Excel file; save it as .xlsx without a password"),
    (b"SQLite format 3", "is a SQLite database; export the table as CSV"),
    (b"PARE", "is an encrypted Parquet file; deliver it without encryption"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; deliver it as zip or gzip"),
    (b"Rar!", "is a RAR archive; deliver it as zip or gzip"),
    (b"BZh", "is compressed with bzip2; deliver it as zip or gzip"),
    (b"\xfd7zXZ", "is compressed with xz; deliver it as zip or gzip"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; deliver it as zip or gzip"),
    (b"%PDF", "is a PDF; deliver the table itself"),
    (b"ORC", "is an ORC file; deliver it as Parquet"),
    (b"Obj\x01", "is an Avro file; deliver it as Parquet or JSON lines"),
)
_TAR = (257, b"ustar")
_OTHER_BOOKS = {
    "mimetype": "is an OpenDocument sheet",
    "xl/workbook.bin": "is a binary workbook",
}


class Kind(StrEnum):
    """What a file is, once it is unpacked."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    EXCEL = "excel"


@dataclass(frozen=True, slots=True)
class Readable:
    """A file on this disk and how to read it. ``stage`` is a folder for what has to be made of it first."""

    path: Path
    source: str
    form: Format
    kind: Kind
    stage: Path
    _known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def format(self) -> Literal["text", "parquet"]:
        """``text``: what is landed has lines, and rows that could not be read."""
        return "parquet" if self.kind is Kind.PARQUET else "text"

    @property
    def tag(self) -> str:
        """A short name for the way it is split into cells; empty where there is but one."""
        return _tag(self.kind, self.form, tabs=self._tabs)

    def header(self) -> tuple[str, ...]:
        """Its columns.

        Raises
        ------
        SourceError
            It cannot be read.
        """
        if self.kind is Kind.CSV:
            return csv_reader.header_of(self.path, dialect_of(self.form, tabs=self._tabs), source=self.source)
        if self.kind is Kind.PARQUET:
            return parquet.header_of_parquet(self.path, source=self.source)
        return self._table().names

    def write(self, into: Path) -> int:
        """Write it as Parquet; the number of its rows, accepted and quarantined.

        Raises
        ------
        SourceError
            It cannot be read to its end.
        """
        if self.kind is Kind.PARQUET:
            return parquet.land_parquet(self.path, source=self.source, into=into)
        if self.kind is Kind.CSV:
            dialect = dialect_of(self.form, tabs=self._tabs)
            count = csv_reader.read_csv(self.path, dialect, source=self.source, into=into)
        else:
            count = cells.write_rows(self._rows(), self._table(), self.form, into)
        return count.accepted + count.quarantined

    @property
    def _tabs(self) -> bool:
        return self.path.suffix.lower() in (".tsv", ".tab")

    def _table(self) -> cells.Table:
        """Its columns and what they hold, found once."""
        if "table" not in self._known:
            given = self._heading().given if self.kind is Kind.EXCEL else ()
            found = cells.table_of(self._rows(), given=given, name=self.path.name, source=self.source)
            if not found.keys:
                raise json_lines.nothing_in(self.path.name, self.source)
            self._known["table"] = found
        table: cells.Table = self._known["table"]
        return table

    def _rows(self) -> Any:
        if self.kind is Kind.EXCEL:
            return excel.sheet_rows(self._sheet(), self._heading())
        return json_lines.json_rows(self.path, self.form.encoding, name=self.path.name, source=self.source)

    def _heading(self) -> excel.Heading:
        if "heading" not in self._known:
            found = excel.heading_of(self._sheet(), self.form, name=self.path.name, source=self.source)
            self._known["heading"] = found
        heading: excel.Heading = self._known["heading"]
        return heading

    def _sheet(self) -> Path:
        """The rows of its sheet, read by the child process once."""
        if "sheet" not in self._known:
            self.stage.mkdir(parents=True, exist_ok=True)
            place = self.stage / hashlib.sha256(f"{self.path}\0{self.form.sheet}".encode()).hexdigest()
            self._known["sheet"] = excel.read_workbook(self.path, self.form, into=place, source=self.source)
        sheet: Path = self._known["sheet"]
        return sheet


@dataclass(frozen=True, slots=True)
class Part:
    """A readable file and how it is called: ``name`` is empty, or that within its zip. ``content``: its hash."""

    name: str
    content: str
    file: Readable


def refused_mark(start: bytes) -> str:
    """Why a file that begins so cannot be read, in a few words; '' when nothing speaks against it."""
    return next((said for mark, said in _REFUSED if start.startswith(mark)), "")


def parts_of(path: Path, form: Format, *, stage: Path, source: str) -> tuple[Part, ...]:
    """The files that one file is, unpacked if need be.

    Parameters
    ----------
    path
        As it was delivered.
    form
        What the settings say of it.
    stage
        A folder to unpack into; it need not exist.
    source
        For errors.

    Raises
    ------
    SourceError
        It cannot be opened or unpacked to its end, or is of a kind that cannot be read.
    """
    start = _start(path, source)
    if start.startswith(GZIP_MARK):
        found = [packed.gunzip(path, _new_folder(stage), source=source)]
    elif start.startswith(ZIP_MARKS) and not _is_workbook(path, source):
        found = list(packed.unzip(path, _new_folder(stage), member=form.member, source=source))
    else:
        kind = _kind(path, start, form, source)
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return (Part("", content, Readable(path, source, form, kind, stage)),)
    parts = []
    for each in found:
        inner = _start(each.path, source)
        if inner.startswith(GZIP_MARK) or (inner.startswith(ZIP_MARKS) and not _is_workbook(each.path, source)):
            said = f"{path.name} holds {each.path.name}, an archive within an archive"
            raise SourceError(source, f"{said}; pack the files once.")
        kind = _kind(each.path, inner, form, source)
        parts.append(Part(each.name, each.content, Readable(each.path, source, form, kind, stage)))
    kinds = sorted({part.file.kind.value for part in parts})
    if len(kinds) > 1:
        said = f"{path.name} holds files of several kinds ({', '.join(kinds)})"
        raise SourceError(source, f'{said}; say which are meant, for example format.member = "*.csv".')
    return tuple(parts)


def dialect_of(form: Format, *, tabs: bool) -> Dialect:
    """How a text separates cells; a file named .tsv does it by tabs when the settings name no delimiter."""
    dialect = Dialect(form.delimiter, form.quote, form.encoding, form.header, form.skip)
    return replace(dialect, delimiter="\t") if tabs and "delimiter" not in form.model_fields_set else dialect


def tags(form: Format) -> frozenset[str]:
    """Every tag that a file of this format may have now."""
    kinds = [Kind(form.kind)] if form.kind else list(Kind)
    return frozenset(_tag(kind, form, tabs=tabs) for kind in kinds for tabs in (False, True))


def _tag(kind: Kind, form: Format, *, tabs: bool) -> str:
    """A short name for all settings that change what lands of a file of this kind."""
    if kind is Kind.PARQUET:
        return ""
    dialect = dialect_of(form, tabs=tabs)
    said: tuple[object, ...] = (dialect.delimiter, dialect.quote, dialect.encoding, dialect.header)
    if kind is Kind.CSV and dialect.skip:
        said = (*said, dialect.skip)
    elif kind is Kind.JSON:
        said = (kind.value, form.encoding, form.decimal, form.date)
    elif kind is Kind.EXCEL:
        said = (kind.value, form.sheet, form.skip, form.header, form.decimal, form.date)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:8]


def _start(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise SourceError(source, f"{path.name} cannot be opened: {error.strerror}.") from None


def _kind(path: Path, start: bytes, form: Format, source: str) -> Kind:
    """What a file is that is not packed."""
    for mark, said in _REFUSED:
        if start.startswith(mark):
            raise SourceError(source, f"{path.name} {said}.")
    if start[_TAR[0] :].startswith(_TAR[1]):
        raise SourceError(source, f"{path.name} is a tar archive; deliver it as zip or gzip.")
    found = _by_content(start)
    stated = Kind(form.kind) if form.kind else found
    binary = (Kind.PARQUET, Kind.EXCEL)
    if stated is not found and (stated in binary or found in binary):
        said = f"{path.name} is no {stated.value} file, as format.kind says"
        raise SourceError(source, f"{said}; leave format.kind out, then its content decides.")
    return stated


def _by_content(start: bytes) -> Kind:
    if start.startswith(PARQUET_MARK):
        return Kind.PARQUET
    if start.startswith(ZIP_MARKS):
        return Kind.EXCEL
    used = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
    text = codecs.getincrementaldecoder(used)("replace").decode(start).lstrip()
    is_array = text.startswith("[") and text[1:].lstrip().startswith(("{", "]"))
    return Kind.JSON if text.startswith("{") or is_array else Kind.CSV


def _is_workbook(path: Path, source: str) -> bool:
    """Whether a zip is a workbook.

    Raises
    ------
    SourceError
        It is a workbook of a kind that is not read.
    """
    names = packed.names_in(path, source=source)
    for name, said in _OTHER_BOOKS.items():
        if name in names:
            raise SourceError(source, f"{path.name} {said}; save it as .xlsx.")
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _new_folder(stage: Path) -> Path:
    """An empty folder within the stage."""
    stage.mkdir(parents=True, exist_ok=True)
    folder = stage / f"unpacked-{sum(1 for _ in stage.iterdir()) + 1}"
    folder.mkdir()
    return folder
