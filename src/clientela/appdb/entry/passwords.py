"""Passwords: kept only as argon2id of them; which ones are accepted; whether one is right, in the same time for all.

A password has at least twelve signs, and is neither of the few that everybody tries, nor the user's name, nor one made
of a handful of signs. No sign is asked for and none forbidden: length is what helps.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from clientela.appdb import users
from clientela.appdb.database import Change, Database
from clientela.appdb.tables import PASSWORD, USER
from clientela.contracts.text import text
from clientela.errors import UsageError

SHORTEST = 12
LONGEST = 256
_FEWEST_SIGNS = 5  # that differ
_FEWEST_BESIDE = 6  # beside what everybody tries
_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB and an eighth of a second
_COMMON = (
    "password",
    "passw0rd",
    "contraseña",
    "contrasena",
    "qwertyuiop",
    "asdfghjkl",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "letmein",
    "iloveyou",
    "administrator",
    "changeme",
    "welcome",
    "bienvenido",
    "clientela",
    "secret",
    "abcdefghij",
    "0123456789",
    "1234567890",
    "123456789",
    "9876543210",
)


def set_password(change: Change, name: str, password: str) -> None:
    """Give a user, who must be active, this password from now on.

    Raises
    ------
    UsageError
        It is too short, too long or too easily guessed, or the user is not active.
    """
    user = users.named(change.connection, name)
    if not user.active:
        raise UsageError(f"'{user.name}' is not active and gets no password.")
    refuse_weak(password, user.name)
    with _AT_ONCE:
        hashed = _hasher().hash(_plain(password))
    row = {"user_id": user.user_id, "hash": hashed, "made_at": change.now}
    keep = insert(PASSWORD).values(row)
    change.connection.execute(
        keep.on_conflict_do_update(index_elements=["user_id"], set_={"hash": hashed, "made_at": change.now})
    )
    change.audit("password.set", user.actor)


def refuse_weak(password: str, name: str) -> None:
    """Refuse a password that would be guessed.

    Raises
    ------
    UsageError
        It is too short or too long, one of the first that are tried, or the user's name.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise UsageError(
            text("a password has at least {n} signs; three or four words that you like will do.", n=SHORTEST)
        )
    if len(password) > LONGEST:
        raise UsageError(text("a password has at most {n} signs; take a shorter one.", n=LONGEST))
    low = plain.casefold()
    bare = low
    for word in (*_COMMON, users.key_of(name)):
        bare = bare.replace(word, "")
    if len(set(low)) < _FEWEST_SIGNS or len(bare) < _FEWEST_BESIDE:
        raise UsageError(
            text("this password is one of the first that are tried; three or four words that you like will do.")
        )


def rightly_named(database: Database, name: str, password: str) -> users.User | None:
    """The active user of a name, if the password is theirs; else None, after as long as if there were one."""
    with database.reading() as connection:
        asked = (
            select(USER.c.user_id, PASSWORD.c.hash)
            .join(PASSWORD, PASSWORD.c.user_id == USER.c.user_id)
            .where((USER.c.name_key == users.key_of(name.strip())) & USER.c.active)
        )
        row = connection.execute(asked).first()
    right = _is_right(_nobodys() if row is None else row.hash, password)
    if row is None or not right:
        return None
    with database.reading() as connection:
        user = users.named(connection, row.user_id)
    return user if user.active else None


def has_one(database: Database, user_id: str) -> bool:
    """Whether a user has a password."""
    with database.reading() as connection:
        return connection.execute(select(PASSWORD.c.user_id).where(PASSWORD.c.user_id == user_id)).first() is not None


def anybody_has_one(database: Database) -> bool:
    """Whether any active user has a password."""
    with database.reading() as connection:
        asked = select(PASSWORD.c.user_id).join(USER, USER.c.user_id == PASSWORD.c.user_id).where(USER.c.active)
        return connection.execute(asked.limit(1)).first() is not None


def _is_right(hashed: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _hasher().verify(hashed, _plain(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False


def _plain(password: str) -> str:
    """However a keyboard writes its signs, they are the same."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """What an unknown user's password is compared with, so that it takes as long."""
    return _hasher().hash("nobody has this password")
