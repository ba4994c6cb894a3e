"""What somebody may ask of the snapshot that serves: the measures that can be counted, and by what they are seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clientela.contracts.fiscal import FiscalYear
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text
from clientela.cube.beside.behind import BEHIND, misread, of_rows
from clientela.cube.declared.dimension import DIMENSIONS, HIERARCHIES, LOOKUPS, Dimension
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import Figure, Unit, parts_of, rests_on
from clientela.cube.fields import public_fields
from clientela.cube.view import View
from clientela.errors import NotPermittedError, UnknownNameError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

_ANY_OF = frozenset({"service_cost"})  # facts of several tables, of which one is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A measure or a dimension that may be chosen. ``group``: its fact, its owner or its hierarchy.

    ``adds``: whether parts of it add up to the whole, so that one may be a share of it.
    """

    name: str
    label: Text
    description: Text
    group: str
    owner: str = ""
    adds: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What may be chosen.

    Parameters
    ----------
    dimensions : by which all the measures that were chosen can be seen; of all measures where none was
    hierarchies : what the groups of dimensions are called
    behind : of each chosen measure, the table whose rows are behind it, and the dimensions these can be filtered by
    of_many : figures of many customers only: no rows and no members of their own are shown
    """

    measures: tuple[Offer, ...]
    dimensions: tuple[Offer, ...]
    hierarchies: Mapping[str, Text]
    behind: Mapping[str, tuple[str, frozenset[str]]]
    first_day: date | None
    last_day: date | None
    of_many: bool
    fiscal: FiscalYear
    currency: str
    snapshot: str


def offered(folder: Path, chosen: Sequence[str], asker: Asker | None) -> Offered:
    """What somebody may choose beside what they have chosen; of what was delivered alone.

    A name that is not known is passed over: the question itself says what is wrong with it.
    """
    catalogue = catalogue_of(folder)

    def told(reader: Reader, served: Serving) -> Offered:
        kb = seen_by(reader, served.snapshot, None, asker=asker, catalogue=catalogue)
        view, known = kb.view, catalogue.measures
        manifest = served.snapshot.manifest
        rows: Mapping[str, int] = manifest["tables"]
        measures = tuple(
            _measure(each, known)
            for each in known.values()
            if all(_delivered(fact, rows) for fact in _facts(each, known)) and _may(view, each, known, ())
        )
        names = [name for name in chosen if name in known]
        of_many = view.scope is not None and view.scope.of_many is not None
        return Offered(
            measures=measures,
            dimensions=tuple(
                _dimensions(view, names or [each.name for each in measures], known, rows, all_=bool(names))
            ),
            hierarchies=HIERARCHIES,
            behind={} if of_many else dict(_behind(view, names, known)),
            first_day=_day(manifest.get("first_day")),
            last_day=_day(manifest.get("last_day")),
            of_many=of_many,
            fiscal=catalogue.fiscal,
            currency=manifest["currency"],
            snapshot=served.snapshot.name,
        )

    return serving.read(folder, told, people=opens_people(asker))


def _facts(each: Figure, known: Mapping[str, Figure]) -> list[Fact]:
    return [FACTS[name] for name in dict.fromkeys(part.fact for part in parts_of(each, known))]


def _delivered(fact: Fact, rows: Mapping[str, int]) -> bool:
    """Whether something was delivered that could be counted."""
    some = any if fact.name in _ANY_OF else all
    return some(rows.get(table, 0) > 0 for table in fact.tables)


def _may(view: View, each: Figure, known: Mapping[str, Figure], by: Sequence[Dimension]) -> bool:
    """Whether the asker may see a measure, by these dimensions."""
    many = None if view.scope is None else view.scope.of_many
    if many is not None and not many.gives(each.name):
        return False
    if many is not None:
        return True
    try:
        view.reach_of_figure(rests_on(each, known), _facts(each, known), by)
    except NotPermittedError:
        return False
    return True


def _measure(each: Figure, known: Mapping[str, Figure]) -> Offer:
    first = _facts(each, known)[0]
    additive = all(part.fact in CONTRACTS for part in parts_of(each, known)) and each.unit is Unit.MONEY
    return Offer(
        name=each.name,
        label=each.label,
        description=each.description,
        group=first.name,
        owner=each.owner or ("own" if each.is_own else ""),
        adds=additive and len(parts_of(each, known)) == 1,
        unit=each.unit.value,
    )


def _dimensions(
    view: View, names: Sequence[str], known: Mapping[str, Figure], rows: Mapping[str, int], *, all_: bool
) -> list[Offer]:
    """The dimensions by which all of some measures can be seen; by which any of them can, where none was chosen."""
    figures = [known[name] for name in names]
    reached = [frozenset.intersection(*(fact.dimensions for fact in _facts(each, known))) for each in figures]
    if not reached:
        return []
    together = frozenset.intersection(*reached) if all_ else frozenset.union(*reached)
    found = []
    for name, each in DIMENSIONS.items():
        if name not in together or (each.lookup is not None and not rows.get(LOOKUPS[each.lookup].table, 0)):
            continue
        if all_ and not all(_may(view, figure, known, (each,)) for figure in figures):
            continue
        found.append(Offer(name=name, label=each.label, description=each.description, group=each.hierarchy))
    return found


def _behind(
    view: View, names: Sequence[str], known: Mapping[str, Figure]
) -> list[tuple[str, tuple[str, frozenset[str]]]]:
    """Of each measure, the table whose rows are behind it; a ratio's are those of what is divided."""
    told = []
    for name in names:
        fact = _facts(known[name], known)[0]
        if fact.tables != {fact.name} or fact.name not in BEHIND or not _rows_seen(view, fact.name):
            continue
        own: Collection[str] = public_fields(BEHIND[fact.name]) if fact.name in BEHIND else ()
        usable = (frozenset(of_rows(fact.name)) | (fact.dimensions & {*own, "segment"})) - misread(fact.name)
        told.append((name, (fact.name, usable)))
    return told


def _rows_seen(view: View, table: str) -> bool:
    """Whether anything of a table may be read row by row."""
    scope = view.scope
    if scope is None or scope.sees_all:
        return True
    return any(scope.of_column(table, name) for name in public_fields(BEHIND[table]))


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def named(kind: str, said: str, offers: Sequence[Offer], labels: Mapping[str, str]) -> str:
    """The measure or dimension that a person means by its name or its label, however capitalised.

    Raises
    ------
    UnknownNameError
        They mean none.

    Examples
    --------
    >>> named("measure", "New customers", (), {"new_customers": "New customers"})
    'new_customers'
    """
    plain = " ".join(said.split()).casefold()
    for name, label in labels.items():
        if plain in (name.casefold(), label.casefold(), name.replace("_", " ").casefold()):
            return name
    raise UnknownNameError(kind, said, [each.name for each in offers])
