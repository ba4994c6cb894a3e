"""What can be asked of the cube, and a question with every name of it looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, Union

from clientela.contracts.filter import Filter
from clientela.cube.declared.dimension import DIMENSIONS, Dimension
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import MEASURES, Measure, Ratio
from clientela.cube.filters import fields_of
from clientela.errors import QueryError, UnknownNameError, UnreachableError

_Named = TypeVar("_Named")


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose every name is known and reachable."""

    asked: tuple[Union[Measure, Ratio], ...]
    by: tuple[Dimension, ...]
    where: Filter | None
    filtered: frozenset[str]
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Those it is seen by, then those it is filtered by alone."""
        seen = {each.name for each in self.by}
        return (*self.by, *(DIMENSIONS[name] for name in sorted(self.filtered - seen)))


def understood(
    measures: Sequence[str], by: Sequence[str], where: Filter | None, order: Sequence[str], limit: int | None
) -> Question:
    """The question with its names looked up; raises what is wrong with it."""
    asked = tuple(_known("measure", name, MEASURES) for name in _distinct("measure", measures))
    if not asked:
        raise QueryError("a question needs at least one measure.")
    dimensions = tuple(_known("dimension", name, DIMENSIONS) for name in _distinct("dimension", by))
    filtered = fields_of(where)
    for name in sorted(filtered):
        _known("dimension", name, DIMENSIONS)
    for each in asked:
        for part in parts_of(each):
            _reach(each.name, FACTS[part.fact], (*(d.name for d in dimensions), *sorted(filtered)))
    if limit is not None and limit < 1:
        raise QueryError(f"limit takes 1 or more, not {limit}.")
    columns = (*(d.name for d in dimensions), *(m.name for m in asked))
    return Question(asked, dimensions, where, filtered, _ordered(order, columns, len(dimensions)), limit)


def picked(dimension: str, where: Filter | None, limit: int) -> tuple[Fact, frozenset[str]]:
    """The fact whose members are listed, and the fields that ``where`` names."""
    _known("dimension", dimension, DIMENSIONS)
    filtered = fields_of(where)
    for name in sorted(filtered):
        _known("dimension", name, DIMENSIONS)
    if limit < 1:
        raise QueryError(f"limit takes 1 or more, not {limit}.")
    fact = next(each for each in FACTS.values() if dimension in each.dimensions)
    _reach(dimension, fact, sorted(filtered))
    return fact, filtered


def parts_of(asked: Union[Measure, Ratio]) -> tuple[Measure, ...]:
    """The measures that are counted for what is asked."""
    if isinstance(asked, Measure):
        return (asked,)
    return tuple(part for name in (asked.numerator, asked.denominator) for part in parts_of(MEASURES[name]))


def _known(kind: str, name: str, known: Mapping[str, _Named]) -> _Named:
    if name not in known:
        raise UnknownNameError(kind, str(name), known)
    return known[name]


def _distinct(kind: str, names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise QueryError(f"{kind}s are given as a list of names; put '{names}' into one.")
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise QueryError(f"{kind} '{twice[0]}' is asked for twice.")
    return tuple(names)


def _reach(asked: str, fact: Fact, dimensions: Iterable[str]) -> None:
    for name in dimensions:
        if name not in fact.dimensions:
            raise UnreachableError(asked, fact.name, name, fact.dimensions)


def _ordered(order: Sequence[str], columns: Sequence[str], grain: int) -> tuple[tuple[str, bool], ...]:
    """Each column to sort by and whether the largest comes first; ties are broken by the grain."""
    sorted_by: dict[str, bool] = {}
    for entry in _distinct("order", order):
        name, descending = entry.removeprefix("-"), entry.startswith("-")
        if name not in columns:
            raise UnknownNameError("column to order by", name, columns)
        sorted_by.setdefault(name, descending)
    for name in columns[:grain]:
        sorted_by.setdefault(name, False)
    return tuple(sorted_by.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A measure or a dimension as the reference shows it. ``of``: its fact, its ratio, or its hierarchy."""

    kind: str
    name: str
    label: str
    description: str
    unit: str
    of: str
    adds_over: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()


def describe() -> tuple[Described, ...]:
    """Every measure, then every dimension, as the reference page shows them."""
    measures = (_described(each) for each in MEASURES.values())
    dimensions = (
        Described(
            kind="dimension",
            name=each.name,
            label=each.label.id,
            description=each.description.id,
            unit=each.type.value,
            of=f"{each.hierarchy}, level {each.level}",
        )
        for each in DIMENSIONS.values()
    )
    return (*measures, *dimensions)


def _described(asked: Union[Measure, Ratio]) -> Described:
    facts = [FACTS[part.fact] for part in parts_of(asked)]
    shared = frozenset.intersection(*(fact.dimensions for fact in facts))
    adds: tuple[str, ...] = ()
    of = ""
    if isinstance(asked, Measure):
        adds = tuple(
            name for name, holds in (("time", asked.adds_over_time), ("customers", asked.adds_over_customers)) if holds
        )
        of = asked.fact
    else:
        of = f"{asked.numerator} / {asked.denominator}"
    return Described(
        kind="measure",
        name=asked.name,
        label=asked.label.id,
        description=asked.description.id,
        unit=asked.unit.value,
        of=of,
        adds_over=adds,
        seen_by=tuple(name for name in DIMENSIONS if name in shared),
    )
