"""What the report to the management says: every question answered, how far the figures can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clientela.analyse.abstain import abstain
from clientela.config import Settings
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Insight, Level
from clientela.contracts.report import ReportPage, SourceRow
from clientela.contracts.text import Period, Text, text
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import NotPermittedError
from clientela.pipeline import serving
from clientela.pipeline.answer import answer, chosen_parameters
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.replica import told as told_of_replica
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.asking.watched import Look
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.quality import gate, told
from clientela.pipeline.quality.gate import Fitness, fitness
from clientela.pipeline.quality.measures import stored
from clientela.pipeline.questions import questions
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import REPLICA, Reader

AREAS = ("sales", "customer", "marketing", "service", "channel", "risk")  # the order a manager asks in


def page(
    folder: Path,
    settings: Settings,
    *,
    as_of: date | None,
    progress: Callable[[str], None],
    look: Look | None = None,
) -> ReportPage:
    """The report as of a date (None: the run's own), in no language yet.

    Parameters
    ----------
    look : who looks and what for; where the report shows personal data, that is entered in the audit log

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    """

    def made(reader: Reader, served: Serving) -> ReportPage:
        noting = Noting(reader)
        found = _page(noting, served, settings, as_of, progress)
        if look is not None:
            rows = sum(len(each.table.rows) for each in found.insights if each.table)
            noting.enter(folder, look, snapshot=served.snapshot.name, rows=rows)
        return found

    return serving.read(folder, made)


def _page(
    reader: Noting, served: Serving, settings: Settings, as_of: date | None, progress: Callable[[str], None]
) -> ReportPage:
    manifest = served.snapshot.manifest
    zone = ZoneInfo(settings.company.timezone)
    insights = []
    kb = knowledge_in(reader, served.snapshot, as_of, catalogue=catalogue_in(settings))
    fit, at_the_run = fitness(manifest, settings), kb.as_of >= kb.run_as_of
    for analysis in sorted(questions().all(), key=_place):
        progress(f"Asking {analysis.name}")
        insights.append(_told(analysis, kb, fit))
    first_day, last_day, known_at = kb.first_day, kb.last_day, kb.known_at
    measures = stored(manifest["quality"])
    refused = [each for each in questions().all() if fit.against(each, at_the_run=at_the_run) and _has(kb, each)]
    made_at = datetime.fromisoformat(manifest["now"]).replace(tzinfo=UTC).astimezone(zone)
    return ReportPage(
        company=settings.company.name,
        made_at=made_at,
        title=_title(first_day, last_day),
        insights=_answered_first(insights),
        figures_to=last_day,
        known_at=known_at.replace(tzinfo=UTC).astimezone(zone),
        snapshot=served.snapshot.name,
        seen_as=told_of_replica(manifest).seen_as if REPLICA in manifest else "",
        quality=told.properties(measures),
        findings=told.findings(measures, fit.owners),
        sources=tuple(_source(each, zone) for each in manifest["sources"]),
        caveats=(*served.notices, *_caveats(fit, refused, at_the_run=at_the_run)),
    )


def _told(analysis: Analysis, kb: SnapshotKnowledge, fit: Fitness) -> Insight:
    """The answer; in a replica one that its reader may not see says so in its place."""
    try:
        return answer(analysis, kb, chosen_parameters(analysis, {}), fit)
    except NotPermittedError as error:
        return abstain(analysis, kb, text("{reason}", reason=str(error)))


def _has(kb: SnapshotKnowledge, analysis: Analysis) -> bool:
    """Whether anything was delivered to the tables it needs, or to one that does instead."""
    return all(map(kb.delivered, analysis.needs)) or any(map(kb.delivered, analysis.instead))


def _place(analysis: Analysis) -> tuple[int, int, str]:
    area = AREAS.index(analysis.area) if analysis.area in AREAS else len(AREAS)
    return list(Level).index(analysis.level), area, analysis.name


def _answered_first(insights: list[Insight]) -> tuple[Insight, ...]:
    return tuple(sorted(insights, key=lambda insight: insight.abstained is not None))


def _title(first_day: date | None, last_day: date | None) -> Text:
    if first_day is None or last_day is None:
        return text("Report to the management")
    return text("Report to the management · {period}", period=Period(first_day, last_day))


def _source(each: Mapping[str, Any], zone: ZoneInfo) -> SourceRow:
    newest, arrived = each.get("newest_on"), each.get("arrived_at")
    return SourceRow(
        name=each["source"],
        table=each["table"],
        rows=each["rows"],
        newest_on=date.fromisoformat(newest) if newest else None,
        arrived_on=datetime.fromisoformat(arrived).replace(tzinfo=UTC).astimezone(zone).date() if arrived else None,
        kept_out=each["quarantined"],
    )


def _caveats(fit: Fitness, refused: Sequence[Analysis], *, at_the_run: bool) -> tuple[Text, ...]:
    """What belongs on the first screen: what stays out, and answers that were refused; each with whom to ask."""
    said = [gate.with_owner(each.said, each.source, each.table, fit.owners) for each in fit.notices]
    if refused:
        unfit = fit.against(refused[0], at_the_run=at_the_run)[0]
        said.append(gate.with_owner(gate.refusals(len(refused), unfit), unfit.source, unfit.table_name, fit.owners))
    return tuple(said)
