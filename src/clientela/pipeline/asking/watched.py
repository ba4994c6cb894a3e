"""What is entered in the audit log of asking: looks at personal data, exports, new versions of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clientela import config
from clientela.access.policy import FILE
from clientela.pipeline.asking.scope import Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks, and what for.

    Parameters
    ----------
    actor : as the audit log takes it, such as ``os:ana``
    purpose : a code, such as ``annual-review``; empty where none was said
    """

    actor: str
    now: datetime
    purpose: str = ""


def look(purpose: str, now: datetime | None) -> Look:
    """Who is at work on this machine, and what for; now unless a moment is given."""
    from clientela.appdb.audit.chain import os_actor

    return Look(
        actor=os_actor(config.user()), now=datetime.now(UTC) if now is None else now.astimezone(UTC), purpose=purpose
    )


def asker(folder: Path, user: str | None, now: datetime | None) -> Asker | None:
    """Who asks, None being the company itself; the policy that decides what they see is kept as a version before."""
    if user is None:
        return None
    looking = look("", now)
    policy_kept(folder, looking)
    return Asker(user, looking.now)


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
    snapshot: str,
) -> None:
    """Enter what was looked at or taken out; where nobody was ever added there is no log to enter it in.

    Raises
    ------
    UsageError
        The purpose is no code.
    """
    from clientela.appdb.audit.chain import Entry
    from clientela.appdb.database import exists, open_database

    entry = Entry(
        actor=looking.actor, action=action, purpose=looking.purpose, objects=objects, counts=counts, snapshot=snapshot
    )
    if exists(folder):
        with open_database(folder, now=looking.now) as database:
            database.enter([entry], now=looking.now)


def policy_kept(folder: Path, looking: Look) -> int | None:
    """The version of the policy that holds, kept when it is a new one; None where the ready-made roles hold alone."""
    from clientela.appdb import policies
    from clientela.appdb.database import exists, open_database

    path = folder / FILE
    if not exists(folder):
        return None
    said = path.read_text("utf-8") if path.is_file() else ""
    with open_database(folder, now=looking.now) as database:
        with database.reading() as connection:
            newest = policies.newest(connection)
        if newest is None and not said:
            return None
        if newest is not None and newest.text == said:
            return newest.version
        with database.change(by=looking.actor, now=looking.now) as change:
            return policies.recorded(change, said).version
