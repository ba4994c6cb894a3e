"""What a run would do, told without doing any of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela.capture.foresee import CHANGED, NEW, REFUSED, Foreseen, foresee, typed_again
from clientela.config import Settings
from clientela.contracts.tables import CONTRACTS
from clientela.errors import ClientelaError, SnapshotError
from clientela.pipeline import graph
from clientela.pipeline.care.schedule import upcoming
from clientela.pipeline.clock import refuse_future
from clientela.pipeline.create import SECRET_FILE, read_secret
from clientela.pipeline.joining import golden, identify
from clientela.pipeline.questions import questions
from clientela.pipeline.run import check_settings
from clientela.warehouse.engine import Engine
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Snapshot, current, retained

FIRST = 50_000_000  # bytes a first run is thought to need at least
COPIES = 4  # a delivered byte lands, is typed, is written to the snapshot, and spills


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the next run would do. ``needed`` and ``free`` in bytes of disk; ``dropped`` snapshots make room.

    ``typed_again``: files landed before that would be read again, as their mapping changed. ``next``: what the
    schedule does when.
    """

    arriving: tuple[Foreseen, ...]
    typed_again: tuple[str, ...]
    as_of: str
    tables: tuple[str, ...]
    analyses: tuple[str, ...]
    dropped: tuple[str, ...]
    needed: int
    free: int
    next: tuple[str, ...]
    warnings: tuple[str, ...]


def plan(folder: Path, settings: Settings, *, now: datetime, as_of: date | None, connect: bool) -> Plan:
    """What a run would do now; the workspace is only read.

    Raises
    ------
    ConfigurationError
        The settings cannot be used.
    """
    check_settings(settings)
    refuse_future(as_of, now=now, timezone=settings.company.timezone)
    landing = Landing(folder)
    with tempfile.TemporaryDirectory(prefix="clientela-plan-") as stage:
        arriving, problems = foresee(settings, folder, landing, Path(stage), connect=connect)
    published = _published(folder)
    new = sum(each.size or 0 for each in arriving if each.state in (NEW, CHANGED))
    needed, free = max(FIRST, _size(published)) + COPIES * new, shutil.disk_usage(folder).free
    return Plan(
        arriving=arriving,
        typed_again=_typed_again(folder, settings, landing),
        as_of=_as_of(as_of, published, nothing_new=new == 0),
        tables=tuple(_tables(landing, arriving)),
        analyses=tuple(each.name for each in questions().all() if each.name not in settings.run.without),
        dropped=tuple(each.name for each in retained(folder)[settings.run.keep_snapshots - 1 :] if each != published),
        needed=needed,
        free=free,
        next=tuple(f"{job} on {at:%Y-%m-%d at %H:%M}" for job, at in upcoming(settings, now)),
        warnings=(*problems, *_warnings(folder, arriving, needed, free)),
    )


def _published(folder: Path) -> Snapshot | None:
    try:
        return current(folder)
    except SnapshotError:
        return None


def _size(snapshot: Snapshot | None) -> int:
    return sum(int(told["size"]) for told in snapshot.manifest["files"].values()) if snapshot is not None else 0


def _as_of(asked: date | None, published: Snapshot | None, *, nothing_new: bool) -> str:
    """The date the run would build for, as far as it is known before its files are read."""
    if asked is not None:
        return asked.isoformat()
    if published is None:
        return "the day after the newest fact"
    known = str(published.manifest.get("as_of"))
    return known if nothing_new else f"{known}, or the day after the newest fact of the new files"


def _typed_again(folder: Path, settings: Settings, landing: Landing) -> tuple[str, ...]:
    if not landing.arrivals() or not (folder / SECRET_FILE).exists():
        return ()
    with Engine.in_memory() as engine:
        return typed_again(settings, landing, engine, read_secret(folder))


def _tables(landing: Landing, arriving: tuple[Foreseen, ...]) -> Iterator[str]:
    """The tables a run would write, in the order of the contracts, then of the models."""
    delivered = {batch.table for batch in landing.arrivals()} | {each.table for each in arriving}
    needed = graph.read_by_models()
    yield from (name for name in CONTRACTS if name in delivered or name in needed)
    written = ["identity", *identify.TABLES, *golden.TABLES, *(model.writes for model in graph.models())]
    written += [table for each in questions().all() for table in each.writes]
    yield from dict.fromkeys(written)


def _warnings(folder: Path, arriving: tuple[Foreseen, ...], needed: int, free: int) -> Iterator[str]:
    yield from (each.note for each in arriving if each.state == REFUSED and each.note)
    if needed > free:
        yield f"the disk has {free / 1e9:,.1f} GB free, and the run may need {needed / 1e9:,.1f} GB; free some space."
    holder = lock.holder(folder)
    if holder is not None:
        yield f"another run is at work ({holder})."
    try:
        read = current(folder)
        if read is not None:
            read.look()
    except ClientelaError as error:
        yield str(error)
