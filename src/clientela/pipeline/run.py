"""One run: what the sources delivered becomes the next published snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from clientela._version import __version__
from clientela.capture.mapping import APP_DATABASE
from clientela.config import Settings
from clientela.errors import ClientelaError, ConfigurationError, SnapshotError, UnknownNameError, machine_trouble
from clientela.pipeline import erasures, facts, graph
from clientela.pipeline.clock import Clock, clock, refuse_future
from clientela.pipeline.create import read_secret
from clientela.pipeline.declared.catalogue import catalogue_in, measure_problems
from clientela.pipeline.declared.costs import write_costs
from clientela.pipeline.facts import Loaded
from clientela.pipeline.joining.collected import seldom_collected
from clientela.pipeline.joining.golden import survivorship
from clientela.pipeline.pages.told import write_told
from clientela.pipeline.pages.written import write_pages
from clientela.pipeline.quality import history
from clientela.pipeline.quality.measures import document, with_past
from clientela.pipeline.quality.measuring import measure
from clientela.pipeline.quality.notices import documents
from clientela.pipeline.questions import questions
from clientela.pipeline.rolling.declared import rollup_problems
from clientela.pipeline.rolling.written import write_rollups
from clientela.pipeline.segments.follow import follow
from clientela.pipeline.segments.versions import problems as segment_problems
from clientela.warehouse.build import Build
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.moments import reached
from clientela.warehouse.store import lock, orphans
from clientela.warehouse.store.check import FORMAT, refuse_newer
from clientela.warehouse.store.journals import counted, refuse_shortened
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import current, retained

RUNS = "runs.jsonl"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished run. ``warnings`` are sentences about what had to stay out; then the exit code is 1.

    ``failed``: the analyses that could not be computed, each of them in a warning too.
    """

    run: int
    snapshot: str
    as_of: str
    last_day: str | None
    sources: tuple[Loaded, ...]
    tables: Mapping[str, int]
    warnings: tuple[str, ...]
    failed: tuple[str, ...] = ()


def run(
    folder: Path,
    settings: Settings,
    *,
    now: datetime,
    as_of: date | None,
    strict: bool,
    progress: Progress,
    prepare: Callable[[], None] = lambda: None,
    job: int | None = None,
) -> Done:
    """Land, conform, unify, compute, publish; whatever fails, what was published before stays.

    Parameters
    ----------
    now :
        The moment of the run, in UTC.
    as_of :
        The date to build for; None: the day after the last thing that happened, not after today.
    prepare :
        Is called by the holder of the lock, before the run begins.
    job :
        The number of the job that asked for it: the journal keeps it, so that a job is not run twice.

    Raises
    ------
    LockedError
        Another run is at work.
    MachineError
        No room, no memory, a failing disk, a folder that cannot be written to.
    QualityGateError
        ``strict``, and a file had to stay out.
    """
    check_settings(settings)
    refuse_future(as_of, now=now, timezone=settings.company.timezone)
    with machine_trouble(folder), lock.builder(folder, now=now):
        number = ready(folder, now=now)
        prepare()
        journal = JsonLines(folder / RUNS)
        began: dict[str, Any] = {"run": number, "started_at": _said(now), "version": __version__, "format": FORMAT}
        began |= {} if job is None else {"job": job}
        journal.append({**began, "outcome": "started"})
        reached("run begun")
        try:
            with machine_trouble(folder), seldom_collected():
                done = publish_next(
                    folder, settings, number, store=folder, now=now, as_of=as_of, strict=strict, progress=progress
                )
        except BaseException as error:
            said = "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
            said = str(error) if isinstance(error, ClientelaError) else said
            with suppress(OSError):  # a disk that takes no line shall not hide why the run failed
                journal.append({**began, "ended_at": _said(datetime.now(UTC)), "outcome": "failed", "message": said})
            raise
        ended: dict[str, Any] = {"ended_at": _said(datetime.now(UTC)), "as_of": done.as_of}
        ended |= {"not_computed": list(done.failed)} if done.failed else {}
        journal.append({**began, **ended, "outcome": "published", "message": done.snapshot})
        reached("run ended")
        return done


def ready(folder: Path, *, now: datetime) -> int:
    """The number of the next run in a workspace that is fit for one; what killed processes left in it is removed.

    Only the holder of the lock may. Numbers only grow, also when a journal or a snapshot was lost.

    Raises
    ------
    NewerError
        A newer version of clientela was at work here.
    LandingError
        A journal has lost lines.
    """
    records = JsonLines(folder / RUNS).read()
    kept = retained(folder)
    for told in [*records, *(each.manifest for each in kept)]:
        refuse_newer(told)
    if kept:
        refuse_shortened(folder, kept[0].manifest)
    orphans.remove(folder, now=now)
    _settle(folder, records)
    return next_number(folder)


def next_number(folder: Path) -> int:
    """The number of the next run: one more than any run or snapshot had."""
    runs = [int(record["run"]) for record in JsonLines(folder / RUNS).read()]
    return 1 + max([*runs, *(each.number for each in retained(folder))], default=0)


