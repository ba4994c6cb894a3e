"""What ``[measure.NAME]`` of the settings says, as measures of the cube; every mistake in one plain sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlglot import exp

from clientela.contracts.text import Text
from clientela.cube.declared.counted.shape import Figure, Measure, Ratio, Sum, Unit
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import MEASURES, parts_of
from clientela.cube.declared.own.columns import Known, columns_of
from clientela.cube.declared.own.expression import Expression, expression, read
from clientela.cube.declared.own.sorts import BOOL, KEY, ExpressionError, Kind, Sort, alike, number, quotient
from clientela.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from clientela.config import OwnMeasure

FILE = "clientela.toml"
MAX_MEASURES = 200
MAX_TERMS = 20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_BESIDE = ("_before", "_change", "_share", "_running")  # columns that a question adds bear these
_ALSO: Mapping[Unit, tuple[Unit, ...]] = MappingProxyType(
    {
        Unit.MONEY: (Unit.MONEY,),
        Unit.COUNT: (Unit.COUNT, Unit.NUMBER),
        Unit.SHARE: (Unit.SHARE, Unit.NUMBER),
        Unit.NUMBER: (Unit.NUMBER, Unit.SHARE),
        Unit.DAYS: (Unit.DAYS, Unit.NUMBER),
    }
)


def with_own(said: Mapping[str, OwnMeasure]) -> Mapping[str, Figure]:
    """All measures there are: the built-in ones, and those that a company declared.

    Raises
    ------
    ConfigurationError
        Some of these are none; every problem is named.

    Examples
    --------
    >>> from clientela.config import OwnMeasure
    >>> all_of_them = with_own({"net_sales": OwnMeasure(sum="sales - returns")})
    >>> all_of_them["net_sales"].unit.value, all_of_them["net_sales"].terms
    ('money', ((1, 'sales'), (-1, 'returns')))
    """
    if not said:
        return MEASURES
    known: dict[str, Figure] = dict(MEASURES)
    misnamed = {name: problems for name in said if (problems := _name_problems(name, said))}
    wrong = [f"[measure.{name}]: {problem}" for name, problems in misnamed.items() for problem in problems]
    if len(said) > MAX_MEASURES:
        wrong.append(f"[measure]: {len(said)} measures are declared; at most {MAX_MEASURES} are taken")
    waiting = {name: each for name, each in said.items() if name not in misnamed}
    failed = set(misnamed) - known.keys()
    while waiting:
        ready = [name for name, each in waiting.items() if not any(other in waiting for other in _named(each))]
        if not ready:
            wrong += [f"[measure.{name}]: it is made of itself, by way of {_round(name, waiting)}" for name in waiting]
            break
        for name in ready:
            each = waiting.pop(name)
            if failed & {*_named(each)}:  # what is wrong with those is said
                failed.add(name)
                continue
            try:
                known[name] = _declared(name, each, known)
            except ExpressionError as error:
                wrong.append(f"[measure.{name}]: {error}")
                failed.add(name)
    if wrong:
        problems = [each.removesuffix(".") for each in wrong]
        raise ConfigurationError(f"{FILE} cannot be used: {'; '.join(problems)}.", problems=problems)
    return MappingProxyType(known)


def _name_problems(name: str, said: Mapping[str, OwnMeasure]) -> list[str]:
    if not _NAME.fullmatch(name):
        return ["a measure's name has small letters, digits and _, at most 50, and begins with a letter"]
    if name in MEASURES:
        return [f"'{name}' is a measure of clientela's own; name yours otherwise"]
    if name in DIMENSIONS:
        return [f"'{name}' is a dimension; name the measure otherwise"]
    for ending in _BESIDE:
        stem = name.removesuffix(ending)
        if stem != name and (stem in MEASURES or stem in said):
            return [f"'{name}' is what a question calls a column beside '{stem}'; name the measure otherwise"]
    return []


def _named(each: OwnMeasure) -> tuple[str, ...]:
    """The names a ratio or a sum mentions; none where it cannot be read, which is said when its turn comes."""
    said = each.ratio or each.sum
    try:
        return () if said is None else tuple(column.name for column in read(said).find_all(exp.Column))
    except ExpressionError:
        return ()


def _round(name: str, waiting: Mapping[str, OwnMeasure]) -> str:
    others = [other for other in _named(waiting[name]) if other in waiting]
    return f"'{others[0]}'"


def _declared(name: str, said: OwnMeasure, known: Mapping[str, Figure]) -> Figure:
    if said.ratio is not None:
        return _ratio(name, said, said.ratio, known)
    if said.sum is not None:
        return _sum(name, said, said.sum, known)
    return _counted(name, said)


def _counted(name: str, said: OwnMeasure) -> Measure:
    fact = str(said.fact)
    if fact not in FACTS:
        raise ExpressionError(f"fact = '{fact}' is not known; {did_you_mean(fact, FACTS)}")
    columns = columns_of(fact)
    where = None if said.where is None else _at("where", said.where, columns)
    if where is not None and where.sort != BOOL:
        raise ExpressionError(f"where = '{said.where}' is {where.sort.said}, where a condition is needed")
    of = None if said.of is None else _of(said.of, said.aggregate == "count_distinct", columns)
    unit = _unit(said, _aggregated(said, of))
    read_columns = {each.name: each for part in (of, where) if part is not None for each in part.columns}
    over_time, over_customers = _adds(said, of, fact)
    return Measure(
        name=name,
        label=_words(said.label, name.replace("_", " ").capitalize()),
        description=_words(said.description, ""),
        unit=unit,
        fact=fact,
        aggregate=_aggregate(said, of, where, columns).sql("duckdb"),
        empty=_empty(said, of),
        adds_over_time=over_time,
        adds_over_customers=over_customers,
        owner=said.owner,
        is_own=True,
        reads=tuple(sorted({column for each in read_columns.values() for column in each.reads})),
        counts=_rows_that_count(said, of, where),
        of_one_row=said.aggregate in ("min", "max"),
    )


def _at(key: str, said: str, columns: Mapping[str, Known]) -> Expression:
    try:
        return expression(said, columns)
    except ExpressionError as error:
        raise ExpressionError(f"{key} = '{said if len(said) <= 80 else said[:77] + '…'}': {error}") from None


def _of(said: str, is_distinct: bool, columns: Mapping[str, Known]) -> Expression:
    """What is aggregated; a key can be counted."""
    known = columns.get(said.strip().lower())
    if is_distinct and known is not None and known.sort == KEY:
        return Expression(exp.column(known.name), KEY, (known,))
    return _at("of", said, columns)


def _aggregated(said: OwnMeasure, of: Expression | None) -> Unit:
    """The unit of the figure, from what is aggregated and how."""
    if of is None or said.aggregate in ("count", "count_distinct"):
        return Unit.COUNT
    if of.sort.kind is not Kind.NUMBER:
        advice = "; to count where a condition holds, write aggregate = 'count' and where" if of.sort == BOOL else ""
        raise ExpressionError(f"of = '{said.of}' is {of.sort.said}, and {said.aggregate} takes a number{advice}")
    unit = of.sort.unit or (Unit.COUNT if of.sort.is_whole else Unit.NUMBER)
    if said.aggregate == "sum":
        return Unit.NUMBER if unit is Unit.SHARE else unit
    if said.aggregate == "average":
        return unit if unit in (Unit.MONEY, Unit.SHARE) else Unit.NUMBER
    return unit


def _unit(said: OwnMeasure, found: Unit) -> Unit:
    if said.unit is None:
        return found
    if Unit(said.unit) not in _ALSO[found]:
        could = " or ".join(f"'{each.value}'" for each in _ALSO[found])
        raise ExpressionError(f"unit = '{said.unit}' does not fit; what it counts is {could}")
    return Unit(said.unit)


def _aggregate(
    said: OwnMeasure, of: Expression | None, where: Expression | None, columns: Mapping[str, Known]
) -> exp.Expr:
    condition = None if where is None else where.tree
    inner: exp.Expr
    if of is None:
        inner = exp.Count(this=exp.Star())
    elif said.aggregate == "count_distinct":
        one: exp.Expr = of.tree.copy()
        if of.sort == KEY and not one.name.startswith("customer_") and "source" in columns:
            there = exp.not_(exp.Is(this=one.copy(), expression=exp.Null()))  # a pair is counted, null or not
            condition = there if condition is None else exp.and_(condition, there)
            one = exp.Tuple(expressions=[exp.column("source"), one])  # keys of two systems may be alike
        inner = exp.Count(this=exp.Distinct(expressions=[one]))
    else:
        inner = _AGGREGATES[str(said.aggregate)](this=of.tree.copy())
    if condition is not None:
        inner = exp.Filter(this=inner, expression=exp.Where(this=condition.copy()))
    if _empty(said, of) == 0 and said.aggregate not in ("count", "count_distinct"):
        inner = exp.Coalesce(this=inner, expressions=[exp.Literal.number(0)])
    return inner


_AGGREGATES: Mapping[str, type[exp.Expr]] = MappingProxyType(
    {"sum": exp.Sum, "count": exp.Count, "average": exp.Avg, "min": exp.Min, "max": exp.Max}
)


def _empty(said: OwnMeasure, of: Expression | None) -> int | None:
    """0 where nothing happened; None where nothing is known, as a sum of what some rows do not say."""
    if said.aggregate in ("count", "count_distinct"):
        if said.empty == "unknown":
            raise ExpressionError("empty = 'unknown' does not fit: where nothing is, the count is 0")
        return 0
    if said.empty is not None:
        return 0 if said.empty == "zero" else None
    if said.aggregate != "sum" or of is None:
        return None
    numbers = [each for each in of.columns if each.sort.kind is Kind.NUMBER]
    return 0 if all(each.is_there for each in numbers) else None


def _adds(said: OwnMeasure, of: Expression | None, fact: str) -> tuple[bool, bool]:
    """Over what its figures may be summed: what the aggregate allows, less what is not said."""
    summed = said.aggregate in ("sum", "count")
    customers = of is not None and of.sort == KEY and of.tree.name == "customer_id"
    allowed = {"time": summed and "day" in FACTS[fact].dimensions, "customers": summed or customers}
    if said.aggregate in ("average", "min", "max"):
        allowed = {"time": False, "customers": False}
    if said.adds_over is None:
        return allowed["time"], allowed["customers"]
    wrong = next((each for each in said.adds_over if not allowed[each]), None)
    if wrong is not None:
        raise ExpressionError(f"adds_over = '{wrong}' does not fit: {said.aggregate} on '{fact}' does not add over it")
    return "time" in said.adds_over, "customers" in said.adds_over


def _rows_that_count(said: OwnMeasure, of: Expression | None, where: Expression | None) -> str | None:
    """The condition on a fact's rows that a figure tells of, as SQL; None: all."""
    parts: list[exp.Expr] = [] if where is None else [where.tree.copy()]
    if of is not None:
        parts.append(exp.not_(exp.Is(this=exp.paren(of.tree), expression=exp.Null())))
    if of is not None and said.aggregate == "sum":
        parts.append(exp.NEQ(this=exp.paren(of.tree), expression=exp.Literal.number(0)))
    return exp.and_(*parts).sql("duckdb") if parts else None


