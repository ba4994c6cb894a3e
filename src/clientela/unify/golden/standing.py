"""How the records of a customer stand for every field, and which values are the best: the rules of survivorship."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlglot import exp

from clientela.unify.golden.fields import ADDRESS, FIELDS, GROUPS, NAME, WORK, Field, Survivorship
from clientela.unify.golden.members import (
    CUSTOMER,
    REF,
    TOGETHER,
    define,
    equal,
    of,
    same,
    sources,
    there,
    values,
    work,
    write,
)
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import column

PLACED, BEST = "placed", "best"
_CRITERIA = ("verified", "source priority", "freshest", "most complete")
# A place is one number of 19 digits, the smaller the better; its first digit is 0 or 1, so that it fits into 63 bits.
WHOLE, RECORD = "whole", "record"
ORDER = "record_order"  # the place of a record among those of its customer; the last digits of any place
RECORDS = 100_000
_DIGITS = {WHOLE: 1, "verified": 1, "source priority": 3, "freshest": 5, "most complete": 4, RECORD: 5}
_LONGEST, _FILLED = 9999, 1000


def write_placed(engine: Engine, rules: Survivorship, fields: Sequence[Field] = FIELDS) -> None:
    """Write the work tables ``placed`` and ``best``, of the customers with several keys; ``together`` names them.

    ``placed``: of each record what it says of every field, as delivered and in the form in which two spellings are
    equal, and how it stands for every group. ``best``: of each customer the values that stand best, and how well.
    The golden queries read them, and call what is defined here.

    Parameters
    ----------
    fields : those of which any record says something; of no other there is a column.
    """
    define(engine)
    write(engine, PLACED, _placed(rules, fields))
    write(engine, BEST, _best(fields))


def place(group: str) -> str:
    """The column that says how a record stands for a group of fields; null where it says nothing of them."""
    return f"place_{group}"


def wins(group: str) -> exp.Expr:
    """Whether the fields of a group come from a record: it stands as well as the best of its customer."""
    return exp.EQ(this=of(PLACED, place(group)), expression=of(BEST, place(group)))


def criteria(group: str, rules: Survivorship) -> tuple[str, ...]:
    """What decides for a group of fields, in order; the record's own place comes last, so that nothing is left open."""
    first = [rules.instead[group]] if group in rules.instead else []
    return (WHOLE, *first, *(each for each in _CRITERIA if each not in first), RECORD)


def worth(criterion: str, order: Sequence[str]) -> int:
    """What one step of a criterion is worth in a place, given the order of the criteria."""
    digits = sum(_DIGITS[each] for each in order[order.index(criterion) + 1 :])
    return int(10**digits)


def _placed(rules: Survivorship, fields: Sequence[Field]) -> exp.Select:
    """The query for ``placed``: the order of the records, then what they say, then their places.

    The order is found of narrow rows, which are sorted sooner.
    """
    carried = (CUSTOMER, REF, "source", "created_on", ORDER, *(each.name for each in fields))
    forms = [same(each.name) for each in fields]
    compared = [exp.alias_(_compared(each), same(each.name), copy=False) for each in fields]
    stood = [exp.alias_(_place(group, rules, fields), place(group), copy=False) for group in GROUPS]
    filled = exp.alias_(_filled(fields), "filled")
    listed = [*map(column, (*carried, "fresh", *_verified(fields))), *compared, filled]
    rows = exp.select(*listed, copy=False).from_(_said(fields).subquery("said", copy=False), copy=False)
    listed = [*map(column, (*carried, *forms)), *stood]
    return exp.select(*listed, copy=False).from_(rows.subquery("compared", copy=False), copy=False)


def _said(fields: Sequence[Field]) -> exp.Select:
    """What the records of the customers with several keys say, each with its place in the order of the records."""
    standard = [*_verified(fields), *(same(each.name) for each in fields if each.same_by)]
    listed = [
        *(of("ordered", name) for name in (CUSTOMER, REF, ORDER, "fresh")),
        *(of("record", name) for name in ("source", "created_on")),
        *values(fields),
        *(of("standard", name) for name in standard),
    ]
    return sources(_ordered(), "ordered", fields, compared=True, join="inner").select(*listed, copy=False)


def _ordered() -> exp.Select:
    """How fresh a record is among those of its customer, and its place in the order of their keys."""
    newest = exp.Ordered(this=column("told_at"), desc=True, nulls_first=False)
    fresh = exp.Window(this=exp.DenseRank(), partition_by=[column(CUSTOMER)], order=exp.Order(expressions=[newest]))
    keys = [exp.Ordered(this=column(name), nulls_first=False) for name in ("source", "record_id")]
    order = exp.Window(this=exp.RowNumber(), partition_by=[column(CUSTOMER)], order=exp.Order(expressions=keys))
    told_at = exp.func("coalesce", of("record", "updated_at"), of("record", "created_at"))
    rows = (
        exp.select(of(TOGETHER, CUSTOMER), *(of("record", name) for name in (REF, "source", "record_id")))
        .select(exp.alias_(told_at, "told_at"))
        .from_(exp.alias_(work(TOGETHER), TOGETHER, table=True))
        .join(exp.alias_(work("record"), "record", table=True), on=of("record", REF).eq(of(TOGETHER, REF)))
    )
    listed = [column(CUSTOMER), column(REF), exp.alias_(fresh, "fresh"), exp.alias_(order, ORDER)]
    return exp.select(*listed).from_(rows.subquery("told"))


