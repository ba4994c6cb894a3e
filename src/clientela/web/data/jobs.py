"""Work in the background: asked for by a form, watched on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from clientela.appdb.jobs import Job
from clientela.contracts.text import Text, text
from clientela.errors import NotPermittedError, UnknownNameError, UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.working import asked, failed, said
from clientela.web.data import stopped
from clientela.web.shown import shown

NONCE = "once"
_SILENT = timedelta(seconds=20)  # a job that waits longer may have no worker
KINDS: Mapping[str, Text] = {
    "run": text("A run"),
    "proposal": text("A look at uploaded files"),
    "fit": text("A run with other parameters"),
    "identity": text("A decision about who is who"),
    "erase": text("An erasure"),
    "rollback": text("Going back to an earlier snapshot"),
    "example": text("The example company"),
    "company": text("The synthetic company"),
}
_TITLES: Mapping[str, Mapping[str, Text]] = {
    "run": {
        "queued": text("The run begins in a moment"),
        "running": text("The run is at work"),
        "done": text("The run is done: the figures are new"),
        "failed": text("The run stopped; the figures are those of before"),
    },
    "proposal": {
        "queued": text("We look at your files in a moment"),
        "running": text("We look at your files"),
        "done": text("We have looked at your files"),
        "failed": text("Your files could not be looked at"),
    },
}
_OTHERS: Mapping[str, Text] = {
    "queued": text("This begins in a moment"),
    "running": text("This is at work"),
    "done": text("This is done"),
    "failed": text("This stopped; nothing was published"),
}
_LIKE_RUN = frozenset({"run", "fit", "example", "company"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job on a page. ``stages``: of a run, each with whether it is done, at work or waits."""

    number: int
    kind: str
    name: Text
    state: str
    title: Text
    line: Text
    error: Text | str
    began_at: datetime
    ended_at: datetime | None
    lasted: timedelta
    stages: tuple[tuple[Text, str], ...]
    result: Mapping[str, Any]
    waits_long: bool
    attempt: int

    @property
    def open(self) -> bool:
        """Whether it waits or is at work."""
        return self.state in asked.OPEN


def job_view(job: Job, now: datetime) -> JobView:
    """One job as a page shows it."""
    kind = "run" if job.kind in _LIKE_RUN else job.kind
    return JobView(
        number=job.job_id,
        kind=job.kind,
        name=KINDS.get(job.kind, text("Work in the background")),
        state=job.state,
        title=_TITLES.get(kind, _OTHERS)[job.state],
        line=said.words(job.progress),
        error=failed.told(job.result) or stopped.words(job.error),
        began_at=job.made_at,
        ended_at=job.ended_at,
        lasted=(job.ended_at or now) - job.made_at,
        stages=_stages(job) if kind == "run" else (),
        result=job.result if isinstance(job.result, dict) else {},
        waits_long=job.state == "queued" and job.attempt == 0 and now - job.run_after > _SILENT,
        attempt=job.attempt,
    )


def _stages(job: Job) -> tuple[tuple[Text, str], ...]:
    at = said.stage(job.progress) if job.state == "running" else -1
    state = {"done": "done"}.get(job.state, "waits")
    return tuple(
        (name, "done" if number < at else "at work" if number == at else state)
        for number, name in enumerate(said.STAGES)
    )


def nonce(visit: Visit) -> str:
    """A number for one form: sent twice, it is answered once."""
    return visit.site.chance(12).hex()


def ask_for(visit: Visit, kind: str, arguments: Mapping[str, Any]) -> int:
    """The number of a job that now waits."""
    return asked.ask(visit.site.database, kind, arguments, by=visit.who.actor, now=visit.now, key=once(visit, kind))


def once(visit: Visit, kind: str) -> str | None:
    """What makes the same form, sent again, the same job."""
    sent = visit.param(NONCE)
    if sent is not None and (len(sent) > 64 or not sent.isalnum()):
        raise UsageError(text("this form is damaged; load the page anew and send it again."))
    return f"{kind}:{visit.who.came.user_id}:{sent}" if sent else None


def to_job(visit: Visit, number: int) -> Response:
    """The page of a job."""
    return RedirectResponse(str(visit.request.app.url_path_for("data-job", job=number)), status_code=303)


def _job(visit: Visit) -> Response:
    """How far one piece of work is."""
    number = int(visit.request.path_params["job"])
    try:
        job = asked.one(visit.site.database, number)
    except UsageError:
        raise UnknownNameError("job", str(number), ()) from None
    if job.made_by != visit.who.actor and not visit.who.may("bring-data"):
        raise NotPermittedError(text("somebody else asked for this; whoever may bring data sees it too."))
    by_script = visit.request.headers.get("hx-request") == "true"  # it asks for a part of the page, again and again
    if job.kind == "proposal" and job.state == "done":
        place = str(visit.request.app.url_path_for("start-proposal", upload=job.arguments["upload"]))
        return Response(headers={"hx-redirect": place}) if by_script else RedirectResponse(place, status_code=303)
    view = job_view(job, visit.now)
    if by_script and not view.open:
        return Response(headers={"hx-refresh": "true"})
    first = visit.workspace.data.of(visit.user).first_answer(visit.lang, now=visit.now) if _answers(view) else None
    said_day = view.result.get("last_day")
    return shown(
        visit,
        "data/job.html",
        job=view,
        first=first,
        to_day=date.fromisoformat(said_day) if isinstance(said_day, str) else None,
        once=nonce(visit),
    )


def _answers(view: JobView) -> bool:
    return view.state == "done" and view.kind in _LIKE_RUN


def _run_now(visit: Visit) -> Response:
    """Ask for a run."""
    number = asked.ask_run(visit.site.database, by=visit.who.actor, now=visit.now, key=once(visit, "run"))
    return to_job(visit, number)


PAGES: tuple[Page, ...] = (
    Page(path="/data/work/{job:int}", name="data-job", answer=_job),
    Page(path="/data/runs/now", name="data-run-now", answer=_run_now, method="POST", may="bring-data"),
)
