"""Where nothing is: a page that says so, to who has come in."""

from __future__ import annotations

from starlette.responses import Response

from clientela.errors import UnknownNameError
from clientela.http.guard import Page
from clientela.http.visit import Visit


def _nothing(visit: Visit) -> Response:
    raise UnknownNameError("page", visit.request.url.path[:80], ())


NOWHERE = Page(path="/{rest:path}", name="nowhere", answer=_nothing)
