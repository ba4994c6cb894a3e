"""What is entered in the audit log of asking: looks at personal data, exports, new versions of the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clientela import config
from clientela.contracts.text import text
from clientela.errors import UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.replica import refuse_replica
from clientela.pipeline.asking.scope import Asker, asker_of

_PURPOSE = re.compile(r"([a-z0-9][a-z0-9-]{0,63})?")
_ACTING: ContextVar[str] = ContextVar("acting", default="")


@contextmanager
def acting_for(actor: str) -> Iterator[None]:
    """While the block lasts, what this request does is entered under ``actor``, such as ``user:5f2c``.

    A server works for many persons under one login; each request, in its thread, says whom it works for.
    """
    before = _ACTING.set(actor)
    try:
        yield
    finally:
        _ACTING.reset(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks, and what for.

    Parameters
    ----------
    login : as the operating system knows them; '' where a server works for somebody
    acting : as the audit log names whom a server works for; '' where somebody works on this machine
    purpose : a code, such as ``annual-review``; empty where none was said
    """

    login: str
    now: datetime
    purpose: str = ""
    acting: str = ""

    @property
    def actor(self) -> str:
        """As the audit log takes it, such as ``os:ana``."""
        from clientela.appdb.audit.chain import os_actor

        return self.acting or os_actor(self.login)


def look(purpose: str, now: datetime | None) -> Look:
    """Who is at work on this machine, and what for; now unless a moment is given.

    Raises
    ------
    UsageError
        The purpose is no code.
    """
    if not _PURPOSE.fullmatch(purpose):
        raise UsageError(
            text(
                "a purpose is a code of at most 64 lower-case letters, digits and hyphens, such as "
                "annual-review: it stays in the audit log for ever, so it names nobody."
            )
        )
    moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
    acting = _ACTING.get()
    return Look(login="" if acting else config.user(), now=moment, purpose=purpose, acting=acting)


def asker(folder: Path, user: str | None, now: datetime | None) -> Asker | None:
    """Who asks, with what decides what they see, None being the company itself."""
    if user is None:
        return None
    if now is None:
        return _asker(folder, user, None)
    return serving.once(("asker", folder, user, now), lambda: _asker(folder, user, now))


def _asker(folder: Path, user: str, now: datetime | None) -> Asker:
    refuse_replica(folder, "--as")
    looking = look("", now)
    return asker_of(folder, user, now=looking.now, by=looking.actor)


def exported(folder: Path, columns: Sequence[str], rows: int, looking: Look, *, snapshot: str) -> None:
    """Enter that figures leave the workspace as a file."""
    objects = [f"column:{name}" for name in columns]
    entered(folder, looking, "figures.exported", objects=objects, counts={"rows": rows}, snapshot=snapshot)


def entered(
    folder: Path,
    looking: Look,
    action: str,
    *,
    objects: Sequence[str] = (),
    counts: Mapping[str, int],
    snapshot: str | None = None,
    always: bool = False,
) -> None:
    """Enter what was looked at or taken out; where nobody was ever added there is no log to enter it in.

    Parameters
    ----------
    always : then there is one: it is made

    """
    from clientela.appdb.audit.chain import Entry
    from clientela.appdb.database import exists, open_database

    if not always and not exists(folder):
        return

    entry = Entry(
        actor=looking.actor, action=action, purpose=looking.purpose, objects=objects, counts=counts, snapshot=snapshot
    )
    with open_database(folder, now=looking.now) as database:
        database.enter([entry], now=looking.now)