def _ratio(name: str, said: OwnMeasure, formula: str, known: Mapping[str, Figure]) -> Ratio:
    tree = _read("ratio", formula)
    if not isinstance(tree, exp.Div):
        raise ExpressionError(f"ratio = '{formula}' is one measure divided by another, such as 'margin / revenue'")
    above, below = (_measure("ratio", formula, side, known) for side in (tree.this, tree.expression))
    try:
        found = quotient(number(above.unit), number(below.unit)).unit or Unit.NUMBER
    except ExpressionError as error:
        if said.unit != "number":
            raise ExpressionError(f"ratio = '{formula}': {error}; if it means something, say unit = 'number'") from None
        found = Unit.NUMBER
    if isinstance(above, Ratio) or isinstance(below, Ratio):
        raise ExpressionError(f"ratio = '{formula}' divides a ratio; divide what is counted")
    return Ratio(
        name=name,
        label=_words(said.label, name.replace("_", " ").capitalize()),
        description=_words(said.description, ""),
        unit=_unit(said, found),
        numerator=above.name,
        denominator=below.name,
        owner=said.owner,
        is_own=True,
    )


def _sum(name: str, said: OwnMeasure, formula: str, known: Mapping[str, Figure]) -> Sum:
    terms = [(sign, _measure("sum", formula, side, known)) for sign, side in _terms(_read("sum", formula), formula, 1)]
    if not 2 <= len(terms) <= MAX_TERMS:
        raise ExpressionError(f"sum = '{formula}' takes 2 to {MAX_TERMS} measures, such as 'sales - returns'")
    sort: Sort = number(terms[0][1].unit)
    for sign, each in terms[1:]:
        try:
            sort = alike(sort, number(each.unit), "+" if sign > 0 else "-")
        except ExpressionError as error:
            raise ExpressionError(f"sum = '{formula}': {error}") from None
    return Sum(
        name=name,
        label=_words(said.label, name.replace("_", " ").capitalize()),
        description=_words(said.description, ""),
        unit=_unit(said, sort.unit or Unit.NUMBER),
        terms=tuple((sign, each.name) for sign, each in terms),
        owner=said.owner,
    )


