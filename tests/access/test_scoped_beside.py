"""Tops with their rest, shares, running totals and periods before are of the rows that a person sees, too.

Half of the questions are answered from roll-ups, some are of a measure that the company declared itself.
"""

from __future__ import annotations

import random

import pytest

from clientela.cube.declared.own.measures import adds_over
from clientela.cube.rollup import cover
from clientela.warehouse.engine import Engine
from tests.access import beside, cases
from tests.access.compare import publish
from tests.oracle.asking import differs
from tests.unit.cube.published import Published


def asked_of(seed: int, questions: int, published: Published) -> tuple[int, int]:
    """How many questions of one company were answered, and how many refused; raises where the two differ."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    tables = cases.company(rng)
    publish(published, tables)
    beforehand = beside.rollups(published)
    answered = refused = 0
    for number in range(questions):
        if number % 10 == 0:
            given = cases.grants(rng, tables)
            scope = cases.scope(given, tables)
        asked = beside.question(rng)
        got = beside.of_cube(published, beforehand if number % 2 else (), scope, asked)
        wanted = beside.of_python_beside(given, tables, asked)
        assert (got is None) is (wanted is None), (seed, number, given, asked, got, wanted)
        if got is None or wanted is None:
            refused += 1
            continue
        difference = differs(got, wanted, asked)
        assert not difference, (seed, number, given, asked, difference)
        answered += 1
    return answered, refused


def test_what_stands_beside_scoped_figures_is_of_the_rows_one_sees() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        counts = [asked_of(seed, 20, published) for seed in range(12)]
    answered, refused = (sum(each) for each in zip(*counts, strict=True))
    assert answered > 60
    assert refused > 20


def test_a_roll_up_read_past_what_one_sees_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "_within", lambda rollup, reach, bound: None)
    with Engine.in_memory(threads=1) as engine, pytest.raises(AssertionError):
        published = Published(engine)
        for seed in range(12):
            asked_of(seed, 20, published)


@pytest.mark.slow
def test_ten_thousand_questions_with_something_beside() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(1_000, 1_250):
            asked_of(seed, 40, published)


def test_the_company_s_own_measure_adds_up() -> None:
    assert all(adds_over(beside.CATALOGUE.measures[beside.OWN], beside.CATALOGUE.measures))
