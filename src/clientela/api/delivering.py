"""What programs bring: files for a source, and what became of them; runs, and how far they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from clientela.api import documents
from clientela.api.asking import Cursor, Limit, Name, page_of
from clientela.api.caller import Bringing, Caller, Following, Reading
from clientela.api.problems import RESPONSES, NotFoundError, Problem
from clientela.api.receiving import MULTIPART, Received, received
from clientela.appdb.jobs import Job
from clientela.appdb.saved import once
from clientela.appdb.saved.once import Answered
from clientela.errors import NotPermittedError, UnknownNameError, UsageError
from clientela.http.bodies import allow
from clientela.pipeline.intake.uploads import Sent
from clientela.pipeline.overseen.batches import BatchTold
from clientela.pipeline.working import asked
from clientela.present.document import rows_json
from clientela.present.say import say

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Of your choice, one for each delivery: sent again within a day, it is answered as the first time.",
    ),
]
Number = Annotated[int, Path(ge=1, le=2**53)]
_KEPT_OUT = ("path", "line", "column_name", "value", "rule", "status", "run", "mended_in")
_PLACE = re.compile(r"[1-9][0-9]{0,15}")
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
}
_LATE: dict[int | str, dict[str, Any]] = {
    408: {"model": Problem, "description": "It came too slowly", "content": {"application/problem+json": {}}}
}

delivering = APIRouter(responses=RESPONSES)


@delivering.post(
    "/sources/{source}/batches",
    status_code=202,
    response_model=documents.Delivered,
    responses=_LATE,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": _FILE, MULTIPART: _FORM}}},
)
async def deliver(
    request: Request,
    caller: Bringing,
    source: Name,
    table: Annotated[str | None, Query(max_length=100, description="Where the source fills several.")] = None,
    file: Annotated[
        str | None, Query(max_length=200, description="What it is called; its ending tells its form.")
    ] = None,
    run: Annotated[bool, Query(description="Ask for a run, which takes it in.")] = True,
    key: Key = None,
) -> Response:
    """Bring a file for a source: it is kept whole or not at all, and the next run takes it in, bad rows apart."""
    allow(request.scope, caller.site.upload_bytes)
    async with received(request, caller.site.folder, file) as came:
        place = f"{request.scope.get('root_path', '')}/jobs/"
        sent = ("deliver", source, table, run, came.name, came.sha256)

        def answer(job_key: str | None) -> Answered:
            return _delivered(caller, came, (source, table, run), job_key, place)

        told = await to_thread.run_sync(_once, caller, sent, key, answer)
    headers = {"cache-control": "no-store"}
    if told.document["job"] is not None:
        headers["location"] = str(told.document["job"]["address"])
    return JSONResponse(told.document, told.status, headers)


@delivering.post("/runs", status_code=202, response_model=documents.Work)
def ask_run(request: Request, caller: Bringing, key: Key = None) -> Response:
    """Ask for a run: it begins when the worker is free; one that waits already is the answer to both."""
    place = f"{request.scope.get('root_path', '')}/jobs/"

    def answer(job_key: str | None) -> Answered:
        return Answered(202, _asked(caller, job_key, place))

    told = _once(caller, ("run",), key, answer)
    headers = {"cache-control": "no-store", "location": str(told.document["address"])}
    return JSONResponse(told.document, told.status, headers)


def _asked(caller: Caller, key: str | None, place: str) -> dict[str, Any]:
    """A run that now waits, and where one sees how far it is."""
    number = asked.ask_run(caller.site.database, by=caller.visitor.actor, now=caller.now, key=key)
    return {"job": number, "address": f"{place}{number}"}


def _once(
    caller: Caller, sent: tuple[object, ...], key: str | None, answered: Callable[[str | None], Answered]
) -> Answered:
    """What a request is answered: as the first time, where it came before under its key.

    Parameters
    ----------
    sent : what tells this request from another; its first word says of which kind it is
    answered : makes the answer, given the key of the job that it may ask for
    """
    if key is None:
        return answered(None)
    database, now = caller.site.database, caller.now
    marked = hashlib.sha256(repr(sent).encode()).hexdigest()
    before = once.begin(database, caller.user, key, marked, now=now)
    if before is not None:
        return before
    try:
        answer = answered(f"{sent[0]}:{caller.user}:{key}")
    except BaseException:
        once.give_up(database, caller.user, key)
        raise
    once.end(database, caller.user, key, answer)
    return answer


def _delivered(
    caller: Caller, came: Received, said: tuple[str, str | None, bool], key: str | None, place: str
) -> Answered:
    source, table, run = said
    data, site = caller.workspace.data, caller.site
    try:
        pattern = data.takes(source, table, came.name)
    except UnknownNameError as error:
        raise NotFoundError(str(error)) from None
    kept = data.deliver(pattern, Sent(name=came.name, stream=came.stream), now=caller.now, chance=site.chance)
    job = _asked(caller, key, place) if run else None
    return Answered(202, {"source": source, "file": kept, "sha256": came.sha256, "job": job})


@delivering.get("/jobs/{job}", response_model=documents.Job)
def job(caller: Following, job: Number) -> Any:
    """How far one piece of work is: queued, running, done or failed."""
    try:
        found = asked.one(caller.site.database, job)
    except UsageError as error:
        raise NotFoundError(str(error)) from None
    if found.made_by != caller.visitor.actor and not caller.visitor.may("bring-data"):
        raise NotPermittedError("somebody else asked for this; whoever may bring data sees it too.")
    return JSONResponse(_job_json(found), headers={"cache-control": "no-store"})


def _job_json(found: Job) -> dict[str, Any]:
    return {
        "job": found.job_id,
        "kind": found.kind,
        "state": found.state,
        "progress": found.progress,
        "error": found.error,
        "result": found.result if found.state == "done" else None,
        "made_at": found.made_at.isoformat(),
        "ended_at": None if found.ended_at is None else found.ended_at.isoformat(),
    }


@delivering.get("/batches", response_model=documents.Batches)
def batches(
    request: Request,
    caller: Reading,
    source: Annotated[str | None, Query(max_length=100)] = None,
    table: Annotated[str | None, Query(max_length=100)] = None,
    file: Annotated[str | None, Query(max_length=1_000, description="The file, as its delivery was answered.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The files that arrived, newest first, and what became of them."""
    if cursor is not None and not _PLACE.fullmatch(cursor):
        raise UsageError(f"cursor = '{cursor[:20]}' is no place in the list; begin without one.")
    found = caller.workspace.data.of(caller.user).batches(
        source=source, table=table, path=file, before=None if cursor is None else int(cursor), limit=limit
    )
    following = None if found.next is None else str(found.batches[-1].sequence)
    return page_of(request, {"batches": [*map(_batch_json, found.batches)], "next_cursor": following})


