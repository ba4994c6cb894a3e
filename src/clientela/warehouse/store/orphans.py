"""What a killed process left behind: found by the doctor, removed by the next run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import SPILL, snapshots_folder

PART = ".part"
TRIAL = ".dry-run-"
_WRITING = timedelta(hours=1)  # longer than anyone writes a report
_OPEN = "open.lock"


def orphans(workspace: Path, *, now: datetime) -> tuple[Path, ...]:
    """Files and folders that nobody will finish or read; none that a living process uses.

    To be asked, and believed, while no run is at work.
    """
    return tuple(sorted({*_unpublished(workspace), *_unlanded(workspace), *_unfinished(workspace, now)}))


def remove(workspace: Path, *, now: datetime) -> tuple[str, ...]:
    """Remove the orphans; what was removed, relative to the workspace. Only the holder of the lock may."""
    found = orphans(workspace, now=now)
    for path in found:
        if path.is_dir():
            rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return tuple(path.relative_to(workspace).as_posix() for path in found)


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keep a folder from being taken for an orphan until the block, or this process, ends."""
    descriptor = os.open(folder / _OPEN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_used(path: Path) -> bool:
    """Whether a living process holds a folder with `in_use`, or a file with a lock on it."""
    try:
        descriptor = os.open(path / _OPEN if path.is_dir() else path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _unpublished(workspace: Path) -> Iterator[Path]:
    """What builds left."""
    for path in snapshots_folder(workspace).glob("*"):
        if path.name.startswith(SPILL) or path.name.endswith((".build", ".build.wal", PART)):
            yield path


def _unlanded(workspace: Path) -> Iterator[Path]:
    """Parts of batches, what was unpacked, and batches and events that were never journalled.

    Such a batch is not kept: its file still lies with the source and lands again, and what no journal names
    would escape the erasure of a person.
    """
    landing = Landing(workspace)
    batches = landing.folder / "batches"
    yield from batches.rglob("*" + PART)
    yield from landing.folder.glob("*" + PART)
    for made in ("conformed", "linked", "models"):
        yield from (landing.folder / made).glob("*" + PART)
    yield from (path for path in (landing.folder / "unpacked",) if path.exists())
    yield from landing.events.unnamed()
    named = {landing.path_of(batch) for batch in landing.arrivals()}
    yield from (path for path in batches.rglob("*.parquet") if path not in named)


def _unfinished(workspace: Path, now: datetime) -> Iterator[Path]:
    """Reports that were not finished, and what a trial run or a backup left in the workspace."""
    before = (now - _WRITING).timestamp()
    for path in [*workspace.glob("*.unfinished"), *workspace.glob("*.jsonl" + PART)]:
        if path.stat().st_mtime < before:
            yield path
    for path in [*workspace.glob(TRIAL + "*"), *workspace.glob("*/backup-*" + PART)]:
        if not is_used(path):
            yield path
