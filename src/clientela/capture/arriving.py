"""What may be landed: a file, a member of a zip, a table of a database, files joined; each of them one ``Arriving``."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.batch_writer import ADDED
from clientela.capture.files.kinds import Readable, parts_of, tags
from clientela.capture.mapping import Section
from clientela.errors import SourceError
from clientela.warehouse.store.landing import Batch, Format, Landing

Progress = Callable[[str], None]


class Arriving(Protocol):
    """One thing that may be landed; frozen dataclasses implement it."""

    @property
    def section(self) -> Section:
        """The section of the settings it belongs to."""

    @property
    def shown(self) -> str:
        """Its path relative to the workspace; ``orders.zip/lines.csv``, ``database:orders``."""

    @property
    def content(self) -> str:
        """The hash of the delivered bytes, unpacked."""

    @property
    def batch_hash(self) -> str:
        """The name of its batch: the content, then after a point whatever changes how it is split."""

    @property
    def format(self) -> Format:
        """``text``: ``_line``, ``_lines``, ``_value`` and ``_rule`` stand beside the cells."""

    @property
    def note(self) -> str:
        """What has to be said of it although it lands; known once it is written."""

    def header(self) -> tuple[str, ...]:
        """Its columns.

        Raises
        ------
        SourceError
            It cannot be read.
        """

    def write(self, into: Path) -> int:
        """Write the batch's Parquet; the number of its rows, accepted and quarantined.

        Raises
        ------
        SourceError
            It cannot be read to its end.
        """


@dataclass(frozen=True, slots=True)
class ArrivingFile:
    """A file, or the unpacked member of one. ``stamp`` is that of the file ``original`` when it was looked at."""

    section: Section
    shown: str
    content: str
    file: Readable
    original: Path
    stamp: tuple[int, int, int]

    @property
    def batch_hash(self) -> str:
        """The content, and of a text how it is to be split."""
        tag = self.file.tag
        return f"{self.content}.{tag}" if tag else self.content

    @property
    def format(self) -> Format:
        """``text``, but for Parquet."""
        return self.file.format

    @property
    def note(self) -> str:
        """Nothing: a file's rows say what is wrong with them."""
        return ""

    def header(self) -> tuple[str, ...]:
        """Its columns."""
        return self.file.header()

    def write(self, into: Path) -> int:
        """Write the batch's Parquet; a file that changed since it was looked at is refused."""
        rows = self.file.write(into)
        if not self.original.exists() or stamp_of(self.original) != self.stamp:
            raise SourceError(self.section.source.name, f"{self.shown} changed while it was read.")
        return rows


@dataclass(frozen=True, slots=True)
class Found:
    """What a section delivers now: what may be landed, and what is there but cannot be (its path and why)."""

    arriving: list[Arriving] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def files_of(section: Section, folder: Path, stage: Path, *, progress: Progress, seen: set[Path]) -> Found:
    """The files that fit a section's ``path``, in the order of names.

    Parameters
    ----------
    section
        For the second file of a ``join``: the section with that file's ``path`` and ``format`` as its source's.
    folder
        The workspace.
    stage
        A folder for what has to be unpacked; it is gone when the run's landing is done.
    seen
        Files that another section has taken; those found are added.
    """
    found = Found()
    # pathlib's own glob takes no absolute pattern; "orders[1].csv" is a pattern that does not fit itself
    names = {section.source.place, *glob.glob(section.source.place, root_dir=folder, recursive=True)}  # noqa: PTH207
    paths = sorted(path for name in names if (path := folder / name).is_file() and path not in seen)
    seen.update(paths)
    for path in paths:
        shown = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
        progress(f"Looking at {shown}")
        try:
            found.arriving.extend(_files(section, path, shown, stage))
        except SourceError as error:
            found.refused.append((shown, str(error)))
    return found


def landed_header(landing: Landing, arriving: Arriving) -> tuple[str, ...]:
    """The columns of what arrives if its batch is in the landing; it need not be read again. Else none."""
    section = arriving.section
    batch = landing.same(section.source.name, section.contract.name, arriving.batch_hash)
    return _columns(landing.path_of(batch), text=batch.format == "text") if batch is not None else ()


def split_as_stated(section: Section, batch: Batch) -> bool:
    """Whether a batch was split into cells in the way the settings say now."""
    tag = batch.hash.partition(".")[2]
    if section.source.join is not None:
        return tag == join_tag(section)
    return batch.format == "parquet" or tag in tags(section.source.format)


def join_tag(section: Section) -> str:
    """A short name for the way two files of a section are split and joined; empty when there is no second one."""
    source, join = section.source, section.source.join
    if join is None:
        return ""
    said = repr((join.keys, sorted(tags(source.format)), sorted(tags(join.format or source.format))))
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def stamp_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced: its size, time and inode."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _columns(batch: Path, *, text: bool) -> tuple[str, ...]:
    """The columns of a batch as they were delivered; none when it is damaged."""
    try:
        names = pq.read_schema(batch).names
    except (pa.ArrowException, OSError):
        return ()
    own = {name for name, _ in ADDED} if text else set()
    return tuple(name for name in names if name not in own)


def _files(section: Section, path: Path, shown: str, stage: Path) -> list[ArrivingFile]:
    """The file, or those that are packed in it."""
    try:
        stamp = stamp_of(path)
    except OSError as error:
        raise SourceError(section.source.name, f"{shown} cannot be opened: {error.strerror}.") from None
    return [
        ArrivingFile(section, f"{shown}/{part.name}" if part.name else shown, part.content, part.file, path, stamp)
        for part in parts_of(path, section.source.format, stage=stage, source=section.source.name)
    ]
