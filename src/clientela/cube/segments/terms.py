"""What a segment's conditions are counted from: sums, numbers of rows, different values, days of purchases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from clientela.contracts.filter import Condition, Filter
from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.measure import MEASURES, Measure, Ratio
from clientela.cube.segments.fields import Bought, Counted, Meaning, Purchases, Window, parts_of
from clientela.cube.segments.truth import DIGITS
from clientela.errors import QueryError

Kind = Literal["sum", "rows", "distinct", "days"]
BOUGHT = "is_sale"


@dataclass(frozen=True, slots=True)
class Term:
    """A number that rows of one fact add to, each as long as it counts.

    ``what`` is SQL over the fact's columns: what is summed, or told apart; ``only`` a condition in SQL. ``kind``
    *days*: the different days of the rows, the first and the last of them told too.
    """

    fact: str
    kind: Kind
    what: str
    only: str
    negated: bool
    digits: int
    within: Filter | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Counting:
    """A measure as a term. ``empty``: what it is where no row adds to it; None: not known."""

    term: Term
    empty: int | None


def counting(measure: Measure, within: Filter | None, window: Window | None) -> Counting:
    """The term that a measure is counted by.

    Raises
    ------
    QueryError
        Its aggregate is none that can be followed row by row.
    """
    node, negated = parsed(measure.aggregate), False
    while True:
        if isinstance(node, (exp.Coalesce, exp.Paren)):
            node = node.this
        elif isinstance(node, exp.Neg):
            node, negated = node.this, not negated
        elif isinstance(node, exp.Cast):
            node = node.this
        else:
            break
    only = ""
    if isinstance(node, exp.Filter):
        only, node = node.expression.this.sql("duckdb"), node.this
    kind, what = _kind(node, measure.name)
    digits = DIGITS.get(measure.unit.type, 0) if kind == "sum" else 0
    term = Term(measure.fact, kind, what, only, negated, digits, within, window)
    return Counting(term, measure.empty)


def _kind(node: exp.Expr, name: str) -> tuple[Kind, str]:
    if isinstance(node, exp.Sum) and not isinstance(node.this, exp.Distinct):
        return "sum", node.this.sql("duckdb")
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        told = node.this.expressions
        parts = told[0].expressions if len(told) == 1 and isinstance(told[0], exp.Tuple) else told
        return "distinct", _joined(parts)
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return "rows", ""
    if isinstance(node, exp.Count):
        return "rows", node.this.sql("duckdb")
    raise QueryError(f"'{name}' cannot be followed from day to day for one customer: it is no sum and no count.")


def _joined(parts: list[exp.Expr]) -> str:
    texts = [exp.cast(each.copy(), "text").sql("duckdb") for each in parts]
    return " || chr(31) || ".join(texts)


def terms_of(asked: Condition, meaning: Meaning) -> tuple[Counting, ...]:
    """What a condition is counted by: one term, two of a ratio, none of the golden record alone."""
    if isinstance(meaning, Counted):
        return tuple(counting(part, meaning.within, meaning.window) for part in parts_of(meaning.measure))
    if isinstance(meaning, Bought):
        orders = MEASURES["orders"]
        assert isinstance(orders, Measure)  # noqa: S101 -- it is declared as one
        return (counting(orders, asked, None),)
    if isinstance(meaning, Purchases):
        return (Counting(Term("order_line", "days", "", BOUGHT, False, 0, None, meaning.window), None),)
    return ()


def is_ratio(meaning: Meaning) -> bool:
    """Whether the second term divides the first."""
    return isinstance(meaning, Counted) and isinstance(MEASURES[meaning.measure], Ratio)


def digits_of(meaning: Meaning) -> int:
    """Behind the point, in the units of `truth.Values`."""
    kinds: Mapping[Type, int] = DIGITS
    if is_ratio(meaning):
        return 4 if meaning.type is Type.MONEY else 6
    return kinds.get(meaning.type, 0)
