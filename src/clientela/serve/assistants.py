"""The door for assistants, where the package that speaks their protocol is installed.

It is loaded with the first request of one: a server that no assistant asks does without the memory it takes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup, TaskStatus
from starlette.types import Receive, Scope, Send

from clientela.http.site import Site

if TYPE_CHECKING:
    from clientela.mcp.serving import OverHttp

NEEDED = ("mcp", "mcp_types")


class Assistants:
    """What answers assistants, as an ASGI application; ``lifespan`` is entered by the application it is mounted in."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._inside: OverHttp | None = None
        self._group: TaskGroup | None = None
        self._loading: anyio.Lock | None = None

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the first of an assistant waits until what answers is loaded, no page does."""
        inside = self._inside or await self._loaded()
        await inside.app(scope, receive, send)

    async def _loaded(self) -> OverHttp:
        assert self._group is not None and self._loading is not None  # noqa: S101 - the lifespan has begun
        async with self._loading:
            if self._inside is None:
                made = await to_thread.run_sync(_over_http, self._site)
                await self._group.start(_kept_open, made)
                self._inside = made
            return self._inside

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """While it lasts, requests are answered."""
        self._inside, self._loading = None, anyio.Lock()
        async with anyio.create_task_group() as self._group:
            yield
            self._group.cancel_scope.cancel()


async def _kept_open(loaded: OverHttp, *, task_status: TaskStatus[None]) -> None:
    """Keep open what answers, until the lifespan ends: one task must both enter and leave it."""
    async with loaded.lifespan():
        task_status.started()
        await anyio.sleep_forever()


def _over_http(site: Site) -> OverHttp:
    from clientela.mcp.serving import OverHttp

    return OverHttp(site)


def over_http(site: Site) -> Assistants | None:
    """What answers assistants; None without the extra ``mcp``."""
    return Assistants(site) if all(find_spec(name) is not None for name in NEEDED) else None
