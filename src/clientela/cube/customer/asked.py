"""Questions about single customers, planned once for all who see the same, then asked with a number.

To plan a query takes longer than to answer it when it is about one customer. What is kept is the query as it is sent,
narrowed to the rows that the asker may see: it holds no data, and the same scope always gives the same query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NoReturn

import sqlglot
from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.access.rights import Scope
from clientela.cube.fields import personal_fields
from clientela.cube.scoped import within
from clientela.cube.view import ALL, View
from clientela.warehouse.engine import NOTHING, Written, written
from clientela.warehouse.physical import PEOPLE

KEPT = 2048  # plans: some dozens for each scope
_RUN = ("as_of", "known_at")
_ANY = datetime(2000, 1, 1)  # noqa: DTZ001 - moments of a view are naive UTC; a plan is the same for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One select. Places for values are written ``:name``.

    Parameters
    ----------
    rests_on : the columns, as ``table.column``, that one right must show together
    beside : tables that are joined to rows which may be seen, and belong to these
    """

    sql: str
    rests_on: tuple[str, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Parts that give the same columns, one below the other.

    Parameters
    ----------
    gives : the names of the columns, in order
    ending : a select over all of it, called ``every``; '' where there is nothing to sort or to cut
    """

    gives: tuple[str, ...]
    parts: tuple[Part, ...]
    ending: str = ""


@dataclass(frozen=True, slots=True)
class _Within:
    """A select, and the rows it is narrowed to."""

    sql: str
    reach: Reach
    beside: tuple[str, ...] = ()

    def tree(self) -> exp.Select:
        """It as a tree of its own, each table of it marked with what of it may be read."""
        tree = _parsed(self.sql).copy()
        for table in tree.find_all(exp.Table):
            if table.name in self.beside:
                within(table, EVERYTHING)
        return within(tree, self.reach)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query as it is sent, and the values that it has from the scope."""

    query: Written
    values: Mapping[str, object]


def rows(view: View, question: Question, /, **given: object) -> list[dict[str, Any]] | None:
    """What may be seen of the answer; None where nothing of it may be. Tables that nobody delivered are not asked."""
    seen = tuple(
        _Within(part.sql, reach, part.beside)
        for part in question.parts
        if (reach := reach_of(view, part.rests_on)) and (view.people is not None or not _reads_people(part.sql))
    )
    if not seen:
        return None
    there = tuple(each for each in seen if _is_there(view, each.sql))
    if not there:
        return []
    return _asked(view, there, question.ending, question.gives, given)


def cells(
    view: View, table: str, names: Sequence[str], chosen: str, /, **given: object
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """Rows of a table that has one for each customer, with each field only in the rows where it may be seen.

    Parameters
    ----------
    chosen : the condition that says which rows; places for values are written ``:name``
    given : its values

    Returns
    -------
    The rows, each with ``customer_id`` and the fields that may be seen in it; and the names that may be seen in none.
    """
    personal = personal_fields(ALL[table])
    groups: dict[tuple[bool, Reach], list[str]] = {}
    hidden = set()
    for name in names:
        reach = reach_of(view, (f"{table}.{name}",))
        if not reach or (name in personal and view.people is None):
            hidden.add(name)
        else:
            groups.setdefault((name in personal, reach), []).append(name)
    found: dict[int, dict[str, Any]] = {}
    for (in_people, reach), group in groups.items():
        gives = ("customer_id", *(name for name in group if name != "customer_id"))
        sql = _cells(f"{PEOPLE}.{table}" if in_people else table, gives, chosen)
        for row in _asked(view, (_Within(sql, reach),), "", gives, given):
            found.setdefault(row["customer_id"], {}).update(row)
    return [*found.values()], frozenset(hidden)


def reach_of(view: View, columns: Sequence[str]) -> Reach:
    """The rows in which one right shows all these columns, as ``table.column``."""
    if view.scope is None:
        return EVERYTHING
    return _reach(view.scope, tuple(columns))


def sees_every_customer(view: View) -> bool:
    """Whether the asker sees of every customer that there is one; else an unknown number must not tell."""
    return reach_of(view, ("customer_page.customer_id",)) == EVERYTHING


@lru_cache(maxsize=KEPT)
def _reach(scope: Scope, columns: tuple[str, ...]) -> Reach:
    return scope.of_columns(columns, personal=frozenset(filter(_is_personal, columns)))


@cache
def _is_personal(name: str) -> bool:
    table, _, column = name.partition(".")
    return column in personal_fields(ALL[table])


def _is_there(view: View, sql: str) -> bool:
    """Whether the snapshot holds the table that a part begins with; else it has no rows."""
    name, in_people = _first(sql)
    return name in ((view.people or ()) if in_people else view.tables)


@cache
def _first(sql: str) -> tuple[str, bool]:
    """The first base table of a part: the others stand beside it."""
    table = next(each for each in _parsed(sql).find_all(exp.Table, bfs=False))
    return table.name, table.text("db") == PEOPLE


@cache
def _reads_people(sql: str) -> bool:
    return any(table.text("db") == PEOPLE for table in _parsed(sql).find_all(exp.Table))


@lru_cache(maxsize=KEPT)
def _cells(table: str, names: tuple[str, ...], chosen: str) -> str:
    return f"select {', '.join(names)} from {table} where {chosen}"  # noqa: S608 - names of contracts, a text of ours


def _asked(
    view: View, parts: tuple[_Within, ...], ending: str, gives: tuple[str, ...], given: Mapping[str, object]
) -> list[dict[str, Any]]:
    tables, people = frozenset(view.tables), None if view.people is None else frozenset(view.people)
    plan = _planned(parts, ending, gives, view.scope, tables, people)
    of_the_view = {"as_of": view.as_of, "known_at": view.known_at}
    values = {**of_the_view, **plan.values, **given}
    return [dict(zip(gives, row, strict=True)) for row in view.reader.rows(plan.query, values)]


@lru_cache(maxsize=KEPT)
def _planned(
    parts: tuple[_Within, ...],
    ending: str,
    gives: tuple[str, ...],
    scope: Scope | None,
    tables: frozenset[str],
    people: frozenset[str] | None,
) -> _Plan:
    """The query as it is sent to a snapshot that holds these tables, for whoever has this scope."""
    trees = [each.tree() for each in parts]
    tree: exp.Query = trees[0]
    for each in trees[1:]:
        tree = exp.union(tree, each, distinct=False, copy=False)
    if ending:
        whole = _parsed(ending).copy()
        for table in [each for each in whole.find_all(exp.Table) if each.name == "every"]:
            table.replace(tree.subquery("every", copy=False))
        tree = whole
    elif len(trees) > 1:
        tree = exp.select(*gives).from_(tree.subquery("every", copy=False), copy=False)
    assert isinstance(tree, exp.Select)  # noqa: S101 - one of the three ways above
    names = {str(each.this) for each in tree.find_all(exp.Placeholder)}
    planning = View(reader=_NoSnapshot(), as_of=_ANY.date(), known_at=_ANY, tables=tables, people=people, scope=scope)
    ready, values = planning.ready(tree, dict.fromkeys(names), own=True)
    kept = {name: value for name, value in values.items() if name not in names and name not in _RUN}
    return _Plan(written(ready), kept)


class _NoSnapshot:
    """To plan for every snapshot that holds the same tables, none is needed."""

    def fetch(self, query: exp.Expression, parameters: Mapping[str, object] = NOTHING) -> NoReturn:
        raise AssertionError("a plan is made without data")

    def rows(self, query: Written, parameters: Mapping[str, object]) -> NoReturn:
        raise AssertionError("a plan is made without data")


@cache
def _parsed(sql: str) -> exp.Select:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Select)  # noqa: S101 - every text given here is one
    return tree
