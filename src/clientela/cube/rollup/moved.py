"""What is worked out of the days on which a customer bought, for somebody who sees some territories.

Whether a customer came, was lost or came back hangs on all of their lines that somebody sees. Who was met in one
territory is seen with all lines, or with none: such customers add up by their territory, whatever territories somebody
sees. Who was met in several, or in one and in none, is seen with some: their days are kept in a table of its own, by
territory, and what is asked is worked out of those that are seen, as it is of the lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from sqlglot import exp

from clientela.access.area import Reach
from clientela.access.rows import HOME
from clientela.contracts.schema import AS_STORED
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import FACTS
from clientela.cube.filters import Bound
from clientela.cube.rollup.cover import already_told, is_everything, limited_to, named_in, parted
from clientela.cube.rollup.rows import FACT, columns_of, from_fact, read_with, seen_in
from clientela.cube.rollup.shape import SEEN_IN, Rollup
from clientela.cube.rollup.steps import first_steps
from clientela.cube.scoped import within

Tree = TypeVar("Tree", bound=exp.Query)
LINES = "order_line"
_CUSTOMER, _DAY = "customer_id", "happened_on"
_BOUGHT = "is_sale and customer_id is not null"
# Lines that name no territory lie where their customer is at home, if they are at home anywhere.
_MET = {
    "lowest": "min(territory_id)",
    "highest": "max(territory_id)",
    "unnamed": "count(territory_id) < count(*)",
}
_MOVED = "lowest <> highest or (lowest is not null and unnamed and home is distinct from lowest)"


def is_of_one(rollup: Rollup) -> bool:
    """Whether the rows of a roll-up are of the customers of one territory each."""
    return SEEN_IN in rollup.by and FACTS[rollup.fact].of_purchases


def settled(rows: exp.Select, *, at_home: bool) -> exp.Select:
    """The rows of customers who were met in one territory, or in none, with that territory.

    Parameters
    ----------
    rows : of a fact that is worked out of purchases, with the customer
    at_home : whether the snapshot knows where customers are at home
    """
    columns = [exp.column(name, "purchase") for name in rows.named_selects]
    found = exp.select(*columns, exp.column(SEEN_IN, "met")).from_(rows.subquery("purchase", copy=False), copy=False)
    same = exp.EQ(this=exp.column(_CUSTOMER, "met"), expression=exp.column(_CUSTOMER, "purchase"))
    found = found.join(_whereabouts(at_home=at_home).subquery("met", copy=False), on=same, copy=False)
    return found.where("not met.moved", copy=False)


def purchase_days(*, at_home: bool) -> exp.Select:
    """The days on which those bought who were met in several territories, or in one and in none; in order of them."""
    lines = from_fact(FACTS[LINES], (), (_CUSTOMER, "day", "is_sale"))
    told = exp.select(_CUSTOMER, SEEN_IN, exp.alias_(exp.column("day"), _DAY)).distinct()
    told = told.from_(seen_in(lines, at_home=at_home).subquery("line", copy=False), copy=False)
    moved = exp.select(_CUSTOMER).from_(_whereabouts(at_home=at_home).subquery("met", copy=False), copy=False)
    among = exp.In(this=exp.column(_CUSTOMER), query=exp.Subquery(this=moved.where("moved", copy=False)))
    told = told.where("is_sale", among, copy=False)
    return told.order_by(*map(exp.column, (_CUSTOMER, SEEN_IN, _DAY)), copy=False)


def of_several(
    rollup: Rollup,
    names: Sequence[str],
    aggregates: Mapping[str, exp.Expr],
    reach: Reach | None,
    tables: Collection[str],
    bound: Bound,
) -> exp.Select | None:
    """What those add who are not in a roll-up of the customers of one territory, as rows of its columns; None: nothing.

    Parameters
    ----------
    reach : the rows that whoever asks may see; None: all
    tables : those that the snapshot holds
    """
    held = {part.sql: part.column for part in rollup.parts}
    steps = {held[sql]: tree for each in aggregates.values() for sql, tree in (first_steps(each) or {}).items()}
    rows = from_fact(FACTS[rollup.fact], *read_with(FACTS[rollup.fact], names, columns_of(steps.values())))
    members = [exp.column(name) for name in names]
    figures = [exp.alias_(steps[name].copy(), name, copy=False) for name in sorted(steps)]
    counted = exp.Select(expressions=[*members, *figures]).from_(rows.subquery("whose", copy=False), copy=False)
    counted = counted.group_by(*(each.copy() for each in members), copy=False) if members else counted
    return over_days(counted, rollup, reach, tables, bound)


def over_days(tree: Tree, rollup: Rollup, reach: Reach | None, tables: Collection[str], bound: Bound) -> Tree | None:
    """A query of a fact's rows, worked out of the days of those who are not in a roll-up; None where there are none."""
    days = _days(rollup, reach, tables, bound)
    if days is None:
        return None
    facts = [each for each in tree.find_all(exp.Subquery) if each.alias == FACT]
    for table in [table for each in facts for table in each.find_all(exp.Table) if table.name == LINES]:
        table.replace(exp.Subquery(this=days.copy(), alias=exp.TableAlias(this=exp.to_identifier(table.alias_or_name))))
    return tree


