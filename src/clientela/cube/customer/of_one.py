"""A query about one customer, in fewer words: to plan it takes longer than to answer it.

Whose rows somebody may see is said of every table by a select of the customers at home in their territories. About one
customer that is yes or no, and known before the query is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlglot import exp, parse_one

from clientela.access.rows import HOME
from clientela.cube.customer.homes import is_column, list_of, places_of, read_as_stored
from clientela.cube.customer.told import EVENTS, HOMES, NUMBER, TABLE, Part, Told, form, lookup, told
from clientela.cube.view import View
from clientela.warehouse.engine import Written, written

_HOMES = "select territory_id from customer_territory where customer_id = :customer"
_EVENTS = "select kind from identity_event where to_customer_id = :customer or from_customer_id = :customer limit 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A yes or no that a query has a place for: whether the customer is in a list, or at home in one of its places."""

    values: frozenset[Any]
    at_home: bool


@dataclass(slots=True)
class One:
    """A customer of whom several things are asked. What decides whether they may be told is looked up once."""

    view: View
    number: int
    parts: tuple[Part, ...] = ()
    _homes: frozenset[object] | None = None
    _told: Told | None = None
    _is_looked_up: bool = False

    @property
    def told(self) -> Told | None:
        """What the run wrote down of them; None where it did not, or in another form than ``parts``."""
        if not self._is_looked_up:
            self._is_looked_up = True
            if self.parts and not (self.view.scope is not None and self.view.scope.stored):
                found = self._rows_of(_lookup(), TABLE)
                self._told = told(form(self.parts), *found[0]) if found else None
        return self._told

    def passes(self, test: Test) -> bool:
        """Whether they are among those whom a right shows."""
        if not test.at_home:
            return self.number in test.values
        if self._homes is None:
            known = self.told.stored(HOMES) if self.told is not None else None
            self._homes = frozenset(place for (place,) in known or self._rows(_HOMES, HOME))
        return not test.values.isdisjoint(self._homes)

    @property
    def has_events(self) -> bool:
        """Whether records of theirs were ever joined or taken apart; only to spare a question, never to be told."""
        if self.told is not None:
            return bool(self.told.stored(EVENTS))
        return bool(self._rows(_EVENTS, "identity_event"))

    def _rows(self, sql: str, table: str) -> list[tuple[Any, ...]]:
        return self._rows_of(_written(sql), table)

    def _rows_of(self, query: Written, table: str) -> list[tuple[Any, ...]]:
        """Of a table as it is stored: today's, whoever asks."""
        there = table in self.view.tables
        return self.view.reader.rows(query, {NUMBER: self.number}) if there else []


@cache
def _lookup() -> Written:
    return written(lookup())


@cache
def _written(sql: str) -> Written:
    return written(parse_one(sql, dialect="duckdb"))


def shortened(
    tree: exp.Select, values: Mapping[str, object], *, of_one: bool, theirs: bool
) -> tuple[exp.Select, Mapping[str, Test]]:
    """The query without what planning it would take longer for, and the yes or no it has places for instead.

    Parameters
    ----------
    tree : narrowed to what may be seen; changed
    values : what the scope gave it
    of_one : it is asked about one customer
    theirs : all its rows are of the customer whose number is ``:customer``, though it does not say so itself
    """
    table = _flattened(tree)
    condition = tree.args.get("where")
    if table is None or condition is None:
        return tree, {}
    tests: dict[str, Test] = {}
    if of_one and (theirs or _says_whose(condition.this)):
        if theirs:
            _each(condition, lambda node: _told_through(node, table))
        _each(condition, lambda node: _asked_of(node, values, tests))
    _each(condition, lambda node: _among(node, values))
    return tree, tests


def _each(condition: exp.Expr, other: Callable[[exp.In], exp.Expr | None]) -> None:
    """Put something else in the place of what is asked, wherever there is something."""
    whole = condition.parent_select
    for node in [*condition.find_all(exp.In)]:
        found = other(node) if node.parent_select is whole else None  # in a select of its own a name means another
        if found is not None:
            node.replace(found)


def _asked_of(node: exp.In, values: Mapping[str, object], tests: dict[str, Test]) -> exp.Expr | None:
    """A place for yes or no, where something is asked of the customer's number."""
    test = _test(node, values)
    if test is None:
        return None
    name = f"passes_{len(tests)}"
    tests[name] = test
    return exp.Placeholder(this=name)


