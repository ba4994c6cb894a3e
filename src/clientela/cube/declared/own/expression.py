"""An expression of a company's own measure: each part of it is known, allowed and typed, and is then written anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from clientela.contracts.schema import Type
from clientela.cube.declared.counted.shape import Unit
from clientela.cube.declared.own.columns import Known, personal
from clientela.cube.declared.own.sorts import BOOL, DATE, TEXT, ExpressionError, Kind, Sort, alike, number
from clientela.cube.declared.own.sorts import product as multiplied
from clientela.cube.declared.own.sorts import quotient as divided
from clientela.cube.fields import as_double, cast
from clientela.errors import did_you_mean

MAX_LETTERS = 2_000
MAX_PARTS = 200
MAX_DEPTH = 20
_MAX_DIGITS = 12
ALLOWED = (
    "columns, numbers, texts in single quotes, date '2024-01-31', + - * /, = <> < <= > >=, in, between, like 'abc%', "
    "is null, and, or, not, case, coalesce, nullif, abs, round, least, greatest, lower, upper, starts_with, contains, "
    "date_diff"
)
_TYPES = {
    Unit.MONEY: Type.MONEY,
    Unit.COUNT: Type.INT,
    Unit.DAYS: Type.INT,
    Unit.NUMBER: Type.NUMBER,
    Unit.SHARE: Type.SHARE,
}

Typed = tuple[exp.Expr, Sort]


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its tree, written anew, what it gives, and the columns it reads."""

    tree: exp.Expr
    sort: Sort
    columns: tuple[Known, ...]


def expression(said: str, known: Mapping[str, Known]) -> Expression:
    """What a text says over the columns it may read.

    Raises
    ------
    ExpressionError
        It cannot be read, holds what is not allowed, or puts together what does not go together.

    Examples
    --------
    >>> from clientela.cube.declared.own.columns import columns_of
    >>> told = expression("net_revenue - cost_of_goods", columns_of("order_line"))
    >>> told.tree.sql("duckdb"), told.sort.said
    ('net_revenue - cost_of_goods', 'money')
    """
    reader = _Reader(known)
    tree, sort = reader.typed(read(said))
    return Expression(tree, sort, tuple(reader.met.values()))


def read(said: str) -> exp.Expr:
    """The tree of one expression, not yet checked."""
    if len(said) > MAX_LETTERS:
        raise ExpressionError(f"it has {len(said)} letters; at most {MAX_LETTERS} can be read")
    try:
        statements = sqlglot.parse(f"select {said}", dialect="duckdb")
        first = statements[0] if len(statements) == 1 else None
        whole = isinstance(first, exp.Select) and len(first.expressions) == 1
        if first is None or not whole or any(first.args.get(name) for name in first.args.keys() - {"expressions"}):
            raise ExpressionError("it is no single expression")
        tree: exp.Expr = first.expressions[0]
        _measured(tree)
    except (SqlglotError, RecursionError, TypeError):  # the last where an arrow points at nothing
        raise ExpressionError("it cannot be read as an expression") from None
    return tree


def _measured(tree: exp.Expr) -> None:
    parts, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if parts > MAX_PARTS * 4:  # identifiers and literals are parts of their own
            raise ExpressionError(f"it has too many parts; at most {MAX_PARTS} are read")
        if depth > MAX_DEPTH * 2:
            raise ExpressionError("it is nested too deep; write it flatter")
        waiting += ((child, depth + 1) for child in node.iter_expressions())


