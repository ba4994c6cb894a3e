"""``customer_lineage``: which record each field of a customer comes from, and the rule that set it apart.

Everything is counted once per customer in wide rows; only where values differ are the records looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from clientela.unify.golden.fields import FIELDS, GROUPS, Field, Survivorship
from clientela.unify.golden.members import (
    CUSTOMER,
    ORDER,
    PLACED,
    RECORD,
    RECORDS,
    REF,
    WHOLE,
    criteria,
    of,
    place,
    same,
    there,
    wins,
    work,
    worth,
)
from clientela.warehouse.physical import column

_SAID_AS = {WHOLE: "most complete", RECORD: "tie"}
_NUMBERS = {each.name: number for number, each in enumerate(FIELDS)}


def customer_lineage(rules: Survivorship, *, records: bool = True) -> exp.Select:
    """The query for ``customer_lineage``: a row for each field that a customer with several keys has.

    Reads the work table ``placed``, which knows the rules; without ``records`` it has no row.
    """
    if not records:
        return _nothing()
    names = [exp.If(this=of("told", "field").eq(number), true=_text(name)) for name, number in _NUMBERS.items()]
    candidates = exp.func("coalesce", of("rival", "candidates"), exp.Literal.number(1))
    rival = exp.and_(*(of("rival", name).eq(of("told", name)) for name in (CUSTOMER, "field")))
    return (
        exp.select(
            of("told", CUSTOMER),
            exp.alias_(exp.Case(ifs=names), "field"),
            of("placed", REF),
            of("placed", "source"),
            exp.alias_(_rule(rules), "rule"),
            exp.alias_(candidates, "candidates"),
        )
        .from_("told")
        .join(_placed(), on=_is_best())
        .join("rival", on=rival, join_type="left")
        .with_("summed", as_=_summed(), copy=False)
        .with_("told", as_=_union(_told(each) for each in FIELDS), copy=False)
        .with_("rival", as_=_union(_rivals(each) for each in FIELDS), copy=False)
    )


def _placed() -> exp.Expr:
    return exp.alias_(work(PLACED), "placed", table=True)


def _summed() -> exp.Select:
    """Of each customer and field: how many records say it, whether they differ, which value won; the best place."""
    listed: dict[str, exp.Expr] = {}
    for each in FIELDS:
        value = column(same(each.name))
        listed[f"records_{each.name}"] = exp.Count(this=value)
        listed[f"differs_{each.name}"] = exp.Min(this=value.copy()).neq(exp.Max(this=value.copy()))
        listed[same(each.name)] = _won(each)
    for group in GROUPS:
        listed[place(group)] = exp.Min(this=column(place(group)))
    return (
        exp.select(column(CUSTOMER), *_named(listed), copy=False)
        .from_(_placed(), copy=False)
        .group_by(column(CUSTOMER), copy=False)
    )


def _named(listed: Mapping[str, exp.Expr]) -> list[exp.Expr]:
    return [exp.alias_(each, name, copy=False) for name, each in listed.items()]


def _won(field: Field) -> exp.Expr:
    value = column(same(field.name))
    if len(GROUPS[field.group]) > 1:
        return exp.Filter(this=exp.Max(this=value), expression=exp.Where(this=column(wins(field.group))))
    return exp.ArgMin(this=value, expression=column(place(field.group)))


def _told(field: Field) -> exp.Select:
    """The customers that have a field, and how it came about."""
    listed = {
        "field": exp.Literal.number(_NUMBERS[field.name]),
        "records": column(f"records_{field.name}"),
        "differs": column(f"differs_{field.name}"),
        "place": column(place(field.group)),
    }
    return (
        exp.select(column(CUSTOMER), *_named(listed), copy=False)
        .from_(exp.to_table("summed"), copy=False)
        .where(there(same(field.name)), copy=False)
    )


def _rivals(field: Field) -> exp.Select:
    """Where the values of a field differ: how many there are, and the best place of those that did not win."""
    value = of("placed", same(field.name))
    other = exp.NEQ(this=value.copy(), expression=of("summed", same(field.name)))
    others = exp.Count(this=exp.Distinct(expressions=[value]))
    listed = {
        "field": exp.Literal.number(_NUMBERS[field.name]),
        "candidates": exp.Add(this=others, expression=exp.Literal.number(1)),
        "place": exp.Min(this=of("placed", place(field.group))),
    }
    return (
        exp.select(of("summed", CUSTOMER), *_named(listed), copy=False)
        .from_(exp.to_table("summed"), copy=False)
        .join(_placed(), on=exp.EQ(this=of("placed", CUSTOMER), expression=of("summed", CUSTOMER)), copy=False)
        .where(of("summed", f"differs_{field.name}"), other, copy=False)
        .group_by(of("summed", CUSTOMER), copy=False)
    )


def _is_best() -> exp.Expr:
    """The record that a place ends with is the one it is the place of."""
    record = exp.Mod(this=of("told", "place"), expression=exp.Literal.number(RECORDS))
    return exp.and_(of("placed", CUSTOMER).eq(of("told", CUSTOMER)), of("placed", ORDER).eq(record))


def _rule(rules: Survivorship) -> exp.Expr:
    """The first criterion in which the value differs from the next best."""
    by_order: dict[tuple[str, ...], list[Field]] = {}
    for field in FIELDS:
        by_order.setdefault(criteria(field.group, rules), []).append(field)
    ifs = [
        exp.If(this=of("told", "records").eq(1), true=_text("only value")),
        exp.If(this=exp.not_(of("told", "differs")), true=_text("agreed")),
    ]
    for order, fields in by_order.items():
        ifs += [_differs(fields, criterion, order) for criterion in order]
    return exp.Case(ifs=ifs)


def _differs(fields: list[Field], criterion: str, order: tuple[str, ...]) -> exp.If:
    step = exp.Literal.number(worth(criterion, order))
    numbers = [_NUMBERS[each.name] for each in fields]
    won, lost = (exp.IntDiv(this=of(table, "place"), expression=step.copy()) for table in ("told", "rival"))
    apart = exp.and_(of("told", "field").isin(*numbers), won.neq(lost))
    return exp.If(this=apart, true=_text(_SAID_AS.get(criterion, criterion)))


def _union(parts: Iterable[exp.Query]) -> exp.Query:
    rows, *more = parts
    whole: exp.Query = rows
    for each in more:
        whole = exp.union(whole, each, distinct=False, copy=False)
    return whole


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _nothing() -> exp.Select:
    kinds = {CUSTOMER: "bigint", "candidates": "bigint"} | dict.fromkeys(("field", REF, "source", "rule"), "varchar")
    listed = (exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in kinds.items())
    return exp.select(*listed).from_(exp.select("1 as one").subquery("none")).where(exp.false())
