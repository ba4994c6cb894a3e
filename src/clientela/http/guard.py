"""The only way to a page: it says who may see it, and the guard holds everybody else off.

A page that says nothing is for nobody but who came in; `open` pages are few, and a test names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clientela.errors import ClientelaError, NotPermittedError
from clientela.http.forms import checked_form
from clientela.http.site import Site
from clientela.http.visit import Visit
from clientela.http.visitor import visitor_of_session
from clientela.pipeline.asking.watched import acting_for

SAFE = frozenset({"GET", "HEAD"})
ENTRY = "/enter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, or what one form of a page does.

    Parameters
    ----------
    path : as Starlette writes it, such as ``/customers/{customer:int}``
    name : by which templates link to it; one of a kind
    answer : what is shown; runs in a thread of its own
    method : GET; POST for what changes something: then the form must come from a page of ours
    may : what the visitor's roles must let them do, of `clientela.access.policy.DEEDS`; None: to be in is enough
    open : also for who has not come in
    personal : shows personal data: nothing on the way may keep it
    """

    path: str
    name: str
    answer: Callable[[Visit], Response]
    method: str = "GET"
    may: str | None = None
    open: bool = False
    personal: bool = False


Failed = Callable[[Visit, ClientelaError], Response]


def routes(pages: Sequence[Page], failed: Failed) -> list[Route]:
    """The routes of pages, each guarded.

    Parameters
    ----------
    failed : shows what went wrong, or what somebody may not
    """
    return [
        Route(each.path, _guarded(each, failed), methods=[each.method], name=each.name, include_in_schema=False)
        for each in pages
    ]


def _guarded(page: Page, failed: Failed) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        site: Site = request.app.state.site
        visit = await to_thread.run_sync(_identified, request, site)
        try:
            if visit.visitor is None and not page.open:
                return _to_the_entry(request)
            if page.may is not None and not visit.who.may(page.may):
                raise NotPermittedError("your roles do not let you do this; ask an administrator.")
            if request.method not in SAFE:
                form = await checked_form(request, visit.visitor)
                visit = replace(visit, form=form)
            response = await to_thread.run_sync(_answered, page, visit)
        except ClientelaError as error:
            response = await to_thread.run_sync(failed, visit, error)
        finally:
            await visit.form.close()
        if visit.visitor is not None:
            response.headers.setdefault("cache-control", "no-store" if page.personal else "private, no-cache")
        return response

    return endpoint


def _identified(request: Request, site: Site) -> Visit:
    now = site.clock()
    visitor = visitor_of_session(site, request.cookies.get(site.session_cookie), now)
    return Visit(request=request, site=site, now=now, visitor=visitor)


def _answered(page: Page, visit: Visit) -> Response:
    if visit.visitor is None:
        return page.answer(visit)
    with acting_for(visit.visitor.actor):
        return page.answer(visit)


def _to_the_entry(request: Request) -> Response:
    """Where one comes in; from there one returns to what one wanted to see."""
    if request.method not in SAFE:
        return RedirectResponse(ENTRY, status_code=303)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    place = request.url.replace(path=ENTRY, query="").include_query_params(next=wanted)
    return RedirectResponse(f"{place.path}?{place.query}", status_code=303)