@dataclass(slots=True)
class _Reader:
    """Goes through a tree part by part; what it has no way for is refused."""

    known: Mapping[str, Known]
    met: dict[str, Known] = field(default_factory=dict)

    def typed(self, node: exp.Expr) -> Typed:
        """The part written anew, and what it gives."""
        way = _WAYS.get(type(node))
        if way is None:
            raise ExpressionError(f"'{_shown(node)}' is not allowed; allowed are {ALLOWED}")
        return way(self, node)

    def column(self, node: exp.Expr) -> Typed:
        known = self._known(node)
        if known.sort.kind is Kind.KEY:
            raise ExpressionError(
                f"'{known.name}' names a row or a customer: it can be counted with count_distinct, and asked whether "
                "it is null, nothing else"
            )
        return exp.column(known.name), known.sort

    def _known(self, node: exp.Expr) -> Known:
        assert isinstance(node, exp.Column)  # noqa: S101 - callers have looked
        parts = [part.name if part.args.get("quoted") else part.name.lower() for part in node.parts]
        said = ".".join(parts)
        if said not in self.known:
            if said in personal():
                raise ExpressionError(f"'{said}' is personal, and no measure may rest on it")
            raise ExpressionError(f"unknown column '{said}'; {did_you_mean(said, self.known)}")
        known = self.known[said]
        self.met[known.name] = known
        return known

    def literal(self, node: exp.Expr) -> Typed:
        said = str(node.this)
        if node.args.get("is_string"):
            if "\0" in said or any("\ud800" <= sign <= "\udfff" for sign in said):
                raise ExpressionError("a text holds a sign that no text may hold")
            return exp.Literal.string(said), TEXT
        digits = said.replace(".", "", 1)
        if not (digits.isascii() and digits.isdigit()) or len(digits) > _MAX_DIGITS:
            raise ExpressionError(f"{said} is no number of at most {_MAX_DIGITS} digits, such as 12 or 0.35")
        return exp.Literal.number(said), number(is_whole="." not in said)

    def boolean(self, node: exp.Expr) -> Typed:
        return exp.Boolean(this=bool(node.this)), BOOL

    def day(self, node: exp.Expr) -> Typed:
        said, kind = node.this, node.args["to"]
        if not isinstance(said, exp.Literal) or not said.is_string or not kind.is_type("date"):
            raise ExpressionError(f"'{_shown(node)}' is not allowed: a type is never cast; a day is date '2024-01-31'")
        return _date(said.this)

    def paren(self, node: exp.Expr) -> Typed:
        tree, sort = self.typed(node.this)
        return exp.paren(tree, copy=False), sort

    def negative(self, node: exp.Expr) -> Typed:
        tree, sort = self._number(node.this, "-")
        return exp.Neg(this=exp.paren(tree, copy=False)), sort

    def added(self, node: exp.Expr) -> Typed:
        sign = "+" if isinstance(node, exp.Add) else "-"
        (left, one), (right, other) = self._number(node.this, sign), self._number(node.expression, sign)
        return type(node)(this=left, expression=right), alike(one, other, sign)

    def product(self, node: exp.Expr) -> Typed:
        (left, one), (right, other) = self._number(node.this, "*"), self._number(node.expression, "*")
        sort = multiplied(one, other)
        return _exactly(exp.Mul(this=left, expression=right), sort), sort

    def quotient(self, node: exp.Expr) -> Typed:
        (left, one), (right, other) = self._number(node.this, "/"), self._number(node.expression, "/")
        sort = divided(one, other)
        below = exp.Nullif(this=as_double(right), expression=exp.Literal.number(0))
        tree = exp.Div(this=as_double(left), expression=below)
        return _exactly(tree, sort if sort.unit in (Unit.MONEY, Unit.SHARE) else number(Unit.NUMBER)), sort

    def compared(self, node: exp.Expr) -> Typed:
        (left, one), (right, other) = self._alike([node.this, node.expression], _SIGNS[type(node)])
        if one.kind is Kind.BOOL and type(node) not in (exp.EQ, exp.NEQ):
            raise ExpressionError(f"'{_shown(node)}' puts conditions in an order; they have none")
        self._chosen(node.this, [node.expression])
        self._chosen(node.expression, [node.this])
        return type(node)(this=_enclosed(left), expression=_enclosed(right)), _as_condition(one, other)

    def among(self, node: exp.Expr) -> Typed:
        if node.args.get("query") is not None or node.args.get("unnest") is not None or node.args.get("field"):
            raise ExpressionError("'in' takes a list of values in parentheses, and no query")
        found = self._alike([node.this, *node.expressions], "in")
        if not node.expressions or not all(_is_value(each) for each in node.expressions):
            raise ExpressionError("'in' takes a list of values in parentheses, such as in ('a', 'b')")
        self._chosen(node.this, node.expressions)
        return exp.In(this=_enclosed(found[0][0]), expressions=[tree for tree, _ in found[1:]]), BOOL

    def between(self, node: exp.Expr) -> Typed:
        (this, _), (low, _), (high, _) = self._alike([node.this, node.args["low"], node.args["high"]], "between")
        return exp.Between(this=_enclosed(this), low=_enclosed(low), high=_enclosed(high)), BOOL

    def like(self, node: exp.Expr) -> Typed:
        tree, pattern = self._text(node.this, "like"), node.expression
        if not isinstance(pattern, exp.Literal) or not pattern.is_string:
            raise ExpressionError("'like' takes a pattern in single quotes, such as like 'abc%'")
        return exp.Like(this=_enclosed(tree), expression=self.literal(pattern)[0]), BOOL

    def within(self, node: exp.Expr) -> Typed:
        both = [self._text(node.this, _name(node)), self._text(node.expression, _name(node))]
        return type(node)(this=both[0], expression=both[1]), BOOL

    def null(self, node: exp.Expr) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise ExpressionError(f"'{_shown(node)}' is not allowed: 'is' takes null, or not null")
        if isinstance(node.this, exp.Column):  # of a key, too, it may be asked whether it is there
            tree: exp.Expr = exp.column(self._known(node.this).name)
        else:
            tree = self.typed(node.this)[0]
        return exp.Is(this=_enclosed(tree), expression=exp.Null()), BOOL

    def joined(self, node: exp.Expr) -> Typed:
        left, right = self._condition(node.this), self._condition(node.expression)
        return exp.paren(type(node)(this=left, expression=right), copy=False), BOOL

    def negated(self, node: exp.Expr) -> Typed:
        return exp.Not(this=exp.paren(self._condition(node.this), copy=False)), BOOL

    def case(self, node: exp.Expr) -> Typed:
        if node.this is not None:
            raise ExpressionError("write 'case when condition then …': what stands after 'case' is not understood")
        whens = [self._condition(each.this) for each in node.args["ifs"]]
        values = [each.args["true"] for each in node.args["ifs"]]
        default = node.args.get("default")
        found = self._alike([*values, *([] if default is None else [default])], "case")
        ifs = [exp.If(this=when, true=tree) for when, (tree, _) in zip(whens, found, strict=False)]
        return exp.Case(ifs=ifs, default=None if default is None else found[-1][0]), _widest(found)

    def chosen(self, node: exp.Expr) -> Typed:
        found = self._alike([node.this, *node.expressions], _name(node))
        if len(found) < 2:
            raise ExpressionError(f"'{_name(node)}' takes two values or more")
        trees = [tree for tree, _ in found]
        return type(node)(this=trees[0], expressions=trees[1:]), _widest(found)

    def nullif(self, node: exp.Expr) -> Typed:
        found = self._alike([node.this, node.expression], "nullif")
        return exp.Nullif(this=found[0][0], expression=found[1][0]), _widest(found)

    def absolute(self, node: exp.Expr) -> Typed:
        tree, sort = self._number(node.this, "abs")
        return exp.Abs(this=tree), sort

    def rounded(self, node: exp.Expr) -> Typed:
        tree, sort = self._number(node.this, "round")
        digits = node.args.get("decimals")
        said = "0" if digits is None else digits.sql() if isinstance(digits, exp.Literal) else ""
        if said not in ("0", "1", "2", "3", "4") or node.args.get("truncate") is not None:
            raise ExpressionError("'round' takes a number and 0 to 4 decimals, such as round(net_revenue, 2)")
        return _exactly(exp.Round(this=tree, decimals=exp.Literal.number(said)), sort), sort

    def cased(self, node: exp.Expr) -> Typed:
        return type(node)(this=self._text(node.this, _name(node))), TEXT

    def days(self, node: exp.Expr) -> Typed:
        unit = node.args.get("unit")
        if unit is None or unit.name.lower() not in ("day", "days"):
            raise ExpressionError("'date_diff' counts days only: date_diff('day', from, to)")
        ends = [self._in(each, DATE, "date_diff") for each in (node.expression, node.this)]
        return exp.DateDiff(this=ends[1], expression=ends[0], unit=exp.var("DAY")), number(Unit.DAYS)

    def _alike(self, nodes: Sequence[exp.Expr], sign: str) -> list[Typed]:
        """Parts that must be of one sort; a text that stands beside a day is a day."""
        found = [self.typed(node) for node in nodes]
        if any(sort == DATE for _, sort in found):
            found = [
                _date(node.name) if sort == TEXT and isinstance(node, exp.Literal) else (tree, sort)
                for node, (tree, sort) in zip(nodes, found, strict=True)
            ]
        sort = found[0][1]
        for _, other in found[1:]:
            sort = alike(sort, other, sign)
        return found

    def _in(self, node: exp.Expr, wanted: Sort, sign: str) -> exp.Expr:
        tree, sort = self.typed(node)
        if wanted == DATE and sort == TEXT and isinstance(node, exp.Literal):
            tree, sort = _date(node.name)
        if sort != wanted:
            raise ExpressionError(f"'{sign}' takes {wanted.said}, and '{_shown(node)}' is {sort.said}")
        return tree

    def _number(self, node: exp.Expr, sign: str) -> Typed:
        tree, sort = self.typed(node)
        if sort.kind is not Kind.NUMBER:
            raise ExpressionError(f"'{sign}' takes numbers, and '{_shown(node)}' is {sort.said}{_hint(sort, sign)}")
        return _enclosed(tree), sort

    def _text(self, node: exp.Expr, sign: str) -> exp.Expr:
        return self._in(node, TEXT, sign)

    def _condition(self, node: exp.Expr) -> exp.Expr:
        tree, sort = self.typed(node)
        if sort != BOOL:
            raise ExpressionError(f"'{_shown(node)}' is {sort.said}, where a condition is needed")
        return tree

    def _chosen(self, node: exp.Expr, values: Sequence[exp.Expr]) -> None:
        """A text that a column never holds would make a figure of nothing, and nobody would know."""
        if not isinstance(node, exp.Column):
            return
        known = self._known(node)
        for value in values if known.choices else ():
            if isinstance(value, exp.Literal) and value.name not in known.choices:
                near = did_you_mean(value.name, known.choices)
                raise ExpressionError(f"'{known.name}' is never '{value.name}'; {near}")


