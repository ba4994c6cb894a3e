"""The API put together; it is mounted at ``/api/v1``."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from clientela._version import __version__
from clientela.api.asking import asking
from clientela.api.caller import OPEN, Entry
from clientela.api.customers import customers
from clientela.api.delivering import delivering
from clientela.api.problems import of_clientela, of_http, of_ourselves, of_validation
from clientela.errors import ClientelaError
from clientela.http.site import Site


def api(site: Site) -> ASGIApp:
    """The API of one workspace, as an ASGI application.

    Without a token nothing answers but its own description, ``openapi.json``.
    """
    app = FastAPI(
        title="clientela",
        version=__version__,
        description="Figures, insights, rows and customers, each within what the user of the token may see.",
        openapi_url=OPEN,
        docs_url=None,  # a page of scripts from elsewhere; the description itself is read by any tool
        redoc_url=None,
        root_path_in_servers=True,
        exception_handlers={
            ClientelaError: of_clientela,
            RequestValidationError: of_validation,
            HTTPException: of_http,
            Exception: of_ourselves,
        },
    )
    for part in (asking, customers, delivering):
        app.include_router(part)
    return Entry(app, site)
