"""A world says what it is made of, and what cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from clientela.testing.company.world import ImpossibleWorldError, World


def test_all_that_is_wrong_with_a_world_is_said_at_once() -> None:
    with pytest.raises(ImpossibleWorldError) as said:
        World(customers=0, returned=1.5, begins=date(2024, 1, 2))
    assert str(said.value) == (
        "no such world: customers = 0, it is 1 or more, and whole; returned = 1.5, it is a share from 0 to 1; "
        "begins = 2024-01-02, it is a Monday."
    )


@pytest.mark.parametrize(
    "wrong",
    [{"season": 1.0}, {"process": "poisson"}, {"lines": 0.5}, {"rate_weeks": 0}, {"weeks": 1.5}, {"fatigue": -0.1}],
    ids=str,
)
def test_a_world_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ImpossibleWorldError, match=f"{next(iter(wrong))} = "):
        World(**wrong)  # type: ignore[arg-type]


def test_a_plain_world_has_what_is_asked_for_and_nothing_else() -> None:
    world = World.plain(returned=0.1)
    assert world.returned == 0.1
    assert (world.season, world.december, world.promotions, world.anonymous, world.response) == (0, 0, 0, 0, 0)
    assert (world.lines, world.pieces, world.spend_spread) == (1, 1, 0)


def test_a_world_ends_after_its_weeks() -> None:
    assert World(begins=date(2023, 1, 2), weeks=156).ends == date(2025, 12, 29)


def test_the_second_world_is_not_pareto_nbd_and_has_a_shock() -> None:
    world = World.second(customers=5, shock=0.5)
    assert (world.process, world.shock, world.customers) == ("erlang", 0.5, 5)
    assert 0 < World.second().shock_begins < World().weeks - World().shock_weeks
    assert World().shock == 0
