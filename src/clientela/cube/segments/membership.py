"""Since when each customer is in a segment, until when, and the fact that turned it. Arrays in, arrays out.

A customer is in a segment on a date when its condition holds of what was known when that date began. All changes of
one date are looked at in order, and the one that turned it is the last after which it held, or no longer did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.filter import Condition, Filter
from clientela.contracts.schema import Type
from clientela.cube.segments import events
from clientela.cube.segments.changes import Rows, Whole
from clientela.cube.segments.events import BEGUN, NOBODY, Events
from clientela.cube.segments.fields import Attribute, Bought, Meaning, Purchases, Since
from clientela.cube.segments.language import leaves, meaning_of
from clientela.cube.segments.terms import Counting, Term, digits_of, is_ratio, terms_of
from clientela.cube.segments.truth import UNKNOWN, YES, Truth, Values, holds, in_units, said, truth

CUSTOMER = "customer"  # the table of what no fact turned


@dataclass(frozen=True, slots=True)
class People:
    """The customers, (n,) in ascending order, and from which date on each is known. ``columns``: golden records."""

    customer: Whole
    since: Whole
    columns: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Flip:
    """What turned a membership. ``condition``: its place in the segment, -1 where none of them did."""

    condition: int
    cause: int
    was: str | None
    now: str | None
    table: str | None
    fact: int
    day: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One time in a segment, from a date until another (None: still there); dates are days since 1970."""

    customer: int
    since: int
    until: int | None
    came: Flip
    left: Flip | None


