"""What went wrong, as RFC 9457 says it: ``application/problem+json``.

Each kind has a type, which docs/reference/problems.md explains; ``detail`` is the sentence a person reads, ``errors``
names the places of what was sent that are wrong, as JSON pointers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from clientela.errors import (
    BusyError,
    ClientelaError,
    ExistsError,
    KeyReusedError,
    LockedError,
    NothingPublishedError,
    NotPermittedError,
    SentTooMuchError,
    SentTooSlowlyError,
    StillAnsweredError,
    TokenError,
    TooLargeError,
    UnreadableFormError,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
KINDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The question cannot be answered"),
    401: ("unknown-token", "No token, or none that is known"),
    403: ("not-permitted", "Not permitted"),
    404: ("not-found", "There is no such thing"),
    405: ("method", "This address does not take this method"),
    406: ("not-acceptable", "It cannot be told in this form"),
    408: ("too-slow", "It came too slowly"),
    409: ("conflict", "It cannot be done now"),
    412: ("changed", "It was changed meanwhile"),
    413: ("too-large", "It is too large"),
    415: ("media-type", "It was sent in a form that is not taken"),
    422: ("invalid", "What was sent is not valid"),
    429: ("too-often", "Too many requests"),
    500: ("internal", "Something went wrong here"),
    503: ("busy", "Busy, try again"),
}
_STATUS: Sequence[tuple[type[ClientelaError], int]] = (
    (TokenError, 403),
    (NotPermittedError, 403),
    (NothingPublishedError, 404),
    (SentTooMuchError, 413),
    (SentTooSlowlyError, 408),
    (UnreadableFormError, 413),
    (KeyReusedError, 422),
    (StillAnsweredError, 409),
    (ExistsError, 409),
    (BusyError, 503),
    (LockedError, 409),
    (TooLargeError, 413),
    (UsageError, 400),
)
TYPES = "urn:clientela:problem:"  # docs/reference/problems.md says each


class Wrong(BaseModel):
    """One place of what was sent that is wrong."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None


class NotFoundError(UsageError):
    """There is nothing at this address."""


def problem(status: int, detail: str, errors: Sequence[Wrong] = (), **headers: str) -> JSONResponse:
    """The response that says what went wrong."""
    kind, title = KINDS.get(status, KINDS[500])
    said = Problem(type=TYPES + kind, title=title, status=status, detail=detail, errors=list(errors) or None)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(said.model_dump(exclude_none=True), status, named, MEDIA_TYPE)


async def of_clientela(request: Request, error: ClientelaError) -> JSONResponse:
    """What a question of ours could not answer."""
    if isinstance(error, NotFoundError):
        return problem(404, str(error))
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    response = problem(status, str(error))
    if status in (409, 503):
        response.headers["retry-after"] = "2"
    if status in (408, 413) and isinstance(error, SentTooMuchError | SentTooSlowlyError):
        response.headers["connection"] = "close"  # nothing more of it is read
    return response


async def of_ourselves(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw; the log has the rest."""
    return problem(500, "something went wrong here, and it was written to the log of the server.")


async def of_validation(request: Request, error: RequestValidationError) -> JSONResponse:
    """What was sent does not have the form that is asked for."""
    wrong = [Wrong(pointer=_pointer(each["loc"]), detail=str(each["msg"])) for each in error.errors()]
    said = "; ".join(f"{each.pointer}: {each.detail}" for each in wrong[:3])
    return problem(422, f"What was sent is not valid: {said}.", wrong)


async def of_http(request: Request, error: HTTPException) -> JSONResponse:
    """What Starlette refuses: an address or a method that is not there."""
    said = {404: "there is nothing at this address.", 405: f"this address does not take {request.method}."}
    response = problem(error.status_code, said.get(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


def _pointer(place: Sequence[Any]) -> str:
    """A JSON pointer (RFC 6901) into what was sent.

    Examples
    --------
    >>> _pointer(("query", "limit"))
    '/query/limit'
    """
    return "/" + "/".join(str(each).replace("~", "~0").replace("/", "~1") for each in place)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": KINDS[status][1], "content": {MEDIA_TYPE: {}}}
    for status in (400, 401, 403, 404, 409, 413, 422, 500, 503)
}
