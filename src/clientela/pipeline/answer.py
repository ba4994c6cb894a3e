"""Asking: open what is published, look at it as of a date, let the analysis answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from clientela.analyse.abstain import abstain
from clientela.config import Settings
from clientela.contracts.analysis import Analysis, Parameter
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text, text
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import NotPermittedError, UnknownNameError, UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import knowledge_in, seen_by
from clientela.pipeline.asking.watched import Look
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.quality import gate
from clientela.pipeline.quality.gate import Fitness, fitness
from clientela.pipeline.questions import questions
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

OF_RUNS = frozenset({"run", "quality", "identity_figure"})  # they tell of the runs, not of the customers


def ask(
    folder: Path,
    settings: Settings,
    name: str,
    as_of: date | None,
    parameters: Mapping[str, Parameter],
    asker: Asker | None = None,
    look: Look | None = None,
) -> Insight:
    """The answer of the analysis ``name`` as of a date (None: the run's own), within what the asker may see.

    Parameters
    ----------
    look : who looks and what for; where the answer shows personal data, that is entered in the audit log

    Raises
    ------
    NotPermittedError
        The asker may not see a figure that the answer is made of.
    UnknownNameError
        There is no such analysis, or it has no such parameter.
    UsageError
        A parameter has the wrong type, or belongs to the fit and stands in clientela.toml.
    NothingPublishedError
        No run has published anything yet.
    """
    return ask_noted(folder, settings, name, as_of, parameters, asker, look)[0]


def ask_noted(
    folder: Path,
    settings: Settings,
    name: str,
    as_of: date | None,
    parameters: Mapping[str, Parameter],
    asker: Asker | None = None,
    look: Look | None = None,
) -> tuple[Insight, bool]:
    """The same as `ask`, and whether personal data were read for it: then no page of it may be kept."""
    analysis = questions().get(name)
    chosen = chosen_parameters(analysis, parameters)
    catalogue = catalogue_in(settings)

    def told(reader: Reader, served: Serving) -> tuple[Insight, bool]:
        fit = fitness(served.snapshot.manifest, settings)
        noting = Noting(reader)
        kb = seen_by(noting, served.snapshot, as_of, asker=asker, catalogue=catalogue)
        insight = answer(analysis, kb, chosen, fit)
        if look is not None:
            noting.enter(
                folder, look, snapshot=served.snapshot.name, rows=len(insight.table.rows) if insight.table else 0
            )
        insight = replace(insight, caveats=(*insight.caveats, *fit.missing(analysis)))
        if served.damage:
            insight = replace(insight, caveats=(*served.notices, *insight.caveats), damage=served.damage)
        return insight, bool(noting.seen)

    return serving.read(folder, told, people=opens_people(asker))


def answer(
    analysis: Analysis, kb: SnapshotKnowledge, parameters: Mapping[str, Parameter], fit: Fitness | None = None
) -> Insight:
    """What the analysis says; abstains in words when a table it needs was never delivered, or its data are unfit.

    Parameters
    ----------
    fit :
        What is known of the data (None: nothing, then nothing is refused).
    """
    missing = [table for table in analysis.needs if not kb.delivered(table)]
    if any(kb.delivered(table) for table in analysis.instead):
        missing = []
    if missing and kb.view.scope is not None and kb.view.scope.of_many is not None:
        raise NotPermittedError(
            f"'{analysis.name}' is answered from single rows, and you see figures of many customers only; "
            "ask for figures instead."
        )
    if missing:
        return _without(missing[0], analysis, kb, fit)
    if fit is None:
        return analysis.answer(kb, parameters)
    nothing = fit.uncomputed(analysis)
    if nothing is not None:
        why, then = nothing
        return replace(abstain(analysis, kb, why), next=(then,))
    at_the_run = kb.as_of >= kb.run_as_of
    unfit = fit.against(analysis, at_the_run=at_the_run)
    if unfit:
        return replace(abstain(analysis, kb, gate.reason(unfit)), next=gate.next_steps(unfit, fit.owners))
    insight = analysis.answer(kb, parameters)
    if insight.abstained is not None:
        return insight
    return replace(insight, caveats=(*insight.caveats, *fit.beside(analysis, at_the_run=at_the_run)))


def _without(table: str, analysis: Analysis, kb: SnapshotKnowledge, fit: Fitness | None) -> Insight:
    """Nothing of a table is known: who delivered a file for it must not read that there is none."""
    why = None if fit is None else fit.stays_out(table)
    if why is None:
        reason = text(
            "There is nothing in the table {table} as of {day}. Deliver a file for it and run clientela again.",
            table=table,
            day=kb.as_of,
        )
        return abstain(analysis, kb, reason)
    reason = text("There is nothing in the table {table} as of {day}. {why}", table=table, day=kb.as_of, why=why)
    return replace(abstain(analysis, kb, reason), next=(gate.after_correction(),))


def fingerprints(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Rows and digest of every published table that tells of customers: two that are equal hold the same.

    Computed when asked, not in the run: reading ten million rows for it takes seconds.
    """
    with serving.opened(folder) as (reader, _):
        return reader.fingerprints(sorted(set(reader.tables) - OF_RUNS))


@contextmanager
def knowledge_of(folder: Path, settings: Settings, as_of: date | None) -> Iterator[SnapshotKnowledge]:
    """The knowledge base that serves, as of a date; closed when the block ends."""
    with serving.opened(folder) as (reader, served):
        yield knowledge_in(reader, served.snapshot, as_of)


def chosen_parameters(analysis: Analysis, said: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The analysis' parameters with what was said in place of the defaults, each in its default's type."""
    chosen = dict(analysis.parameters)
    for name, value in said.items():
        if name in analysis.fit_parameters:
            raise UsageError(
                f"'{name}' is learned with in the run; set it in [analysis.{analysis.name}] of clientela.toml, "
                "then run again."
            )
        if name not in chosen:
            raise UnknownNameError(f"parameter of {analysis.name}", name, chosen)
        chosen[name] = typed(analysis.name, name, value, chosen[name])
    return chosen


def typed(analysis: str, name: str, value: Parameter, default: Parameter) -> Parameter:
    """``value`` in the type of ``default``; one sentence when it is none.

    Examples
    --------
    >>> typed("customer-value", "days", "90", 365)
    90
    """
    words = {"true": True, "yes": True, "false": False, "no": False}
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else words[str(value).lower()]
        if isinstance(default, int):
            if isinstance(value, float) and not value.is_integer():
                raise ValueError
            return int(value)
        return float(value) if isinstance(default, float) else str(value)
    except (ValueError, KeyError):
        raise UsageError(_of_another_type(analysis, name, str(value), default)) from None


def _of_another_type(analysis: str, name: str, value: str, default: Parameter) -> Text:
    said = {"analysis": analysis, "name": name, "value": value, "default": str(default)}
    if isinstance(default, bool):
        return text("'{name}' of {analysis} is '{value}'; it must be yes or no, for example {default}.", **said)
    if isinstance(default, int):
        return text("'{name}' of {analysis} is '{value}'; it must be a whole number, for example {default}.", **said)
    return text("'{name}' of {analysis} is '{value}'; it must be a number, for example {default}.", **said)
