"""Whatever a person's grants are, a figure is what plain Python counts on the rows that they see."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from clientela.contracts.filter import Filter
from clientela.cube.filters import fields_of
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import FACTS, MEASURES, REACHED, of_cube, of_python, publish, same
from tests.access.naive import Person
from tests.unit.cube.published import Published

TREES, QUESTIONS = 200, 50
PARTS = 8


def asked_of(seed: int, questions: int, published: Published) -> tuple[int, int]:
    """How many questions of one company were answered, and how many refused; raises where the two differ."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    tables = cases.company(rng)
    publish(published, tables)
    answered = refused = 0
    for number in range(questions):
        if number % 10 == 0:
            given = cases.grants(rng, tables)
            person, scope = Person(given, tables, cases.ON), cases.scope(given, tables)
        measures, by, where = cases.question(rng, MEASURES, REACHED, FACTS)
        as_of = cases.ON if rng.random() < 0.7 else cases.ON - timedelta(days=rng.randrange(1, 120))
        got = of_cube(published, scope, measures, by, where, as_of)
        expected = of_python(person, tables, measures, by, where, named(by, where), as_of)
        assert same(got, expected, measures), (seed, number, given, measures, by, where, as_of, got, expected)
        answered, refused = answered + (got is not None), refused + (got is None)
    return answered, refused


def named(by: list[str], where: Filter | None) -> list[str]:
    return sorted({*by, *fields_of(where)})


@pytest.mark.parametrize("part", range(PARTS))
def test_a_scoped_figure_is_the_figure_of_the_rows_one_sees(part: int) -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        counts = [asked_of(seed, QUESTIONS, published) for seed in range(part, TREES, PARTS)]
    answered, refused = (sum(each) for each in zip(*counts, strict=True))
    assert answered > 300
    assert refused > 100


@pytest.mark.slow
def test_two_hundred_thousand_scoped_figures() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(1_000, 5_000):
            asked_of(seed, QUESTIONS, published)
