"""Which records have to be looked at anew when some changed: so that the pairs are those of looking at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.unify.linking.sharing import CHANGED, CROWDED, FRESH, NUMBER, Numbers, Way, write_groups
from clientela.unify.linking.work import Shared, add, count, drop, hub, place, value, write
from clientela.warehouse.engine import Engine

RELINKED, MATE = "relinked", "mate"
IDENTIFIER = "identifier"  # with its name what ``crowded_value`` is told about
_WAS_CROWDED, _WAS_MATE, _OFTEN, _MORE = "link_was_crowded", "link_was_mate", "link_often", "link_more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an earlier search left to be told of: the rows of its ``crowded_value`` and of its ``mate``.

    It then need not be assumed that a changed record is new: it may have said something else before, and others may
    be gone.
    """

    crowded: exp.Query
    mates: exp.Query


def write_before(engine: Engine, before: Before) -> None:
    """Make work tables of what an earlier search left."""
    write(engine, _WAS_CROWDED, before.crowded)
    write(engine, _WAS_MATE, before.mates)


def write_changed(engine: Engine, comparing: Comparing, changed: exp.Query) -> None:
    """The work table ``link_changed`` (id): the records that are new or say something else."""
    ids = exp.select(exp.alias_(exp.column("rowid"), "id")).from_(place(comparing.table))
    write(engine, CHANGED, ids.where(exp.column(comparing.key).isin(query=changed)))


def hubs_among(comparing: Comparing) -> Mapping[str, exp.Query]:
    """By identifier the only values that too many records may share now: those of before, and of changed records."""
    found: dict[str, exp.Query] = {}
    for each in comparing.identifiers:
        keys = [comparing.columns[key] for key in each.keys]
        ids = exp.column("rowid").isin(query=exp.select("id").from_(place(CHANGED)))
        new = exp.select(exp.alias_(value(*keys), "value")).from_(place(comparing.table)).where(ids)
        found[each.name] = exp.union(_crowded_before(_about(each)), new, distinct=False)
    return found


def add_released(engine: Engine, comparing: Comparing, shared_by: int, *, told: bool) -> None:
    """Add to ``link_changed`` who has a value that names nobody now and named somebody before, or the other way round.

    Parameters
    ----------
    told : what an earlier search left is there; else changed records are taken for new ones
    """
    for each in comparing.identifiers:
        if told:
            now = exp.select("value").from_(place(hub(each)))
            turned = _turned(now, _crowded_before(_about(each)))
            if not _any(engine, turned):
                continue
            keys = [comparing.columns[key] for key in each.keys]
            ids = exp.select(exp.alias_(exp.column("rowid"), "id")).from_(place(comparing.table))
            add(engine, CHANGED, ids.where(value(*keys).isin(query=turned)))
        elif count(engine, hub(each)):
            add(engine, CHANGED, _newly_too_many(comparing, each, shared_by))


def write_fresh(engine: Engine) -> None:
    """The work table ``link_fresh``: the hashes of what the changed records say."""
    is_changed = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    write(engine, FRESH, exp.select("*").from_(place(NUMBER)).where(is_changed))


def add_concerned(
    engine: Engine, comparing: Comparing, numbers: Numbers, every: Sequence[Way], shared_by: int, *, told: bool
) -> None:
    """Add to ``link_changed`` all whose pairs the changed records may change; put into ``crowded_value`` what is.

    These are who has a value that came to be shared by too many, or no longer is; and who shares a value with them by
    which a rule that is unsure looks at all who have it.
    """
    write(engine, _OFTEN, exp.union(*(_often(numbers, way, shared_by, told=told) for way in every), distinct=False))
    add(engine, CROWDED, exp.select("about", "value").from_(place(_OFTEN)))
    found, turned = [exp.select("id").from_(place(CHANGED))], _turned_ways(engine, shared_by, told=told)
    for way in every:
        if way.about in turned:
            is_turned = exp.column("value").isin(query=_turned_by(way.about, shared_by, told=told))
            found.append(exp.select("id").from_(numbers.valued(way).subquery("all")).where(is_turned))
    unsure = [way for way in every if way.unsure]
    for group in write_groups(engine, numbers, unsure, limit=shared_by, changed=True):
        if group.pairs:
            found.append(exp.select("id").from_(place(group.table)))
    if told:
        found.append(_left_behind(comparing))
    if len(found) > 1:
        write(engine, _MORE, exp.select("id").from_(exp.union(*found).subquery("found")))
        write(engine, CHANGED, exp.select("id").from_(place(_MORE)))
        write_fresh(engine)


