"""Random questions to the cube are answered as SQL by hand answers them; published figures stay what they were.

The SQL is written from the definitions of the reference over the rows that were delivered (`sql`, `dictionary`), the
cube answers from the snapshot that a run made of their files. Both look as of any date, as known at any moment.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.measure import MEASURES
from tests.oracle import dictionary
from tests.oracle.asking import built, differs, opened
from tests.oracle.beside import Expected, expected
from tests.oracle.company import World, world
from tests.oracle.published import published
from tests.oracle.questions import Question, question
from tests.oracle.sql import Oracle, oracle

# What no question here asks for, and where it is compared instead.
NOT_ASKED = {
    **dict.fromkeys(
        ("segment", "segment_members"), "tests/pipeline/test_segments.py: what is in a segment is said there"
    ),
    **dict.fromkeys(
        ("rfm_group", "cluster", "life_state", "buyers_of_cohort", "first_month", "months_since_first"),
        "tests/pipeline/test_groups.py: groups and cohorts are counted by hand there",
    ),
    **dict.fromkeys(
        (
            "investment_tier",
            "customers_in_tiers",
            "customers_sure_of_tier",
            "margin_at_stake",
            "margin_from_actions",
        ),
        "tests/unit/analyse/tiers/test_answer.py: tiers are counted by hand there",
    ),
    **dict.fromkeys(
        (
            *("margin_to_come_contracts", "margin_to_come_orders", "margin_to_come_holders", "services_held"),
            *("contract_holders", "contract_holders_ordering", "contracts_valued"),
        ),
        "tests/unit/analyse/services/test_across.py: orders and contracts are added up there, to the cent",
    ),
    **dict.fromkeys(
        (
            *("customer_class", "class_before", "sector", "payment_terms", "wallet_category"),
            *("wallet", "wallet_customers", "wallet_spent", "share_of_wallet"),
            *("room_to_grow", "room_to_grow_low", "room_to_grow_high"),
        ),
        "tests/pipeline/test_wallet_class_satisfaction.py: classes and wallets are added up there",
    ),
    **dict.fromkeys(
        ("profit", "shared_cost", "unallocated_cost", "pool", "cost_line", "allocation", "driver", "rule_version"),
        "tests/pipeline/test_customer_profit.py: what is shared out is added up there, to the cent",
    ),
    **dict.fromkeys(
        ("team", "division", "agent_team", "agent_division"), "who works where is in the app database, not here"
    ),
}


@dataclass(frozen=True)
class Company:
    """A company after its deliveries; ``told``: what was published on the way, each with the answer of then."""

    folder: Path
    made: World
    deliveries: int
    told: list[tuple[Question, Expected]]

    def oracle(self) -> Oracle:
        return oracle(self.made, self.deliveries, self.folder / "snapshots")


def company(folder: Path, seed: int, *, honest: bool, deliveries: int, figures: int) -> Company:
    made, told = world(seed, honest=honest), []
    for number, _ in enumerate(built(folder, made, deliveries)):
        if number < deliveries - 1:
            told += published(folder, seed, number, figures)
    return Company(folder, made, deliveries, told)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("oracle") / "w", 1, honest=True, deliveries=2, figures=60)


@pytest.fixture(scope="module", params=(11, 12, 13), ids=str)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    yield company(
        tmp_path_factory.mktemp("oracle") / "w", request.param, honest=request.param % 2 == 1, deliveries=4, figures=350
    )


def test_sql_by_hand_knows_every_measure_and_every_dimension() -> None:
    assert {*dictionary.MEASURES, *NOT_ASKED} >= {*MEASURES}
    asked = {name for _, dimensions in dictionary.FACTS.values() for name in dimensions}
    assert asked | {*NOT_ASKED} >= {*DIMENSIONS}


def test_the_customers_are_the_people_there_are(small: Company) -> None:
    found: dict[Any, set[str]] = {}
    for key, who in small.oracle().customers.items():
        found.setdefault(who, set()).add(small.made.same[key])
    assert all(len(people) == 1 for people in found.values())
    assert len(found) == len(set(small.made.same.values()))


def test_some_answers_were_counted_beforehand(small: Company) -> None:
    with opened(small.folder) as product:
        assert len(product.served.snapshot.manifest["rollups"]) > 3


def asked(made: Company, seed: int, questions: int) -> int:
    """How many rows the answers had; raises where the two differ."""
    by_hand, rng, rows = made.oracle(), random.Random(seed), 0  # noqa: S311 -- repeatable cases, no secret
    customers = sorted(set(by_hand.customers.values()))
    with opened(made.folder) as product:
        for number in range(questions):
            one = question(rng, customers, product.last)
            got, looked = product.answer(one)
            difference = differs(got, expected(by_hand, one, looked), one)
            assert not difference, (seed, number, one, looked, difference)
            rows += len(got.rows)
    return rows


def test_the_cube_answers_as_sql_by_hand_does(small: Company) -> None:
    assert asked(small, 1, 80) > 400


@pytest.mark.slow
def test_a_thousand_questions_are_answered_as_sql_by_hand_does(large: Company) -> None:
    assert asked(large, large.made.seed, 1_000) > 10_000


def again(made: Company) -> int:
    """How many of the published figures are told as they were, to the last bit; raises where one is not."""
    with opened(made.folder) as product:
        for one, then in made.told:
            now, _ = product.answer(one)
            assert now == then, one
    return len(made.told)


def test_published_figures_asked_again_as_known_then_are_the_same(small: Company) -> None:
    assert again(small) == 60


def test_what_was_delivered_since_changed_published_figures(small: Company) -> None:
    """Else the test above would hold for a cube that forgets what moment it is asked for."""
    with opened(small.folder) as product:
        changed = sum(product.answer(known_now(one, product))[0] != then for one, then in small.told)
    assert changed > 15


def known_now(one: Question, product: Any) -> Question:
    return Question(one.names, one.by, one.where, one.wanted, one.order, one.limit, one.as_of, product.last.known_at)


@pytest.mark.slow
def test_a_thousand_published_figures_asked_again_are_the_same(large: Company) -> None:
    if not large.made.honest:
        pytest.skip("here systems change what they say they knew")
    assert again(large) >= 1_000
