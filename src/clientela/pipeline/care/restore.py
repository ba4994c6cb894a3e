"""Restoring a backup: into an empty folder, whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clientela import config
from clientela.errors import BackupError, UsageError, machine_trouble
from clientela.pipeline.care.backup import held
from clientela.pipeline.persons.reapplied import newest, reapply
from clientela.warehouse.journal import JsonLines, fsync_folder
from clientela.warehouse.store.archive import unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A workspace that was restored: ``made_at`` and ``snapshot`` are those of the backup."""

    folder: Path
    company: str
    made_at: str
    version: str
    snapshot: str | None
    files: int
    forgotten: int  # erasures since the backup was made, done again
    notes: tuple[str, ...]


def restore(path: Path, folder: Path, *, suppressed: Path | None, now: datetime) -> Restored:
    """Unpack a backup; ``folder`` is there with everything in it, or not at all.

    Parameters
    ----------
    suppressed : a list of whom the landing may not hold, newer than the backup's: ``landing/suppressed.jsonl`` of the
        lost workspace. The copy that an erasure leaves beside the backups counts too. Whoever is on either is
        erased from what is restored, before it can be seen.

    Raises
    ------
    UsageError
        The folder has something in it, or there is no such file.
    BackupError
        The file is no backup, or damaged; nothing was written.
    """
    for file in (path, suppressed) if suppressed is not None else (path,):
        if not file.is_file():
            raise UsageError(f"{file} is no file; name a backup made with `clientela backup`.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty; restore into a new folder, nothing is overwritten.")
    erased = [*newest(path.parent), *(JsonLines(suppressed).read() if suppressed is not None else ())]
    with machine_trouble(folder.parent), _part(folder.absolute()) as part:
        told = unpack(path, part, allowed=held)
        forgotten, notes = _forget(part, erased, now) if erased else (0, ())
        notes = (*notes, *_app(part, now))
        snapshot = None if forgotten else told.get("snapshot")
        part.replace(folder)
        fsync_folder(folder.absolute().parent)
    return Restored(
        folder=folder,
        company=str(told.get("company")),
        made_at=str(told.get("made_at")),
        version=str(told.get("version")),
        snapshot=snapshot,
        files=len(told["members"]),
        forgotten=forgotten,
        notes=notes,
    )


def _forget(part: Path, erased: Sequence[Mapping[str, Any]], now: datetime) -> tuple[int, tuple[str, ...]]:
    """Erase again who was erased after the backup; what was published with them is left out."""
    forgotten = len(reapply(part, config.load(part), erased, now=now))
    if not forgotten:
        return 0, ()
    shutil.rmtree(part / "snapshots", ignore_errors=True)
    said = (
        "persons were erased after this backup was made and do not come back: its snapshot, which has them, is left out"
    )
    return forgotten, (f"{said}; run `clientela run` to publish without them.",)


def _app(part: Path, now: datetime) -> tuple[str, ...]:
    """Make the app database safe to use again."""
    if not (part / "app.sqlite").exists():
        return ()
    from clientela.appdb.keeping import restored  # it loads what only a workspace with users needs

    return restored(part, now=now)


@contextmanager
def _part(folder: Path) -> Iterator[Path]:
    """A folder beside the wanted one, for its owner alone; what a killed restore left there is removed first."""
    part = folder.with_name(folder.name + ".part")
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another restore is at work in {folder.parent}; wait for it to end.") from None
        if part.is_symlink():
            raise UsageError(f"{part} is in the way; remove it.")
        if part.exists():
            shutil.rmtree(part)
        part.mkdir(mode=0o700)
        yield part
    finally:
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part, ignore_errors=True)
        os.close(lock)