_SIGNS: Mapping[type[exp.Expr], str] = MappingProxyType(
    {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
)
_WAYS: Mapping[type[exp.Expr], Callable[[_Reader, exp.Expr], Typed]] = MappingProxyType(
    {
        exp.Column: _Reader.column,
        exp.Literal: _Reader.literal,
        exp.Boolean: _Reader.boolean,
        exp.Cast: _Reader.day,
        exp.Paren: _Reader.paren,
        exp.Neg: _Reader.negative,
        exp.Add: _Reader.added,
        exp.Sub: _Reader.added,
        exp.Mul: _Reader.product,
        exp.Div: _Reader.quotient,
        **dict.fromkeys(_SIGNS, _Reader.compared),
        exp.In: _Reader.among,
        exp.Between: _Reader.between,
        exp.Like: _Reader.like,
        exp.StartsWith: _Reader.within,
        exp.Contains: _Reader.within,
        exp.Is: _Reader.null,
        exp.And: _Reader.joined,
        exp.Or: _Reader.joined,
        exp.Not: _Reader.negated,
        exp.Case: _Reader.case,
        exp.Coalesce: _Reader.chosen,
        exp.Least: _Reader.chosen,
        exp.Greatest: _Reader.chosen,
        exp.Nullif: _Reader.nullif,
        exp.Abs: _Reader.absolute,
        exp.Round: _Reader.rounded,
        exp.Lower: _Reader.cased,
        exp.Upper: _Reader.cased,
        exp.DateDiff: _Reader.days,
    }
)


def _date(said: str) -> Typed:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise ExpressionError(f"'{said}' is no day; write it as 2024-01-31") from None
    return cast(exp.Literal.string(day.isoformat()), Type.DATE), DATE


def _exactly(tree: exp.Expr, sort: Sort) -> exp.Expr:
    """A number with the decimals of its unit, so that a sum of it does not depend on the order of the rows."""
    return cast(tree, _TYPES[sort.unit]) if sort.unit is not None else cast(tree, Type.NUMBER)


def _widest(found: Sequence[Typed]) -> Sort:
    sort = found[0][1]
    for _, other in found[1:]:
        sort = alike(sort, other, "")
    return sort


def _as_condition(one: Sort, other: Sort) -> Sort:
    alike(one, other, "=")
    return BOOL


def _enclosed(tree: exp.Expr) -> exp.Expr:
    """A part within a part stands in parentheses where it is more than a name, a value or a call."""
    several = isinstance(tree, (exp.Binary, exp.Not, exp.Neg, exp.In, exp.Between))
    return exp.paren(tree, copy=False) if several else tree


def _is_value(node: exp.Expr) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, (exp.Literal, exp.Boolean, exp.Cast))


def _hint(sort: Sort, sign: str) -> str:
    return "; days between two days are date_diff('day', from, to)" if sort == DATE and sign == "-" else ""


def _name(node: exp.Expr) -> str:
    return type(node).sql_names()[0].lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def _shown(node: exp.Expr) -> str:
    try:
        said = node.sql("duckdb")
    except (SqlglotError, RecursionError, ValueError):
        said = type(node).__name__
    return said if len(said) <= 60 else f"{said[:57]}…"
