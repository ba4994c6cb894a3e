"""What each source delivered: how much, how new, when the next is expected, and how its files are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from clientela.config import Expression, Settings, Source, lapse
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text
from clientela.errors import UnknownNameError
from clientela.pipeline.facts import Loaded
from clientela.pipeline.intake.delivered import takes
from clientela.pipeline.overseen.published import Published
from clientela.warehouse.store.landing import Batch, Landing

FEW_ARRIVALS = 3  # fewer tell no rhythm
_LATE = 1.5  # of its usual gap has passed
_MOST_FILES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Where one column of a table comes from: a column of the file, a formula, a constant, or nowhere (``empty``)."""

    name: str
    description: str
    personal: bool
    by: str  # column, formula, constant, empty
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTold:
    """One source of one table.

    Parameters
    ----------
    place : the pattern of its files, or its database
    delivered : what it brought so far; None where nothing did
    arrived_at : when the newest file came, in the company's zone
    expected_at : when the next is expected; None where nothing tells
    promised : whether that is what the settings promise, not what was usual
    late : whether that moment has passed
    files : how many arrived
    no_upload : why no file can be uploaded for it; None when one can
    """

    name: str
    table: str
    place: str
    delivery: str
    owner: str | None
    delivered: Loaded | None
    arrived_at: datetime | None
    expected_at: datetime | None
    promised: bool
    late: bool
    files: int
    no_upload: Text | None
    timezone: str
    mapping: tuple[Mapped, ...]
    form: Mapping[str, Any]

    @property
    def newest_on(self) -> date | None:
        """The newest day in it."""
        said = self.delivered.newest_on if self.delivered is not None else None
        return date.fromisoformat(said) if said else None


def sources(folder: Path, settings: Settings, published: Published, *, now: datetime) -> tuple[SourceTold, ...]:
    """Every source of the settings, in their order."""
    arrivals = Landing(folder).arrivals()
    loaded = {(each.source, each.table): each for each in published.sources}
    zone = ZoneInfo(settings.company.timezone)
    return tuple(
        _told(folder, each, loaded.get((each.name, each.table)), _of(arrivals, each), settings, zone, now)
        for each in settings.sources
    )


def source(
    folder: Path, settings: Settings, published: Published, name: str, table: str, *, now: datetime
) -> tuple[SourceTold, ...]:
    """The sections of one source for one table; there may be several, each with files of its own.

    Raises
    ------
    UnknownNameError
        There is none.
    """
    every = sources(folder, settings, published, now=now)
    found = tuple(each for each in every if (each.name, each.table) == (name, table))
    if not found:
        raise UnknownNameError("source", f"{name}/{table}", [f"{each.name}/{each.table}" for each in every])
    return found


def _of(arrivals: Sequence[Batch], source: Source) -> list[Batch]:
    return [each for each in arrivals if (each.source, each.table) == (source.name, source.table)]


def _told(
    folder: Path,
    source: Source,
    loaded: Loaded | None,
    arrived: Sequence[Batch],
    settings: Settings,
    zone: ZoneInfo,
    now: datetime,
) -> SourceTold:
    newest = max((each.arrived_at for each in arrived), default=None)
    expected, promised = _expected(source, loaded, arrived, zone)
    grace = timedelta(0) if promised else timedelta(days=1)
    return SourceTold(
        name=source.name,
        table=source.table,
        place=source.place,
        delivery=source.delivery,
        owner=source.owner,
        delivered=loaded,
        arrived_at=newest.astimezone(zone) if newest is not None else None,
        expected_at=expected,
        promised=promised,
        late=expected is not None and now > expected + grace,
        files=len({each.path for each in arrived}),
        no_upload=takes(folder, source),
        timezone=source.timezone or settings.company.timezone,
        mapping=_mapping(source),
        form=source.format.model_dump(exclude_defaults=True),
    )


def _expected(
    source: Source, loaded: Loaded | None, arrived: Sequence[Batch], zone: ZoneInfo
) -> tuple[datetime | None, bool]:
    """When the next delivery is due: as promised after the newest row, else as long after the last as was usual."""
    if source.fresh_within is not None and loaded is not None and loaded.newest_on:
        day = datetime.combine(date.fromisoformat(loaded.newest_on), datetime.min.time(), zone)
        return day + timedelta(days=1) + lapse(source.fresh_within), True
    moments = sorted({each.arrived_at.astimezone(UTC).replace(microsecond=0) for each in arrived[-_MOST_FILES:]})
    days = sorted({each.date() for each in moments})
    if len(days) < FEW_ARRIVALS:
        return None, False
    usual = median((later - earlier).days for earlier, later in pairwise(days))
    return (moments[-1] + timedelta(days=usual * _LATE)).astimezone(zone), False


def _mapping(source: Source) -> tuple[Mapped, ...]:
    table = CONTRACTS[source.table]
    found = []
    for column in table.columns:
        said = source.columns.get(column.name)
        by, of = "column", column.name
        if isinstance(said, Expression):
            by, of = ("empty", "") if said.expr.strip().lower() == "null" else ("formula", said.expr)
        elif said is not None:
            of = said
        elif column.name in source.constants:
            by, of = "constant", str(source.constants[column.name])
        else:
            by, of = "same", column.name  # a column of the same name is taken, where the file has one
        found.append(
            Mapped(
                name=column.name,
                description=column.description,
                personal=column.personal or column.person,
                by=by,
                of=of,
            )
        )
    order = {"column": 0, "formula": 0, "constant": 1, "same": 2, "empty": 3}
    return tuple(sorted(found, key=lambda each: order[each.by]))
