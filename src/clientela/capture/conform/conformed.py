"""An arrival as it was typed: where its rows lie, and how they fared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from clientela.capture.kept.collected import BAD, REFS, ROWS
from clientela.capture.mapping import Section
from clientela.warehouse.store.landing import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How the records of a batch fared. ``doubled`` rows said word for word what another of their key says.

    ``clashing``: of the quarantined, those that say something else than another row of their key.
    """

    accepted: int
    quarantined: int
    blank: int
    doubled: int
    clashing: int = 0

    @property
    def records(self) -> int:
        """All records of the file."""
        return self.accepted + self.quarantined + self.blank + self.doubled


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformed:
    """One arrival, typed. ``kept_out``: it has too many bad rows to count; ``note`` says so in a sentence.

    ``facts`` has ``source``, the contract's columns that its mapping gives (each instant with its day,
    persons by the first 60 bits of their pseudonym), ``_line``, ``_lines``, and ``_known`` when a column says
    when it was known.
    ``refs``: source, record_id, customer_ref, each once; None when the table names nobody or it is kept out.
    ``quarantine``: the rows of the table ``quarantine``; None where an earlier arrival of the same content has them.
    ``name``: what its typing depends on. ``together``: the files hold other batches of its source and table too; a row
    says in `SEQUENCE` which it is of.
    """

    section: Section
    batch: Batch
    facts: Path
    refs: Path | None
    quarantine: Path | None
    columns: frozenset[str]
    count: Count
    first_on: date | None
    last_on: date | None
    kept_out: bool = False
    note: str = ""
    name: str = ""
    together: bool = False

    @property
    def accepted(self) -> int:
        """The rows that count."""
        return self.count.accepted

    @property
    def quarantined(self) -> int:
        """The rows that broke a rule."""
        return self.count.quarantined


def conformed(
    section: Section, batch: Batch, about: Mapping[str, Any], place: Path, *, name: str, together: bool = False
) -> Conformed:
    """A typed batch as what was written down of it says."""
    note = over_budget(section, batch, about)
    return Conformed(
        section=section,
        batch=batch,
        facts=place / ROWS,
        refs=place / REFS if (place / REFS).exists() else None,
        quarantine=place / BAD,
        columns=frozenset(about["columns"]),
        count=Count(**about["count"]),
        first_on=_date(about["first_on"]),
        last_on=_date(about["last_on"]),
        kept_out=bool(note),
        note=note,
        name=name,
        together=together,
    )


def over_budget(section: Section, batch: Batch, about: Mapping[str, Any]) -> str:
    """Why a batch stays out; '' when it does not."""
    count = Count(**about["count"])
    return section.over_budget(batch.path, good=count.accepted + count.doubled, bad=count.quarantined)


def _date(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
