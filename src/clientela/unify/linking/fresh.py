"""Which records have to be looked at anew when some changed: so that the pairs are those of looking at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.unify.linking.sharing import (
    CHANGED,
    CROWDED,
    FRESH,
    NUMBER,
    Numbers,
    Way,
    crowded_values,
    write_numbers,
)
from clientela.unify.linking.work import Shared, add, count, drop, hub, pairs_among, place, value, write
from clientela.warehouse.engine import MAIN, Engine

RELINKED, MATE = "relinked", "mate"
IDENTIFIER = "identifier"  # with its name what ``crowded_value`` is told about
NEAR, GROUP = "link_near", "link_group"
_WAS_CROWDED, _WAS_MATE, _WAS_FORM, _WAS_NUMBER = (f"link_was_{each}" for each in ("crowded", "mate", "form", "number"))
_OFTEN, _MORE, _TURNED, _LEFT, _SIZE = (f"link_{each}" for each in ("often", "more", "turned", "left", "size"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an earlier search left to be told of: the rows of its ``crowded_value`` and of its ``mate``.

    It then need not be assumed that a changed record is new: it may have said something else before, and others may
    be gone.

    Parameters
    ----------
    forms : what those who changed or are gone said then, in the columns of the table; None: not known, so every value
        of before may be another's now
    """

    crowded: exp.Query
    mates: exp.Query
    forms: exp.Query | None = None


def write_before(engine: Engine, before: Before) -> None:
    """Make work tables of what an earlier search left."""
    write(engine, _WAS_CROWDED, before.crowded)
    write(engine, _WAS_MATE, before.mates)
    if before.forms is not None:
        write(engine, _WAS_FORM, before.forms)


def write_changed(engine: Engine, comparing: Comparing, changed: exp.Query) -> None:
    """The work table ``link_changed`` (id): the records that are new or say something else."""
    ids = exp.select(exp.alias_(exp.column("rowid"), "id")).from_(place(comparing.table))
    write(engine, CHANGED, ids.where(exp.column(comparing.key).isin(query=changed)))


def hubs(engine: Engine, comparing: Comparing, numbers: Numbers) -> tuple[dict[str, exp.Query], dict[str, exp.Query]]:
    """By identifier the values to be counted, then those that too many share still.

    Who did not change shares what he shared: only values of those who did can be shared by more now, or by fewer.

    Parameters
    ----------
    numbers : of which nothing is cleared yet
    """
    counted: dict[str, exp.Query] = {}
    stay: dict[str, exp.Query] = {}
    forms = _WAS_FORM in engine.tables(MAIN)
    for each in comparing.identifiers:
        keys = [comparing.columns[key] for key in each.keys]
        new = numbers.identified(each, exp.select("id").from_(place(CHANGED)))
        before = _crowded_before(_about(each))
        if forms:
            old = exp.select(exp.alias_(value(*keys), "value")).from_(place(_WAS_FORM))
            more = exp.select("value").from_(exp.except_(new, before).subquery("more"))
            counted[each.name] = exp.union(more, old, distinct=False)
            is_counted = exp.column("value").isin(query=old)
            stay[each.name] = before.where(exp.not_(is_counted))
        else:
            counted[each.name], stay[each.name] = exp.union(before, new, distinct=False), before.where(exp.false())
    return counted, stay


def add_released(engine: Engine, comparing: Comparing, shared_by: int, *, told: bool) -> bool:
    """Add to ``link_changed`` who has a value that names nobody now and named somebody before, or the other way round.

    Returns whether there is any such value.

    Parameters
    ----------
    told : what an earlier search left is there; else changed records are taken for new ones
    """
    found = False
    for each in comparing.identifiers:
        if told:
            now = exp.select("value").from_(place(hub(each)))
            turned = _turned(now, _crowded_before(_about(each)))
            if not _any(engine, turned):
                continue
            keys = [comparing.columns[key] for key in each.keys]
            ids = exp.select(exp.alias_(exp.column("rowid"), "id")).from_(place(comparing.table))
            add(engine, CHANGED, ids.where(value(*keys).isin(query=turned)))
            found = True
        elif count(engine, hub(each)):
            add(engine, CHANGED, _newly_too_many(comparing, each, shared_by))
    return found


