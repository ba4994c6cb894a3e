"""The application: all pages, the API, the headers and limits that each request passes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from clientela import config
from clientela.api.application import api
from clientela.api.caller import Entry
from clientela.appdb.database import open_database
from clientela.config import Serve
from clientela.errors import ClientelaError, ConfigurationError, UnknownNameError
from clientela.http.door import Door
from clientela.http.guard import BRIEF_AT_ONCE, LANE, routes
from clientela.http.oidc.provider import Provider, provider_of
from clientela.http.refusal import refusal
from clientela.http.site import Site, utc_now
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import read_policy
from clientela.serve.assistants import Assistants, over_http
from clientela.serve.health import Health, health_routes
from clientela.serve.metrics import Metrics
from clientela.serve.nowhere import NOWHERE
from clientela.serve.told import lasting, size
from clientela.web.assets import STYLE, address
from clientela.web.every import PAGES
from clientela.web.shown import failed

API = "/api/v1"
MCP = "/mcp"
THREADS = 8


def application(
    folder: Path,
    *,
    settings: Serve | None = None,
    secure: bool = False,
    clock: Callable[[], datetime] = utc_now,
    health: Health | None = None,
) -> Starlette:
    """The application of one workspace, for an ASGI server.

    Parameters
    ----------
    settings : of ``[serve]``
    secure : visitors come over TLS; else what the settings say
    clock : the moment it is; a test has its own
    health : what is known of the worker beside it
    """
    told = settings or Serve()
    site = Site(
        folder=folder,
        database=open_database(folder, now=clock()),
        address=told.address or "",
        secure=secure or told.secure,
        clock=clock,
        idle=lasting(told.session_idle),
        lasting=lasting(told.session_lasts),
        upload_bytes=size(told.upload_limit),
        passwords=told.passwords,
        elsewhere=_elsewhere(folder, told),
    )
    metrics, assistants = Metrics(site), over_http(site)
    every: list[BaseRoute] = [
        *health_routes(site, health or Health(), metrics),
        Mount(API, api(site), name="api"),
        *([Mount(MCP, Entry(assistants.app, site), name="mcp")] if assistants is not None else []),
        *routes((*PAGES, NOWHERE), failed),
    ]
    door = Middleware(
        Door, address=site.address, secure=site.secure, watch=metrics.answered, style=partial(address, STYLE)
    )
    app = _Application(
        routes=every,
        middleware=[door],
        exception_handlers={HTTPException: _refused},
        lifespan=_lifespan(site, told, assistants),
    )
    app.router.redirect_slashes = False
    app.state.site = site
    return app


def _elsewhere(folder: Path, told: Serve) -> Provider | None:
    """With whose accounts people come in too."""
    if told.oidc is None:
        return None
    known = read_policy(folder).roles
    for each in told.oidc.role:
        if each.role not in known:
            said = str(UnknownNameError("role", each.role, known))
            raise ConfigurationError(f"[[serve.oidc.role]] of the group '{each.group}': {said}")
    return provider_of(told.oidc, config.oidc_secret(told.oidc, folder), told.place)


class _Application(Starlette):
    """Starlette, which remembers where pages are: a page names two dozen others by name."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._places = lru_cache(maxsize=4096)(self._place)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The address of a page by its name."""
        return self._places(name, tuple(path_params.items()))

    def _place(self, name: str, params: tuple[tuple[str, Any], ...]) -> URLPath:
        return super().url_path_for(name, **dict(params))


def _lifespan(site: Site, told: Serve, assistants: Assistants | None) -> Callable[[Starlette], object]:
    """While the server runs, the app database and the readers of the snapshot stay open."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = told.threads or THREADS
        setattr(app.state, LANE, CapacityLimiter(min(BRIEF_AT_ONCE, told.threads or THREADS)))
        async with AsyncExitStack() as open_while_it_runs:
            open_while_it_runs.callback(site.database.engine.dispose)
            open_while_it_runs.enter_context(site.database.held())
            pool = open_while_it_runs.enter_context(serving.hold(site.folder, memory_limit=told.memory_limit))
            for people in (False, True):
                with suppress(ClientelaError), pool.reading(people=people):  # where none can be read, each page says so
                    continue  # it stays open: nobody waits for it
            if assistants is not None:
                await open_while_it_runs.enter_async_context(assistants.lifespan())
            yield

    return lifespan


async def _refused(request: Request, error: Exception) -> Response:
    """What no page answers: a method that an address does not take."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = "this address does not take what was sent." if status == 405 else "there is nothing at this address."
    response = refusal(request.scope, status, said, style=address(STYLE))
    response.headers.update(getattr(error, "headers", None) or {})
    return response
