from datetime import datetime, timedelta

import pytest

from clientela.appdb import users
from clientela.appdb.database import Database
from clientela.appdb.saved import once
from clientela.appdb.saved.once import KEPT, PATIENCE, Answered
from clientela.errors import KeyReusedError, StillAnsweredError

ANSWER = Answered(202, {"job": 7})


@pytest.fixture
def ana(database: Database, now: datetime) -> str:
    with database.change(by="os:root", now=now) as change:
        return users.add(change, "Ana", chance=bytes).user_id


def test_the_first_is_answered_and_the_same_again_gets_its_answer(database: Database, ana: str, now: datetime) -> None:
    assert once.begin(database, ana, "k", "hash", now=now) is None
    once.end(database, ana, "k", ANSWER)
    assert once.begin(database, ana, "k", "hash", now=now + KEPT - timedelta(seconds=1)) == ANSWER
    assert once.begin(database, ana, "k", "hash", now=now + KEPT) is None


def test_something_else_under_the_same_key_is_refused(database: Database, ana: str, now: datetime) -> None:
    once.begin(database, ana, "k", "hash", now=now)
    with pytest.raises(KeyReusedError, match="'k' was sent before, with something else"):
        once.begin(database, ana, "k", "other", now=now)
    once.end(database, ana, "k", ANSWER)
    with pytest.raises(KeyReusedError):
        once.begin(database, ana, "k", "other", now=now)


def test_while_the_first_is_being_answered_the_same_waits(database: Database, ana: str, now: datetime) -> None:
    once.begin(database, ana, "k", "hash", now=now)
    with pytest.raises(StillAnsweredError, match="try again soon"):
        once.begin(database, ana, "k", "hash", now=now)


def test_what_a_killed_server_began_is_answered_anew(database: Database, ana: str, now: datetime) -> None:
    once.begin(database, ana, "k", "hash", now=now)
    assert once.begin(database, ana, "k", "hash", now=now + PATIENCE) is None
    with pytest.raises(StillAnsweredError):
        once.begin(database, ana, "k", "hash", now=now + PATIENCE)


def test_a_key_of_which_nothing_came_is_free_again(database: Database, ana: str, now: datetime) -> None:
    once.begin(database, ana, "k", "hash", now=now)
    once.give_up(database, ana, "k")
    assert once.begin(database, ana, "k", "other", now=now) is None
    once.end(database, ana, "k", ANSWER)
    once.give_up(database, ana, "k")  # too late: it was answered
    assert once.begin(database, ana, "k", "other", now=now) == ANSWER