def write_left(engine: Engine, comparing: Comparing, numbers: Numbers, every: Sequence[Way], *, released: bool) -> None:
    """The work table ``link_left`` (way, value): what changed records said before, and others who are gone.

    It may hold more: values that a record would have had, were one of its identifiers not shared by too many. Each is
    counted again.

    Parameters
    ----------
    released : values name somebody now and named nobody before, or the other way round: then their records say less, or
        more, though their form is the same
    """
    none = exp.select("cast(null as integer) as way", "cast(null as ubigint) as value").where(exp.false())
    if _WAS_FORM not in engine.tables(MAIN):
        lost = [_numbered(n, _crowded_before(way.about)) for n, way in enumerate(every)]
    else:
        names = [exp.column(name, quoted=True) for name in engine.column_types(exp.select("*").from_(place(_WAS_FORM)))]
        forms: exp.Query = exp.select("cast(null as bigint) as rowid", *names).from_(place(_WAS_FORM))
        if released:
            changed = exp.column("rowid").isin(query=exp.select("id").from_(place(CHANGED)))
            there = exp.select("rowid", *names).from_(place(comparing.table)).where(changed)
            forms = exp.union(forms, there, distinct=False)
        write_numbers(engine, comparing, every, into=_WAS_NUMBER, rows=forms)
        lost = [
            _numbered(n, _crowded_before(way.about) if way.each else numbers.valued(way, table=_WAS_NUMBER))
            for n, way in enumerate(every)
        ]
    write(engine, _LEFT, exp.union(none, *lost, distinct=False, copy=False))


def write_fresh(engine: Engine) -> None:
    """The work table ``link_fresh``: the hashes of what the changed records say."""
    is_changed = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    write(engine, FRESH, exp.select("*").from_(place(NUMBER)).where(is_changed))


def add_concerned(
    engine: Engine,
    comparing: Comparing,
    numbers: Numbers,
    every: Sequence[Way],
    shared_by: int,
    *,
    told: bool,
    released: bool,
) -> None:
    """Add to ``link_changed`` all whose pairs the changed records may change; put into ``crowded_value`` what is.

    These are who has a value that came to be shared by too many, or no longer is; and who shares a value with them by
    which a rule that is unsure looks at all who have it. The work table ``link_near`` (way, id, value) has all who
    share a value with any of them.

    Parameters
    ----------
    released : as `write_left` takes it
    """
    write(engine, NEAR, _near(numbers, every, _asked(told)))
    write(engine, _OFTEN, _often(every, shared_by))
    if told:
        write(engine, _TURNED, _turned_before(every))
    else:
        crossed = exp.column("records") - exp.column("fresh") <= shared_by
        write(engine, _TURNED, exp.select("way", "value").from_(place(_OFTEN)).where(crossed))
    if told:
        add(engine, CROWDED, _crowded_still(every))
    add(engine, CROWDED, exp.select("about", "value").from_(place(_OFTEN)))
    found = [exp.select("id").from_(place(CHANGED)), _holders(exp.select("way", "value").from_(place(_TURNED)))]
    unsure = [n for n, way in enumerate(every) if way.unsure]
    if unsure:
        found.append(_holders(_shared_few(unsure, shared_by)))
    if told and (released or _some_left(engine)):
        found.append(_left_behind(comparing))
    before = count(engine, CHANGED)
    write(
        engine, _MORE, exp.select("id").from_(exp.union(*found, copy=False).subquery("found", copy=False), copy=False)
    )
    if write(engine, CHANGED, exp.select("id").from_(place(_MORE))) == before:
        return
    write_fresh(engine)
    add(engine, NEAR, _near(numbers, every, _unseen))


