"""The server: it listens until it is told to stop, with the worker beside it."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from secrets import token_bytes

import uvicorn

from clientela import config
from clientela.appdb.audit.chain import os_actor
from clientela.appdb.entry import links, passwords
from clientela.config import Serve
from clientela.errors import ConfigurationError
from clientela.http.door import HEAD_BYTES
from clientela.http.site import Site
from clientela.pipeline.asking.replica import refuse_replica
from clientela.serve import log
from clientela.serve.application import application
from clientela.serve.health import Health
from clientela.serve.patience import Patient
from clientela.serve.worker import Worker
from clientela.warehouse.store.snapshot import CURRENT, snapshots_folder
from clientela.web import warm

KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 20
COLLECTED_AFTER = 20_000  # objects, as many as two pages make: looked at after 700, they cost 4 % of each page
_LOG = logging.getLogger("clientela.serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What the server says when it listens."""

    place: str
    link: str | None
    nobody_can_enter: bool
    open_to_all: bool


def run(
    folder: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    requests: bool = False,
    say: Callable[[Started], None],
) -> None:
    """Serve a workspace until SIGTERM or SIGINT; what is being answered is answered first.

    Parameters
    ----------
    host, port : instead of what ``[serve]`` says
    requests : each request is a line in the log
    say : gets what there is to say when it listens

    Raises
    ------
    ConfigurationError
        It would be open to a network without an address that browsers know it by, or the port is taken.
    """
    overrides = {"serve": {name: value for name, value in (("host", host), ("port", port)) if value is not None}}
    settings = config.load(folder, overrides=overrides).serve
    refuse_replica(folder, "serve")
    _refuse_unnamed(settings)
    listening = _listening(settings)
    log.begin(requests=requests)
    worker = Worker(folder, _LOG.warning)
    app = application(folder, settings=settings, health=Health(worker.lives))
    server = uvicorn.Server(server_settings(app, settings))
    if (snapshots_folder(folder) / CURRENT).exists():  # else there is nothing to tell yet
        warm.load()
    with listening, worker.beside(), _ended_by_signals(server):
        say(_started(app.state.site, settings))
        gc.freeze()  # what was loaded stays; the collector need not look at it again
        before = gc.get_threshold()
        gc.set_threshold(COLLECTED_AFTER, *before[1:])
        try:
            server.run(sockets=[listening])
        finally:
            gc.set_threshold(*before)
            gc.unfreeze()


def server_settings(app: object, settings: Serve) -> uvicorn.Config:
    """How the application is run: what is believed of whom, and how long anybody is waited for."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type] # an ASGI application
        http=Patient,
        ws="none",
        h11_max_incomplete_event_size=HEAD_BYTES,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )


def _started(site: Site, settings: Serve) -> Started:
    now = site.clock()
    with site.database.change(by=os_actor(config.user()), now=now) as change:
        link = links.for_first(change, chance=token_bytes)
    return Started(
        place=settings.place,
        link=None if link is None else f"{settings.place}/enter/link/{link}",
        nobody_can_enter=link is None and not passwords.anybody_has_one(site.database),
        open_to_all=not settings.secure and not is_loopback(settings.host),
    )


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach what listens there.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_unnamed(settings: Serve) -> None:
    if settings.address is None and not is_loopback(settings.host):
        raise ConfigurationError(
            f"{settings.host} is open to a network: say under [serve] of {config.FILE} which address people write into "
            'the browser, for example address = "https://crm.example.com", and let a proxy speak TLS there '
            "(docs/howto/serve.md); or leave host out to serve this machine alone."
        )


def _listening(settings: Serve) -> socket.socket:
    """The port, ours from now on: so that a taken one is found before anything else begins."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        said = error.strerror or str(error)
        raise ConfigurationError(
            f"cannot listen at {settings.host}, port {settings.port}: {said.lower()}; end what listens there, or name "
            "another with --port."
        ) from None
    listening.listen(2048)
    listening.setblocking(False)
    return listening


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """SIGTERM and SIGINT end the server and nothing more: that it was asked to end is no failure."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: setattr(server, "should_exit", True)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
