"""``customer``: each customer once, with the best value of every field."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.contracts.derived.people import CUSTOMER as CONTRACT
from clientela.unify.golden.fields import FIELDS, Field
from clientela.unify.golden.members import CUSTOMER, TOGETHER, alone, of, published, sources, values, work
from clientela.unify.golden.standing import BEST
from clientela.warehouse.physical import column

FIRST = "first_created_on"
_COUNTS = (CUSTOMER, "records", "sources")
_KNOWN = tuple(name for name in CONTRACT.names if name not in _COUNTS)


def customer(fields: Sequence[Field] = FIELDS, *, records: bool = True, keys: exp.Table | None = None) -> exp.Query:
    """The query for ``customer``; ``fields`` are those of which any record says something, the others are null.

    Reads ``identity``, the work table ``together`` and, unless no record says anything (``records``), ``record``,
    ``linkable`` and ``best``.

    Parameters
    ----------
    keys : all keys of the customers that are looked at; else those of ``identity``.
    """
    named = keys if keys is not None else published("identity")
    if not records:
        return _unknown(named)
    return exp.union(_alone(fields, named), _together(fields), distinct=False, copy=False)


def _alone(fields: Sequence[Field], keys: exp.Table) -> exp.Select:
    """The customers with one key: its record as it stands, or nothing where it has none."""
    one = exp.Literal.number(1)
    told = {each.alias: each for each in values(fields)}
    told[FIRST] = exp.alias_(of("record", "created_on"), FIRST)
    listed = [of("own", CUSTOMER), exp.alias_(one, "records"), exp.alias_(one.copy(), "sources")]
    rows = sources(keys, "own", fields, compared=False, join="left")
    return rows.select(*listed, *(told.get(name, _nothing(name)) for name in _KNOWN), copy=False).where(
        alone("own"), copy=False
    )


def _together(fields: Sequence[Field]) -> exp.Select:
    """The customers with several keys, of every field the value that stands best."""
    same = of(BEST, CUSTOMER).eq(of("counted", CUSTOMER))
    said = {each.name for each in fields} | {FIRST}
    best = (of(BEST, name) if name in said else _nothing(name) for name in _KNOWN)
    return (
        exp.select(*(of("counted", name) for name in _COUNTS), *best)
        .from_(_counted(work(TOGETHER)).subquery("counted"))
        .join(exp.alias_(work(BEST), BEST, table=True), on=same, join_type="left")
    )


def _counted(keys: exp.Table) -> exp.Select:
    """How many keys customers have, of how many systems."""
    counted = {
        "records": exp.Count(this=exp.Star()),
        "sources": exp.Count(this=exp.Distinct(expressions=[column("source")])),
    }
    query = exp.select(column(CUSTOMER), *(exp.alias_(each, name) for name, each in counted.items()))
    return query.from_(keys).group_by(column(CUSTOMER))


def _unknown(keys: exp.Table) -> exp.Select:
    """The customers, of whom nothing is known but their keys."""
    one = exp.Literal.number(1)
    listed = (of("own", CUSTOMER), exp.alias_(one, "records"), exp.alias_(one.copy(), "sources"))
    single = exp.select(*listed).from_(exp.alias_(keys, "own", table=True)).where(alone("own"))
    counted = exp.union(single, _counted(work(TOGETHER)), distinct=False)
    return exp.select(*map(column, _COUNTS), *map(_nothing, _KNOWN)).from_(counted.subquery("counted"))


def _nothing(name: str) -> exp.Expr:
    return exp.alias_(exp.null(), name, quoted=True)
