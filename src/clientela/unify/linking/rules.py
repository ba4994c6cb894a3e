"""Pairs that a rule joins, whatever the model says: sure evidence, and nothing known that contradicts it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Rule, same
from clientela.unify.linking.work import RECORD, Shared, add, columns_of, drop, pairs_of, place, write
from clientela.warehouse.engine import Engine

RULED = "link_ruled"


def write_ruled(engine: Engine, comparing: Comparing, groups: Sequence[Shared]) -> int:
    """The work table ``link_ruled`` (id_l, id_r, rule): pairs with the first rule that joins them; returns how many.

    Parameters
    ----------
    groups : of each rule the records that share its value, without values that too many share
    """
    nothing = exp.values([(0, 0, 0)], alias="none", columns=["id_l", "id_r", "rule"])
    empty = exp.select("cast(id_l as bigint) as id_l", "cast(id_r as bigint) as id_r", "cast(rule as bigint) as rule")
    write(engine, f"{RULED}_all", empty.from_(nothing).where("false"))
    for number, (rule, group) in enumerate(zip(comparing.rules, groups, strict=True)):
        if group.pairs:
            # every pair of a group is looked at, so that one who may be any of several is seen to be so
            add(engine, f"{RULED}_all", _fitting(comparing, rule, number, group))
    first = exp.select("id_l", "id_r", exp.alias_(exp.Min(this=exp.column("rule")), "number"))
    first = first.from_(place(f"{RULED}_all")).group_by("id_l", "id_r")
    names = [
        exp.If(this=exp.column("number").eq(number), true=exp.Literal.string(rule.name))
        for number, rule in enumerate(comparing.rules)
    ]
    nobody = exp.cast(exp.null(), "text")
    name = exp.Case(ifs=names, default=nobody) if names else nobody
    found = write(engine, RULED, exp.select("id_l", "id_r", exp.alias_(name, "rule")).from_(first.subquery("first")))
    drop(engine, f"{RULED}_all")
    return found


def _fitting(comparing: Comparing, rule: Rule, number: int, group: Shared) -> exp.Select:
    pairs = pairs_of(group.table, across=comparing.across is not None, changed=False, way=group.way)
    names = sorted({*rule.group, *columns_of(rule.when, rule.unsure, rule.apart)})
    sides = [exp.alias_(exp.column(name, side), f"{name}_{side}") for name in names for side in ("l", "r")]
    wide = exp.select("pair.id_l", "pair.id_r", "pair.value", *sides, copy=False)
    wide = wide.from_(pairs.subquery("pair", copy=False), copy=False)
    for side in ("l", "r"):
        wide = wide.join(exp.alias_(place(RECORD), side, table=True), on=f"{side}.id = pair.id_{side}", copy=False)
    flags = {
        "fits": exp.and_(same(*rule.group), rule.when.copy()),
        "unsure": rule.unsure.copy(),
        "apart": rule.apart.copy(),
    }
    known = [exp.alias_(exp.func("coalesce", each, exp.false()), name, copy=False) for name, each in flags.items()]
    judged = exp.select("id_l", "id_r", "value", *known, copy=False)
    judged = judged.from_(wide.subquery("wide", copy=False), copy=False)
    anyone = exp.Window(
        this=exp.func("bool_or", exp.column("apart"), dialect="duckdb"), partition_by=[exp.column("value")]
    )
    seen = exp.select("id_l", "id_r", "fits", "unsure", exp.alias_(anyone, "several"))
    seen = seen.from_(judged.subquery("judged", copy=False), copy=False)
    fitting = exp.select("id_l", "id_r", exp.alias_(exp.Literal.number(number), "rule"))
    fitting = fitting.from_(seen.subquery("seen", copy=False), copy=False)
    return fitting.where("fits and not (unsure and several)", copy=False)
