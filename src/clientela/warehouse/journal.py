"""What must survive a crash: files written whole or not at all, and journals that lose no acknowledged line."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from clientela.errors import WarehouseError
from clientela.warehouse.lines import wrong
from clientela.warehouse.moments import reached

_SUMMED = re.compile(rb'\["([0-9a-f]{8})", (\{.*\})\]', re.DOTALL)


def fsync_file(path: Path) -> None:
    """Wait until the content of ``path`` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk."""
    fsync_file(folder)


def sha256_of(path: Path) -> str:
    """The hash of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put_in_place(written: Path, path: Path) -> None:
    """Give a finished file its name: a reader sees the old file or the whole new one, also after a crash."""
    fsync_file(written)
    written.replace(path)
    fsync_folder(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        put_in_place(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


class JsonLines:
    """An append-only file of JSON lines.

    A line is ``[sum, record]``, so that a changed one is found. It counts once it ends in a newline. What a
    crash left behind the last newline was never acknowledged: reading passes over it, the next append removes it.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> lines = JsonLines(Path(mkdtemp()) / "arrivals.jsonl")
    >>> lines.append({"run": 1, "rows": 12})
    >>> lines.read()
    ({'rows': 12, 'run': 1},)
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, record: Mapping[str, object]) -> None:
        """Add one record; when this returns, it is on the disk."""
        line = _line(record)
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+", buffering=0) as file:
            end = _drop_torn_line(file.fileno())
            try:
                _write_all(file.fileno(), line)
                reached("line written")
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):  # what was not acknowledged shall not be read as if it were
                    os.ftruncate(file.fileno(), end)
                raise
        if new:
            fsync_folder(self.path.parent)
        reached("line synced")

    def rewrite(self, records: Sequence[Mapping[str, object]]) -> None:
        """Put other records in the place of all, as many as there are, at once. Only an erasure may."""
        if len(records) != self.count():
            raise WarehouseError(f"{self.path.name} may not gain or lose lines when it is rewritten.")
        write_durably(self.path, b"".join(map(_line, records)))

    def read(self) -> tuple[dict[str, Any], ...]:
        """All records, oldest first; none when there is no file yet."""
        return tuple(self._read(number, line) for number, line in enumerate(self._lines(), start=1))

    def newest(self) -> Iterator[dict[str, Any]]:
        """The records, newest first: who stops early has read no more than that."""
        lines = self._lines()
        for number in range(len(lines), 0, -1):
            yield self._read(number, lines[number - 1])

    def count(self) -> int:
        """How many records there are, each of them what was written; far less work than reading them."""
        lines = self._lines()
        for number, line in enumerate(lines, start=1):
            summed = _SUMMED.fullmatch(line)
            if summed is None or summed[1].decode() != f"{zlib.crc32(summed[2]):08x}":
                self._read(number, line)
        return len(lines)

    def _lines(self) -> list[bytes]:
        if not self.path.exists():
            return []
        whole, _, _ = self.path.read_bytes().rpartition(b"\n")
        return whole.split(b"\n") if whole else []

    def _read(self, number: int, line: bytes) -> dict[str, Any]:
        named = f"line {number} of {self.path.name}"
        try:
            record = _record(line)
        except ValueError:
            raise WarehouseError(f"{named} is not what was written; restore the file from a backup.") from None
        if (said := wrong(self.path.name, record)) is not None:
            raise WarehouseError(f"{named} has {said}; restore the file from a backup.")
        return _Record(record, line=named)


class _Record(dict[str, Any]):
    """A record that says which line it is of when it lacks what it is asked for."""

    def __init__(self, told: Mapping[str, Any], *, line: str) -> None:
        super().__init__(told)
        self.line = line

    def __missing__(self, name: str) -> Any:
        raise WarehouseError(f"{self.line} has no '{name}'; restore the file from a backup.")


def _line(record: Mapping[str, object]) -> bytes:
    said = json.dumps(record, ensure_ascii=False, sort_keys=True, default=_said)
    return f'["{_sum(said)}", {said}]\n'.encode()


def _record(line: bytes) -> dict[str, Any]:
    """The record of a line; ``ValueError`` when its sum says that it was changed. Earlier versions wrote no sum."""
    summed = _SUMMED.fullmatch(line)
    if summed is None:
        record = json.loads(line)
    elif summed[1].decode() != _sum(summed[2].decode()):
        raise ValueError("another sum")
    else:
        record = json.loads(summed[2])
    if not isinstance(record, dict):
        raise ValueError("no record")
    return record


def _sum(said: str) -> str:
    return f"{zlib.crc32(said.encode()):08x}"


def _said(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (Decimal, Path)):
        return str(value)
    raise TypeError(f"a journal does not keep {type(value).__name__}")


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]  # a full disk takes a part, then refuses the rest


def _drop_torn_line(descriptor: int) -> int:
    """Remove what stands behind the last newline; returns where the next line begins."""
    size = os.fstat(descriptor).st_size
    end = size
    while end > 0:
        start = max(0, end - 4096)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end != size:
        os.ftruncate(descriptor, end)
    return end
