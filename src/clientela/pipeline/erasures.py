"""The journal of erasures: begun, each batch rewritten, done; and what a run does for those that are not done.

An erasure first puts the person on the list of the suppressed. From then on nothing else is needed to know whom
it was about, so the next run finishes what a crash left, as it would have been done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clientela.capture.suppression import reapply, suppressed
from clientela.capture.suppression.listed import records as listed
from clientela.capture.suppression.pseudonyms import pseudonyms
from clientela.config import Settings
from clientela.pipeline.joining import linked
from clientela.unify import decisions, events
from clientela.warehouse.engine import Engine
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.moments import reached
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Snapshot, retained, sweep

NAME = "erasures.jsonl"
STARTED, REWRITTEN, DONE, FOUND = "started", "rewritten", "done", "found"


def unfinished(folder: Path) -> tuple[str, ...]:
    """The erasures that were begun and are not done; the next run does them."""
    done = {each["erasure"] for each in records(folder) if each["state"] == DONE}
    begun = (each["erasure"] for each in (*listed(Landing(folder)), *records(folder)))
    return tuple(dict.fromkeys(erasure for erasure in begun if erasure not in done))


def records(folder: Path) -> tuple[dict[str, Any], ...]:
    """The journal, oldest first."""
    return JsonLines(folder / NAME).read()


def begin(folder: Path, erasure: str, *, now: datetime, **told: object) -> None:
    """Journal that an erasure begins; no word of it may name the person."""
    _journal(folder, erasure, STARTED, now, told)
    reached("erasure begun")


def found(folder: Path, erasure: str, names: Sequence[str], *, now: datetime) -> None:
    """Journal which other files of the workspace still name the person."""
    _journal(folder, erasure, FOUND, now, {"elsewhere": list(names)})


def resume(
    folder: Path,
    settings: Settings,
    landing: Landing,
    secret: bytes,
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Take every suppressed person out of the landing, if an erasure is under way; what was rewritten is journalled.

    Only the holder of the lock may.
    """
    landing.settle()
    waiting = unfinished(folder)
    if not waiting:
        return
    _forget_who_they_were(settings, landing, secret, now=now)
    for each in reapply(settings, landing, suppressed(landing, secret), now=now, progress=progress):
        taken = each.scrubbed
        told = {
            "source": each.was.source,
            "table": each.was.table,
            "file": each.was.file,
            "delivered_as": sorted({b.path for b in landing.arrivals() if b.file == each.was.file}),
            "was": each.was.sha256,
            "is": each.now.sha256,
            "removed": taken.removed,
            "anonymised": taken.anonymised,
            "mentions": taken.mentions,
            "broken": taken.broken,
        }
        _journal(folder, waiting[-1], REWRITTEN, now, told)
        reached("batch forgotten")


def _forget_who_they_were(settings: Settings, landing: Landing, secret: bytes, *, now: datetime) -> None:
    """Take the suppressed out of what is known of who is who, as long as the batches still say who they are."""
    linked.forget(landing)
    if not landing.events.kept() and not decisions.read(landing):
        return
    with Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine:
        refs = pseudonyms(settings, landing, suppressed(landing, secret), engine)
        decisions.forget(landing, refs.__contains__, now=now)
        events.forget(engine, landing, refs.__contains__)
    reached("identities forgotten")


def finish(folder: Path, settings: Settings, snapshot: Snapshot, *, now: datetime) -> None:
    """Drop every snapshot but the new one, and the reports made from them, if an erasure is under way."""
    waiting = unfinished(folder)
    if not waiting:
        return
    dropped = [each.name for each in retained(folder) if each.number != snapshot.number]
    sweep(folder, keep=1)
    reports = [path.name for path in _reports(folder)]
    for path in _reports(folder):
        path.unlink()
    reached("snapshots dropped")
    backups = sorted(path.name for path in (folder / settings.backup.folder).glob("backup-*"))
    for erasure in waiting:
        told = {"snapshots_dropped": dropped, "snapshot": snapshot.name, "reports_removed": reports}
        held = {"files": _delivered(folder, erasure), "backups": backups, "backups_kept": settings.backup.keep}
        _journal(folder, erasure, DONE, now, {**told, "still_held": held})
    reached("erasure done")


def _delivered(folder: Path, erasure: str) -> list[dict[str, object]]:
    """The files that were delivered with the person in them and are still there; they belong to the company."""
    held: dict[str, int] = {}
    for each in records(folder):
        if (each["erasure"], each["state"]) == (erasure, REWRITTEN):
            rows = each["removed"] + each["anonymised"] + each["mentions"] + each["broken"]
            for name in each["delivered_as"]:
                held[name] = held.get(name, 0) + rows
    return [{"path": name, "rows": rows} for name, rows in sorted(held.items()) if _is_there(folder / name)]


def _is_there(path: Path) -> bool:
    """Whether a delivered file, or the archive it was in, is still there."""
    return path.is_file() or any(each.is_file() for each in path.parents)


def _reports(folder: Path) -> list[Path]:
    """The reports in their usual place: they name customers by number."""
    return sorted({*folder.glob("report.html*"), *folder.glob("report-??.html*")})


def _journal(folder: Path, erasure: str, state: str, now: datetime, told: dict[str, Any]) -> None:
    JsonLines(folder / NAME).append({"erasure": erasure, "state": state, "at": now.astimezone(UTC), **told})
