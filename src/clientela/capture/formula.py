"""``expr`` of a mapping: parsed, checked against what is allowed, typed from how each column is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

EXACT = exp.DataType.build("decimal(38, 12)")
FACTOR = exp.DataType.build("decimal(28, 6)")


class Kind(StrEnum):
    """What a part of a formula gives."""

    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"


class FormulaError(ValueError):
    """An ``expr`` cannot be used."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked ``expr``. ``tree`` reads ``text_column(name)`` or ``number_column(name)`` for each column."""

    tree: exp.Expr
    kind: Kind
    texts: frozenset[str]
    numbers: frozenset[str]

    @property
    def columns(self) -> frozenset[str]:
        """The source's columns it reads."""
        return self.texts | self.numbers


_NUMBERS: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Neg: "-x",
    exp.Abs: "abs",
    exp.Round: "round",
    exp.Floor: "floor",
    exp.Ceil: "ceil",
}
_TEXTS: Mapping[type[exp.Expr], str] = {
    exp.DPipe: "||",
    exp.Concat: "concat",
    exp.Upper: "upper",
    exp.Lower: "lower",
    exp.Trim: "trim",
    exp.Substring: "substring",
    exp.Left: "left",
    exp.Right: "right",
    exp.Replace: "replace",
    exp.SplitPart: "split_part",
}
_EITHER: Mapping[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Nullif: "nullif",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Case: "case",
    exp.If: "if",
}
_COMPARED: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Between: "between",
    exp.In: "in",
}
_TESTS: Mapping[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or", exp.Not: "not", exp.Is: "is null"}
_OF_A_COLUMN = ("text", "number", "length", "like")
ALLOWED = (
    tuple(
        dict.fromkeys([*_NUMBERS.values(), *_TEXTS.values(), *_EITHER.values(), *_COMPARED.values(), *_TESTS.values()])
    )
    + _OF_A_COLUMN
)
_ORDERED = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Greatest, exp.Least)


def formula(text: str, wanted: Kind) -> Formula:
    """An ``expr`` understood: columns in arithmetic are numbers, others are text, ``text(c)`` keeps text.

    Parameters
    ----------
    text
        What the settings say.
    wanted
        What its column in the contract holds; decides where the formula itself does not.

    Raises
    ------
    FormulaError
        It is no expression, or uses what is not allowed.

    Examples
    --------
    >>> understood = formula("Quantity * UnitPrice", Kind.NUMBER)
    >>> understood.kind.value, sorted(understood.numbers)
    ('number', ['Quantity', 'UnitPrice'])
    """
    try:
        parsed = sqlglot.parse_one(f"select {text}", dialect="duckdb")
    except SqlglotError:
        raise FormulaError(f"'{text}' cannot be read as a formula") from None
    parts = parsed.expressions if isinstance(parsed, exp.Select) else []
    others = [name for name, value in parsed.args.items() if value and name not in ("expressions", "kind")]
    if len(parts) != 1 or others:
        raise FormulaError(f"'{text}' must be one formula over columns of the file")
    typer = _Typer(text)
    tree, kind = typer.typed(parts[0], wanted)
    return Formula(tree, kind, frozenset(typer.texts), frozenset(typer.numbers))


def text_column(name: str) -> exp.Column:
    """The place in a formula where a column is read as text."""
    return exp.column(exp.to_identifier(name, quoted=True), table="text")


def number_column(name: str) -> exp.Column:
    """The place in a formula where a column is read as a number."""
    return exp.column(exp.to_identifier(name, quoted=True), table="number")


