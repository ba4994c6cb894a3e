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
