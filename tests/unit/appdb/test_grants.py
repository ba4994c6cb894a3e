"""A role is held within a scope, from a moment to before another, until it is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clientela.appdb import grants, users
from clientela.appdb.database import Database
from clientela.errors import UnknownNameError, UsageError

DAY = timedelta(days=1)
ROLES = ("analyst", "finance", "sales")


@pytest.fixture
def ana(database: Database, now: datetime, chance: users.Chance) -> users.User:
    with database.change(by="os:root", now=now) as change:
        return users.add(change, "Ana", chance=chance)


def roles(database: Database, who: users.User, at: datetime) -> list[str]:
    with database.reading() as connection:
        return [each.role for each in grants.in_force(connection, who.user_id, at)]


def test_a_grant_holds_in_its_time(database: Database, ana: users.User, now: datetime, chance: users.Chance) -> None:
    with database.change(by="os:root", now=now) as change:
        given = grants.give(
            change,
            "ana",
            "sales",
            roles=ROLES,
            chance=chance,
            scope={"territories": ["south", "north", "south"], "product_lines": ["wine"]},
            valid_from=now + DAY,
            valid_to=now + 3 * DAY,
        )
    assert given.scope == {"product_lines": ("wine",), "territories": ("north", "south")}
    held = {days: roles(database, ana, now + days * DAY) for days in range(4)}
    assert held == {0: [], 1: ["sales"], 2: ["sales"], 3: []}


def test_a_grant_that_was_taken_back_holds_from_then_on_no_more(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        first, _, third = (
            grants.give(change, "ana", role, roles=ROLES, chance=chance) for role in ("sales", "sales", "finance")
        )
    assert roles(database, ana, now) == ["sales", "sales", "finance"] or len(roles(database, ana, now)) == 3
    with database.change(by="os:boss", now=now + DAY) as change:
        [ended] = grants.revoke(change, "ana", grant_id=first.grant_id)
        assert (ended.ended_at, ended.ended_by, ended.in_force(now + DAY)) == (now + DAY, "os:boss", False)
        assert len(grants.revoke(change, "ana", role="sales")) == 1
    assert roles(database, ana, now + DAY) == ["finance"]
    with database.change(by="os:boss", now=now + DAY) as change:
        with pytest.raises(UsageError, match=rf"'Ana' holds no role 'sales'; held: finance \({third.grant_id}\)"):
            grants.revoke(change, "ana", role="sales")
        assert len(grants.revoke(change, "ana")) == 1
    assert roles(database, ana, now + DAY) == []


def test_who_is_kept_out_for_a_while_holds_their_grants_again_afterwards(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        grants.give(change, "ana", "sales", roles=ROLES, chance=chance)
        users.alter(change, "ana", active=False)
    assert roles(database, ana, now) == []
    with database.change(by="os:root", now=now) as change:
        users.alter(change, "ana", active=True)
    assert roles(database, ana, now) == ["sales"]


def test_what_cannot_be_granted_is_refused(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    with database.change(by="os:root", now=now) as change:
        with pytest.raises(UnknownNameError, match=r"unknown role 'analist'; .* Did you mean 'analyst'\?"):
            grants.give(change, "ana", "analist", roles=ROLES, chance=chance)
        with pytest.raises(UnknownNameError, match="unknown role 'sales'; known: 'seller'"):
            grants.give(change, "ana", "sales", roles=["seller"], chance=chance)
        with pytest.raises(UnknownNameError, match="unknown user 'bob'"):
            grants.give(change, "bob", "sales", roles=ROLES, chance=chance)
        for valid_from, valid_to in ((None, now), (now + DAY, now + DAY), (now - 2 * DAY, now - DAY)):
            with pytest.raises(UsageError, match="over before it begins, or is over already"):
                grants.give(
                    change, "ana", "sales", roles=ROLES, chance=chance, valid_from=valid_from, valid_to=valid_to
                )
        for scope in ({"territories": []}, {"territories": [" "]}, {"Territory": ["a"]}, {"accounts": ["\x1b[2J"]}):
            with pytest.raises(UsageError, match="must name at least one id"):
                grants.give(change, "ana", "sales", roles=ROLES, chance=chance, scope=scope)
    assert roles(database, ana, now) == []
