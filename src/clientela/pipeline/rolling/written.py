"""Roll-ups counted and written in the run, from its own tables, as of its own date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from clientela.access.rows import HOME
from clientela.config import Settings
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import Figure
from clientela.cube.rollup.choose import AT_LEAST, Need, asked_by_hand, chosen, needs
from clientela.cube.rollup.made import counting, held, shareable, typed
from clientela.cube.rollup.moved import LINES, is_of_one, purchase_days
from clientela.cube.rollup.rows import from_fact
from clientela.cube.rollup.sets import pairs_of, shared_by
from clientela.cube.rollup.shape import BEGINS, SEEN_IN, Rollup, contract_of, days_of, met_with
from clientela.cube.rollup.steps import Different
from clientela.cube.view import View
from clientela.errors import ContractError, QueryError, WarehouseError
from clientela.pipeline.clock import Clock
from clientela.pipeline.facts import lapse_days
from clientela.pipeline.rolling.asked import asked
from clientela.pipeline.rolling.declared import declared
from clientela.pipeline.rolling.standard import STANDARD
from clientela.warehouse.build import Build

MOST_DAYS = 1_000_000  # of customers of several territories: to work figures out of more takes too long
MOST_PAIRS = 10_000_000  # of customers who share an order: more are no few lines to read beside
ROOM = 256 << 20  # bytes of all roll-ups together


def write_rollups(
    build: Build,
    folder: Path,
    settings: Settings,
    clock: Clock,
    measures: Mapping[str, Figure],
    *,
    at_least: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, object]]:
    """Write the roll-ups worth their room; what the manifest says of them.

    Parameters
    ----------
    measures : all there are, those of the company among them
    at_least : rows from which on a fact has roll-ups; None: as many as are worth it
    """
    at_least = AT_LEAST if at_least is None else at_least
    view = _view(build, settings, clock)
    often = dict(STANDARD)
    for shape, times in asked(folder).items():
        often[shape] = often.get(shape, 0.0) + times
    wanted, told = needs(often, measures), declared(settings, measures)
    by_hand = asked_by_hand(told, measures)
    large = {fact for fact in {need.fact for need in wanted} if _is_large(view, fact, at_least)}
    wanted = {need: times for need, times in wanted.items() if need.fact in large}
    members, rows = _sizes(view, {*wanted, *told})
    # what is worked out of purchases has few rows, yet all lines are read for it
    few = {fact for fact, count in rows.items() if count < at_least and not FACTS[fact].of_purchases}
    wanted = {need: times for need, times in wanted.items() if need.fact not in few}
    written: list[Rollup] = []
    more = chosen(wanted, measures, members, rows, room=ROOM, by_hand=by_hand)
    counted = [*by_hand, *more]
    if any(map(is_of_one, counted)):
        progress("Looking who is met in several territories")
        days = _purchase_days(build, view)
        counted = [each for each in counted if days is not None or not is_of_one(each)]
        counted = [replace(each, days=days) if is_of_one(each) else each for each in counted]
    for each in counted:
        progress(f"Counting {each.fact} by {', '.join(each.by) or 'nothing'}")
        with suppress(ContractError, QueryError, WarehouseError):  # a sum too large for its column is left to be asked
            written.append(_written(build, view, each))
    shared: dict[tuple[str, str], str | None] = {}
    for each in written:
        for sql, (lines, told_apart) in shareable(each).items():
            if (each.fact, sql) not in shared:
                progress(f"Looking who shares what is counted of {each.fact}")
                shared[each.fact, sql] = _shared(build, view, each.fact, lines, told_apart, number=len(shared) + 1)
    return [_with_shared(each, shared).document() for each in written]


def _with_shared(rollup: Rollup, shared: Mapping[tuple[str, str], str | None]) -> Rollup:
    found = ((part.sql, shared.get((rollup.fact, part.sql))) for part in rollup.parts)
    return replace(rollup, shared=tuple((sql, table) for sql, table in found if table is not None))


def _shared(build: Build, view: View, fact: str, lines: exp.Select, told: Different, *, number: int) -> str | None:
    """The table of customers who share what is counted; None where nobody does, empty where a table cannot say it."""
    pairs, nobodies = view.rows(shared_by(lines, told), {}, own=True)[0]
    if not pairs and not nobodies:
        return None
    if nobodies or pairs > MOST_PAIRS:
        return ""
    contract = met_with(f"{BEGINS}{fact}_met_{number}")
    build.contracts = {**build.contracts, contract.name: contract}
    query, parameters = view.ready(pairs_of(lines, told), {}, own=True)
    build.create(contract.name, query, parameters, step=contract.name, reads=FACTS[fact].tables, keys_proved=True)
    return contract.name


def _purchase_days(build: Build, view: View) -> str | None:
    """The table of the purchase days of customers of several territories; empty without such, None: too many."""
    query = purchase_days(at_home=HOME in view.tables)
    count = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"), copy=False).from_(query.subquery("day"))
    many = int(view.rows(count, {}, own=True)[0][0])
    if not many:
        return ""
    if many > MOST_DAYS:
        return None
    contract = days_of(f"{BEGINS}purchase_days")
    build.contracts = {**build.contracts, contract.name: contract}
    tree, parameters = view.ready(query, {}, own=True)
    build.create(contract.name, tree, parameters, step=contract.name, reads={LINES}, keys_proved=True)
    return contract.name


def _view(build: Build, settings: Settings, clock: Clock) -> View:
    return View(
        reader=build.engine,
        as_of=clock.as_of,
        known_at=clock.known_at,
        tables=build.tables(),
        lapse_days=lapse_days(build, settings),
    )


def _is_large(view: View, fact: str, at_least: int) -> bool:
    """Whether the tables of a fact have so many rows; it has no more than the largest of them."""
    tables = FACTS[fact].tables & set(view.tables)
    counts = (exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(table) for table in tables)
    return any(int(view.reader.fetch(count)["n"][0].as_py()) >= at_least for count in counts)


def _sizes(view: View, wanted: Collection[Need]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Of each fact how many members each dimension has, about, and how many rows there are."""
    members: dict[str, dict[str, int]] = {}
    rows: dict[str, int] = {}
    for fact in sorted({need.fact for need in wanted}):
        names = sorted({name for need in wanted if need.fact == fact for name in need.names if name in DIMENSIONS})
        counts = [exp.alias_(exp.ApproxDistinct(this=exp.column(name)), name) for name in names]
        tree = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"), *counts)
        found = view.rows(tree.from_(from_fact(FACTS[fact], names, ()).subquery("line")), {}, own=True)[0]
        rows[fact] = int(found[0])
        members[fact] = dict(zip(names, map(int, found[1:]), strict=True))
        members[fact][SEEN_IN] = _territories(view)
    return members, rows


def _territories(view: View) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_("territory")
    return int(view.rows(counted, {})[0][0])


def _written(build: Build, view: View, rollup: Rollup) -> Rollup:
    counted, parameters = view.ready(counting(rollup, view.tables), {}, own=True)
    sure = typed(rollup, build.engine.column_types(counted, parameters))
    contract = contract_of(sure)
    build.contracts = {**build.contracts, contract.name: contract}
    rows = build.create(
        contract.name,
        held(sure, counted),
        parameters,
        step=contract.name,
        reads=FACTS[rollup.fact].tables,
        keys_proved=True,
    )
    return replace(sure, rows=rows)
