"""Which program asks: the token it shows, whose it is, and what it permits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from clientela.api.problems import problem
from clientela.errors import NotPermittedError, TokenError
from clientela.http.site import Site
from clientela.http.visitor import Visitor, visitor_of_token
from clientela.pipeline.asking.watched import acting_for
from clientela.workspace import Workspace

OPEN = "/openapi.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One request of a program."""

    site: Site
    visitor: Visitor
    now: datetime

    @property
    def user(self) -> str:
        """Within whose rights every question is asked."""
        return self.visitor.came.user_id

    @property
    def workspace(self) -> Workspace:
        """The workspace that is served."""
        return self.site.workspace


class Entry:
    """Lets in who shows a token that is known, and nobody else; `OPEN` alone tells everybody what there is to ask."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        if scope["type"] != "http" or request.url.path.removeprefix(scope.get("root_path", "")) == OPEN:
            await self.app(scope, receive, send)
            return
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text.strip():
            said = "send a token as 'Authorization: Bearer cla_…'; one makes it under Your account, Make a token."
            await problem(401, said, www_authenticate="Bearer")(scope, receive, send)
            return
        now = self.site.clock()
        try:
            visitor = await to_thread.run_sync(visitor_of_token, self.site, text.strip(), now)
        except TokenError as error:
            await problem(401, str(error), www_authenticate='Bearer error="invalid_token"')(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = Caller(site=self.site, visitor=visitor, now=now)
        with acting_for(visitor.actor):
            await self.app(scope, receive, send)


_scheme = HTTPBearer(
    bearerFormat="cla_…", description="A token made under Your account, Make a token.", auto_error=False
)


def permitted(*permissions: str, may: str | None = None) -> Callable[..., Caller]:
    """A dependency: the caller, when their token permits one of these, and their roles let them do that."""

    def caller(request: Request, _: Annotated[object, Security(_scheme)] = None) -> Caller:
        found: Caller = request.state.caller
        if not {*permissions} & {*found.visitor.token.permissions}:
            raise TokenError(f"this token does not permit '{permissions[0]}'; make one that does.")
        if may is not None and not found.visitor.may(may):
            raise NotPermittedError("the roles of this token's user do not let them do this; ask an administrator.")
        return found

    return caller


Reading = Annotated[Caller, Depends(permitted("read"))]
Bringing = Annotated[Caller, Depends(permitted("deliver", may="bring-data"))]
Following = Annotated[Caller, Depends(permitted("read", "deliver"))]
