"""The pages of this part."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup
from starlette.responses import Response

from clientela.contracts.analysis import Analysis
from clientela.contracts.text import text
from clientela.errors import NotPermittedError, UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.questions import questions
from clientela.present.say import worded
from clientela.present.views import Show
from clientela.web.help.words import explained
from clientela.web.insights import words
from clientela.web.insights.asked import Asked, asked, blamed, fields
from clientela.web.insights.files import chart_file, table_file
from clientela.web.insights.learning import learn, learning
from clientela.web.insights.listed import groups, tabs
from clientela.web.insights.told import insight_page
from clientela.web.mains import Main, kept_main
from clientela.web.shown import filled, linked, shown


def _insights(visit: Visit) -> Response:
    area = visit.param("area") or ""
    main = kept_main(visit, ("insights", area), lambda: _list(visit, area))
    response = shown(visit, "insights/list.html", title=main.title, main=main.html)
    if main.personal:
        response.headers["cache-control"] = "no-store"
    return response


def _list(visit: Visit, area: str) -> Main:
    show = Show(visit.lang)
    found = visit.workspace.telling.answers(user=visit.user, now=visit.now)
    known = tabs(found.answered, show)
    if area not in {each.name for each in known}:
        raise UsageError(
            text(
                "unknown area '{area}'; known: {names}.",
                area=area,
                names=", ".join(repr(each.name) for each in known if each.name),
            )
        )
    html = filled(
        visit,
        "insights/list_main.html",
        groups=groups(found.answered, area, show, partial(linked, visit)),
        tabs=known,
        area=area,
        answered=sum(each.insight is not None and each.insight.headline is not None for each in found.answered),
        all=len(found.answered),
    )
    return Main(title=show.t("Insights"), html=Markup(html), personal=found.personal)  # noqa: S704 - a template's


def _insight(visit: Visit) -> Response:
    analysis = questions().get(visit.request.path_params["name"])
    question = asked(visit, analysis)
    if question.wrong:
        return _wrong(visit, analysis, question, question.wrong)
    all_rows = visit.param("rows") == "all"
    try:
        main = kept_main(
            visit, ("insight", analysis.name, question.key, all_rows), lambda: _one(visit, analysis, question, all_rows)
        )
    except NotPermittedError as error:
        return _refused(visit, analysis, error)
    except UsageError as error:
        return _wrong(visit, analysis, question, blamed(error, analysis, question, visit.lang))
    response = shown(
        visit,
        "insights/one.html",
        title=main.title,
        main=main.html,
        analysis=analysis,
        learning=learning(visit, analysis),
        steps=_steps(visit, analysis),
    )
    if main.personal:
        response.headers["cache-control"] = "no-store"
    return response


def _one(visit: Visit, analysis: Analysis, question: Asked, all_rows: bool) -> Main:
    insight, personal = visit.workspace.telling.answer(
        analysis.name, user=visit.user, as_of=question.as_of, parameters=question.parameters, now=visit.now
    )
    show = Show(visit.lang)
    told = insight_page(insight, analysis, question, show, partial(linked, visit), all_rows=all_rows)
    html = filled(visit, "insights/one_main.html", page=told, explained=lambda said: explained(said, show))
    title = told.headline or told.question
    return Main(title=title, html=Markup(html), personal=personal)  # noqa: S704 - a template filled it


def _steps(visit: Visit, analysis: Analysis) -> list[tuple[str, str]]:
    show, address = Show(visit.lang), linked(visit, "insights")
    return [
        (show.t("Insights"), address),
        (show.say(words.area(analysis.area)), f"{address}?area={analysis.area}"),
        (show.say(words.title(analysis.name)), ""),
    ]


def _wrong(visit: Visit, analysis: Analysis, question: Asked, wrong: Mapping[str, str]) -> Response:
    """The form with what is wrong beside its field; nothing was asked."""
    show = Show(visit.lang)
    return shown(
        visit,
        "insights/wrong.html",
        status=400,
        title=show.say(analysis.question),
        fields=fields(analysis, question, wrong, None, show),
        general=wrong.get("", ""),
        steps=_steps(visit, analysis),
        back=linked(visit, "insight", name=analysis.name),
    )


def _refused(visit: Visit, analysis: Analysis, error: NotPermittedError) -> Response:
    show = Show(visit.lang)
    return shown(
        visit,
        "insights/refused.html",
        status=403,
        title=show.say(analysis.question),
        small=worded(error, visit.lang),
        steps=_steps(visit, analysis),
    )


PAGES: tuple[Page, ...] = (
    Page(path="/insights", name="insights", answer=_insights),
    Page(path="/insights/{name}", name="insight", answer=_insight),
    Page(path="/insights/{name}/table.{ending}", name="insight-table", answer=table_file, may="export"),
    Page(path="/insights/{name}/chart-{at:int}.{ending}", name="insight-chart", answer=chart_file, may="export"),
    Page(path="/insights/{name}/learn", name="insight-learn", answer=learn, method="POST", may="bring-data"),
)
