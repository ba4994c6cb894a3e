"""Segments of any condition: who is in one on a date, and their figures under any grants, are what plain Python says.

The text of each condition is written as a person writes it; what it means is said a second time, line by line.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.declared.catalogue import BUILT_IN
from clientela.cube.filters import SEGMENT, fields_of
from clientela.cube.segments import events, language, preview
from clientela.cube.segments import membership as followed
from clientela.pipeline.segments import follow
from clientela.warehouse.engine import Engine
from tests.access import cases, conditions, membership
from tests.access.compare import FACTS, MEASURES, REACHED, of_cube, of_python, publish, same
from tests.access.naive import Person
from tests.some import some
from tests.unit.cube.published import Published, line

PARTS, COMPANIES, QUESTIONS, TRIES = 10, 3, 8, 12

NUMBERS = ("*", *(f"!customer.{name}" for name in conditions.RECORD))  # who it is, and nothing of their record


def asked_of(seed: int, published: Published, store: Path, *, days: int = 12) -> tuple[int, int, int]:
    """How many dates were compared, questions answered and refused, of one company; raises where the two differ."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    tables = membership.company(rng)
    rules = membership.Rules(rng.choice(membership.ZONES), rng.choice(membership.YEARS))
    publish(published, tables)
    drawn = membership.drawn(rng, tables, rules)
    segments = [membership.defined(name, drawn) for name in cases.SEGMENTS]
    stays = membership.followed(published, segments, store, rules)
    edges = {each for row in stays for each in (row["valid_from"], row["valid_to"]) if each is not None}
    some = {cases.ON - timedelta(days=rng.randrange(0, 480)) for _ in range(days)}
    near = sorted({each - timedelta(days=less) for each in edges for less in (0, 1)})
    dates = {cases.ON, *some, *rng.sample(near, min(days, len(near)))}
    for day in sorted(dates):
        told = membership.of_product(stays, segments, day)
        wanted = membership.inside(tables, segments, day, rules)
        for each in segments:
            texts = [(since, said) for since, _, said in each.since]
            assert told[each.name] == wanted[each.name], (seed, day, rules, texts, told[each.name], wanted[each.name])
    answered = refused = 0
    for number in range(QUESTIONS + TRIES):
        if number % 7 == 0:
            given = [
                replace(each, columns=NUMBERS) if rng.random() < 0.3 else each for each in cases.grants(rng, tables)
            ]
            person, scope = Person(given, tables, cases.ON), cases.scope(given, tables)
        as_of = cases.ON if rng.random() < 0.5 else cases.ON - timedelta(days=rng.randrange(1, 120))
        if number < QUESTIONS:
            measures, by, where = question(rng)
            held = membership.as_rows(membership.inside(tables, segments, as_of, rules), as_of)
            got = of_cube(published, scope, measures, by, where, as_of)
            named = sorted({*by, *fields_of(where)})
            expected = of_python(person, {**tables, "segment_member": held}, measures, by, where, named, as_of)
            assert same(got, expected, measures), (seed, number, given, measures, by, where, as_of, got, expected)
            is_refused = got is None
        else:
            tree = conditions.tree(drawn, rng.choice((0, 0, 1, 3)))
            said = conditions.written(rng, tree)
            everything = rng.random() < 0.3
            fit = membership.tried(published, said, rules, as_of, None if everything else scope)
            should = membership.tried_in_python(None if everything else person, tables, tree, rules, as_of)
            assert fit == should, (seed, number, given, said, as_of, rules, fit, should)
            is_refused = fit is None
        answered, refused = answered + (not is_refused), refused + is_refused
    return len(dates), answered, refused


