"""The page of the cube: what is asked; its answer in a sentence, a picture and a table; as a file, and as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from clientela.appdb.saved import views as saved
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.errors import ClientelaError, NothingPublishedError, NotPermittedError, UsageError
from clientela.http.visit import Visit
from clientela.pipeline.asking.figures import Figures
from clientela.pipeline.exploring.choices import Offered
from clientela.pipeline.exploring.picture import Asked, Picture, picture
from clientela.present.files import CSV_TYPE, XLSX_TYPE, csv_bytes, xlsx_bytes
from clientela.present.say import say
from clientela.present.views import FigureView, figure_view
from clientela.web.explore.adding import WHOLE, Refused, changed, period_of, periods
from clientela.web.explore.question import Asking, asked
from clientela.web.explore.refusal import sentence
from clientela.web.explore.said import OPERATORS, Chip, chips, line, step_in_words, up
from clientela.web.explore.starting import Start, groups, hierarchies, starts
from clientela.web.explore.table import AT_ONCE, Shown, default_order
from clientela.web.explore.table import shown as shown_table
from clientela.web.frame import marks, scope_key
from clientela.web.kept import Kept
from clientela.web.shown import linked, shown

MOST_ROWS = 10_000  # of one answer; whoever needs more narrows it
MEMBERS = 60
_WIDTHS = {"wide": 1104, "column": 736, "phone": 320}
_BESIDE = frozenset({"lang", "done", "view"})  # stand in an address and ask for nothing
OFFERS: Kept[Offered] = Kept(most=256, lasting=60.0)
ANSWERS: Kept[Figures] = Kept(most=100_000, lasting=300.0, size=lambda told: 1 + len(told.table.rows))
PICTURES: Kept[FigureView] = Kept(most=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """The next condition, when its dimension is chosen: what can be picked, and what was typed."""

    dimension: str
    label: Text
    kind: str
    members: tuple[str, ...] = ()
    more: bool = False
    like: str = ""
    picked: tuple[str, ...] = ()
    operator: str = "is"
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows.

    Parameters
    ----------
    wrong : why a form, or the question itself, cannot be read; by the form, '' is the question
    typed : what stands in the line one types into
    """

    asking: Asking
    offered: Offered
    wrong: Mapping[str, str]
    typed: str
    chips: tuple[Chip, ...] = ()
    crumbs: tuple[tuple[str, str], ...] = ()
    told: Figures | None = None
    said: Picture | None = None
    figure: FigureView | None = None
    table: Shown | None = None
    builder: Builder | None = None
    status: int = 200
    more: bool = False
    starts: tuple[Start, ...] = field(default=())


def explore(visit: Visit) -> Response:
    """The page: questions to begin with, or a question and its answer."""
    asking, refused = _asked(visit)
    offered = offered_to(visit, asking)
    found = changed(visit.request.query_params, asking, offered, visit.lang)
    if isinstance(found, Asking):
        return _to(visit, found)
    if isinstance(found, Refused):
        refused[found.form] = sentence(found.error, visit.lang)
    elif not refused and not _adding(visit) and _differs(visit, asking):
        return _to(visit, asking)
    view = _view(visit, asking, offered, refused)
    return _shown(visit, view)


def _asked(visit: Visit) -> tuple[Asking, dict[str, str]]:
    params = visit.request.query_params
    try:
        return asked(params), {}
    except UsageError as error:
        kept = [(name, value) for name, value in params.multi_items() if name not in ("top", "page")]
        return asked(type(params)(kept)), {"": sentence(error, visit.lang)}


def offered_to(visit: Visit, asking: Asking) -> Offered:
    """What the visitor may choose beside what they have chosen."""
    key = (marks(visit.site.folder), scope_key(visit), asking.measures, visit.now.date())
    exploring = visit.workspace.exploring
    return OFFERS.get(key, lambda: exploring.offered(*asking.measures, user=visit.user, now=visit.now))


def _to(visit: Visit, asking: Asking) -> Response:
    """The page of a question, under the one address it has."""
    said = asking.items + [(n, v) for n, v in visit.request.query_params.multi_items() if n in _BESIDE]
    query = f"?{urlencode(said)}" if said else ""
    return RedirectResponse(f"{visit.request.url.path}{query}", status_code=303)


def _differs(visit: Visit, asking: Asking) -> bool:
    """Whether the address says more, or in another order, than the question needs."""
    items = [(n, v) for n, v in visit.request.query_params.multi_items() if n not in _BESIDE]
    return items != asking.items


def _adding(visit: Visit) -> bool:
    return bool(visit.request.query_params.get("field"))


