"""What a form sent, checked: it comes from a page of ours, and is no larger than a form can be."""

from __future__ import annotations

import hmac

from starlette.datastructures import FormData
from starlette.requests import Request

from clientela.errors import NotPermittedError
from clientela.http.visitor import Visitor

TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field
MAX_FIELDS = 500
MAX_FILES = 20
MAX_FIELD_BYTES = 200_000


async def checked_form(request: Request, visitor: Visitor | None) -> FormData:
    """The fields and files of a form that a page of ours sent.

    Raises
    ------
    NotPermittedError
        Another site sent it, or it does not carry the token of the visitor's session.
    """
    refuse_foreign(request)
    form = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES, max_part_size=MAX_FIELD_BYTES)
    if visitor is not None:
        sent = form.get(TOKEN_FIELD)
        if not isinstance(sent, str) or not hmac.compare_digest(sent, visitor.form_token):
            raise NotPermittedError(
                "this form is of an earlier session; go back, load the page anew and send it again."
            )
        if visitor.seen_as is not None and request.url.path != "/view-as/end":
            raise NotPermittedError("while you see as somebody else, nothing can be changed; end that first.")
    return form


def refuse_foreign(request: Request) -> None:
    """Refuse what another site sends in the visitor's name.

    Raises
    ------
    NotPermittedError
        The browser says that the request does not come from here.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise NotPermittedError("this was sent from another site; nothing was changed.")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
        raise NotPermittedError("this was sent from another site; nothing was changed.")
