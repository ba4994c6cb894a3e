"""A file copied: by the file system itself where it can share what both say, else byte by byte."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

_AT_ONCE = 1 << 30


def copy_file(source: Path, target: Path) -> None:
    """Write what ``source`` says to ``target``; what was there is gone."""
    try:
        with source.open("rb") as read, target.open("wb") as write:
            while os.copy_file_range(read.fileno(), write.fileno(), _AT_ONCE):
                pass
    except (AttributeError, OSError):  # not on this system, or not between these disks
        shutil.copyfile(source, target)
    if target.stat().st_size != source.stat().st_size:  # some file systems copy nothing and say so by no error
        shutil.copyfile(source, target)


def settle(path: Path) -> None:
    """Write a file to the disk while nobody waits for it: whoever must be sure of it later has less to wait for."""
    with suppress(OSError), path.open("rb") as file:
        os.fsync(file.fileno())


def beside(work: Callable[[], None]) -> Future[None]:
    """What comes of work that is done while other work goes on."""
    with_one = ThreadPoolExecutor(max_workers=1)
    try:
        return with_one.submit(work)
    finally:
        with_one.shutdown(wait=False)


def copy_of(path: Path) -> Path:
    """Where a copy lies before it is put in place of ``path``."""
    return path.with_name(f"copy-{path.name}")


def put_copy(path: Path) -> None:
    """Put the copy in place of ``path``, of which nobody needs what it says.

    It goes first: what replaces a file in one step some file systems write to the disk before they go on.
    """
    path.unlink(missing_ok=True)
    copy_of(path).replace(path)
