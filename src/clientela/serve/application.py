"""The application: all pages, the API, the headers and limits that each request passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from clientela.appdb.database import open_database
from clientela.http.guard import routes
from clientela.http.site import Site, utc_now
from clientela.web.every import PAGES
from clientela.web.shown import failed


def application(folder: Path, *, secure: bool = False, clock: Callable[[], datetime] = utc_now) -> Starlette:
    """The application of one workspace, for an ASGI server.

    Parameters
    ----------
    secure : visitors come over TLS
    clock : the moment it is; a test has its own
    """
    every: list[BaseRoute] = [*routes(PAGES, failed)]
    middleware: Sequence[Middleware] = ()
    app = Starlette(routes=every, middleware=middleware)
    app.state.site = Site(folder=folder, database=open_database(folder, now=clock()), secure=secure, clock=clock)
    return app