def _view(visit: Visit, asking: Asking, offered: Offered, wrong: dict[str, str]) -> View:
    params = visit.request.query_params
    view = View(
        asking=asking,
        offered=offered,
        wrong=wrong,
        typed=params.get("say") or line(asking),
        starts=tuple(starts(offered)),
    )
    try:
        view = replace(
            view,
            chips=tuple(chips(asking, offered, visit.lang)),
            crumbs=tuple(_crumbs(visit, asking, offered)),
            builder=_builder(visit, offered) if _adding(visit) else None,
        )
        if not asking.measures:
            return view if not wrong else replace(view, status=400)
        told = answered(visit, asking)
    except NothingPublishedError:
        raise
    except ClientelaError as error:
        status = 403 if isinstance(error, NotPermittedError) else 400
        return replace(view, wrong={**wrong, "": sentence(error, visit.lang)}, status=status)
    return _with_answer(visit, view, told)


def _with_answer(visit: Visit, view: View, told: Figures) -> View:
    asking, offered = view.asking, view.offered
    more = len(told.table.rows) > MOST_ROWS
    table = replace(told.table, rows=told.table.rows[:MOST_ROWS])
    first = next((each for each in offered.measures if each.name == asking.measures[0]), None)
    try:
        said = picture(
            table,
            Asked(
                measure=asking.measures[0],
                by=asking.by,
                across=asking.across or None,
                label=first.label if first is not None else None,
                adds=first is not None and first.adds and "segment" not in asking.by and not asking.running,
                compared=bool(asking.compare),
                fiscal=offered.fiscal,
                last_day=min(offered.last_day, told.as_of) if offered.last_day else None,
            ),
            asking.chart or "auto",
        )
    except UsageError as error:
        said = None
        view = replace(view, wrong={**view.wrong, "": sentence(error, visit.lang)}, status=400)
    return replace(
        view,
        told=told,
        said=said,
        figure=_drawn(said, visit.lang) if said is not None else None,
        table=shown_table(
            table, asking, offered, visit.lang, levels=told.levels, rows_address=linked(visit, "explore-rows")
        ),
        more=more,
        status=view.status if not view.wrong else 400,
    )


def _drawn(said: Picture, locale: str) -> FigureView | None:
    """The drawings of a picture; the same picture is drawn once, whoever looks at it."""
    chart = said.chart
    if chart is None:
        return None
    return PICTURES.get((locale, repr(chart)), lambda: figure_view(chart, "picture", locale, _WIDTHS, file=False))


def answered(visit: Visit, asking: Asking) -> Figures:
    """The figures of a question, within what the visitor may see."""
    of_many = offered_to(visit, asking).of_many  # who sees figures of many sees them whole, in no order of a figure
    order = [each for each in [asking.order or ("" if of_many else default_order(asking))] if each]
    limited = asking.top is None and not asking.running and not asking.subtotals and not of_many
    workspace, day, moment = visit.workspace, asking.day, asking.moment
    said = (asking.measures, asking.by, asking.where, tuple(order), asking.wanted, day, moment)

    def make() -> Figures:
        return workspace.query(
            *asking.measures,
            by=asking.by,
            where=asking.where or None,
            order=order,
            limit=MOST_ROWS + 1 if limited and asking.by else None,
            wanted=asking.wanted,
            as_of=day,
            known_at=moment,
            user=visit.user,
            now=visit.now,
        )

    return ANSWERS.get((marks(visit.site.folder), scope_key(visit), visit.now.date(), said), make)


def _crumbs(visit: Visit, asking: Asking, offered: Offered) -> list[tuple[str, str]]:
    """The way down to here: each step with the address of the question at it."""
    start = str(visit.request.app.url_path_for("explore"))
    if not asking.measures:
        return []
    found = [(say(text("Explore"), visit.lang), start)]
    for depth in range(len(asking.path) + 1):
        there = up(asking, depth, offered) if depth < len(asking.path) else asking
        words = (
            _title(there, offered, visit.lang)
            if not depth
            else step_in_words(asking.path[depth - 1], offered, visit.lang)
        )
        found.append((words, "" if depth == len(asking.path) else start + there.address()))
    return found


def _title(asking: Asking, offered: Offered, locale: str) -> str:
    """A question by its first measure and what it is seen by."""
    labels = {each.name: each.label for each in offered.measures}
    measure = labels.get(asking.measures[0], asking.measures[0])
    by = [DIMENSIONS[name].label for name in (*asking.by, asking.across) if name in DIMENSIONS]
    if not by:
        return say(measure, locale) if isinstance(measure, Text) else measure
    small = [_small(each, locale) for each in by]
    said = text("{measure} by {dimension}", measure=measure, dimension=small[0])
    if len(by) > 1:
        said = text("{measure} by {dimension} and {other}", measure=measure, dimension=small[0], other=small[1])
    return say(said, locale)


