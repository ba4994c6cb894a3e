"""What is told of segments when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clientela.contracts.analysis import Result
from clientela.contracts.text import Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A segment as it stands. ``size``: who is in it of the customers seen; None where it is hidden.

    ``title`` and ``description`` are in the languages they were said in. ``valid_from``: since when this version
    decides, None for ever; ``published`` whether a run has followed it yet.
    """

    name: str
    version: int | None
    where: str
    owner: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    valid_from: date | None
    size: int | None
    published: bool
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """One version of a segment's definition, with who is in it; from the snapshot."""

    version: int
    where: str
    mark: str
    valid_from: date | None
    valid_to: date | None
    members: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The segments there are, as of a date. ``customers``: all customers seen, None where that is hidden."""

    as_of: date
    snapshot: str
    segments: tuple[Declared, ...]
    customers: int | None
    least: int
    notices: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One segment with its versions and its conditions, each in a line."""

    segment: Declared
    conditions: tuple[str, ...]
    versions: tuple[Versioned, ...]
    as_of: date
    snapshot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """A page of who is in a segment. ``cursor`` asks for the next one."""

    name: str
    as_of: date
    snapshot: str
    rows: Result
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What turned a membership; all None where it may not be seen."""

    because: Value
    by: Value
    was: Value
    now: Value
    table: Value
    key: Value
    on: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One time in a segment."""

    version: int
    valid_from: date
    valid_to: date | None
    entered: Turned
    left: Turned | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One condition of one customer: what it compares, and whether it holds; None where it is unknown."""

    condition: str
    value: str | None
    holds: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a customer is in a segment, or is not. ``hidden``: columns of what turned it that may not be seen."""

    name: str
    customer: str
    as_of: date
    snapshot: str
    is_in: bool
    stays: tuple[Stay, ...]
    conditions: tuple[Held, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many customers a condition fits, of all that are seen."""

    where: str
    conditions: tuple[str, ...]
    as_of: date
    snapshot: str
    fitting: int
    customers: int
