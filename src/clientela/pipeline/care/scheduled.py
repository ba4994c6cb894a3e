"""What the schedule does in a workspace: a run, a backup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from clientela import config
from clientela.errors import ClientelaError
from clientela.pipeline import run
from clientela.pipeline.asking.watched import entered, look
from clientela.pipeline.care.backup import backup, backups
from clientela.pipeline.care.schedule import Event, Jobs, keep
from clientela.warehouse.journal import JsonLines


def keep_workspace(
    folder: Path,
    *,
    say: Callable[[Event], None],
    sleep: Callable[[float], bool],
    now: Callable[[], datetime],
    once: bool = False,
) -> bool:
    """Run and back up a workspace when its settings say so; see `schedule.keep`."""
    work = {"run": lambda: _run(folder, now()), "backup": lambda: _backup(folder, now())}
    last = {"run": _last_run(folder), "backup": _last_backup(folder)}
    return keep(lambda: config.load(folder), Jobs(work=work, last=last), now=now, sleep=sleep, say=say, once=once)


def _run(folder: Path, now: datetime) -> str:
    settings = config.load(folder)
    done = run.run(folder, settings, now=now, as_of=None, strict=False, progress=lambda _: None)
    said = f"published snapshot {done.snapshot}, figures to {done.last_day or '-'}"
    count = len(done.warnings)
    return said + (f"; {count} warning{'s' if count > 1 else ''}: {done.warnings[0]}" if count else ".")


def _backup(folder: Path, now: datetime) -> str:
    entered(folder, look("schedule", now), "backup.made", counts={})
    done = backup(folder, config.load(folder), None, now=now)
    dropped = f"; dropped {', '.join(done.dropped)}" if done.dropped else ""
    return f"wrote {done.path.name}, {done.size / 1e6:,.1f} MB{dropped}."


def _last_run(folder: Path) -> datetime | None:
    """When a run was last begun, on a schedule or not."""
    records = JsonLines(folder / run.RUNS).read()
    begun = [each["started_at"] for each in records if each.get("outcome") != "rolled back"]
    return datetime.fromisoformat(begun[-1]).replace(tzinfo=UTC) if begun else None


def _last_backup(folder: Path) -> datetime | None:
    try:
        found = backups(folder, config.load(folder))
    except ClientelaError:
        return None
    return found[0][0] if found else None
