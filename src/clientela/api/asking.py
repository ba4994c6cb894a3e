"""What one may ask: insights, figures, rows, members, segments, what serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from clientela.api import documents
from clientela.api.caller import Reading
from clientela.api.etags import answered, opens_people
from clientela.api.problems import RESPONSES, NotFoundError
from clientela.contracts.analysis import Analysis
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.explore import Wanted
from clientela.cube.view import ALL
from clientela.errors import UnknownNameError, UsageError
from clientela.present.document import (
    analyses_json,
    described_json,
    insight_json,
    plain_document,
    rows_json,
    table_json,
    total_json,
)
from clientela.present.say import say
from clientela.workspace import analyses, describe

Lang = Annotated[Literal["en", "es"], Query(description="The language of sentences.")]
FigureLang = Annotated[Literal["en", "es", "it", "nl"], Query(description="The language of labels.")]
Day = Annotated[date | None, Query(description="As known before this day; left out: the run's own.")]
Moment = Annotated[datetime | None, Query(description="As known before this moment.")]
Name = Annotated[str, Path(min_length=1, max_length=100)]
Names = Annotated[list[str], Query(max_length=50)]
Filter = Annotated[str | None, Query(max_length=10_000, description="Such as: channel = 'web' and month >= '2017-03'.")]
Cursor = Annotated[str | None, Query(max_length=4_000, description="next_cursor of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Purpose = Annotated[
    str, Query(max_length=64, pattern="^([a-z0-9][a-z0-9-]*)?$", description="What for; kept in the audit log.")
]

asking = APIRouter(responses=RESPONSES)


@asking.get("/status", response_model=documents.Status)
def status(caller: Reading) -> Any:
    """What serves, to which day."""
    found = caller.workspace.status()
    return {name: getattr(found, name) for name in documents.Status.model_fields}


@asking.get("/insights", response_model=documents.Questions)
def insights(caller: Reading, lang: Lang = "en") -> Any:
    """The analyses there are."""
    return {"insights": analyses_json(analyses(), lang)}


@asking.get("/insights/{name}", response_model=documents.Insight)
def insight(
    request: Request,
    caller: Reading,
    name: Name,
    as_of: Day = None,
    lang: Lang = "en",
    set: Annotated[list[str], Query(max_length=20, description="A parameter of the answer, such as days=90.")] = [],  # noqa: B006 - never changed
) -> Response:
    """The answer of one analysis, within what the caller may see."""
    analysis = next((each for each in analyses() if each.name == name), None)
    if analysis is None:
        raise NotFoundError(f"there is no analysis '{name}'; /insights lists them.")

    def made() -> dict[str, Any]:
        told = caller.workspace.ask(
            name, as_of=as_of, parameters=_parameters(analysis, set), user=caller.user, now=caller.now
        )
        return insight_json(told.said, lang)

    return answered(request, caller, made, personal=opens_people(caller))


@asking.get("/measures", response_model=documents.Catalogue)
def measures(caller: Reading, lang: FigureLang = "en") -> Any:
    """What can be counted, and by what it can be seen."""
    described = describe(caller.site.folder)
    return {f"{kind}s": described_json(described, kind, lang) for kind in ("measure", "dimension")}


@asking.get("/figures", response_model=documents.Figures)
def figures(
    request: Request,
    caller: Reading,
    measure: Annotated[list[str], Query(min_length=1, max_length=20, description="What is counted.")],
    by: Names = [],  # noqa: B006 - never changed
    where: Filter = None,
    order: Names = [],  # noqa: B006 - never changed
    limit: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    compare: Literal["previous", "last-year"] | None = None,
    share: bool = False,
    running: bool = False,
    top: Annotated[int | None, Query(ge=1, le=1_000)] = None,
    pivot: Annotated[str | None, Query(max_length=100)] = None,
    subtotals: bool = False,
    drill: Names = [],  # noqa: B006 - never changed
    as_of: Day = None,
    known_at: Moment = None,
    lang: FigureLang = "en",
) -> Response:
    """Figures of the cube: measures by dimensions under a filter, with totals at their own level."""

    def made() -> dict[str, Any]:
        told = caller.workspace.query(
            *measure,
            by=by,
            where=where,
            order=order,
            limit=limit,
            wanted=Wanted(compare=compare, share=share, running=running, top=top, pivot=pivot, subtotals=subtotals),
            drill=drill,
            as_of=as_of,
            known_at=known_at,
            user=caller.user,
            now=caller.now,
        )
        return {
            "snapshot": told.snapshot,
            "as_of": told.as_of.isoformat(),
            "known_at": told.known_at.isoformat(),
            **table_json(told.table, lang),
            "total": total_json(told.table, lang),
            "notices": [say(each, "en") for each in told.notices],
            **({} if told.levels is None else {"levels": list(told.levels)}),
        }

    return answered(request, caller, made)


@asking.get("/records/{table}", response_model=documents.Rows)
def records(
    request: Request,
    caller: Reading,
    table: Name,
    column: Names = [],  # noqa: B006 - never changed
    where: Filter = None,
    order: Names = [],  # noqa: B006 - never changed
    limit: Limit = 100,
    cursor: Cursor = None,
    as_of: Day = None,
    known_at: Moment = None,
    purpose: Purpose = "",
) -> Response:
    """The rows behind figures, a page at a time; each look at personal data is entered in the audit log."""
    _refuse_unknown("table", table, ALL)
    told = caller.workspace.rows.page(
        table,
        column,
        where,
        order=order,
        limit=limit,
        cursor=cursor,
        as_of=as_of,
        known_at=known_at,
        user=caller.user,
        purpose=purpose,
        now=caller.now,
    )
    head = {"table": told.table, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
    return page_of(request, {**head, **rows_json(told.rows), "next_cursor": told.rows.next_cursor})


@asking.get("/members/{dimension}", response_model=documents.Members)
def members(
    request: Request,
    caller: Reading,
    dimension: Name,
    like: Annotated[str | None, Query(max_length=200)] = None,
    where: Filter = None,
    limit: Limit = 100,
    as_of: Day = None,
) -> Response:
    """The members of a dimension that a filter may name."""
    _refuse_unknown("dimension", dimension, DIMENSIONS)

    def made() -> dict[str, Any]:
        told = caller.workspace.rows.members(
            dimension, like=like, where=where, limit=limit, as_of=as_of, user=caller.user, now=caller.now
        )
        head = {"dimension": told.dimension, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
        return {**head, "members": plain_document(list(told.members)), "more": told.more}

    return answered(request, caller, made)


@asking.get("/segments", response_model=documents.Segments)
def segments(request: Request, caller: Reading, as_of: Day = None) -> Response:
    """The segments there are, and how many customers are in each."""

    def made() -> dict[str, Any]:
        told = plain_document(asdict(caller.workspace.segments.list(as_of=as_of, user=caller.user, now=caller.now)))
        told.pop("notices")
        return dict(told)

    return answered(request, caller, made)


@asking.get("/segments/{name}/members", response_model=documents.SegmentMembers)
def segment_members(
    request: Request,
    caller: Reading,
    name: Name,
    column: Names = [],  # noqa: B006 - never changed
    limit: Limit = 100,
    cursor: Cursor = None,
    as_of: Day = None,
    purpose: Purpose = "",
) -> Response:
    """Who is in a segment on a date, since when, and the fact that brought them in."""
    segments = caller.workspace.segments
    _refuse_unknown("segment", name, [each.name for each in segments.list(user=caller.user, now=caller.now).segments])
    told = segments.members(
        name,
        columns=column,
        as_of=as_of,
        user=caller.user,
        purpose=purpose,
        limit=limit,
        cursor=cursor,
        now=caller.now,
    )
    head = {"segment": told.name, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
    return page_of(request, {**head, **rows_json(told.rows), "next_cursor": told.cursor})


def _rows_of(table: str, what: str) -> Callable[..., Response]:
    """An address that lists one table of its own, such as the scores."""

    def listed(
        request: Request,
        caller: Reading,
        where: Filter = None,
        order: Names = [],  # noqa: B006 - never changed
        limit: Limit = 100,
        cursor: Cursor = None,
        as_of: Day = None,
    ) -> Response:
        return records(request, caller, table, where=where, order=order, limit=limit, cursor=cursor, as_of=as_of)

    listed.__name__, listed.__doc__ = table, what
    return listed


asking.get("/scores", response_model=documents.Rows)(_rows_of("score", "What analyses say of each customer."))
asking.get("/runs", response_model=documents.Rows)(_rows_of("run", "The runs up to the one that serves."))
asking.get("/qualities", response_model=documents.Rows)(_rows_of("quality", "How good the data are, run by run."))


def page_of(request: Request, document: dict[str, Any]) -> Response:
    """A page of rows, with the address of the next one in ``Link`` (RFC 8288)."""
    headers = {"cache-control": "no-store"}
    if document["next_cursor"] is not None:
        following = request.url.include_query_params(cursor=document["next_cursor"])
        headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return JSONResponse(document, headers=headers)


def _parameters(analysis: Analysis, said: list[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for each in said:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise UsageError(f"'{each}' sets nothing; write name=value, such as set=days=90.")
        if name not in analysis.parameters and name not in analysis.fit_parameters:
            raise UnknownNameError(f"parameter of {analysis.name}", name, analysis.parameters)
        told[name] = value
    return told


def _refuse_unknown(kind: str, name: str, known: Any) -> None:
    if name not in known:
        raise NotFoundError(str(UnknownNameError(kind, name, known)))
