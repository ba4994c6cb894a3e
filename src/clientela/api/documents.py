"""The documents the API answers with; decimals and customers' numbers are texts, as JSON's numbers are too short."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Cell = str | int | float | bool | None


class Column(BaseModel):
    """A column of figures or rows."""

    model_config = ConfigDict(extra="allow")
    name: str
    type: str
    unit: str | None = None
    label: str | None = None


class Figures(BaseModel):
    """Figures with their totals; a cell in ``hidden`` (row, column; the total is row -1) is null for rights."""

    snapshot: str
    as_of: str
    known_at: str
    columns: list[Column]
    rows: list[list[Cell]]
    total: list[Cell] | None = None
    hidden: list[list[int]] = []
    levels: list[int] | None = None
    notices: list[str] = []


class Rows(BaseModel):
    """A page of rows; ``next_cursor`` asks for the next one."""

    table: str
    snapshot: str
    as_of: str
    columns: list[Column]
    rows: list[list[Cell]]
    hidden: list[list[int]] = []
    next_cursor: str | None = None


class Members(BaseModel):
    """The members of a dimension that a filter may name."""

    dimension: str
    snapshot: str
    as_of: str
    members: list[Cell]
    more: bool


class SegmentMembers(BaseModel):
    """A page of who is in a segment."""

    segment: str
    snapshot: str
    as_of: str
    columns: list[Column]
    rows: list[list[Cell]]
    hidden: list[list[int]] = []
    next_cursor: str | None = None


class Question(BaseModel):
    """An analysis that one may ask."""

    name: str
    area: str
    level: str
    question: str
    parameters: dict[str, Cell]
    fit_parameters: dict[str, Cell]


class Questions(BaseModel):
    """The analyses there are."""

    insights: list[Question]


class Insight(BaseModel):
    """The answer of an analysis; ``abstained`` says why there is none."""

    model_config = ConfigDict(extra="allow")
    analysis: str
    area: str
    level: str
    question: str
    headline: str | None
    as_of: str
    snapshot: str
    table: dict[str, Any] | None
    chart: dict[str, Any] | None
    evidence: dict[str, Any] | None
    caveats: list[str]
    next: list[str]
    abstained: str | None


class Asked(BaseModel):
    """A measure or a dimension."""

    name: str
    label: str
    description: str
    unit: str
    of: str
    adds_over: list[str]
    owner: str | None
    seen_by: list[str]


class Catalogue(BaseModel):
    """What can be counted, and by what it can be seen."""

    measures: list[Asked]
    dimensions: list[Asked]


class Segments(BaseModel):
    """The segments there are."""

    model_config = ConfigDict(extra="allow")
    as_of: str
    snapshot: str
    segments: list[dict[str, Any]]
    customers: int | None
    least: int


class Status(BaseModel):
    """What serves, to which day."""

    company: str
    snapshot: str | None
    as_of: str | None
    last_day: str | None
    published_at: str | None
    damage: str


class Job(BaseModel):
    """Work in the background."""

    job: int
    kind: str
    state: str
    progress: str | None
    error: str | None
    result: Any = None
    made_at: str
    ended_at: str | None


class Work(BaseModel):
    """A job that was asked for, and where one sees how far it is."""

    job: int
    address: str


class Delivered(BaseModel):
    """A file that was taken; ``job`` takes it in, null where none was asked for."""

    source: str
    file: str
    sha256: str
    job: Work | None


class Batch(BaseModel):
    """A file that arrived; ``verdict``: waits, used, some-out, stays-out or replaced."""

    batch: int
    source: str
    table: str
    file: str
    sha256: str
    arrived_at: str
    run: int
    rows: int
    kept_out: int
    verdict: str
    says: str


class Batches(BaseModel):
    """A page of files that arrived, newest first."""

    batches: list[Batch]
    next_cursor: str | None = None


class FoundCustomer(BaseModel):
    """A customer of a list; ``fields``: what may be seen, ``hidden``: the names of what may not.

    ``key``: of their oldest record, where nothing names them and it may be seen.
    """

    customer: str
    name: str | None
    key: str | None
    why: str | None
    fields: dict[str, Any]
    hidden: list[str]


class Customers(BaseModel):
    """Customers that were looked for; ``certain``: the first is surely who was meant."""

    snapshot: str
    as_of: str | None
    currency: str
    customers: list[FoundCustomer]
    more: bool
    certain: bool
    says: str | None


class Score(BaseModel):
    """What an analysis says of one customer; ``asks``: which analysis."""

    label: str
    value: Cell
    average: Cell
    reason: str | None
    asks: str


class CustomerScores(BaseModel):
    """The scores of one customer; null where they may not be seen."""

    customer: str
    snapshot: str
    as_of: str
    scores: list[Score] | None


class Customer(BaseModel):
    """One customer; a part is null where it is outside what the caller may see. ``masked``: letters are covered."""

    customer: str
    snapshot: str
    as_of: str
    currency: str
    horizon_days: int | None
    name: str | None
    masked: bool
    place: str | None
    sentence: str
    next: list[str]
    fields: dict[str, Any]
    hidden: list[str]
    scores: list[Score] | None
    permissions: list[dict[str, Any]] | None
    segments: list[dict[str, Any]] | None
    weeks: list[dict[str, Any]] | None
    timeline: dict[str, Any] | None
    records: list[dict[str, Any]] | None
    likenesses: list[dict[str, Any]]
    decided_since: int
