"""What was answered while several answers are put together: what one of them asked is not counted again for another.

Kept for one reading of a snapshot by one person, and dropped with it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from clientela.access.area import Reach
from clientela.contracts.analysis import Result
from clientela.contracts.filter import Filter
from clientela.cube.figures.query import to_count
from clientela.cube.figures.question import understood
from clientela.cube.scoped import Kinds
from clientela.cube.view import View

Alike = tuple[str, Reach | None, Kinds]  # the fact, and the rows of it that are counted


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer: what it was seen by, and the rows it was counted over; None where these are not the same for all."""

    by: tuple[str, ...]
    order: tuple[str, ...]
    alike: Alike | None
    result: Result

    @property
    def measures(self) -> frozenset[str]:
        """What it told."""
        return frozenset(each.name for each in self.result.columns if each.measure)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The answers so far, by what they were filtered by."""

    told: dict[Hashable, list[_Told]] = field(default_factory=dict)
    known: dict[Hashable, bool] = field(default_factory=dict)

    def once(self, key: Hashable, look: Callable[[], bool]) -> bool:
        """What is known under a key, else what ``look`` finds."""
        if key not in self.known:
            self.known[key] = look()
        return self.known[key]

    def holds(self, measures: Sequence[str], by: Sequence[str], where: Filter | None, order: Sequence[str]) -> bool:
        """Whether such figures were told: then they need not be counted again, unless they are of other rows."""
        asked = (tuple(by), tuple(order))
        return any(
            (each.by, each.order) == asked and each.measures.issuperset(measures)
            for each in self.told.get((where, ()), ())
        )

    def of(
        self,
        view: View,
        measures: Sequence[str],
        by: Sequence[str],
        where: Filter | None,
        order: Sequence[str],
        seen_with: Sequence[str],
        ask: Callable[[], Result],
    ) -> Result:
        """What was told of the same rows, else what ``ask`` answers.

        Figures of one fact over the same rows do not hang on what is asked beside them: fewer of them are the columns
        of more, and those of everything the total of those by member.

        Raises
        ------
        UnknownNameError, UnreachableError, QueryError, NotPermittedError
            As `clientela.cube.figures.query.query`.
        """
        place, seen, sorted_by = (where, tuple(seen_with)), tuple(by), tuple(order)
        alike = _alike(view, measures, by, where, order, seen_with)
        for each in self.told.get(place, ()):
            same = each.by == seen and each.order == sorted_by
            if same and [*measures] == [column.name for column in each.result.columns if column.measure]:
                return each.result
            if alike is None or each.alike != alike or not each.measures.issuperset(measures):
                continue
            if same:
                return _fewer(each.result, (*by, *measures))
            if not seen and not sorted_by and each.result.totals is not None:
                return _in_all(each.result, measures)
        found = ask()
        self.told.setdefault(place, []).append(_Told(seen, sorted_by, alike, found))
        return found


def _alike(
    view: View,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    order: Sequence[str],
    seen_with: Sequence[str],
) -> Alike | None:
    question = understood(measures, by, where, order, None, view.catalogue.measures, seen_with)
    every = {(each.measure.fact, each.reach, each.kinds) for each in to_count(question, view)[1]}
    return every.pop() if len(every) == 1 else None


def _fewer(result: Result, names: Sequence[str]) -> Result:
    """The same answer with some of its columns."""
    at = {column.name: place for place, column in enumerate(result.columns)}
    places = [at[name] for name in names]
    return Result(
        columns=tuple(result.columns[place] for place in places),
        rows=tuple(tuple(row[place] for place in places) for row in result.rows),
        totals=None if result.totals is None else tuple(result.totals[place] for place in places),
    )


def _in_all(result: Result, names: Sequence[str]) -> Result:
    """The totals of an answer, as that of the question without members."""
    found = _fewer(Result(columns=result.columns, rows=(), totals=result.totals), names)
    return Result(columns=found.columns, rows=(found.totals or (),), totals=found.totals)
