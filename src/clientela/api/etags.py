"""ETags: a question asked again of the same snapshot, within the same rights, is not answered twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clientela._version import __version__
from clientela.api.caller import Caller
from clientela.errors import NothingPublishedError
from clientela.pipeline.asking.watched import asker
from clientela.pipeline.serving import serving


def opens_people(caller: Caller) -> bool:
    """Whether what the caller may see holds personal data."""
    asking = asker(caller.site.folder, caller.user, caller.now)
    return asking is None or asking.opens_people


def etag(request: Request, caller: Caller) -> str:
    """The mark of an answer: of the snapshot, of what the caller may see today, and of what is asked.

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    """
    served = serving(caller.site.folder)
    if served is None:
        raise NothingPublishedError
    asking = asker(caller.site.folder, caller.user, caller.now)
    rights = "" if asking is None else f"{asking.policy.mark} {sorted(map(repr, asking.held))}"
    day = caller.now.astimezone(UTC).date()
    settings = (caller.site.folder / "clientela.toml").read_bytes()
    said = (
        __version__,
        served.snapshot.name,
        served.damage,
        rights,
        day,
        str(request.url.path),
        str(request.url.query),
    )
    mark = hashlib.sha256("\n".join(map(str, said)).encode() + settings)
    return f'"{mark.hexdigest()[:32]}"'


def answered(
    request: Request, caller: Caller, made: Callable[[], dict[str, Any]], *, personal: bool = False
) -> Response:
    """The document that ``made`` gives, or 304 where the caller has it already.

    Parameters
    ----------
    personal : it may hold personal data: each look is made and entered in the audit log, and nothing on the way keeps
        it
    """
    if personal:
        return JSONResponse(made(), headers={"cache-control": "no-store"})
    mark = etag(request, caller)
    headers = {"etag": mark, "cache-control": "private, no-cache", "vary": "authorization"}
    if mark in {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    return JSONResponse(made(), headers=headers)