def _settle(folder: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Journal of each run that was killed what became of it; nobody else is at work."""
    latest = {int(record["run"]): record for record in records}
    killed = [record for record in latest.values() if record.get("outcome") == "started"]
    if not killed:
        return
    try:
        snapshot = current(folder)
    except SnapshotError:
        snapshot = None
    for record in killed:
        ended = {"outcome": "failed", "message": "It was killed, or the machine stopped."}
        if snapshot is not None and snapshot.number == int(record["run"]):
            ended = {"outcome": "published", "message": snapshot.name, "as_of": snapshot.manifest["as_of"]}
        JsonLines(folder / RUNS).append({**record, **ended})


def _published(store: Path) -> frozenset[int]:
    """The runs so far that published a snapshot."""
    records = JsonLines(store / RUNS).read()
    return frozenset(int(record["run"]) for record in records if record.get("outcome") == "published")


def publish_next(
    folder: Path,
    settings: Settings,
    number: int,
    *,
    store: Path,
    now: datetime,
    as_of: date | None,
    strict: bool,
    progress: Progress,
) -> Done:
    """Land, conform, compute and publish as run ``number``.

    Parameters
    ----------
    folder :
        The workspace: the sources' paths are relative to it.
    store :
        Where landing, snapshots, secrets and journals lie: the workspace, or a copy of it to try in.
    """
    if (folder / APP_DATABASE).exists():
        from clientela.capture.database.own import with_own  # it loads what only a workspace with users needs

        settings = with_own(settings, folder)
    secret = read_secret(store)
    landing = Landing(store)
    erasures.resume(store, settings, landing, secret, now=now, progress=progress)
    today = now.astimezone(ZoneInfo(settings.company.timezone)).date()
    set_ = settings.run
    with Build(store, number, keep=set_.keep_snapshots, threads=set_.threads, memory_limit=set_.memory_limit) as build:
        found = facts.delivered(
            build,
            settings,
            folder,
            landing,
            secret,
            run=number,
            now=now,
            published=_published(store),
            progress=progress,
        )
        facts.refuse_when_strict(found, strict=strict)
        facts.publish_tables(
            build,
            found,
            graph.read_by_models(),
            settings=settings,
            landing=landing,
            now=now,
            progress=progress,
        )
        progress("Loading the analyses")  # their libraries, by far the most of it
        analyses = questions().all()
        first_day, last_day = facts.days(build, today=today)
        dates = clock(
            now=now,
            asked=as_of,
            first_day=first_day,
            last_day=last_day,
            horizon_days=settings.run.horizon_days,
            timezone=settings.company.timezone,
        )
        write_costs(build, settings.cost_pool, dates.as_of)
        failed = graph.compute(
            build,
            dates,
            settings,
            analyses,
            now=now,
            progress=progress,
        )
        lapse_days = facts.lapse_days(build, settings)
        follow(build, dates, settings, store=store, run=number, now=now, lapse_days=lapse_days, progress=progress)
        consent_asked = write_pages(build, dates, settings, lapse_days=lapse_days, progress=progress)
        write_told(build, dates, settings, progress=progress)
        rollups = write_rollups(build, store, settings, dates, catalogue_in(settings).measures, progress=progress)
        loaded = facts.loaded(found)
        before = history.read(store, before=number)
        measured = with_past(measure(build, found.taken, settings, today=today, now=now), history.past(before))
        build.append("quality", history.arrays(before, number, measured))
        _write_runs(build, store)
        progress("Publishing")
        manifest = {
            **_manifest(build, settings, dates, now),
            "run": number,
            "sources": [asdict(each) for each in loaded],
            "quality": document(measured),
            "warnings": documents((*found.notices, *failed)),
            "journals": counted(store),
            "rollups": rollups,
            "consent_asked": consent_asked,
            "without": sorted(settings.run.without),
        }
        snapshot = build.publish(manifest)
        erasures.finish(store, settings, snapshot, now=now)
        history.write(store, number, measured)
    return Done(
        run=number,
        snapshot=snapshot.name,
        as_of=dates.as_of.isoformat(),
        last_day=manifest["last_day"],
        sources=loaded,
        tables=manifest["tables"],
        warnings=(*found.warnings, *(each.detail for each in failed)),
        failed=tuple(each.analysis for each in failed),
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
        "horizon_days": settings.run.horizon_days,
        "tables": build.rows(),
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


def check_settings(settings: Settings) -> None:
    """There is a source, and every ``[analysis.NAME]`` names an analysis and parameters its fit has.

    ``[identity]`` decides about fields that there are, every ``[measure.NAME]`` is a measure, and what ``[run]``
    leaves out is computed in a run.
    """
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
    problems += _without_problems(settings.run.without)
    problems += segment_problems(settings)
    wrong = measure_problems(settings)
    problems += wrong or rollup_problems(settings, catalogue_in(settings).measures)
    problems += _identity_problems(settings)
    if problems:
        raise ConfigurationError("clientela.toml cannot be used: " + "; ".join(problems), problems=problems)


def _without_problems(names: Sequence[str]) -> list[str]:
    """The names in ``without`` of ``[run]`` for which a run computes nothing anyway."""
    computed = [each.name for each in questions().all() if each.fit is not None] if names else []
    problems = []
    for name in names:
        try:
            analysis = questions().get(name)
        except UnknownNameError as error:
            problems.append(f"without in [run]: {error}")
            continue
        if analysis.fit is None:
            problems.append(
                f"without in [run]: a run computes nothing for '{name}', it is answered when it is asked; "
                f"what can be left out: {', '.join(sorted(computed))}"
            )
    return problems


def _identity_problems(settings: Settings) -> list[str]:
    """The fields that ``[identity]`` decides about and that no customer has."""
    try:
        survivorship(settings)
    except ConfigurationError as error:
        return list(error.problems)
    return []


def _said(moment: datetime) -> str:
    """A moment as naive UTC in ISO format, as the tables hold it."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat()
