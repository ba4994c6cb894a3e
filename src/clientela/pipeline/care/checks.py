"""What the doctor looks at in a workspace, one function a check."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from clientela import config
from clientela.errors import ClientelaError, MachineError, SnapshotError
from clientela.pipeline import erasures, serving
from clientela.pipeline.care.backup import backups
from clientela.pipeline.care.schedule import due_after, lines, upcoming
from clientela.pipeline.create import SECRET_FILE, read_secret
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.joining import models
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import landing, lock, orphans
from clientela.warehouse.store.journals import journals, shortened
from clientela.warehouse.store.snapshot import CURRENT, current, retained, snapshots_folder

State = Literal["ok", "warn", "fail"]
ROOM = 2  # times the size of the snapshots: a run builds the new pair beside the old
LEAST_ROOM = 200_000_000
_OLD_BACKUP = timedelta(days=7)
_SLACK = timedelta(hours=1)  # a scheduled backup may take its time

Check = Callable[[Path, datetime], "Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, what it says, how to mend it ('' when there is nothing to mend)."""

    check: str
    state: State
    says: str
    fix: str = ""


def workspace(folder: Path, now: datetime) -> Iterator[Finding]:
    """Everything looked at in a workspace, in the order a person would mend it."""
    checks: tuple[tuple[str, Check, str], ...] = (
        ("settings", _settings, "mend clientela.toml"),
        ("secret", _secret, "restore secrets/ from a backup"),
        ("room on disk", _room, "free some space"),
        ("builder", _builder, "wait for it to end"),
        ("journals", _journals, "restore the file from a backup: clientela restore"),
        ("snapshot", _snapshot, "clientela run"),
        ("earlier snapshots", _earlier, "nothing to do: the next runs take their places"),
        ("landing", _landing, "restore landing/ from a backup"),
        ("app database", _app_database, "restore app.sqlite and audit.anchor from a backup"),
        ("orphans", _orphans, "clientela run removes them"),
        ("erasures", _erasures, "clientela run finishes them"),
        ("schedule", _schedule, "mend [schedule] in clientela.toml"),
        ("backup", _backup, "clientela backup"),
    )
    for name, check, fix in checks:
        try:
            yield check(folder, now)
        except ClientelaError as error:
            yield Finding(name, "fail", str(error), fix)
        except OSError as error:
            yield Finding(name, "fail", str(MachineError.of(error, folder)), fix)


def _settings(folder: Path, now: datetime) -> Finding:
    settings = config.load(folder)
    catalogue_in(settings)  # raises what is wrong with a measure of the company's own
    if not settings.sources:
        return Finding("settings", "warn", "clientela.toml names no source", "add a [[source]] to clientela.toml")
    empty = [s.name for s in settings.sources if s.path is not None and not _delivered(folder, s.path)]
    if empty:
        return Finding("settings", "warn", f"no file is there for: {', '.join(empty)}", "check 'path' of the source")
    return Finding(
        "settings", "ok", f"{len(settings.sources)} tables from {len({s.name for s in settings.sources})} sources"
    )


def _delivered(folder: Path, pattern: str) -> bool:
    absolute = Path(pattern)
    if absolute.is_absolute():
        return any(Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor))))
    return any(folder.glob(pattern))


def _secret(folder: Path, now: datetime) -> Finding:
    if not (folder / SECRET_FILE).exists() and not (folder / "landing").exists():
        return Finding("secret", "warn", "there is none yet", "the first run makes it")
    read_secret(folder)
    return Finding("secret", "ok", "readable by its owner alone")


def _room(folder: Path, now: datetime) -> Finding:
    used = sum(path.stat().st_size for path in snapshots_folder(folder).glob("*") if path.is_file())
    free, needed = shutil.disk_usage(folder).free, max(ROOM * used, LEAST_ROOM)
    says = f"{free / 1e9:,.1f} GB free, the snapshots take {used / 1e9:,.1f} GB"
    if free < needed:
        return Finding("room on disk", "fail", says, f"free at least {needed / 1e9:,.1f} GB")
    return Finding("room on disk", "ok", says)


def _builder(folder: Path, now: datetime) -> Finding:
    holder = lock.holder(folder)
    return Finding("builder", "warn" if holder else "ok", f"at work: {holder}" if holder else "no run is at work")


def _journals(folder: Path, now: datetime) -> Finding:
    read = {path.name: len(JsonLines(path).read()) for path in journals(folder)}
    kept = retained(folder)
    short = list(shortened(folder, kept[0].manifest)) if kept else []
    if short:
        return Finding("journals", "fail", f"lines are lost: {', '.join(short)}", "restore the file from a backup")
    return Finding("journals", "ok", f"{sum(read.values()):,} lines in {len(read)} journals are undamaged")


