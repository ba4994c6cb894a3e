"""In the run: who is in each segment since when, and the fact that turned it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from clientela.config import Settings
from clientela.contracts.schema import AS_STORED, Kind
from clientela.contracts.tables import CONTRACTS
from clientela.cube.segments import events
from clientela.cube.segments.changes import Dates, Rows, Whole, dates, every_day, ordinal, rows_of
from clientela.cube.segments.fields import attributes
from clientela.cube.segments.language import shown, understood
from clientela.cube.segments.membership import Condensed, Flip, People, Stay, condensed, stays
from clientela.cube.segments.people import golden
from clientela.cube.view import View
from clientela.pipeline.clock import Clock
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.segments.versions import Version, brought_up
from clientela.warehouse.build import Build
from clientela.warehouse.physical import facts_part

STEP = "segments"
_CAUSES = {
    events.BEGUN: "known",
    events.TIME: "time",
    events.WITHDRAWN: "withdrawn",
    events.HAPPENED: "happened",
    events.CORRECTED: "changed",
}
_TURNED = ("because", "by", "was", "is", "table", "key", "on")
_DEFINITION = Flip(condition=-1, cause=-1, was=None, now=None, table=None, fact=0, day=None)
Keys = Mapping[tuple[str, int], str]


def follow(
    build: Build,
    clock: Clock,
    settings: Settings,
    *,
    store: Path,
    run: int,
    now: datetime,
    lapse_days: int | None,
    progress: Callable[[str], None],
) -> None:
    """Write the tables ``segment`` and ``segment_member``; no table where no segment was ever declared."""
    versions = brought_up(store, settings, as_of=clock.as_of, run=run, now=now)
    if not versions:
        return
    progress("Following segments")
    view = View(
        reader=build.engine,
        as_of=clock.as_of,
        known_at=clock.known_at,
        tables=build.tables(),
        lapse_days=lapse_days,
        currency=settings.company.currency,
        catalogue=catalogue_in(settings),
    )
    known = _dates(build, clock)
    people = _people(view, known)
    fiscal = view.catalogue.fiscal
    segments = {each: condensed(understood(each.where, fiscal)) for each in versions}
    terms = tuple(dict.fromkeys(term for each in segments.values() for term in each.terms))
    rows = rows_of(view, terms, known)
    found = [
        (version, segment, _cut(stays(segment, people, _of(rows, segment), as_of=ordinal(clock.as_of)), version, clock))
        for version, segment in segments.items()
    ]
    keys = _keys(view, (flip for _, _, told in found for stay in told for flip in (stay.came, stay.left)))
    reads = sorted({"customer", *(each.table for each in rows)})
    build.append("segment", _definitions(found), step=STEP)
    build.append("segment_member", _members(found, keys), step=STEP, reads=reads)


def _of(rows: Sequence[Rows], segment: Condensed) -> list[Rows]:
    """The rows that a segment is counted from."""
    wanted = set(segment.terms)
    return [replace(each, amounts={t: a for t, a in each.amounts.items() if t in wanted}) for each in rows]


def _dates(build: Build, clock: Clock) -> Dates:
    """The dates of which may be asked what was known, from the first fact on."""
    first = clock.as_of
    for name in _facts(build.tables()):
        asked = exp.select(exp.alias_(exp.Min(this=exp.column("happened_on")), "first")).from_(_stored(name))
        told = build.engine.fetch(asked)["first"][0].as_py()
        first = first if told is None else min(first, told)
    first = max(first, date(1900, 1, 1))
    return dates(first, clock.as_of, clock.known_at, [clock.start_of(day) for day in every_day(first, clock.as_of)])


def _facts(tables: Iterable[str]) -> list[str]:
    """The tables whose rows say of a customer that there is one."""
    found = []
    for name in sorted(tables):
        contract = CONTRACTS.get(name)
        part = None if contract is None or contract.kind is not Kind.FACT else facts_part(contract)
        if part is not None and "customer_id" in part.names:
            found.append(name)
    return found


def _stored(name: str) -> exp.Table:
    table = exp.to_table(name)
    table.meta[AS_STORED] = True
    return table


def _people(view: View, known: Dates) -> People:
    """Every customer, with the first date on which anything of them was known."""
    told: dict[str, list[Whole]] = defaultdict(list)
    for name in _facts(view.tables):
        learned_at = exp.Case(ifs=[exp.If(this=exp.column("known_assumed"), true=exp.Null())])
        learned_at.set("default", exp.column("known_from"))
        day = exp.alias_(exp.Min(this=exp.column("happened_on")), "day")
        asked = exp.select("customer_id", exp.alias_(learned_at, "learned"), day).from_(_stored(name))
        asked = asked.where(exp.not_(exp.Is(this=exp.column("customer_id"), expression=exp.Null())))
        rows = view.fetch(asked.group_by("customer_id", learned_at.copy()), {})
        customer = _array(rows, "customer_id").astype(np.int64)
        learned = _array(rows, "learned").astype("datetime64[us]")
        day_on = _array(rows, "day").astype("datetime64[D]").astype(np.int64) + 1
        from_on = np.where(np.isnat(learned), day_on, np.maximum(day_on, known.of(learned)))
        told["customer"].append(customer)
        told["since"].append(from_on)
    record = golden(view, sorted(attributes()))
    told["customer"].append(record.customer)
    told["since"].append(np.full(len(record.customer), ordinal(known.as_of), dtype=np.int64))
    every, since = np.concatenate(told["customer"]), np.concatenate(told["since"])
    order = np.lexsort((since, every))
    first = np.ones(len(order), dtype=bool)
    first[1:] = every[order][1:] != every[order][:-1]
    customers = every[order][first]
    return People(customers, since[order][first], record.for_(customers))


def _array(rows: Any, name: str) -> NDArray[Any]:
    return np.asarray(rows.column(name).combine_chunks().to_numpy(zero_copy_only=False))


def _cut(told: Sequence[Stay], version: Version, clock: Clock) -> list[Stay]:
    """What of the times in a segment lies within the dates that a version decides of."""
    begins = None if version.since is None else ordinal(version.since)
    ends = None if version.until is None else ordinal(version.until)
    found = []
    for stay in told:
        if (ends is not None and stay.since >= ends) or (
            begins is not None and stay.until is not None and stay.until <= begins
        ):
            continue
        kept = stay
        if begins is not None and stay.since < begins:
            kept = replace(kept, since=begins, came=_DEFINITION)
        if ends is not None and (stay.until is None or stay.until > ends):
            kept = replace(kept, until=ends, left=_DEFINITION)
        found.append(kept)
    return found


def _keys(view: View, flips: Iterable[Flip | None]) -> Keys:
    """The keys of the facts that turned somebody's membership."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for flip in flips:
        if flip is not None and flip.table is not None:
            wanted[flip.table].add(flip.fact)
    found: dict[tuple[str, int], str] = {}
    for table, facts in wanted.items():
        part = facts_part(CONTRACTS[table])
        key = [] if part is None else [name for name in part.key if name != "known_from"]
        asked = exp.select("rowid", *(exp.column(name, quoted=True) for name in key)).from_(_stored(table))
        asked = asked.where(exp.column("rowid").isin(query=exp.select(exp.Explode(this=exp.Placeholder(this="facts")))))
        for number, *parts in view.rows(asked, {"facts": sorted(facts)}):
            found[table, int(number)] = " / ".join("" if each is None else str(each) for each in parts)
    return found


