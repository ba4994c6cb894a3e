"""Whether the server lives and is ready, and what it counts; asked by programs that look after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from clientela.appdb import jobs
from clientela.errors import ClientelaError, TokenError
from clientela.http.door import ROUTE
from clientela.http.site import Site
from clientela.http.visitor import visitor_of_token
from clientela.pipeline import serving
from clientela.serve.metrics import Metrics

PERMISSION = "metrics"
NEEDED = "app database"  # without a snapshot or a worker people still come in, to mend it
_PASSED_ON = ("x-forwarded-for", "forwarded", "x-real-ip")


def _lives() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of the worker beside the server."""

    worker_lives: Callable[[], bool] = _lives


def health_routes(site: Site, health: Health, metrics: Metrics) -> list[BaseRoute]:
    """``/health/live``: it answers at all; ``/health``: it can answer questions; ``/metrics``: what it counts."""

    async def live(request: Request) -> Response:
        request.scope[ROUTE] = "/health/live"
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        request.scope[ROUTE] = "/health"
        found = await to_thread.run_sync(_checked, site, health)
        well = found[NEEDED]
        return JSONResponse({"ready": well, "checks": found}, 200 if well else 503)

    async def counted(request: Request) -> Response:
        request.scope[ROUTE] = "/metrics"
        if not _is_beside(request) and not await to_thread.run_sync(_may_count, site, request):
            return PlainTextResponse("metrics are for this machine, or for a token that permits them\n", 403)
        text = await to_thread.run_sync(metrics.text)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return [
        Route("/health/live", live, methods=["GET"], name="health-live", include_in_schema=False),
        Route("/health", ready, methods=["GET"], name="health", include_in_schema=False),
        Route("/metrics", counted, methods=["GET"], name="metrics", include_in_schema=False),
    ]


def _checked(site: Site, health: Health) -> dict[str, bool]:
    return {
        NEEDED: _well(lambda: _asked(site)),
        "snapshot": _well(lambda: serving.served_now(site.folder)),
        "worker": health.worker_lives(),
    }


def _asked(site: Site) -> None:
    with site.database.reading() as connection:
        jobs.counted(connection)


def _well(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (ClientelaError, OSError):
        return False
    return True


def _is_beside(request: Request) -> bool:
    """Whether a program of this machine asks itself: not through a proxy that stands on it."""
    if request.client is None or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _may_count(site: Site, request: Request) -> bool:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        return False
    try:
        visitor_of_token(site, text.strip(), site.clock(), PERMISSION)
    except TokenError:
        return False
    return True