def _read(key: str, formula: str) -> exp.Expr:
    try:
        return read(formula)
    except ExpressionError as error:
        raise ExpressionError(f"{key} = '{formula[:80]}': {error}") from None


def _terms(tree: exp.Expr, formula: str, sign: int) -> list[tuple[int, exp.Expr]]:
    if isinstance(tree, exp.Paren):
        return _terms(tree.this, formula, sign)
    if isinstance(tree, (exp.Add, exp.Sub)):
        other = sign if isinstance(tree, exp.Add) else -sign
        return [*_terms(tree.this, formula, sign), *_terms(tree.expression, formula, other)]
    if not isinstance(tree, exp.Column):
        raise ExpressionError(f"sum = '{formula[:80]}' holds measures, + and -, and nothing else")
    return [(sign, tree)]


def _measure(key: str, formula: str, node: exp.Expr, known: Mapping[str, Figure]) -> Figure:
    inner = node.this if isinstance(node, exp.Paren) else node
    if not isinstance(inner, exp.Column) or inner.table:
        raise ExpressionError(
            f"{key} = '{formula[:80]}' takes measures by name; declare what stands in parentheses as one of its own"
        )
    if inner.name not in known:
        near = did_you_mean(inner.name, known)
        raise ExpressionError(f"{key} = '{formula[:80]}': unknown measure '{inner.name}'; {near}")
    return known[inner.name]


def _words(said: Mapping[str, str] | None, otherwise: str) -> Text:
    """A company's own words; in a language they are not told in, the English ones or the first."""
    told = dict(said or {"en": otherwise})
    return Text(told.get("en") or next(iter(told.values())), told=MappingProxyType(told))


def adds_over(asked: Figure, measures: Mapping[str, Figure]) -> tuple[bool, bool]:
    """Whether figures of separate days, and of separate customers, may be summed; a ratio's never may."""
    if isinstance(asked, Measure):
        return asked.adds_over_time, asked.adds_over_customers
    if isinstance(asked, Ratio):
        return False, False
    parts = parts_of(asked, measures)
    return all(each.adds_over_time for each in parts), all(each.adds_over_customers for each in parts)
