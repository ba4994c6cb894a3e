"""A folder that is a replica: what it says of itself, and what cannot be done in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientela.errors import SnapshotError, UsageError
from clientela.pipeline import serving
from clientela.warehouse.store.snapshot import REPLICA, current


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """For whom, when and of which snapshot a replica was made; the moment in UTC."""

    seen_as: str
    is_role: bool
    made_at: str
    of_snapshot: str
    published_at: str
    company: str

    @property
    def says(self) -> str:
        """The same in one sentence.

        Examples
        --------
        >>> Replica(seen_as="ana", is_role=False, made_at="2026-03-01T09:30", of_snapshot="7-0a1b2c3d",
        ...         published_at="2026-03-01T05:00", company="Corner Shop").says
        "a replica of Corner Shop: what 'ana' could see of snapshot 7-0a1b2c3d on 2026-03-01 at 09:30 UTC"
        """
        day, _, hour = self.made_at.partition("T")
        who = f"the role '{self.seen_as}'" if self.is_role else f"'{self.seen_as}'"
        return (
            f"a replica of {self.company}: what {who} could see of snapshot {self.of_snapshot} on {day} at "
            f"{hour[:5]} UTC"
        )


def replica_of(folder: Path) -> Replica | None:
    """What the replica in a folder says of itself; None where the folder is a workspace of its own."""
    try:
        published = current(folder)
    except SnapshotError:
        return None
    return None if published is None or REPLICA not in published.manifest else told(published.manifest)


def told(manifest: Mapping[str, Any]) -> Replica:
    """The same of a manifest that is a replica's."""
    said = manifest[REPLICA]
    return Replica(**{name: said[name] for name in Replica.__slots__})


def refuse_replica(folder: Path, what: str) -> None:
    """Refuse what only the workspace itself can do.

    Raises
    ------
    UsageError
        The folder is a replica.
    """
    found = serving.settled(folder, ("snapshots/CURRENT",), "replica", lambda: replica_of(folder))
    if found is not None:
        raise UsageError(
            f"{what} is not for a replica: this folder is {found.says}. It answers query, records, ask, sql, report "
            "and status; make a new one where it came from."
        )