def _often(numbers: Numbers, way: Way, shared_by: int, *, told: bool) -> exp.Select:
    """The values that too many records share: of those that did before, and of those that changed records have."""
    fresh = numbers.valued(way, table=FRESH).subquery("fresh", copy=False)
    wanted: exp.Query = exp.select("value").from_(fresh, copy=False)
    if told:
        wanted = exp.union(wanted, _crowded_before(way.about), distinct=False, copy=False)
    is_fresh = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    records = exp.Count(this=exp.Star())
    counted = exp.select(
        exp.alias_(exp.Literal.string(way.about), "about"),
        "value",
        exp.alias_(records, "records"),
        exp.alias_(exp.CountIf(this=is_fresh), "fresh"),
    ).from_(numbers.valued(way).subquery("all", copy=False), copy=False)
    counted = counted.where(exp.column("value").isin(query=wanted), copy=False)
    return counted.group_by("value", copy=False).having(records.copy() > shared_by, copy=False)


def _turned_by(about: str | None, shared_by: int, *, told: bool) -> exp.Select:
    """The values, and of which way, that a changed record made ones of too many, or of few."""
    names = ["value"] if about is not None else ["about", "value"]
    often = exp.select(*names).from_(place(_OFTEN))
    if not told:
        often = often.where(exp.column("records") - exp.column("fresh") <= shared_by)
    before = exp.select(*names).from_(place(_WAS_CROWDED)).where(exp.column("about").like(f"{IDENTIFIER} %").not_())
    if about is not None:
        is_it = exp.column("about").eq(exp.Literal.string(about))
        often, before = often.where(is_it), before.where(is_it.copy())
    if not told:
        return often
    return _turned(often, before, names)


def _turned_ways(engine: Engine, shared_by: int, *, told: bool) -> frozenset[str]:
    turned = _turned_by(None, shared_by, told=told)
    found = engine.fetch(exp.select("about").distinct().from_(turned.subquery("turned")))
    return frozenset(found["about"].to_pylist())


def _left_behind(comparing: Comparing) -> exp.Select:
    """Who shared a value, as a rule that is unsure saw it, with somebody who changed or is gone."""
    key = exp.column(comparing.key)
    changed = exp.column("rowid").isin(query=exp.select("id").from_(place(CHANGED)))
    same = exp.select(key.copy()).from_(place(comparing.table)).where(exp.not_(changed))
    was = exp.alias_(place(_WAS_MATE), "was", table=True)
    other = exp.alias_(place(_WAS_MATE), "other", table=True)
    refs = exp.select("was.customer_ref").from_(was)
    refs = refs.join(other, on="other.about = was.about and other.value = was.value")
    is_same = exp.column(comparing.key, "same").eq(exp.column("customer_ref", "other"))
    refs = refs.join(same.subquery("same"), on=is_same, join_type="anti")
    ids = exp.select(exp.alias_(exp.column("rowid"), "id")).from_(place(comparing.table))
    return ids.where(key.copy().isin(query=refs))


def add_hubs(engine: Engine, comparing: Comparing) -> None:
    """Tell in ``crowded_value`` which values of identifiers name nobody."""
    for each in comparing.identifiers:
        name = exp.alias_(exp.Literal.string(_about(each)), "about")
        add(engine, CROWDED, exp.select(name, "value").from_(place(hub(each))))


