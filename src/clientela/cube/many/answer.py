"""Figures for who sees those of many customers only: the same figures, with the cells left out that tell of few."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from clientela.access.rights import Many, Names, Right, Scope
from clientela.contracts.analysis import Result
from clientela.contracts.filter import Filter
from clientela.contracts.text import Value
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.lattice import OF_NOBODY, PATHS, TIME_PATH, path_of, tells_customers
from clientela.cube.declared.measure import parts_of, rests_on
from clientela.cube.figures.query import query
from clientela.cube.figures.question import Question, understood
from clientela.cube.many.cells import Cell, Path, counted_cells, lone_times
from clientela.cube.many.hidden import hidden_cells
from clientela.cube.scoped import columns_read
from clientela.cube.view import View
from clientela.errors import NotPermittedError

Member = tuple[Value, ...]


def of_many(
    view: View,
    many: Many,
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Filter | None = None,
    *,
    order: Sequence[str] = (),
    limit: int | None = None,
) -> Result:
    """The figures asked for; those of too few customers, and those that would tell them, are hidden.

    Which cells are hidden depends on the snapshot and on the rows the person's figures are counted over, not on what is
    asked: the same cell is hidden in every answer.

    Raises
    ------
    NotPermittedError
        The question is not one of the lattice, or the measure or dimension is not among what the person sees.
    UnknownNameError, UnreachableError, QueryError
        A name is not known, or a measure's fact has no such dimension.
    """
    question = understood(measures, by, where, order, limit, view.catalogue.measures)
    _refuse(question, many, where, order, limit, view)
    right = Right(reach=many.reach, columns=Names(("*",)), measures=Names(("*",)))
    counted = replace(view, people=None, scope=Scope((right,)))
    told = query(counted, measures, by, order=order)
    return _without(told, len(by), _hidden(counted, many, question), many.least)


def _refuse(
    question: Question, many: Many, where: Filter | None, order: Sequence[str], limit: int | None, view: View
) -> None:
    names = [each.name for each in question.by]
    if where is not None or limit is not None:
        raise NotPermittedError(
            "who sees figures of many customers only sees them whole: leave out the filter, the limit and the top."
        )
    for each in question.asked:
        rest = rests_on(each, view.catalogue.measures)
        if not all(map(many.gives, rest.measures)) or many.hides(rest.columns) is not None:
            raise NotPermittedError(f"'{each.name}' is not among the figures you may see; ask who gives rights for it.")
        for part in parts_of(each, view.catalogue.measures):
            fact = FACTS[part.fact]
            if part.of_one_row:
                raise NotPermittedError(f"'{each.name}' is the figure of a single row; leave it out.")
            if fact.name not in OF_NOBODY and not tells_customers(fact):
                raise NotPermittedError(f"'{each.name}' does not say of how many customers it tells; leave it out.")
            hidden = many.hides([column for by in question.by for column in columns_read(fact, by)])
            if hidden is not None:
                raise NotPermittedError(f"'{each.name}' cannot be seen by '{hidden}' with your rights; leave it out.")
    outside = next((name for name in names if path_of(name) is None), None)
    if outside is not None:
        known = ", ".join(name for path in (TIME_PATH, *PATHS) for name in path)
        raise NotPermittedError(f"figures of many customers are not seen by '{outside}'; they are by: {known}.")
    if sum(name in TIME_PATH for name in names) > 1 or sum(name not in TIME_PATH for name in names) > 1:
        raise NotPermittedError("figures of many customers are seen by one time and one other thing at most.")
    if any(entry.removeprefix("-") not in names for entry in order):
        raise NotPermittedError(
            "figures of many customers are not put in the order of a figure: it would tell a hidden one."
        )


def _hidden(view: View, many: Many, question: Question) -> Mapping[str, Collection[Member]]:
    """For each measure the members whose figure is hidden; () stands for the total."""
    names = [each.name for each in question.by]
    path = next((path_of(name) or () for name in names if name not in TIME_PATH), ())
    known = view.catalogue.measures
    parts = {each.name: parts_of(each, known) for each in question.asked}
    told = {(part.fact, part.counts) for found in parts.values() for part in found if part.fact not in OF_NOBODY}
    of_rows: dict[tuple[str, str | None], set[Member]] = {}
    for fact, rows in sorted(told, key=str):
        cells = _cells(view, many, fact, rows, path)
        of_rows[fact, rows] = {member for cell in cells for member in _members(cell, names, path)}
    return {
        name: set().union(*(of_rows.get((part.fact, part.counts), set()) for part in found))
        for name, found in parts.items()
    }


def _cells(view: View, many: Many, fact: str, rows: str | None, path: tuple[str, ...]) -> Collection[Cell]:
    """The cells of a fact that are hidden, decided once for all questions of a view."""

    def alone() -> Collection[Path]:
        return lone_times(view, FACTS[fact], many.reach, rows)

    def decide() -> Collection[Cell]:
        lone: Collection[Path] = view.decided.of((fact, rows, many.reach, view.as_of, view.known_at), alone)
        told = counted_cells(view, FACTS[fact], many.reach, path, rows)
        customers = {cell: each.customers for cell, each in told.items()}
        return hidden_cells(customers, many.least, {cell: each.rows for cell, each in told.items()}, lone)

    told: Collection[Cell] = view.decided.of(
        (fact, rows, many.reach, many.least, path, view.as_of, view.known_at), decide
    )
    return told


def _members(cell: Cell, names: Sequence[str], path: Sequence[str]) -> Iterator[Member]:
    """The row that a cell stands in, where it stands in one; () for the total."""
    if not any(cell):
        yield ()
    depth = next((TIME_PATH.index(name) + 1 for name in names if name in TIME_PATH), 0)
    if [*map(len, cell)] == [depth, *(int(name in names) for name in path)]:
        values = dict(zip(path, cell[1:], strict=True))
        yield tuple(cell[0][-1] if name in TIME_PATH else values[name][0] for name in names)


def _without(told: Result, width: int, hidden: Mapping[str, Collection[Member]], least: int) -> Result:
    """The result with None in the place of what is hidden."""
    names = [column.name for column in told.columns]
    places = {
        (number, width + place)
        for number, row in enumerate(told.rows)
        for place, name in enumerate(names[width:])
        if row[:width] in hidden[name]
    }
    places |= {(-1, width + place) for place, name in enumerate(names[width:]) if () in hidden[name]}

    def shown(number: int, row: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(None if (number, place) in places else value for place, value in enumerate(row))

    return replace(
        told,
        rows=tuple(shown(number, row) for number, row in enumerate(told.rows)),
        totals=None if told.totals is None else shown(-1, told.totals),
        hidden=frozenset(places),
        least=least,
    )
