"""Different ones counted by the exact set of territories that each was met in.

Different customers of two territories cannot be added up: who bought in both is one. But each is met in one set of
territories, so how many have that very set adds up, whatever territories somebody may see: they are those whose set
holds one of them. Most customers are met in one territory, so there are hardly more sets than territories.

A row of the table is of a cell of a level and of a set, by its number. Beside these it holds, at a level of their own,
the territories of each set. A cell in which nobody is counted has a row of each territory that it has lines in, with 0,
as the lines themselves would show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import DIMENSIONS, parsed
from clientela.cube.fields import cast
from clientela.cube.rollup.shape import LEVEL, MET_IN, MET_WITH, OF_SETS, SEEN_IN, Rollup, level_of
from clientela.cube.rollup.steps import Different, different

_LINE, _CELL, _NUMBERED, _MET = "line", "of_cell", "numbered", "met"
_PLACES = "places"
_ONE_PLACE = "case when one is null then cast([] as varchar[]) else [one] end"


def counted_by_sets(rollup: Rollup, rows: exp.Select) -> exp.Select:
    """The rows of a roll-up that counts by sets of territories.

    Parameters
    ----------
    rows : of the fact, with the territory that each is seen in and all that the roll-up reads
    """
    found = {part.column: told for part in rollup.parts if (told := different(parsed(part.sql))) is not None}
    movers = {told.keys: f"moved_{number}" for number, told in enumerate(found.values())}
    cells: list[exp.Select] = []
    for names in rollup.levels:
        cells.append(_cells(rollup, names, _there(names), {}))
        for column, told in found.items():
            cells.append(_cells(rollup, names, _met_once(names, told), {column: "many"}))
            cells.append(_cells(rollup, names, _met_often(names, told, movers[told.keys]), {column: "many"}))
    every = [LEVEL, *rollup.by, _PLACES]
    added = [exp.alias_(exp.Sum(this=exp.column(part.column)), part.column) for part in rollup.parts]
    number = exp.alias_(parsed("dense_rank() over (order by places)"), MET_IN)
    added_up = exp.select(*map(exp.column, every), *added).from_(
        exp.union(*cells, distinct=False, copy=False).subquery(_CELL, copy=False), copy=False
    )
    added_up = added_up.group_by(*map(exp.column, every), copy=False)
    numbered = exp.select(exp.Star(), number).from_(added_up.subquery("added", copy=False), copy=False)
    both = exp.union(_counts(rollup), _territories(rollup), distinct=False, copy=False)
    told_of = exp.select(exp.Star()).from_(both.subquery("told", copy=False), copy=False)
    told_of = told_of.with_(_LINE, as_=rows, materialized=False, copy=False)
    for keys, name in movers.items():
        told_of = told_of.with_(name, as_=_moved(keys), materialized=True, copy=False)
    return told_of.with_(_NUMBERED, as_=numbered, materialized=True, copy=False)


def shared_by(rows: exp.Select, told: Different) -> exp.Select:
    """Of what is counted and has lines of several customers: ``pairs`` of such customers, and ``nobodies`` among them.

    Parameters
    ----------
    rows : of the fact, with the customer and all that is read
    """
    keys = [exp.column(name) for name in told.keys]
    sized = exp.select("count(customer_id) as n", "count(*) - count(customer_id) as nobodies").from_(_MET)
    sized = sized.group_by(*keys)
    sums = ["cast(coalesce(sum(n * (n - 1)), 0) as bigint) as pairs", "coalesce(max(nobodies), 0) as nobodies"]
    return _with_met(exp.select(*sums).from_(sized.subquery("sized", copy=False), copy=False), rows, told)


def pairs_of(rows: exp.Select, told: Different) -> exp.Select:
    """Each customer with every other one who has lines of the same order, or whatever else is counted."""
    same = [exp.NullSafeEQ(this=exp.column(key, "one"), expression=exp.column(key, "other")) for key in told.keys]
    found = exp.select("one.customer_id", f"other.customer_id as {MET_WITH}").distinct()
    found = found.from_(exp.alias_(exp.to_table(_MET), "one", table=True))
    found = found.join(exp.alias_(exp.to_table(_MET), "other", table=True), on=exp.and_(*same), copy=False)
    found = _with_met(found.where("one.customer_id <> other.customer_id", copy=False), rows, told)
    return found.order_by(exp.column("customer_id"), exp.column(MET_WITH), copy=False)


def _with_met(query: exp.Select, rows: exp.Select, told: Different) -> exp.Select:
    """The query with what it reads: who has lines of what has lines of several, or of somebody and of nobody."""
    keys = [exp.column(name) for name in told.keys]
    several = parsed(
        "min(customer_id) <> max(customer_id) or (count(customer_id) > 0 and count(customer_id) < count(*))"
    )
    counted = exp.select(*keys, "customer_id").from_(rows.subquery("every"), copy=False)
    counted = counted.where(told.where.copy(), copy=False)
    mixed = exp.select(*keys).from_(_LINE).group_by(*(each.copy() for each in keys)).having(several, copy=False)
    same = [exp.NullSafeEQ(this=exp.column(key, _LINE), expression=exp.column(key, "mixed")) for key in told.keys]
    met = exp.select(*(exp.column(key, _LINE) for key in told.keys), exp.column("customer_id", _LINE)).distinct()
    met = met.from_(_LINE).join("mixed", on=exp.and_(*same), join_type="semi", copy=False)
    query = query.with_(_LINE, as_=counted, materialized=False, copy=False)
    query = query.with_("mixed", as_=mixed, materialized=True, copy=False)
    return query.with_(_MET, as_=met, materialized=True, copy=False)


def _there(names: Sequence[str]) -> exp.Select:
    """The cells that have lines of a territory, so that each is there though nobody is counted in it."""
    columns = [exp.column(name) for name in (*names, SEEN_IN)]
    found = exp.select(*(each.copy() for each in columns)).distinct().from_(_LINE)
    one = exp.select(*map(exp.column, names), exp.alias_(exp.column(SEEN_IN), "one"))
    return _with_places(one.from_(found.subquery("there", copy=False), copy=False), names, ())


def _met_once(names: Sequence[str], told: Different) -> exp.Select:
    """How many were met in one territory alone, or in none."""
    grain = [exp.column(name) for name in dict.fromkeys((*names, *told.keys))]
    ends = [exp.alias_(parsed(f"{end}({SEEN_IN})"), name) for end, name in (("min", "one"), ("max", "other"))]
    met = exp.select(*grain, *ends).from_(_LINE).where(told.counts.copy())
    met = met.group_by(*(each.copy() for each in grain), copy=False)
    many = exp.select(*map(exp.column, names), "one", exp.alias_(parsed("count(*)"), "many"))
    many = many.from_(met.subquery("met", copy=False), copy=False).where("one is not distinct from other")
    return _with_places(many.group_by(*map(exp.column, names), exp.column("one"), copy=False), names, ("many",))


def _met_often(names: Sequence[str], told: Different, moved: str) -> exp.Select:
    """How many were met in each set of several territories."""
    grain = [exp.column(name, _LINE) for name in dict.fromkeys((*names, *told.keys))]
    places = parsed(f"list(distinct {SEEN_IN} order by {SEEN_IN})")
    same = [exp.NullSafeEQ(this=exp.column(key, _LINE), expression=exp.column(key, moved)) for key in told.keys]
    found = exp.select(*grain, exp.alias_(places, _PLACES)).from_(_LINE)
    found = found.join(moved, on=exp.and_(*same), join_type="semi", copy=False)
    found = found.where(told.counts.copy(), f"{SEEN_IN} is not null", copy=False)
    found = found.group_by(*(each.copy() for each in grain), copy=False)
    many = exp.select(*map(exp.column, names), _PLACES, exp.alias_(parsed("count(*)"), "many"))
    many = many.from_(found.subquery("often", copy=False), copy=False).where(f"len({_PLACES}) > 1", copy=False)
    return many.group_by(*map(exp.column, (*names, _PLACES)), copy=False)


def _moved(keys: Sequence[str]) -> exp.Select:
    """Those that have lines in several territories at all: few, so that only theirs are put together."""
    columns = [exp.column(name) for name in keys]
    found = exp.select(*columns).from_(_LINE).group_by(*(each.copy() for each in columns))
    return found.having(f"min({SEEN_IN}) <> max({SEEN_IN})", copy=False)


def _with_places(rows: exp.Select, names: Sequence[str], others: Sequence[str]) -> exp.Select:
    """Rows with the set of the one territory that they are of."""
    columns = map(exp.column, (*names, *others))
    told = exp.select(*columns, exp.alias_(parsed(_ONE_PLACE), _PLACES))
    return told.from_(rows.subquery("of_one", copy=False), copy=False)


def _cells(rollup: Rollup, names: Sequence[str], rows: exp.Select, counted: Mapping[str, str]) -> exp.Select:
    """The rows of a level as all levels have them: nothing in what it is not seen by, 0 in what is not counted here."""
    level = cast(exp.Literal.number(level_of(rollup.by, names)), Type.INT)
    members = [
        exp.column(name) if name in names else exp.alias_(cast(exp.Null(), DIMENSIONS[name].type), name)
        for name in rollup.by
    ]
    figures = [
        exp.alias_(exp.column(counted[part.column]) if part.column in counted else exp.Literal.number(0), part.column)
        for part in rollup.parts
    ]
    found = exp.select(exp.alias_(level, LEVEL), *members, exp.column(_PLACES), *figures)
    return found.from_(rows.subquery("of_level", copy=False), copy=False)


def _counts(rollup: Rollup) -> exp.Select:
    nowhere = exp.alias_(cast(exp.Null(), Type.TEXT), SEEN_IN)
    columns = [exp.column(name) for name in (LEVEL, *rollup.by, MET_IN)]
    figures = [exp.column(part.column) for part in rollup.parts]
    return exp.select(*columns, nowhere, *figures).from_(_NUMBERED)


def _territories(rollup: Rollup) -> exp.Select:
    """The territories of each set."""
    level = exp.alias_(cast(exp.Literal.number(OF_SETS), Type.INT), LEVEL)
    nothing = [exp.alias_(cast(exp.Null(), DIMENSIONS[name].type), name) for name in rollup.by]
    figures = [exp.alias_(exp.Null(), part.column) for part in rollup.parts]
    sets = exp.select(MET_IN, _PLACES).distinct().from_(_NUMBERED)
    each = exp.alias_(exp.Explode(this=exp.column(_PLACES)), SEEN_IN)
    found = exp.select(level, *nothing, exp.column(MET_IN), each, *figures)
    return found.from_(sets.subquery("set", copy=False), copy=False)
