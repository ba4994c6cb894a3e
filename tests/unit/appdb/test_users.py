"""Users have one name each; who leaves takes every right with them and stays named."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clientela.appdb import grants, tokens, users
from clientela.appdb.audit.listing import listed
from clientela.appdb.database import Database
from clientela.errors import ExistsError, UnknownNameError, UsageError

ROLES = ("analyst", "sales")


def add(database: Database, now: datetime, chance: users.Chance, *names: str) -> list[users.User]:
    with database.change(by="os:root", now=now) as change:
        return [users.add(change, name, chance=chance) for name in names]


def test_a_user_is_found_by_name_however_capitalised_and_by_id(
    database: Database, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        made = users.add(change, " Ana García ", chance=chance, email="Ana@EXAMPLE.com", language="es")
    with database.reading() as connection:
        assert made == users.named(connection, "ANA GARCÍA") == users.named(connection, made.user_id)
        assert users.names(connection) == {f"user:{made.user_id}": "Ana García"}
    assert (made.name, made.email, made.language, made.active) == ("Ana García", "Ana@example.com", "es", True)


def test_a_name_is_taken_once(database: Database, now: datetime, chance: users.Chance) -> None:
    add(database, now, chance, "Ana")
    with pytest.raises(ExistsError, match="there is already a user 'Ana'; choose another name"):
        add(database, now, chance, "ANA")


def test_an_unknown_user_is_named_with_the_nearest(database: Database, now: datetime, chance: users.Chance) -> None:
    add(database, now, chance, "Ana", "Bob")
    with database.reading() as connection, pytest.raises(UnknownNameError, match=r"Did you mean 'Bob'\?"):
        users.named(connection, "Bib")
    add(database, now, chance, *(f"someone-{number}" for number in range(30)))
    with database.reading() as connection, pytest.raises(UnknownNameError) as raised:
        users.named(connection, "Bib")
    assert "someone" not in str(raised.value)  # of many, only those are said that are near


@pytest.mark.parametrize("name", ["", "  ", "-ana", "ana\nadmin", "a" * 65, "os:\x1b[2J"])
def test_what_cannot_be_a_name_is_refused(database: Database, now: datetime, chance: users.Chance, name: str) -> None:
    with pytest.raises(UsageError, match="visible signs"):
        add(database, now, chance, name)


def test_an_address_or_language_that_cannot_be_one_is_refused_without_repeating_the_address(
    database: Database, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        with pytest.raises(UsageError) as raised:
            users.add(change, "Ana", chance=chance, email="ana(at)example")
        assert str(raised.value) == "the e-mail address cannot be one; write it as name@example.com."
        with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
            users.add(change, "Ana", chance=chance, language="xx")


def test_what_is_given_changes_and_the_rest_stays(database: Database, now: datetime, chance: users.Chance) -> None:
    add(database, now, chance, "Ana", "Bob")
    with database.change(by="os:root", now=now) as change:
        users.alter(change, "Ana", email="ana@example.com")
        changed = users.alter(change, "ana", to="ANA", language="nl", active=False)
        assert (changed.name, changed.email, changed.language, changed.active) == (
            "ANA",
            "ana@example.com",
            "nl",
            False,
        )
        assert users.alter(change, "ana", email="", active=True).email is None
        with pytest.raises(ExistsError):
            users.alter(change, "ana", to="bob")
        with pytest.raises(UsageError, match="nothing to change"):
            users.alter(change, "ana")


def test_who_has_ended_holds_nothing_and_comes_back_no_more(
    database: Database, now: datetime, chance: users.Chance
) -> None:
    add(database, now, chance, "Ana")
    with database.change(by="os:root", now=now) as change:
        grants.give(change, "Ana", "analyst", roles=ROLES, chance=chance)
        tokens.make(change, "Ana", kind="api", chance=chance, lasting=timedelta(days=1))
        ended = users.end(change, "Ana")
    later = now + timedelta(seconds=1)
    with database.reading() as connection:
        assert users.listed(connection) == ()
        assert users.listed(connection, ended=True) == (ended,)
        assert grants.in_force(connection, ended.user_id, later) == ()
        assert [each.ended_by for each in grants.of_user(connection, ended.user_id)] == ["os:root"]
        assert [each.ended_at for each in tokens.of_user(connection, ended.user_id)] == [now]
    with database.change(by="os:root", now=later) as change:
        for act in (
            lambda: users.end(change, "Ana"),
            lambda: users.alter(change, "Ana", active=True),
            lambda: grants.give(change, "Ana", "analyst", roles=ROLES, chance=chance),
            lambda: users.add(change, "Ana", chance=chance),
            lambda: tokens.make(change, "Ana", kind="api", chance=chance, lasting=timedelta(days=1)),
        ):
            with pytest.raises(UsageError):
                act()


def test_who_is_forgotten_is_in_no_file_any_more(database: Database, now: datetime, chance: users.Chance) -> None:
    with database.change(by="os:root", now=now) as change:
        made = users.add(change, "Canary", chance=chance, email="canary@example.com")
        users.add(change, "Other", chance=chance)
        tokens.make(change, "Canary", kind="api", chance=chance, lasting=timedelta(days=1), name="canarys-laptop")
        users.end(change, "Canary")
    with database.change(by="os:root", now=now) as change:
        assert users.end(change, "canary", forget=True).name == f"former-{made.user_id}"
        users.add(change, "Canary-2", chance=chance)  # the name is free, but for this test's search below
        users.alter(change, "Canary-2", to="Free")
        assert users.end(change, "Other", forget=True).email is None
    database.close()  # the last one to close it empties what SQLite wrote ahead
    content = b"".join(path.read_bytes() for path in database.folder.iterdir())
    assert b"anary" not in content


def test_the_log_names_ids_and_never_a_name_or_an_address(
    database: Database, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        made = users.add(change, "Canary", chance=chance, email="canary@example.com")
        users.alter(change, "Canary", to="Canary-2", email="canary-2@example.com")
        grants.give(change, "Canary-2", "sales", roles=ROLES, chance=chance, scope={"accounts": ["canary-account"]})
        users.end(change, "Canary-2")
    with database.reading() as connection:
        assert [each.action for each in listed(connection)] == [
            "user.ended",
            "grant.given",
            "user.changed",
            "user.added",
        ]
        assert all(each.objects[0] == f"user:{made.user_id}" for each in listed(connection))
        said = str(connection.exec_driver_sql("select * from audit").all())
        assert "anary" not in said
        assert "example.com" not in said
