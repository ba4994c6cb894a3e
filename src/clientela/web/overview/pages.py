"""The pages of this part."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup
from starlette.responses import Response

from clientela.contracts.text import Text, text
from clientela.errors import NothingPublishedError, NotPermittedError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.present.views import Show
from clientela.web.mains import Main, kept_main
from clientela.web.overview.told import told
from clientela.web.shown import filled, linked, shown


def _overview(visit: Visit) -> Response:
    try:
        main = kept_main(visit, ("overview",), lambda: _made(visit))
    except NothingPublishedError:
        return _nothing(visit)
    except NotPermittedError:
        return _no_role(visit)
    response = shown(visit, "overview/page.html", title=main.title, main=main.html)
    if main.personal:
        response.headers["cache-control"] = "no-store"
    return response


def _made(visit: Visit) -> Main:
    found = visit.workspace.telling.overview(user=visit.user, now=visit.now)
    said = told(found, Show(visit.lang), partial(linked, visit))
    html = Markup(filled(visit, "overview/main.html", told=said))  # noqa: S704 - a template filled it, everything escaped
    return Main(title=said.headline, html=html, personal=found.personal)


def _nothing(visit: Visit) -> Response:
    """Nothing was published yet: what one file is enough for, and where to bring it."""
    ways = (("start", text("Upload a file")), ("data", text("To the data")))
    return _state(
        visit,
        "yet",
        text("There are no figures here yet"),
        text(
            "clientela can tell you who buys, who leaves and why as soon as it knows your orders. "
            "One file with date, customer and amount is enough."
        ),
        text("Takes about two minutes. Nothing leaves this machine."),
        ways,
    )


def _no_role(visit: Visit) -> Response:
    """Somebody who came in but holds no role that shows anything."""
    return _state(
        visit,
        "refused",
        text("You hold no role yet"),
        text(
            "You are known here, but nobody has said yet what you may see. "
            "Whoever administers clientela can give you a role; then this page fills by itself."
        ),
        text("A role says which figures one sees, and of which part of the company."),
        (("help", text("Who sees what?")), ("me", text("Your account"))),
    )


def _state(
    visit: Visit, kind: str, title: Text, why: Text, small: Text, ways: tuple[tuple[str, Text], ...]
) -> Response:
    show = Show(visit.lang)
    return shown(
        visit,
        "overview/nothing.html",
        kind=kind,
        title=show.say(title),
        why=show.say(why),
        small=show.say(small),
        ways=[(linked(visit, name), show.say(word)) for name, word in ways if linked(visit, name)],
    )


PAGES: tuple[Page, ...] = (Page(path="/", name="overview", answer=_overview),)
