"""The six qualities of the data, what was measured, and what to do about it."""

from __future__ import annotations

from starlette.responses import Response

from clientela.contracts.report import QualityRow
from clientela.contracts.text import Text
from clientela.errors import UnknownNameError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.overseen.advice import NOT_JUDGED, NOTHING_TO_DO, NOTHING_YET, PLACES, WHAT_TO_DO
from clientela.pipeline.quality.measures import CURRENT, PROPERTIES
from clientela.pipeline.quality.told import MEANINGS, NAMES
from clientela.web.shown import linked, shown

_MOST = 25


def _quality(visit: Visit) -> Response:
    data = visit.workspace.data.of(visit.user)
    rows, findings = data.quality()
    wanted = visit.param("quality")
    if wanted is not None and wanted not in PROPERTIES:
        raise UnknownNameError("quality", wanted, PROPERTIES)
    judged = [each for each in rows if each.good is not None]
    told = [
        {
            "name": NAMES[name],
            "row": row,
            "means": MEANINGS[name],
            "advice": _advice(name, row),
            "place": linked(visit, PLACES[name]) if row.good is False else "",
        }
        for name, row in zip(PROPERTIES, rows, strict=True)
    ]
    most = len(findings) if visit.param("all") == "yes" else _MOST
    shown_findings = [each for each in findings if wanted is None or each.quality == NAMES[wanted]]
    return shown(
        visit,
        "data/quality.html",
        told=told,
        good=sum(bool(each.good) for each in judged),
        judged=len(judged),
        findings=shown_findings[:most],
        more=max(0, len(shown_findings) - most),
        wanted=wanted,
        names=[(name, NAMES[name]) for name in PROPERTIES],
        weak=sum(each.state in ("look", "unfit") for each in findings),
    )


def _advice(name: str, row: QualityRow) -> Text:
    if row.good is None:
        return NOT_JUDGED if name == CURRENT else NOTHING_YET
    return NOTHING_TO_DO if row.good else WHAT_TO_DO[name]


PAGES: tuple[Page, ...] = (Page(path="/data/quality", name="data-quality", answer=_quality),)
