"""Questions about single customers, planned once for all who see the same, then asked with a number.

To plan a query takes longer than to answer it when it is about one customer. What is kept is the query as it is sent,
narrowed to the rows that the asker may see: it holds no data, and the same scope always gives the same query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NoReturn, Protocol

import sqlglot
from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.access.rights import Scope
from clientela.cube.customer.of_one import One, Test, shortened
from clientela.cube.customer.told import NUMBER, Narrow, Part, all_of, remaining
from clientela.cube.fields import personal_fields
from clientela.cube.scoped import within
from clientela.cube.view import ALL, View
from clientela.warehouse.engine import NOTHING, Statement, Written, written
from clientela.warehouse.physical import PEOPLE

OF_ONE = "customer_id = :customer"
KEPT = 2048  # plans: some dozens for each scope
_RUN = ("as_of", "known_at")
_ANY = datetime(2000, 1, 1)  # noqa: DTZ001 - moments of a view are naive UTC; a plan is the same for all


class Asked(Protocol):
    """What `rows` asks: `Question`, or what builds its own tree. It equals another that asks the same."""

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        ...

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The columns, as ``table.column``, that one right must show together."""
        ...

    @property
    def beside(self) -> tuple[str, ...]:
        """Tables that are joined to rows which may be seen, and belong to these."""
        ...

    @property
    def theirs(self) -> bool:
        """Whether all it gives is of the customer it is asked about, though their number does not stand in it."""
        ...

    def __hash__(self) -> int:
        """Equal for what asks the same."""
        ...

    def tree(self) -> exp.Select:
        """It as a tree; places for values are written ``:name``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One select. Places for values are written ``:name``.

    Parameters
    ----------
    gives : the names of the columns, in order
    rests_on : the columns, as ``table.column``, that one right must show together
    beside : tables that are joined to rows which may be seen, and belong to these
    theirs : all it gives is of the customer it is asked about, though their number does not stand in it
    """

    gives: tuple[str, ...]
    sql: str
    rests_on: tuple[str, ...]
    beside: tuple[str, ...] = ()
    theirs: bool = False
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.gives, self.sql, self.rests_on, self.beside, self.theirs)))

    def __hash__(self) -> int:
        """Worked out once: what is kept for a question is looked up by it with each page."""
        return self._hash

    def tree(self) -> exp.Select:
        """It as a tree, not to be changed."""
        return _parsed(self.sql)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Columns of the rows of one table for which a condition holds."""

    table: str
    in_people: bool
    gives: tuple[str, ...]
    chosen: str
    beside: tuple[str, ...] = ()
    theirs: bool = False

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(f"{self.table}.{name}" for name in self.gives)

    def tree(self) -> exp.Select:
        """It as a tree."""
        table = exp.table_(self.table, db=PEOPLE if self.in_people else None)
        condition = sqlglot.parse_one(self.chosen, dialect="duckdb")
        return exp.select(*(exp.column(name) for name in self.gives)).from_(table).where(condition)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query as it is sent, the values that it has from the scope, and what of the customer it must be told.

    ``empty``: it has no rows, whomever it is asked about, and need not be sent.
    """

    query: Written
    values: Mapping[str, object]
    tests: Mapping[str, Test]
    empty: bool


def rows(view: View, question: Asked, one: One | None = None, /, **given: object) -> list[dict[str, Any]] | None:
    """What may be seen of the answer; None where nothing of it may be. Tables that nobody delivered are not asked.

    Parameters
    ----------
    one : whom it is about, as ``:customer``
    """
    reach = reach_of(view, question.rests_on)
    if not reach or (view.people is None and _reads_people(question)):
        return None
    if not _is_there(view, question):
        return []
    return _asked(view, question, reach, one, given)


