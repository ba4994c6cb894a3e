"""Tops with their rest, shares, running totals and periods before are of the rows that a person sees, too.

Half of the questions are answered from roll-ups, some are of a measure that the company declared itself.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from clientela.contracts.analysis import Result
from clientela.cube.declared.own.measures import adds_over
from clientela.cube.explore import Wanted, explore
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from clientela.cube.rollup import cover
from clientela.warehouse.engine import Engine
from tests.access import beside, cases
from tests.access.compare import LAPSE_DAYS, MIDNIGHT, publish
from tests.access.naive import Given
from tests.oracle.asking import differs
from tests.unit.cube.published import Published, line, reference


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


FOOD = [reference(product_id=each, name=each, category="food") for each in ("p1", "p3")]
SOLD = [
    *(line(f"a{each}", 3, "2024-01-10", "10", product_id="p1") for each in range(4)),
    line("b", 3, "2024-01-11", "7", product_id="p3", kind="return"),
    line("c", 2, "2024-01-12", "5", product_id="p1"),
]
BY_PRODUCT = Given(("*",), ("*",), False, {"customer": ("3",)})
BY_CATEGORY = Given(("product.*",), ("*",), False, {"customer": ("2",)})


def told_by_product() -> Result:
    """Orders and their share by category and product, for somebody who sees one more order by its category only."""
    tables = {"territory": [], "customer_territory": [], "product": FOOD, "order_line": SOLD}
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine).add(**tables)
        kb = knowledge(
            engine, snapshot="1", tables=frozenset(published.tables), people=None, currency="EUR", timezone="UTC",
            lapse_days=LAPSE_DAYS, run_as_of=cases.ON, run_known_at=MIDNIGHT,
            scope=cases.scope([BY_PRODUCT, BY_CATEGORY], tables),
        )  # fmt: skip
        assert kb.query(["orders"], ["category"]).rows == (("food", 5),)
        return explore(kb, ["orders"], ["category", "product_id"], wanted=Wanted(share=True)).result


def test_a_share_is_of_the_rows_that_its_parts_are_of() -> None:
    """Four of five would be true of nothing: all that is seen by product is of p1, and so is the fifth order."""
    told = told_by_product()
    assert told.rows == (("food", "p1", 4, 1), ("food", "p3", 0, 0))
    assert told.totals == (None, None, 4, 1)


def test_a_parent_of_more_than_its_parts_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    query = SnapshotKnowledge.query

    def of_what_itself_shows(kb: SnapshotKnowledge, *asked: Any, seen_with: object = (), **more: Any) -> Result:
        return query(kb, *asked, **more)

    monkeypatch.setattr(SnapshotKnowledge, "query", of_what_itself_shows)
    assert told_by_product().rows[0][3] == Decimal("0.8")
    with Engine.in_memory(threads=1) as engine, pytest.raises(AssertionError):
        asked_of(1233, 5, Published(engine))


@pytest.mark.slow
def test_ten_thousand_questions_with_something_beside() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(1_000, 1_250):
            asked_of(seed, 40, published)


def test_the_company_s_own_measure_adds_up() -> None:
    assert all(adds_over(beside.CATALOGUE.measures[beside.OWN], beside.CATALOGUE.measures))