@dataclass(frozen=True, slots=True)
class Condensed:
    """A segment's condition taken apart: each comparison with what it means and is counted from."""

    where: Filter
    leaves: tuple[Condition, ...]
    meanings: tuple[Meaning, ...]
    counted: tuple[tuple[Counting, ...], ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term once."""
        return tuple(dict.fromkeys(each.term for leaf in self.counted for each in leaf))

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the golden record that it names."""
        return frozenset(each.column for each in self.meanings if isinstance(each, (Attribute, Since)))


def condensed(where: Filter) -> Condensed:
    """A segment's condition, ready to be followed."""
    found = leaves(where)
    meanings = tuple(map(meaning_of, found))
    counted = tuple(terms_of(leaf, meaning) for leaf, meaning in zip(found, meanings, strict=True))
    return Condensed(where, found, meanings, counted)


def stays(segment: Condensed, people: People, rows: Sequence[Rows], *, as_of: int) -> list[Stay]:
    """Every time that a customer was in a segment up to a date, by customer and date."""
    if not len(people.customer):
        return []
    tables = [*dict.fromkeys([CUSTOMER, *(each.table for each in rows)])]
    happened, parts = _events(segment, people, rows, tables, as_of)
    state = _State(segment, people, happened, parts)
    told = [state.holds(place) for place in range(len(segment.leaves))]
    holding = truth(segment.where, dict(zip(segment.leaves, told, strict=True))) == YES
    return _stays(segment, people, state, told, np.asarray(holding), tables)


def _events(
    segment: Condensed, people: People, rows: Sequence[Rows], tables: Sequence[str], as_of: int
) -> tuple[Events, list[events.Part]]:
    seats = np.arange(len(people.customer), dtype=np.int64)
    begun = np.minimum(people.since, as_of)
    parts = [events.at_dates(seats, begun, cause=BEGUN, table=0, day=begun - 1, phase=-1)]
    of_terms = events.of_rows(rows, segment.terms, people.customer, as_of=as_of, tables=tables)
    parts += of_terms
    for leaf, meaning, counted in zip(segment.leaves, segment.meanings, segment.counted, strict=True):
        if isinstance(meaning, Purchases) and meaning.since:
            place = segment.terms.index(counted[0].term)
            told = next((each for each in of_terms if len(each["term"]) and each["term"][0] == place), None)
            ticked = None if told is None else events.ticking(told, _ticks(leaf, meaning.less), as_of=as_of)
            parts += [] if ticked is None else [ticked]
        elif isinstance(meaning, Since):
            parts += _birthdays(people, meaning, _ticks(leaf, 0), begun, as_of)
    return events.ordered(parts, begun), of_terms


def _ticks(asked: Condition, less: int) -> list[int]:
    """So many days after a day a condition on the days since then may turn."""
    values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
    whole = {int(in_units(each, 0)) for each in values if each is not None}
    return sorted({value + less + more for value in whole for more in (0, 1)})


def _birthdays(people: People, meaning: Since, ticks: Sequence[int], begun: Whole, as_of: int) -> list[events.Part]:
    column = people.columns[meaning.column]
    parts = []
    for after in ticks:
        on = np.where(column.known, column.values.astype(np.int64) + after, 0)
        seats = np.flatnonzero(column.known & (on > begun) & (on <= as_of))
        day = column.values[seats].astype(np.int64)
        parts.append(events.at_dates(seats, on[seats], cause=events.TIME, table=0, day=day, phase=0))
    return parts


class _State:
    """What every condition is counted from, after each change. ``at``: the place of the last event of each change."""

    def __init__(self, segment: Condensed, people: People, told: Events, parts: Sequence[events.Part]) -> None:
        self.segment, self.people, self.told = segment, people, told
        self.at = np.flatnonzero(told.last)
        self.customer, self.on = told.customer[self.at], told.on[self.at]
        self.cause = np.maximum.reduceat(told.cause, np.concatenate([[0], self.at[:-1] + 1]))
        self.first = np.ones(len(self.at), dtype=bool)
        self.first[1:] = self.customer[1:] != self.customer[:-1]
        self._sums = [self._sum(place, term) for place, term in enumerate(segment.terms)]
        self._counts = [self._sum(place, term, rows=True) for place, term in enumerate(segment.terms)]
        self._days = {
            term: self._first_and_last(place) for place, term in enumerate(segment.terms) if term.kind == "days"
        }

    def _sum(self, place: int, term: Term, *, rows: bool = False) -> Whole:
        told = self.told
        mine = told.term == place
        if (rows and term.kind in ("sum", "rows")) or term.kind == "days" or (rows and term.kind == "distinct"):
            amount = np.where(mine, told.sign, 0)
        else:
            amount = np.where(mine, told.amount, 0)
        total = np.cumsum(amount)[self.at]
        before = np.concatenate([[0], total[:-1]])
        base = np.maximum.accumulate(np.where(self.first, np.arange(len(self.at)), 0))
        return np.asarray(total - before[base])

    def _first_and_last(self, place: int) -> tuple[Whole, Whole]:
        """The first and the last of the days that count after each change; anything where none does."""
        told = self.told
        mine = told.term == place
        came = mine & (told.sign > 0)
        far = np.int64(1 << 22)
        lowest = np.where(came, told.day, -far) + told.customer * (far * 4)
        last = np.maximum.accumulate(lowest)[self.at] - self.customer * (far * 4)
        highest = np.where(came, told.day, far) - told.customer * (far * 4)
        first = np.minimum.accumulate(highest)[self.at] + self.customer * (far * 4)
        for seat in np.unique(told.customer[mine & (told.sign < 0)]):
            self._counted_one_by_one(int(seat), mine, first, last)
        return first, last

    def _counted_one_by_one(self, seat: int, mine: NDArray[np.bool_], first: Whole, last: Whole) -> None:
        """The same for a customer of whom a purchase was withdrawn."""
        told, days = self.told, set[int]()
        lo, hi = np.searchsorted(told.customer, [seat, seat + 1])
        group = int(np.searchsorted(self.at, lo))
        for event in range(lo, hi):
            if mine[event]:
                (days.add if told.sign[event] > 0 else days.discard)(int(told.day[event]))
            if told.last[event]:
                if days:
                    first[group], last[group] = min(days), max(days)
                group += 1

    def values(self, leaf: int, groups: NDArray[np.int64] | None = None, on: Whole | None = None) -> Values:
        """What a condition compares, after some changes (None: each), looked at from these dates (None: their own)."""
        meaning, counted = self.segment.meanings[leaf], self.segment.counted[leaf]
        at = np.arange(len(self.at)) if groups is None else groups
        dates = self.on[at] if on is None else on
        if isinstance(meaning, Attribute):
            return self.people.columns[meaning.column].at(self.customer[at])
        if isinstance(meaning, Since):
            days = self.people.columns[meaning.column].at(self.customer[at])
            return Values(dates - np.where(days.known, days.values, 0).astype(np.int64), days.known)
        if isinstance(meaning, Purchases):
            return self._purchases(meaning, counted[0].term, at, dates)
        if is_ratio(meaning):
            return self._ratio(meaning, counted, at)
        return self._counted(counted[0], at, digits_of(meaning))

    def _counted(self, counting: Counting, at: NDArray[np.int64], digits: int) -> Values:
        place = self.segment.terms.index(counting.term)
        value, rows = self._sums[place][at], self._counts[place][at]
        if counting.empty is None:
            return Values(value, rows > 0, digits)
        empty = counting.empty * 10**digits
        return Values(np.where(rows > 0, value, empty), np.ones(len(at), dtype=bool), digits)

    def _ratio(self, meaning: Meaning, counted: Sequence[Counting], at: NDArray[np.int64]) -> Values:
        above, below = (self._counted(each, at, each.term.digits) for each in counted)
        digits = digits_of(meaning)
        known = above.known & below.known & (below.values != 0)
        over = (above.values / 10**above.digits) / np.where(known, below.values / 10**below.digits, 1.0)
        units = np.sign(over) * np.floor(np.abs(over) * 10**digits + 0.5)
        return Values(units.astype(np.int64), known, digits)

    def _purchases(self, meaning: Purchases, term: Term, at: NDArray[np.int64], dates: Whole) -> Values:
        first, last = (each[at] for each in self._days[term])
        days = self._sums[self.segment.terms.index(term)][at]
        known = days > 0
        if meaning.what == "repeats":
            return Values(days - 1, known)
        if meaning.what == "span":
            return Values(last - first, known)
        day = first if meaning.what == "first" else last
        return Values(dates - day - meaning.less if meaning.since else day, known)

    def holds(self, leaf: int) -> Truth:
        """Whether a condition holds after each change."""
        return self.judged(leaf, self.values(leaf))

    def judged(self, leaf: int, values: Values) -> Truth:
        """Whether a condition holds of values; of what an order has several of, whether one order at least fits."""
        if isinstance(self.segment.meanings[leaf], Bought):
            return np.where(values.values > 0, YES, 0).astype(np.int8)
        return holds(self.segment.leaves[leaf], values)

    def type_of(self, leaf: int) -> Type:
        """The type of what a condition compares."""
        meaning = self.segment.meanings[leaf]
        return Type.INT if isinstance(meaning, Bought) else meaning.type


def _stays(
    segment: Condensed,
    people: People,
    state: _State,
    told: Sequence[Truth],
    holding: NDArray[np.bool_],
    tables: Sequence[str],
) -> list[Stay]:
    size = len(state.at)
    places = np.arange(size)
    before = np.concatenate([[False], holding[:-1]]) & ~state.first
    turned = np.maximum.accumulate(np.where(holding != before, places, -1))
    ends = np.ones(size, dtype=bool)  # the last change of a date
    ends[:-1] = (state.customer[1:] != state.customer[:-1]) | (state.on[1:] != state.on[:-1])
    days = np.flatnonzero(ends)
    held = holding[days]
    same = np.concatenate([[False], state.customer[days][1:] == state.customer[days][:-1]])
    was = np.concatenate([[False], held[:-1]]) & same
    flips = np.flatnonzero(held != was)
    causes = _flips(segment, state, told, turned[days[flips]], tables)
    found: list[Stay] = []
    for place, flip in zip(flips, causes, strict=True):
        group = days[place]
        customer, on = int(people.customer[state.customer[group]]), int(state.on[group])
        if held[place]:
            found.append(Stay(customer, on, None, flip, None))
        else:
            found[-1] = Stay(customer, found[-1].since, on, found[-1].came, flip)
    return found


def _flips(
    segment: Condensed, state: _State, told: Sequence[Truth], groups: NDArray[np.int64], tables: Sequence[str]
) -> list[Flip]:
    """What turned each of some changes."""
    event = state.told.last.nonzero()[0][groups]
    chosen = _chosen(segment, state, told, groups)
    earlier = np.maximum(groups - 1, 0)
    seen_on = np.where(state.on[earlier] == state.on[groups], state.on[groups], state.on[groups] - 1)
    cause = state.cause[groups]
    was: dict[int, tuple[Values, Values]] = {
        leaf: (state.values(leaf, earlier, seen_on), state.values(leaf, groups)) for leaf in {*chosen.tolist()} - {-1}
    }
    flips = []
    for place, leaf in enumerate(chosen.tolist()):
        at = event[place]
        table = int(state.told.table[at])
        kind = state.type_of(leaf) if leaf >= 0 else Type.TEXT
        old, new = was[leaf] if leaf >= 0 else (None, None)
        flips.append(
            Flip(
                condition=leaf,
                cause=int(cause[place]),
                was=None if old is None else said(old, place, kind),
                now=None if new is None else said(new, place, kind),
                table=tables[table] if table > 0 else None,
                fact=int(state.told.fact[at]),
                day=int(state.told.day[at]),
            )
        )
    return flips


def _chosen(segment: Condensed, state: _State, told: Sequence[Truth], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """The condition that turned each: the first that changed and without which it had not turned; -1: none did."""
    chosen = np.full(len(groups), NOBODY, dtype=np.int64)
    earlier = np.maximum(groups - 1, 0)
    now = {leaf: told[place][groups] for place, leaf in enumerate(segment.leaves)}
    result = truth(segment.where, now) == YES
    weak = chosen.copy()
    for place in reversed(range(len(segment.leaves))):
        old = told[place][earlier]
        changed = (old != now[segment.leaves[place]]) & ~state.first[groups]
        without = truth(segment.where, {**now, segment.leaves[place]: old}) == YES
        chosen[changed & (without != result)] = place
        weak[changed] = place
    return np.where(chosen >= 0, chosen, weak)


def members_now(segment: Condensed, values: Mapping[Condition, tuple[Values, NDArray[np.bool_]]]) -> NDArray[np.bool_]:
    """Who is in a segment, from what its conditions compare, (n,) each, and of whom that is hidden from the asker."""
    told: dict[Condition, Truth] = {}
    for leaf, meaning in zip(segment.leaves, segment.meanings, strict=True):
        given, hidden = values[leaf]
        if isinstance(meaning, Bought):
            told[leaf] = np.where(given.known & (given.values > 0), YES, 0).astype(np.int8)
        else:
            told[leaf] = np.where(hidden, UNKNOWN, holds(leaf, given)).astype(np.int8)
    return np.asarray(truth(segment.where, told) == YES)
