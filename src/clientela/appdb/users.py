"""Who works with clientela: users, by a name of their own. Who leaves is ended, never removed: the log names them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from clientela.appdb.database import Change
from clientela.appdb.tables import OUTSIDE_SESSION, ROLE_GRANT, TOKEN, USER
from clientela.contracts.text import text
from clientela.errors import ExistsError, UnknownNameError, UsageError

LANGUAGES = ("en", "es", "it", "nl")
_LONGEST = 64
_NAMED = 20  # so many names stand in a sentence about an unknown one
_ID_BYTES = 10

Chance = Callable[[int], bytes]  # so many random bytes; `secrets.token_bytes` outside of tests


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user. Not active: may not come in for now; ended: for ever."""

    user_id: str
    name: str
    email: str | None
    language: str
    active: bool
    made_at: datetime
    ended_at: datetime | None

    @property
    def actor(self) -> str:
        """As the audit log names them."""
        return f"user:{self.user_id}"


def listed(connection: Connection, *, ended: bool = False) -> tuple[User, ...]:
    """Every user by name; with ``ended`` those too who have left."""
    asked = select(USER).order_by(USER.c.name_key)
    return tuple(map(_user, connection.execute(asked if ended else asked.where(USER.c.ended_at.is_(None)))))


def named(connection: Connection, name: str) -> User:
    """The user of a name, however capitalised, or of an id.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    found = _found(connection, name)
    if found is None:
        known = list(connection.execute(select(USER.c.name)).scalars())
        raise UnknownNameError("user", name, known if len(known) <= _NAMED else get_close_matches(name, known))
    return found


def is_known(connection: Connection, name: str) -> bool:
    """Whether there is a user of a name, however capitalised, or of an id."""
    return _found(connection, name) is not None


def names(connection: Connection) -> dict[str, str]:
    """The name of each user by how the audit log names them."""
    return {f"user:{row.user_id}": row.name for row in connection.execute(select(USER.c.user_id, USER.c.name))}


def add(change: Change, name: str, *, chance: Chance, email: str | None = None, language: str = "en") -> User:
    """Make a user, who may do nothing until a role is granted.

    Raises
    ------
    ExistsError
        There is one of this name.
    UsageError
        The name, the address or the language cannot be one.
    """
    named_so = _name(name)
    _refuse_taken(change.connection, named_so)
    row: dict[str, Any] = {
        "user_id": chance(_ID_BYTES).hex(),
        "name": named_so,
        "name_key": key_of(named_so),
        "email": _email(email),
        "language": _language(language),
        "active": True,
        "made_at": change.now,
    }
    change.connection.execute(insert(USER).values(row))
    made = named(change.connection, row["user_id"])
    change.audit("user.added", made.actor)
    return made


def alter(
    change: Change,
    name: str,
    *,
    to: str | None = None,
    email: str | None = None,
    language: str | None = None,
    active: bool | None = None,
) -> User:
    """Change what is given; ``email`` '' removes the address.

    Raises
    ------
    UsageError
        Nothing is given, the new name is taken, or the user has ended.
    """
    user = _present(change.connection, name)
    new: dict[str, Any] = {}
    if to is not None:
        named_so = _name(to)
        if key_of(named_so) != key_of(user.name):
            _refuse_taken(change.connection, named_so)
        new |= {"name": named_so, "name_key": key_of(named_so)}
    if email is not None:
        new["email"] = _email(email)
    if language is not None:
        new["language"] = _language(language)
    if active is not None:
        new["active"] = active
    if not new:
        raise UsageError(text("nothing to change of '{name}' was given.", name=user.name))
    change.connection.execute(update(USER).where(USER.c.user_id == user.user_id).values(new))
    change.audit("user.changed", user.actor, counts=dict.fromkeys(sorted(new.keys() - {"name_key"}), 1))
    return named(change.connection, user.user_id)


def end(change: Change, name: str, *, forget: bool = False) -> User:
    """Let a user be one no longer: every grant and token of theirs ends with them.

    Parameters
    ----------
    forget : also remove their name and address, now or of one who has ended before; what they did stays, under their
        id.

    Raises
    ------
    UsageError
        They have ended already, and are not to be forgotten.
    """
    user = named(change.connection, name) if forget else _present(change.connection, name)
    if user.ended_at is None:
        ended = {"ended_at": change.now}
        for table, more in ((USER, {"active": False}), (ROLE_GRANT, {"ended_by": change.by}), (TOKEN, {})):
            theirs = (table.c.user_id == user.user_id) & table.c.ended_at.is_(None)
            change.connection.execute(update(table).where(theirs).values(ended | more))
        change.audit("user.ended", user.actor)
    tokens = select(TOKEN.c.token_id).where(TOKEN.c.user_id == user.user_id)  # what a provider said of them goes too
    change.connection.execute(delete(OUTSIDE_SESSION).where(OUTSIDE_SESSION.c.token_id.in_(tokens)))
    if forget:
        _forget(change, user)
    return named(change.connection, user.user_id)


def _forget(change: Change, user: User) -> None:
    former = f"former-{user.user_id}"
    gone = {"name": former, "name_key": former, "email": None}
    change.connection.execute(update(USER).where(USER.c.user_id == user.user_id).values(gone))
    change.connection.execute(update(TOKEN).where(TOKEN.c.user_id == user.user_id).values(name=""))
    change.audit("user.forgotten", user.actor)


def key_of(name: str) -> str:
    """A name without its capitals: by it two names are one.

    Examples
    --------
    >>> key_of("Ana") == key_of("ANA")
    True
    """
    return unicodedata.normalize("NFKC", name).casefold()


def _present(connection: Connection, name: str) -> User:
    user = named(connection, name)
    if user.ended_at is not None:
        raise UsageError(f"'{user.name}' ended on {user.ended_at:%Y-%m-%d} and stays so; add a user of another name.")
    return user


def _found(connection: Connection, name: str) -> User | None:
    row = connection.execute(select(USER).where(or_(USER.c.name_key == key_of(name), USER.c.user_id == name))).first()
    return None if row is None else _user(row)


def _user(row: Any) -> User:
    return User(
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        language=row.language,
        active=row.active,
        made_at=row.made_at,
        ended_at=row.ended_at,
    )


def _refuse_taken(connection: Connection, name: str) -> None:
    found = _found(connection, name)
    if found is not None:
        if found.ended_at is not None:
            raise ExistsError(text("there was a user '{name}', who has ended; choose another name.", name=found.name))
        raise ExistsError(
            text("there is already a user '{name}'; choose another name, or change that one.", name=found.name)
        )


def _name(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain or len(plain) > _LONGEST or not plain.isprintable() or plain[0] in "-:":
        raise UsageError(
            text(
                "a user's name has 1 to {n} visible signs and does not begin with '-' or ':'; choose another.",
                n=_LONGEST,
            )
        )
    return plain


def _email(address: str | None) -> str | None:
    if not address:
        return None
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        raise UsageError(text("the e-mail address cannot be one; write it as name@example.com.")) from None


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    return language
