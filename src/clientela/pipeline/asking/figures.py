"""Figures that somebody asks for, in words of theirs, within what they may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from time import perf_counter

from clientela.contracts.analysis import Result
from clientela.contracts.filter import And, Filter
from clientela.contracts.fiscal import FiscalYear
from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.members import drilled
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.explore import Explored, Wanted, explore
from clientela.cube.figures.explain import Answered, explained
from clientela.cube.fiscal import FISCAL
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.typed import read
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.pipeline.rolling.asked import note, shapes_of
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import REPLICA, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures to show. ``notices``: what whoever reads them must know of the snapshot; ``damage`` as in `Serving`.

    ``answered_by``: which tables answered.
    """

    table: Table
    as_of: date
    known_at: datetime
    snapshot: str
    notices: tuple[Text, ...]
    damage: str
    levels: tuple[int, ...] | None = None
    answered_by: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. ``where`` is a filter as a person types it; names that are dimensions may be in ``names``."""

    names: Sequence[str]
    by: Sequence[str] = ()
    where: str | None = None
    order: Sequence[str] = ()
    limit: int | None = None
    wanted: Wanted = field(default_factory=Wanted)
    drill: Sequence[str] = ()

    @property
    def measures(self) -> list[str]:
        """The measures among the names."""
        return [name for name in self.names if name not in DIMENSIONS]

    @property
    def seen_by(self) -> list[str]:
        """What they are seen by: what was said to be, then the dimensions among the names, and what stands across."""
        named = [*self.by, *(name for name in self.names if name in DIMENSIONS)]
        across = self.wanted.pivot
        return [*named, across] if across is not None and across not in named else named

    def taken_apart(self, where: Filter | None, fiscal: FiscalYear) -> tuple[list[str], Filter | None]:
        """What they are seen by, and the filter, with each member of ``drill`` taken apart."""
        by, kept = self.seen_by, [] if where is None else [where]
        for said in self.drill:
            one, by = drilled(said, by, fiscal)
            kept.append(one)
        return by, And(tuple(kept)) if len(kept) > 1 else kept[0] if kept else None


def figures(
    folder: Path, asked: Asked, *, as_of: date | None = None, known_at: datetime | None = None, asker: Asker | None
) -> Figures:
    """The figures asked for, of the snapshot that serves.

    Parameters
    ----------
    asker : within whose rights; None: the company itself asks

    Raises
    ------
    ClientelaError
        The question makes no sense, may not be asked, or nothing can be read.
    """
    catalogue = catalogue_of(folder)

    def told(reader: Reader, served: Serving) -> Figures:
        kb = seen_by(reader, served.snapshot, as_of, known_at=known_at, asker=asker, catalogue=catalogue)
        types = {name: each.type for name, each in DIMENSIONS.items()}
        where = None if asked.where is None else read(asked.where, types, catalogue.fiscal)
        by, where = asked.taken_apart(where, catalogue.fiscal)
        began = perf_counter()
        found = explore(
            kb,
            asked.measures,
            by,
            where,
            wanted=asked.wanted,
            order=asked.order,
            limit=asked.limit,
            catalogue=catalogue,
        )
        shapes = shapes_of(asked.measures, by, where, asked.wanted, kb.view.scope)
        if REPLICA not in served.snapshot.manifest:  # nothing is ever run there
            note(folder, shapes, round(1000 * (perf_counter() - began)))
        of_many = kb.view.scope is not None and kb.view.scope.of_many is not None
        return Figures(
            table=_table(found, kb),
            as_of=kb.as_of,
            known_at=kb.known_at,
            snapshot=kb.snapshot,
            notices=served.notices,
            damage=served.damage,
            levels=found.levels,
            answered_by=() if of_many else explained(kb.view, asked.measures, by, where),
        )

    return serving.read(folder, told, people=opens_people(asker))


def _table(found: Explored, kb: SnapshotKnowledge) -> Table:
    result = found.result
    width = sum(not column.measure for column in result.columns)
    rows = list(result.rows) if width else [result.totals or ()]
    hidden = result.hidden if width else frozenset((0, column) for row, column in result.hidden if row == -1)
    rows = [_told(row, number, hidden) for number, row in enumerate(rows)]
    if found.rest is not None:
        rows.append((text("All others"), *found.rest[1:]))
    total = _told(result.totals, -1, hidden) if result.totals and width and len(result.rows) > 1 else None
    return Table(
        columns=_columns(result, kb.view.catalogue.fiscal, rest=found.rest is not None),
        rows=tuple(rows),
        caption=text("Figures as of {day}", day=kb.as_of),
        total=total,
        note=found.notes[0] if found.notes else None,
        hidden=frozenset(place for place in hidden if place[0] >= 0 or total is not None),
    )


def _told(row: tuple[Value, ...], number: int, hidden: Collection[tuple[int, int]]) -> tuple[Value, ...]:
    """A row that says where a figure is hidden: an empty cell would look like one that nobody knows."""
    return tuple(text("hidden") if (number, place) in hidden else value for place, value in enumerate(row))


def _columns(result: Result, fiscal: FiscalYear, *, rest: bool) -> tuple[TableColumn, ...]:
    """The columns to show; what the top and the rest are seen by must hold words beside dates and numbers."""
    return tuple(
        TableColumn(
            name=column.name,
            type=Type.TEXT if rest and not column.measure else column.type,
            label=column.label or Text(column.name),
            unit=column.unit,
            fiscal=fiscal if column.name in FISCAL else None,
        )
        for column in result.columns
    )