def write_groups(engine: Engine, numbers: Numbers, every: Sequence[Way], limit: int) -> tuple[Shared, ...]:
    """Of each way the records that share a value by it with any of ``link_changed``, not too many: of ``link_near``."""
    is_fresh = exp.alias_(exp.column("id").isin(query=exp.select("id").from_(place(CHANGED))), "fresh")
    marked = exp.select("way", "id", "value", is_fresh).from_(place(NEAR)).subquery("near", copy=False)
    records, fresh = exp.column("records"), exp.column("fresh")
    sizes = exp.select("way", "value", "count(*) as records", "count_if(fresh) as fresh", dialect="duckdb")
    sizes = sizes.from_(marked, copy=False).group_by("way", "value").having("count(*) between 2 and " + str(limit))
    write(engine, _SIZE, sizes)
    made = exp.func("sum", pairs_among(records) - pairs_among(exp.Paren(this=records - fresh)))
    counted = exp.select("way", exp.alias_(made, "pairs")).from_(place(_SIZE)).group_by("way")
    pairs = {row["way"]: int(row["pairs"] or 0) for row in engine.fetch(counted).to_pylist()}
    near = exp.select(
        "near.way",
        "near.id",
        "near.value",
        exp.alias_(exp.column("id", "near").isin(query=exp.select("id").from_(place(CHANGED))), "fresh"),
    )
    near = near.from_(exp.alias_(place(NEAR), "near", table=True))
    same = "size.way = near.way and size.value = near.value and size.fresh > 0"
    write(engine, GROUP, near.join(exp.alias_(place(_SIZE), "size", table=True), on=same, join_type="semi"))
    crowded = crowded_values(engine)
    return tuple(
        Shared(table=GROUP, pairs=pairs.get(n, 0), too_many=crowded.get(way.about, 0), way=n)
        for n, way in enumerate(every)
    )


def _near(numbers: Numbers, every: Sequence[Way], asked: Callable[[int, Way, exp.Select], exp.Query]) -> exp.Query:
    """The query (way, id, value) for all who have a value that is asked for, given those of changed records."""
    rows = []
    for n, way in enumerate(every):
        fresh = exp.select("value").from_(numbers.valued(way, table=FRESH).subquery("fresh", copy=False), copy=False)
        all_ = numbers.valued(way).subquery("all", copy=False)
        query = exp.select(exp.alias_(_number(n), "way"), "id", "value").from_(all_, copy=False)
        rows.append(query.where(exp.column("value").isin(query=asked(n, way, fresh), copy=False), copy=False))
    return exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0]


def _asked(told: bool) -> Callable[[int, Way, exp.Select], exp.Query]:
    """What is counted: the values of changed records, and those that any of them, or who is gone, said before.

    Who comes to share a value that too many shared changes nothing.
    """

    def asked(n: int, way: Way, fresh: exp.Select) -> exp.Query:
        if not told:
            return fresh
        few = exp.except_(fresh, _crowded_before(way.about), copy=False).subquery("few", copy=False)
        return exp.union(exp.select("value").from_(few, copy=False), _of_way(_LEFT, n), distinct=False, copy=False)

    return asked


def _unseen(n: int, way: Way, fresh: exp.Select) -> exp.Query:
    """The values of changed records that few share and that are not yet in ``link_near``."""
    is_it = exp.column("about").eq(exp.Literal.string(way.about))
    crowded = exp.select("value").from_(place(CROWDED)).where(is_it)
    known: exp.Query = exp.union(crowded, _of_way(NEAR, n), distinct=False, copy=False)
    known = exp.select("value").from_(known.subquery("known", copy=False), copy=False)
    return exp.except_(fresh, known, copy=False)


def _often(every: Sequence[Way], shared_by: int) -> exp.Select:
    """Of the values that are counted those that too many records share."""
    is_fresh = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    records = exp.Count(this=exp.Star())
    told = exp.select("way", "value", exp.alias_(records, "records"), exp.alias_(exp.CountIf(this=is_fresh), "fresh"))
    told = told.from_(place(NEAR)).group_by("way", "value").having(records.copy() > shared_by)
    return exp.select(exp.alias_(_called(every), "about"), "*").from_(told.subquery("often", copy=False), copy=False)


def _crowded_still(every: Sequence[Way]) -> exp.Select:
    """What too many shared before and was not counted again."""
    was = exp.select("about", "value").from_(place(_WAS_CROWDED))
    was = was.where(exp.column("about").like(f"{IDENTIFIER} %").not_())
    left = exp.select(exp.alias_(_called(every), "about"), "value").distinct().from_(place(_LEFT))
    on = "left_.about = was.about and left_.value = was.value"
    return (
        exp.select("was.about", "was.value")
        .from_(was.subquery("was"))
        .join(left.subquery("left_"), on=on, join_type="anti")
    )


