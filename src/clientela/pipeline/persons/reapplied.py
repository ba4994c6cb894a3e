"""Erasures done again: a backup is older than those that came after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clientela.capture.suppression import adopt
from clientela.capture.suppression.listed import NAME
from clientela.config import Settings
from clientela.pipeline import erasures
from clientela.pipeline.create import read_secret
from clientela.warehouse.journal import JsonLines, write_durably
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing


def newest(backups: Path) -> tuple[dict[str, Any], ...]:
    """The list of the suppressed that an erasure left beside the backups: hashes only; nothing when there is none."""
    return JsonLines(backups / NAME).read()


def leave_beside(backups: Path, landing: Landing) -> None:
    """Put a copy of the list beside the backups, so that a restored one can be told whom to forget."""
    if backups.is_dir():
        write_durably(backups / NAME, (landing.folder / NAME).read_bytes())


def reapply(
    folder: Path,
    settings: Settings,
    suppressed_records: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[str, ...]:
    """The erasures that a restored workspace did not know; they are on its list now.

    Where there are any, its batches are written again without the persons at once, and the next run publishes
    without them and drops every snapshot that has them.

    Raises
    ------
    LockedError
        A run is at work there.
    """
    with lock.builder(folder, now=now):
        landing = Landing(folder)
        added = adopt(landing, suppressed_records)
        erasures.resume(folder, settings, landing, read_secret(folder), now=now, progress=progress)
        return added
