"""What every request is answered from: one workspace, its app database, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes

from clientela.appdb.database import Database
from clientela.workspace import Workspace


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One workspace as it is served.

    Parameters
    ----------
    database : open as long as the server is
    secure : whether visitors come over TLS; then cookies are sent over TLS only
    """

    folder: Path
    database: Database
    secure: bool = False
    clock: Callable[[], datetime] = utc_now
    chance: Callable[[int], bytes] = token_bytes

    @property
    def workspace(self) -> Workspace:
        """The workspace itself; a page asks it with ``user=visit.user``."""
        return Workspace(self.folder)

    @property
    def session_cookie(self) -> str:
        """What the cookie of a session is called; the prefix makes browsers refuse one that another host set."""
        return "__Host-clientela" if self.secure else "clientela"
