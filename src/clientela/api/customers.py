"""Customers one by one: looked for, and what is known of one, as their page shows it to the same person."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from starlette.responses import Response

from clientela.api import documents
from clientela.api.asking import Lang, Purpose
from clientela.api.caller import Caller, Reading
from clientela.api.problems import RESPONSES, NotFoundError
from clientela.contracts.text import Text
from clientela.errors import UnknownCustomerError
from clientela.pipeline.customers.told import CustomerSeen, Line, Listing, Moved, Score, Seen
from clientela.present.document import plain_value
from clientela.present.say import say

CustomerNumber = Annotated[str, Path(pattern="^[0-9]{1,19}$", description="As customer_id is written.")]
_PERSONAL = {"cache-control": "no-store"}
_PARTS = ("permissions", "segments", "weeks", "timeline", "records", "likenesses")

customers = APIRouter(responses=RESPONSES)


@customers.get("/customers", response_model=documents.Customers)
def found(
    caller: Reading,
    search: Annotated[
        str | None,
        Query(min_length=1, max_length=200, description="A number, a key, an address, a telephone or part of a name."),
    ] = None,
    list: Annotated[
        Literal["risk", "valuable", "recent"], Query(description="Whom to begin with, where nothing is searched.")
    ] = "risk",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    purpose: Purpose = "",
    lang: Lang = "en",
) -> Response:
    """Who fits what is searched, the likeliest first; else a list to begin with. The audit log keeps each look."""
    door = caller.workspace.customers
    if search is not None:
        told = door.find(search, user=caller.user, purpose=purpose, now=caller.now)
    else:
        told = door.listed(list, most=limit + 1, user=caller.user, purpose=purpose, now=caller.now)
    return JSONResponse(_listing(told, limit, lang), headers=_PERSONAL)


@customers.get("/customers/{customer}", response_model=documents.Customer)
def customer(
    caller: Reading,
    customer: CustomerNumber,
    reveal: Annotated[bool, Query(description="Show what names the person uncovered; then purpose is needed.")] = False,
    only: Annotated[Literal["", "orders", "contacts", "cases", "changes"], Query()] = "",
    before: Annotated[str | None, Query(max_length=200, description="timeline.older of the answer before.")] = None,
    purpose: Purpose = "",
    lang: Lang = "en",
) -> Response:
    """What is known of one customer; what names them has letters covered, unless it is revealed for a purpose.

    An earlier number is answered with the one they bear now.
    """
    told = _one(caller, customer, purpose=purpose, reveal=reveal, only=only, before=before)
    return JSONResponse(_customer(told, lang), headers=_PERSONAL)


@customers.get("/customers/{customer}/scores", response_model=documents.CustomerScores)
def scores(caller: Reading, customer: CustomerNumber, purpose: Purpose = "", lang: Lang = "en") -> Response:
    """What analyses say of one customer, beside the average, and why."""
    told = _one(caller, customer, purpose=purpose)
    document = {"customer": str(told.number), **_head(told), "scores": _scores(told.scores, lang)}
    return JSONResponse(document, headers=_PERSONAL)


def _one(
    caller: Caller, number: str, *, purpose: str, reveal: bool = False, only: str = "", before: str | None = None
) -> CustomerSeen:
    """The customer of a number, or of the number that replaced it."""
    ask = partial(
        caller.workspace.customers.one,
        user=caller.user,
        purpose=purpose,
        reveal=reveal,
        only=only,
        before=before,
        now=caller.now,
    )
    try:
        told = ask(number)
        if isinstance(told, Moved):
            told = ask(str(told.number))
    except UnknownCustomerError as error:
        raise NotFoundError(str(error)) from None
    if isinstance(told, Moved):
        raise NotFoundError(str(UnknownCustomerError(number)))
    return told


def _listing(told: Listing, limit: int, lang: str) -> dict[str, Any]:
    return {
        "snapshot": told.snapshot,
        "as_of": None if told.as_of is None else told.as_of.isoformat(),
        "currency": told.currency,
        "customers": [_line(each, lang) for each in told.lines[:limit]],
        "more": told.more or len(told.lines) > limit,
        "certain": told.certain,
        "says": None if told.said is None else say(told.said, lang),
    }


def _line(told: Line, lang: str) -> dict[str, Any]:
    return {
        "customer": str(told.number),
        "name": told.name,
        "key": told.key,
        "why": None if told.why is None else say(told.why, lang),
        **_fields(lang, told.page, told.personal),
    }


def _customer(told: CustomerSeen, lang: str) -> dict[str, Any]:
    return {
        "customer": str(told.number),
        **_head(told),
        "currency": told.currency,
        "horizon_days": told.horizon_days,
        "name": told.name,
        "masked": told.masked,
        "place": _plain(told.place, lang),
        "sentence": say(told.sentence, lang),
        "next": [say(each, lang) for each in told.next],
        **_fields(lang, told.page, told.personal),
        "scores": _scores(told.scores, lang),
        **{name: _plain(getattr(told, name), lang) for name in _PARTS},
        "decided_since": told.after,
    }


def _head(told: CustomerSeen) -> dict[str, str]:
    return {"snapshot": told.snapshot, "as_of": told.as_of.isoformat()}


def _fields(lang: str, *seen: Seen) -> dict[str, Any]:
    """What may be seen, and the names of what may not."""
    values = {name: _plain(value, lang) for each in seen for name, value in each.values.items()}
    return {"fields": values, "hidden": sorted({name for each in seen for name in each.hidden} - values.keys())}


def _scores(told: tuple[Score, ...] | None, lang: str) -> list[dict[str, Any]] | None:
    return None if told is None else [_plain(each, lang) for each in told]


def _plain(told: Any, lang: str) -> Any:
    """A part of what is told as JSON has it: its fields by name, sentences said in the language."""
    if isinstance(told, Text):
        return say(told, lang)
    if is_dataclass(told):
        return {each.name: _plain(getattr(told, each.name), lang) for each in fields(told)}
    if isinstance(told, tuple | list):
        return [_plain(each, lang) for each in told]
    if isinstance(told, dict):
        return {str(name): _plain(value, lang) for name, value in told.items()}
    return plain_value(told)
