"""Which roll-ups are worth their room: those that spare most of what is asked, one after the other.

The greedy choice of Harinarayan, Rajaraman and Ullman (Implementing Data Cubes Efficiently, SIGMOD 1996): what a
question costs is the rows that are read for it; the table is taken that spares most for each byte, then what each other
would spare beside it is worked out anew, until the room is used up. What it spares is near 63 % of what the best choice
would, or more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from clientela.cube.declared.dimension import DIMENSIONS, PLACE
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Figure, Measure, parts_of
from clientela.cube.filters import SEGMENT
from clientela.cube.fiscal import FISCAL
from clientela.cube.rollup.made import planned
from clientela.cube.rollup.moved import is_of_one
from clientela.cube.rollup.shape import BEGINS, SEEN_IN, Rollup, Shape, finer, is_plain, tells_home
from clientela.cube.rollup.steps import as_said, held_for, is_different, is_of_customers

AT_LEAST = 200_000  # rows of a fact: fewer are counted at once
MOST = 20  # tables; each is a pass over its fact
_FEW = 20_000  # rows that are read at once: fewer are no quicker
_BLOCK = 256 << 10  # bytes that a table takes at least
_MANY = 60  # sets of dimensions that are put together with each other
_DISTINCT = 5.0  # counting different customers takes so many times what adding up takes
_WORTH = 0.005  # of what all questions of a fact cost without any


@dataclass(frozen=True, slots=True)
class Need:
    """What one kind of question needs of one fact. ``pinned`` is None where different customers are not counted.

    ``by_sets``: who asks sees some territories only, so that different ones are counted by sets of territories.
    """

    fact: str
    names: frozenset[str]
    measures: frozenset[str]
    pinned: frozenset[str] | None = None
    by_sets: bool = False


def needs(asked: Mapping[Shape, float], measures: Mapping[str, Figure]) -> dict[Need, float]:
    """What the questions need of each fact, each with how often; what no roll-up can give is left out."""
    found: dict[Need, float] = defaultdict(float)
    for shape, often in asked.items():
        if (
            not {*shape.by, *shape.filtered} <= DIMENSIONS.keys() - {SEGMENT}
            or not {*shape.measures} <= measures.keys()
        ):
            continue
        parts = {part.name: part for name in shape.measures for part in parts_of(measures[name], measures)}
        asked_by = frozenset(_by_day(name) for name in (*shape.by, *shape.filtered))
        for fact in sorted({part.fact for part in parts.values()}):
            mine = [part for part in parts.values() if part.fact == fact]
            limits = _limits(fact, shape.limits)
            added = frozenset(part.name for part in mine if held_for(part.aggregate) is not None)
            if added and limits is not None:
                found[Need(fact, asked_by | limits, added)] += often
            distinct = frozenset(part.name for part in mine) - added
            if not asked_by >= {*shape.by, *shape.filtered}:
                continue  # different customers of a fiscal year cannot be had from days
            if {*shape.filtered} != {*shape.pinned}:
                continue
            by_sets = limits == frozenset({SEEN_IN})
            if by_sets:
                counts = is_of_customers if FACTS[fact].of_purchases else is_different
                distinct = frozenset(name for name in distinct if counts(_aggregate(measures[name])))
            if distinct and (by_sets or not shape.limits):
                names = frozenset({*shape.by, *shape.filtered})
                found[Need(fact, names, distinct, frozenset(shape.pinned), by_sets)] += often
    return dict(found)


def _aggregate(asked: Figure) -> str:
    return asked.aggregate if isinstance(asked, Measure) else ""


def _by_day(name: str) -> str:
    """What a roll-up holds in the place of a dimension: of a fiscal year, which a setting moves, the day."""
    return "day" if name in FISCAL else name


def _limits(fact: str, limits: Sequence[str]) -> frozenset[str] | None:
    """The columns that say whose a row is; None where a roll-up cannot."""
    if not limits:
        return frozenset()
    is_told = tells_home(fact) or FACTS[fact].of_purchases
    told: dict[str, str | None] = {"territories": SEEN_IN if is_told else None}
    for limit, column in (("products", "product_id"), ("campaigns", "campaign_id")):
        told[limit] = column if is_plain(fact) and column in FACTS[fact].dimensions else None
    told["customers"] = "" if is_told else None  # the rows of a few customers are counted when asked
    columns = {told.get(each) for each in limits}
    return None if None in columns else frozenset(each for each in columns if each)


def chosen(
    wanted: Mapping[Need, float],
    measures: Mapping[str, Figure],
    members: Mapping[str, Mapping[str, int]],
    rows: Mapping[str, int],
    *,
    room: int,
    most: int = MOST,
    by_hand: Sequence[Rollup] = (),
) -> list[Rollup]:
    """The roll-ups to count, the most useful first.

    Parameters
    ----------
    members : of each fact, how many members each dimension has
    rows : of each fact, how many rows it has
    room : bytes that all of them may take
    by_hand : those that are counted whatever they spare, so that none is counted twice
    """
    cost = {need: float(rows[need.fact]) * (1 if need.pinned is None else _DISTINCT) for need in wanted}
    enough = {
        fact: _WORTH * sum(cost[need] * often for need, often in wanted.items() if need.fact == fact) for fact in rows
    }
    for one in by_hand:
        for need in wanted:
            if _serves(one, need, measures):
                cost[need] = min(cost[need], float(max(_rows_of(one, members, rows), _FEW)))
    candidates = {each: _rows_of(each, members, rows) for each in _candidates(wanted, measures)}
    taken: list[Rollup] = []
    while len(taken) < most:
        best, spared, size = None, 0.0, 0
        for each, count in candidates.items():
            saves = sum(
                often * max(cost[need] - max(count, _FEW), 0.0)
                for need, often in wanted.items()
                if _serves(each, need, measures)
            )
            takes = max(_BLOCK, count * _width(each))
            worth = saves / (takes + rows[each.fact])  # its room, and the pass over its fact
            if takes <= room and saves > enough[each.fact] and worth > spared:
                best, spared, size = each, worth, takes
        if best is None:
            return taken
        count = candidates.pop(best)
        for need in wanted:
            if _serves(best, need, measures):
                cost[need] = min(cost[need], float(max(count, _FEW)))
        room -= size
        taken.append(replace(best, table=f"{BEGINS}{best.fact}_{len(by_hand) + len(taken) + 1}"))
    return taken


def asked_by_hand(wanted: Iterable[Need], measures: Mapping[str, Figure]) -> list[Rollup]:
    """A roll-up for each of these needs, with what is needed at the same level in one."""
    found: dict[tuple[str, frozenset[str], frozenset[str] | None, bool], set[str]] = {}
    for need in wanted:
        names = _least(need.names) if need.pinned is None else need.names
        found.setdefault((need.fact, names, need.pinned, need.by_sets), set()).update(need.measures)
    told = []
    for number, ((fact, names, pinned, by_sets), counted) in enumerate(found.items(), 1):
        by = _in_order(names)
        at = () if pinned is None else dict.fromkeys((by, tuple(name for name in by if name in pinned)))
        table = f"{BEGINS}{fact}_{number}"
        told.append(planned(table, fact, by, _measures(measures, counted), at, by_sets=by_sets))
    return told


def _candidates(wanted: Mapping[Need, float], measures: Mapping[str, Figure]) -> Iterable[Rollup]:
    """For each fact: what each question needs, what any two need together, and what is counted at levels."""
    for fact in sorted({need.fact for need in wanted}):
        mine = [need for need in wanted if need.fact == fact]
        added = [need for need in mine if need.pinned is None]
        every = _measures(measures, {name for need in added for name in need.measures})
        sets = {_least(need.names) for need in added}
        for _ in range(2):
            sets |= {_least(one | other) for one in sets for other in sets} if len(sets) <= _MANY else set()
        for names in sorted(sets, key=sorted):
            yield planned("", fact, _in_order(names), every)
        levels: dict[tuple[frozenset[str], frozenset[str]], set[str]] = defaultdict(set)
        by_sets = {(need.names, need.pinned) for need in mine if need.by_sets}
        for need in mine:
            if need.pinned is not None:
                levels[need.names, need.pinned] |= need.measures
        for (names, pinned), counted in sorted(
            levels.items(), key=lambda each: (sorted(each[0][0]), sorted(each[0][1]))
        ):
            by = _in_order(names)
            at = dict.fromkeys((by, tuple(name for name in by if name in pinned)))
            yield planned("", fact, by, _measures(measures, counted), at)
            if (names, pinned) in by_sets:  # it answers whoever sees everything as well
                yield planned("", fact, by, _measures(measures, counted), at, by_sets=True)


def _measures(measures: Mapping[str, Figure], names: Iterable[str]) -> list[Measure]:
    return [each for name in sorted(names) if isinstance(each := measures[name], Measure)]


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _least(names: frozenset[str]) -> frozenset[str]:
    """The names without those that can be worked out from the others of them."""
    return frozenset(name for name in names if name == SEEN_IN or finer(name, sorted(names - {name})) is None)


def _serves(rollup: Rollup, need: Need, measures: Mapping[str, Figure]) -> bool:
    held = rollup.holds
    # of customers of one territory each it could, but would work out the days of those of several for everybody
    is_slow = is_of_one(rollup) and not (need.by_sets or SEEN_IN in need.names)
    if is_slow or rollup.fact != need.fact or bool(rollup.levels) != (need.pinned is not None):
        return False
    aggregates = [each.aggregate for each in _measures(measures, need.measures)]
    if need.pinned is not None:
        if need.by_sets and not (rollup.by_sets or SEEN_IN in rollup.by):
            return False
        return {need.names, need.pinned} <= rollup.at and all(as_said(each) in held for each in aggregates)
    if any(name != SEEN_IN and finer(name, rollup.by) is None for name in need.names):
        return False
    if SEEN_IN in need.names and SEEN_IN not in rollup.by:
        return False
    return all(steps is not None and steps <= held for steps in map(held_for, aggregates))


def _rows_of(rollup: Rollup, members: Mapping[str, Mapping[str, int]], rows: Mapping[str, int]) -> int:
    """About how many rows it has: as many as the rows of the fact fill of all places there could be."""
    places, by = 1.0, (*rollup.by, SEEN_IN) if rollup.by_sets else rollup.by
    for name in by:
        of_place = SEEN_IN in by and name in PLACE  # the territory that a row is seen in is its own, if it has one
        places *= (1 if of_place else max(1, members[rollup.fact].get(name, 1))) + 1
    there = rows[rollup.fact]
    filled = places * (1 - (1 - 1 / places) ** there) if places < 1e15 else there
    return max(1, min(there, round(filled)))


def _width(rollup: Rollup) -> int:
    return 8 * (len(rollup.by) + len(rollup.parts) + 1 + 2 * rollup.by_sets)
