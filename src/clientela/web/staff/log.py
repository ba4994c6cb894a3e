"""The audit log: who did what, when, about whom; checked, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from clientela import config
from clientela.appdb import users
from clientela.appdb.audit.chain import Entry
from clientela.appdb.audit.listing import Entered, listed
from clientela.appdb.audit.verify import Verified, verify
from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.present import formats
from clientela.present.files import CSV_TYPE, csv_bytes
from clientela.present.say import say, worded
from clientela.web.shown import linked, shown
from clientela.web.staff import words
from clientela.web.staff.rights import day, starts

AT_ONCE = 50
MOST_IN_FILE = 100_000
_OBJECTS: Mapping[str, Text] = {
    "user": text("user"),
    "grant": text("grant"),
    "role": text("role"),
    "customer": text("customer"),
    "token": text("session or token"),
    "unit": text("unit"),
    "view": text("view"),
    "table": text("table"),
    "column": text("column"),
    "objective": text("objective"),
    "policy": text("policy"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry in words. ``about``: what it was done to, each with where to look, '' for nowhere."""

    seq: int
    at: str
    who: str
    who_address: str
    what: Text
    action: str
    about: tuple[tuple[str, str], ...]
    more: int
    counts: str
    purpose: str


def log(visit: Visit) -> Response:
    """Entries, newest first, by who, what, when and about whom."""
    wrong, found, status = "", tuple[Entered, ...](), 200
    try:
        found = _entries(visit, AT_ONCE + 1)
    except UsageError as error:
        wrong, status = worded(error, visit.lang), 400
    with visit.site.database.reading() as connection:
        names = users.names(connection)
        listed_users = users.listed(connection, ended=True)
    zone = ZoneInfo(config.load(visit.site.folder).company.timezone)
    lines = [_line(visit, each, names, zone) for each in found[:AT_ONCE]]
    params = visit.request.query_params
    return shown(
        visit,
        "staff/audit.html",
        status=status,
        lines=lines,
        next_cursor=str(found[AT_ONCE - 1].seq) if len(found) > AT_ONCE else "",
        is_first="cursor" not in params,
        actions=sorted(((name, said) for name, said in words.ACTIONS.items()), key=lambda pair: pair[0]),
        users=listed_users,
        chosen={name: params.get(name) or "" for name in ("who", "what", "customer", "from", "until")},
        verified=_verified(visit) if params.get("check") == "1" else None,
        wrong=wrong,
        file=linked(visit, "staff-audit-file") if visit.who.may("export") else "",
        query=visit.request.url.query,
    )


def _verified(visit: Visit) -> Verified:
    return verify(visit.site.database)


def _entries(visit: Visit, limit: int) -> tuple[Entered, ...]:
    params = visit.request.query_params
    begins, ends = day(params.get("from")), day(params.get("until"))
    cursor, customer = params.get("cursor") or "", (params.get("customer") or "").strip()
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise UsageError(text("this page of the log is none; begin with the first."))
    if customer and not (customer.isascii() and customer.isdigit() and len(customer) < 20):
        raise UsageError(text("'{customer}' is no customer's number.", customer=customer[:40]))
    with visit.site.database.reading() as connection:
        who = params.get("who") or ""
        actors = (users.named(connection, who).actor,) if who else ()
        return listed(
            connection,
            actors=actors,
            about=f"customer:{customer}" if customer else None,
            action=params.get("what") or None,
            since=None if begins is None else starts(visit, begins),
            until=None if ends is None else starts(visit, ends + timedelta(days=1)),
            before=int(cursor) if cursor else None,
            limit=limit,
        )


def _line(visit: Visit, each: Entered, names: Mapping[str, str], zone: ZoneInfo) -> Line:
    about = tuple(_about(visit, names, said) for said in each.objects[:4])
    counts = ", ".join(
        f"{name.replace('_', ' ')}: {formats.number(n, visit.lang)}" for name, n in each.counts.items() if n
    )
    is_user = each.actor in names
    return Line(
        seq=each.seq,
        at=formats.moment(each.at.astimezone(zone), visit.lang),
        who=names.get(each.actor, each.actor),
        who_address=linked(visit, "staff-user", user=each.actor.partition(":")[2]) if is_user else "",
        what=words.action_in_words(each.action),
        action=each.action,
        about=about,
        more=max(0, len(each.objects) - 4),
        counts=counts,
        purpose=each.purpose,
    )


def _about(visit: Visit, names: Mapping[str, str], said: str) -> tuple[str, str]:
    """What something was done to in words, and where it is looked at."""
    kind, _, key = said.partition(":")
    if kind == "user":
        return names.get(said, key), linked(visit, "staff-user", user=key)
    word = _OBJECTS.get(kind)
    label = kind if word is None else say(word, visit.lang)
    address = linked(visit, "customer", customer=key) if kind == "customer" and key.isdigit() else ""
    return f"{label} {key}", address


def log_file(visit: Visit) -> Response:
    """The entries as a file for a spreadsheet; that is entered too."""
    found = _entries(visit, MOST_IN_FILE)
    with visit.site.database.reading() as connection:
        names = users.names(connection)
    entry = Entry(actor=visit.who.actor, action="audit.exported", counts={"rows": len(found)})
    visit.site.database.enter([entry], now=visit.now)
    content = csv_bytes(_table(found, names), visit.lang)
    headers = {"content-disposition": 'attachment; filename="clientela-audit.csv"', "cache-control": "no-store"}
    return Response(content, media_type=CSV_TYPE, headers=headers)


def _table(found: tuple[Entered, ...], names: Mapping[str, str]) -> Table:
    heads = {
        "seq": text("Entry"),
        "at": text("When (UTC)"),
        "who": text("Who"),
        "actor": text("Who, by id"),
        "action": text("What"),
        "about": text("About"),
        "counts": text("How much"),
        "purpose": text("What for"),
        "snapshot": text("Snapshot"),
        "hash": text("Hash"),
    }
    columns = tuple(
        TableColumn(name=name, type=Type.INT if name == "seq" else Type.TEXT, label=label)
        for name, label in heads.items()
    )
    return Table(columns=columns, rows=tuple(_rows(found, names)), caption=text("Audit log"))


def _rows(found: tuple[Entered, ...], names: Mapping[str, str]) -> Iterator[tuple[str | int, ...]]:
    for each in found:
        yield (
            each.seq,
            each.at.astimezone(UTC).isoformat(timespec="seconds"),
            names.get(each.actor, ""),
            each.actor,
            each.action,
            " ".join(each.objects),
            " ".join(f"{name}={n}" for name, n in each.counts.items()),
            each.purpose,
            each.snapshot or "",
            each.hash,
        )
