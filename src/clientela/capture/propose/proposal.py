"""What is proposed for a folder: its sources, what is not sure of them and why, and what was not used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from clientela.capture.propose.match import Field


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can tell: which of several readings of a date is right."""

    file: str
    column: str
    example: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """One column of a file: what its values show in a few words, and some of them."""

    name: str
    holds: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """One ``[[source]]``. ``held`` says why it is commented out; empty when it may run as it is.

    ``seen``: every column of the file, in its order; it may hold values of persons.
    """

    name: str
    table: str
    path: str
    files: tuple[str, ...]
    rows: int
    complete: bool
    delivery: str
    delivery_why: str
    fields: tuple[Field, ...]
    format: dict[str, Any] = field(default_factory=dict)
    format_why: dict[str, str] = field(default_factory=dict)
    join: tuple[str, str] | None = None
    join_format: dict[str, Any] = field(default_factory=dict)
    joined_columns: frozenset[str] = frozenset()
    keys_of: str | None = None
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)
    unmapped: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    held: str = ""
    question: Question | None = None
    max_bad: float | None = None
    seen: tuple[SeenColumn, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nothing of it needs a second look."""
        return not self.questions

    @property
    def questions(self) -> tuple[str, ...]:
        """All that is not sure, a sentence each."""
        said = [self.held] if self.held else []
        told = [f"{name} = {value}: {why}" for name, (value, why) in self.constants.items()]
        return (*said, *self.doubts, *(f"{each.name}: {each.doubt}" for each in self.fields if each.doubt), *told)


@dataclass(frozen=True, slots=True)
class Unused:
    """A file that fills no table, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Company:
    """What stands under ``[company]``, each with what it rests on."""

    name: str
    currency: str
    timezone: str
    why: dict[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that is proposed for a folder."""

    folder: str
    company: Company
    sources: tuple[ProposedSource, ...]
    unused: tuple[Unused, ...]

    @property
    def runs(self) -> bool:
        """Whether something is in it that can run as it is."""
        return any(not each.held for each in self.sources)

    def document(self) -> dict[str, Any]:
        """The proposal as plain data for JSON."""
        return {
            "folder": self.folder,
            "company": {
                "name": self.company.name,
                "currency": self.company.currency,
                "timezone": self.company.timezone,
                "why": self.company.why,
            },
            "sources": [_source(each) for each in self.sources],
            "not_used": [{"path": each.path, "reason": each.reason} for each in self.unused],
        }


def _source(each: ProposedSource) -> dict[str, Any]:
    columns = {
        one.name: {"column": one.column, "expr": one.expr, "evidence": one.evidence, "doubt": one.doubt or None,
                   "commented_out": one.held or bool(each.held)}
        for one in each.fields
    }  # fmt: skip
    return {
        "name": each.name, "table": each.table, "path": each.path, "files": list(each.files), "delivery": each.delivery,
        "format": each.format, "join": {"path": each.join[0], "on": each.join[1]} if each.join else None,
        "keys_of": each.keys_of, "columns": columns,
        "constants": {name: value for name, (value, _) in each.constants.items()},
        "not_mapped": [{"column": name, "reason": why} for name, why in each.unmapped],
        "unsure": list(each.questions), "commented_out": each.held or None,
    }  # fmt: skip
