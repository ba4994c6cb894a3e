"""What is published: to which day, from which sources, with which quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clientela.config import Settings
from clientela.pipeline.facts import Loaded
from clientela.pipeline.run import RUNS
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.snapshot import current


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a workspace. Days are ISO dates in the company's zone; None where there is none yet."""

    company: str
    workspace: str
    today: str
    snapshot: str | None
    run: int | None
    as_of: str | None
    last_day: str | None
    published_at: str | None
    sources: tuple[Loaded, ...]
    quality: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    last_failure: str | None
    last_failure_run: int | None


def status(folder: Path, settings: Settings) -> Status:
    """What is published in ``folder``, and the last failure since then."""
    published = current(folder)
    manifest: Mapping[str, Any] = published.manifest if published else {}
    failure = _failure_since(folder, manifest.get("run"))
    zone = ZoneInfo(settings.company.timezone)
    return Status(
        company=settings.company.name,
        workspace=str(folder),
        today=datetime.now(UTC).astimezone(zone).date().isoformat(),
        snapshot=published.name if published else None,
        run=manifest.get("run"),
        as_of=manifest.get("as_of"),
        last_day=manifest.get("last_day"),
        published_at=_in_zone(manifest.get("now"), zone),
        sources=tuple(Loaded(**each) for each in manifest.get("sources", ())),
        quality=tuple(manifest.get("quality", ())),
        warnings=tuple(manifest.get("warnings", ())),
        last_failure=failure.get("message") if failure else None,
        last_failure_run=failure.get("run") if failure else None,
    )


def _in_zone(said: str | None, zone: ZoneInfo) -> str | None:
    if said is None:
        return None
    return datetime.fromisoformat(said).replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _failure_since(folder: Path, run: int | None) -> Mapping[str, Any] | None:
    """The newest failed run after the published one."""
    failed = [
        record
        for record in JsonLines(folder / RUNS).read()
        if record.get("outcome") == "failed" and int(record["run"]) > (run or 0)
    ]
    return failed[-1] if failed else None