@delivering.get("/batches/{batch}", response_model=documents.Batch)
def batch(caller: Reading, batch: Number) -> Any:
    """One file that arrived."""
    return JSONResponse(_batch_json(_batch(caller, batch)), headers={"cache-control": "no-store"})


@delivering.get("/batches/{batch}/kept-out", response_model=documents.Rows)
def kept_out(request: Request, caller: Reading, batch: Number, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """The rows of a file that broke a rule: where they stand, what stands there, and which rule it is."""
    found = _batch(caller, batch)
    said = {"source": found.source, "table_name": found.table, "batch": found.hash}
    where = " and ".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in said.items())
    told = caller.workspace.rows.page(
        "quarantine",
        _KEPT_OUT,
        where,
        order=("line", "column_name", "rule"),
        limit=limit,
        cursor=cursor,
        user=caller.user,
        purpose="data-quality",
        now=caller.now,
    )
    head = {"table": told.table, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
    return page_of(request, {**head, **rows_json(told.rows), "next_cursor": told.rows.next_cursor})


def _batch(caller: Caller, number: int) -> BatchTold:
    """The batch of a number."""
    found = caller.workspace.data.of(caller.user).batches(before=number + 1, limit=1).batches
    if not found or found[0].sequence != number:
        raise NotFoundError(f"there is no batch {number}; /batches lists them.")
    return found[0]


def _batch_json(told: BatchTold) -> dict[str, Any]:
    return {
        "batch": told.sequence,
        "source": told.source,
        "table": told.table,
        "file": told.path,
        "sha256": told.hash.partition(".")[0],
        "arrived_at": told.arrived_at.isoformat(),
        "run": told.run,
        "rows": told.rows,
        "kept_out": told.bad,
        "verdict": told.verdict.replace(" ", "-"),
        "says": say(told.says, "en"),
    }
