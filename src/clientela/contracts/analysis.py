"""What an analysis is: a question, a fit in the run, an answer when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, Union

from clientela.contracts.filter import Filter
from clientela.contracts.insight import Insight, Level
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value

if TYPE_CHECKING:  # numbers are only typed here: contracts import no engine
    import numpy as np
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[np.generic]]
else:
    Arrays = Mapping

Parameter = Union[int, float, bool, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """One column of an answer of the cube. ``measure`` is False for a dimension."""

    name: str
    type: Type
    unit: str | None = None
    measure: bool = False
    label: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the cube answers. ``totals`` holds the grand total's measures in ``columns`` order (dimensions None).

    ``hidden``: the places (row, column) of values outside what the asker may see, which are None in ``rows``; row -1 is
    that of the totals. ``least``: the fewest customers a figure shown to the asker tells of; 0: it may tell of one.
    """

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] | None = None
    next_cursor: str | None = None
    hidden: frozenset[tuple[int, int]] = frozenset()
    least: int = 0

    def __iter__(self) -> object:  # rows are what one walks through
        return iter(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """What the cube answers, as columns by name, (n,) each, for arithmetic over many rows.

    ``values``: money as whole ten-thousandths of the currency's unit, numbers as whole millionths, counts and
    customers as whole numbers, everything else as objects; what is not known is 0 or None there, and False in
    ``known``. ``hidden``: rows with a value outside what the asker may see.
    """

    values: Arrays
    known: Mapping[str, NDArray[np.bool_]]
    hidden: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """What the run stored about an analysis: rows of ``model`` and ``backtest`` as plain mappings, newest first."""

    models: tuple[Mapping[str, Value], ...]
    results: tuple[Mapping[str, Value], ...]


class KnowledgeBase(Protocol):
    """One snapshot, seen by one person, as of a date: all an answer may read."""

    @property
    def as_of(self) -> date:
        """The day it is asked as of: what happened, and was known, before it."""
        ...

    @property
    def known_at(self) -> datetime:
        """The moment (UTC) before which a row had to be known."""
        ...

    @property
    def run_as_of(self) -> date:
        """The date the snapshot was built for."""
        ...

    @property
    def snapshot(self) -> str:
        """The name of the snapshot."""
        ...

    @property
    def currency(self) -> str:
        """The company's currency, as an ISO 4217 code."""
        ...

    @property
    def lapse_days(self) -> int | None:
        """After how many days without a purchase a customer is lost; None when it is not known."""
        ...

    @property
    def first_day(self) -> date | None:
        """The first day before ``as_of`` on which something happened; None without facts."""
        ...

    @property
    def last_day(self) -> date | None:
        """The last day before ``as_of`` on which something happened; None without facts."""
        ...

    def query(
        self,
        measures: Sequence[str],
        by: Sequence[str] = (),
        where: Filter | None = None,
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        seen_with: Sequence[str] = (),
    ) -> Result:
        """Measures by dimensions, with totals at their own level.

        Parameters
        ----------
        seen_with : dimensions of figures that these stand beside: the same rows are counted as for those
        """
        ...

    def columns(self, measures: Sequence[str], by: Sequence[str] = (), where: Filter | None = None) -> Columns:
        """The same figures, without the total, as columns: for arithmetic over many rows, such as one a customer."""
        ...

    def records(
        self,
        table: str,
        columns: Sequence[str],
        where: Filter | None = None,
        *,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Result:
        """Rows of one table, a page at a time."""
        ...

    def members(self, dimension: str, *, where: Filter | None = None, limit: int = 1000) -> tuple[Value, ...]:
        """The values of a dimension that one may pick."""
        ...

    def evidence(self, analysis: str) -> BackTest:
        """What the run stored of an analysis: its models and its back-test."""
        ...

    def delivered(self, table: str) -> int:
        """How many rows of a delivered table are known as of the date."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FitContext:
    """What a fit knows beside its tables.

    ``origins`` are the back-test dates, newest first, all before ``as_of``; ``horizon_days`` apart.
    ``version`` is the model version to write; ``sample`` the share of customers the origins rest on. ``threads``: how
    many a fit may use at most; None: it decides.
    """

    as_of: date
    origins: tuple[date, ...]
    horizon_days: int
    first_day: date | None
    version: str
    parameters: Mapping[str, Parameter]
    sample: float
    rng: np.random.Generator
    threads: int | None = None


class Fit(Protocol):
    """The company-wide part, in the run: arrays in, arrays out, by table name."""

    def __call__(self, tables: Mapping[str, Arrays], context: FitContext, /) -> Mapping[str, Arrays]:
        """Arrays of the tables it writes, from arrays of those it reads, by table name."""
        ...


class Answer(Protocol):
    """The part that is asked: reads the knowledge base only, fits nothing."""

    def __call__(self, kb: KnowledgeBase, parameters: Mapping[str, Parameter], /) -> Insight:
        """The insight; abstaining where it cannot answer, never an exception for thin data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One question and how it is answered.

    ``needs``: base tables without which it abstains, unless one of ``instead`` was delivered; ``rests_on``: columns
    (``order_line.net_revenue``) whose data must be fit where they are delivered, or it abstains too; ``counts``:
    columns that it counts too where they are delivered: unfit ones are told beside the answer.
    ``reads``/``writes``: tables of its ``fit``.
    ``fit_parameters`` stand in ``[analysis.NAME]`` of clientela.toml, ``parameters`` are set when
    asked (``--set``); both map a name to its default, whose type is the parameter's type. ``overview``: whether it is
    among what somebody is told first; a large company waits for all of these at once, so few are, and quick ones.
    """

    name: str
    area: str
    level: Level
    question: Text
    answer: Answer
    needs: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    fit: Fit | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    fit_parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    overview: bool = True
