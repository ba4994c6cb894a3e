"""What an answer may read: one snapshot as of a date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache, partial
from zoneinfo import ZoneInfo

from sqlglot import exp

from clientela.access.area import EVERYTHING
from clientela.access.rights import Scope
from clientela.contracts.analysis import BackTest, Columns, Result
from clientela.contracts.filter import Filter
from clientela.contracts.schema import Type
from clientela.contracts.tables import contract
from clientela.contracts.text import Value, text
from clientela.cube import records
from clientela.cube.declared.catalogue import BUILT_IN, Catalogue
from clientela.cube.fields import cast, public_fields
from clientela.cube.figures import query
from clientela.cube.figures.remembered import Remembered
from clientela.cube.filters import Bound
from clientela.cube.many.answer import of_many
from clientela.cube.replica.needed import refuse_missing
from clientela.cube.rollup.shape import Rollup
from clientela.cube.scoped import within
from clientela.cube.view import ALL, Readable, View
from clientela.errors import NotPermittedError, QueryError


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKnowledge:
    """The knowledge base of one snapshot as of a date; `knowledge` makes one.

    ``days`` gives the first and the last day of the order lines before ``as_of``, which takes a look at all of them.
    ``remembered``: what was answered so far, where several answers are put together; None: nothing is kept.
    """

    view: View
    run_as_of: date
    snapshot: str
    currency: str
    days: Callable[[], tuple[date | None, date | None]]
    remembered: Remembered | None = None

    def remembering(self) -> SnapshotKnowledge:
        """The same, for several answers that are put together: what one of them asked is not counted for another."""
        return replace(self, remembered=Remembered())

    @property
    def as_of(self) -> date:
        """The date looked from: what happened before it counts."""
        return self.view.as_of

    @property
    def first_day(self) -> date | None:
        """The day of the first order line."""
        return self.days()[0]

    @property
    def last_day(self) -> date | None:
        """The day of the last order line before the date."""
        return self.days()[1]

    @property
    def known_at(self) -> datetime:
        """The moment before which it was known, in UTC."""
        return self.view.known_at

    @property
    def lapse_days(self) -> int | None:
        """After how many days without a purchase a customer is lost; None when it is not known."""
        return self.view.lapse_days

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
        """Figures; see `clientela.cube.figures.query.query`."""
        refuse_missing(self.view, measures, by, where)
        many = None if self.view.scope is None else self.view.scope.of_many
        if many is not None:
            return of_many(self.view, many, measures, by, where, order=order, limit=limit)
        told = partial(query.query, self.view, measures, by, where, order=order, limit=limit, seen_with=seen_with)
        if self.remembered is None or limit is not None:
            return told()
        return self.remembered.of(self.view, measures, by, where, order, seen_with, told)

    def columns(self, measures: Sequence[str], by: Sequence[str] = (), where: Filter | None = None) -> Columns:
        """Figures as columns; see `clientela.cube.figures.columns.columns`."""
        from clientela.cube.figures.columns import columns, of_rows  # numpy takes long to import

        refuse_missing(self.view, measures, by, where)
        many = None if self.view.scope is None else self.view.scope.of_many
        if many is not None:
            return of_rows(of_many(self.view, many, measures, by, where))
        return columns(self.view, measures, by, where)

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
        """Rows; see `clientela.cube.records.records`."""
        return records.records(self.view, table, columns, where, order=order, limit=limit, cursor=cursor)

    def members(self, dimension: str, *, where: Filter | None = None, limit: int = 1000) -> tuple[Value, ...]:
        """The values of a dimension; see `clientela.cube.figures.query.members`."""
        return query.members(self.view, dimension, where=where, limit=limit)

    def evidence(self, analysis: str) -> BackTest:
        """What the run stored about an analysis up to the date: its models and its back-test, newest first."""
        models = self._stored("model", analysis, "as_of", ("learned_at", "version"))
        results = self._stored("backtest", analysis, "origin", ("origin", "candidate", "metric"))
        return BackTest(models=models, results=results)

    def delivered(self, table: str) -> bool:
        """Whether a row of a base table is known as of the date: to count them all takes as long as many an answer."""
        return (
            self._delivered(table)
            if self.remembered is None
            else self.remembered.once(table, partial(self._delivered, table))
        )

    def _delivered(self, table: str) -> bool:
        first = exp.select(exp.alias_(exp.Literal.number(1), "one")).from_(contract(table).name).limit(1)
        scope = self.view.scope
        return bool(self.view.rows(within(first, EVERYTHING if scope is None else scope.of_any()), {}))

    def _stored(self, table: str, analysis: str, day: str, newest: tuple[str, ...]) -> tuple[Mapping[str, Value], ...]:
        names = tuple(public_fields(ALL[table]))
        bound = Bound()
        rows = exp.select(*names).from_(table).where(exp.column("analysis").eq(bound.bind(analysis)))
        rows = rows.where(exp.column(day) <= cast(exp.Placeholder(this="as_of"), Type.DATE))
        first, *others = newest
        rows = rows.order_by(exp.Ordered(this=exp.column(first), desc=True, nulls_first=False), *others)
        told = self.view.rows(within(rows, EVERYTHING), bound.values)  # what a model could do is told of the company
        return tuple(dict(zip(names, row, strict=True)) for row in told)


def knowledge(
    reader: Readable,
    *,
    snapshot: str,
    tables: Collection[str],
    people: Collection[str] | None,
    currency: str,
    timezone: str,
    lapse_days: int | None,
    run_as_of: date,
    run_known_at: datetime,
    as_of: date | None = None,
    asked_known_at: datetime | None = None,
    scope: Scope | None = None,
    catalogue: Catalogue = BUILT_IN,
    rollups: Sequence[Rollup] = (),
    sealing: Callable[[], bytes] | None = None,
) -> SnapshotKnowledge:
    """The knowledge base of an open snapshot, as of the date it was built for or an earlier one.

    Parameters
    ----------
    tables, people
        What its two files hold; ``people`` None leaves personal data out.
    run_as_of, run_known_at
        The date the snapshot was built for, and the moment (naive UTC) before which things were known.
    asked_known_at
        As known before this moment; None: as known when the date began, or when the snapshot was built for its own.
    scope
        What the asker may see; None: the company itself asks.
    catalogue
        The measures there are, those of the company among them, and its fiscal year.
    rollups
        The tables of figures that the run counted beforehand: they answer as of its own date, as known then.
    sealing
        Gives the key that cursors are sealed with; None: one of this process.

    Raises
    ------
    QueryError
        ``as_of``, or the moment it is to be known at, is later than what the snapshot was built for.
    NotPermittedError
        Who sees figures of many customers only asks as of another date, or as known at another moment.
    """
    if (
        scope is not None
        and scope.of_many is not None
        and (asked_known_at is not None or as_of not in (None, run_as_of))
    ):
        raise NotPermittedError(
            f"figures of many customers are shown as of {run_as_of} and as known then only: two dates, subtracted, "
            "would tell of few; leave the date out."
        )
    day = run_as_of if as_of is None else as_of
    if day > run_as_of:
        raise QueryError(
            text(
                "as of {day} nothing is known yet: the knowledge base was built as of {run_as_of}; ask as of "
                "that date or an earlier one, or deliver newer files and run again.",
                day=day,
                run_as_of=run_as_of,
            )
        )
    known_at = run_known_at if day == run_as_of else start_of_day(day, timezone)
    if asked_known_at is not None:
        known_at = asked_known_at.astimezone(UTC).replace(tzinfo=None) if asked_known_at.tzinfo else asked_known_at
        if known_at > run_known_at:
            raise QueryError(
                f"what is known at {known_at:%Y-%m-%d %H:%M} UTC is not known yet: the knowledge base was built at "
                f"{run_known_at:%Y-%m-%d %H:%M} UTC."
            )
    view = View(
        reader=reader,
        as_of=day,
        known_at=known_at,
        tables=frozenset(tables),
        people=None if people is None or (scope is not None and not scope.sees_people) else frozenset(people),
        lapse_days=lapse_days,
        currency=currency,
        scope=scope,
        catalogue=catalogue,
        rollups=rollups if (day, known_at) == (run_as_of, run_known_at) else (),
    )
    if sealing is not None:
        view = replace(view, sealing=sealing)

    @cache
    def days() -> tuple[date | None, date | None]:
        asked = exp.select("min(happened_on) as first_day", "max(happened_on) as last_day").from_("order_line")
        first, last = view.rows(within(asked, EVERYTHING if scope is None else scope.of_any()), {})[0]
        return first, last

    return SnapshotKnowledge(view=view, run_as_of=run_as_of, snapshot=snapshot, currency=currency, days=days)


def start_of_day(day: date, timezone: str) -> datetime:
    """The moment a day begins in ``timezone``, as naive UTC.

    Examples
    --------
    >>> start_of_day(date(2017, 10, 1), "America/New_York")
    datetime.datetime(2017, 10, 1, 4, 0)
    """
    return datetime.combine(day, time.min, ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)
