"""What a form sent, checked: it comes from a page of ours, and is no larger than a form can be."""

from __future__ import annotations

import hmac

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from clientela.contracts.text import text
from clientela.errors import ForeignFormError, NotPermittedError, UnreadableFormError
from clientela.http.site import Site
from clientela.http.visit import Visit

TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field
ALWAYS = frozenset({"/view-as/end", "/leave"})  # also while one sees as somebody else
MAX_FIELDS = 500
MAX_FILES = 20
MAX_FIELD_BYTES = 200_000


async def checked_form(visit: Visit) -> FormData:
    """The fields and files of a form that a page of ours sent.

    Raises
    ------
    ForeignFormError
        Another site sent it, or it does not carry the token of the visitor's session.
    """
    request = visit.request
    refuse_foreign(request)
    try:
        form = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES, max_part_size=MAX_FIELD_BYTES)
    except HTTPException as error:
        raise UnreadableFormError(str(error.detail)) from None
    sent = form.get(TOKEN_FIELD)
    if not isinstance(sent, str) or not visit.form_token or not hmac.compare_digest(sent, visit.form_token):
        await form.close()
        raise ForeignFormError(
            text("this form is of an earlier session; go back, load the page anew and send it again.")
        )
    if visit.visitor is not None and visit.visitor.seen_as is not None and request.url.path not in ALWAYS:
        await form.close()
        raise NotPermittedError(text("while you see as somebody else, nothing can be changed; end that first."))
    return form


def refuse_foreign(request: Request) -> None:
    """Refuse what another site sends in the visitor's name.

    Raises
    ------
    ForeignFormError
        The browser says that the request does not come from here.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise ForeignFormError(text("this was sent from another site; nothing was changed."))
    origin = request.headers.get("origin")
    if origin is not None and origin not in _ours(request):
        raise ForeignFormError(text("this was sent from another site; nothing was changed."))


def _ours(request: Request) -> tuple[str, ...]:
    """The origins of pages of ours; whether over TLS the proxy in front knows, and the settings say."""
    site: Site = request.app.state.site
    scheme = "https" if site.secure else request.url.scheme
    return (site.address, f"{scheme}://{request.url.netloc}") if site.address else (f"{scheme}://{request.url.netloc}",)
