"""``customer_lineage``: which record each field of a customer comes from, and the rule that set it apart.

Everything is counted once per customer in wide rows; only where values differ are the records looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from clientela.unify.golden.fields import FIELDS, Field, Survivorship
from clientela.unify.golden.members import CUSTOMER, REF, of, same, work
from clientela.unify.golden.standing import BEST, ORDER, PLACED, RECORD, RECORDS, WHOLE, criteria, place, worth

_SAID_AS = {WHOLE: "most complete", RECORD: "tie"}
_NUMBERS = {each.name: number for number, each in enumerate(FIELDS)}


def customer_lineage(rules: Survivorship, fields: Sequence[Field] = FIELDS, *, records: bool = True) -> exp.Select:
    """The query for ``customer_lineage``: a row for each of ``fields`` that a customer with several keys has.

    Reads the work tables ``placed``, which knows the rules, and ``best``; without ``records`` it has no row.
    """
    if not records:
        return _nothing()
    names = [exp.If(this=of("told", "field").eq(number), true=_text(name)) for name, number in _NUMBERS.items()]
    return (
        exp.select(
            of("told", CUSTOMER),
            exp.alias_(exp.Case(ifs=names), "field"),
            of("placed", REF),
            of("placed", "source"),
            exp.alias_(_rule(rules), "rule"),
            exp.alias_(_candidates(), "candidates"),
        )
        .from_("told")
        .join(_placed(), on=_is_best())
        .join("crowd", on=_of_field("crowd"), join_type="left")
        .with_("rival", as_=_rivals(fields), copy=False)
        .with_("told", as_=_union(_told(each) for each in fields), copy=False)
        .with_("crowd", as_=_union(_crowd(each) for each in fields), copy=False)
    )


def _placed() -> exp.Expr:
    return exp.alias_(work(PLACED), "placed", table=True)


def _best() -> exp.Expr:
    return exp.alias_(work(BEST), BEST, table=True)


def _named(listed: Mapping[str, exp.Expr]) -> list[exp.Expr]:
    return [exp.alias_(each, name, copy=False) for name, each in listed.items()]


def _same_customer() -> exp.Expr:
    return exp.EQ(this=of(PLACED, CUSTOMER), expression=of(BEST, CUSTOMER))


def _of_field(table: str) -> exp.Expr:
    return exp.and_(*(of(table, name).eq(of("told", name)) for name in (CUSTOMER, "field")))


def _rivals(fields: Sequence[Field]) -> exp.Select:
    """Of each customer and field the best place of the values that did not win; null where all say the same."""
    listed: dict[str, exp.Expr] = {
        _rival(each): exp.Min(this=exp.Case(ifs=[exp.If(this=_lost(each), true=of(PLACED, place(each.group)))]))
        for each in fields
    }
    for each in fields:
        listed[_records(each)] = exp.Count(this=of(PLACED, same(each.name)))
    return (
        exp.select(of(PLACED, CUSTOMER), *_named(listed), copy=False)
        .from_(_placed(), copy=False)
        .join(_best(), on=_same_customer(), copy=False)
        .group_by(of(PLACED, CUSTOMER), copy=False)
    )


def _lost(field: Field) -> exp.Expr:
    """Whether a record says another value than the one that won."""
    return exp.NEQ(this=of(PLACED, same(field.name)), expression=of(BEST, same(field.name)))


def _told(field: Field) -> exp.Select:
    """The customers that have a field, and how it came about."""
    listed = {
        "field": exp.Literal.number(_NUMBERS[field.name]),
        "records": of("rival", _records(field)),
        "place": of(BEST, place(field.group)),
        "rival": of("rival", _rival(field)),
    }
    return (
        exp.select(of(BEST, CUSTOMER), *_named(listed), copy=False)
        .from_(_best(), copy=False)
        .join("rival", on=of("rival", CUSTOMER).eq(of(BEST, CUSTOMER)), copy=False)
        .where(exp.Not(this=exp.Is(this=of(BEST, same(field.name)), expression=exp.null())), copy=False)
    )


def _crowd(field: Field) -> exp.Select:
    """How many values there are of a field, where more than two records say it and not all the same."""
    others = exp.Count(this=exp.Distinct(expressions=[of(PLACED, same(field.name))]))
    crowded = exp.GT(this=of("rival", _records(field)), expression=exp.Literal.number(2))
    differ = exp.Not(this=exp.Is(this=of("rival", _rival(field)), expression=exp.null()))
    listed = {"field": exp.Literal.number(_NUMBERS[field.name]), "candidates": others}
    return (
        exp.select(of("rival", CUSTOMER), *_named(listed), copy=False)
        .from_("rival", copy=False)
        .join(_placed(), on=of(PLACED, CUSTOMER).eq(of("rival", CUSTOMER)), copy=False)
        .where(crowded, differ, copy=False)
        .group_by(of("rival", CUSTOMER), copy=False)
    )


def _candidates() -> exp.Expr:
    """How many values a field has: two records that differ say two."""
    told = exp.Case(
        ifs=[exp.If(this=exp.Is(this=of("told", "rival"), expression=exp.null()), true=exp.Literal.number(1))],
        default=exp.Literal.number(2),
    )
    return exp.func("coalesce", of("crowd", "candidates"), told)


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
        exp.If(this=exp.Is(this=of("told", "rival"), expression=exp.null()), true=_text("agreed")),
    ]
    for order, fields in by_order.items():
        ifs += [_differs(fields, criterion, order) for criterion in order]
    return exp.Case(ifs=ifs)


def _differs(fields: list[Field], criterion: str, order: tuple[str, ...]) -> exp.If:
    step = exp.Literal.number(worth(criterion, order))
    numbers = [_NUMBERS[each.name] for each in fields]
    won, lost = (exp.IntDiv(this=of("told", name), expression=step.copy()) for name in ("place", "rival"))
    apart = exp.and_(of("told", "field").isin(*numbers), won.neq(lost))
    return exp.If(this=apart, true=_text(_SAID_AS.get(criterion, criterion)))


def _union(parts: Iterable[exp.Query]) -> exp.Query:
    rows, *more = parts
    whole: exp.Query = rows
    for each in more:
        whole = exp.union(whole, each, distinct=False, copy=False)
    return whole


def _rival(field: Field) -> str:
    return f"rival_{field.name}"


def _records(field: Field) -> str:
    return f"records_{field.name}"


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _nothing() -> exp.Select:
    kinds = {CUSTOMER: "bigint", "candidates": "bigint"} | dict.fromkeys(("field", REF, "source", "rule"), "varchar")
    listed = (exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in kinds.items())
    return exp.select(*listed).from_(exp.select("1 as one").subquery("none")).where(exp.false())
