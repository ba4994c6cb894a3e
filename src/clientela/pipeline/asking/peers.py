"""How one's own part of the company stands among others like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from clientela.access.grants import scope as scope_of
from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value, text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.measure import Figure
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.peers.shown import LEAST_CUSTOMERS, LEAST_PEERS
from clientela.cube.peers.standing import Standing, standings
from clientela.errors import NotPermittedError, QueryError
from clientela.pipeline import serving
from clientela.pipeline.asking.figures import Figures
from clientela.pipeline.asking.scope import Asker, company_of
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

_QUARTERS = {
    1: text("in the lowest quarter"),
    2: text("below the middle"),
    3: text("above the middle"),
    4: text("in the highest quarter"),
}


def peers(folder: Path, names: Sequence[str], by: str, asker: Asker | None) -> Figures:
    """Own figures beside averages of peers, in the rights of the asker's roles that give them.

    Parameters
    ----------
    names : one measure, and at most one of month, quarter and year

    Raises
    ------
    QueryError
        It is not one measure, or nobody is named whose part it would be.
    NotPermittedError
        No role of theirs gives peers.
    """
    if asker is None:
        raise QueryError("peers are those of somebody's part of the company; say whose: --as USER.")
    measures = [name for name in names if name not in DIMENSIONS]
    times = [name for name in names if name in DIMENSIONS]
    if len(measures) != 1 or len(times) > 1:
        raise QueryError("peers are compared by one measure, over all time or by one of month, quarter and year.")
    giving = [each for each in asker.held if asker.policy.role(each.role).peers]
    if not giving:
        raise NotPermittedError(f"no role of '{asker.name}' gives peers; a role does with peers = true in policy.toml.")
    catalogue = catalogue_of(folder)

    def told(reader: Reader, served: Serving) -> Figures:
        whole = knowledge_in(reader, served.snapshot, None, catalogue=catalogue)
        scope = scope_of(giving, asker.policy, company_of(whole), on=asker.now.date())
        view = replace(whole.view, people=None)
        found = standings(view, replace(view, scope=scope), measures[0], by, times[0] if times else None)
        return Figures(
            table=_table(found, catalogue.measures[measures[0]], by, times[0] if times else None, whole),
            as_of=whole.as_of,
            known_at=whole.known_at,
            snapshot=whole.snapshot,
            notices=served.notices,
            damage=served.damage,
        )

    return serving.read(folder, told, people=False)


def _table(found: Sequence[Standing], asked: Figure, by: str, time: str | None, whole: SnapshotKnowledge) -> Table:
    kind = Type.NUMBER if asked.unit.type is Type.INT else asked.unit.type
    unit = whole.currency if asked.unit.type is Type.MONEY else None
    columns = [
        *([TableColumn(name=time, type=DIMENSIONS[time].type, label=DIMENSIONS[time].label)] if time else []),
        TableColumn(name=by, type=DIMENSIONS[by].type, label=DIMENSIONS[by].label),
        TableColumn(name=asked.name, type=asked.unit.type, label=asked.label, unit=unit),
        TableColumn(name="group", type=Type.TEXT, label=text("Compared with")),
        TableColumn(name="peers", type=Type.INT, label=text("Peers")),
        TableColumn(name="low", type=kind, label=text("Around the lowest quarter"), unit=unit),
        TableColumn(name="middle", type=kind, label=text("Around the middle"), unit=unit),
        TableColumn(name="high", type=kind, label=text("Around the highest quarter"), unit=unit),
        TableColumn(name="place", type=Type.TEXT, label=text("Place")),
    ]
    rows = tuple((*([each.time] if time else []), *_row(each)) for each in found)
    hidden = frozenset(
        (row, place + (1 if time else 0))
        for row, each in enumerate(found)
        for place, value in enumerate(_row(each))
        if value is None and place >= 3
    )
    return Table(
        columns=tuple(columns),
        rows=tuple(
            tuple(text("hidden") if (number, place) in hidden else value for place, value in enumerate(row))
            for number, row in enumerate(rows)
        ),
        caption=text("Figures as of {day}", day=whole.as_of),
        note=text(
            "Each average is of three peers or more, each with {customers} customers or more, and rounded; with fewer "
            "than {peers} peers none is shown.",
            customers=LEAST_CUSTOMERS,
            peers=LEAST_PEERS,
        ),
        hidden=hidden,
    )


def _row(each: Standing) -> tuple[Value, ...]:
    said = each.spread
    averages: tuple[Decimal | None, ...] = (None, None, None) if said is None else (said.low, said.middle, said.high)
    place: Text | None = None if each.quarter is None else _QUARTERS[each.quarter]
    if place is None and not each.whole:
        place = text("you see a part of it")
    group: Value = text("all others") if each.group is None else each.group
    return (each.member, each.own, group, None if said is None else said.peers, *averages, place)
