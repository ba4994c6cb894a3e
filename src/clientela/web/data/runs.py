"""The runs: that at work, the last ones with their reasons, the schedule, the work in the background."""

from __future__ import annotations

from starlette.responses import Response

from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.overseen.runs import FAILED, PUBLISHED
from clientela.pipeline.working import asked
from clientela.web.data import stopped
from clientela.web.data.jobs import job_view, nonce
from clientela.web.shown import shown

_JOBS = 15


def _runs(visit: Visit) -> Response:
    data = visit.workspace.data.of(visit.user)
    runs = data.runs()
    ended = [each for each in runs if each.outcome in (PUBLISHED, FAILED)]
    views = [job_view(each, visit.now) for each in asked.newest(visit.site.database, limit=_JOBS)]
    seen = views if visit.who.may("bring-data") else []
    took = sorted(each.lasted.total_seconds() for each in ended if each.lasted and each.outcome == PUBLISHED)
    return shown(
        visit,
        "data/runs.html",
        runs=runs,
        words=stopped.words,
        last=ended[0] if ended else None,
        failed=[each for each in runs if each.outcome == FAILED][:3],
        jobs=seen,
        open=[each for each in views if each.open],
        at_work=data.at_work(),
        scheduled=data.scheduled(now=visit.now),
        usual=took[len(took) // 2] if took else None,
        sources=len(data.sources(now=visit.now)),
        once=nonce(visit),
    )


PAGES: tuple[Page, ...] = (Page(path="/data/runs", name="data-runs", answer=_runs),)
