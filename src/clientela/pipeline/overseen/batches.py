"""The deliveries of a source, newest first: which file, when, how many rows, what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlglot import exp

from clientela.config import Settings
from clientela.contracts.text import Text, ntext, text
from clientela.errors import NothingPublishedError, SnapshotError
from clientela.pipeline import serving
from clientela.pipeline.overseen.published import Published
from clientela.pipeline.quality.quarantine import HELD, OPEN
from clientela.warehouse.physical import PEOPLE, column
from clientela.warehouse.store.landing import Batch, Landing

PAGE = 50
WAITS, STAYS_OUT, REPLACED, SOME_OUT, USED = "waits", "stays out", "replaced", "some out", "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTold:
    """One delivery of one file. ``bad``: rows kept out, of ``rows``; ``verdict``: one of the words above.

    ``sequence`` counts the arrivals of the workspace; ``hash`` names the batch in the quarantine.
    """

    sequence: int
    hash: str
    source: str
    table: str
    path: str
    arrived_at: datetime
    run: int
    rows: int
    bad: int
    verdict: str
    says: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """Deliveries from ``after`` on; ``next``: where the next page begins, None on the last."""

    batches: tuple[BatchTold, ...]
    total: int
    next: int | None


def batches(
    folder: Path,
    settings: Settings,
    published: Published,
    *,
    source: str | None = None,
    table: str | None = None,
    path: str | None = None,
    before: int | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> BatchPage:
    """The deliveries of a source for a table, of one file (None: of all), newest first.

    Parameters
    ----------
    before : only those that arrived before the one of this sequence
    """
    wanted = [
        each
        for each in Landing(folder).arrivals()
        if source in (None, each.source) and table in (None, each.table) and path in (None, each.path)
    ]
    wanted.reverse()
    bad = _bad(folder)
    full = {(each.name, each.table) for each in settings.sources if each.delivery == "full"}
    newest: dict[tuple[str, str], int] = {}
    for each in wanted:
        if each.run <= published.run and (each.source, each.table, each.hash, HELD) not in bad:
            newest.setdefault((each.source, each.table), each.run)
    zone = ZoneInfo(settings.company.timezone)
    if before is not None:
        wanted = [each for each in wanted if each.sequence < before]
    shown = tuple(
        _told(each, bad, published.run, newest if (each.source, each.table) in full else {}, zone)
        for each in wanted[after : after + limit]
    )
    more = after + limit
    return BatchPage(batches=shown, total=len(wanted), next=more if more < len(wanted) else None)


Bad = Mapping[tuple[str, str, str, str], int]


def _bad(folder: Path) -> Bad:
    """How many rows of each batch stand in quarantine, by their status."""
    names = ("source", "table_name", "batch", "status")
    counted = exp.alias_(exp.Count(this=exp.Distinct(expressions=[column("line")])), "n")
    place = exp.table_("quarantine", db="main", catalog=PEOPLE, quoted=True)
    query = exp.select(*map(column, names), counted).from_(place).group_by(*map(column, names))
    try:
        with serving.opened(folder) as (reader, _):
            if "quarantine" not in (reader.people or ()):
                return {}
            rows = reader.fetch(query).to_pylist()
    except (NothingPublishedError, SnapshotError):
        return {}
    return {(row["source"], row["table_name"], row["batch"], row["status"]): int(row["n"]) for row in rows}


def _told(batch: Batch, bad: Bad, run: int, newest: Mapping[tuple[str, str], int], zone: ZoneInfo) -> BatchTold:
    key = (batch.source, batch.table, batch.hash)
    held, open_ = bad.get((*key, HELD), 0), bad.get((*key, OPEN), 0)
    if batch.run > run:
        verdict, says = WAITS, text("arrived after the snapshot that serves")
    elif held:
        verdict, says = STAYS_OUT, ntext("stays out: {n} bad row", "stays out: {n} bad rows", "n", n=held)
    elif newest and batch.run < newest.get((batch.source, batch.table), 0):
        verdict, says = REPLACED, text("replaced by a later delivery")
    elif open_:
        verdict, says = SOME_OUT, ntext("used, but for {n} bad row", "used, but for {n} bad rows", "n", n=open_)
    else:
        verdict, says = USED, text("used")
    return BatchTold(
        sequence=batch.sequence,
        hash=batch.hash,
        source=batch.source,
        table=batch.table,
        path=batch.path,
        arrived_at=batch.arrived_at.astimezone(zone),
        run=batch.run,
        rows=batch.rows,
        bad=held + open_,
        verdict=verdict,
        says=says,
    )