def _definitions(found: Sequence[tuple[Version, Condensed, Sequence[Stay]]]) -> dict[str, NDArray[Any]]:
    return {
        "segment": _texts(version.segment for version, _, _ in found),
        "version": np.array([version.number for version, _, _ in found], dtype=np.int64),
        "mark": _texts(version.mark for version, _, _ in found),
        "definition": _texts(version.where for version, _, _ in found),
        "owner": _texts(version.owner or None for version, _, _ in found),
        "valid_from": _days(version.since for version, _, _ in found),
        "valid_to": _days(version.until for version, _, _ in found),
        "members": np.array([sum(stay.until is None for stay in told) for _, _, told in found], dtype=np.int64),
    }


def _members(found: Sequence[tuple[Version, Condensed, Sequence[Stay]]], keys: Keys) -> dict[str, NDArray[Any]]:
    rows = [(version, segment, stay) for version, segment, told in found for stay in told]
    told: dict[str, NDArray[Any]] = {
        "customer_id": np.array([stay.customer for _, _, stay in rows], dtype=np.int64),
        "segment": _texts(version.segment for version, _, _ in rows),
        "version": np.array([version.number for version, _, _ in rows], dtype=np.int64),
        "valid_from": _numbers(stay.since for _, _, stay in rows),
        "valid_to": _numbers(stay.until for _, _, stay in rows),
    }
    for when in ("entered", "left"):
        turned = [_turned(segment, stay.came if when == "entered" else stay.left, keys) for _, segment, stay in rows]
        columns = list(zip(*turned, strict=True)) if turned else [()] * len(_TURNED)
        for name, column in zip(_TURNED, columns, strict=True):
            told[f"{when}_{name}"] = _numbers(column) if name == "on" else _texts(column)
    return told


def _turned(segment: Condensed, flip: Flip | None, keys: Keys) -> tuple[Any, ...]:
    if flip is None:
        return (None,) * len(_TURNED)
    return (
        _CAUSES.get(flip.cause, "definition"),
        None if flip.condition < 0 else shown(segment.leaves[flip.condition]),
        flip.was,
        flip.now,
        flip.table,
        None if flip.table is None else keys.get((flip.table, flip.fact)),
        flip.day,
    )


def _texts(values: Iterable[str | None]) -> NDArray[Any]:
    told = [*values]
    column = np.empty(len(told), dtype=object)
    column[:] = told
    return column


def _days(values: Iterable[date | None]) -> NDArray[Any]:
    return np.array(["NaT" if each is None else each.isoformat() for each in values], dtype="datetime64[D]")


def _numbers(values: Iterable[int | None]) -> NDArray[Any]:
    return np.array(
        [np.datetime64("NaT", "D") if each is None else np.datetime64(each, "D") for each in values],
        dtype="datetime64[D]",
    )
