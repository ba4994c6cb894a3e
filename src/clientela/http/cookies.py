"""The cookies there are: of a session, of the form with which one comes in, of an entry with an account elsewhere."""

from __future__ import annotations

from starlette.responses import Response

from clientela.http.site import Site


def give_session(response: Response, site: Site, secret: str) -> None:
    """Let the browser keep a session, until it is closed or the session is over."""
    seconds = int(site.lasting.total_seconds())
    response.set_cookie(
        site.session_cookie, secret, max_age=seconds, path="/", secure=site.secure, httponly=True, samesite="lax"
    )
    take_entry(response, site)


def take_session(response: Response, site: Site) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(site.session_cookie, path="/", secure=site.secure, httponly=True, samesite="lax")


def give_entry(response: Response, site: Site, secret: str) -> None:
    """Bind the form of coming in to this browser."""
    response.set_cookie(site.entry_cookie, secret, path="/", secure=site.secure, httponly=True, samesite="strict")


def take_entry(response: Response, site: Site) -> None:
    """Let the browser forget what the form of coming in was bound with."""
    response.delete_cookie(site.entry_cookie, path="/", secure=site.secure, httponly=True, samesite="strict")


def give_elsewhere(response: Response, site: Site, secret: str, seconds: int) -> None:
    """Bind an entry with an account elsewhere to this browser; lax, as it comes back from another site."""
    response.set_cookie(
        site.elsewhere_cookie, secret, max_age=seconds, path="/", secure=site.secure, httponly=True, samesite="lax"
    )


def take_elsewhere(response: Response, site: Site) -> None:
    """Let the browser forget it."""
    response.delete_cookie(site.elsewhere_cookie, path="/", secure=site.secure, httponly=True, samesite="lax")
