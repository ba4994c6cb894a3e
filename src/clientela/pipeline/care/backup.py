"""A backup: everything a workspace cannot make again, and what is published, in one file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, cast

from clientela import config
from clientela._version import __version__
from clientela.config import Settings
from clientela.errors import BackupError, OutdatedError, SnapshotError, UsageError, machine_trouble
from clientela.pipeline import serving
from clientela.pipeline.joining import models
from clientela.warehouse.store.archive import Member, new_file, write
from clientela.warehouse.store.check import FORMAT
from clientela.warehouse.store.journals import journals
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import CURRENT, Snapshot, current, snapshots_folder

# The files of a workspace that a backup holds; a test fails when a workspace has a file of neither list.
HELD = (
    r"clientela\.toml",
    r"secrets/[^/]+",
    r"app\.sqlite",
    r"audit\.anchor",
    r"[a-z-]+\.jsonl",  # journals of the workspace: runs, and what was measured
    r"landing/[a-z-]+\.jsonl",  # journals of the landing: arrivals, deliveries, who is suppressed
    r"landing/batches/[^/]+/[^/]+/[^/]+\.parquet",
    r"landing/identity/events-\d+\.parquet",
    r"landing/models/link-\d{6}-[0-9a-f]+\.json",
    r"snapshots/CURRENT",
    r"snapshots/snapshot-\d+-[0-9a-f]{8}\.json",
    r"snapshots/(facts|people)-\d+-[0-9a-f]{8}\.duckdb",
)
# Those it leaves out: made again by a run, or of a process at work. What sources deliver is theirs to keep.
LEFT = (
    r"landing/(conformed|linked|pairs|standardised|unpacked)/.+",
    r"app\.sqlite-(wal|shm|journal)",
    r"app-before-\d{4}-\d{8}T\d{6}Z\.sqlite",  # the app database before it was brought to a newer version
    r"(run|serve)\.lock",
    r"report(-[a-z]{2})?\.html",
    r"[^/]+/suppressed\.jsonl",  # beside the backups: the list that a restore is told
    r"(.+/)?backup-\d{8}T\d{6}Z\.tar\.zst",
    r"(.+)\.(part|build|build\.wal|unfinished|rewritten)",
    r"snapshots/spill-.+",
    r"\.dry-run-.+",
)
_NAME = re.compile(r"backup-(\d{8}T\d{6}Z)\.tar\.zst")
_TRIES = 3  # a run that publishes twice meanwhile takes the snapshot away; then what is published now is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup that was written. ``notes`` say what it could not hold; ``dropped``: older ones that made room."""

    path: Path
    size: int
    files: int
    batches: int
    snapshot: str | None
    notes: tuple[str, ...]
    dropped: tuple[str, ...] = ()


def held(name: str) -> bool:
    """Whether a backup holds the files of this name (relative to the workspace)."""
    return any(re.fullmatch(pattern, name) for pattern in HELD)


def left(name: str) -> bool:
    """Whether a backup leaves the files of this name out."""
    return not held(name) and any(re.fullmatch(pattern, name) for pattern in LEFT)


def backup(folder: Path, settings: Settings, path: Path | None, *, now: datetime) -> BackedUp:
    """Write a backup, also while a run is at work: what was acknowledged before it began is in it.

    Parameters
    ----------
    path : the file; it must not be there yet. None: one named by the moment in the folder of ``[backup]``, where
        the oldest then make room.

    Raises
    ------
    BackupError
        The file exists, or what is kept is damaged.
    """
    target = place(folder, settings) / f"backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.zst" if path is None else path
    if target.exists():
        raise BackupError(f"{target} exists already; nothing was overwritten.")
    if path is not None and not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no folder; choose another place for the backup.")
    with machine_trouble(target.parent):
        if path is None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(target) as part:
            done = _written(folder, settings, part, target, now)
    return _rotated(done, settings.backup.keep) if path is None else done


def place(folder: Path, settings: Settings) -> Path:
    """The folder of scheduled backups."""
    return folder / settings.backup.folder


def backups(folder: Path, settings: Settings) -> tuple[tuple[datetime, Path], ...]:
    """The backups in the folder of ``[backup]`` with their moments, newest first."""
    named = [(_NAME.fullmatch(path.name), path) for path in place(folder, settings).glob("backup-*.tar.zst")]
    found = [(datetime.strptime(name[1], "%Y%m%dT%H%M%S%z"), path) for name, path in named if name]
    return tuple(sorted(found, reverse=True))