def write_mates(
    engine: Engine, comparing: Comparing, every: Sequence[Way], groups: Sequence[Shared], *, some: bool
) -> None:
    """The work table ``mate`` (about, value, customer_ref): who shares a value by which an unsure rule looks at all.

    Parameters
    ----------
    groups : of each way the records that share a value by it
    some : only the changed records were looked at; of all others it is what an earlier search left
    """
    texts = [exp.alias_(exp.cast(exp.null(), "text"), name) for name in ("about", "customer_ref")]
    texts.insert(1, exp.alias_(exp.cast(exp.null(), exp.DType.UBIGINT), "value"))
    write(engine, MATE, exp.select(*texts).where(exp.false()))
    for way, group in zip(every, groups, strict=True):
        if way.unsure and group.pairs:
            record = exp.alias_(place(comparing.table), "record", table=True)
            about = exp.alias_(exp.Literal.string(way.about), "about")
            ref = exp.alias_(exp.column(comparing.key, "record"), "customer_ref")
            rows = exp.select(about, "mate.value", ref).from_(exp.alias_(place(group.table), "mate", table=True))
            add(engine, MATE, rows.join(record, on="record.rowid = mate.id"))
    if some:
        add(engine, MATE, _untouched(comparing))


def _untouched(comparing: Comparing) -> exp.Select:
    """Of what an earlier search left the groups of records that nothing happened to."""
    was = exp.alias_(place(_WAS_MATE), "was", table=True)
    now = exp.alias_(exp.select("about", "value").distinct().from_(place(MATE)).subquery(), "now", table=True)
    looked = exp.select("customer_ref").from_(place(RELINKED))
    there = exp.alias_(place(comparing.table), "there", table=True)
    ref = exp.column("customer_ref", "was")
    rows = exp.select("was.about", "was.value", "was.customer_ref").from_(was)
    rows = rows.join(now, on="now.about = was.about and now.value = was.value", join_type="anti")
    rows = rows.join(there, on=ref.copy().eq(exp.column(comparing.key, "there")), join_type="semi")
    return rows.where(ref.isin(query=looked).not_())


def write_relinked(engine: Engine, comparing: Comparing) -> None:
    """The work table ``relinked`` (customer_ref): every record all of whose pairs were looked at."""
    looked = exp.select("id").from_(place(CHANGED))
    refs = exp.select(exp.alias_(exp.column(comparing.key), "customer_ref")).from_(place(comparing.table))
    write(engine, RELINKED, refs.where(exp.column("rowid").isin(query=looked)))


def forget_before(engine: Engine) -> None:
    """Drop what only a search of changed records needs."""
    drop(engine, CHANGED, FRESH, _WAS_CROWDED, _WAS_MATE, _OFTEN, _MORE)


def _about(identifier: Identifier) -> str:
    return f"{IDENTIFIER} {identifier.name}"


def _crowded_before(about: str) -> exp.Select:
    return exp.select("value").from_(place(_WAS_CROWDED)).where(exp.column("about").eq(exp.Literal.string(about)))


def _turned(now: exp.Query, before: exp.Query, names: Sequence[str] = ("value",)) -> exp.Select:
    """The values that are in one of the two only."""
    new = exp.select(*names).from_(exp.except_(now, before).subquery("new"))
    old = exp.select(*names).from_(exp.except_(before, now).subquery("old"))
    return exp.select(*names).from_(exp.union(new, old, distinct=False).subquery("turned"))


def _any(engine: Engine, query: exp.Query) -> bool:
    return bool(engine.fetch(exp.select("1 as one").from_(query.subquery("found")).limit(1)).num_rows)


def _newly_too_many(comparing: Comparing, identifier: Identifier, shared_by: int) -> exp.Select:
    """The records that have a value of which few enough had it before."""
    keys = [comparing.columns[key] for key in identifier.keys]
    too_many = exp.select("value").from_(place(hub(identifier)))
    is_fresh = exp.column("rowid").isin(query=exp.select("id").from_(place(CHANGED)))
    holders = exp.select(
        exp.alias_(exp.column("rowid"), "id"), exp.alias_(value(*keys), "value"), exp.alias_(is_fresh, "fresh")
    ).from_(place(comparing.table))
    holders = holders.where(value(*keys).isin(query=too_many))
    stale = exp.func("count_if", exp.not_(exp.column("fresh")), dialect="duckdb")
    few_before = exp.LTE(
        this=exp.Window(this=stale, partition_by=[exp.column("value")]), expression=exp.Literal.number(shared_by)
    )
    judged = exp.select("id", exp.alias_(few_before, "crossed")).from_(holders.subquery("holders"))
    return exp.select("id").from_(judged.subquery("judged")).where("crossed")
