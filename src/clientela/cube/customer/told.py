"""What is told of one customer, as the run wrote it down: looked up once, then narrowed as a query would narrow it.

To plan a dozen queries takes longer than to answer them when they are about one customer. What they answer for the
company itself is one row of ``customer_told``. What of it a person may see, the same conditions decide that would stand
in their queries, asked of the rows here; where one of them asks what the rows do not tell, the query is sent instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Protocol

from sqlglot import exp, parse_one

from clientela.contracts.derived.pages import CUSTOMER_TOLD
from clientela.contracts.schema import Type
from clientela.cube.customer.homes import places_of

NUMBER = "customer"  # the name of the place for their number
TABLE = CUSTOMER_TOLD.name
FORM = "form"  # what of a row tells in which form it was written
HOMES, EVENTS = "homes", "events"  # parts that decide what may be told or asked, and are not told themselves
HOMES_OF: Mapping[str, str] = MappingProxyType({"from_customer_id": "from_homes", "to_customer_id": "to_homes"})
"""What stands beside rows that name another customer: where that one is at home, as a JSON list; null: nowhere."""
_READ: Mapping[Type, Callable[[str], Any]] = MappingProxyType(
    {
        Type.TEXT: str,
        Type.INT: int,
        Type.BOOL: lambda said: said == "true",
        Type.DATE: date.fromisoformat,
        Type.INSTANT: datetime.fromisoformat,
        Type.MONEY: Decimal,
        Type.NUMBER: Decimal,
        Type.SHARE: Decimal,
    }
)


class Asking(Protocol):
    """A question about one customer, over one table, with their number in its condition."""

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        ...

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The columns, as ``table.column``, that one right must show together."""
        ...

    def tree(self) -> exp.Select:
        """It as a tree, not to be changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What one question answers about every customer, as it is written down; it equals itself alone.

    Parameters
    ----------
    types : of what it gives; None is a double
    beside : columns of the table that are written down too: by these, rows may be narrowed
    order : the columns, never null, that the rows are sorted by
    most : a customer of whom there are more rows has none written down: the question is asked
    of_cells : it gives columns as they stand in the table, so that rows may be narrowed by these too
    newest : of each customer only so many are written down, the latest ``moment`` first, with all of the same moment
    merged : rows that differ in what stands beside only, as the question itself would give them
    everybody : the same question about every customer at once, where it is more than to leave out their number
    of_runs : it tells in which run something came about, so it is written down apart from what deliveries alone decide
    """

    name: str
    question: Asking
    types: tuple[Type | None, ...]
    beside: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    most: int | None = None
    newest: int | None = None
    of_cells: bool = False
    merged: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None
    everybody: str = ""
    of_runs: bool = False

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """The columns of the table that stand in its rows."""
        return (*self.question.gives, *self.beside) if self.of_cells else self.beside

    @property
    def form(self) -> str:
        """What its rows are written and read as."""
        asked = self.everybody or self.question.tree().sql("duckdb")
        return repr((self.name, self.question.gives, asked, self.types, _written(self)))

    def read(self, rows: Sequence[Sequence[str | None]]) -> list[dict[str, Any]]:
        """Rows as they were written down, with what stands beside."""
        same, readers = _same(self), _readers(self)
        found = [
            {
                **same,
                **{
                    name: None if value is None else reader(value)
                    for (name, reader), value in zip(readers, row, strict=True)
                },
            }
            for row in rows
        ]
        return sorted(found, key=itemgetter(*self.order)) if self.order else found


@cache
def _same(part: Part) -> Mapping[str, str | None]:
    """What a part gives that is the same in every row, and is not written down."""
    given = zip(part.question.gives, (each.unalias() for each in part.question.tree().expressions), strict=True)
    same = {name: node for name, node in given if isinstance(node, (exp.Literal, exp.Null))}
    return {name: None if isinstance(node, exp.Null) else str(node.this) for name, node in same.items()}


@cache
def _written(part: Part) -> tuple[str, ...]:
    """The columns of a part that are written down, in order."""
    same = _same(part)
    return (*(name for name in part.question.gives if name not in same), *part.beside)


@cache
def _readers(part: Part) -> tuple[tuple[str, Callable[[str], Any]], ...]:
    """Those columns, each with what makes a value of its text."""
    types = dict(zip(part.question.gives, part.types, strict=True))
    return tuple((name, str if name in part.beside else _reader(types[name])) for name in _written(part))


def _reader(of: Type | None) -> Callable[[str], Any]:
    return float if of is None else _READ[of]