def rows_written(view: View, question: Asked, one: One) -> list[dict[str, Any]] | None:
    """What may be seen of what the run wrote down for a question; None where it did not, or nothing may be seen."""
    reach = reach_of(view, question.rests_on)
    if not reach or not _is_there(view, question):
        return None
    tables, people = frozenset(view.tables), None if view.people is None else frozenset(view.people)
    plan = _planned(question, reach, True, view.scope, tables, people)
    return _written_down(question, plan, one, (reach, view.scope, tables, people))


def cells(
    view: View, table: str, names: Sequence[str], chosen: str, one: One | None = None, /, **given: object
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """Rows of a table that has one for each customer, with each field only in the rows where it may be seen.

    Parameters
    ----------
    chosen : the condition that says which rows; places for values are written ``:name``
    one : whom it is about, as ``:customer``
    given : its values

    Returns
    -------
    The rows, each with ``customer_id`` and the fields that may be seen in it; and the names that may be seen in none.
    """
    questions, hidden = _seen_together(table, tuple(names), chosen, view.scope, view.people is not None)
    found: dict[int, dict[str, Any]] = {}
    for question, reach in questions:
        for row in _asked(view, question, reach, one, given):
            found.setdefault(row["customer_id"], {}).update(row)
    return [*found.values()], hidden


@lru_cache(maxsize=KEPT)
def _seen_together(
    table: str, names: tuple[str, ...], chosen: str, scope: Scope | None, people: bool
) -> tuple[tuple[tuple[_Cells, Reach], ...], frozenset[str]]:
    """The fields that may be seen in the same rows, as a question each with these rows; those seen in none.

    Parameters
    ----------
    people : whether what is personal is there to be asked
    """
    personal = personal_fields(ALL[table])
    groups: dict[tuple[bool, Reach], list[str]] = {}
    hidden = set()
    for name in names:
        reach = EVERYTHING if scope is None else _reach(scope, (f"{table}.{name}",))
        if not reach or (name in personal and not people):
            hidden.add(name)
        else:
            groups.setdefault((name in personal, reach), []).append(name)
    return tuple(
        (_Cells(table, in_people, ("customer_id", *(name for name in group if name != "customer_id")), chosen), reach)
        for (in_people, reach), group in groups.items()
    ), frozenset(hidden)


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


def _is_there(view: View, question: Asked) -> bool:
    """Whether the snapshot holds the table that a question begins with; else it has no rows."""
    name, in_people = _first(question)
    return name in ((view.people or ()) if in_people else view.tables)


@cache
def _first(question: Asked) -> tuple[str, bool]:
    """The first base table of a question: the others stand beside it."""
    table = next(each for each in question.tree().find_all(exp.Table, bfs=False))
    return table.name, table.text("db") == PEOPLE


@cache
def _reads_people(question: Asked) -> bool:
    return any(table.text("db") == PEOPLE for table in question.tree().find_all(exp.Table))


def _asked(
    view: View, question: Asked, reach: Reach, one: One | None, given: Mapping[str, object]
) -> list[dict[str, Any]]:
    tables, people = frozenset(view.tables), None if view.people is None else frozenset(view.people)
    plan = _planned(question, reach, one is not None, view.scope, tables, people)
    if plan.empty:
        return []
    if one is not None:
        found = _written_down(question, plan, one, (reach, view.scope, tables, people))
        if found is not None:
            return found
    values = {"as_of": view.as_of, "known_at": view.known_at, **plan.values, **given}
    if one is not None:
        values |= {NUMBER: one.number} | {name: one.passes(test) for name, test in plan.tests.items()}
    return [dict(zip(question.gives, row, strict=True)) for row in view.reader.rows(plan.query, values)]


_Asker = tuple[Reach, Scope | None, frozenset[str], frozenset[str] | None]


def _written_down(question: Asked, plan: _Plan, one: One, asker: _Asker) -> list[dict[str, Any]] | None:
    """The answer out of what the run wrote down of the customer; None where the query must be sent."""
    part = _part_of(question, one.parts)
    if part is None or one.told is None:
        return None
    more, rows = _remaining(question, part.narrowed_by, *asker), one.told.rows(part)
    if more is None or rows is None:
        return None
    kept = [
        row for row in rows if all(each(row, lambda name: one.passes(plan.tests[name]), plan.values) for each in more)
    ]
    if part.merged is not None:
        kept = part.merged(kept)
    return [{name: row[name] for name in question.gives} for row in kept]


@lru_cache(maxsize=KEPT)
def _part_of(question: Asked, parts: tuple[Part, ...]) -> Part | None:
    """The part that answers a question; None where none does."""
    return next((each for each in parts if _is_of(question, each)), None)


def _is_of(question: Asked, part: Part) -> bool:
    """Whether a part answers a question: it is the same, or asks for fewer columns of the same rows."""
    if not isinstance(question, _Cells) or not isinstance(part.question, _Cells):
        return question == part.question
    asked, told = question, part.question
    return (asked.table, asked.in_people, asked.chosen) == (told.table, told.in_people, told.chosen) and {
        *asked.gives
    } <= {*told.gives}


@lru_cache(maxsize=KEPT)
def _remaining(
    question: Asked,
    beside: tuple[str, ...],
    reach: Reach,
    scope: Scope | None,
    tables: frozenset[str],
    people: frozenset[str] | None,
) -> tuple[Narrow, ...] | None:
    """What a person's query asks beyond the company's own."""
    whole = _planned(question, EVERYTHING, True, None, tables, people).query.tree
    narrowed = _planned(question, reach, True, scope, tables, people).query.tree
    assert isinstance(whole, exp.Select) and isinstance(narrowed, exp.Select)  # noqa: S101 - as they were planned
    return remaining(whole, narrowed, beside)


def cells_of(table: str, names: Sequence[str]) -> Asked:
    """The question that `cells` asks of a table about one customer."""
    return _Cells(table, in_people=False, gives=("customer_id", *names), chosen=OF_ONE)


@lru_cache(maxsize=KEPT)
def _planned(
    question: Asked,
    reach: Reach,
    of_one: bool,
    scope: Scope | None,
    tables: frozenset[str],
    people: frozenset[str] | None,
) -> _Plan:
    """The query as it is sent to a snapshot that holds these tables, for whoever has this scope."""
    tree = question.tree().copy()
    for table in tree.find_all(exp.Table):
        if table.name in question.beside:
            within(table, EVERYTHING)
    tree = within(tree, reach)
    names = {str(each.this) for each in tree.find_all(exp.Placeholder)}
    planning = View(reader=_NoSnapshot(), as_of=_ANY.date(), known_at=_ANY, tables=tables, people=people, scope=scope)
    ready, values = planning.ready(tree, dict.fromkeys(names), own=True)
    kept = {name: value for name, value in values.items() if name not in names and name not in _RUN}
    ready, tests = shortened(ready, kept, of_one=of_one, theirs=question.theirs)
    return _Plan(written(ready), kept, tests, empty=_is_empty(ready))


def _is_empty(tree: exp.Select) -> bool:
    """Whether its condition is never true; one that counts without a group gives a row for that too."""
    where = tree.args.get("where")
    counts = tree.args.get("group") is None and tree.find(exp.AggFunc) is not None
    return where is not None and not counts and exp.false() in all_of(where.this)


class _NoSnapshot:
    """To plan for every snapshot that holds the same tables, none is needed."""

    def fetch(self, query: exp.Expression, parameters: Mapping[str, object] = NOTHING) -> NoReturn:
        raise AssertionError("a plan is made without data")

    def rows(self, query: Statement, parameters: Mapping[str, object]) -> NoReturn:
        raise AssertionError("a plan is made without data")


@cache
def _parsed(sql: str) -> exp.Select:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Select)  # noqa: S101 - every text given here is one
    return tree
