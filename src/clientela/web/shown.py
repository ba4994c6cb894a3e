"""A template filled for a visit: its language, who looks, where one is."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from clientela.errors import ClientelaError
from clientela.http.visit import Visit
from clientela.present.say import worded
from clientela.present.views import Show
from clientela.web.assets import address
from clientela.web.frame import frame_of, may_open
from clientela.web.templating import environment
from clientela.web.trouble import trouble_of


def shown(visit: Visit, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page: the template with what it shows, everything in it escaped.

    A template extends ``page.html`` and has at hand ``t`` and ``nt`` (messages), ``say`` (a `Text`), ``show`` (figures,
    tables, chips: `clientela.present.views.Show`), ``visit``, ``lang``, ``form_token`` and ``url`` (the address of a
    page by its name), ``linked`` (the same, but '' where there is no such page or the visitor may not open it),
    ``url_static`` (the address of a file of ours, '' where this installation has it not), ``frame`` (what stands
    around the page) and ``here(name=value)`` (this page's address with other parameters; None takes one away).
    """
    return HTMLResponse(filled(visit, template, frame=frame_of(visit), **context), status_code=status)


def filled(visit: Visit, template: str, **context: object) -> str:
    """A template filled, as text: a part of a page that is kept may hold nothing of one visitor's session."""
    show = Show(visit.lang)
    return (
        environment(visit.lang)
        .get_template(template)
        .render(
            show=show,
            t=show.t,
            nt=show.nt,
            say=show.say,
            visit=visit,
            lang=visit.lang,
            locale=visit.lang,
            form_token=visit.form_token,
            url=lambda name, /, **params: str(visit.request.app.url_path_for(name, **params)),
            linked=lambda name, /, **params: linked(visit, name, **params),
            here=lambda **params: here(visit, **params),
            url_static=address,
            **context,
        )
    )


def linked(visit: Visit, name: str, /, **params: object) -> str:
    """The address of a page by its name; '' where none is served or the visitor may not open it."""
    return str(visit.request.app.url_path_for(name, **params)) if may_open(visit, name) else ""


def here(visit: Visit, **params: object) -> str:
    """The address of this page with other parameters; None takes one away, and the page of a list starts anew."""
    query = [(name, value) for name, value in visit.request.query_params.multi_items() if name not in params]
    query += [(name, str(value)) for name, value in params.items() if value is not None]
    path = visit.request.url.path
    return f"{path}?{urlencode(query)}" if query else path


def failed(visit: Visit, error: ClientelaError) -> Response:
    """What went wrong, as a page that says what, why and what now; in the small print the sentence itself."""
    told = trouble_of(error)
    show = Show(visit.lang)
    ways = [(linked(visit, name), show.say(word)) for name, word in told.ways if linked(visit, name)]
    return shown(
        visit,
        "failed.html",
        status=told.status,
        kind=told.sign,
        title=show.say(told.title),
        why=show.say(told.why),
        small=worded(error, visit.lang),
        ways=ways,
    )