def question(rng: random.Random) -> tuple[list[str], list[str], Filter | None]:
    """Figures of a segment: seen by it, or of who is in it, or not, beside another condition."""
    measures, by, where = cases.question(rng, MEASURES, {**REACHED, "score": ("customer", SEGMENT)}, FACTS)
    if SEGMENT in by or (where is not None and SEGMENT in fields_of(where)):
        return measures, by, where
    if rng.random() < 0.3:
        return measures, [*by[:1], SEGMENT], where
    inside: Filter = Condition(SEGMENT, rng.choice((Operator.EQ, Operator.NE)), rng.choice(cases.SEGMENTS))
    inside = Not(inside) if rng.random() < 0.3 else inside
    return measures, by, inside if where is None else rng.choice((And, Or))((inside, where))


@pytest.mark.parametrize("part", some(range(PARTS), one_in=PARTS))
def test_segments_of_any_condition_are_followed_and_asked_as_plain_python_does(part: int, tmp_path: Path) -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        counts = [asked_of(seed, published, tmp_path / f"{seed}") for seed in range(part, COMPANIES * PARTS, PARTS)]
    compared, answered, refused = (sum(each) for each in zip(*counts, strict=True))
    assert compared > 30
    assert answered > 15
    assert refused > 5


JANUARY = datetime.fromisoformat("2024-01-11 00:00")
GONE = {"known_until": JANUARY + timedelta(days=9)}  # it was withdrawn
LINES = [line("a", 1, "2024-01-10", "10"), line("b", 2, "2024-01-10", "10", **GONE)]
RULES = membership.Rules("UTC", conditions.Year(1, 1))


@pytest.fixture
def published() -> Iterator[Published]:
    told = [{"customer_id": who, "records": 1, "sources": 1, "kind": "person"} for who in (1, 2, 3)]
    home = [{"customer_id": 1, "territory_id": "t1"}]
    with Engine.in_memory(threads=1) as engine:
        yield Published(engine).add(order_line=LINES, customer=told, customer_territory=home)


def test_who_was_ever_known_can_be_tried_as_a_run_has_it(published: Published) -> None:
    """The only order of the second was withdrawn, and of the third nothing was known before the run."""
    day = date(2024, 2, 1)
    assert membership.tried(published, "orders = 0", RULES, day, None) == ({2}, 2)
    assert membership.tried(published, "orders = 0", RULES, cases.ON, None) == ({2, 3}, 3)


def test_what_is_hidden_of_a_record_is_unknown_neither_null_nor_a_mistake(published: Published) -> None:
    """The numbers of the customers are shown by one right, what they are by another, of which no row is theirs."""
    numbers = Right(reach=EVERYTHING, columns=Names(("*", "!customer.kind")), measures=Names(("*",)))
    kinds = Right(reach=(Area(territories=frozenset({"t2"})),), columns=Names(("*",)), measures=Names(("*",)))
    for said in ("kind = 'person'", "kind is null", "not kind is null"):
        assert membership.tried(published, said, RULES, cases.ON, Scope((numbers, kinds))) == (set(), 3)


BUGS: dict[str, tuple[object, str, Callable[[Any], Any]]] = {
    "a period ends a day late": (events, "expires", lambda told: lambda *asked: told(*asked) + 1),
    "days since are looked at once": (followed, "_ticks", lambda told: lambda *asked: told(*asked)[:1]),
    "old definitions decide of all dates": (follow, "_cut", lambda told: lambda stays, *dates: [*stays]),
    "the year is the calendar's": (follow, "catalogue_in", lambda told: lambda settings: BUILT_IN),
    "blanks in quotes are lost": (language, "evenly_spaced", lambda told: lambda said: " ".join(said.split())),
    "records of nobody are shown": (
        preview,
        "golden",
        lambda told: lambda view, names, reach: told(view, names, EVERYTHING),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_put_in_on_purpose_is_noticed(bug: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place, name, changed = BUGS[bug]
    monkeypatch.setattr(place, name, changed(getattr(place, name)))
    with Engine.in_memory(threads=1) as engine, pytest.raises(AssertionError):
        published = Published(engine)
        for seed in range(60):
            asked_of(seed, published, tmp_path / f"{seed}")


@pytest.mark.slow
def test_thousands_of_conditions(tmp_path: Path) -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(1_000, 1_300):
            asked_of(seed, published, tmp_path / f"{seed}", days=40)
