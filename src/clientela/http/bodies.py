"""What is sent with a request: no more than is allowed, and not slower than a real line is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from starlette.types import Message, Receive, Scope

from clientela.errors import ClientelaError, SentTooMuchError, SentTooSlowlyError

KEY = "clientela.body"
LIMIT_BYTES = 2_000_000  # of a form, or of a question as JSON; a page that takes files allows itself more
UPLOAD_BYTES = 200_000_000
WAIT_SECONDS = 20.0  # for the next piece
GRACE_SECONDS = 20.0  # before it must have come at
LEAST_BYTES_A_SECOND = 1_000


@dataclass(slots=True)
class Body:
    """The body of one request as it is read; ``limit`` may be raised until reading begins.

    ``refused``: why no more of it is read, also where whoever reads it says it in other words.
    """

    receive: Receive
    declared: int | None
    limit: int = LIMIT_BYTES
    read: int = 0
    whole: bool = False
    refused: ClientelaError | None = None
    _began: float | None = field(default=None)

    async def __call__(self) -> Message:
        """The next piece of it.

        Raises
        ------
        SentTooMuchError, SentTooSlowlyError
            It is too large, or comes so slowly that it only keeps the door open.
        """
        if self.whole:
            return await self.receive()  # that the other side has gone
        try:
            return await self._next()
        except (SentTooMuchError, SentTooSlowlyError) as error:
            self.refused = error
            raise

    async def _next(self) -> Message:
        if self.declared is not None and self.declared > self.limit:
            raise SentTooMuchError(self.limit)
        began = self._began = self._began or monotonic()
        try:
            message = await asyncio.wait_for(self.receive(), WAIT_SECONDS)
        except TimeoutError:
            raise SentTooSlowlyError from None
        if message["type"] != "http.request":
            return message
        self.read += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.read > self.limit:
            raise SentTooMuchError(self.limit)
        lasted = monotonic() - began
        if not self.whole and lasted > GRACE_SECONDS and self.read < lasted * LEAST_BYTES_A_SECOND:
            raise SentTooSlowlyError
        return message


def watched(scope: Scope, receive: Receive) -> Body:
    """The body of a request, watched as it is read; found again by `allow`."""
    body = Body(receive, _declared(scope))
    scope[KEY] = body
    return body


def allow(scope: Any, limit: int) -> None:
    """Let this request send so many bytes: to be said before its body is read."""
    body = scope.get(KEY)
    if isinstance(body, Body):
        body.limit = limit


def _declared(scope: Scope) -> int | None:
    said = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    return int(said) if said is not None and said.isdigit() else None