def _rotated(done: BackedUp, keep: int) -> BackedUp:
    """The oldest backups beside a new one are removed."""
    ours = sorted((path for path in done.path.parent.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    for path in ours[keep:]:
        path.unlink()
    dropped = tuple(path.name for path in ours[keep:])
    return replace(done, dropped=dropped)


def _written(folder: Path, settings: Settings, part: Path, target: Path, now: datetime) -> BackedUp:
    with ExitStack() as stack:
        published, notes, members = _members(folder, part.parent, stack)
        told = {
            "format": FORMAT,
            "version": __version__,
            "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "company": settings.company.name,
            "snapshot": published.name if published else None,
        }
        write(part, members, told)
    return BackedUp(
        path=target,
        size=part.stat().st_size,
        files=len(members),
        batches=sum(each.name.startswith("landing/batches/") for each in members),
        snapshot=published.name if published else None,
        notes=notes,
    )


def _members(folder: Path, scratch: Path, stack: ExitStack) -> tuple[Snapshot | None, tuple[str, ...], list[Member]]:
    for again in range(_TRIES):
        published, notes = _published(folder)
        try:
            return published, notes, [*_snapshot(published, stack), *_rest(folder), *_app(folder, scratch, stack)]
        except FileNotFoundError as error:
            if again + 1 == _TRIES:
                raise BackupError(f"{Path(error.filename).name} went away while it was backed up; try again.") from None
    raise AssertionError("it has returned or raised")


def _published(folder: Path) -> tuple[Snapshot | None, tuple[str, ...]]:
    """The snapshot that serves; without one that can be read the landing has to be enough, and it is."""
    try:
        served = serving.serving(folder)
    except OutdatedError:
        return current(folder), ()
    except SnapshotError as error:
        return None, (f"No snapshot is in it, as {error}",)
    if served is None:
        return None, ()
    return served.snapshot, tuple(map(serving.english, served.notices)) if served.damage else ()


def _snapshot(published: Snapshot | None, stack: ExitStack) -> Iterator[Member]:
    """The snapshot's files, opened now: a run that removes them does not take them from who has them open."""
    if published is None:
        return
    manifest = f"snapshot-{published.name}.json"
    folder = snapshots_folder(Path())
    for database, path in published.paths.items():
        told = published.manifest["files"][database]
        descriptor = os.open(path, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        opened = cast(Callable[[], IO[bytes]], partial(open, descriptor, "rb", closefd=False))
        yield Member(
            name=(folder / path.name).as_posix(), size=int(told["size"]), sha256=str(told["sha256"]), opened=opened
        )
    yield Member.of((folder / manifest).as_posix(), (published.folder / manifest).read_bytes())
    yield Member.of((folder / CURRENT).as_posix(), f"{manifest}\n".encode())


def _rest(folder: Path) -> Iterator[Member]:
    """Settings, secrets, the journals up to their last whole line, then what those name, and the models."""
    yield Member.of(config.FILE, (folder / config.FILE).read_bytes())
    for path in sorted((folder / "secrets").glob("*")):
        if path.is_file():
            yield Member.of(f"secrets/{path.name}", path.read_bytes())
    for path in journals(folder):
        whole, newline, _ = path.read_bytes().rpartition(b"\n")
        yield Member.of(path.relative_to(folder).as_posix(), whole + newline)
    landing = Landing(folder)
    for file, batch in {batch.file: batch for batch in landing.arrivals()}.items():
        opened = cast(Callable[[], IO[bytes]], partial(landing.path_of(batch).open, "rb"))
        yield Member(name=f"landing/{file}", size=batch.size, sha256=batch.sha256, opened=opened)
    for events in landing.events.kept():
        opened = cast(Callable[[], IO[bytes]], partial(landing.events.path_of(events).open, "rb"))
        yield Member(name=f"landing/{events.file}", size=events.size, sha256=events.sha256, opened=opened)
    for path in models.files(landing):
        yield Member.of(path.relative_to(folder).as_posix(), path.read_bytes())


def _app(folder: Path, scratch: Path, stack: ExitStack) -> Iterator[Member]:
    """The app database as it is at this moment, and where its audit log ends."""
    from clientela.appdb.keeping import copied  # it loads what only a workspace with users needs

    for name, content in copied(folder, scratch, stack):
        digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # it is a file
        size = content.tell()
        content.seek(0)
        yield Member(name=name, size=size, sha256=digest, opened=partial(_itself, content))


def _itself(content: IO[bytes]) -> IO[bytes]:
    return content
