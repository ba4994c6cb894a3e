"""HTTP as it comes over the line: with a limit to how long and how large the head of a request may be."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from clientela.http.headers import HEADERS

HEAD_SECONDS = 10.0  # from the first byte of a request, or from the connection, until its head is there
MOST_CONNECTIONS = 1_000
_SAID = {
    400: b"this is no HTTP request.\n",
    408: b"the request came too slowly.\n",
    431: b"the headers of the request are too large.\n",
}


class Patient(H11Protocol):
    """A connection that is closed when the head of a request does not come, or is none.

    More connections than can be kept close those that wait for a request, the oldest first: who only holds the door
    open does not keep others out.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what came; the head of a request must be there in time, however many pieces it comes in."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            if self._head is None:
                self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side has gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request; what came of it already must be whole in time."""
        super().on_response_complete()
        if self.conn.trailing_data[0] and self.conn.their_state is h11.IDLE:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Say what was wrong with the head, and close."""
        error = sys.exc_info()[1]
        hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        self._refuse(hint if hint in _SAID else 400)

    def waits(self) -> bool:
        """Whether no request is being answered here."""
        cycle: Any = self.cycle  # None before the first request, whatever uvicorn says
        return cycle is None or bool(cycle.response_complete)

    def _wait(self) -> None:
        self._wait_no_more()
        self._head = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _wait_no_more(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _too_slow(self) -> None:
        self._head = None
        if self.transport.is_closing() or not self.waits():
            return
        if self.conn.trailing_data[0]:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE, h11.ERROR):
            self.transport.close()
            return
        said = _SAID[status]
        headers = {**HEADERS, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        lines = [f"HTTP/1.1 {status} {_PHRASES[status]}", *(f"{name}: {value}" for name, value in headers.items())]
        lines += [f"content-length: {len(said)}", "connection: close", "", ""]
        self.transport.write("\r\n".join(lines).encode("ascii") + said)
        self.transport.close()

    def _make_room(self) -> None:
        others = (each for each in self.connections if isinstance(each, Patient) and each is not self)
        waiting = [each for each in others if each.waits() and not each.transport.is_closing()]
        oldest = min(waiting, key=lambda each: each._head.when() if each._head is not None else 0.0, default=None)
        if oldest is not None:
            oldest.transport.abort()


_PHRASES = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