def _snapshot(folder: Path, now: datetime) -> Finding:
    published = current(folder)
    if published is None:
        there = any(retained(folder))
        says = f"{CURRENT} is missing, snapshots are there" if there else "nothing is published yet"
        fix = "clientela rollback, or clientela run" if there else "clientela run"
        return Finding("snapshot", "fail" if there else "warn", says, fix)
    try:
        published.verify()
    except SnapshotError as error:
        served = _stand_in(folder)
        return Finding("snapshot", "fail", f"{error} {served}", "clientela run")
    newest = retained(folder)[0]
    if newest.name != published.name:
        says = f"{published.name} is undamaged; it is not the newest, {newest.name}: someone went back"
        return Finding("snapshot", "ok", says)
    return Finding("snapshot", "ok", f"number {published.number} is undamaged")


def _stand_in(folder: Path) -> str:
    try:
        served = serving.serving(folder)
    except SnapshotError:
        return "No other can take its place."
    return f"Snapshot {served.snapshot.name} serves in its place." if served is not None else ""


def _earlier(folder: Path, now: datetime) -> Finding:
    """The snapshots one could go back to, and manifests that cannot be read."""
    named = snapshots_folder(folder) / CURRENT
    served = named.read_text("utf-8", errors="replace").strip() if named.exists() else ""
    damaged, sound = [], 0
    kept = {f"snapshot-{each.name}.json": each for each in retained(folder)}
    for path in sorted(snapshots_folder(folder).glob("snapshot-*.json")):
        if path.name == served:
            continue
        try:
            if path.name not in kept:
                raise SnapshotError(f"{path.name} cannot be read")
            kept[path.name].verify()
            sound += 1
        except SnapshotError as error:
            damaged.append(str(error))
    if damaged:
        return Finding(
            "earlier snapshots", "warn", "; ".join(damaged), "nothing to do: the next runs take their places"
        )
    return Finding("earlier snapshots", "ok", f"{sound} to go back to" if sound else "there is none yet")


def _landing(folder: Path, now: datetime) -> Finding:
    store = landing.Landing(folder)
    damaged = (*store.damaged(), *models.damaged(store))
    if damaged:
        fix = "deliver the same files again, or restore landing/ from a backup"
        return Finding("landing", "fail", "damaged: " + ", ".join(f"landing/{name}" for name in damaged), fix)
    number = len(store.arrivals())
    return Finding("landing", "ok", f"{number:,} {'batch is' if number == 1 else 'batches are'} undamaged")


def _app_database(folder: Path, now: datetime) -> Finding:
    from clientela.appdb.keeping import judged

    found = judged(folder)
    return Finding("app database", found.state, found.says, found.fix)


def _erasures(folder: Path, now: datetime) -> Finding:
    waiting = erasures.unfinished(folder)
    if waiting and lock.holder(folder) is None:
        return Finding("erasures", "warn", f"not finished: {', '.join(waiting)}", "clientela run finishes them")
    return Finding("erasures", "ok", "none is unfinished")


def _orphans(folder: Path, now: datetime) -> Finding:
    if lock.holder(folder) is not None:
        return Finding("orphans", "ok", "not looked for while a run is at work")
    found = [path.relative_to(folder).as_posix() for path in orphans.orphans(folder, now=now)]
    if found:
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        says = "left by a process that was killed: " + ", ".join(found[:5]) + more
        return Finding("orphans", "warn", says, "the next clientela run removes them")
    return Finding("orphans", "ok", "nothing was left behind")


def _schedule(folder: Path, now: datetime) -> Finding:
    settings = config.load(folder)
    said = [f"{job} on {at:%Y-%m-%d at %H:%M}" for job, at in upcoming(settings, now)]
    return Finding("schedule", "ok", "next: " + ", ".join(said) if said else "nothing is scheduled")


def _backup(folder: Path, now: datetime) -> Finding:
    settings = config.load(folder)
    found = backups(folder, settings)
    line = lines(settings).get("backup")
    if not found:
        says = f"none in {settings.backup.folder}/"
        return Finding("backup", "warn", says, "clientela backup, on a schedule: [schedule] backup")
    newest, path = found[0]
    says = f"{path.name} is {_age(now - newest)} old"
    zone = ZoneInfo(settings.company.timezone)
    late = due_after(line, newest, zone) + _SLACK < now if line is not None else now - newest > _OLD_BACKUP
    return Finding("backup", "warn" if late else "ok", says, "clientela backup" if late else "")


def _age(passed: timedelta) -> str:
    hours = int(passed.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
