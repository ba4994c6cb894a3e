"""The timeline of one customer: what happened, newest first, page by page, of the kinds that the reader may see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from types import MappingProxyType
from typing import Any

from clientela.access.sealed import opened, sealed
from clientela.contracts.text import Amount, Text, ntext, text
from clientela.cube.customer.asked import reach_of, rows
from clientela.cube.customer.of_one import One
from clientela.cube.view import View
from clientela.errors import QueryError, UnknownNameError
from clientela.pipeline.customers.told import Event, Timeline
from clientela.pipeline.customers.words import cause, instrument, way
from clientela.pipeline.pages.happened import ASKED, MANY

MOST = 12
_LATEST = datetime(9999, 1, 1)  # noqa: DTZ001 - moments of the tables are naive UTC
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "orders": ("order_line",),
        "contacts": ("interaction", "contact", "consent", "survey_answer"),
        "cases": ("service_case",),
        "changes": ("segment_member", "segment_left", "identity_event"),
    }
)
_AT_ONCE = 100  # at most so many things happen at one moment


def timeline(
    view: View,
    one: One,
    *,
    only: str = "",
    before: str | None = None,
    most: int = MOST,
    without: Collection[str] = (),
    known: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType({}),
) -> Timeline:
    """A page of what happened with a customer who may be seen.

    Parameters
    ----------
    without : tables that are known to tell nothing of this customer
    known : of some tables all that they tell
    only : a group of `GROUPS`; '' for all
    before : the cursor ``older`` of the page before

    Raises
    ------
    UnknownNameError, QueryError
        There is no such group, or the cursor is none.
    """
    if only and only not in GROUPS:
        raise UnknownNameError("kind of event", only, GROUPS)
    wanted = GROUPS[only] if only else tuple(ASKED)
    wanted = tuple(each for each in wanted if _table(each) in view.tables)
    hidden = tuple(sorted({_table(each) for each in wanted if not reach_of(view, ASKED[each].rests_on)}))
    place = f"timeline of {one.number}"
    start = None if before is None else _decoded(view.sealing(), before, place)
    newest = {"before_at": start[0] if start else _LATEST, "most": most + _AT_ONCE}
    every: list[tuple[str, Mapping[str, Any]]] = []
    for each in wanted:  # one by one: all in one query would take twice as long to plan
        asked = newest if each in MANY else {}
        told = known.get(each, [])
        if each not in without and each not in known:
            told = rows(view, ASKED[each], one, **asked) or []
        every += [(each, row) for row in told]
    if start is None:
        every = _newest(every, most + 1)
    found = [{**row, "mark": _mark(part, row["mark"])} for part, row in every]
    found = [row for row in found if start is None or _is_after(row, *start)]
    found.sort(key=lambda row: row["mark"])
    found.sort(key=lambda row: row["moment"], reverse=True)
    events = tuple(_event(row, view.currency) for row in found[:most])
    older = _encoded(view.sealing(), found[most - 1], place) if len(found) > most else None
    return Timeline(events=events, older=older, hidden=hidden, only=only)


def _newest(every: list[tuple[str, Mapping[str, Any]]], many: int) -> list[tuple[str, Mapping[str, Any]]]:
    """So many of the newest things, with all that happened at the same moment as the last of them."""
    if len(every) <= many:
        return every
    since = nlargest(many, (row["moment"] for _, row in every))[-1]
    return [each for each in every if each[1]["moment"] >= since]


def _mark(part: str, key: str) -> str:
    """A sign that tells two things apart that happened at one moment; it does not tell their key."""
    return hashlib.sha256(f"{part} {key}".encode()).hexdigest()[:16]


def _is_after(row: Mapping[str, Any], at: datetime, mark: str) -> bool:
    """Whether an event stands below a place in the timeline."""
    return bool(row["moment"] < at or (row["moment"] == at and row["mark"] > mark))


def _table(part: str) -> str:
    return "segment_member" if part == "segment_left" else part


def _event(row: Mapping[str, Any], currency: str | None) -> Event:
    mark, title, detail = _SAID[row["kind"]](row, currency)
    return Event(on=row["day"], kind=row["kind"], mark=mark, title=title, detail=detail)


Told = tuple[str, Text, Text | None]


def _order(row: Mapping[str, Any], currency: str | None) -> Told:
    bought = row["what"] == "sale"
    money = Amount(row["money"] if bought else -row["money"], "money", currency, digits=2)
    return (
        "●" if bought else "↩",
        text("Bought") if bought else text("Returned"),
        ntext("{n} item for {money}", "{n} items for {money}", "n", n=int(row["n"]), money=money),
    )


def _interaction(row: Mapping[str, Any], _: str | None) -> Told:
    kind, _, direction = row["what"].partition(" ")
    title = _INTERACTIONS.get(kind, text("Contact"))
    if kind == "call" and direction == "out":
        title = text("We called")
    parts = [way(row["a"]) if row["a"] else None, row["b"]]
    told = [each for each in parts if each]
    return "○", title, None if not told else told[0] if len(told) == 1 and isinstance(told[0], Text) else _both(told)


def _both(told: list[Text | str]) -> Text:
    if len(told) == 1:
        return text("{said}", said=told[0])
    return text("{one} · {other}", one=told[0], other=told[1])


_INTERACTIONS: Mapping[str, Text] = {
    "visit": text("Visited"),
    "call": text("Called us"),
    "sales_call": text("Sales call"),
    "mailing": text("Got a mailing"),
    "open": text("Opened a mailing"),
    "click": text("Followed a link"),
    "reaction": text("Reacted"),
    "enquiry": text("Asked"),
    "message": text("Message"),
}
_CASES: Mapping[str, Text] = {
    "complaint": text("Complained"),
    "request": text("Made a request"),
    "return": text("Asked to return something"),
    "repair": text("Asked for a repair"),
}


def _case(row: Mapping[str, Any], _: str | None) -> Told:
    state = text("still open") if row["b"] is None else text("closed")
    detail = state if not row["a"] else text("{reason} · {state}", reason=row["a"], state=state)
    return "◆", _CASES.get(row["what"] or "", text("Opened a case")), detail


def _answer(row: Mapping[str, Any], _: str | None) -> Told:
    if row["n"] is None:
        return "◇", text("Answered"), instrument(row["what"])
    said = text("{score} on {question}", score=int(row["n"]), question=instrument(row["what"]))
    return "◇", text("Answered"), said


def _contact(row: Mapping[str, Any], _: str | None) -> Told:
    title = {
        "bounced": text("Could not be reached"),
        "refused": text("Refused a contact"),
        "held": text("Held back"),
    }.get(row["what"], text("Was contacted"))
    return "✉", title, None if not row["a"] else text("campaign {campaign}", campaign=row["a"])


def _consent(row: Mapping[str, Any], _: str | None) -> Told:
    given = row["what"] == "given"
    title = text("Allowed") if given else text("Objected")
    return "✓" if given else "✕", title, text("{way}, for {purpose}", way=way(row["a"]), purpose=row["b"])


def _segment(row: Mapping[str, Any], _: str | None) -> Told:
    which, _, because = row["what"].partition(" ")
    title = text("Came into a segment") if which == "entered" else text("Left a segment")
    return "▲" if which == "entered" else "▽", title, text("{segment}: {cause}", segment=row["a"], cause=cause(because))


def _identity(row: Mapping[str, Any], _: str | None) -> Told:
    by = text("a person decided") if row["a"] == "person" else text("found alike")
    if row["what"] == "split":
        return "◊", text("A record was split off") if row["b"] is None else text("A record was taken out"), by
    return "◊", text("A record was joined") if row["b"] else text("A record went to another customer"), by


_SAID = MappingProxyType(
    {
        "order_line": _order,
        "interaction": _interaction,
        "service_case": _case,
        "survey_answer": _answer,
        "contact": _contact,
        "consent": _consent,
        "segment_member": _segment,
        "identity_event": _identity,
    }
)


def _encoded(key: bytes, row: Mapping[str, Any], place: str) -> str:
    """Where a row stands: sealed, as its moment may be hidden, and a key be guessed that the sign is made of."""
    return sealed(key, json.dumps([row["moment"].isoformat(), row["mark"]]), place)


def _decoded(key: bytes, cursor: str, place: str) -> tuple[datetime, str]:
    try:
        at, mark = json.loads(opened(key, cursor, place))
        return datetime.fromisoformat(at).replace(tzinfo=None), str(mark)[:64]
    except (ValueError, TypeError):
        raise QueryError(text("this place in the timeline is not known; begin again with the newest.")) from None
