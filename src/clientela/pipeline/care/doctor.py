"""What may be wrong with this installation or this workspace, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from clientela import config
from clientela.errors import ClientelaError, WorkspaceError
from clientela.pipeline.create import read_secret
from clientela.warehouse.store import landing, lock, snapshot

State = Literal["ok", "warn", "fail"]
ROOM = 2  # times the size of the snapshots: a run builds the new pair beside the old


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, what it says, how to mend it ('' when there is nothing to mend)."""

    check: str
    state: State
    says: str
    fix: str = ""


def examine(folder: Path | None, *, now: datetime) -> tuple[Finding, ...]:
    """Everything looked at, in the order a person would mend it."""
    found = [*_installation()]
    try:
        workspace = config.workspace_folder(folder)
    except WorkspaceError as error:
        return (*found, Finding("workspace", "fail" if folder else "warn", str(error), "clientela init"))
    found += [Finding("workspace", "ok", str(workspace)), *_workspace(workspace, now)]
    return tuple(found)


def _installation() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 11):  # noqa: UP036 - what runs the command may be older than what installed it
        yield Finding("python", "ok", python)
    else:
        yield Finding("python", "fail", python, "install Python 3.11 or newer")
    missing = []
    for requirement in requires("clientela") or ():
        if "extra ==" in requirement:
            continue
        name = requirement.split(">")[0].split("[")[0].strip()
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", "fail", "missing: " + ", ".join(missing), "pip install --upgrade clientela")
    else:
        yield Finding("packages", "ok", f"clientela {version('clientela')}, duckdb {version('duckdb')}")


def _workspace(folder: Path, now: datetime) -> Iterator[Finding]:
    checks: tuple[tuple[str, Callable[[Path], Finding], str], ...] = (
        ("settings", _settings, "mend clientela.toml"),
        ("secret", _secret, "restore secrets/ from a backup"),
        ("room on disk", _room, "free some space"),
        ("builder", _builder, "wait for it to end"),
        ("snapshot", _snapshot, "clientela run"),
        ("landing", _landing, "restore landing/ from a backup"),
    )
    for name, check, fix in checks:
        try:
            yield check(folder)
        except (ClientelaError, OSError) as error:
            yield Finding(name, "fail", str(error), fix)


def _settings(folder: Path) -> Finding:
    settings = config.load(folder)
    if not settings.sources:
        return Finding("settings", "warn", "clientela.toml names no source", "add a [[source]] to clientela.toml")
    empty = [source.name for source in settings.sources if not any(folder.glob(source.place))]
    if empty:
        return Finding("settings", "warn", f"no file is there for: {', '.join(empty)}", "check 'path' of the source")
    return Finding(
        "settings", "ok", f"{len(settings.sources)} tables from {len({s.name for s in settings.sources})} sources"
    )


def _secret(folder: Path) -> Finding:
    read_secret(folder)
    return Finding("secret", "ok", "readable by its owner alone")


def _room(folder: Path) -> Finding:
    used = sum(path.stat().st_size for path in (folder / "snapshots").glob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:,.1f} GB free"
    if free < max(ROOM * used, 200_000_000):
        return Finding("room on disk", "fail", says, f"free at least {max(ROOM * used, 200_000_000) / 1e9:,.1f} GB")
    return Finding("room on disk", "ok", says)


def _builder(folder: Path) -> Finding:
    holder = lock.holder(folder)
    return Finding("builder", "warn" if holder else "ok", f"at work: {holder}" if holder else "no run is at work")


def _snapshot(folder: Path) -> Finding:
    current = snapshot.current(folder)
    if current is None:
        return Finding("snapshot", "warn", "nothing is published yet", "clientela run")
    current.verify()
    return Finding("snapshot", "ok", f"number {current.number} is undamaged")


def _landing(folder: Path) -> Finding:
    store = landing.Landing(folder)
    damaged = store.damaged()
    if damaged:
        return Finding("landing", "fail", "damaged: " + ", ".join(damaged), "restore landing/ from a backup")
    return Finding("landing", "ok", f"{len(store.arrivals())} batches are undamaged")
