"""A token is shown once, kept as a hash, and opens nothing once it has expired or ended."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest

from clientela.appdb import tokens, users
from clientela.appdb.database import Database
from clientela.errors import TokenError, UsageError

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(database: Database, now: datetime, chance: users.Chance) -> users.User:
    with database.change(by="os:root", now=now) as change:
        return users.add(change, "Ana", chance=chance)


def make(database: Database, now: datetime, chance: users.Chance, **more: object) -> tokens.Made:
    told: dict[str, object] = {"kind": "api", "chance": chance, "lasting": 10 * HOUR, **more}
    with database.change(by="os:root", now=now) as change:
        return tokens.make(change, "ana", **told)  # type: ignore[arg-type]  # as a call spells them out


def test_the_token_is_nowhere_in_the_files(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    made = make(database, now, chance, name="script")
    assert made.text.startswith("cla_")
    assert len(made.text) == 4 + 43  # 256 bits
    content = b"".join(path.read_bytes() for path in database.folder.iterdir())
    assert made.text[4:].encode() not in content
    assert hashlib.sha256(made.text.encode()).hexdigest().encode() in content


def test_a_token_is_good_until_it_expires(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    made = make(database, now, chance, name="script", permissions=["query", "export", "query"])
    used = tokens.used(database, made.text, now=now + 9 * HOUR, permission="query")
    assert (used.user_id, used.permissions) == (ana.user_id, ("export", "query"))
    with pytest.raises(TokenError, match="the token script does not permit 'erase'"):
        tokens.used(database, made.text, now=now, permission="erase")
    with pytest.raises(TokenError, match="the token script expired on 2026-11-22 at 22:00 UTC; make a new") as raised:
        tokens.used(database, made.text, now=now + 10 * HOUR)
    assert raised.value.exit_code == 6
    with pytest.raises(TokenError, match="the token is not known"):
        tokens.used(database, made.text + "x", now=now)


def test_a_session_ends_when_nobody_used_it(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    made = make(database, now, chance, kind="session", idle=30 * MINUTE)
    for minutes in (29, 58, 87):
        tokens.used(database, made.text, now=now + minutes * MINUTE)
    with pytest.raises(TokenError, match="expired on 2026-11-22 at 13:57"):
        tokens.used(database, made.text, now=now + 117 * MINUTE)


def test_the_last_use_is_noted_once_a_minute(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    made = make(database, now, chance)
    for seconds in (0, 10, 59, 61):
        tokens.used(database, made.text, now=now + timedelta(seconds=seconds))
    with database.reading() as connection:
        [token] = tokens.of_user(connection, ana.user_id)
    assert token.last_used_at == now + timedelta(seconds=61)


def test_what_was_ended_opens_nothing(database: Database, ana: users.User, now: datetime, chance: users.Chance) -> None:
    first, second = make(database, now, chance), make(database, now, chance)
    with database.change(by="os:root", now=now) as change:
        tokens.end(change, first.token.token_id)
        tokens.end(change, first.token.token_id)
        with pytest.raises(UsageError, match="there is no token 'x'"):
            tokens.end(change, "x")
    with pytest.raises(TokenError, match="was ended on 2026-11-22 at 12:00 UTC"):
        tokens.used(database, first.text, now=now)
    with database.change(by="os:root", now=now) as change:
        assert tokens.end_all(change, user_id=ana.user_id) == 1
        assert tokens.end_all(change) == 0
    with pytest.raises(TokenError, match="was ended"):
        tokens.used(database, second.text, now=now)


def test_a_user_who_is_kept_out_is_kept_out_with_every_token(
    database: Database, ana: users.User, now: datetime, chance: users.Chance
) -> None:
    made = make(database, now, chance)
    with database.change(by="os:root", now=now) as change:
        users.alter(change, "ana", active=False)
    with pytest.raises(TokenError, match="of a user who is not active"):
        tokens.used(database, made.text, now=now)
    with pytest.raises(UsageError, match="is not active and gets no token"):
        make(database, now, chance)


@pytest.mark.parametrize("more", [{"lasting": timedelta(0)}, {"idle": timedelta(0)}])
def test_a_token_of_no_duration_is_refused(
    database: Database, ana: users.User, now: datetime, chance: users.Chance, more: dict[str, timedelta]
) -> None:
    with pytest.raises(UsageError, match="must last for some time"):
        make(database, now, chance, **more)
