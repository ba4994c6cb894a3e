"""Asking: open what is published, look at it as of a date, let the analysis answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from clientela.analyse.abstain import abstain
from clientela.config import Settings
from clientela.contracts.analysis import Analysis, Parameter
from clientela.contracts.insight import Insight
from clientela.contracts.text import text
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from clientela.errors import NothingPublishedError, UnknownNameError, UsageError
from clientela.pipeline.questions import questions
from clientela.warehouse.store.snapshot import Reader, current

OF_RUNS = frozenset({"run", "quality"})  # they tell of the runs, not of the customers


def ask(
    folder: Path, settings: Settings, name: str, as_of: date | None, parameters: Mapping[str, Parameter]
) -> Insight:
    """The answer of the analysis ``name`` as of a date (None: the run's own).

    Raises
    ------
    UnknownNameError
        There is no such analysis, or it has no such parameter.
    UsageError
        A parameter has the wrong type, or belongs to the fit and stands in clientela.toml.
    NothingPublishedError
        No run has published anything yet.
    """
    analysis = questions().get(name)
    chosen = chosen_parameters(analysis, parameters)
    with knowledge_of(folder, settings, as_of) as kb:
        return answer(analysis, kb, chosen)


def answer(analysis: Analysis, kb: SnapshotKnowledge, parameters: Mapping[str, Parameter]) -> Insight:
    """What the analysis says; abstains in words when a table it needs was never delivered."""
    missing = [table for table in analysis.needs if kb.delivered(table) == 0]
    if missing:
        reason = text(
            "There is nothing in the table {table} as of {day}. Deliver a file for it and run clientela again.",
            table=missing[0],
            day=kb.as_of,
        )
        return abstain(analysis, kb, reason)
    return analysis.answer(kb, parameters)


def fingerprints(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Rows and digest of every published table that tells of customers: two that are equal hold the same.

    Computed when asked, not in the run: reading ten million rows for it takes seconds.
    """
    published = current(folder)
    if published is None:
        raise NothingPublishedError
    with Reader(published) as reader:
        return {name: reader.fingerprint(name) for name in sorted(set(reader.tables) - OF_RUNS)}


@contextmanager
def knowledge_of(folder: Path, settings: Settings, as_of: date | None) -> Iterator[SnapshotKnowledge]:
    """The published knowledge base as of a date; closed when the block ends."""
    published = current(folder)
    if published is None:
        raise NothingPublishedError
    manifest = published.manifest
    with Reader(published) as reader:
        yield knowledge(
            reader,
            snapshot=published.name,
            tables=reader.tables,
            people=reader.people,
            currency=manifest["currency"],
            timezone=manifest["timezone"],
            lapse_days=manifest["lapse_days"],
            run_as_of=date.fromisoformat(manifest["as_of"]),
            run_known_at=datetime.fromisoformat(manifest["known_at"]),
            as_of=as_of,
        )


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
        kind = {bool: "yes or no", int: "a whole number", float: "a number"}[type(default)]
        raise UsageError(f"'{name}' of {analysis} is '{value}'; it must be {kind}, for example {default}.") from None
