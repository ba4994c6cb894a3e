"""The only way to a page: it says who may see it, and the guard holds everybody else off.

A page that says nothing is for nobody but who came in; `open` pages are few, and a test names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clientela.contracts.text import text
from clientela.errors import ClientelaError, NotPermittedError
from clientela.http.bodies import allow
from clientela.http.cookies import give_entry
from clientela.http.door import ROUTE, note
from clientela.http.forms import checked_form
from clientela.http.site import Site
from clientela.http.statuses import headers_of
from clientela.http.visit import Visit
from clientela.http.visitor import visitor_of_session
from clientela.pipeline import serving
from clientela.pipeline.asking.watched import acting_for

SAFE = frozenset({"GET", "HEAD"})
ENTRY = "/enter"
LANE = "brief"  # of the application's state: how many brief pages are answered at a time
# One interpreter answers: ten brief pages begun together are all there at the end of the tenth, one after another each
# at its own. While one waits for the disk another is answered, hence not one.
BRIEF_AT_ONCE = 3
_ENTRY_BYTES = 16


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
    enters : has a form with which one comes in
    upload : takes files, as large as the settings allow
    brief : it is looked up, not worked out: few of them at a time, so that each is there sooner (`BRIEF_AT_ONCE`)
    """

    path: str
    name: str
    answer: Callable[[Visit], Response]
    method: str = "GET"
    may: str | None = None
    open: bool = False
    personal: bool = False
    enters: bool = False
    upload: bool = False
    brief: bool = False


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
        request.scope[ROUTE] = page.path
        site: Site = request.app.state.site
        if request.method in SAFE:
            lane: CapacityLimiter | None = getattr(request.app.state, LANE, None) if page.brief else None
            return await to_thread.run_sync(_shown, page, failed, request, site, limiter=lane)
        visit = await to_thread.run_sync(_identified, request, site, page)
        try:
            refused = _refused(page, visit)
            if refused is not None:
                return refused
            if page.upload:
                allow(request.scope, site.upload_bytes)
            visit = replace(visit, form=await checked_form(visit))
            response = await to_thread.run_sync(_answered, page, failed, visit)
        except ClientelaError as error:
            response = await to_thread.run_sync(_told, failed, visit, error)
        finally:
            await visit.form.close()
        return _finished(page, visit, response)

    return endpoint


def _shown(page: Page, failed: Failed, request: Request, site: Site) -> Response:
    """What a page shows: who asks, whether they may, and the answer, all in one thread, of one look at the files."""
    with serving.looking_once():
        visit = _identified(request, site, page)
        try:
            response = _refused(page, visit) or _answered(page, failed, visit)
        except ClientelaError as error:
            response = _told(failed, visit, error)
        return _finished(page, visit, response)


def _identified(request: Request, site: Site, page: Page) -> Visit:
    now = site.clock()
    visitor = visitor_of_session(site, request.cookies.get(site.session_cookie), now)
    entry = ""
    if visitor is None and page.enters:
        fresh = site.chance(_ENTRY_BYTES).hex() if request.method in SAFE else ""
        entry = request.cookies.get(site.entry_cookie) or fresh
    return Visit(request=request, site=site, now=now, visitor=visitor, entry=entry)


def _refused(page: Page, visit: Visit) -> Response | None:
    """The way to the entry for who has not come in; None where the page may be answered.

    Raises
    ------
    NotPermittedError
        Their roles do not let them do it.
    """
    if visit.visitor is None and not page.open:
        return _to_the_entry(visit.request)
    if page.may is not None and not visit.who.may(page.may):
        raise NotPermittedError(text("your roles do not let you do this; ask an administrator."))
    return None


def _finished(page: Page, visit: Visit, response: Response) -> Response:
    kept = "private, no-cache" if visit.visitor is not None and not page.personal else "no-store"
    response.headers.setdefault("cache-control", kept)
    if visit.entry and visit.entry != visit.request.cookies.get(visit.site.entry_cookie):
        give_entry(response, visit.site, visit.entry)
    return response


def _answered(page: Page, failed: Failed, visit: Visit) -> Response:
    if visit.visitor is None:
        return page.answer(visit)
    with acting_for(visit.visitor.actor):
        try:
            return page.answer(visit)
        except ClientelaError:
            raise
        except Exception as error:  # noqa: BLE001 - nobody foresaw it; the visitor is told where it is written
            number = visit.request.scope.get("state", {}).get("request_id", "-")
            note(error, number)
            said = f"something went wrong here that should not; it was written to the log under {number}."
            return failed(visit, ClientelaError(said))


def _told(failed: Failed, visit: Visit, error: ClientelaError) -> Response:
    """What went wrong, within the rights of the visitor: also a page that says so asks for what stands around it."""
    with acting_for(visit.visitor.actor if visit.visitor is not None else ""):
        response = failed(visit, error)
    for name, value in headers_of(error).items():
        response.headers.setdefault(name, value)
    return response


def _to_the_entry(request: Request) -> Response:
    """Where one comes in; from there one returns to what one wanted to see."""
    if request.method not in SAFE:
        return RedirectResponse(ENTRY, status_code=303)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    place = request.url.replace(path=ENTRY, query="").include_query_params(next=wanted)
    return RedirectResponse(f"{place.path}?{place.query}", status_code=303)
