"""What the report to the management says: every question answered, how far the figures can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clientela.config import Settings
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Insight, Level
from clientela.contracts.report import ReportPage, SourceRow
from clientela.contracts.text import Period, Text, text
from clientela.errors import NothingPublishedError
from clientela.pipeline.answer import answer, chosen_parameters, knowledge_of
from clientela.pipeline.quality import measures as quality
from clientela.pipeline.questions import questions
from clientela.warehouse.store.snapshot import current

AREAS = ("sales", "customer", "marketing", "service", "channel", "risk")  # the order a manager asks in


def page(folder: Path, settings: Settings, *, as_of: date | None, progress: Callable[[str], None]) -> ReportPage:
    """The report as of a date (None: the run's own), in no language yet.

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    """
    published = current(folder)
    if published is None:
        raise NothingPublishedError
    manifest = published.manifest
    zone = ZoneInfo(settings.company.timezone)
    insights = []
    with knowledge_of(folder, settings, as_of) as kb:
        for analysis in sorted(questions().all(), key=_place):
            progress(f"Asking {analysis.name}")
            insights.append(answer(analysis, kb, chosen_parameters(analysis, {})))
        first_day, last_day, known_at = kb.first_day, kb.last_day, kb.known_at
    made_at = datetime.fromisoformat(manifest["now"]).replace(tzinfo=UTC).astimezone(zone)
    return ReportPage(
        company=settings.company.name,
        made_at=made_at,
        title=_title(first_day, last_day),
        insights=_answered_first(insights),
        figures_to=last_day,
        known_at=known_at.replace(tzinfo=UTC).astimezone(zone),
        snapshot=published.name,
        quality=quality.rows(manifest["quality"], published_at=made_at),
        sources=tuple(_source(each, zone) for each in manifest["sources"]),
        caveats=_caveats(manifest),
    )


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


def _caveats(manifest: Mapping[str, Any]) -> tuple[Text, ...]:
    return tuple(text("{warning}", warning=warning) for warning in manifest["warnings"])