@cache
def form(parts: tuple[Part, ...]) -> str:
    """What tells rows that were written down in this form from those in another."""
    return sha256("\n".join(each.form for each in parts).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Told:
    """What was written down of one customer; a part is read when it is asked for."""

    parts: Mapping[str, Any]

    def rows(self, part: Part) -> list[dict[str, Any]] | None:
        """What a question answers about them for the company itself; None where that was not written down."""
        found = self.parts.get(part.name, [])
        return None if found is None else part.read(found)

    def stored(self, name: str) -> list[list[str]]:
        """The rows of a part that is not told."""
        rows: list[list[str]] = self.parts.get(name, [])
        return rows


def told(expected: str, said: str, *more: str) -> Told | None:
    """What was written down, in one text or several; None where it was written in another form."""
    found = json.loads(said)
    if found.get(FORM) != expected:
        return None
    for each in more:
        found |= json.loads(each)
    return Told(found)


Row = Mapping[str, Any]
Narrow = Callable[[Row, Callable[[str], bool], Mapping[str, Any]], "bool | None"]


def remaining(whole: exp.Select, narrowed: exp.Select, beside: Sequence[str]) -> tuple[Narrow, ...] | None:
    """What a person's query asks of rows beyond what the company's own asks; None where rows here cannot tell it.

    Parameters
    ----------
    whole, narrowed : the same question as it is sent for the company, and for the person
    beside : the columns that stand beside the rows

    Returns
    -------
    Conditions that must all hold. Each is given a row, what answers the query's yes or no, and its lists.
    """
    first, second = _table(whole), _table(narrowed)
    if first is None or first != second or any(_clause(whole, each) != _clause(narrowed, each) for each in _CLAUSES):
        return None
    more = _terms(narrowed)
    for term in _terms(whole):
        if term not in more:
            return None
        more.remove(term)
    found = [_condition(each, frozenset(beside)) for each in more]
    return tuple(each for each in found if each is not None) if all(found) else None


_CLAUSES = ("expressions", "group", "having", "qualify", "distinct", "joins", "windows")


def _table(tree: exp.Select) -> tuple[str, str] | None:
    source = tree.args["from_"].this if tree.args.get("from_") is not None else None
    return (source.text("db"), source.name) if isinstance(source, exp.Table) else None


def _clause(tree: exp.Select, name: str) -> object:
    return tree.args.get(name) or None


def _terms(tree: exp.Select) -> list[exp.Expr]:
    """What must all hold of a row."""
    where = tree.args.get("where")
    return [] if where is None else [*all_of(where.this)]


def all_of(condition: exp.Expr) -> list[exp.Expr]:
    """What must all hold where a condition does."""
    plain = condition.unnest()
    if isinstance(plain, exp.And):
        return [term for each in (plain.left, plain.right) for term in all_of(each)]
    return [plain]


def _condition(node: exp.Expr, beside: frozenset[str]) -> Narrow | None:
    """A condition on a row, with the three values of SQL; None where it asks what the rows do not tell."""
    node = node.unnest()
    if isinstance(node, exp.Boolean):
        return lambda row, passes, lists: bool(node.this)
    if isinstance(node, exp.Placeholder):
        return lambda row, passes, lists: passes(str(node.this))
    if isinstance(node, (exp.And, exp.Or)):
        return _of_two(node, beside)
    if isinstance(node, exp.Not):  # to be in what is empty is false, not unknown, and that is not known here
        return None if node.find(exp.In) else _turned(_condition(node.this, beside), _not)
    if isinstance(node, exp.Coalesce) and node.expressions == [exp.false()]:
        return _turned(_condition(node.this, beside), bool)
    return _of_column(node, beside)


def _turned(inner: Narrow | None, turn: Callable[[bool | None], bool | None]) -> Narrow | None:
    if inner is None:
        return None
    asked: Narrow = inner
    return lambda row, passes, lists: turn(asked(row, passes, lists))


def _of_two(node: exp.And | exp.Or, beside: frozenset[str]) -> Narrow | None:
    left, right = _condition(node.left, beside), _condition(node.right, beside)
    if left is None or right is None:
        return None
    decides = isinstance(node, exp.Or)  # what one side says that decides, whatever the other says

    def both(row: Row, passes: Callable[[str], bool], lists: Mapping[str, Any]) -> bool | None:
        said = (left(row, passes, lists), right(row, passes, lists))
        return decides if decides in said else None if None in said else not decides

    return both


def _of_column(node: exp.Expr, beside: frozenset[str]) -> Narrow | None:
    """Whether a column that stands beside the rows is unknown, or in a list, or names who is at home in one."""
    if isinstance(node, exp.In):
        return _at_home(node, beside)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and _is_beside(node.this, beside):
        name = node.this.name
        return lambda row, passes, lists: row[name] is None
    if isinstance(node, exp.ArrayContains) and isinstance(node.this, exp.Placeholder):
        listed, column = str(node.this.this), node.expression
        if _is_beside(column, beside):
            name = column.name
            return lambda row, passes, lists: None if row[name] is None else row[name] in lists[listed]
    return None


def _at_home(node: exp.In, beside: frozenset[str]) -> Narrow | None:
    """Whether another customer, whom a column names, is at home in one of a list of places."""
    places, homes = places_of(node), HOMES_OF.get(node.this.name) if isinstance(node.this, exp.Column) else None
    if places is None or homes not in beside:
        return None
    return lambda row, passes, lists: row[homes] is not None and not {*json.loads(row[homes])}.isdisjoint(lists[places])


def _is_beside(node: exp.Expr, beside: frozenset[str]) -> bool:
    return isinstance(node, exp.Column) and node.name in beside


def _not(said: bool | None) -> bool | None:
    return None if said is None else not said


def of_everybody(part: Part) -> exp.Select:
    """The question of a part about every customer at once: ``customer_id``, what it gives, what stands beside."""
    if part.everybody:
        whole = parse_one(part.everybody, dialect="duckdb")
        assert isinstance(whole, exp.Select)  # noqa: S101 - ours, and it is one
        return whole
    tree = part.question.tree().copy()
    tree.set("order", None)
    tree.set("limit", None)
    kept = [each for each in _terms(tree) if not _is_number(each)]
    tree.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    given = [
        exp.alias_(each.unalias(), name, quoted=True)
        for each, name in zip(tree.expressions, part.question.gives, strict=True)
        if name != "customer_id"
    ]
    added = [exp.column(name) for name in ("customer_id", *part.beside)]
    tree.set("expressions", [*given, *(each.copy() for each in added)])
    if tree.args.get("group") is not None:
        tree.group_by(*added, copy=False)
    return tree


def _is_number(term: exp.Expr) -> bool:
    return (
        isinstance(term, exp.EQ)
        and isinstance(term.this, exp.Column)
        and term.this.name == "customer_id"
        and isinstance(term.expression, exp.Placeholder)
        and term.expression.this == NUMBER
    )


def written_down(part: Part, asked: exp.Query) -> exp.Select:
    """Of each customer the rows of a part as one text: ``customer_id``, ``said``; null where there are too many.

    Parameters
    ----------
    asked : `of_everybody`, as it is sent
    """
    names = [exp.column(name, quoted=True) for name in _written(part)]
    whose = [] if "customer_id" in part.question.gives else [exp.column("customer_id")]
    rows = exp.select(*whose, *(each.copy() for each in names)).from_(asked.subquery("asked"))
    if part.newest is not None:
        latest = exp.Ordered(this=exp.column("moment"), desc=True, nulls_first=False)
        place = exp.Window(
            this=exp.Anonymous(this="rank"),
            partition_by=[exp.column("customer_id")],
            order=exp.Order(expressions=[latest]),
        )
        rows.set("qualify", exp.Qualify(this=exp.LTE(this=place, expression=exp.Literal.number(part.newest))))
    texts = [exp.cast(each.copy(), exp.DataType.Type.VARCHAR) for each in names]
    each_row = exp.Anonymous(this="json_array", expressions=texts)
    said: exp.Expr = sorted_rows(each_row)
    if part.most is not None:
        few = exp.LTE(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(part.most))
        said = exp.Case(ifs=[exp.If(this=few, true=said)], default=exp.cast(exp.Literal.string("null"), "json"))
    return (
        exp.select(exp.column("customer_id"), exp.alias_(said, "said"))
        .from_(rows.subquery("rows"))
        .group_by(exp.column("customer_id"))
    )


def sorted_rows(row: exp.Expr) -> exp.Expr:
    """All rows of a group as one JSON list, in an order of their own: the same rows always make the same text."""
    gathered = exp.Anonymous(this="list_sort", expressions=[exp.ArrayAgg(this=row)])
    return exp.Anonymous(this="to_json", expressions=[gathered])


@cache
def lookup() -> exp.Select:
    """The texts of one customer."""
    return exp.select("told", "of_runs").from_(TABLE).where(exp.column("number").eq(exp.Placeholder(this=NUMBER)))
