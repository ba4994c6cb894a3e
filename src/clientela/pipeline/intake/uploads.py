"""Uploaded files, kept whole or not at all in a folder of their own, until it is decided what they are.

Nothing of them is read here but their first bytes: a hostile file is looked at in a process with limits.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from clientela.capture.files.kinds import GZIP_MARK, PARQUET_MARK, ZIP_MARKS, refused_mark
from clientela.capture.propose.look.listing import DATA
from clientela.contracts.text import Text, text
from clientela.errors import UnknownNameError, UploadError, machine_trouble
from clientela.warehouse.journal import fsync_file, fsync_folder

FOLDER, EXPORTS = "incoming", "exports"
MOST_BYTES = 2 << 30  # of one file
MOST_FILES = 20
KEPT_DAYS = 7  # an upload that nobody confirms goes after so long
_LONGEST_NAME = 120
_BLOCK = 1 << 20
_ID = re.compile(r"[0-9a-f]{16}")
_MARKS = {
    ".parquet": (PARQUET_MARK,),
    ".pq": (PARQUET_MARK,),
    ".gz": (GZIP_MARK,),
    ".zip": ZIP_MARKS,
    ".xlsx": ZIP_MARKS,
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as a browser sends it."""

    name: str
    stream: IO[bytes]


def keep(folder: Path, sent: Sequence[Sent], *, now: datetime, chance: Callable[[int], bytes]) -> str:
    """The name of the upload: all of its files are kept, or none.

    Raises
    ------
    UploadError
        A file has no name or ending of data, is none of what its ending says, is empty or too large; or there is none.
    MachineError
        No room.
    """
    if not sent:
        raise UploadError(text("no file was chosen; choose one, {most} at most.", most=MOST_FILES))
    if len(sent) > MOST_FILES:
        raise UploadError(text("{n} files are too many at once, {most} at most.", n=len(sent), most=MOST_FILES))
    name = chance(8).hex()
    place = folder / FOLDER
    with machine_trouble(folder):
        place.mkdir(mode=0o700, exist_ok=True)
        _forget_old(place, now)
    with machine_trouble(folder), _unfinished(place, name) as part:
        for each in sent:
            called = file_name(each.name)
            write(each, _free(part / EXPORTS, folder / EXPORTS, called))
        fsync_folder(part / EXPORTS)
        part.rename(place / name)
        fsync_folder(place)
    return name


def place_of(folder: Path, upload: str) -> Path:
    """Where an upload is kept.

    Raises
    ------
    UnknownNameError
        There is none of that name, or no more.
    """
    place = folder / FOLDER / upload
    if not _ID.fullmatch(upload) or not place.is_dir():
        raise UnknownNameError("upload", upload[:16], ())
    return place


def forget(folder: Path, upload: str) -> None:
    """Throw an upload away."""
    shutil.rmtree(place_of(folder, upload), ignore_errors=True)


def file_name(said: str) -> str:
    """The name of an uploaded file as it is kept: no folder in it, and an ending of data.

    Raises
    ------
    UploadError
        It is no such name.

    Examples
    --------
    >>> file_name("C:\\\\Users\\\\ana\\\\orders 2024.csv")
    'orders 2024.csv'
    """
    name = re.split(r"[/\\]", said)[-1].strip()
    name = "".join(sign if sign.isprintable() and sign not in '<>:"|?*[]' else "-" for sign in name).lstrip(".~ ")
    ending = Path(name).suffix
    stem = name.removesuffix(ending)
    if ending.lower() not in DATA or not stem:
        raise UploadError(
            text(
                "'{name}' is no file of data by its ending; send CSV, XLSX, JSON, Parquet, or one of them packed as gz "
                "or zip.",
                name=name[:60],
            )
        )
    return stem[: _LONGEST_NAME - len(ending)] + ending


def write(sent: Sent, into: Path) -> None:
    """Write an uploaded file to the disk, block by block.

    Raises
    ------
    UploadError
        It is empty, too large, or not what its ending says.
    """
    size = 0
    start = sent.stream.read(_BLOCK)
    _check(sent.name, start)
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        block = start
        while block:
            size += len(block)
            if size > MOST_BYTES:
                raise UploadError(
                    text(
                        "'{name}' is larger than {most} GB; put it into its source's folder by hand.",
                        name=sent.name[:60],
                        most=MOST_BYTES >> 30,
                    )
                )
            file.write(block)
            block = sent.stream.read(_BLOCK)
    fsync_file(into)


def _check(name: str, start: bytes) -> None:
    """Whether a file may be what its ending says, by its first bytes."""
    name = name[-60:]
    if not start.strip():
        raise UploadError(text("'{name}' is empty; send a file with a header and rows.", name=name))
    refused = refused_mark(start)
    if refused:
        raise UploadError(_refusal(name, refused))
    low = start[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if any(low.startswith(mark.lower()) for mark in _PROGRAMS):
        raise UploadError(
            text("'{name}' is a program or a page, not a table; export the table as CSV or XLSX.", name=name)
        )
    marks = _MARKS.get(Path(name).suffix.lower())
    if marks is not None and not start.startswith(marks):
        raise UploadError(text("'{name}' is not what its ending says; export it anew.", name=name))


def _refusal(name: str, why: str) -> Text:
    """Why a file of a known kind cannot be read; of the kinds that people send by mistake in other languages too."""
    if "Excel" in why:
        return text(
            "'{name}' is an old or password-protected Excel file; save it as .xlsx without a password.", name=name
        )
    if "PDF" in why:
        return text("'{name}' is a PDF; deliver the table itself.", name=name)
    return text("'{name}' {why}.", name=name, why=why)


def _free(part: Path, exports: Path, name: str) -> Path:
    """A place for a file under its name, or with a number where one of that name is there."""
    ending = Path(name).suffix
    stem = name.removesuffix(ending)
    number, found = 2, part / name
    while found.exists() or (exports / found.name).exists():
        found, number = part / f"{stem}-{number}{ending}", number + 1
    return found


@contextmanager
def _unfinished(place: Path, name: str) -> Iterator[Path]:
    part = place / f".{name}.unfinished"
    (part / EXPORTS).mkdir(mode=0o700, parents=True)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _forget_old(place: Path, now: datetime) -> None:
    """Throw away uploads that nobody confirmed, and what a killed process left."""
    for each in place.iterdir():
        if now.timestamp() - each.stat().st_mtime > KEPT_DAYS * 86_400:
            shutil.rmtree(each, ignore_errors=True)
