"""What is published: to which day, from which sources, with which quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clientela.config import Settings
from clientela.errors import SnapshotError
from clientela.pipeline.asking.replica import told as told_of_replica
from clientela.pipeline.facts import Loaded
from clientela.pipeline.quality import notices, told
from clientela.pipeline.quality.gate import owners
from clientela.pipeline.quality.measures import Measure, document, stored
from clientela.pipeline.run import RUNS
from clientela.pipeline.serving import Serving, english, serving
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.snapshot import REPLICA


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
    newest: str | None  # snapshot: another than the one that serves when someone went back
    replica: str | None  # what the folder says of itself, when it is one
    damage: str  # of the snapshot that should serve; '' when it is sound
    without: tuple[str, ...]  # the analyses that the settings left out of the run


def status(folder: Path, settings: Settings, *, measured: bool = True) -> Status:
    """What is published in ``folder``, and the last failure since then.

    Parameters
    ----------
    measured : with every measurement of the data and its sentence: of hundreds, most of the work
    """
    served, wrong = _serving(folder)
    published = served.snapshot if served else None
    manifest: Mapping[str, Any] = published.manifest if published else {}
    failure = _failure_since(folder)
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
        quality=_quality(manifest, settings) if measured else (),
        warnings=(*wrong, *(each.detail for each in notices.stored(manifest.get("warnings", ())))),
        last_failure=failure.get("message") if failure else None,
        last_failure_run=failure.get("run") if failure else None,
        newest=served.newest if served else None,
        replica=told_of_replica(manifest).says if REPLICA in manifest else None,
        damage=(served.damage if served else wrong[0]) if wrong else "",
        without=tuple(manifest.get("without", ())),
    )


def _quality(manifest: Mapping[str, Any], settings: Settings) -> tuple[Mapping[str, Any], ...]:
    """Every measurement with its sentence, who looks after its source, and the one before; the weakest first."""
    measures = stored(manifest.get("quality", ()))
    owned = owners(settings)
    return tuple(
        {
            **document([each])[0],
            "says": _says(each),
            "owner": owned.get((each.source, each.table_name)),
        }
        for each in told.weakest_first(measures)
    )


def _says(each: Measure) -> str:
    said, now = notices.english(told.finding(each)), told.amount(each.measured, each.property)
    if now is None:
        return said
    counted = f"{each.found:,} of {each.checked:,}, " if each.found is not None and each.checked else ""
    before = told.amount(each.before[-1].measured, each.property) if each.before else None
    since = f"; {notices.said(before)} in the run before" if before is not None and before != now else ""
    return f"{said}: {counted}{notices.said(now)}{since}"


def _in_zone(said: str | None, zone: ZoneInfo) -> str | None:
    if said is None:
        return None
    return datetime.fromisoformat(said).replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _serving(folder: Path) -> tuple[Serving | None, tuple[str, ...]]:
    """What serves, and sentences about it; no error, as a person asks this to learn what is wrong."""
    try:
        served = serving(folder)
    except SnapshotError as error:
        return None, (str(error),)
    return served, tuple(english(notice) for notice in served.notices) if served else ()


def _failure_since(folder: Path) -> Mapping[str, Any] | None:
    """The newest failed run, when nothing was published since."""
    records = JsonLines(folder / RUNS).read()
    last = max((n for n, each in enumerate(records) if each.get("outcome") in ("published", "rolled back")), default=-1)
    failed = [each for each in records[last + 1 :] if each.get("outcome") == "failed"]
    return failed[-1] if failed else None
