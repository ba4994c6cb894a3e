"""What a grant can be limited to: the territories, campaigns and product lines that the snapshot knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from clientela.access.area import EVERYTHING
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.errors import NothingPublishedError, UnknownNameError
from clientela.pipeline import serving
from clientela.pipeline.asking.held import lines
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

MOST = 2_000
LIMITED = frozenset({"territories", "campaigns", "product_lines"})  # what of a grant's limits the snapshot knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """A territory: ``level`` says whether it is a nation, a region or a district; ``depth`` how far down it stands."""

    key: str
    name: str
    parent: str | None
    level: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What can be chosen. ``territories`` in the order of the tree, each after the one it lies in."""

    territories: tuple[Territory, ...] = ()
    campaigns: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The product lines as a grant names them."""
        return (*self.categories, *(f"brand:{each}" for each in self.brands))


def limits(folder: Path) -> Limits:
    """What there is to choose; nothing where nothing is published yet. For whoever may administer alone."""

    def told(reader: Reader, served: Serving) -> Limits:
        whole = knowledge_in(reader, served.snapshot, None)
        names = _rows(whole, "territory", "territory_id", "name", "parent_id", "level")
        return Limits(
            territories=tuple(_tree([(str(row[0]), row[1], row[2], row[3]) for row in names])),
            campaigns=tuple(
                (str(key), str(name or key)) for key, name in _rows(whole, "campaign", "campaign_id", "name")
            ),
            categories=tuple(str(row[0]) for row in _rows(whole, "product", "category")),
            brands=tuple(str(row[0]) for row in _rows(whole, "product", "brand")),
        )

    try:
        return serving.read(folder, told, people=False)
    except NothingPublishedError:
        return Limits()


def refuse_unknown(folder: Path, scope: Mapping[str, Sequence[str]]) -> None:
    """Refuse what a grant would be limited to and nobody knows: it would show nothing, and nobody would know why.

    Each name is looked for in the snapshot itself, not among those there are to choose: of these there may be more
    than a list holds. Where nothing of a kind was delivered, none can be told from a slip, and all are taken.

    Raises
    ------
    UnknownNameError
        It names a territory, a campaign or a product line that is not there.
    """
    named = [(kind, each) for kind in sorted(LIMITED & scope.keys()) for each in scope[kind]]
    if not named:
        return

    def told(reader: Reader, served: Serving) -> None:
        whole = knowledge_in(reader, served.snapshot, None)
        for kind, each in named:
            word, places, value = _where(kind, each)
            there = [place for place in places if _has(whole, *place)]
            if there and not any(_has(whole, *place, value) for place in there):
                raise UnknownNameError(word, each, [str(row[0]) for place in there for row in _rows(whole, *place)])

    with suppress(NothingPublishedError):
        serving.read(folder, told, people=False)


def _where(kind: str, said: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    """What a limit is called, the tables and columns that know it, and the value to look for there."""
    if kind == "territories":  # a company without a tree of them has the territories its orders name
        return "territory", (("territory", "territory_id"), ("order_line", "territory_id")), said
    if kind == "campaigns":
        return "campaign", (("campaign", "campaign_id"),), said
    ((column, (value,)),) = lines([said])[0].items()
    return "product line", (("product", "product_id" if column == "product" else column),), value


def _has(whole: SnapshotKnowledge, table: str, column: str, value: str | None = None) -> bool:
    """Whether a column of a table has a value, or any."""
    cell = exp.column(column)
    wanted = exp.not_(exp.Is(this=cell, expression=exp.Null())) if value is None else cell.eq(exp.Literal.string(value))
    asked = exp.select(column).from_(table).where(wanted).limit(1)
    return bool(whole.view.rows(within(asked, EVERYTHING), {}))


def _rows(whole: SnapshotKnowledge, table: str, *columns: str) -> list[tuple[object, ...]]:
    first = exp.column(columns[0])
    asked = exp.select(*columns).distinct().from_(table).where(exp.not_(exp.Is(this=first, expression=exp.Null())))
    return whole.view.rows(within(asked.order_by(columns[0]).limit(MOST), EVERYTHING), {})


def _tree(rows: Sequence[tuple[str, object, object, object]]) -> Iterator[Territory]:
    """Each territory followed by those in it; one that lies in itself, or in none that is known, stands at the top."""
    keys = {row[0] for row in rows}
    below: dict[str | None, list[tuple[str, object, object, object]]] = {}
    for row in rows:
        parent = None if row[2] is None or str(row[2]) not in keys or str(row[2]) == row[0] else str(row[2])
        below.setdefault(parent, []).append(row)
    told: set[str] = set()

    def under(parent: str | None, depth: int) -> Iterator[Territory]:
        for key, name, _, level in sorted(below.get(parent, ()), key=lambda row: str(row[1] or row[0])):
            if key in told:
                continue
            told.add(key)
            yield Territory(key=key, name=str(name or key), parent=parent, level=str(level or ""), depth=depth)
            yield from under(key, depth + 1)

    yield from under(None, 0)
