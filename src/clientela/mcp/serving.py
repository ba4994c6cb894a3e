"""The two ways in: over standard input and output for an assistant on this machine, over HTTP with a token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from clientela.http.site import Site
from clientela.mcp.tools import Asking, server
from clientela.workspace import Workspace


def over_pipes(folder: Path, user: str | None) -> None:
    """Answer what comes on standard input until it ends.

    Parameters
    ----------
    user : within whose rights; None: of whoever may read the folder
    """
    asking = Asking(workspace=Workspace(folder, "assistant"), user=user, actor="")
    server(lambda _: asking).run("stdio")


class OverHttp:
    """The server as an ASGI application; ``lifespan`` is entered by the application it is mounted in.

    It stands behind what lets programs in: the request brings the caller.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._inside: ASGIApp | None = None

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert self._inside is not None  # noqa: S101 - no request comes before the lifespan has begun
        await self._inside(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """While it lasts, requests are answered. Sessions of the SDK can be begun once, so they are made here."""
        made = server(lambda context: _asking(self._site, context))
        checked_before = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the host is, for every page
        self._inside = made.streamable_http_app(
            streamable_http_path="/", json_response=True, stateless_http=True, transport_security=checked_before
        )
        async with made.session_manager.run():
            yield


def _asking(site: Site, context: Context) -> Asking:
    request = context.request_context.request
    assert request is not None  # noqa: S101 - over HTTP each message came with one
    visitor = request.state.caller.visitor
    if "read" not in visitor.token.permissions:
        raise ToolError("this token does not permit 'read'; make one that does.")
    return Asking(
        workspace=Workspace(site.folder, "assistant"), user=visitor.came.user_id, actor=visitor.actor, now=site.clock()
    )
