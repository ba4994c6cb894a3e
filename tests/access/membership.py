"""Who is in which segment on a date, asked of the product and of plain Python, line by line and date by date."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlglot

from clientela.access.rights import Scope
from clientela.config import Settings
from clientela.contracts.fiscal import FiscalYear
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.knowledge import SnapshotKnowledge, knowledge, start_of_day
from clientela.cube.segments.language import understood
from clientela.cube.segments.preview import fitting
from clientela.cube.view import ALL
from clientela.errors import NotPermittedError
from clientela.pipeline.clock import Clock
from clientela.pipeline.segments.follow import follow
from clientela.pipeline.segments.versions import brought_up
from tests.access import cases, conditions
from tests.access.compare import COLUMNS, LAPSE_DAYS, MIDNIGHT
from tests.access.conditions import Leaf, Looked, Tree
from tests.access.naive import Given, Person, allowed
from tests.unit.cube.oracle import Row, World
from tests.unit.cube.published import Published, stored_fields

NOW = MIDNIGHT + timedelta(days=2, hours=8)
ZONES = ("UTC", "Europe/Madrid", "America/New_York")
FIRST = date(2023, 1, 1)
YEARS = (conditions.Year(1, 1), conditions.Year(4, 1), conditions.Year(10, 15))


@dataclass(frozen=True)
class Rules:
    """What a company's settings say of its dates."""

    zone: str
    year: conditions.Year

    @property
    def settings(self) -> dict[str, str]:
        starts = f"{self.year.month:02}-{self.year.day:02}"
        return {"name": "Example", "currency": "EUR", "timezone": self.zone, "fiscal_year_starts": starts}

    def known_at(self, day: date) -> datetime:
        """The moment before which things are known that count on a date."""
        return NOW if day == cases.ON else start_of_day(day, self.zone)


@dataclass(frozen=True)
class Defined:
    """A segment's definitions, each with the date from which it decides; None: the segment was taken out."""

    name: str
    since: tuple[tuple[date, Tree | None, str], ...]

    def on(self, day: date) -> Tree | None:
        """The condition that decides of a date: the first one of all dates before it, too."""
        told = [tree for since, tree, _ in self.since if since <= day]
        return told[-1] if told else self.since[0][1]


def company(rng: random.Random) -> cases.Tables:
    """A company whose lines are corrected and withdrawn, and come to be known late; with records of its customers."""
    tables = cases.company(rng)
    lines = [version for row in tables["order_line"] for version in _versions(rng, row)]
    customer = [
        {"customer_id": who, "sources": 1, **{name: rng.choice(some) for name, some in conditions.RECORD.items()}}
        for who in cases.CUSTOMERS
        if rng.random() < 0.9
    ]
    return {**tables, "order_line": lines, "customer": customer, "segment_member": []}


def _versions(rng: random.Random, row: Row) -> list[dict[str, Any]]:
    """A line as it was known first, and as it was corrected or not known any more."""
    assumed = rng.random() < 0.5
    happened = datetime.combine(row["happened_on"], datetime.min.time()) + timedelta(hours=12)
    known = happened if assumed else happened + timedelta(days=rng.choice((0, 0, 1, 30)), hours=rng.randrange(0, 24))
    channel = conditions.BLANKS if rng.random() < 0.1 else row["channel"]
    first = {**row, "channel": channel, "known_from": known, "known_assumed": assumed, "known_until": None}
    if rng.random() < 0.75:
        return [first]
    until = known + timedelta(days=rng.choice((1, 1, 20, 60)), hours=rng.randrange(0, 24))
    first["known_until"] = until
    if rng.random() < 0.3:
        return [first]
    changed = {"channel": rng.choice(("web", None)), "net_revenue": row["net_revenue"] + rng.randrange(-60, 90)}
    if rng.random() < 0.2:  # another customer was meant, or another day
        changed |= {"customer_id": rng.choice((None, *cases.CUSTOMERS))}
    return [first, {**first, **changed, "known_from": until, "known_assumed": False, "known_until": None}]


