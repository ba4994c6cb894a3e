"""What every request is answered from: one workspace, its app database, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes

from clientela.appdb.database import Database
from clientela.http.attempts import Entering
from clientela.http.bodies import UPLOAD_BYTES
from clientela.http.oidc.provider import Provider
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
    address : what people write into the browser; '' for wherever it listens
    secure : whether visitors come over TLS; then cookies are sent over TLS only
    idle, lasting : a session ends when it was not used for so long, and after so long in any case
    upload_bytes : so much may be sent to a page that takes files
    entering : how often one may try to come in
    passwords : whether one comes in with a password
    elsewhere : with whose accounts one comes in too; None: with nobody's
    """

    folder: Path
    database: Database
    address: str = ""
    secure: bool = False
    clock: Callable[[], datetime] = utc_now
    chance: Callable[[int], bytes] = token_bytes
    idle: timedelta = timedelta(minutes=30)
    lasting: timedelta = timedelta(hours=12)
    upload_bytes: int = UPLOAD_BYTES
    entering: Entering = field(default_factory=Entering)
    passwords: bool = True
    elsewhere: Provider | None = None

    @property
    def workspace(self) -> Workspace:
        """The workspace itself; a page asks it with ``user=visit.user``."""
        return Workspace(self.folder)

    @property
    def session_cookie(self) -> str:
        """What the cookie of a session is called; the prefix makes browsers refuse one that another host set."""
        return "__Host-clientela" if self.secure else "clientela"

    @property
    def entry_cookie(self) -> str:
        """What the cookie is called that binds the form of coming in to one browser."""
        return f"{self.session_cookie}-entry"

    @property
    def elsewhere_cookie(self) -> str:
        """What the cookie is called that binds an entry with an account elsewhere to one browser."""
        return f"{self.session_cookie}-elsewhere"
