"""What a report to the management shows: one frozen page, filled by the pipeline, drawn by ``present``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from clientela.contracts.insight import Insight
from clientela.contracts.text import Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """One quality of the data, measured in the run. ``good`` None: measured, but not judged.

    ``trend``: the share of its measurements that were good, oldest run first, this one last.
    """

    quality: Text
    found: Text
    measured: Value
    verdict: Text
    good: bool | None = None
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFinding:
    """One measurement: what was found in which source, now and in the run before (None: it was not measured).

    ``state``: ``good``, ``look``, ``unfit`` or ``shown`` (not judged). ``owner``: who looks after the source, when
    somebody is named. ``trend``: what was measured, oldest run first, this one last.
    """

    quality: Text
    found: Text
    measured: Value
    verdict: Text
    state: str
    source: str
    before: Value = None
    owner: str | None = None
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source of the figures: how many rows it has brought, the newest day in them, when they arrived."""

    name: str
    table: str
    rows: int
    newest_on: date | None = None
    arrived_on: date | None = None
    kept_out: int = 0  # rows in quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of the glossary."""

    term: Text
    meaning: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """The report of one company.

    ``company``: its name. ``made_at``: when, in the company's zone. ``title``: what the report is and
    the period it is about. ``headline``: the sentence that matters most (None: that of the first insight that answers).
    ``insights``: what matters first comes first. ``quality``, ``findings`` (the weakest first) and ``sources``:
    how far the figures can be trusted. ``caveats``: what befell the run, such as files kept out; on the first
    screen.
    ``figures_to``: the last day in the figures (None: there are none). ``known_at``: what was known, in the
    company's zone. ``snapshot``: its name. ``glossary``: words beyond those every report explains.
    ``seen_as``: the user or role whose replica this is (empty: the whole company is seen).
    """

    company: str
    made_at: datetime
    title: Text
    insights: tuple[Insight, ...]
    figures_to: date | None
    known_at: datetime
    snapshot: str
    headline: Text | None = None
    quality: tuple[QualityRow, ...] = ()
    findings: tuple[QualityFinding, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    caveats: tuple[Text, ...] = ()
    glossary: tuple[Term, ...] = ()
    seen_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows of one kind. ``name`` says which to a program, ``title`` and ``says`` to a person."""

    name: str
    title: Text
    says: Text
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """All that a company holds of one person, with where it came from, on the day it was asked."""

    company: str
    made_at: datetime
    snapshot: str | None
    customers: tuple[int, ...]
    sections: tuple[Held, ...]
