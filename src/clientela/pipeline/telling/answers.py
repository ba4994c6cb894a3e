"""All answers at once, of one reading of the snapshot; one that somebody may not see says so and hinders no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clientela.config import Settings
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Insight, Level
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import NotPermittedError
from clientela.pipeline import serving
from clientela.pipeline.answer import answer, chosen_parameters
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.scope import Asker
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.quality.gate import Fitness, fitness
from clientela.pipeline.questions import questions
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

AREAS = ("sales", "customer", "marketing", "service", "channel", "risk")  # the order a manager asks in


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One analysis and what it says to whoever asks: ``refused`` is why they may not see it; then it says nothing."""

    analysis: Analysis
    insight: Insight | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What all analyses say. ``personal``: personal data were read for it, so that is entered each time it is shown."""

    answered: tuple[Answered, ...]
    personal: bool


def place(analysis: Analysis) -> tuple[int, int, str]:
    """Where an analysis stands among others: by level, then area, then name."""
    area = AREAS.index(analysis.area) if analysis.area in AREAS else len(AREAS)
    return list(Level).index(analysis.level), area, analysis.name


def answers(folder: Path, settings: Settings, asker: Asker | None, look: Look) -> Answers:
    """What every analysis says to whoever asks.

    Raises
    ------
    NotPermittedError
        They hold no role that shows anything.
    NothingPublishedError
        No run has published anything yet.
    """

    def told(reader: Reader, served: Serving) -> Answers:
        noting = Noting(reader)
        kb = seen_by(noting, served.snapshot, None, asker=asker, catalogue=catalogue_in(settings)).remembering()
        found = answered(kb, fitness(served.snapshot.manifest, settings), sorted(questions().all(), key=place))
        rows = sum(len(each.insight.table.rows) for each in found if each.insight and each.insight.table)
        noting.enter(folder, look, snapshot=served.snapshot.name, rows=rows)
        return Answers(answered=found, personal=bool(noting.seen))

    return serving.read(folder, told, people=False)  # a list of sentences shows nobody


def answered(kb: SnapshotKnowledge, fit: Fitness, asked: Sequence[Analysis]) -> tuple[Answered, ...]:
    """What analyses say with their own parameters, one after another."""
    return tuple(_one(analysis, kb, fit) for analysis in asked)


def _one(analysis: Analysis, kb: SnapshotKnowledge, fit: Fitness) -> Answered:
    try:
        insight = answer(analysis, kb, chosen_parameters(analysis, {}), fit)
    except NotPermittedError as error:
        return Answered(analysis=analysis, refused=str(error))
    return Answered(analysis=analysis, insight=replace(insight, caveats=(*insight.caveats, *fit.missing(analysis))))