def _among(node: exp.In, values: Mapping[str, object]) -> exp.Expr | None:
    """The same without a select."""
    listed = list_of(node)
    if listed is None or listed not in values:
        return None
    return exp.ArrayContains(this=exp.Placeholder(this=listed), expression=node.this.copy())


def _flattened(tree: exp.Select) -> str | None:
    """Read the base table itself, where a select of nothing but some of its rows stands in its place; its name."""
    source = tree.args["from_"].this if tree.args.get("from_") is not None else None
    if tree.args.get("joins") or not isinstance(source, exp.Subquery):
        return None
    parts = _parts(source.this)
    if not parts or not all(map(_is_of_rows, parts)) or any(not _reads_the_same(each, parts[0]) for each in parts[1:]):
        return None
    table: exp.Table = parts[0].args["from_"].this
    kept = _any([each.args.get("where") for each in parts])
    table.set("alias", source.args["alias"].copy())
    source.replace(table)
    if kept is not None:
        own = tree.args.get("where")
        both = kept if own is None else exp.and_(kept, own.this, copy=False)
        tree.set("where", exp.Where(this=both))
    return table.name


def _parts(query: exp.Expr) -> list[exp.Select]:
    """The selects that are read one after the other, none of whose rows another has; none where it is otherwise."""
    if isinstance(query, exp.Select):
        return [query]
    if not isinstance(query, exp.Union) or query.args.get("distinct"):
        return []
    left, right = _parts(query.left), _parts(query.right)
    return [*left, *right] if left and right else []


def _is_of_rows(query: exp.Select) -> bool:
    plain = {"kind", "expressions", "from_", "where"}
    source = query.args.get("from_")
    return (
        source is not None
        and isinstance(source.this, exp.Table)
        and not any(value for name, value in query.args.items() if name not in plain)
        and all(isinstance(each, exp.Column) for each in query.expressions)
    )


def _reads_the_same(one: exp.Select, other: exp.Select) -> bool:
    return bool(one.args["from_"] == other.args["from_"] and one.expressions == other.expressions)


def _any(conditions: list[exp.Where | None]) -> exp.Expr | None:
    """That one of the conditions holds, with what all of them ask said once."""
    told = [_asked_together(each.this) for each in conditions if each is not None]
    if len(told) < len(conditions):
        return None
    if len(told) == 1:
        return exp.and_(*told[0], copy=False)
    common = [each for each in told[0] if all(each in other for other in told[1:])]
    rests = [[each for each in part if each not in common] for part in told]
    if not all(rests):
        return exp.and_(*common, copy=False)
    either = exp.or_(*(exp.and_(*rest, copy=False) for rest in rests), copy=False)
    return exp.and_(*common, exp.Paren(this=either), copy=False)


def _asked_together(condition: exp.Expr) -> list[exp.Expr]:
    return [*condition.flatten()] if isinstance(condition, exp.And) else [condition]


def _says_whose(condition: exp.Expr) -> bool:
    """Whether each row must bear the number: that is one of the things that must all hold."""
    asked = condition.flatten() if isinstance(condition, exp.And) else (condition,)
    for each in asked:
        plain = each.unnest()
        if isinstance(plain, exp.And) and _says_whose(plain):
            return True
        if (
            isinstance(plain, exp.EQ)
            and is_column(plain.this, {"customer_id"})
            and isinstance(plain.expression, exp.Placeholder)
            and plain.expression.this == NUMBER
        ):
            return True
    return False


def _test(node: exp.In, values: Mapping[str, object]) -> Test | None:
    """What a condition on the customer's number asks, where the answer is yes or no."""
    if not is_column(node.this, {"customer_id"}):
        return None
    listed, home = list_of(node), places_of(node)
    if home is not None:
        return Test(values=_set(values[home]), at_home=True) if home in values else None
    return Test(values=_set(values[listed]), at_home=False) if listed is not None and listed in values else None


def _told_through(node: exp.In, table: str) -> exp.Expr | None:
    """What a table that names no customer asks of the one that does: of the customer's own rows that is all it asks."""
    told = read_as_stored(node, "identity") if table == "identity" else None
    return None if told is None else told.copy()


def _set(values: object) -> frozenset[Any]:
    assert isinstance(values, list)  # noqa: S101 - a scope gives lists
    return frozenset(values)
