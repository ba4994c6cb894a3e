"""gzip and zip unpacked into a folder of ours, to their end or not at all.

The names in an archive are only shown, never used as paths as they are. What is too many, too large or too
well compressed to be a company's export is refused before or while it is unpacked.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO

from clientela.errors import SourceError, did_you_mean

ENTRIES = 10_000  # of one zip; more are no delivery
DIRECTORY_BYTES = 4 << 20  # what the list of them may take
RATIO = 200  # times its packed size; repeated text reaches 50
ALWAYS_FINE = 64 << 20  # bytes: a smaller file may be compressed as well as it likes
ROOM = 0.5  # of the free disk, at most
_BLOCK = 1 << 20
_NOT_DATA = (".DS_Store", "Thumbs.db", "desktop.ini")
_TAIL = 22 + 0xFFFF  # where the end of a zip's directory must begin


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One unpacked file: its name in the archive (empty: it has none), where it lies now, the hash of its bytes."""

    name: str
    path: Path
    content: str


def gunzip(path: Path, into: Path, *, source: str) -> Unpacked:
    """The file that a gzip holds.

    Raises
    ------
    SourceError
        It is cut off, damaged, or too large.
    """
    place = into / (path.name.removesuffix(".gz").removesuffix(".GZ") or "unpacked")
    limit = min(max(ALWAYS_FINE, RATIO * path.stat().st_size), room_in(into))
    try:
        with gzip.open(path) as packed:
            content = _copied(packed, place, limit, path.name, source)
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        said = f"{path.name} cannot be unpacked to its end: it is cut off or damaged; have it delivered again."
        raise SourceError(source, said) from None
    return Unpacked("", place, content)


def unzip(path: Path, into: Path, *, member: str | None, source: str) -> tuple[Unpacked, ...]:
    """The files that a zip holds, in the order of their names.

    Parameters
    ----------
    path
        The zip.
    into
        A folder to unpack into.
    member
        Only files whose name or path in the zip fits this pattern.
    source
        For errors.

    Raises
    ------
    SourceError
        It is damaged, or holds what no delivery does.
    """
    name = path.name
    with _opened(path, source) as packed:
        chosen = _chosen(packed.infolist(), member, name, source)
        _check(chosen, path, into, source)
        found = []
        for number, entry in enumerate(chosen, start=1):
            place = into / str(number) / _file_name(entry.filename)
            place.parent.mkdir(parents=True)
            said = f"{name}/{entry.filename}"
            try:
                with packed.open(entry) as file:
                    content = _copied(file, place, entry.file_size, said, source)
            except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise SourceError(source, f"{said} cannot be unpacked to its end: {_why(error)}.") from None
            found.append(Unpacked(entry.filename, place, content))
    return tuple(found)


def names_in(path: Path, *, source: str) -> tuple[str, ...]:
    """The names of all entries of a zip.

    Raises
    ------
    SourceError
        It is damaged, or has far too many.
    """
    with _opened(path, source) as packed:
        return tuple(packed.namelist())


def check_workbook(path: Path, *, source: str) -> int:
    """How many bytes a workbook has unpacked; each of its parts is one that a workbook may have.

    Raises
    ------
    SourceError
        It is damaged, encrypted, or far too well compressed.
    """
    with _opened(path, source) as packed:
        entries = packed.infolist()
        why = next((f"its part {each.filename[:200]!r} {why}" for each in entries if (why := _suspicious(each))), None)
        if why:
            raise SourceError(source, f"{path.name} is refused: {why}.")
        _check(entries, path, path.parent, source)
        return sum(each.file_size for each in entries)


def room_in(folder: Path) -> int:
    """How many bytes may be unpacked into a folder."""
    return int(shutil.disk_usage(folder).free * ROOM)


def _opened(path: Path, source: str) -> zipfile.ZipFile:
    """The zip; its directory is looked at before it is read, as it may be longer than memory."""
    try:
        with path.open("rb") as file:
            entries, size = _directory(file)
            if entries > ENTRIES or size > DIRECTORY_BYTES:
                said = f"{path.name} has {entries:,} entries; a zip may have at most {ENTRIES:,}"
                raise SourceError(source, f"{said}. Deliver it as fewer files.")
        return zipfile.ZipFile(path)
    except SourceError:
        raise
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
        said = f"{path.name} is a damaged zip file; have it delivered again."
        raise SourceError(source, said) from None


