"""The versions of segments' definitions: a journal that only grows, so that a rebuild decides as it did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela.config import Settings
from clientela.cube.segments.language import evenly_spaced, problem
from clientela.pipeline.declared.catalogue import fiscal_in
from clientela.warehouse.journal import JsonLines

JOURNAL = "segments.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One definition of a segment. ``since``: the first date it decides of, None: of all before; ``until``: no longer.

    ``removed``: from that date on the segment is in no definition.
    """

    segment: str
    number: int
    where: str
    owner: str
    mark: str
    since: date | None
    until: date | None = None


def problems(settings: Settings) -> list[str]:
    """What is wrong with the segments of a workspace, a sentence each."""
    fiscal = fiscal_in(settings)
    told = ((name, problem(each.where, fiscal)) for name, each in settings.segment.items())
    return [f"[segment.{name}]: {said.rstrip('.')}" for name, said in told if said is not None]


def mark_of(where: str) -> str:
    """Sixteen hex digits of what a definition says; how it is spaced says nothing, but for what stands in quotes.

    Examples
    --------
    >>> mark_of("orders  >= 3") == mark_of("orders >= 3"), mark_of("orders > 3") == mark_of("orders >= 3")
    (True, False)
    """
    return hashlib.sha256(json.dumps(evenly_spaced(where)).encode()).hexdigest()[:16]


def brought_up(store: Path, settings: Settings, *, as_of: date, run: int, now: datetime) -> tuple[Version, ...]:
    """Every version there is as of a date, the new ones journalled; by segment and number.

    A segment's first definition decides of all dates before too. A changed one decides from this run's date on, and
    so does the end of one that is no longer declared.
    """
    journal = JsonLines(store / JOURNAL)
    records = journal.read()
    for record in _new(records, settings):
        told = {**record, "from": as_of.isoformat() if record["from"] else None, "run": run, "at": now.isoformat()}
        journal.append(told)
        records = (*records, told)
    return _versions(records, settings, as_of)


def _new(records: Sequence[Mapping[str, object]], settings: Settings) -> list[dict[str, object]]:
    latest = {str(each["segment"]): each for each in records}
    found: list[dict[str, object]] = []
    for name, declared in settings.segment.items():
        before = latest.get(name)
        mark = mark_of(declared.where)
        if before is not None and not before["removed"] and before["mark"] == mark:
            continue
        number = 1 + max((_number(each) for each in records if each["segment"] == name), default=0)
        record = {"segment": name, "version": number, "mark": mark, "where": declared.where, "removed": False}
        found.append({**record, "from": before is not None})
    for name, before in latest.items():
        if name not in settings.segment and not before["removed"]:
            kept = {key: before[key] for key in ("segment", "version", "mark", "where")}
            found.append({**kept, "removed": True, "from": True})
    return found


def _number(record: Mapping[str, object]) -> int:
    number = record["version"]
    return number if isinstance(number, int) else 0


def _versions(records: Sequence[Mapping[str, object]], settings: Settings, as_of: date) -> tuple[Version, ...]:
    """Each version until the first date of a later record of its segment; none that begins after ``as_of``."""
    found = []
    for place, record in enumerate(records):
        since = _day(record["from"])
        later = [_day(each["from"]) for each in records[place + 1 :] if each["segment"] == record["segment"]]
        until = min((each for each in later if each is not None), default=None)
        is_over = since is not None and ((until is not None and until <= since) or since > as_of)
        if record["removed"] or is_over:
            continue
        name = str(record["segment"])
        owner = settings.segment[name].owner if name in settings.segment else ""
        found.append(
            Version(
                segment=name,
                number=_number(record),
                where=str(record["where"]),
                owner=owner,
                mark=str(record["mark"]),
                since=since,
                until=None if until is None or until > as_of else until,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.segment, each.number)))


def _day(said: object) -> date | None:
    return date.fromisoformat(said) if isinstance(said, str) else None