@dataclass(slots=True)
class _Typer:
    text: str
    texts: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    def typed(self, node: exp.Expr, wanted: Kind | None) -> tuple[exp.Expr, Kind]:
        """A copy of the tree that reads typed columns, and what it gives."""
        leaf = self._leaf(node, wanted)
        if leaf is not None:
            return leaf
        rules: tuple[tuple[Mapping[type[exp.Expr], str], Callable[[exp.Expr, Kind | None], tuple[exp.Expr, Kind]]], ...]
        rules = (
            (_NUMBERS, self._number),
            (_TEXTS, self._text),
            (_EITHER, self._either),
            (_COMPARED, self._compared),
            (_TESTS, self._test),
        )
        for classes, rule in rules:
            if type(node) in classes:
                return rule(node, wanted)
        if isinstance(node, exp.Paren):
            inner, kind = self.typed(node.this, wanted)
            return exp.Paren(this=inner), kind
        if isinstance(node, exp.Length):
            return exp.Length(this=self._as(node.this, Kind.TEXT)), Kind.NUMBER
        if isinstance(node, exp.Like):
            return exp.Like(
                this=self._as(node.this, Kind.TEXT), expression=self._as(node.expression, Kind.TEXT)
            ), Kind.BOOL
        raise self._refused(node)

    def _leaf(self, node: exp.Expr, wanted: Kind | None) -> tuple[exp.Expr, Kind] | None:
        if isinstance(node, exp.Column) and not node.table and isinstance(node.this, exp.Identifier):
            return self._column(node.name, Kind.NUMBER if wanted is Kind.NUMBER else Kind.TEXT)
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("text", "number") and len(node.expressions) == 1:
            named = node.expressions[0]
            if not isinstance(named, exp.Column) or named.table:
                raise FormulaError(f"'{self.text}': {node.name.lower()}(…) takes a column of the file")
            return self._column(named.name, Kind(node.name.lower()))
        if isinstance(node, exp.Literal):
            return (node.copy(), Kind.TEXT) if node.is_string else (_cast(node, EXACT), Kind.NUMBER)
        if isinstance(node, exp.Boolean):
            return node.copy(), Kind.BOOL
        if isinstance(node, exp.Null):
            return node.copy(), wanted or Kind.TEXT
        return None

    def _column(self, name: str, kind: Kind) -> tuple[exp.Expr, Kind]:
        if kind is Kind.NUMBER:
            self.numbers.add(name)
            return number_column(name), kind
        self.texts.add(name)
        return text_column(name), kind

    def _as(self, node: exp.Expr, wanted: Kind) -> exp.Expr:
        """The part as what is wanted there; a formula that gives something else is refused."""
        tree, kind = self.typed(node, wanted)
        if kind is wanted:
            return tree
        if wanted is Kind.TEXT and kind is Kind.NUMBER:
            return plain_text(tree)
        raise FormulaError(f"'{self.text}': {node.sql(dialect='duckdb')} is no {wanted.value}")

    def _number(self, node: exp.Expr, _: Kind | None) -> tuple[exp.Expr, Kind]:
        if isinstance(node, exp.Round):
            decimals = node.args.get("decimals")
            if decimals is not None and not (isinstance(decimals, exp.Literal) and decimals.is_int):
                raise FormulaError(f"'{self.text}': round takes a whole number of digits")
            inner = self._as(node.this, Kind.NUMBER)
            return _cast(exp.Round(this=inner, decimals=decimals and decimals.copy()), EXACT), Kind.NUMBER
        if isinstance(node, (exp.Neg, exp.Abs, exp.Floor, exp.Ceil)):
            return _cast(type(node)(this=exp.Paren(this=self._as(node.this, Kind.NUMBER))), EXACT), Kind.NUMBER
        left, right = self._as(node.this, Kind.NUMBER), self._as(node.expression, Kind.NUMBER)
        if isinstance(node, (exp.Div, exp.Mod)):
            right = exp.Nullif(this=right, expression=exp.Literal.number(0))
        if isinstance(node, exp.Div):
            left = _cast(left, exp.DataType.build("double"))
        if isinstance(node, exp.Mul):  # scales add up when multiplied: six digits of each keep the product exact
            left, right = (_cast(each, FACTOR) for each in (left, right))
        return _cast(exp.Paren(this=type(node)(this=left, expression=right)), EXACT), Kind.NUMBER

    def _text(self, node: exp.Expr, _: Kind | None) -> tuple[exp.Expr, Kind]:
        copied = node.copy()
        positions = ("start", "length", "part_index")
        for name, value in node.args.items():
            counts = name in positions or (isinstance(node, (exp.Left, exp.Right)) and name == "expression")
            if isinstance(value, list):
                copied.set(name, [self._as(each, Kind.TEXT) for each in value])
            elif isinstance(value, exp.Expr) and counts:
                if not isinstance(value, exp.Literal):
                    raise FormulaError(f"'{self.text}': a position is a number, not {value.sql(dialect='duckdb')}")
            elif isinstance(value, exp.Expr):
                copied.set(name, self._as(value, Kind.TEXT))
        return copied, Kind.TEXT

    def _either(self, node: exp.Expr, wanted: Kind | None) -> tuple[exp.Expr, Kind]:
        if isinstance(node, (exp.Case, exp.If)):
            return self._chosen(node, wanted)
        parts = [node.this, *node.expressions] if not isinstance(node, exp.Nullif) else [node.this, node.expression]
        kind = self._common(parts, wanted, ordered=isinstance(node, _ORDERED))
        trees = [self._as(each, kind) for each in parts]
        if isinstance(node, exp.Nullif):
            return exp.Nullif(this=trees[0], expression=trees[1]), kind
        copied = node.copy()
        copied.set("this", trees[0])
        copied.set("expressions", trees[1:])
        return copied, kind

    def _chosen(self, node: exp.Expr, wanted: Kind | None) -> tuple[exp.Expr, Kind]:
        if node.this is not None and isinstance(node, exp.Case):
            raise FormulaError(f"'{self.text}': write case when … = … then … end")
        ifs = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        otherwise = node.args.get("default") if isinstance(node, exp.Case) else node.args.get("false")
        values = [each.args["true"] for each in ifs] + ([otherwise] if otherwise is not None else [])
        kind = self._common(values, wanted, ordered=False)
        branches = [exp.If(this=self._as(each.this, Kind.BOOL), true=self._as(each.args["true"], kind)) for each in ifs]
        default = self._as(otherwise, kind) if otherwise is not None else None
        return exp.Case(ifs=branches, default=default), kind

    def _compared(self, node: exp.Expr, _: Kind | None) -> tuple[exp.Expr, Kind]:
        named = [value for value in node.args.values() if isinstance(value, exp.Expr)]
        listed = node.expressions if isinstance(node, exp.In) else []
        if isinstance(node, exp.In) and not listed:
            raise self._refused(node)
        kind = self._common([*named, *listed], None, ordered=isinstance(node, _ORDERED))
        copied = node.copy()
        for name, value in node.args.items():
            if isinstance(value, list):
                copied.set(name, [self._as(each, kind) for each in value])
            elif isinstance(value, exp.Expr):
                copied.set(name, self._as(value, kind))
        return exp.Paren(this=copied), Kind.BOOL

    def _test(self, node: exp.Expr, _: Kind | None) -> tuple[exp.Expr, Kind]:
        if isinstance(node, exp.Is):
            if not isinstance(node.expression, exp.Null):
                raise self._refused(node)
            return exp.Paren(this=exp.Is(this=self.typed(node.this, None)[0], expression=exp.null())), Kind.BOOL
        if isinstance(node, exp.Not):
            return exp.Not(this=exp.Paren(this=self._as(node.this, Kind.BOOL))), Kind.BOOL
        left, right = self._as(node.this, Kind.BOOL), self._as(node.expression, Kind.BOOL)
        return exp.Paren(this=type(node)(this=left, expression=right)), Kind.BOOL

    def _common(self, parts: list[exp.Expr], wanted: Kind | None, *, ordered: bool) -> Kind:
        """What all parts are read as: what one of them is for certain, else what is wanted, else text."""
        certain = {_certain(each) for each in parts} - {None}
        for kind in (Kind.TEXT, Kind.NUMBER, Kind.BOOL):
            if kind in certain:
                return kind
        if wanted is not None:
            return wanted
        return Kind.NUMBER if ordered else Kind.TEXT

    def _refused(self, node: exp.Expr) -> FormulaError:
        said = node.sql(dialect="duckdb")
        return FormulaError(f"'{self.text}': {said} is not allowed; allowed: {', '.join(ALLOWED)}")


