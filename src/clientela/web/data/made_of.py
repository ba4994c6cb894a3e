"""What each table is made of, and the snapshots one can go back to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from clientela import config
from clientela.errors import UnknownNameError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.working import asked
from clientela.web.data.jobs import ask_for, nonce, to_job
from clientela.web.shown import shown


def _tables(visit: Visit) -> Response:
    return shown(visit, "data/lineage.html", tables=visit.workspace.data.of(visit.user).tables())


def _table(visit: Visit) -> Response:
    line = visit.workspace.data.of(visit.user).line(visit.request.path_params["table"])
    return shown(visit, "data/table.html", line=line)


def _snapshots(visit: Visit) -> Response:
    visit.workspace.data.of(visit.user).runs(limit=1)  # refuses who is not told of the data
    kept = [_said(visit, each) for each in visit.workspace.snapshots()]
    return shown(
        visit,
        "data/snapshots.html",
        kept=kept,
        newest=kept[0]["name"] if kept else None,
        going=asked.open_jobs(visit.site.database, "rollback"),
    )


def _said(visit: Visit, kept: object) -> dict[str, object]:
    """A snapshot with its moment in the company's zone."""
    zone = ZoneInfo(config.load(visit.site.folder).company.timezone)
    said = getattr(kept, "published_at", None)
    at = datetime.fromisoformat(said).replace(tzinfo=UTC).astimezone(zone) if said else None
    day = getattr(kept, "as_of", None)
    names = ("number", "name", "size", "serves", "fits")
    as_of = date.fromisoformat(day) if day else None
    return {**{name: getattr(kept, name) for name in names}, "at": at, "as_of": as_of}


def _ask_back(visit: Visit) -> Response:
    """Whether one really wants to go back."""
    name = visit.request.path_params["snapshot"]
    kept = {each.name: each for each in visit.workspace.snapshots()}
    if name not in kept:
        raise UnknownNameError("snapshot", name, kept)
    return shown(visit, "data/go_back.html", kept=_said(visit, kept[name]), once=nonce(visit))


def _go_back(visit: Visit) -> Response:
    """Let an earlier snapshot serve."""
    name = visit.request.path_params["snapshot"]
    kept = [each.name for each in visit.workspace.snapshots()]
    if name not in kept:
        raise UnknownNameError("snapshot", name, kept)
    return to_job(visit, ask_for(visit, "rollback", {"to": name}))


PAGES: tuple[Page, ...] = (
    Page(path="/data/tables", name="data-lineage", answer=_tables),
    Page(path="/data/tables/{table}", name="data-table", answer=_table),
    Page(path="/data/snapshots", name="data-snapshots", answer=_snapshots),
    Page(path="/data/snapshots/{snapshot}", name="data-go-back", answer=_ask_back, may="bring-data"),
    Page(path="/data/snapshots/{snapshot}", name="data-rollback", answer=_go_back, method="POST", may="bring-data"),
)
