"""Views under a name: saved, opened, shared, renamed, deleted."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from clientela.appdb.saved import views as saved
from clientela.contracts.text import text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.web.explore.question import asked

PAGE = "explore"


def save_view(visit: Visit) -> Response:
    """Keep a question under a name."""
    question = asked(QueryParams(visit.param("question") or ""))
    if not question.measures:
        raise UsageError(text("there is nothing to save yet; ask something first."))
    site = visit.site
    with site.database.change(by=visit.who.actor, now=visit.now) as change:
        made = saved.save(
            change,
            visit.who.came.user_id,
            page=PAGE,
            name=visit.param("name") or "",
            question=urlencode(question.items),
            shared=visit.param("shared") == "1",
            chance=site.chance,
        )
    return _to(visit, f"{made.question}&view={made.view_id}&done=saved")


def open_view(visit: Visit) -> Response:
    """The question of a view, answered within what the visitor may see."""
    with visit.site.database.reading() as connection:
        view = saved.of_id(connection, visit.request.path_params["view"], visit.user)
    return _to(visit, f"{view.question}&view={view.view_id}")


def change_view(visit: Visit) -> Response:
    """Give a view another name, share it or no longer, or delete it."""
    deed, who = visit.param("deed") or "", visit.who.came.user_id
    view_id = visit.request.path_params["view"]
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        if deed == "delete":
            saved.remove(change, who, view_id)
            return _to(visit, "done=deleted")
        if deed in ("share", "unshare"):
            saved.alter(change, who, view_id, shared=deed == "share")
        elif deed == "rename":
            saved.alter(change, who, view_id, name=visit.param("name") or "")
        else:
            raise UsageError(text("'{deed}' is nothing that can be done with a view.", deed=deed[:40]))
        view = saved.of_id(change.connection, view_id, who)
    return _to(visit, f"{view.question}&view={view.view_id}&done={deed}d")


def _to(visit: Visit, query: str) -> Response:
    return RedirectResponse(f"{visit.request.app.url_path_for('explore')}?{query}", status_code=303)
