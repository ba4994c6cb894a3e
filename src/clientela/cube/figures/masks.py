"""Counting different customers or orders by what each of them was met in: one row for each, not one for each pair.

Counted by category, a customer is kept once with a bit for each category that they bought in, and the bits are
counted: a million rows are kept in the place of one for each pair of a customer and a category. The total is how many
have any bit. Sixty members fill a number; where there are more, a customer has a row for each sixty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

from clientela.contracts.schema import Kind
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS, parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.figures.gathered import key_below
from clientela.cube.rollup.rows import expression, ready
from clientela.cube.rollup.shape import is_plain
from clientela.cube.rollup.steps import different

PLACES = 60  # bits of a whole number that are used
_OF_TIME = {  # how many periods a day lies before the date, and the first day of that period
    "day": "date_diff('day', day, cast(:as_of as date))",
    "week": "date_diff('day', date_trunc('week', day), date_trunc('week', cast(:as_of as date))) // 7",
    "month": "date_diff('month', day, cast(:as_of as date))",
    "quarter": "date_diff('quarter', day, cast(:as_of as date))",
    "year": "date_diff('year', day, cast(:as_of as date))",
}
_BEGAN = {
    "day": "cast(cast(:as_of as date) - to_days(cast(code as integer)) as date)",
    "week": "cast(date_trunc('week', cast(:as_of as date)) - to_days(cast(7 * code as integer)) as date)",
    "month": "cast(date_trunc('month', cast(:as_of as date)) - to_months(cast(code as integer)) as date)",
    "quarter": "cast(date_trunc('quarter', cast(:as_of as date)) - to_months(cast(3 * code as integer)) as date)",
    "year": "cast(date_trunc('year', cast(:as_of as date)) - to_months(cast(12 * code as integer)) as date)",
}
_MET, _MEMBER, _ROWS = "met_in", "coded", "coded_row"
_EVERY_PLACE = "select cast(range as integer) as place from range(60)"
_NAMED = "select distinct code, member from coded where code > 0"
_ALONE = "(select min(block) = max(block) from met_in)"  # each of what is counted has one row


@dataclass(frozen=True, slots=True)
class Met:
    """Aggregates that count different ones of the same ``keys``, by name: the condition of each."""

    keys: tuple[str, ...]
    where: Mapping[str, exp.Expr]


def met(fact: Fact, names: Sequence[str], aggregates: Mapping[str, exp.Expr]) -> list[Met] | None:
    """What is counted by whom, where all of it is different customers or orders seen by something that has bits."""
    if not is_plain(fact.name) or not _is_event(fact) or _masked(fact, names) is None:
        return None
    found: dict[tuple[str, ...], dict[str, exp.Expr]] = {}
    for name, tree in aggregates.items():
        told = different(tree)
        if told is None:
            return None
        found.setdefault(told.keys, {})[name] = told.where
    return [Met(keys, where) for keys, where in found.items()]


def read_for(fact: Fact, names: Sequence[str]) -> list[str]:
    """The dimensions that the rows of a fact are needed with: in the place of the one that has bits, its key."""
    masked = _masked(fact, names)
    return [key_below(name) or name if name == masked else name for name in names]


def counted_by_bits(
    rows: exp.Select, fact: Fact, names: Sequence[str], asked: Met
) -> tuple[Mapping[str, exp.Query], Iterator[tuple[int, exp.Select]]]:
    """What is read beside by name, and the figures at the level asked for (0) and in total (1), over those names.

    Parameters
    ----------
    rows : of the fact, with `read_for` and what the aggregates read
    """
    masked = _masked(fact, names) or names[0]
    plain = [name for name in names if name != masked]
    beside: dict[str, exp.Query] = {_MET: _met_in(rows, masked, plain, asked)}
    if DIMENSIONS[masked].lookup is not None:
        beside = {_MEMBER: _members(masked), **beside}
    levels = ((0, _by_member(masked, plain, asked)), (1, _in_total(plain, asked)))
    return beside, iter(levels)


def _masked(fact: Fact, names: Sequence[str]) -> str | None:
    """The dimension whose members are bits: one that is looked up, else a time."""
    looked = (name for name in names if DIMENSIONS[name].lookup is not None and key_below(name) in fact.dimensions)
    return next(looked, next((name for name in names if name in _OF_TIME), None))


@cache
def _is_event_table(table: str) -> bool:
    return table in CONTRACTS and CONTRACTS[table].kind is Kind.FACT


def _is_event(fact: Fact) -> bool:
    """Whether its days lie before the date."""
    day = next((each for each in fact.rows.selects if each.alias_or_name == "day"), None)
    told = isinstance(day, exp.Alias) and isinstance(day.this, exp.Column) and day.this.name == "happened_on"
    return told and all(map(_is_event_table, fact.tables))


def _members(name: str) -> exp.Select:
    """The number of each member, by the key that it is looked up by; 0 is the unknown one."""
    dimension = DIMENSIONS[name]
    lookup = LOOKUPS[dimension.lookup or ""]
    key = exp.column(lookup.own_key or lookup.key, lookup.name)
    numbered = parsed("cast(case when member is null then 0 else dense_rank() over (order by member) end as bigint)")
    told = exp.Select(expressions=[exp.alias_(key, "key"), exp.alias_(expression(dimension), "member")])
    told = told.from_(ready(lookup).copy().subquery(lookup.name, copy=False), copy=False)
    every = exp.Select(expressions=[exp.column("key"), exp.column("member"), exp.alias_(numbered, "code")])
    return every.from_(told.subquery("looked_up", copy=False), copy=False)


def _met_in(rows: exp.Select, masked: str, plain: Sequence[str], asked: Met) -> exp.Select:
    """One row for each that is counted and each sixty members, with bits: met at all, and met as each figure asks."""
    key = key_below(masked) or masked
    read = {column.name for tree in asked.where.values() for column in tree.find_all(exp.Column)}
    columns = [exp.column(name, "fact") for name in sorted({*plain, *asked.keys, *read})]
    code = parsed(_OF_TIME.get(masked, f"coalesce({_MEMBER}.code, 0)"))
    coded = exp.Select(expressions=[*columns, exp.alias_(code, "code", copy=False)])
    coded = coded.from_(rows.subquery("fact", copy=False), copy=False)
    if masked not in _OF_TIME:
        same = exp.EQ(this=exp.column("key", _MEMBER), expression=exp.column(key, "fact"))
        coded = coded.join(_named(_MEMBER), on=same, join_type="left", copy=False)
    grain = [exp.column(name) for name in dict.fromkeys((*plain, *asked.keys))]
    block = parsed(f"code // {PLACES}")
    bits = [exp.alias_(parsed(f"bit_or(cast(1 as bigint) << cast(code % {PLACES} as integer))"), "here", copy=False)]
    for number, where in enumerate(asked.where.values()):
        bit = parsed(f"bit_or(case when met then cast(1 as bigint) << cast(code % {PLACES} as integer) else 0 end)")
        for column in list(bit.find_all(exp.Column)):
            if column.name == "met":
                column.replace(where.copy())
        bits.append(exp.alias_(bit, f"met_{number}", copy=False))
    told = exp.Select(expressions=[*grain, exp.alias_(block, "block"), *bits])
    return told.from_(coded.subquery(_ROWS, copy=False), copy=False).group_by(
        *(each.copy() for each in grain), block.copy(), copy=False
    )


def _by_member(masked: str, plain: Sequence[str], asked: Met) -> exp.Select:
    """How many were met in each member."""
    marks = [f"met_{number}" for number in range(len(asked.where))]
    known = _is_there(asked)
    alike = [*plain, "block", "here", *marks]
    many = exp.Select(
        expressions=[*map(exp.column, alike), exp.alias_(parsed(f"count(*) filter (where {known})"), "many")]
    )
    many = many.from_(_named(_MET), copy=False).group_by(*map(exp.column, alike), copy=False)
    places = parsed(_EVERY_PLACE)
    figures = [
        exp.alias_(parsed(f"coalesce(sum(many) filter (where (met_{number} >> place) & 1 = 1), 0)"), name)
        for number, name in enumerate(asked.where)
    ]
    code = parsed(f"block * {PLACES} + place")
    rows = exp.Select(expressions=[*map(exp.column, plain), exp.alias_(code, "code"), *figures])
    rows = rows.from_(many.subquery("alike", copy=False), copy=False)
    rows = rows.join(
        exp.Subquery(this=places, alias=exp.TableAlias(this=exp.to_identifier("bit"))),
        on=parsed("(here >> place) & 1 = 1"),
        copy=False,
    )
    rows = rows.group_by(*map(exp.column, plain), code.copy(), copy=False)
    shown = [exp.column(name, "figure") for name in (*plain, *asked.where)]
    if masked in _OF_TIME:
        member: exp.Expr = parsed(_BEGAN[masked])
        told = exp.Select(expressions=[*shown, exp.alias_(member, masked)])
        return told.from_(rows.subquery("figure", copy=False), copy=False)
    told = exp.Select(expressions=[*shown, exp.alias_(exp.column("member", "named"), masked)])
    told = told.from_(rows.subquery("figure", copy=False), copy=False)
    named = parsed(_NAMED)
    return told.join(
        exp.Subquery(this=named, alias=exp.TableAlias(this=exp.to_identifier("named"))),
        on=parsed("named.code = figure.code"),
        join_type="left",
        copy=False,
    )


def _in_total(plain: Sequence[str], asked: Met) -> exp.Select:
    """How many were met at all. Where each has one row, the rows are counted; else the different ones among them."""
    known, figures = _is_there(asked), []
    keys = ", ".join(asked.keys)
    different = f"({keys})" if len(asked.keys) > 1 else keys
    for number, name in enumerate(asked.where):
        met_at_all = f"met_{number} <> 0"
        counted = f"count(distinct {different}) filter (where {met_at_all})"
        if not plain:
            counted = (
                f"count(*) filter (where {met_at_all} and {known} and {_ALONE}) "
                f"+ count(distinct {different}) filter (where {met_at_all} and not {_ALONE})"
            )
        figures.append(exp.alias_(parsed(counted), name))
    return exp.Select(expressions=figures).from_(_named(_MET), copy=False)


def _is_there(asked: Met) -> str:
    """Whether a row counts: a customer who is not known is none, an order of which a part is not known is one."""
    return "true" if len(asked.keys) > 1 else f"{asked.keys[0]} is not null"


def _named(name: str) -> exp.Table:
    """What the query calls so: a table that need not be read from a text."""
    return exp.Table(this=exp.to_identifier(name))
