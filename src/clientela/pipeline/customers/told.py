"""What is told of one customer, and of several that were looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clientela.contracts.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. ``kind``: the table that tells it; ``mark``: a sign for it."""

    on: date
    kind: str
    mark: str
    title: Text
    detail: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Things that happened, newest first. ``older``: the cursor that asks for those before; None: there are none.

    ``hidden``: kinds that the reader may not see; ``only``: the kinds that were asked for, '' for all.
    """

    events: tuple[Event, ...]
    older: str | None
    hidden: tuple[str, ...] = ()
    only: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether a customer may be written to or called: on a channel, for a purpose; since when and by how many records.

    ``decision``: given, withdrawn, or '' where nobody ever said so, which counts as no.
    """

    channel: str
    purpose: str
    decision: str
    at: datetime | None
    records: int

    @property
    def allowed(self) -> bool:
        """Only what was given is allowed."""
        return self.decision == "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment:
    """A segment a customer is in, since when, and what turned it."""

    name: str
    since: date
    because: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InGroup:
    """A computed group a customer is in: what it goes by, what it is called, the first date seen in it."""

    by: Text
    name: Text
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of one system. ``key``: None where it may not be seen."""

    source: str
    key: str | None
    first_run: int
    match_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Why two records are one customer: what they have in common, or who said so."""

    probability: Decimal
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an analysis says of the customer. ``digits`` of the value are shown as its unit wants it."""

    label: Text
    value: Any
    average: Any
    reason: Text | None
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was spent from a day on, as a bar."""

    first: date
    revenue: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Fields of a customer: those that may be seen, by name, and the names of those that may not."""

    values: Mapping[str, Any] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        """The value; None where it is unknown or hidden."""
        return self.values.get(name)

    def sees(self, *names: str) -> bool:
        """Whether all of them may be seen."""
        return all(name in self.values for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSeen:
    """One customer as somebody may see them. None in the place of a whole part: it is outside their scope.

    Parameters
    ----------
    personal : what names the person; with ``masked``, letters of it are covered
    after : decisions about their records since the run, which the next run follows
    """

    number: int
    as_of: date
    currency: str
    snapshot: str
    horizon_days: int | None
    page: Seen
    personal: Seen
    masked: bool
    place: Text | None
    sentence: Text
    next: tuple[Text, ...]
    scores: tuple[Score, ...] | None
    permissions: tuple[Permission, ...] | None
    segments: tuple[InSegment, ...] | None
    groups: tuple[InGroup, ...] | None
    weeks: tuple[Week, ...] | None
    timeline: Timeline | None
    records: tuple[Record, ...] | None
    likenesses: tuple[Likeness, ...]
    after: int = 0

    @property
    def name(self) -> str | None:
        """What they are called: a person before a company; None where that is unknown or hidden."""
        return name_of(self.personal.values) or self.page["company"]

    @property
    def key(self) -> str | None:
        """The key of their oldest record; None where no key may be seen."""
        return next((each.key for each in self.records or () if each.key is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An earlier number: the customer bears another now."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One customer of a list. ``key``: of their oldest record, where nothing names them and it may be seen."""

    number: int
    personal: Seen
    page: Seen
    why: Text | None = None
    key: str | None = None

    @property
    def name(self) -> str | None:
        """What they are called; None where that is unknown or hidden."""
        return name_of(self.personal.values) or self.page["company"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Customers found or listed. ``more``: there are others; ``certain``: the first is surely who was meant."""

    lines: tuple[Line, ...]
    more: bool = False
    certain: bool = False
    currency: str = ""
    as_of: date | None = None
    snapshot: str = ""
    said: Text | None = None
    names_seen: bool = True


def name_of(values: Mapping[str, Any]) -> str | None:
    """A person's name as it is written."""
    whole = values.get("full_name")
    parts = [each for each in (values.get("first_name"), values.get("last_name")) if each]
    return whole or " ".join(parts) or None
