"""A template filled for a visit: its language, who looks, where one is."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from clientela.errors import (
    BusyError,
    ClientelaError,
    LockedError,
    NothingPublishedError,
    NotPermittedError,
    UnknownNameError,
    UsageError,
)
from clientela.http.visit import Visit
from clientela.present.views import Show

STATUS: tuple[tuple[type[ClientelaError], int], ...] = (
    (NotPermittedError, 403),
    (NothingPublishedError, 404),
    (UnknownNameError, 404),
    (UsageError, 400),
    (BusyError, 503),
    (LockedError, 409),
)


def shown(visit: Visit, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page: the template with what it shows, everything in it escaped.

    A template extends ``page.html`` and has at hand ``t`` and ``nt`` (messages), ``say`` (a `Text`), ``show`` (figures,
    tables, chips: `clientela.present.views.Show`), ``visit``, ``lang``, ``form_token`` and ``url`` (the address of a
    page by its name).
    """
    show = Show(visit.lang)
    filled = (
        environment()
        .get_template(template)
        .render(
            show=show,
            t=show.t,
            nt=show.nt,
            say=show.say,
            visit=visit,
            lang=visit.lang,
            locale=visit.lang,
            form_token=visit.visitor.form_token if visit.visitor is not None else "",
            url=lambda name, **params: str(visit.request.app.url_path_for(name, **params)),
            **context,
        )
    )
    return HTMLResponse(filled, status_code=status)


def failed(visit: Visit, error: ClientelaError) -> Response:
    """What went wrong, as a page that says what, why and what now."""
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return shown(visit, "failed.html", status=status, error=error, code=status)


@cache
def environment() -> Environment:
    """The templates of the pages, and the parts they share with the report."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("clientela.web"), PackageLoader("clientela.present")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
