"""``customer``: each customer once, with the best value of every field."""

from __future__ import annotations

from sqlglot import exp

from clientela.contracts.derived.people import CUSTOMER as CONTRACT
from clientela.unify.golden.fields import FIELDS, GROUPS, Field
from clientela.unify.golden.members import CUSTOMER, PLACED, REF, of, place, published, said, several, wins, work
from clientela.warehouse.physical import ENGINE_TYPES, column

_COUNTS = (CUSTOMER, "records", "sources")
_KNOWN = tuple(each for each in CONTRACT.columns if each.name not in _COUNTS)


def customer(*, records: bool = True) -> exp.Query:
    """The query for ``customer``.

    Reads ``identity`` and, unless no record says anything (``records``), the work tables ``record``, ``linkable`` and
    ``placed``.
    """
    if not records:
        return exp.select(*map(column, _COUNTS), *_unknown()).from_(_counted(several_only=False).subquery("counted"))
    listed = [column(name) for name in (*_COUNTS, *(each.name for each in _KNOWN))]
    rows: exp.Query = _alone()
    for more in (_silent(), _together()):
        rows = exp.union(rows, more, distinct=False, copy=False)
    return exp.select(*listed, copy=False).from_(rows.subquery("golden", copy=False), copy=False)


def _alone() -> exp.Select:
    """The customers whose only key has a record: that record."""
    one = exp.Literal.number(1)
    return exp.select(
        column(CUSTOMER),
        exp.alias_(one, "records"),
        exp.alias_(one.copy(), "sources"),
        *(column(each.name) for each in FIELDS),
        exp.alias_(column("created_on"), "first_created_on"),
    ).from_(said(together=False).subquery("alone", copy=False), copy=False)


def _silent() -> exp.Select:
    """The customers whose only key has no record."""
    one = exp.Literal.number(1)
    named = exp.Exists(
        this=exp.select("1 as one")
        .from_(exp.alias_(work("record"), "record", table=True))
        .where(of("record", REF).eq(of("own", REF)))
    )
    return (
        exp.select(of("own", CUSTOMER), exp.alias_(one, "records"), exp.alias_(one.copy(), "sources"), *_unknown())
        .from_(exp.alias_(published("identity"), "own", table=True))
        .where(exp.not_(named), exp.not_(exp.In(this=of("own", CUSTOMER), query=several().subquery())))
    )


def _together() -> exp.Select:
    """The customers with several keys, of every field the value that stands best."""
    survivors = [exp.alias_(_survivor(each), each.name, quoted=True) for each in FIELDS]
    first = exp.alias_(exp.Min(this=column("created_on")), "first_created_on")
    best = (
        exp.select(column(CUSTOMER), *survivors, first)
        .from_(work(PLACED), copy=False)
        .group_by(column(CUSTOMER), copy=False)
    )
    same = of("best", CUSTOMER).eq(of("counted", CUSTOMER))
    return (
        exp.select(*(of("counted", name) for name in _COUNTS), *(of("best", each.name) for each in _KNOWN))
        .from_(_counted(several_only=True).subquery("counted"))
        .join(best.subquery("best", copy=False), on=same, join_type="left", copy=False)
    )


def _counted(*, several_only: bool) -> exp.Select:
    """How many keys customers have, of how many systems."""
    counted = {
        "records": exp.Count(this=exp.Star()),
        "sources": exp.Count(this=exp.Distinct(expressions=[column("source")])),
    }
    query = exp.select(column(CUSTOMER), *(exp.alias_(each, name) for name, each in counted.items()))
    query = query.from_(published("identity")).group_by(column(CUSTOMER))
    return query.where(exp.In(this=column(CUSTOMER), query=several().subquery())) if several_only else query


def _survivor(field: Field) -> exp.Expr:
    if len(GROUPS[field.group]) > 1:
        return exp.Filter(this=exp.Max(this=column(field.name)), expression=exp.Where(this=column(wins(field.group))))
    return exp.ArgMin(this=column(field.name), expression=column(place(field.group)))


def _unknown() -> list[exp.Expr]:
    """Every field as unknown, by its contract's type."""
    return [exp.alias_(exp.cast(exp.null(), ENGINE_TYPES[each.type]), each.name, quoted=True) for each in _KNOWN]
