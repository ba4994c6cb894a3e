"""The runs so far, the one at work, and what the schedule does next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clientela.config import Settings
from clientela.errors import ClientelaError
from clientela.pipeline.care.backup import backups
from clientela.pipeline.care.schedule import lines, upcoming
from clientela.pipeline.run import RUNS
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import lock

STARTED, PUBLISHED, FAILED, WENT_BACK = "started", "published", "failed", "rolled back"
PAGE = 30
_LONGEST = timedelta(days=3)  # a run that was given another moment than the clock's tells nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTold:
    """One run. ``outcome``: one of the words above; ``says``: the snapshot it published, or why it failed.

    Moments are in the company's zone. ``job``: that asked for it, None where the schedule or a command did.
    """

    run: int
    began_at: datetime
    ended_at: datetime | None
    outcome: str
    says: str
    as_of: date | None
    job: int | None
    not_computed: tuple[str, ...] = ()

    @property
    def lasted(self) -> timedelta | None:
        """How long it took; None where it never said so."""
        took = self.ended_at - self.began_at if self.ended_at is not None else None
        return took if took is not None and timedelta(0) <= took < _LONGEST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One thing that is scheduled. ``line``: as the settings say it; ``last_at``, ``last_ok``: how it went last."""

    job: str
    line: str
    next_at: datetime
    last_at: datetime | None
    last_ok: bool | None


def runs(folder: Path, settings: Settings, *, limit: int = PAGE) -> tuple[RunTold, ...]:
    """The runs so far, newest first."""
    zone = ZoneInfo(settings.company.timezone)
    latest: dict[int, Mapping[str, Any]] = {}
    for each in JsonLines(folder / RUNS).read():
        latest[int(each["run"])] = each
    at_work = lock.holder(folder) is not None
    found = []
    newest = max(latest, default=0)
    for number in sorted(latest, reverse=True)[:limit]:
        found.append(_told(latest[number], zone, at_work=at_work and number == newest))
    return tuple(found)


def holder(folder: Path) -> str | None:
    """Who is at work in the workspace; None when nobody is."""
    return lock.holder(folder)


def _told(record: Mapping[str, Any], zone: ZoneInfo, *, at_work: bool) -> RunTold:
    outcome, says = str(record.get("outcome")), str(record.get("message") or "")
    if outcome == STARTED and not at_work:
        outcome, says = FAILED, "It was killed, or the machine stopped."
    as_of = record.get("as_of")
    return RunTold(
        run=int(record["run"]),
        began_at=_moment(str(record["started_at"]), zone),
        ended_at=_moment(str(record["ended_at"]), zone) if record.get("ended_at") else None,
        outcome=outcome,
        says=says,
        as_of=date.fromisoformat(str(as_of)) if as_of else None,
        job=record.get("job"),
        not_computed=tuple(map(str, record.get("not_computed", ()))),
    )


def scheduled(folder: Path, settings: Settings, *, now: datetime) -> tuple[Scheduled, ...]:
    """What the settings schedule, with the next time and how it went last."""
    said = lines(settings)
    history = runs(folder, settings, limit=1)
    backed_up = _last_backup(folder, settings)
    found = []
    for job, at in upcoming(settings, now):
        last_at = history[0].began_at if job == "run" and history else backed_up if job == "backup" else None
        ok = history[0].outcome != FAILED if job == "run" and history else backed_up is not None or None
        found.append(Scheduled(job=job, line=said[job], next_at=at, last_at=last_at, last_ok=ok))
    return tuple(found)


def _last_backup(folder: Path, settings: Settings) -> datetime | None:
    try:
        found = backups(folder, settings)
    except ClientelaError:
        return None
    return found[0][0].astimezone(ZoneInfo(settings.company.timezone)) if found else None


def _moment(said: str, zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(said)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)
