"""Who asks: the user of a session or of an API token, and what their roles let them do."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from clientela.appdb import grants, tokens, users
from clientela.appdb.grants import Grant
from clientela.appdb.tokens import Token
from clientela.appdb.users import User
from clientela.errors import TokenError
from clientela.http.site import Site
from clientela.pipeline.asking.scope import read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who came in.

    Parameters
    ----------
    came : who they are
    seen_as : whose view they look at, to read only; None: their own
    deeds : what the roles of whose view is shown let one do, of `clientela.access.policy.DEEDS`
    secret : what the browser sent; only to make the token of forms from
    """

    came: User
    seen_as: User | None
    token: Token
    deeds: frozenset[str]
    secret: str

    @property
    def shown(self) -> User:
        """Whose view is shown."""
        return self.seen_as or self.came

    @property
    def actor(self) -> str:
        """As the audit log names who is at work: always who came, whoever's view they look at."""
        return self.came.actor

    @property
    def form_token(self) -> str:
        """What each form carries, so that no other site can send it; tells nothing of the session."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    def may(self, deed: str) -> bool:
        """Whether their roles let them do it."""
        return deed in self.deeds


def visitor_of_session(site: Site, secret: str | None, now: datetime) -> Visitor | None:
    """Whoever has this session; None where it is none, or no longer."""
    return None if not secret else _visitor(site, secret, now, kind="session")


def visitor_of_token(site: Site, secret: str, now: datetime, permission: str | None = None) -> Visitor:
    """Whoever has this API token, if it permits that.

    Raises
    ------
    TokenError
        It is unknown, has ended, or does not permit it.
    """
    found = _visitor(site, secret, now, kind="api", permission=permission)
    if found is None:
        raise TokenError("the token is not known; make a new one.")
    return found


@dataclass(slots=True)
class _Known:
    """What the app database said of a token; asked again only when a right changes, or its use is to be noted."""

    token: Token
    came: User
    seen_as: User | None
    held: tuple[Grant, ...]


def _visitor(site: Site, secret: str, now: datetime, *, kind: str, permission: str | None = None) -> Visitor | None:
    try:
        known = site.database.remembered(("token", secret), now, lambda: _found(site, secret, now))
        if tokens.is_to_be_noted(known.token, now):
            known.token = tokens.used(site.database, secret, now=now, permission=permission)
        else:
            tokens.refuse(known.token, now, active=known.came.active, permission=permission)
    except TokenError:
        if kind == "session":
            return None
        raise
    if known.token.kind != kind:
        return None
    roles = read_policy(site.folder).roles
    deeds = frozenset(deed for each in known.held if each.role in roles for deed in roles[each.role].may)
    return Visitor(came=known.came, seen_as=known.seen_as, token=known.token, deeds=deeds, secret=secret)


def _found(site: Site, secret: str, now: datetime) -> _Known:
    token = tokens.used(site.database, secret, now=now)
    with site.database.reading() as connection:
        came = users.named(connection, token.user_id)
        seen_as = users.named(connection, token.viewing_as) if token.viewing_as else None
        held = grants.in_force(connection, (seen_as or came).user_id, now)
    return _Known(token=token, came=came, seen_as=seen_as, held=held)
