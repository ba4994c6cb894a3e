"""What a source's deliveries come to, in plain Python: the log of arrivals, replayed by the letter of contracts.md.

It shares nothing with the product but the meaning: no query, no table, no code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ALWAYS = datetime(1900, 1, 1)
START = datetime(2024, 5, 1)  # of all days; moments are naive UTC

Known = Literal["happened", "arrival", "Stand"] | None


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of a file: order, number within it, day it happened on, revenue, day it was said on."""

    order: int
    number: int
    day: int
    revenue: int
    said: int | None = None

    @property
    def happened(self) -> datetime:
        return START + timedelta(days=self.day)

    def known(self, arrived: datetime) -> datetime:
        """When the file says that it was known; never after it arrived."""
        return arrived if self.said is None else min(START + timedelta(days=self.said), arrived)


Content = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file that arrived; of a full delivery, one of its files."""

    path: str
    content: Content
    run: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """How a source delivers, and the last run of its first delivery."""

    delivery: Literal["append", "upsert", "full"]
    known: Known
    numbered: bool
    first: int

    def since(self, line: Line, arrived: datetime, run: int) -> datetime:
        """Since when a line is known."""
        if self.known == "happened" or (self.known is None and run <= self.first):
            return min(line.happened, arrived)
        return line.known(arrived) if self.known == "Stand" else arrived

    def replaces(self, arrived: datetime, run: int) -> datetime:
        """Since when an arrival holds instead of an earlier one: what corrects the past holds since always."""
        corrects = self.known == "happened" or (self.known is None and run <= self.first)
        return ALWAYS if corrects else arrived


def shown(lines: Sequence[Line]) -> list[tuple[int, int, int]]:
    """Order, day and revenue of lines, as they are compared."""
    return sorted((line.order, line.day, line.revenue) for line in lines)


def unknown(source: Source) -> bool:
    """Whether contracts.md leaves open what was known in between: lines without a number, each said at its own time."""
    return source.delivery == "full" and source.known == "Stand" and not source.numbered


def at(source: Source, log: Sequence[Arrival], moment: datetime) -> list[tuple[int, int, int]]:
    """The lines known before a moment."""
    if source.delivery == "full":
        return shown(_full(source, log, moment))
    if source.delivery == "append" and not source.numbered:
        return shown([li for each in log for li in each.content if source.since(li, each.at, each.run) < moment])
    if source.numbered:
        return shown([line for each in _groups(log, by_line=True).values() for line in _held(source, each, moment)])
    return shown([line for each in _groups(log, by_line=False).values() for line in _held(source, each, moment)])


Group = list[tuple[Arrival, list[Line]]]


def _groups(log: Sequence[Arrival], *, by_line: bool) -> Mapping[object, Group]:
    """What is replaced as one: a line by its number, else the whole order; with all that ever arrived of it."""
    found: dict[object, Group] = {}
    for arrival in log:
        here: dict[object, list[Line]] = {}
        for line in arrival.content:
            here.setdefault((line.order, line.number) if by_line else line.order, []).append(line)
        for key, lines in here.items():
            found.setdefault(key, []).append((arrival, lines))
    return found


def _held(source: Source, group: Group, moment: datetime) -> list[Line]:
    if source.known == "Stand":  # the newest known holds, of one moment the latest arrival
        known = [(max(line.known(a.at) for line in lines), place, lines) for place, (a, lines) in enumerate(group)]
        before = [each for each in known if each[0] < moment]
        return max(before)[2] if before else []
    holding = [(a, lines) for a, lines in group if source.replaces(a.at, a.run) < moment]
    if not holding:
        return []
    arrival, lines = holding[-1]
    return [line for line in lines if source.since(line, arrival.at, arrival.run) < moment]


def _full(source: Source, log: Sequence[Arrival], moment: datetime) -> list[Line]:
    """The last delivery; a line that did not change is known since the delivery that first brought it."""
    wholes: dict[int, list[Arrival]] = {}
    for arrival in log:
        wholes.setdefault(arrival.run, []).append(arrival)
    state: dict[object, tuple[Line, datetime]] = {}
    gone: dict[object, datetime] = {}
    older: dict[object, list[tuple[datetime, Line]]] = {}
    for run, files in sorted(wholes.items()):
        arrived = files[0].at
        holds = source.replaces(arrived, run)
        if state and holds >= moment and source.known != "Stand":
            break
        new: dict[object, tuple[Line, datetime]] = {}
        for key, line in _each_once(source, files).items():
            before = state.get(key)
            same = before is not None and _said_alike(before[0], line)
            since = before[1] if same and before is not None else source.since(line, arrived, run)
            if key in gone and source.known == "Stand":
                since = max(since, gone[key])  # what was deleted in between is known again since it is back
            new[key] = (line, since)
            older.setdefault(key, []).append((since, line))
        for key in state.keys() - new.keys():
            gone[key] = arrived
            older[key].append((arrived, _NOTHING))
        gone = {key: at for key, at in gone.items() if key not in new}
        state = new
    if source.known == "Stand":  # of each line the newest said before the moment; what a later delivery says counts
        return [line for each in older.values() for line in _newest(each, moment)]
    return [line for line, since in state.values() if since < moment]


_NOTHING = Line(0, 0, 0, 0)


def _newest(versions: Sequence[tuple[datetime, Line]], moment: datetime) -> list[Line]:
    """Later deliveries take away what earlier ones said of the time since they say they knew."""
    told: list[tuple[datetime, Line]] = []
    for since, line in versions:
        told = [each for each in told if each[0] < since]
        told.append((since, line))
    before = [line for since, line in told if since < moment]
    return [line for line in before[-1:] if line is not _NOTHING]


def _each_once(source: Source, files: Sequence[Arrival]) -> dict[object, Line]:
    """The lines of one delivery: of one number the later file's."""
    lines = [line for each in sorted(files, key=lambda each: each.path) for line in each.content]
    if source.numbered:
        return {(line.order, line.number): line for line in lines}
    ranked: dict[object, Line] = {}
    for order in {line.order for line in lines}:
        mine = sorted((line for line in lines if line.order == order), key=lambda line: line.revenue)
        ranked |= {(order, place): line for place, line in enumerate(mine)}
    return ranked


def _said_alike(one: Line, other: Line) -> bool:
    return (one.day, one.revenue) == (other.day, other.revenue)
