"""Finding the pairs of records that are, or may be, one customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from clientela.unify.linking import fresh
from clientela.unify.linking.candidates import PAIR, write_candidates
from clientela.unify.linking.comparing import Comparing
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import Before
from clientela.unify.linking.model import Figure, Linked, LinkModel
from clientela.unify.linking.rules import RULED, write_ruled
from clientela.unify.linking.scoring import said_of, write_scored
from clientela.unify.linking.sharing import (
    BLOCK,
    NUMBER,
    RULE,
    Numbers,
    Way,
    clear_numbers,
    ways,
    write_crowded,
    write_groups,
    write_numbers,
)
from clientela.unify.linking.work import SAID, Shared, count, drop, drop_records, place, write_records, write_said
from clientela.warehouse.engine import Engine

LEFT_OUT = "values left out"  # a figure


def link(
    engine: Engine,
    model: LinkModel,
    *,
    comparing: Comparing = CUSTOMER,
    ask_above: float = 0.5,
    shared_by: int = 50,
    pairs_per_record: int = 100,
    changed: exp.Query | None = None,
    before: Before | None = None,
    numbered: bool = False,
) -> Linked:
    """What was done to write ``scored_pair`` and ``scored_field``: every pair that may be one customer, and why.

    Parameters
    ----------
    ask_above : the match probability from which on a pair is kept; what a rule joins always is
    shared_by : a value that more records have names nobody: it brings no pair together and says nothing about one
    pairs_per_record : blocking rules are left out until no more pairs than this for each record are compared
    changed : refs that are new or whose content changed: only pairs with one of them; None: all. Their arrival may
        also change what is known of pairs of others (a telephone comes to be shared by too many): the work table
        ``relinked`` (customer_ref) then names every record whose pairs were all looked at anew, and of the pairs that
        were found before only those stay of which neither record is in it.
    before : what the search that found those pairs left in ``crowded_value`` and ``mate``. This one leaves the first
        anew, and of the second what it looked at: of what was left all goes that has a value or a record of it, and
        whoever is gone. Without it changed records are taken for new ones: that somebody is gone, or says no longer
        what he said, then frees no value.
    numbered : `number` was told of the records as they were before some changed

    Raises
    ------
    ClientelaError
        Every blocking rule alone would compare too many pairs.
    """
    wide = model.document["wide"]
    some, every = changed is not None, ways(comparing, wide)
    most = pairs_per_record * max(count(engine, comparing.table), 1)
    try:
        write_crowded(engine)
        if changed is None:
            numbers = write_numbers(engine, comparing, every)
            hubs = write_records(engine, comparing, shared_by, values=_identified(comparing, numbers))
            clear_numbers(engine, comparing, hubs, numbers)
        else:
            hubs, numbers = _look_at(engine, comparing, every, changed, before, shared_by, numbered)
        fresh.add_hubs(engine, comparing)
        groups = (fresh.write_groups if some else write_groups)(engine, numbers, every, shared_by)
        of = {(way.kind, way.name): group for way, group in zip(every, groups, strict=True)}
        blocks = {name: group for (kind, name), group in of.items() if kind == BLOCK}
        rules = {name: group for (kind, name), group in of.items() if kind == RULE}
        found = write_candidates(engine, comparing, blocks, at_most=most, changed=some)
        write_said(engine, comparing, hubs, said_of(comparing), _concerned(rules.values()) if some else None)
        ruled = write_ruled(engine, comparing, [rules[each.name] for each in comparing.rules])
        kept = write_scored(engine, comparing, model, ask_above=ask_above)
        if some:
            fresh.write_relinked(engine, comparing)
        if not some or before is not None:
            fresh.write_mates(engine, comparing, every, groups)
        drop(engine, *{each.table for each in groups if each.pairs})
    finally:
        drop(engine, PAIR, RULED, NUMBER, SAID)
        fresh.forget_before(engine)
        drop_records(engine, comparing)
    left_out = [Figure(figure=LEFT_OUT, about=name, value=number) for name, number in hubs.items() if number]
    joined = Figure(figure="pairs joined by a rule", about="", value=ruled)
    return Linked(pairs=kept, figures=(*found.figures, *left_out, joined), refused=found.refused)


def number(engine: Engine, model: LinkModel, rows: exp.Query, *, comparing: Comparing = CUSTOMER) -> None:
    """Hash what records say before it is known who changed: that may go on while it is found out.

    Parameters
    ----------
    rows : all rows of the table and their ``rowid``, as they are now
    """
    write_numbers(engine, comparing, ways(comparing, model.document["wide"]), rows=rows)


def _look_at(
    engine: Engine,
    comparing: Comparing,
    every: Sequence[Way],
    changed: exp.Query,
    before: Before | None,
    shared_by: int,
    numbered: bool,
) -> tuple[dict[str, int], Numbers]:
    """Find who has to be looked at when these changed: the work table ``link_changed``."""
    told = before is not None
    if before is not None:
        fresh.write_before(engine, before)
    fresh.write_changed(engine, comparing, changed)
    numbers = write_numbers(engine, comparing, every, begun=numbered)
    counted, stay = fresh.hubs(engine, comparing, numbers) if told else (None, None)
    identified = _identified(comparing, numbers)
    hubs = write_records(engine, comparing, shared_by, values=identified, among=counted, stay=stay)
    released = fresh.add_released(engine, comparing, shared_by, told=told)
    clear_numbers(engine, comparing, hubs, numbers)
    if told:
        fresh.write_left(engine, comparing, numbers, every, released=released)
    fresh.write_fresh(engine)
    fresh.add_concerned(engine, comparing, numbers, every, shared_by, told=told, released=released)
    return hubs, numbers


def _identified(comparing: Comparing, numbers: Numbers) -> dict[str, exp.Select]:
    return {each.name: numbers.identified(each) for each in comparing.identifiers}


def _concerned(groups: Iterable[Shared]) -> exp.Query:
    """Who is in any pair that is looked at."""
    ids: exp.Query = exp.union(
        *(exp.select(exp.alias_(exp.column(name), "id")).from_(place(PAIR)) for name in ("id_l", "id_r")),
        distinct=False,
    )
    for each in groups:
        if each.pairs:
            ids = exp.union(ids, exp.select("id").from_(each.members("member"), copy=False), distinct=False, copy=False)
    return ids
