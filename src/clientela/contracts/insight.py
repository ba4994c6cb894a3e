"""What an analysis says: one sentence, a table, a picture, its evidence, its limits, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from clientela.contracts.fiscal import FiscalYear
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value


class Level(StrEnum):
    """Which of the five questions an analysis answers."""

    HAPPENED = "happened"
    WHY = "why"
    FORECAST = "forecast"
    ALERT = "alert"
    ALTERNATIVES = "alternatives"


class Mark(StrEnum):
    """How a chart draws its points."""

    BAR = "bar"  # vertical for ordered x, horizontal when x is a text
    LINE = "line"
    POINT = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table to show. ``unit``: currency code, ``days``, ``customers``, …; None when it has none.

    ``fiscal``: of a column of fiscal months, quarters or years, the year they are named in.
    """

    name: str
    type: Type
    label: Text
    unit: str | None = None
    fiscal: FiscalYear | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows to show, in the order to show them. ``total`` is the row of totals, when there is one.

    A cell is a Python value of the column's type; a cell of a text column may be a ``Text``. ``hidden``: the places
    (row, column) of cells that only say, in a ``Text``, that they are not shown; row -1 is that of the totals.
    ``behind``: of each row the table and the filter of the rows that it is counted from, None where it has none of its
    own; empty where no row has any.
    """

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    caption: Text
    total: tuple[Value, ...] | None = None
    note: Text | None = None
    hidden: frozenset[tuple[int, int]] = frozenset()
    behind: tuple[tuple[str, str] | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One picture of a table: which columns are x, y and series, and what it wants to show.

    ``title`` is the finding, ``subtitle`` the measure, unit and period. ``interval`` names the
    columns of a lower and an upper bound. ``highlight`` lists the x values the sentence speaks of;
    the rest is drawn as their context. ``incomplete`` lists x values whose period is not over.
    ``diagonal`` draws what chance (or perfection) would give, with that label.
    """

    mark: Mark
    title: Text
    subtitle: Text
    data: Table
    x: str
    y: str
    series: str | None = None
    interval: tuple[str, str] | None = None
    highlight: tuple[Value, ...] = ()
    incomplete: tuple[Value, ...] = ()
    diagonal: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The one number of an insight, for a card: ``value`` (``low`` to ``high``) and what it counts.

    ``change`` is the relative change against what ``compared_with`` names; ``better`` says whether
    that is good (None: neither).
    """

    value: Amount
    caption: Text
    low: Amount | None = None
    high: Amount | None = None
    change: float | None = None
    compared_with: Text | None = None
    better: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How an insight was tested, out of time, company-wide.

    ``metric`` is the field's name of the measure (``auc``); ``value`` and ``baseline_value`` are on
    the same unseen period; ``interval`` is the 95 % interval of ``value``; ``n`` customers.
    ``sentences`` say it in words; ``candidates`` lists the methods tried; ``calibration`` compares
    what was said with what came.
    """

    method: Text
    baseline: Text
    metric: str
    value: float
    baseline_value: float
    interval: tuple[float, float]
    n: int
    parameters: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    sentences: tuple[Text, ...] = ()
    candidates: Table | None = None
    calibration: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """The answer of one analysis. When ``abstained`` is set, it is the reason and nothing else is claimed.

    ``headline`` is the answer in one sentence with its figure; ``lead`` the next facts; ``details``
    further pictures; ``computed`` how it was computed, in words, with the statistic's own name.
    ``evidence`` is None only at level *happened* or when it abstained; ``sure`` then says in words what is counted
    and what is not. ``damage``: what is wrong with the published snapshot, when an earlier one stands in for it; a
    caveat says so too.
    """

    analysis: str
    area: str
    level: Level
    question: Text
    as_of: date
    snapshot: str
    headline: Text | None = None
    lead: tuple[Text, ...] = ()
    figure: Figure | None = None
    table: Table | None = None
    chart: Chart | None = None
    details: tuple[Chart, ...] = ()
    evidence: Evidence | None = None
    sure: tuple[Text, ...] = ()
    caveats: tuple[Text, ...] = ()
    next: tuple[Text, ...] = ()
    computed: Text | None = None
    abstained: Text | None = None
    damage: str = ""
