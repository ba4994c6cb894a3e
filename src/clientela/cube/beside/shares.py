"""What a figure is of its whole, and what it comes to with those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from clientela.contracts.analysis import KnowledgeBase, Result, ResultColumn
from clientela.contracts.filter import Filter
from clientela.contracts.schema import Type
from clientela.contracts.text import Value, text
from clientela.cube.declared.dimension import TIME
from clientela.cube.declared.measure import MEASURES, Figure, Ratio, Unit
from clientela.cube.declared.own.measures import adds_over
from clientela.errors import QueryError


def shares(
    kb: KnowledgeBase,
    told: Result,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    known: Mapping[str, Figure] = MEASURES,
    seen_with: Sequence[str] = (),
) -> Result:
    """Each figure divided by that of its parent; a share of a share means nothing and is left out.

    The parent is of the rows that the figures themselves are of: who may see more of them by less is told no part
    of what is not in the parts.
    """
    width = len(by)
    parents: dict[tuple[Value, ...], tuple[Value, ...]] = {}
    alone = width == 1 and not told.least  # the figures themselves came with that total
    whole = (
        _totals(told)
        if alone
        else kb.query(measures, by[:-1], where, seen_with=tuple(dict.fromkeys((*by, *seen_with))))
    )
    numbers: dict[tuple[Value, ...], int] = {(): -1}
    if width > 1:
        numbers = {row[: width - 1]: number for number, row in enumerate(whole.rows)}
        parents = {row[: width - 1]: row[width - 1 :] for row in whole.rows}
    elif whole.totals is not None:
        parents = {(): whole.totals}
    divided = [
        place
        for place, measure in enumerate(known[name] for name in measures)
        if not isinstance(measure, Ratio) and measure.unit in (Unit.MONEY, Unit.COUNT)
    ]
    if not divided:
        raise QueryError("a share is taken of money or of what is counted; none of the figures asked for is either.")

    def parts(row: tuple[Value, ...], parent: tuple[Value, ...] | None) -> tuple[Value, ...]:
        return tuple(_part(row[width + place], None if parent is None else parent[place]) for place in divided)

    rows = tuple((*row, *parts(row, parents.get(row[: width - 1]))) for row in told.rows)
    totals = None if told.totals is None else (*told.totals, *parts(told.totals, told.totals[width:]))
    columns = [
        ResultColumn(
            name=f"{measures[place]}_share",
            type=Type.SHARE,
            measure=True,
            label=text("{measure}, share", measure=known[measures[place]].label),
        )
        for place in divided
    ]
    hidden = set(told.hidden)
    for number, row in ((-1, ()), *enumerate(told.rows)):
        above = numbers.get(row[: width - 1]) if row else None
        for at, place in enumerate(divided):
            if (number, width + place) in told.hidden or (above, max(width - 1, 0) + place) in whole.hidden:
                hidden.add((number, len(told.columns) + at))
    return replace(told, columns=(*told.columns, *columns), rows=rows, totals=totals, hidden=frozenset(hidden))


def _totals(told: Result) -> Result:
    """The totals of figures seen by one thing, as those of a question seen by nothing."""
    hidden = frozenset((-1, place - 1) for row, place in told.hidden if row == -1)
    return Result(columns=told.columns[1:], rows=(), totals=(told.totals or (None,))[1:], hidden=hidden)


def _part(figure: Value, whole: Value) -> Decimal | None:
    if not isinstance(figure, (int, Decimal)) or not isinstance(whole, (int, Decimal)) or not whole:
        return None
    return round(Decimal(figure) / Decimal(whole), 6)


def running(told: Result, measures: Sequence[str], by: Sequence[str], known: Mapping[str, Figure] = MEASURES) -> Result:
    """Each figure summed with those of the same members before it.

    Raises
    ------
    QueryError
        A figure cannot be summed over time.
    """
    for name in measures:
        if not adds_over(known[name], known)[0]:
            raise QueryError(f"'{name}' cannot be summed over time, so it has no running total.")
    width = len(by)
    time = next(place for place, name in enumerate(by) if name in TIME)

    def series(row: tuple[Value, ...]) -> tuple[Value, ...]:
        return (*row[:time], *row[time + 1 : width])

    rows = sorted(told.rows, key=lambda row: (row[time] is None, row[time] or date.min))
    sums: dict[tuple[Value, ...], list[Decimal | int]] = {}
    wider = []
    for row in rows:
        so_far = sums.setdefault(series(row), [0] * len(measures))
        for place in range(len(measures)):
            figure = row[width + place]
            so_far[place] += figure if isinstance(figure, (int, Decimal)) else 0
        wider.append((*row, *so_far))
    columns = [
        replace(
            told.columns[width + place],
            name=f"{name}_running",
            label=text("{measure}, up to then", measure=known[name].label),
        )
        for place, name in enumerate(measures)
    ]
    totals = None if told.totals is None else (*told.totals, *(None for _ in measures))
    return replace(told, columns=(*told.columns, *columns), rows=tuple(wider), totals=totals)
