"""Units are a tree, users are in them for a time, and answer for territories, accounts and product lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.appdb import duties, organisation, users
from clientela.appdb.database import Change, Database
from clientela.errors import ExistsError, UnknownNameError, UsageError

DAY = timedelta(days=1)


@pytest.fixture
def change(database: Database, now: datetime, chance: users.Chance) -> Iterator[Change]:
    """A change in a company of two branches, with teams under the first."""
    with database.change(by="os:root", now=now) as change:
        for unit, parent in (("co", None), ("north", "co"), ("south", "co"), ("team-1", "north"), ("team-2", "north")):
            organisation.add_unit(change, unit, name=unit.title(), parent_id=parent)
        for name in ("Ana", "Bob"):
            users.add(change, name, chance=chance)
        yield change


def test_a_unit_holds_all_that_is_under_it(change: Change) -> None:
    assert organisation.below(change.connection, "co") == {"co", "north", "south", "team-1", "team-2"}
    assert organisation.below(change.connection, "north") == {"north", "team-1", "team-2"}
    organisation.move_unit(change, "team-2", parent_id="south")
    assert organisation.below(change.connection, "north") == {"north", "team-1"}
    organisation.move_unit(change, "south", parent_id=None)
    assert organisation.below(change.connection, "co") == {"co", "north", "team-1"}


def test_a_unit_is_never_under_itself(change: Change) -> None:
    for under in ("north", "team-1"):
        with pytest.raises(UsageError, match="a unit cannot be under itself"):
            organisation.move_unit(change, "north", parent_id=under)


def test_unknown_units_and_what_cannot_be_one_are_refused(change: Change) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown unit 'nord'; .* Did you mean 'north'\?"):
        organisation.add_unit(change, "team-3", name="Third", parent_id="nord")
    with pytest.raises(ExistsError, match="there is already a unit 'north'"):
        organisation.add_unit(change, "north", name="North")
    with pytest.raises(UsageError, match="cannot be a unit's id"):
        organisation.add_unit(change, "the north", name="North")
    with pytest.raises(UsageError, match="needs a name"):
        organisation.add_unit(change, "n", name="\x1b")


def test_who_is_in_a_unit_is_in_what_is_above_it_for_that_time(change: Change, now: datetime) -> None:
    organisation.join(change, "Ana", "team-1")
    organisation.join(change, "Bob", "south", valid_from=now + DAY, valid_to=now + 3 * DAY)
    ana, bob = (users.named(change.connection, name).user_id for name in ("Ana", "Bob"))

    def members(unit: str, days: int) -> set[str]:
        return {each.user_id for each in organisation.members(change.connection, now + days * DAY, unit_id=unit)}

    assert [members("co", days) for days in range(4)] == [{ana}, {ana, bob}, {ana, bob}, {ana}]
    assert members("north", 1) == {ana}
    change.now = now + DAY
    organisation.leave(change, "Ana", "team-1")
    assert members("team-1", 0) == {ana}
    assert members("team-1", 1) == set()
    organisation.join(change, "Ana", "team-1")
    with pytest.raises(ExistsError, match="'Ana' is in 'team-1' at that time already"):
        organisation.join(change, "Ana", "team-1", valid_from=now + 9 * DAY)
    with pytest.raises(UsageError, match="'Bob' is not in 'team-1'"):
        organisation.leave(change, "Bob", "team-1")
    with pytest.raises(UsageError, match="over before it begins"):
        organisation.join(change, "Bob", "north", valid_from=now, valid_to=now)


def test_users_answer_for_what_they_were_given_until_it_is_taken(change: Change, now: datetime) -> None:
    ana = users.named(change.connection, "Ana").user_id
    duties.answer_for(change, "Ana", "territory", ["t-1", "t-2"])
    duties.answer_for(change, "Ana", "territory", ["t-2", "t-3"], valid_to=now + 2 * DAY)
    duties.answer_for(change, "Ana", "account", ["4711"])

    def held(days: int) -> list[tuple[str, str]]:
        found = duties.responsibilities(change.connection, ana, now + days * DAY)
        return [(each.kind, each.object_id) for each in found]

    assert held(0) == [("account", "4711"), ("territory", "t-1"), ("territory", "t-2"), ("territory", "t-3")]
    assert held(2) == [("account", "4711"), ("territory", "t-1"), ("territory", "t-2")]
    change.now = now + DAY
    assert duties.answer_no_longer(change, "Ana", "territory", ["t-1", "t-9"]) == 1
    assert held(1) == [("account", "4711"), ("territory", "t-2"), ("territory", "t-3")]
    assert len(held(0)) == 4
    with pytest.raises(UsageError, match="unknown kind of responsibility"):
        duties.answer_for(change, "Ana", "planet", ["x"])  # type: ignore[arg-type]  # that is what is tested


def test_a_user_has_their_own_objectives_and_those_of_every_unit_above(
    change: Change, now: datetime, chance: users.Chance
) -> None:
    organisation.join(change, "Ana", "team-1")
    ana, bob = (users.named(change.connection, name).user_id for name in ("Ana", "Bob"))
    duties.set_objective(change, "Own", chance=chance, user="Ana", measure="revenue", territory_id="t-1")
    above = duties.set_objective(change, "Company", chance=chance, unit_id="co", campaign_id="spring")
    duties.set_objective(change, "South", chance=chance, unit_id="south", campaign_id="autumn")

    def names(user_id: str, at: datetime) -> set[str]:
        return {each.name for each in duties.objectives(change.connection, user_id, at)}

    assert names(ana, now) == {"Own", "Company"}
    assert names(bob, now) == set()
    change.now = now + DAY
    duties.end_objective(change, above.objective_id)
    assert names(ana, now + DAY) == {"Own"}
    with pytest.raises(UsageError, match="no objective"):
        duties.end_objective(change, above.objective_id)
    for more in (
        {"user": "Ana", "unit_id": "co", "measure": "revenue"},
        {"measure": "revenue"},
        {"user": "Ana"},
        {"unit_id": "nowhere", "measure": "revenue"},
    ):
        with pytest.raises(UsageError):
            duties.set_objective(change, "Wrong", chance=chance, **more)


@settings(max_examples=25)
@given(parents=st.lists(st.integers(0, 30), min_size=1, max_size=12), asked=st.integers(0, 12))
def test_below_is_what_a_walk_over_the_tree_finds(
    parents: list[int], asked: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sqlalchemy import create_engine

    from clientela.appdb.tables import METADATA, UNIT

    tree = {str(n + 1): str(parent % (n + 1)) for n, parent in enumerate(parents)} | {"0": None}
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        rows = [{"unit_id": unit, "name": unit, "parent_id": parent} for unit, parent in tree.items()]
        connection.execute(UNIT.insert(), rows)
        start = str(asked % len(tree))
        found = organisation.below(connection, start)
    engine.dispose()

    def reaches(unit: str | None) -> bool:
        return unit is not None and (unit == start or reaches(tree[unit]))

    assert found == {unit for unit in tree if reaches(unit)}