def plain_text(number: exp.Expr) -> exp.Expr:
    """A number as people write it: 5, not 5.000000."""
    written = _cast(number, exp.DataType.build("varchar"))
    zeros = exp.Anonymous(this="rtrim", expressions=[written, exp.Literal.string("0")])
    return exp.Anonymous(this="rtrim", expressions=[zeros, exp.Literal.string(".")])


def _cast(value: exp.Expr, to: exp.DataType) -> exp.Cast:
    """A cast, always: sqlglot's own leaves it out between decimals of different precision."""
    return exp.Cast(this=value.copy(), to=to.copy())


def _certain(node: exp.Expr) -> Kind | None:
    """What a part is whatever stands around it; None for a column, which may be read either way."""
    if isinstance(node, exp.Paren):
        return _certain(node.this)
    if isinstance(node, exp.Literal):
        return Kind.TEXT if node.is_string else Kind.NUMBER
    if isinstance(node, exp.Anonymous) and node.name.lower() in ("text", "number"):
        return Kind(node.name.lower())
    if isinstance(node, exp.Boolean) or type(node) in _COMPARED or type(node) in _TESTS or isinstance(node, exp.Like):
        return Kind.BOOL
    if type(node) in _NUMBERS or isinstance(node, exp.Length):
        return Kind.NUMBER
    return Kind.TEXT if type(node) in _TEXTS else None