def drawn(rng: random.Random, tables: cases.Tables, rules: Rules) -> conditions.Drawn:
    """What conditions are made with: what some customers have on some dates."""
    days = [cases.ON, *(cases.ON - timedelta(days=rng.randrange(1, 120)) for _ in range(2))]
    some = [looked for day in days for looked in everybody(tables, day, rules).values()]
    return conditions.Drawn(rng, lambda value: [value(looked) for looked in some], rules.year)


def defined(name: str, drawn: conditions.Drawn) -> Defined:
    """A segment of one condition, or of two or three one after the other, between which it may not have been."""
    rng = drawn.rng

    def told(since: date) -> tuple[date, Tree | None, str]:
        tree = conditions.tree(drawn)
        return since, tree, conditions.written(rng, tree)

    changes = [told(FIRST)]
    for before in sorted(rng.sample(range(120), rng.choice((0, 0, 1, 2))), reverse=True):
        since = cases.ON - timedelta(days=before)
        gone = changes[-1][1] is not None and rng.random() < 0.3
        changes.append((since, None, "") if gone else told(since))
    return Defined(name, tuple(changes))


class Built:
    """A snapshot under construction in memory, as far as segments are written into it."""

    def __init__(self, published: Published) -> None:
        self.engine, self.published = published.engine, published

    def tables(self) -> set[str]:
        return self.published.tables - {"segment", "segment_member"}

    def append(self, name: str, arrays: Mapping[str, Any], *, step: str, reads: Sequence[str] = ()) -> None:
        if name in self.published.tables:
            self.engine.run(sqlglot.parse_one(f"drop table {name}", dialect="duckdb"))
        fields = stored_fields(ALL[name])
        columns = {each: values.tolist() for each, values in arrays.items()}
        count = len(next(iter(columns.values())))
        assert {len(each) for each in columns.values()} == {count}, name
        rows = [{each: columns[each][place] for each in columns} for place in range(count)]
        self.published.store(name, fields, rows)
        self.published.tables.add(name)


def followed(published: Published, segments: Sequence[Defined], store: Path, rules: Rules) -> list[dict[str, Any]]:
    """The times in segments that a run writes, after the runs in which the definitions came."""
    clock = Clock(
        as_of=cases.ON, known_at=NOW, today=cases.ON, origins=(), first_day=None, last_day=None, timezone=rules.zone
    )  # fmt: skip
    for day in sorted({since for each in segments for since, *_ in each.since} | {cases.ON}):
        settings = Settings.model_validate({"company": rules.settings, "segment": dict(_declared(segments, day))})
        if day < cases.ON:
            brought_up(store, settings, as_of=day, run=1, now=NOW)
    follow(
        Built(published),  # type: ignore[arg-type] # what it asks of a build
        clock, settings, store=store, run=2, now=NOW, lapse_days=LAPSE_DAYS, progress=lambda said: None,
    )  # fmt: skip
    if "segment_member" not in published.tables:
        return []
    told = published.engine.fetch(sqlglot.parse_one("from segment_member select *", dialect="duckdb"))
    return told.to_pylist()  # type: ignore[no-any-return] # one row each


def _declared(segments: Sequence[Defined], day: date) -> list[tuple[str, dict[str, str]]]:
    """What the settings said on a date."""
    found = []
    for each in segments:
        told = [(tree, said) for since, tree, said in each.since if since <= day]
        if told and told[-1][0] is not None:
            found.append((each.name, {"where": told[-1][1]}))
    return found


def everybody(tables: cases.Tables, day: date, rules: Rules) -> dict[int, Looked]:
    """Each customer of whom anything was known on a date, with their lines and record as they read then."""
    world = World(tables, day, rules.known_at(day), LAPSE_DAYS)
    records = {row["customer_id"]: row for row in tables["customer"]}
    known = {
        row["customer_id"]
        for row in tables["order_line"]
        if row["happened_on"] < day and row["known_from"] < rules.known_at(day) and row["customer_id"] is not None
    }
    known |= records.keys() if day == cases.ON else set()
    lines: dict[int, list[Row]] = {who: [] for who in known}
    for row in world.facts["line"]:
        if row["customer"] in lines:
            lines[row["customer"]].append({**row, **rules.year.parts(row["day"])})
    return {who: Looked(lines[who], records.get(who, {}), world) for who in sorted(known)}


