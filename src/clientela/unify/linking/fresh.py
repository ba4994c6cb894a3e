"""Which records have to be looked at anew when some changed: so that the pairs are those of looking at all."""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.unify.linking.work import (
    CHANGED,
    CROSSED,
    RECORD,
    add,
    count,
    drop,
    place,
    value,
    write,
    write_shared,
)
from clientela.warehouse.engine import Engine

RELINKED = "relinked"


def write_changed(engine: Engine, comparing: Comparing, changed: exp.Query, shared_by: int) -> None:
    """The work table ``link_changed`` (id): the changed records and those whose pairs their change may change.

    A rule looks at all who share a value with a changed record; a value that a changed record made one of too many
    says no longer anything about anybody who has it.
    """
    ids = exp.select("id").from_(place(RECORD))
    write(engine, CHANGED, ids.copy().where(exp.column("ref").isin(query=changed)))
    write(engine, CROSSED, ids.where(exp.false()))
    for number, rule in enumerate(comparing.rules):
        if rule.unsure == exp.false():
            continue  # of a pair it says the same whoever else has the value
        name = f"link_mates_{number}"
        keys = [exp.column(each) for each in rule.group]
        if write_shared(engine, name, keys, each=False, limit=shared_by, changed=True, mates=True).pairs:
            add(engine, CROSSED, exp.select("id").from_(place(name)))
            drop(engine, name)
    for identifier in comparing.identifiers:
        if count(engine, f"link_hub_{identifier.name}"):
            add(engine, CROSSED, _newly_too_many(comparing, identifier, shared_by))
    _add_crossed(engine)


def _add_crossed(engine: Engine) -> None:
    both = exp.union(exp.select("id").from_(place(CHANGED)), exp.select("id").from_(place(CROSSED)))
    write(engine, f"{CHANGED}_all", exp.select("id").from_(both.subquery("both")))
    write(engine, CHANGED, exp.select("id").from_(place(f"{CHANGED}_all")))
    drop(engine, f"{CHANGED}_all")


def write_relinked(engine: Engine) -> None:
    """The work table ``relinked`` (customer_ref): every record all of whose pairs were looked at."""
    looked = exp.select("id").from_(place(CHANGED))
    refs = exp.select(exp.alias_(exp.column("ref"), "customer_ref")).from_(place(RECORD))
    write(engine, RELINKED, refs.where(exp.column("id").isin(query=looked)))


def _newly_too_many(comparing: Comparing, identifier: Identifier, shared_by: int) -> exp.Select:
    """The records that have a value of which few enough had it before."""
    keys = [comparing.columns[key] for key in identifier.keys]
    hub = exp.select("value").from_(place(f"link_hub_{identifier.name}"))
    is_fresh = exp.column("rowid").isin(query=exp.select("id").from_(place(CHANGED)))
    holders = exp.select(
        exp.alias_(exp.column("rowid"), "id"), exp.alias_(value(*keys), "value"), exp.alias_(is_fresh, "fresh")
    ).from_(place(comparing.table))
    holders = holders.where(value(*keys).isin(query=hub))
    stale = exp.func("count_if", exp.not_(exp.column("fresh")), dialect="duckdb")
    few_before = exp.LTE(
        this=exp.Window(this=stale, partition_by=[exp.column("value")]), expression=exp.Literal.number(shared_by)
    )
    judged = exp.select("id", exp.alias_(few_before, "crossed")).from_(holders.subquery("holders"))
    return exp.select("id").from_(judged.subquery("judged")).where("crossed")