def _best(fields: Sequence[Field]) -> exp.Select:
    """The query for ``best``: of each customer the values, as delivered and in one form, and the best places.

    Fields that move together come from the one record that stands best for all of them, also where it leaves one out.
    """
    listed: dict[str, exp.Expr] = {}
    for each in fields:
        listed |= {name: _survivor(each, of(PLACED, name)) for name in (each.name, same(each.name))}
    for group in GROUPS:
        listed[place(group)] = exp.Min(this=of(PLACED, place(group)))
    listed["first_created_on"] = exp.Min(this=of(PLACED, "created_on"))
    together = [group for group, members in GROUPS.items() if len(members) > 1]
    first = exp.select(column(CUSTOMER), *(exp.alias_(exp.Min(this=column(place(g))), place(g)) for g in together))
    first = first.from_(work(PLACED)).group_by(column(CUSTOMER))
    named = (exp.alias_(each, name, quoted=True, copy=False) for name, each in listed.items())
    return (
        exp.select(of(PLACED, CUSTOMER), *named, copy=False)
        .from_(exp.alias_(work(PLACED), PLACED, table=True), copy=False)
        .join(first.subquery(BEST), on=of(BEST, CUSTOMER).eq(of(PLACED, CUSTOMER)), copy=False)
        .group_by(of(PLACED, CUSTOMER), copy=False)
    )


def _survivor(field: Field, value: exp.Expr) -> exp.Expr:
    if len(GROUPS[field.group]) > 1:
        return exp.Filter(this=exp.Max(this=value), expression=exp.Where(this=wins(field.group)))
    return exp.ArgMin(this=value, expression=of(PLACED, place(field.group)))


def _compared(of_field: Field) -> exp.Expr:
    """A value in the form in which two spellings of it are equal, as text; it is made of the columns of ``said``."""
    told: exp.Expr = exp.Lower(this=exp.cast(column(of_field.name), "varchar"))
    if of_field.same_by:
        told = exp.func("coalesce", column(same(of_field.name)), told)
    return exp.Case(ifs=[exp.If(this=there(of_field.name), true=told)])


def _verified(fields: Sequence[Field]) -> list[str]:
    return [each.verified_by for each in fields if each.verified_by]


def _place(group: str, rules: Survivorship, said: Sequence[Field]) -> exp.Expr:
    """How a record stands for a group, as one number; null where it says nothing of it."""
    fields = [each for each in GROUPS[group] if each in said]
    if not fields:
        return exp.cast(exp.null(), "bigint")
    verified_by = fields[0].verified_by
    steps: dict[str, exp.Expr] = {
        WHOLE: _zero_if(_whole(group, {each.name for each in fields})),
        "verified": _zero_if(column(verified_by)) if verified_by else exp.Literal.number(0),
        "source priority": _believed(rules.believe),
        "freshest": exp.Least(this=column("fresh"), expressions=[exp.Literal.number(99_999)]),
        "most complete": exp.Literal.number(_LONGEST) - _completeness(fields, alone=len(GROUPS[group]) == 1),
        RECORD: column(ORDER),
    }
    order = criteria(group, rules)
    total: exp.Expr = exp.cast(exp.Literal.number(0), "bigint")
    for criterion, step in steps.items():
        worthy = exp.Literal.number(worth(criterion, order))
        part = exp.Mul(this=exp.Paren(this=exp.cast(step, "bigint", copy=False)), expression=worthy)
        total = exp.Add(this=total, expression=part)
    said_any = exp.or_(*(there(each.name) for each in fields), copy=False)
    return exp.Case(ifs=[exp.If(this=said_any, true=total)])


def _whole(group: str, said: Collection[str]) -> exp.Expr:
    """Whether a record says enough of a group to stand before one that says a part of it."""

    def has(name: str) -> exp.Expr:
        return there(name) if name in said else exp.false()

    if group == NAME:
        return exp.or_(has("full_name"), exp.and_(has("first_name"), has("last_name")))
    if group == ADDRESS:
        return exp.and_(has("street"), exp.or_(has("postal_code"), has("city")))
    return has("company") if group == WORK else exp.true()


def _zero_if(condition: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(0))], default=exp.Literal.number(1))


def _believed(believe: Sequence[str]) -> exp.Expr:
    """The place of a system among those that are believed first; all others come after them."""
    if not believe:
        return exp.Literal.number(0)
    ifs = [exp.If(this=equal("source", name), true=exp.Literal.number(number)) for number, name in enumerate(believe)]
    return exp.Case(ifs=ifs, default=exp.Literal.number(len(believe)))


def _completeness(fields: Sequence[Field], *, alone: bool) -> exp.Expr:
    """How complete a value is: the longer text; of a group first the more fields; of a number the fuller record."""
    if not any(each.is_text for each in fields):
        return exp.Least(this=column("filled"), expressions=[exp.Literal.number(_LONGEST)])
    length: exp.Expr = exp.Literal.number(0)
    for each in fields:
        letters = exp.func("coalesce", exp.Length(this=column(each.name)), exp.Literal.number(0))
        length = exp.Add(this=length, expression=letters)
    if alone:
        return exp.Least(this=length, expressions=[exp.Literal.number(_LONGEST)])
    shortened = exp.Least(this=length, expressions=[exp.Literal.number(_FILLED - 1)])
    return exp.paren(_filled(fields)) * _FILLED + shortened


def _filled(fields: Sequence[Field]) -> exp.Expr:
    """How many of the fields a record says."""
    counted: exp.Expr = exp.Literal.number(0)
    for each in fields:
        one = exp.Case(ifs=[exp.If(this=there(each.name), true=exp.Literal.number(1))], default=exp.Literal.number(0))
        counted = exp.Add(this=counted, expression=one)
    return counted
