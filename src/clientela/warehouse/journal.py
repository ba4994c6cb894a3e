"""What must survive a crash: files written whole or not at all, and journals that lose no acknowledged line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from clientela.errors import WarehouseError


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
    part.write_bytes(content)
    put_in_place(part, path)


class JsonLines:
    """An append-only file of JSON lines.

    A line counts once it ends in a newline. What a crash left behind the last newline was never
    acknowledged: reading passes over it, the next append removes it.

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
        line = json.dumps(record, ensure_ascii=False, sort_keys=True, default=_said).encode() + b"\n"
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            _drop_torn_line(file.fileno())
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if new:
            fsync_folder(self.path.parent)

    def read(self) -> tuple[dict[str, Any], ...]:
        """All records, oldest first; none when there is no file yet."""
        if not self.path.exists():
            return ()
        whole, _, _ = self.path.read_bytes().rpartition(b"\n")
        records = []
        for number, line in enumerate(whole.split(b"\n") if whole else (), start=1):
            try:
                records.append(json.loads(line))
            except ValueError:
                raise WarehouseError(
                    f"line {number} of {self.path.name} is not JSON; restore the file from a backup."
                ) from None
        return tuple(records)


def _said(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (Decimal, Path)):
        return str(value)
    raise TypeError(f"a journal does not keep {type(value).__name__}")


def _drop_torn_line(descriptor: int) -> None:
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
