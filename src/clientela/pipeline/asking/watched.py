"""What is entered in the audit log of asking: looks at personal data, exports, new versions of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela.access.policy import FILE


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


def entered(
    folder: Path,
    look: Look,
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
        actor=look.actor, action=action, purpose=look.purpose, objects=objects, counts=counts, snapshot=snapshot
    )
    if exists(folder):
        with open_database(folder, now=look.now) as database:
            database.enter([entry], now=look.now)


def policy_kept(folder: Path, look: Look) -> int | None:
    """The version of the policy that holds, kept when it is a new one; None where the ready-made roles hold alone."""
    from clientela.appdb import policies
    from clientela.appdb.database import exists, open_database

    path = folder / FILE
    if not exists(folder):
        return None
    said = path.read_text("utf-8") if path.is_file() else ""
    with open_database(folder, now=look.now) as database:
        with database.reading() as connection:
            newest = policies.newest(connection)
        if newest is None and not said:
            return None
        if newest is not None and newest.text == said:
            return newest.version
        with database.change(by=look.actor, now=look.now) as change:
            return policies.recorded(change, said).version
