"""One run: what the sources delivered becomes the next published snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from clientela._version import __version__
from clientela.config import Settings
from clientela.errors import ClientelaError, ConfigurationError, UnknownNameError
from clientela.pipeline import facts, graph
from clientela.pipeline.clock import Clock, clock, refuse_future
from clientela.pipeline.create import read_secret
from clientela.pipeline.facts import Loaded
from clientela.pipeline.quality import measures as quality
from clientela.pipeline.questions import questions
from clientela.warehouse.build import Build
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing

RUNS = "runs.jsonl"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished run. ``warnings`` are sentences about what had to stay out; then the exit code is 1."""

    run: int
    snapshot: str
    as_of: str
    last_day: str | None
    sources: tuple[Loaded, ...]
    tables: Mapping[str, int]
    warnings: tuple[str, ...]


def run(
    folder: Path, settings: Settings, *, now: datetime, as_of: date | None, strict: bool, progress: Progress
) -> Done:
    """Land, conform, unify, compute, publish; whatever fails, what was published before stays.

    Parameters
    ----------
    now :
        The moment of the run, in UTC.
    as_of :
        The date to build for; None: the day after the last thing that happened, not after today.

    Raises
    ------
    LockedError
        Another run is at work.
    QualityGateError
        ``strict``, and a file had to stay out.
    """
    _check_settings(settings)
    refuse_future(as_of, now=now, timezone=settings.company.timezone)
    with lock.builder(folder, now=now):
        journal = JsonLines(folder / RUNS)
        number = 1 + max((int(record["run"]) for record in journal.read()), default=0)
        began = {"run": number, "started_at": _said(now), "version": __version__}
        journal.append({**began, "outcome": "started"})
        try:
            done = _run(folder, settings, number, now=now, as_of=as_of, strict=strict, progress=progress)
        except BaseException as error:
            said = str(error) if isinstance(error, ClientelaError) else f"{type(error).__name__}"
            journal.append({**began, "ended_at": _said(datetime.now(UTC)), "outcome": "failed", "message": said})
            raise
        ended = {"ended_at": _said(datetime.now(UTC)), "as_of": done.as_of}
        journal.append({**began, **ended, "outcome": "published", "message": done.snapshot})
        return done


def _run(
    folder: Path,
    settings: Settings,
    number: int,
    *,
    now: datetime,
    as_of: date | None,
    strict: bool,
    progress: Progress,
) -> Done:
    secret = read_secret(folder)
    landing = Landing(folder)
    today = now.astimezone(ZoneInfo(settings.company.timezone)).date()
    set_ = settings.run
    with Build(folder, number, keep=set_.keep_snapshots, threads=set_.threads, memory_limit=set_.memory_limit) as build:
        found = facts.delivered(build, settings, folder, landing, secret, run=number, now=now, progress=progress)
        facts.refuse_when_strict(found, strict=strict)
        facts.publish_tables(build, found, graph.read_by_models(), progress=progress)
        first_day, last_day = facts.days(build, today=today)
        dates = clock(
            now=now,
            asked=as_of,
            first_day=first_day,
            last_day=last_day,
            horizon_days=settings.run.horizon_days,
            timezone=settings.company.timezone,
        )
        graph.compute(build, dates, settings, questions().all(), now=now, progress=progress)
        loaded = facts.loaded(found)
        measured = facts.measure(build, found, loaded, today=today)
        build.append("quality", facts.quality_arrays(measured, number))
        _write_runs(build, folder)
        progress("Publishing")
        manifest = {
            **_manifest(build, settings, dates, now),
            "run": number,
            "sources": [asdict(each) for each in loaded],
            "quality": quality.document(measured),
            "warnings": list(found.warnings),
        }
        snapshot = build.publish(manifest)
    return Done(
        run=number,
        snapshot=snapshot.name,
        as_of=dates.as_of.isoformat(),
        last_day=manifest["last_day"],
        sources=loaded,
        tables=manifest["tables"],
        warnings=found.warnings,
    )


def _manifest(build: Build, settings: Settings, dates: Clock, now: datetime) -> dict[str, Any]:
    """What the snapshot says of itself: its date, how many rows each table has, how each came to be."""
    return {
        "version": __version__,
        "company": settings.company.name,
        "currency": settings.company.currency,
        "timezone": settings.company.timezone,
        "now": _said(now),
        "as_of": dates.as_of.isoformat(),
        "known_at": _said(dates.known_at),
        "first_day": dates.first_day.isoformat() if dates.first_day else None,
        "last_day": dates.last_day.isoformat() if dates.last_day else None,
        "lapse_days": facts.lapse_days(build, settings),
        "tables": {name: build.rows(name) for name in sorted(build.tables())},
        "lineage": [
            {**asdict(each), "as_of": each.as_of.isoformat() if each.as_of else None} for each in build.written
        ],
    }


def _write_runs(build: Build, folder: Path) -> None:
    """The runs so far as the table ``run``: of each the latest record; this one has not ended yet."""
    latest = {int(record["run"]): record for record in JsonLines(folder / RUNS).read()}
    records = [latest[number] for number in sorted(latest)]

    def moments(name: str) -> NDArray[Any]:
        return np.array([each.get(name) or "NaT" for each in records], dtype="datetime64[us]")

    def texts(name: str) -> NDArray[Any]:
        return np.array([each.get(name) for each in records], dtype=object)

    build.append(
        "run",
        {
            "run": np.array([each["run"] for each in records], dtype=np.int64),
            "started_at": moments("started_at"),
            "ended_at": moments("ended_at"),
            "as_of": np.array([each.get("as_of") or "NaT" for each in records], dtype="datetime64[D]"),
            "outcome": texts("outcome"),
            "message": texts("message"),
            "version": texts("version"),
        },
    )


def _check_settings(settings: Settings) -> None:
    """There is a source, and every ``[analysis.NAME]`` names an analysis and parameters its fit has."""
    problems = []
    if not settings.sources:
        problems.append("it names no [[source]]; add one for each table that a system delivers")
    for name, parameters in settings.analysis.items():
        try:
            known = questions().get(name).fit_parameters
        except UnknownNameError as error:
            problems.append(f"[analysis.{name}]: {error}")
            continue
        problems += [
            f"[analysis.{name}]: {UnknownNameError('parameter', key, known)}" for key in parameters if key not in known
        ]
    if problems:
        raise ConfigurationError("clientela.toml cannot be used: " + "; ".join(problems), problems=problems)


def _said(moment: datetime) -> str:
    """A moment as naive UTC in ISO format, as the tables hold it."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat()
