"""How the pages look to one visitor: light, dark, or as their machine prefers."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from clientela.contracts.text import text
from clientela.errors import UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.web.frame import THEME_COOKIE, THEMES

A_YEAR_SECONDS = 31_536_000


def own_address(said: str | None) -> str:
    """An address of this site to go back to; the first page where it is none.

    Examples
    --------
    >>> own_address("/insights?lang=es"), own_address("//elsewhere.example"), own_address(None)
    ('/insights?lang=es', '/', '/')
    """
    fit = said is not None and said.startswith("/") and not said.startswith(("//", "/\\")) and said.isprintable()
    return said if fit and said is not None and "\\" not in said else "/"


def _chosen(visit: Visit) -> Response:
    theme = visit.param("theme") or "auto"
    if theme not in (*THEMES, "auto"):
        raise UsageError(text("unknown theme '{theme}'; known: 'light', 'dark', 'auto'.", theme=theme))
    response = RedirectResponse(own_address(visit.param("next")), status_code=303)
    if theme == "auto":
        response.delete_cookie(THEME_COOKIE, path="/", secure=visit.site.secure, samesite="lax")
    else:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=A_YEAR_SECONDS, path="/", secure=visit.site.secure, samesite="lax"
        )
    return response


PAGES: tuple[Page, ...] = (Page(path="/look", name="look", answer=_chosen, method="POST", open=True),)
