import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clientela.appdb import users
from clientela.appdb.database import Database
from clientela.appdb.entry import links
from clientela.errors import LinkError, UsageError

Chance = Callable[[int], bytes]


def made(database: Database, now: datetime, chance: Chance, name: str = "Ana") -> str:
    with database.change(by="test:one", now=now) as change:
        if not users.is_known(change.connection, name):
            users.add(change, name, chance=chance)
        return links.for_user(change, name, chance=chance)


def test_a_link_is_kept_as_a_hash_alone(database: Database, now: datetime, chance: Chance) -> None:
    text = made(database, now, chance)
    assert text.startswith("cll_") and len(text) == 47
    assert text.encode() not in database.path.read_bytes()


def test_it_is_spent_in_the_transaction_that_uses_it(database: Database, now: datetime, chance: Chance) -> None:
    text = made(database, now, chance)
    with pytest.raises(RuntimeError), database.change(by="test:one", now=now) as change:
        links.spend(change, text)
        raise RuntimeError  # what it was for failed: the link is as good as before
    with database.change(by="test:one", now=now) as change:
        links.spend(change, text)
    with pytest.raises(LinkError), database.change(by="test:one", now=now) as change:
        links.spend(change, text)


def test_of_many_who_use_it_at_once_one_does(database: Database, now: datetime, chance: Chance) -> None:
    text, spent = made(database, now, chance), []

    def use() -> None:
        try:
            with database.change(by="test:one", now=now) as change:
                spent.append(links.spend(change, text))
        except LinkError:
            pass

    threads = [threading.Thread(target=use) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(spent) == 1


def test_it_is_too_old_after_a_quarter_of_an_hour(database: Database, now: datetime, chance: Chance) -> None:
    text = made(database, now, chance)
    with database.reading() as connection:
        assert links.found(connection, text, now + timedelta(minutes=14, seconds=59)).user_id is not None
        for wrong, moment in ((text, now + timedelta(minutes=15)), (text + "x", now), ("", now)):
            with pytest.raises(LinkError):
                links.found(connection, wrong, moment)


def test_the_first_link_is_for_a_workspace_without_users(database: Database, now: datetime, chance: Chance) -> None:
    with database.change(by="test:one", now=now) as change:
        first, second = (links.for_first(change, chance=chance) for _ in range(2))
    assert first is not None and second is not None
    with database.reading() as connection, pytest.raises(LinkError):
        links.found(connection, first, now)  # the second took its place
    made(database, now, chance)
    with database.change(by="test:one", now=now) as change:
        assert links.for_first(change, chance=chance) is None
        with pytest.raises(LinkError, match="users already"):
            links.spend(change, second)


def test_who_is_not_active_gets_no_link_and_uses_none(database: Database, now: datetime, chance: Chance) -> None:
    text = made(database, now, chance)
    with database.change(by="test:one", now=now) as change:
        users.alter(change, "Ana", active=False)
        with pytest.raises(UsageError, match="not active"):
            links.for_user(change, "Ana", chance=chance)
        with pytest.raises(LinkError):
            links.spend(change, text)
