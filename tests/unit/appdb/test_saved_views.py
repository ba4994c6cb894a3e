"""A view under a name is one's own, or shared; nobody changes another's."""

from __future__ import annotations

from datetime import datetime

import pytest

from clientela.appdb import organisation, tokens, users
from clientela.appdb.audit.listing import listed
from clientela.appdb.database import Database
from clientela.appdb.saved import views
from clientela.errors import ExistsError, NotPermittedError, UnknownNameError, UsageError


@pytest.fixture
def people(database: Database, now: datetime, chance: users.Chance) -> tuple[str, str]:
    with database.change(by="os:root", now=now) as change:
        return users.add(change, "Ana", chance=chance).user_id, users.add(change, "Bea", chance=chance).user_id


def save(database: Database, now: datetime, chance: users.Chance, user: str, name: str, *, shared: bool) -> views.Saved:
    with database.change(by=f"user:{user}", now=now) as change:
        return views.save(
            change, user, page="explore", name=name, question="measures=revenue", shared=shared, chance=chance
        )


def test_a_list_holds_ones_own_views_and_those_that_are_shared(
    database: Database, now: datetime, chance: users.Chance, people: tuple[str, str]
) -> None:
    ana, bea = people
    save(database, now, chance, ana, "Mine", shared=False)
    save(database, now, chance, ana, "Ours", shared=True)
    with database.reading() as connection:
        assert [each.name for each in views.listed(connection, ana, "explore")] == ["Mine", "Ours"]
        assert [(each.name, each.owner) for each in views.listed(connection, bea, "explore")] == [("Ours", "Ana")]


def test_a_name_is_taken_once_whatever_its_capitals(
    database: Database, now: datetime, chance: users.Chance, people: tuple[str, str]
) -> None:
    save(database, now, chance, people[0], "Revenue", shared=False)
    with pytest.raises(ExistsError, match="you have a view 'REVENUE' already"):
        save(database, now, chance, people[0], "REVENUE", shared=False)
    save(database, now, chance, people[1], "Revenue", shared=False)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b"])
def test_a_name_must_be_one(
    database: Database, now: datetime, chance: users.Chance, people: tuple[str, str], name: str
) -> None:
    with pytest.raises(UsageError, match="a view's name has 1 to 80 visible signs"):
        save(database, now, chance, people[0], name, shared=False)


def test_another_neither_changes_nor_finds_what_is_not_shared(
    database: Database, now: datetime, chance: users.Chance, people: tuple[str, str]
) -> None:
    ana, bea = people
    shared = save(database, now, chance, ana, "Ours", shared=True)
    private = save(database, now, chance, ana, "Mine", shared=False)
    with database.change(by="os:root", now=now) as change:
        with pytest.raises(NotPermittedError):
            views.remove(change, bea, shared.view_id)
        with pytest.raises(NotPermittedError):
            views.alter(change, bea, shared.view_id, name="Hers")
        with pytest.raises(UnknownNameError):
            views.remove(change, bea, private.view_id)


def test_a_session_shows_another_view_and_its_own_again(
    database: Database, now: datetime, chance: users.Chance, people: tuple[str, str]
) -> None:
    from datetime import timedelta

    ana, bea = people
    with database.change(by=f"user:{ana}", now=now) as change:
        made = tokens.make(change, ana, kind="session", chance=chance, lasting=timedelta(hours=1)).token
        assert tokens.view_as(change, made.token_id, bea).viewing_as == bea
        assert tokens.view_as(change, made.token_id, None).viewing_as is None
        with pytest.raises(UsageError, match="your own view"):
            tokens.view_as(change, made.token_id, ana)
        users.alter(change, bea, active=False)
        with pytest.raises(UsageError, match="not active"):
            tokens.view_as(change, made.token_id, bea)
        key = tokens.make(change, ana, kind="api", chance=chance, lasting=timedelta(hours=1)).token
        with pytest.raises(UsageError, match="no session"):
            tokens.view_as(change, key.token_id, bea)
    with database.reading() as connection:
        told = [each.action for each in listed(connection, action="session")]
    assert told == ["session.view-as-ended", "session.view-as"]


def test_the_log_is_read_page_by_page_and_up_to_a_moment(
    database: Database, now: datetime, people: tuple[str, str]
) -> None:
    with database.reading() as connection:
        first = listed(connection, limit=1)
        assert [each.seq for each in listed(connection, before=first[0].seq)] == [1]
        assert listed(connection, until=now) == ()


def test_a_unit_is_renamed_and_keeps_its_id(database: Database, now: datetime) -> None:
    with database.change(by="os:root", now=now) as change:
        organisation.add_unit(change, "north", name="North")
        organisation.rename_unit(change, "north", name="Team North")
        assert organisation.units(change.connection)[0].name == "Team North"
        with pytest.raises(UsageError):
            organisation.rename_unit(change, "north", name=" ")
