"""The end of the chain kept a second time, in a file beside the database: a cut-off tail is found by it.

Each transaction that audits appends a line of one width: the number of its last entry and its hash. Lines may stand out
of order by as many as there are writers. A line that a crash left torn is removed by the next.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clientela.appdb.audit.chain import Head

ANCHOR = "audit.anchor"
WIDTH = 12 + 1 + 64 + 1
_LINES_AT_ONCE = 10_000


def write_line(path: Path, head: Head) -> None:
    """Append a line; when this returns, it is on the disk. A file that was taken away is not made anew."""
    with _locked(path) as descriptor:
        size = os.fstat(descriptor).st_size
        if size % WIDTH:
            os.ftruncate(descriptor, size - size % WIDTH)
        os.write(descriptor, f"{head.seq:012d} {head.hash}\n".encode("ascii"))
        os.fsync(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def whole_size(path: Path) -> int | None:
    """How many bytes of whole lines the file has; None when it is missing."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    return size - size % WIDTH


def lines(path: Path, size: int) -> Iterator[Head | None]:
    """The first ``size`` bytes as heads, in the order of the file; None for a line that is none."""
    with path.open("rb") as file:
        left = size
        while left:
            block = file.read(min(left, WIDTH * _LINES_AT_ONCE))
            if not block:
                return
            left -= len(block)
            for start in range(0, len(block), WIDTH):
                yield _head(block[start : start + WIDTH])


def _head(line: bytes) -> Head | None:
    number, space, rest = line[:12], line[12:13], line[13:]
    if not (number.isdigit() and space == b" " and len(rest) == 65 and rest.endswith(b"\n") and rest.isascii()):
        return None
    return Head(int(number), rest[:-1].decode("ascii"))


def newest(path: Path) -> Head | None:
    """The farthest head among the last lines; None when there is none."""
    size = whole_size(path)
    if not size:
        return None
    with path.open("rb") as file:
        file.seek(max(0, size - 1_000 * WIDTH))
        block = file.read(size - file.tell())
    found = [head for start in range(0, len(block), WIDTH) if (head := _head(block[start : start + WIDTH]))]
    return max(found, key=lambda each: each.seq, default=None)
