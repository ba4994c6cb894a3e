"""The first page of the data, the sources, one source, its deliveries, and files uploaded for it."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from clientela.contracts.text import text
from clientela.errors import UploadError, UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.intake.uploads import Sent
from clientela.pipeline.overseen.batches import PAGE
from clientela.pipeline.working import asked
from clientela.web.data import stopped
from clientela.web.data.jobs import job_view, nonce, once, to_job
from clientela.web.shown import shown


def _data(visit: Visit) -> Response:
    """What there is, how good it is, what is to be done."""
    if not visit.workspace.data.exists:
        return RedirectResponse(str(visit.request.app.url_path_for("start")), status_code=303)
    data = visit.workspace.data.of(visit.user)
    sources = data.sources(now=visit.now)
    qualities, findings = data.quality()
    runs = data.runs(limit=1)
    at_work = [job_view(each, visit.now) for each in asked.open_jobs(visit.site.database, "run", "fit", "example")]
    return shown(
        visit,
        "data/data.html",
        sources=sources,
        late=[each for each in sources if each.late],
        kept_out=sum(each.delivered.quarantined for each in sources if each.delivered is not None),
        qualities=qualities,
        weak=[each for each in findings if each.state in ("look", "unfit")][:5],
        run=runs[0] if runs else None,
        words=stopped.words,
        scheduled=data.scheduled(now=visit.now),
        at_work=at_work,
        review=_pairs(visit),
        once=nonce(visit),
    )


def _pairs(visit: Visit) -> int | None:
    """How many pairs of customers wait for a decision; None for who does not decide."""
    sight = visit.workspace.data.of(visit.user).sight
    if not (visit.who.may("decide-identity") and sight.records):
        return None
    return visit.workspace.data.of(visit.user).pairs_to_decide()


def _sources(visit: Visit) -> Response:
    return shown(visit, "data/sources.html", sources=visit.workspace.data.of(visit.user).sources(now=visit.now))


def _source(visit: Visit) -> Response:
    said = visit.request.path_params
    data = visit.workspace.data.of(visit.user)
    sections = data.source(said["source"], said["table"], now=visit.now)
    page = data.batches(source=said["source"], table=said["table"], after=_after(visit))
    return shown(visit, "data/source.html", sections=sections, page=page, after=_after(visit), once=nonce(visit))


def _upload(visit: Visit) -> Response:
    """Put a file into the folder of a source, then ask for a run if that is wanted."""
    said = visit.request.path_params
    sections = visit.workspace.data.of(visit.user).source(said["source"], said["table"], now=visit.now)
    place = visit.param("place") or sections[0].place
    if place not in {each.place for each in sections}:
        raise UploadError(text("this source has no such files; load the page anew."))
    sent = [each for each in visit.form.getlist("file") if isinstance(each, UploadFile) and each.filename]
    if len(sent) != 1:
        raise UploadError(text("choose one file."))
    data = visit.workspace.data
    data.deliver(
        place,
        Sent(name=sent[0].filename or "", stream=sent[0].file),
        now=visit.now,
        chance=visit.site.chance,
    )
    if visit.param("run") != "yes":
        return RedirectResponse(str(visit.request.url.path).removesuffix("/upload") + "?delivered=yes", status_code=303)
    number = asked.ask_run(visit.site.database, by=visit.who.actor, now=visit.now, key=once(visit, "run"))
    return to_job(visit, number)


def _batches(visit: Visit) -> Response:
    data = visit.workspace.data.of(visit.user)
    source, table = visit.param("source"), visit.param("table")
    sources = data.sources(now=visit.now)
    page = data.batches(source=source, table=table, after=_after(visit))
    return shown(visit, "data/batches.html", page=page, sources=sources, after=_after(visit), size=PAGE)


def _after(visit: Visit) -> int:
    said = visit.param("cursor") or "0"
    if not said.isdigit() or len(said) > 9:
        raise UsageError(text("cursor = '{said}' is no place in the list; go back to its first page.", said=said[:20]))
    return int(said)


PAGES: tuple[Page, ...] = (
    Page(path="/data", name="data", answer=_data),
    Page(path="/data/sources", name="data-sources", answer=_sources),
    Page(path="/data/sources/{source}/{table}", name="data-source", answer=_source),
    Page(
        path="/data/sources/{source}/{table}/upload",
        name="data-upload",
        answer=_upload,
        method="POST",
        may="bring-data",
        upload=True,
    ),
    Page(path="/data/deliveries", name="data-batches", answer=_batches),
)