def inside(tables: cases.Tables, segments: Sequence[Defined], day: date, rules: Rules) -> dict[str, set[int]]:
    """Who is in each segment on a date."""
    people = everybody(tables, day, rules)
    told = {}
    for each in segments:
        tree = each.on(day)
        told[each.name] = {
            who
            for who, looked in people.items()
            if tree is not None and conditions.fits(tree, lambda leaf, of=looked: of) is True  # type: ignore[misc] # mypy infers no lambda with a default
        }
    return told


def of_product(stays: Sequence[Mapping[str, Any]], segments: Sequence[Defined], day: date) -> dict[str, set[int]]:
    """The same by the times that the run wrote."""
    told: dict[str, set[int]] = {each.name: set() for each in segments}
    for row in stays:
        if row["valid_from"] <= day and (row["valid_to"] is None or row["valid_to"] > day):
            assert row["customer_id"] not in told[row["segment"]], row
            told[row["segment"]].add(row["customer_id"])
    return told


def knows(published: Published, rules: Rules, day: date, scope: Scope | None) -> SnapshotKnowledge:
    """The knowledge base of a date."""
    return knowledge(
        published.engine, snapshot="1", tables=frozenset(published.tables), people=None, currency="EUR",
        timezone=rules.zone, lapse_days=LAPSE_DAYS, run_as_of=cases.ON, run_known_at=NOW, as_of=day, scope=scope,
        catalogue=Catalogue(fiscal=FiscalYear(rules.year.month, rules.year.day)),
    )  # fmt: skip


def tried(published: Published, said: str, rules: Rules, day: date, scope: Scope | None) -> tuple[set[int], int] | None:
    """Who fits a condition of those that somebody sees, and how many these are; None: they may not try it."""
    try:
        found = fitting(
            knows(published, rules, day, scope), understood(said, FiscalYear(rules.year.month, rules.year.day))
        )
    except NotPermittedError:
        return None
    return {int(each) for each in found.customer[found.fits]}, len(found.customer)


def tried_in_python(
    person: Person | None, tables: cases.Tables, tree: Tree, rules: Rules, day: date
) -> tuple[set[int], int] | None:
    """The same in plain Python, each comparison on the lines and records that are seen for it."""
    people = everybody(tables, day, rules)
    mine = {row["customer_id"] for row in tables["customer"]} & people.keys()
    if person is not None:
        grants = [each for each in person.grants if allowed("customer.customer_id", each.columns)]
        if not grants:
            return None
        mine = {who for who in mine if person.sees(grants, "customer", {"customer_id": who})}
    seen: dict[Leaf, Callable[[int], Looked]] = {}
    for leaf in conditions.leaves(tree):
        look = _seen_for(person, leaf, people)
        if look is None:
            return None
        seen[leaf] = look
    found = {who for who in mine if conditions.fits(tree, lambda leaf, of=who: seen[leaf](of)) is True}  # type: ignore[misc] # as above
    return found, len(mine)


def _seen_for(person: Person | None, leaf: Leaf, people: Mapping[int, Looked]) -> Callable[[int], Looked] | None:
    """What somebody sees of each customer for one comparison; None: they may not make it."""
    if person is None:
        return lambda who: people[who]
    lines: list[Given] = []
    records: list[Given] = []
    if leaf.measure is not None:
        lines = person.may(leaf.measure, ("customer", *leaf.fields))
        if not lines or not person.tells(lines, COLUMNS["line"]):
            return None
    if leaf.column is not None:
        records = [each for each in person.grants if allowed(f"customer.{leaf.column}", each.columns)]
        if not records:
            return None

    def look(who: int) -> Looked:
        looked = people[who]
        record = looked.record if person.sees(records, "customer", {"customer_id": who}) else None
        return Looked([row for row in looked.lines if person.sees(lines, "order_line", row)], record, looked.world)

    return look


def as_rows(held: Mapping[str, set[int]], day: date) -> list[dict[str, Any]]:
    """Who is in which segment on a date, as rows of that date."""
    return [
        {"customer_id": who, "segment": name, "version": 1, "valid_from": day, "valid_to": None}
        for name, those in held.items()
        for who in sorted(those)
    ]
