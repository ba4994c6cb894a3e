"""One's own districts, teams or shops among others like them: averages of several peers, and a place in their order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from clientela.access.rights import Scope
from clientela.contracts.text import Value
from clientela.cube.declared.dimension import DIMENSIONS, Dimension
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.lattice import COLUMN, TIME_PATH, tells_customers
from clientela.cube.declared.measure import Figure, parts_of
from clientela.cube.fields import as_double
from clientela.cube.figures.query import plan, query
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from clientela.cube.peers.shown import LEAST_PEERS, Peer, Spread, band, groups, spread
from clientela.cube.rollup.rows import from_fact
from clientela.cube.scoped import columns_read
from clientela.cube.view import View
from clientela.errors import NotPermittedError, QueryError, UnknownNameError

HIERARCHIES = ("territory", "owner", "agent")
Member = tuple[
    Value, ...
]  # of time where one asks by it, of the level above where there is one, of the level asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One own member in one time. ``group``: of which level above the peers are, None: of all that have too few there.

    ``whole``: whether one sees all of it; only then its place is told. ``quarter``: 1 the lowest to 4 the highest.
    """

    time: Value
    member: Value
    group: str | None
    own: Value
    spread: Spread | None
    quarter: int | None
    whole: bool


def standings(whole: View, own: View, measure: str, by: str, time: str | None = None) -> tuple[Standing, ...]:
    """How one's own members stand among all others of their group.

    Parameters
    ----------
    whole : the company's view, without a scope
    own : the same, within the rights of a role that gives peers
    by : a level of the territories or of the organisation
    time : month, quarter or year; None: all there is

    Raises
    ------
    QueryError, UnknownNameError
        It cannot be seen by that, or does not say of which customers it tells.
    NotPermittedError
        The person may not see the measure by it.
    """
    asked, above = _understood(whole, own.scope, measure, by, time)
    names = [name for name in (time, above, by) if name is not None]
    mine = {row[:-1]: row[-1] for row in query(own, [measure], names).rows if row[-2] is not None}
    peers = _peers(whole, asked, names)
    told = []
    for when in dict.fromkeys(_time(key, time) for key in sorted(peers, key=str)):
        taking = {key: each for key, each in peers.items() if _time(key, time) == when and each.counts}
        parents = {key: None if above is None else _text(key[-2]) for key in taking}
        grouped = groups(parents)
        for key in (key for key in mine if _time(key, time) == when):
            found = peers.get(key)
            same = [each for each in grouped if key in grouped and grouped[each] == grouped[key]]
            is_whole = found is not None and found.value is not None and _number(mine[key]) == found.value
            others = [value for each in same if each != key and (value := taking[each].value) is not None]
            said = spread([value for each in same if (value := taking[each].value) is not None])
            place = band(found.value, others) if found and is_whole and said and found.value is not None else None
            told.append(
                Standing(
                    time=when,
                    member=key[-1],
                    group=grouped.get(key),
                    own=mine[key],
                    spread=said,
                    quarter=place,
                    whole=is_whole,
                )
            )
    return tuple(told)


def _understood(whole: View, scope: Scope | None, measure: str, by: str, time: str | None) -> tuple[Figure, str | None]:
    known = whole.catalogue.measures
    if by not in DIMENSIONS or DIMENSIONS[by].hierarchy not in HIERARCHIES or by in ("owner_id", "agent_id"):
        levels = [
            n for n, each in DIMENSIONS.items() if each.hierarchy in HIERARCHIES and n not in ("owner_id", "agent_id")
        ]
        raise UnknownNameError("kind of peers", by, levels)
    if time is not None and time not in TIME_PATH:
        raise QueryError(f"peers are seen by one of {', '.join(TIME_PATH)}, or by no time; not by '{time}'.")
    question = understood([measure], [name for name in (time, by) if name], None, (), None, known)
    facts = [FACTS[part.fact] for part in parts_of(question.asked[0], known)]
    if not all(map(tells_customers, facts)):
        raise QueryError(f"'{measure}' does not say of how many customers it tells; peers cannot be compared by it.")
    read = {column for fact in facts for column in columns_read(fact, DIMENSIONS[by])}
    if scope is None or not scope.of_figure(measure, read):
        raise NotPermittedError(f"no role of yours gives '{measure}' of peers by '{by}'; ask who gives rights for it.")
    return question.asked[0], _above(DIMENSIONS[by], facts[0].dimensions)


def _above(dimension: Dimension, reached: frozenset[str]) -> str | None:
    """The next level of the same hierarchy, where the fact reaches it."""
    levels = sorted((each.level, name) for name, each in DIMENSIONS.items() if each.hierarchy == dimension.hierarchy)
    return next((name for level, name in levels if level > dimension.level and name in reached), None)


def _peers(whole: View, asked: Figure, names: list[str]) -> dict[Member, Peer]:
    """Every member of the company with its figure, its customers, and how much of it one customer makes."""
    known = whole.catalogue.measures
    values = {row[:-1]: _number(row[-1]) for row in query(whole, [asked.name], names).rows}
    customers: dict[Member, int] = {}
    dominance: dict[Member, float] = {}
    for part in parts_of(asked, known):
        for key, count in _customers(whole, part.fact, names).items():
            customers[key] = min(customers.get(key, count), count)
        for key, share in _dominance(whole, part.name, names).items():
            dominance[key] = max(dominance.get(key, 0.0), share)
    return {
        key: Peer(value=value, customers=customers.get(key, 0), dominance=dominance.get(key, 1.0))
        for key, value in values.items()
        if key[-1] is not None
    }


def _customers(whole: View, fact: str, names: list[str]) -> dict[Member, int]:
    counted = exp.Count(this=exp.Distinct(expressions=[exp.column(COLUMN)]))
    rows = exp.select(*names, exp.alias_(counted, "customers")).from_(
        from_fact(FACTS[fact], names, [COLUMN]).subquery("line")
    )
    return {row[:-1]: int(row[-1]) for row in whole.rows(rows.group_by(*names), {})}


def _dominance(whole: View, part: str, names: list[str]) -> dict[Member, float]:
    """The share of each member's figure that its largest customer makes, of sums without their signs."""
    bound = Bound()
    question = understood([part], [*names, "customer"], None, (), None, whole.catalogue.measures)
    each = plan(question, bound, whole).subquery("of_customer")
    size = exp.Abs(this=as_double(exp.column(part)))
    largest, total = exp.alias_(exp.Max(this=size), "largest"), exp.alias_(exp.Sum(this=size.copy()), "total")
    rows = exp.select(*names, largest, total).from_(each)
    rows = rows.where(exp.column("is_total").eq(0), exp.column("customer").is_(exp.null()).not_()).group_by(*names)
    told = whole.rows(rows, bound.values)
    return {row[:-2]: (row[-2] or 0.0) / row[-1] if row[-1] else 0.0 for row in told}


def _time(key: Member, time: str | None) -> Value:
    return None if time is None else key[0]


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value if isinstance(value, (int, float, Decimal)) else Decimal(str(value)))


__all__ = ["HIERARCHIES", "LEAST_PEERS", "Standing", "standings"]