def _directory(file: IO[bytes]) -> tuple[int, int]:
    """How many entries a zip says it has, and how many bytes their list takes."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL - 76))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0:
        raise zipfile.BadZipFile
    entries, listed = struct.unpack("<HL", tail[end + 10 : end + 16])
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if wide >= 0:
        entries, listed = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    return entries, listed


def _chosen(
    entries: Sequence[zipfile.ZipInfo], member: str | None, name: str, source: str
) -> tuple[zipfile.ZipInfo, ...]:
    files = [each for each in entries if not each.is_dir() and not _is_litter(each.filename)]
    for each in entries:
        why = _suspicious(each)
        if why:
            raise SourceError(source, f"{name} is refused: its entry {each.filename[:200]!r} {why}.")
    if not files:
        raise SourceError(source, f"{name} is empty: it holds no file.")
    if len({each.filename for each in files}) < len(files):
        raise SourceError(source, f"{name} is refused: it holds two files of the same name.")
    if member is None:
        kinds = sorted({PurePosixPath(each.filename).suffix.lower() for each in files})
        if len(kinds) > 1:
            said = f"{name} holds files of several kinds ({', '.join(each or 'no suffix' for each in kinds)})"
            raise SourceError(source, f'{said}; say which are meant, for example format.member = "*{kinds[0]}".')
        return tuple(sorted(files, key=lambda each: each.filename))
    fitting = [
        each
        for each in files
        if fnmatchcase(each.filename, member) or fnmatchcase(PurePosixPath(each.filename).name, member)
    ]
    if not fitting:
        said = did_you_mean(member, [each.filename for each in files][:20])
        raise SourceError(source, f"no file in {name} fits format.member = '{member}'; {said}")
    return tuple(sorted(fitting, key=lambda each: each.filename))


def _suspicious(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is not what an export has."""
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return "leads out of the folder"
    if any(ord(sign) < 32 for sign in entry.filename):
        return "has a control character in its name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if entry.flag_bits & 1:
        return "is encrypted; deliver it without a password"
    return None


def _check(entries: Sequence[zipfile.ZipInfo], path: Path, into: Path, source: str) -> None:
    """Refuse what would not fit, before anything is unpacked."""
    total = sum(each.file_size for each in entries)
    packed = sum(each.compress_size for each in entries)
    room = room_in(into)
    if total > max(ALWAYS_FINE, RATIO * packed) or packed > path.stat().st_size:
        raise SourceError(source, too_well_packed(path.name))
    if total > room:
        said = f"{path.name} would take {total / 1e9:,.1f} GB unpacked"
        raise SourceError(source, f"{said}, more than half of the room on the disk ({2 * room / 1e9:,.1f} GB free).")


def too_well_packed(name: str) -> str:
    """The sentence about a file that is small only until it is unpacked."""
    return f"{name} is refused: unpacked it is more than {RATIO} times its size, as no export is."


def _copied(packed: IO[bytes] | gzip.GzipFile, place: Path, limit: int, name: str, source: str) -> str:
    """Write what is unpacked; the hash of it."""
    digest, size = hashlib.sha256(), 0
    with place.open("xb") as file:
        for block in _read(packed):
            size += len(block)
            if size > limit:
                raise SourceError(source, too_well_packed(name))
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _read(packed: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while block := packed.read(_BLOCK):
        yield block


def _file_name(name: str) -> str:
    """The last part of a name in an archive, short enough for any disk."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return last if len(last.encode()) < 200 else last.encode()[-200:].decode(errors="ignore")


def _is_litter(name: str) -> bool:
    """Whether it is only there because of the system the archive was made on."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name in _NOT_DATA or path.name.startswith("._")


def _why(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return "it is compressed in a way that cannot be read; deliver it as an ordinary zip"
    return "it is cut off or damaged; have it delivered again"
