"""The customer base in figures: records, customers, who came when, who bought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.text import Period, Value

LATE_DAYS = 11  # a year of which sales miss no more than its first 3 % is whole
RECORDS = "customer_record"
COMPARED = "pairs compared"  # a figure of identity_figure

Member = TypeVar("Member")


@dataclass(frozen=True, slots=True)
class Base:
    """The customers in figures.

    ``delivered``: whether any system delivers customer records; ``compared``: whether duplicates were looked for.

    ``months``: who came in each month, None for those whose day is unknown. ``undated``: customers left out because
    it is not known whether they were there on an earlier date. ``active`` None: not known after how long one is lost.
    """

    customers: int
    records: int
    buyers: int
    active: int | None
    delivered: bool
    compared: bool
    by_records: Mapping[int, int]
    by_systems: Mapping[str, int]
    by_kind: Mapping[str | None, int]
    months: Mapping[date | None, int]
    undated: int
    uncertain: int
    expected_wrong: Decimal

    @property
    def duplicates(self) -> int:
        """Records that are the same customer as another."""
        return self.records - self.customers

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems that know anybody."""
        return tuple(sorted({name for names in self.by_systems for name in names.split(", ")}))


@dataclass(frozen=True, slots=True)
class Bought:
    """Who bought in the last year, and in the one before (None: it is not known as a whole)."""

    period: Period
    whole: bool
    customers: int
    before: int | None
    previous: Period

    @property
    def change(self) -> float | None:
        """The relative change; None where there is nothing to compare with."""
        return self.customers / self.before - 1 if self.before else None


def base_of(kb: KnowledgeBase) -> Base:
    """The customers of the knowledge base, as of its date."""
    uncertain = whole((kb.query(("uncertain_pairs",)).totals or (0,))[0])  # whole companies only: refused at once
    rows, undated = _counted(kb), 0
    if kb.as_of < kb.run_as_of:  # of an earlier date: who came on an unknown day may not have been there yet
        undated = sum(row.customers for row in rows if row.month is None)
        rows = [row for row in rows if row.month is not None]
    figures = {row[0] for row in kb.records("identity_figure", ("figure",), limit=1000).rows}
    return Base(
        customers=sum(row.customers for row in rows),
        records=sum(row.records for row in rows),
        buyers=sum(row.buyers for row in rows),
        active=None if kb.lapse_days is None else sum(row.active for row in rows),
        delivered=bool(figures),
        compared=COMPARED in figures,
        by_records=_summed((row.records_each, row.customers) for row in rows),
        by_systems=_summed((row.systems, row.customers) for row in rows),
        by_kind=_summed((row.kind, row.customers) for row in rows),
        months=_summed((row.month, row.customers) for row in rows),
        undated=undated,
        uncertain=uncertain,
        expected_wrong=Decimal(str((kb.query(("joins_expected_wrong",)).totals or (0,))[0])),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """Customers who came in one month, have so many records, are known to the same systems, and are of one kind."""

    month: date | None
    records_each: int
    systems: str
    kind: str | None
    customers: int
    records: int
    buyers: int
    active: int


def _counted(kb: KnowledgeBase) -> list[_Counted]:
    """All customers in one question: each of these figures may be added up."""
    measures = ("known_customers", "records", "buyers", *(("active_customers",) if kb.lapse_days is not None else ()))
    found = kb.query(measures, by=("month", "records_each", "systems", "customer_kind")).rows
    return [
        _Counted(
            month=day_of(month),
            records_each=whole(each),
            systems=str(systems),
            kind=None if kind is None else str(kind),
            customers=whole(numbers[0]),
            records=whole(numbers[1]),
            buyers=whole(numbers[2]),
            active=whole(numbers[3]) if len(numbers) > 3 else 0,
        )
        for month, each, systems, kind, *numbers in found
    ]


def _summed(pairs: Iterable[tuple[Member, int]]) -> dict[Member, int]:
    found: dict[Member, int] = {}
    for member, number in pairs:
        found[member] = found.get(member, 0) + number
    return found


def bought_by(kb: KnowledgeBase) -> Bought | None:
    """Who bought in the twelve months before the date, against the twelve before; None without purchases."""
    if kb.first_day is None:
        return None
    begin = _a_year_before(kb.as_of)
    period, previous = (
        Period(first, last - timedelta(days=1)) for first, last in ((begin, kb.as_of), (_a_year_before(begin), begin))
    )
    late = timedelta(days=LATE_DAYS)
    return Bought(
        period=Period(max(period.first, kb.first_day), period.last),
        whole=kb.first_day <= period.first + late,
        customers=_customers(kb, period),
        before=_customers(kb, previous) if kb.first_day <= previous.first + late else None,
        previous=previous,
    )


def _customers(kb: KnowledgeBase, period: Period) -> int:
    totals = kb.query(("customers",), where=Condition("day", Operator.BETWEEN, (period.first, period.last))).totals
    return whole(totals[0]) if totals else 0


def _a_year_before(day: date) -> date:
    """The same day of the year before; of 29 February the first of March."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 3, 1)


def day_of(value: Value) -> date | None:
    """A day of the cube; None where it is unknown."""
    return value if isinstance(value, date) else None


def whole(value: Value) -> int:
    """A count of the cube."""
    return 0 if value is None else int(str(value))