def _turned_before(every: Sequence[Way]) -> exp.Query:
    """The counted values (way, value) that too many share now and did not before, or the other way round."""
    left = exp.select(exp.alias_(_called(every), "about"), "way", "value").distinct().from_(place(_LEFT))
    on = "{}.about = {}.about and {}.value = {}.value"
    was, often = (
        exp.alias_(place(table), name, table=True) for table, name in ((_WAS_CROWDED, "was"), (_OFTEN, "often"))
    )
    new = exp.select("often.way", "often.value").from_(often)
    new = new.join(was, on=on.format("was", "often", "was", "often"), join_type="anti")
    old = exp.select("lost.way", "lost.value").from_(left.subquery("lost"))
    old = old.join(was.copy(), on=on.format("was", "lost", "was", "lost"), join_type="semi")
    old = old.join(often.copy(), on=on.format("often", "lost", "often", "lost"), join_type="anti")
    return exp.union(new, old, distinct=False)


def _some_left(engine: Engine) -> bool:
    """Whether anybody may be gone or say something else; where all who changed are new, nobody is left behind."""
    return _WAS_FORM not in engine.tables(MAIN) or count(engine, _WAS_FORM) > 0


def _shared_few(ways: Sequence[int], shared_by: int) -> exp.Select:
    """The values (way, value) that a changed record shares with others, not too many, in some ways."""
    is_fresh = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    few = exp.select("way", "value").from_(place(NEAR)).where(exp.column("way").isin(*ways)).group_by("way", "value")
    return few.having(exp.and_(f"count(*) between 2 and {shared_by}", exp.CountIf(this=is_fresh) > 0))


def _holders(values: exp.Query) -> exp.Select:
    """Who of ``link_near`` has any of these values (way, value)."""
    near = exp.alias_(place(NEAR), "near", table=True)
    on = "asked.way = near.way and asked.value = near.value"
    return exp.select("near.id").from_(near).join(values.subquery("asked"), on=on, join_type="semi")


def _of_way(table: str, n: int) -> exp.Select:
    return exp.select("value").from_(place(table)).where(exp.column("way").eq(n))


def _numbered(n: int, values: exp.Select) -> exp.Select:
    rows = values.subquery("said", copy=False)
    return exp.select(exp.alias_(_number(n), "way"), "value").from_(rows, copy=False)


def _number(n: int) -> exp.Expr:
    return exp.cast(exp.Literal.number(n), "integer")


def _called(every: Sequence[Way]) -> exp.Expr:
    """What the ways are called, by their numbers."""
    names = [exp.If(this=exp.column("way").eq(n), true=exp.Literal.string(way.about)) for n, way in enumerate(every)]
    return exp.Case(ifs=names)


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


def write_mates(engine: Engine, comparing: Comparing, every: Sequence[Way], groups: Sequence[Shared]) -> None:
    """The work table ``mate`` (about, value, customer_ref): who shares a value by which an unsure rule looks at all.

    Where only changed records were looked at, it is of the values of these alone.

    Parameters
    ----------
    groups : of each way the records that share a value by it
    """
    texts = [exp.alias_(exp.cast(exp.null(), "text"), name) for name in ("about", "customer_ref")]
    texts.insert(1, exp.alias_(exp.cast(exp.null(), exp.DType.UBIGINT), "value"))
    write(engine, MATE, exp.select(*texts).where(exp.false()))
    for way, group in zip(every, groups, strict=True):
        if way.unsure and group.pairs:
            record = exp.alias_(place(comparing.table), "record", table=True)
            about = exp.alias_(exp.Literal.string(way.about), "about")
            ref = exp.alias_(exp.column(comparing.key, "record"), "customer_ref")
            rows = exp.select(about, "mate.value", ref).from_(group.members("mate"))
            add(engine, MATE, rows.join(record, on="record.rowid = mate.id"))


def write_relinked(engine: Engine, comparing: Comparing) -> None:
    """The work table ``relinked`` (customer_ref): every record all of whose pairs were looked at."""
    looked = exp.select("id").from_(place(CHANGED))
    refs = exp.select(exp.alias_(exp.column(comparing.key), "customer_ref")).from_(place(comparing.table))
    write(engine, RELINKED, refs.where(exp.column("rowid").isin(query=looked)))


def forget_before(engine: Engine) -> None:
    """Drop what only a search of changed records needs."""
    drop(
        engine,
        CHANGED,
        FRESH,
        NEAR,
        _SIZE,
        _OFTEN,
        _MORE,
        _TURNED,
        _LEFT,
        _WAS_CROWDED,
        _WAS_MATE,
        _WAS_FORM,
        _WAS_NUMBER,
    )


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
