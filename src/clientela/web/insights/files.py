"""What leaves an insight as a file: tables and pictures, each entered in the audit log."""

from __future__ import annotations

from starlette.responses import Response

from clientela.contracts.insight import Insight, Table
from clientela.errors import UnknownNameError
from clientela.http.visit import Visit
from clientela.pipeline.questions import questions
from clientela.present.files import CSV_TYPE, XLSX_TYPE, csv_bytes, xlsx_bytes
from clientela.present.picture import png, svg
from clientela.present.say import say
from clientela.web.insights.asked import asked
from clientela.web.insights.told import charts_of

WIDTH_PX = 908


def table_file(visit: Visit) -> Response:
    """The table of an insight as CSV or as a workbook."""
    insight = _insight(visit)
    if insight.table is None:
        raise UnknownNameError("table", insight.analysis, ())
    return _table(visit, insight, insight.table, insight.analysis)


def chart_file(visit: Visit) -> Response:
    """A picture of an insight as SVG or PNG, or its figures as CSV."""
    insight = _insight(visit)
    charts = charts_of(insight)
    at, ending = int(visit.request.path_params["at"]), visit.request.path_params["ending"]
    if at >= len(charts):
        raise UnknownNameError("picture", str(at), [str(each) for each in range(len(charts))])
    name = insight.analysis if at == 0 else f"{insight.analysis}-{at + 1}"
    if ending not in ("svg", "png"):
        return _table(visit, insight, charts[at].data, name)
    _enter(visit, insight, charts[at].data)
    if ending == "svg":
        drawn = svg(charts[at], visit.lang, width=WIDTH_PX, id=name).encode()
        return _file(drawn, "image/svg+xml", f"{name}.svg")
    return _file(png(charts[at], visit.lang, width=WIDTH_PX), "image/png", f"{name}.png")


def _insight(visit: Visit) -> Insight:
    analysis = questions().get(visit.request.path_params["name"])
    question = asked(visit, analysis)
    insight, _ = visit.workspace.telling.answer(
        analysis.name, user=visit.user, as_of=question.as_of, parameters=question.parameters, now=visit.now
    )
    return insight


def _table(visit: Visit, insight: Insight, table: Table, name: str) -> Response:
    ending = visit.request.path_params["ending"]
    if ending not in ("csv", "xlsx"):
        raise UnknownNameError("kind of file", ending, ("csv", "xlsx"))
    _enter(visit, insight, table)
    stem = f"{name}-{insight.as_of.isoformat()}"
    if ending == "xlsx":
        return _file(xlsx_bytes(table, visit.lang, title=say(table.caption, visit.lang)), XLSX_TYPE, f"{stem}.xlsx")
    return _file(csv_bytes(table, visit.lang), CSV_TYPE, f"{stem}.csv")


def _enter(visit: Visit, insight: Insight, table: Table) -> None:
    visit.workspace.telling.exported(table, of=insight.analysis, snapshot=insight.snapshot, now=visit.now)


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
