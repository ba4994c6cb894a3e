"""What can be asked of the cube, and a question with every name of it looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from clientela.contracts.filter import And, Condition, Filter
from clientela.contracts.text import Text
from clientela.cube.declared.dimension import DIMENSIONS, Dimension
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import MEASURES, Figure, Measure, Ratio, named_in, parts_of
from clientela.cube.declared.own.measures import adds_over
from clientela.cube.filters import fields_of
from clientela.errors import QueryError, UnknownNameError, UnreachableError

_Named = TypeVar("_Named")


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose every name is known and reachable. ``totals``: whether the figures of all are asked for too."""

    asked: tuple[Figure, ...]
    by: tuple[Dimension, ...]
    where: Filter | None
    filtered: frozenset[str]
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    seen_with: tuple[Dimension, ...] = ()
    totals: bool = True

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Those it is seen by, then those it is filtered by alone, or seen with."""
        seen = {each.name for each in self.by}
        others = {*self.filtered, *(each.name for each in self.seen_with)} - seen
        return (*self.by, *(DIMENSIONS[name] for name in sorted(others)))


def understood(
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    order: Sequence[str],
    limit: int | None,
    known: Mapping[str, Figure] = MEASURES,
    seen_with: Sequence[str] = (),
) -> Question:
    """The question with its names looked up, measures among those ``known``; raises what is wrong with it."""
    asked = tuple(_known("measure", name, known) for name in _distinct("measure", measures))
    if not asked:
        raise QueryError("a question needs at least one measure.")
    dimensions = tuple(_known("dimension", name, DIMENSIONS) for name in _distinct("dimension", by))
    filtered = fields_of(where)
    for name in sorted(filtered):
        _known("dimension", name, DIMENSIONS)
    for each in asked:
        for part in parts_of(each, known):
            _reach(each.name, FACTS[part.fact], (*(d.name for d in dimensions), *sorted(filtered)))
    if limit is not None and limit < 1:
        raise QueryError(f"limit takes 1 or more, not {limit}.")
    if "segment" in by and "segment" in filtered:
        _refuse_crossed(where)
    columns = (*(d.name for d in dimensions), *(m.name for m in asked))
    beside = tuple(_known("dimension", name, DIMENSIONS) for name in _distinct("dimension", seen_with))
    return Question(asked, dimensions, where, filtered, _ordered(order, columns, len(dimensions)), limit, beside)


def _refuse_crossed(where: Filter | None) -> None:
    """Refuse a filter by segment, of figures seen by segment, that more than picks some of them."""
    parts = where.parts if isinstance(where, And) else (where,)
    picking = [part for part in parts if "segment" in fields_of(part)]
    if len(picking) != 1 or not isinstance(picking[0], Condition):
        raise QueryError(
            "figures seen by segment take a filter that picks segments once, such as segment in ('a', 'b'); to ask "
            "who is in two of them, leave 'segment' out of what they are seen by."
        )


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
    """A measure or a dimension as the reference shows it. ``of``: its fact, its ratio or sum, or its hierarchy.

    ``owner`` is who answers for a measure; empty for a built-in one. ``words`` are its label and description, to be
    said in a language.
    """

    kind: str
    name: str
    label: str
    description: str
    unit: str
    of: str
    adds_over: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    owner: str = ""
    is_own: bool = False
    words: tuple[Text, Text]


def describe(known: Mapping[str, Figure] = MEASURES) -> tuple[Described, ...]:
    """Every measure ``known``, then every dimension, as the reference page shows them."""
    measures = (_described(each, known) for each in known.values())
    dimensions = (
        Described(
            kind="dimension",
            name=each.name,
            label=each.label.id,
            description=each.description.id,
            unit=each.type.value,
            of=f"{each.hierarchy}, level {each.level}",
            words=(each.label, each.description),
        )
        for each in DIMENSIONS.values()
    )
    return (*measures, *dimensions)


def _described(asked: Figure, known: Mapping[str, Figure]) -> Described:
    facts = [FACTS[part.fact] for part in parts_of(asked, known)]
    shared = frozenset.intersection(*(fact.dimensions for fact in facts))
    held = zip(("time", "customers"), adds_over(asked, known), strict=True)
    of = asked.fact if isinstance(asked, Measure) else formula_of(asked)
    return Described(
        kind="measure",
        name=asked.name,
        label=asked.label.id,
        description=asked.description.id,
        unit=asked.unit.value,
        of=of,
        adds_over=tuple(name for name, holds in held if holds),
        seen_by=tuple(name for name in DIMENSIONS if name in shared),
        owner=asked.owner,
        is_own=asked.is_own,
        words=(asked.label, asked.description),
    )


def formula_of(asked: Figure) -> str:
    """What a ratio or a sum is made of, in names of measures; of a measure that is counted, nothing.

    Examples
    --------
    >>> formula_of(MEASURES["basket"])
    'revenue / orders'
    """
    if isinstance(asked, Ratio):
        return " / ".join(named_in(asked))
    if isinstance(asked, Measure):
        return ""
    said = "".join(f" {'+' if sign > 0 else '-'} {name}" for sign, name in asked.terms)
    return said.removeprefix(" + ").lstrip()