def _small(label: Text, locale: str) -> str:
    """A label inside a sentence: without its capital, unless it is one of several."""
    said = say(label, locale)
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def _builder(visit: Visit, offered: Offered) -> Builder | None:
    """What can be picked of the dimension that was chosen for the next condition."""
    params = visit.request.query_params
    name = params.get("field") or ""
    if name not in DIMENSIONS:
        return None
    each = DIMENSIONS[name]
    kind = {Type.TEXT: "text", Type.DATE: "date"}.get(each.type, "number")
    like = (params.get("like") or "").strip()
    told, more = tuple[str, ...](), False
    if kind == "text" and not offered.of_many:
        found = visit.workspace.rows.members(name, like=like or None, limit=MEMBERS, user=visit.user, now=visit.now)
        told, more = tuple(map(str, found.members)), found.more
    return Builder(
        dimension=name,
        label=each.label,
        kind=kind,
        members=told,
        more=more,
        like=like,
        picked=tuple(params.getlist("value")),
        operator=params.get("op") or "is",
        first=params.get("from") or "",
        last=params.get("to") or "",
    )


def _shown(visit: Visit, view: View) -> Response:
    asking, offered, lang = view.asking, view.offered, visit.lang
    others = [(name, each) for name, each in asking.items if name != "page"]
    with visit.site.database.reading() as connection:
        kept = saved.listed(connection, visit.user, "explore")
    opened = visit.param("view")
    return shown(
        visit,
        "explore/explore.html" if asking.measures or view.wrong or view.builder else "explore/start.html",
        status=view.status,
        view=view,
        asking=asking,
        offered=offered,
        items=others,
        groups=groups(offered.measures, lang),
        hierarchies=hierarchies(offered, lang),
        labels={each.name: say(each.label, lang) for each in (*offered.measures, *offered.dimensions)},
        periods=[(name, say(words, lang)) for name, _, words in periods(offered)],
        period=period_of(asking, offered) if not view.wrong else WHOLE,
        operators=[(name, say(words, lang)) for name, words in OPERATORS],
        saved=kept,
        opened=next((each for each in kept if each.view_id == opened), None),
        mine=visit.user,
        may_export=visit.who.may("export"),
        done=visit.param("done") or "",
        at_once=AT_ONCE,
        most=MOST_ROWS,
        file=linked(visit, "explore-file"),
        sql=linked(visit, "explore-sql"),
    )


def file(visit: Visit) -> Response:
    """The figures of a question as a file for a spreadsheet; entered in the audit log."""
    kind = visit.param("format") or "csv"
    if kind not in ("csv", "xlsx"):
        raise UsageError(text("a file is 'csv' or 'xlsx', not '{kind}'.", kind=kind[:20]))
    asking = asked(visit.request.query_params)
    told = answered(visit, asking)
    told = replace(told, table=replace(told.table, rows=told.table.rows[:MOST_ROWS]))
    visit.workspace.exported(told, now=visit.now)
    return attached(kind, "-".join(("clientela", *asking.measures[:1], *asking.by)), told, visit.lang)


def attached(kind: str, name: str, told: Figures, locale: str) -> Response:
    """A table as a file that the browser keeps."""
    make, media = (csv_bytes, CSV_TYPE) if kind == "csv" else (xlsx_bytes, XLSX_TYPE)
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"', "cache-control": "no-store"}
    return Response(make(told.table, locale), media_type=media, headers=headers)


def statement(visit: Visit) -> Response:
    """What was sent to the engine for a question, and which tables answered."""
    asking = asked(visit.request.query_params)
    order = [each for each in [asking.order or default_order(asking)] if each]
    told = visit.workspace.exploring.sent(
        *asking.measures,
        by=(*asking.by, *([asking.across] if asking.across else [])),
        where=asking.where or None,
        order=order if not asking.across else (),
        limit=MOST_ROWS + 1 if asking.by and asking.top is None else None,
        wanted=replace(asking.wanted, pivot=None),
        as_of=asking.day,
        known_at=asking.moment,
        user=visit.user,
        now=visit.now,
    )
    back = str(visit.request.app.url_path_for("explore")) + asking.address(page=asking.page)
    offered = offered_to(visit, asking)
    labels = {each.name: say(each.label, visit.lang) for each in offered.measures}
    return shown(
        visit, "explore/sql.html", told=told, back=back, title=_title(asking, offered, visit.lang), labels=labels
    )
