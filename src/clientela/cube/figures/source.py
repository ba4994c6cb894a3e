"""Where the figures of a question come from: the smallest roll-up that gives the same, else the fact's own rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.contracts.filter import And, Condition, Filter, Operator
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.measure import Measure
from clientela.cube.figures.question import Question
from clientela.cube.filters import SEGMENT
from clientela.cube.rollup.cover import adds_up_to, was_counted_at
from clientela.cube.rollup.shape import Rollup
from clientela.cube.scoped import Kinds


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure counted over the rows of one reach, under a name of its own; no reach: over all rows.

    ``kinds``: where rows that are made of more than others of their table are counted.
    """

    name: str
    measure: Measure
    reach: Reach | None
    kinds: Kinds = ()

    @property
    def aggregate(self) -> exp.Expr:
        """How it is counted over rows, as a tree of its own."""
        return parsed(self.measure.aggregate)


@dataclass(frozen=True, slots=True)
class Source:
    """What answers for some measures of one fact: a roll-up, or the fact's own rows."""

    fact: Fact
    reach: Reach | None
    counted: tuple[Counted, ...]
    rollup: Rollup | None = None
    kinds: Kinds = ()


def sources(
    question: Question, counted: Sequence[Counted], rollups: Sequence[Rollup], facts: Mapping[str, Fact]
) -> list[Source]:
    """What answers for each measure: those of one fact and one reach that have the same source are counted together."""
    found: dict[tuple[str, Reach | None, str | None, Kinds], list[Counted]] = {}
    used: dict[str, Rollup] = {}
    for each in counted:
        rollup = next(_answering(question, each, rollups), None)
        if rollup is not None:
            used[rollup.table] = rollup
        place = (each.measure.fact, each.reach, rollup.table if rollup else None, each.kinds)
        found.setdefault(place, []).append(each)
    return [
        Source(facts[fact], reach, tuple(those), used[table] if table else None, kinds)
        for (fact, reach, table, kinds), those in found.items()
    ]


def _answering(question: Question, counted: Counted, rollups: Sequence[Rollup]) -> Iterator[Rollup]:
    by = [each.name for each in question.by]
    names, pins, said = {*by, *question.filtered}, pins_alone(question.where), counted.measure.aggregate
    held_fast = pins is not None and (not pins or counted.measure.empty == 0)
    if SEGMENT in names:  # a customer is in several
        return
    if any(rows != EVERYTHING for _, _, rows in counted.kinds):  # a roll-up does not tell kinds apart
        return
    for rollup in rollups:  # the smallest first
        if rollup.fact != counted.measure.fact:
            continue
        if rollup.levels:
            if held_fast and was_counted_at(rollup, by, pins or (), said, counted.reach):
                yield rollup
        elif adds_up_to(rollup, names, said, counted.reach):
            yield rollup


def pins_alone(where: Filter | None) -> frozenset[str] | None:
    """The fields that a filter holds to one member each, where it does nothing else; None where it does.

    Examples
    --------
    >>> web, late = Condition("channel", Operator.EQ, "web"), Condition("month", Operator.GE, 1)
    >>> sorted(pins_alone(web)), pins_alone(And((web, late))) is None, sorted(pins_alone(None))
    (['channel'], True, [])
    """
    if where is None:
        return frozenset()
    if isinstance(where, Condition):
        return frozenset({where.field}) if where.operator is Operator.EQ else None
    if isinstance(where, And) and where.parts:
        parts = [pins_alone(part) for part in where.parts]
        return None if any(part is None for part in parts) else frozenset().union(*(part or () for part in parts))
    return None
