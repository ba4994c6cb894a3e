"""The door: what every request passes before any page sees it, and every response on its way out.

From outside in: a number for the request; a host that is ours; not more at once than can be answered; a body that is
neither too large nor too slow. From inside out: the headers; one line in the log, without who and without what was
asked; the counters.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from secrets import token_hex
from time import perf_counter
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela.errors import ClientelaError
from clientela.http import bodies
from clientela.http.headers import raw, with_ours
from clientela.http.refusal import refusal
from clientela.http.statuses import headers_of, status_of

ROUTE = "clientela.route"  # in the scope: the pattern that answers, for log and counters
_LOG = logging.getLogger("clientela.requests")
_MOST_AT_ONCE = 200
_WRONG = 400  # from here on a status says that something is
HEAD_BYTES = 32_768  # of the address and all headers of a request together

Watch = Callable[[str, str, int, float], None]
"""Gets route, method, status and seconds of each request that was answered."""


def unwatched(route: str, method: str, status: int, seconds: float) -> None:
    """Count nothing."""


@dataclass(slots=True)
class Door:
    """Stands before the application.

    Parameters
    ----------
    address : what people write into the browser; its host is ours, as are addresses in numbers and ``localhost``
    secure : visitors come over TLS
    watch : counts
    style : the address of the stylesheet of refusals
    most : so many requests are in the house at once
    """

    app: ASGIApp
    address: str = ""
    secure: bool = False
    watch: Watch = unwatched
    style: Callable[[], str] = str
    most: int = _MOST_AT_ONCE
    inside: int = 0
    _ours: tuple[tuple[bytes, bytes], ...] = field(init=False)
    _host: str = field(init=False)

    def __post_init__(self) -> None:
        self._ours = raw(secure=self.secure)
        self._host = (urlsplit(self.address).hostname or "").lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # there is nothing here that speaks otherwise
        passing = _Passing(self._ours, send, token_hex(8))
        scope.setdefault("state", {})["request_id"] = passing.number
        began = perf_counter()
        self.inside += 1
        try:
            await self._answer(scope, receive, passing)
        finally:
            self.inside -= 1
            seconds = perf_counter() - began
            route = scope.get(ROUTE) or getattr(scope.get("route"), "path_format", None) or "-"
            self.watch(route, scope["method"], passing.status, seconds)
            _LOG.info(
                "answered",
                extra={
                    "told": {
                        "request": passing.number,
                        "method": scope["method"],
                        "route": route,
                        "status": passing.status,
                        "ms": round(1000 * seconds, 1),
                    }
                },
            )

    async def _answer(self, scope: Scope, receive: Receive, passing: _Passing) -> None:
        if not self._is_ours(scope):
            said = "this name is not one that this server answers to; say it as address in [serve] of clientela.toml."
            await refusal(scope, 400, said)(scope, receive, passing)
            return
        if _head_bytes(scope) > HEAD_BYTES:
            said = "the address or the headers of the request are too large."
            await refusal(scope, 431, said, connection="close")(scope, receive, passing)
            return
        if self.inside > self.most:
            said = "too many ask at once; try again in a moment."
            await refusal(scope, 503, said, retry_after="2", connection="close")(scope, receive, passing)
            return
        try:
            body = bodies.watched(scope, receive)
            passing.replaced = lambda status: self._instead(scope, body, status)
            await self.app(scope, body, passing)
        except ClientelaError as error:
            await self._failed(scope, receive, passing, status_of(error), str(error), headers_of(error))
        except Exception as error:  # noqa: BLE001 - the last door: whatever happened is one sentence for the visitor
            note(error, passing.number)
            said = f"something went wrong here that should not; it was written to the log under {passing.number}."
            await self._failed(scope, receive, passing, 500, said, {})

    async def _failed(
        self, scope: Scope, receive: Receive, passing: _Passing, status: int, said: str, headers: dict[str, str]
    ) -> None:
        if passing.whole:
            return  # the application has answered already, and only told of it besides
        if passing.status:
            raise ConnectionAbortedError  # half a response went out; the server closes the connection
        named = {name.replace("-", "_"): value for name, value in headers.items()}
        await refusal(scope, status, said, style=self.style(), **named)(scope, receive, passing)

    def _instead(self, scope: Scope, body: bodies.Body, status: int) -> Response | None:
        """What is answered to a body that was refused, where the application says that it could not be read."""
        if body.refused is None or status < _WRONG or status == status_of(body.refused):
            return None
        named = {name.replace("-", "_"): value for name, value in headers_of(body.refused).items()}
        return refusal(scope, status_of(body.refused), str(body.refused), style=self.style(), **named)

    def _is_ours(self, scope: Scope) -> bool:
        """Whether the host that was asked for is ours: a name of somebody else's must not lead a browser here."""
        said = [value for name, value in scope["headers"] if name == b"host"]
        if len(said) != 1:
            return False
        try:
            host = (urlsplit("//" + said[0].decode("ascii")).hostname or "").rstrip(".")
        except ValueError:
            return False
        return bool(host) and (host in (self._host, "localhost") or _is_number(host))


def _never(status: int) -> Response | None:
    return None


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


@dataclass(slots=True)
class _Passing:
    """The way out of one response."""

    ours: tuple[tuple[bytes, bytes], ...]
    send: Send
    number: str
    status: int = 0
    replaced: Callable[[int], Response | None] = _never
    silent: bool = False
    whole: bool = False

    async def __call__(self, message: Message) -> None:
        if self.silent:
            return
        if message["type"] == "http.response.start":
            other = self.replaced(message["status"])
            if other is not None:
                await other({"type": "http"}, _nothing, _Passing(self.ours, self.send, self.number))
                self.status, self.silent, self.whole = other.status_code, True, True
                return
            self.status = message["status"]
            headers = with_ours(list(message.get("headers", ())), self.ours)
            message = {**message, "headers": [*headers, (b"x-request-id", self.number.encode())]}
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.whole = True
        await self.send(message)


def note(error: BaseException, number: str) -> None:
    """Write to the log where an error came from; not what it says, which may name somebody."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{each.filename}:{each.lineno} {each.name}" for each in frames[-12:]]
    told = {"request": number, "error": type(error).__name__, "where": where}
    _LOG.error("failed", extra={"told": told})
    _LOG.debug("failed: %s", error, exc_info=error)


def _head_bytes(scope: Scope) -> int:
    named = sum(len(name) + len(value) for name, value in scope["headers"])
    return named + len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")


def _is_number(host: str) -> bool:
    """Whether a host is an address in numbers: no name that leads elsewhere tomorrow."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
