"""One request of one visitor, as a page gets it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request

from clientela.contracts.text import text
from clientela.errors import NotPermittedError
from clientela.http.site import Site
from clientela.http.visitor import Visitor
from clientela.workspace import Workspace

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request.

    Parameters
    ----------
    form : what was sent, checked to come from a page of ours; empty where nothing was
    entry : what binds the form of coming in to the browser; '' for who is in
    """

    request: Request
    site: Site
    now: datetime
    visitor: Visitor | None
    form: FormData = field(default_factory=FormData)
    entry: str = ""

    @property
    def form_token(self) -> str:
        """What each form carries, so that no other site can send it."""
        if self.visitor is not None:
            return self.visitor.form_token
        return hmac.new(self.entry.encode(), b"entry", hashlib.sha256).hexdigest() if self.entry else ""

    @property
    def address(self) -> str:
        """Where the request comes from, as an IP address."""
        return self.request.client.host if self.request.client is not None else ""

    @property
    def who(self) -> Visitor:
        """The visitor of a page that only who came in may see."""
        if self.visitor is None:
            raise NotPermittedError(text("come in first."))
        return self.visitor

    @property
    def user(self) -> str:
        """Within whose rights every question of this visit is asked: ``workspace.ask(…, user=visit.user)``."""
        return self.who.shown.user_id

    @property
    def workspace(self) -> Workspace:
        """The workspace that is served."""
        return self.site.workspace

    @property
    def lang(self) -> str:
        """The language of this page: what the address asks for, else the visitor's, else the browser's."""
        asked = self.request.query_params.get("lang")
        theirs = self.visitor.came.language if self.visitor is not None else None
        if (asked or theirs) in LANGUAGES:
            return str(asked or theirs)
        browsers = (
            each.split(";")[0].strip()[:2] for each in self.request.headers.get("accept-language", "").split(",")
        )
        return next((each for each in (asked, theirs, *browsers) if each in LANGUAGES), "en")

    def param(self, name: str) -> str | None:
        """What the address says, else the form; None where it says nothing."""
        said = self.request.query_params.get(name)
        if said is None:
            sent = self.form.get(name)
            said = sent if isinstance(sent, str) else None
        return said or None
