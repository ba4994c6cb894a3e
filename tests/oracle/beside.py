"""What is asked beside the figures, in plain Python over what `sql` counts: order, rest, shares, what was before."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from tests.oracle.dictionary import COUNTED, TIME, unit
from tests.oracle.questions import Question
from tests.oracle.sql import Looked, Oracle

Row = tuple[Any, ...]


@dataclass
class Expected:
    """An answer: its rows, their total, and the row of all others where a top was asked for."""

    rows: list[Row]
    totals: Row | None
    rest: Row | None = None


def expected(oracle: Oracle, asked: Question, looked: Looked) -> Expected:
    """What the product should answer."""
    width = len(asked.by)
    rows = oracle.rows(asked.names, asked.by, asked.where, looked) if width else []
    totals = (*(None for _ in asked.by), *oracle.total(asked.names, asked.where, looked))
    rows = _ordered(rows, asked)
    told = Expected(rows, totals)
    top = asked.wanted.top
    if top is not None and len(rows) > top:
        told.rest = (None, *oracle.total(asked.names, _outside(asked, [row[0] for row in rows[:top]]), looked))
    cut = asked.limit if top is None else top
    told.rows = rows if cut is None else rows[:cut]
    if asked.wanted.compare is not None:
        told = _compared(oracle, asked, looked, told)
    if asked.wanted.share:
        told = _shared(oracle, asked, looked, told)
    if asked.wanted.running:
        told = _running(asked, told)
    return told


def _ordered(rows: list[Row], asked: Question) -> list[Row]:
    """By what was asked, unknown last, ties by the members."""
    columns = (*asked.by, *asked.names)
    order = [f"-{asked.names[0]}"] if asked.wanted.top is not None else list(asked.order)
    for name in reversed([*order, *asked.by]):
        place, down = columns.index(name.removeprefix("-")), name.startswith("-")
        known = sorted(
            (row for row in rows if row[place] is not None), key=lambda row, at=place: row[at], reverse=False
        )
        if down:  # a stable sort from the largest: equal ones stay as they are
            known = sorted(
                (row for row in rows if row[place] is not None), key=lambda row, at=place: row[at], reverse=True
            )
        rows = known + [row for row in rows if row[place] is None]
    return rows


def _outside(asked: Question, members: Sequence[Any]) -> Filter:
    """All but these: each that is neither one of them nor, where the unknown is among them, unknown."""
    name = asked.by[0]
    among = tuple(member for member in members if member is not None)
    others: Filter = Not(Condition(name, Operator.IN, among))
    unknown = Condition(name, Operator.IS_NULL)
    kept: Filter = And((Not(unknown), others)) if None in members else Or((unknown, others))
    return kept if asked.where is None else And((asked.where, kept))


def _back(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    last = monthrange(year, month)[1]
    return date(year, month, last if day.day == monthrange(day.year, day.month)[1] else min(day.day, last))


def _step(asked: Question) -> tuple[int, int]:
    """How many months and days the period lies back."""
    times = [name for name in asked.by if name in TIME]
    if asked.wanted.compare == "last-year":
        return (0, 364) if "week" in times else (12, 0)
    if times:
        return {"day": (0, 1), "week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}[
            times[0].removeprefix("fiscal_")
        ]
    first, last = _range(asked.where)
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        return (last.year - first.year) * 12 + last.month - first.month + 1, 0
    return 0, (last - first).days + 1


def _range(where: Filter | None) -> tuple[date, date]:
    if isinstance(where, Condition):
        assert isinstance(where.value, tuple)
        return where.value[0], where.value[1]  # type: ignore[return-value] # two days
    assert isinstance(where, And)
    return where.parts[0].value, where.parts[1].value  # type: ignore[union-attr,return-value] # two comparisons


def _earlier(where: Filter | None, step: tuple[int, int]) -> Filter | None:
    def back(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(back, value))
        return _back(value, step[0]) - timedelta(days=step[1])

    if where is None:
        return None
    if isinstance(where, Condition):
        return replace(where, value=back(where.value)) if where.field in TIME and where.value is not None else where
    if isinstance(where, Not):
        return Not(_earlier(where.part, step) or where.part)
    parts = tuple(_earlier(part, step) or part for part in where.parts)
    return And(parts) if isinstance(where, And) else Or(parts)


def _compared(oracle: Oracle, asked: Question, looked: Looked, told: Expected) -> Expected:
    step, width = _step(asked), len(asked.by)
    then = _earlier(asked.where, step)
    before = {row[:width]: row[width:] for row in oracle.rows(asked.names, asked.by, then, looked)} if width else {}
    nothing = tuple(None if each.startswith(_DIVIDED) else COUNTED[each].empty for each in map(_kind, asked.names))

    def beside(row: Row, old: Row) -> Row:
        return (
            *row,
            *(
                v
                for new, was, name in zip(row[width:], old, asked.names, strict=True)
                for v in (was, changed(new, was, name))
            ),
        )

    rows = []
    for row in told.rows:
        member = tuple(
            value if name not in TIME or value is None else _member_before(value, name, step)
            for name, value in zip(asked.by, row, strict=False)
        )
        rows.append(beside(row, before.get(member, nothing)))
    totals = told.totals
    if totals is not None:
        whole = any(name in TIME for name in _fields(asked.where))
        unknown: Row = tuple(None for _ in asked.names for _ in range(2))
        totals = beside(totals, oracle.total(asked.names, then, looked)) if whole else (*totals, *unknown)
    return replace(told, rows=rows, totals=totals)


_DIVIDED = "/"


def _kind(name: str) -> str:
    return name if name in COUNTED else f"{_DIVIDED}{name}"


def _member_before(value: date, name: str, step: tuple[int, int]) -> date:
    """The member of the time that lies so far before; of a day its own in that month, or the month's last."""
    if name == "day" and step[0]:
        count = value.year * 12 + value.month - 1 - step[0]
        return date(count // 12, count % 12 + 1, min(value.day, monthrange(count // 12, count % 12 + 1)[1]))
    return _back(value, step[0]) - timedelta(days=step[1])


def _fields(where: Filter | None) -> set[str]:
    if where is None:
        return set()
    if isinstance(where, Condition):
        return {where.field}
    return {name for part in ((where.part,) if isinstance(where, Not) else where.parts) for name in _fields(part)}


def changed(now: Any, before: Any, name: str) -> Any:
    """The change as a share of what was before; of a share, in points."""
    if now is None or before is None:
        return None
    if unit(name) == "share":
        return Decimal(now) - Decimal(before)
    return None if not before else (Decimal(now) - Decimal(before)) / abs(Decimal(before))


def _shared(oracle: Oracle, asked: Question, looked: Looked, told: Expected) -> Expected:
    width = len(asked.by)
    above = asked.by[:-1]
    if above:
        whole = {row[: width - 1]: row[width - 1 :] for row in oracle.rows(asked.names, above, asked.where, looked)}
    else:
        whole = {(): oracle.total(asked.names, asked.where, looked)}
    places = [at for at, name in enumerate(asked.names) if name in COUNTED and unit(name) in ("money", "count")]

    def parts(row: Row, parent: Row) -> Row:
        return tuple(
            None if row[width + at] is None or not parent[at] else Decimal(row[width + at]) / Decimal(parent[at])
            for at in places
        )

    rows = [(*row, *parts(row, whole[row[: width - 1]])) for row in told.rows]
    totals = told.totals and (*told.totals, *parts(told.totals, told.totals[width:]))
    return replace(told, rows=rows, totals=totals)


def _running(asked: Question, told: Expected) -> Expected:
    """Each row with the sum of all rows of its series that are not later; the unknown time comes last."""
    width = len(asked.by)
    at = next(place for place, name in enumerate(asked.by) if name in TIME)

    def series(row: Row) -> Row:
        return (*row[:at], *row[at + 1 : width])

    def until(row: Row, other: Row) -> bool:
        return row[at] is None or (other[at] is not None and other[at] <= row[at])

    def sums(row: Row) -> Row:
        so_far = [each for each in told.rows if series(each) == series(row) and until(row, each)]
        return tuple(sum(each[width + place] or 0 for each in so_far) for place in range(len(asked.names)))

    rows = [(*row, *sums(row)) for row in told.rows]
    return replace(told, rows=rows, totals=told.totals and (*told.totals, *(None for _ in asked.names)))