def _days(rollup: Rollup, reach: Reach | None, tables: Collection[str], bound: Bound) -> exp.Query | None:
    """The seen days of those met in several territories, and those of single accounts that lie in no territory seen.

    An account of one territory that is seen has no such day; one of another territory has all of its days there.
    """
    told: list[exp.Select] = []
    if rollup.days:
        stored = exp.Table(this=exp.to_identifier(rollup.days))
        stored.meta[AS_STORED] = True
        limited = limited_to(rollup, reach, bound)
        kept = _as_lines(exp.column(_DAY)).from_(stored, copy=False)
        told.append(kept if limited is None else kept.where(limited, copy=False))
    own, rest = ((), ()) if is_everything(reach) else parted(rollup, reach or ())
    if rest:
        lines = from_fact(FACTS[LINES], (), (_CUSTOMER, "day", "is_sale"))
        seen = already_told(LINES, own, named_in(rest, bound), tables, bound)
        if seen is not None:
            lines = lines.where(exp.Not(this=seen), copy=False)
        theirs = _as_lines(exp.column("day")).from_(lines.subquery("of_account", copy=False), copy=False)
        told.append(within(theirs.where("is_sale", copy=False), rest))
    return None if not told else told[0] if len(told) == 1 else exp.union(*told, distinct=False, copy=False)


def _as_lines(day: exp.Expr) -> exp.Select:
    """Days as the rows of sales that they were."""
    return exp.select(exp.column(_CUSTOMER), exp.alias_(day, _DAY), exp.alias_(exp.Literal.string("sale"), "kind"))


def _whereabouts(*, at_home: bool) -> exp.Select:
    """Of each customer who bought the territory they were met in, and whether that is not all of it."""
    lines = from_fact(FACTS[LINES], (), (_CUSTOMER, "territory_id", "is_sale"))
    figures = [exp.alias_(parsed(said), name) for name, said in _MET.items()]
    met = exp.select(_CUSTOMER, *figures).from_(lines.subquery("line", copy=False), copy=False)
    met = met.where(parsed(_BOUGHT), copy=False).group_by(exp.column(_CUSTOMER), copy=False)
    columns = [exp.column(name, "bought") for name in (_CUSTOMER, *_MET)]
    home: exp.Expr = exp.Null()
    told = exp.select(*columns).from_(met.subquery("bought", copy=False), copy=False)
    if at_home:
        where = exp.to_table(HOME)
        where.meta[AS_STORED] = True
        same = exp.EQ(this=exp.column(_CUSTOMER, "home"), expression=exp.column(_CUSTOMER, "bought"))
        told = told.join(exp.alias_(where, "home", table=True), on=same, join_type="left", copy=False)
        home = exp.column("territory_id", "home")
    told = told.select(exp.alias_(home, "home"), copy=False)
    own = exp.alias_(parsed("coalesce(lowest, home)"), SEEN_IN)
    moved = exp.alias_(parsed(f"coalesce({_MOVED}, false)"), "moved")
    return exp.select(_CUSTOMER, own, moved).from_(told.subquery("at_home", copy=False), copy=False)
